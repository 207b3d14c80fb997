"""Makes the pictures of the README from the running program: `make pictures`.

Needs Xvfb and ImageMagick's `import`. The starter models are fetched on the first run.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
MODELS = ROOT / ".make" / "pictures"
QUALITY = "85"


@dataclass(frozen=True)
class Scene:
    """One picture: what the program is started on, with which settings, which keys are pressed; "wait 5" is no key."""

    name: str
    sources: tuple[str, ...]
    size: str = "1440x900"
    settings: dict[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    seconds: float = 7.0


def _photographs() -> tuple[str, str]:
    spec = importlib.util.find_spec("ultralytics")
    assert spec is not None
    assert spec.submodule_search_locations
    assets = Path(spec.submodule_search_locations[0]) / "assets"
    return str(assets / "bus.jpg"), str(assets / "zidane.jpg")


BUS, ZIDANE = _photographs()
CLASSIFIER = "efficientnet-lite0"
SCENES = (
    Scene("start", ()),
    Scene("live-dark", ("demo:",), settings={"theme": "dark"}, seconds=14.0),
    Scene("classify-light", (BUS,), settings={"theme": "light", "models": ["efficientnet-lite0"]}),
    Scene("french-small", (ZIDANE,), "1280x720", {"theme": "dark", "language": "fr"}),
    Scene("layers-dark", (BUS,), settings={"theme": "dark", "models": [CLASSIFIER]}, keys=("e", "wait 12")),
    Scene("compare-light", ("demo:",), settings={"theme": "light"}, keys=("v", "wait 15")),
    Scene(
        "teach-dark",
        ("demo:",),
        settings={"theme": "dark", "models": [CLASSIFIER]},
        # Three of the one photograph, three of the other, which is there from second 12 to 24.
        keys=("shift+e", "1", "1", "1", "wait 4", "2", "2", "2", "wait 3"),
        seconds=6.0,
    ),
)


@contextmanager
def display(size: str) -> Iterator[str]:
    """A virtual display; its number is chosen by the server."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


def make(scene: Scene) -> None:
    with tempfile.TemporaryDirectory() as home, display(scene.size) as screen:
        config = Path(home, "config")
        config.mkdir()
        (config / "settings.json").write_text(json.dumps({"theme": "dark", "language": "en", **scene.settings}))
        environment = {
            **os.environ,
            "DISPLAY": screen,
            "QT_QPA_PLATFORM": "xcb",
            "REGARD_CONFIG_DIR": str(config),
            "REGARD_LOG_DIR": str(Path(home, "log")),
            "REGARD_MODELS_DIR": str(MODELS / "models"),
            "REGARD_CACHE_DIR": str(MODELS / "cache"),
        }
        program = subprocess.Popen([sys.executable, "-m", "desktop_app", *scene.sources], env=environment, cwd=ROOT)
        try:
            time.sleep(scene.seconds)
            if scene.keys:  # no window manager is there to give the window the keys
                focus = ["xdotool", "search", "--onlyvisible", "--name", "Regard", "windowfocus"]
                subprocess.run(focus, env=environment, check=True)
            for key in scene.keys:
                what, _, argument = key.partition(" ")
                if what == "wait":
                    time.sleep(float(argument))
                    continue
                subprocess.run(["xdotool", "key", key], env=environment, check=True)
                time.sleep(1.0)
            target = PICTURES / f"{scene.name}.webp"
            shot = ["import", "-window", "root", "-quality", QUALITY, str(target)]
            subprocess.run(shot, env=environment, check=True)
            print(target.relative_to(ROOT))
        finally:
            program.terminate()
            program.wait(20)


def main() -> int:
    for tool in ("Xvfb", "import", "xdotool"):
        if shutil.which(tool) is None:
            print(f"{tool} is missing; type: sudo apt-get install xvfb imagemagick xdotool", file=sys.stderr)
            return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    fetch = [sys.executable, "-m", "desktop_app", "run", BUS, "--model", "yolov3-tiny,efficientnet-lite0"]
    folders = {"REGARD_MODELS_DIR": str(MODELS / "models"), "REGARD_CACHE_DIR": str(MODELS / "cache")}
    subprocess.run(fetch, env={**os.environ, **folders}, check=True, cwd=ROOT)
    wanted = sys.argv[1:] or [scene.name for scene in SCENES]
    for scene in SCENES:
        if scene.name in wanted:
            make(scene)
    return 0


if __name__ == "__main__":
    sys.exit(main())
