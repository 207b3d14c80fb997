"""Tries what was built, as somebody would who has nothing but the file: `python packaging/smoke_test.py FILE [--pack]`.

As root a `.deb` is installed into a bare Debian (debootstrap), otherwise unpacked into an empty folder; a `.tar.zst`
As root a `.deb` is installed into a bare Debian (debootstrap), else unpacked into an empty folder; a `.tar.zst`
the demo, a picture handed over, three seconds recorded, the language switched, closed. `--pack` installs the PyTorch
pack and recognises a picture with ResNet50. Fails with a sentence; needs xvfb, xdotool, imagemagick.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 90.0
"""Seconds; a busy machine must not fail a test."""
PERSON = "#3DDC97"
"""The colour of class 0: on the demo's photographs there are persons, and nothing else on the screen has it."""
FORBIDDEN = ("cv2/qt", "/tests/", "libQt5", "numpy/distutils", "openvino/include", "torch/lib")
OWN = (
    ".config/regard",
    ".cache/regard",
    ".local/share/regard",
    ".local/state/regard",
    "Pictures",
    "Videos",
    ".cache/fontconfig",
)
SOMEBODY = 1000
"""The user in a bare root, who is nobody special."""
MIRROR = "http://deb.debian.org/debian"


class Failed(Exception):
    pass


@dataclass
class Place:
    """Where the program was put. `root`: of the file system it sees. `program`, `home`: as it sees them."""

    root: Path
    program: str
    home: str

    def outside(self, path: str) -> Path:
        return Path(path) if self.root == Path("/") else self.root / path.lstrip("/")

    def command(self, *arguments: str, **variables: str) -> list[str]:
        if sys.platform == "win32":  # there `run` empties the environment
            return [self.program, *arguments]
        environment = {"HOME": self.home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **variables}
        somebody = f"--userspec={SOMEBODY}:{SOMEBODY}"
        jail = [] if self.root == Path("/") else ["chroot", somebody, str(self.root)]
        pairs = [f"{name}={value}" for name, value in environment.items()]
        return [*jail, "/usr/bin/env", "-i", *pairs, self.program, *arguments]


def wait_for(what: str, test: Callable[[], bool], patience: float = PATIENCE) -> float:
    """Seconds that it took."""
    began = time.monotonic()
    while not test():
        if time.monotonic() - began > patience:
            raise Failed(f"waited {patience:.0f} s in vain: {what}")
        time.sleep(0.1)
    return time.monotonic() - began


def say(text: str) -> None:
    print(f"smoke test: {text}", flush=True)


# --- putting it somewhere ---------------------------------------------------------------------------------------------


def bare_debian(work: Path, release: str) -> Path:
    """A minimal system, made once and kept; each test gets a copy of its own."""
    base = work / f"debian-{release}"
    if not (base / "usr" / "bin" / "dpkg").exists():
        say(f"making a bare Debian {release}")
        shutil.rmtree(base, ignore_errors=True)
        make = ["debootstrap", "--variant=minbase", release, str(base), os.environ.get("DEBIAN_MIRROR", MIRROR)]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)
    return base


def install_deb(deb: Path, work: Path, release: str) -> Place:
    base = bare_debian(work, release)
    root = work / "root"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", str(base), str(root)], check=True)
    shutil.copy(deb, root / "tmp" / "regard.deb")
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    quiet |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "/tmp/regard.deb"]
    for line in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(["chroot", str(root), *line], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"{' '.join(line)}: {done.stdout}{done.stderr}")
    (root / "tmp" / "regard.deb").unlink()
    (root / "home" / "somebody").mkdir()
    os.chown(root / "home" / "somebody", SOMEBODY, SOMEBODY)
    (root / "etc" / "passwd").open("a").write(f"somebody:x:{SOMEBODY}:{SOMEBODY}::/home/somebody:/bin/sh\n")
    say("the package is installed in a bare Debian")
    return Place(root, _exec_of(root), "/home/somebody")


def _exec_of(root: Path) -> str:
    """What the desktop file starts."""
    text = next((root / "usr" / "share" / "applications").glob("*.desktop")).read_text(encoding="utf-8")
    word = next(line for line in text.splitlines() if line.startswith("Exec=")).removeprefix("Exec=").split()[0]
    return f"/usr/bin/{word}"


def remove_deb(place: Place) -> None:
    """Nothing of the package stays; what belongs to the user does."""
    purge = ["chroot", str(place.root), "dpkg", "--purge", "regard"]
    done = subprocess.run(purge, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(done.stderr)
    left = [path for path in ("usr/lib/regard", "usr/bin/regard") if os.path.lexists(place.root / path)]
    if left:
        raise Failed(f"left after removing the package: {left}")
    if not (place.outside(place.home) / ".config" / "regard").is_dir():
        raise Failed("removing the package took the user's settings")


def unpack(artefact: Path, work: Path) -> Place:
    target = work / "unpacked"
    shutil.rmtree(target, ignore_errors=True)
    (target / "home").mkdir(parents=True)
    if artefact.is_dir():
        names = ("Contents/MacOS/regard-cli", "regard-cli.exe", "regard-cli", "regard")
        program = next(artefact / name for name in names if (artefact / name).is_file())
    elif artefact.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", str(artefact), str(target)], check=True)
        program = target / "usr" / "bin" / "regard"
    else:
        whole = artefact.suffix != ".01"
        parts = [artefact] if whole else sorted(artefact.parent.glob(f"{artefact.stem}.[0-9][0-9]"))
        with subprocess.Popen(["cat", *map(str, parts)], stdout=subprocess.PIPE) as joined:
            tar = ["tar", "--use-compress-program=zstd --long=27", "-xf", "-", "-C", str(target)]
            subprocess.run(tar, stdin=joined.stdout, check=True)
        program = target / "regard" / "regard"
    return Place(Path("/"), str(program), str(target / "home"))


# --- looking at it ----------------------------------------------------------------------------------------------------


def folder_of(place: Place) -> Path:
    """All of the program, seen from outside."""
    if place.root != Path("/"):
        return place.root / "usr" / "lib" / "regard"
    folder = Path(os.path.realpath(place.program)).parent
    return folder.parent if folder.name == "MacOS" else folder


def check_inside(place: Place) -> None:
    """No test files, no second Qt, no path of the machine that it was built on."""
    folder = folder_of(place)
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    bad = [str(path) for path in files if any(word in str(path.relative_to(folder)) for word in FORBIDDEN)]
    if bad and not any("torch/lib" in name for name in bad):
        raise Failed(f"these do not belong into a bundle: {bad[:5]}")
    marks = [str(ROOT).encode(), str(Path(sys.prefix).resolve()).encode()]
    told = [str(path) for path in files if any(mark in path.read_bytes() for mark in marks)]
    if told:
        raise Failed(f"these name folders of the machine that built them: {told[:5]}")
    size = sum(path.stat().st_size for path in files)
    say(f"{len(files)} files, {size / 1e6:.0f} MB")


def run(place: Place, *arguments: str, patience: float = PATIENCE, **variables: str) -> str:
    done = subprocess.run(
        place.command(*arguments, **variables),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=patience,
        check=False,
        cwd="/",
        env=windows_environment(place) if sys.platform == "win32" else None,
    )
    if done.returncode:
        raise Failed(f"regard {' '.join(arguments)}: status {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def windows_environment(place: Place) -> dict[str, str]:
    """What Windows itself needs, and folders of our own."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    return {**kept, "USERPROFILE": place.home, "LOCALAPPDATA": f"{place.home}\\local", "PATH": r"C:\Windows\System32"}


def photograph(place: Place, name: str = "bus.jpg") -> str:
    """A picture, and where the program sees it."""
    target = place.outside(place.home) / name
    if not target.exists():
        shutil.copy(next(folder_of(place).rglob(f"demo/{name}")), target)
    return f"{place.home}/{name}"


def check_command_line(place: Place) -> None:
    run(place, "--version")
    rows = run(place, "run", photograph(place), "--model", "yolov3-tiny,efficientnet-lite0", "--format", "jsonl")
    found = [json.loads(row) for row in rows.splitlines()]
    labels = [box["label"] for box in found[0]["detections"]]
    if labels.count("person") < 3 or found[1]["classes"][0]["label"] != "minibus":
        raise Failed(f"bus.jpg is said to show {labels} and {found[1]['classes'][0]}")
    run(place, "doctor")
    say("the command line recognises a picture with both starter models")


def check_pack(place: Place) -> None:
    print(run(place, "models", "pack", "status", patience=300), end="")
    run(place, "models", "pack", "install", "--yes", patience=3600)
    site = next((place.outside(place.home) / ".local/share/regard/packs").glob("pytorch-*")) / "site"
    seen = "/" + str(site.relative_to(place.root)) if place.root != Path("/") else str(site)
    check_torch(place, f"import sys; sys.path.append({seen!r}); ")


def check_torch(place: Place, before: str = "import sys; ") -> None:
    """A network of torchvision, with random weights, on a picture. `before`: what makes torch importable."""
    weights = place.outside(place.home) / ".local" / "share" / "regard" / "models"
    target = place.outside(place.home) / "resnet50-11ad3fa6.pth"
    code = f"{before}import torch, torchvision; torch.manual_seed(0); "
    code += "torch.save(torchvision.models.resnet50().state_dict(), sys.argv[1])"
    run(place, "-I", "-B", "-c", code, f"{place.home}/{target.name}", patience=300)
    weights.mkdir(parents=True, exist_ok=True)
    digest = subprocess.run(["sha256sum", str(target)], capture_output=True, text=True, check=True).stdout.split()[0]
    # As a mirror's list of hashes would have it noted.
    target.replace(weights / target.name)
    (weights / f"{target.name}.sha256").write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    row = json.loads(run(place, "run", photograph(place), "--model", "resnet50", "--format", "jsonl", patience=600))
    say(f"resnet50 answers on {row['engine']}: {row['classes'][0]}")


def check_start(place: Place) -> None:
    """Where nothing drives a window: it starts, stays, and ends when asked."""
    environment = windows_environment(place) if sys.platform == "win32" else None
    program = subprocess.Popen(place.command("demo:"), env=environment, cwd="/")
    try:
        program.wait(20)
        raise Failed(f"the window closed by itself, status {program.returncode}")
    except subprocess.TimeoutExpired:
        say("the window stays open")
    finally:
        program.terminate()
        program.wait(20)


# --- driving the window -----------------------------------------------------------------------------------------------


@contextmanager
def furnished(place: Place) -> Iterator[None]:
    """A bare root sees processes, devices and the screen, as on a running system."""
    mounted = []
    try:
        if place.root != Path("/"):
            Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
            for folder in ("/proc", "/dev", "/dev/shm", "/tmp/.X11-unix"):
                target = place.outside(folder)
                target.mkdir(parents=True, exist_ok=True)
                subprocess.run(["mount", "--bind", folder, str(target)], check=True)
                mounted.append(target)
        yield
    finally:
        for target in reversed(mounted):
            subprocess.run(["umount", "-l", str(target)], check=False)


@contextmanager
def display() -> Iterator[str]:
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset", "-ac"],
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


class Window:
    def __init__(self, place: Place, screen: str) -> None:
        self._place, self._screen = place, screen
        self._environment = {**os.environ, "DISPLAY": screen}

    def press(self, *keys: str, pause: float = 0.12) -> None:
        """Nobody manages windows here, so nobody else gives it the focus."""
        ask = ["xdotool", "search", "--onlyvisible", "--name", "Regard"]
        found = subprocess.run(ask, env=self._environment, capture_output=True, text=True, check=True).stdout.split()
        subprocess.run(["xdotool", "windowfocus", "--sync", found[-1]], env=self._environment, check=False)
        for key in keys:
            subprocess.run(["xdotool", "key", key], env=self._environment, check=True)
            time.sleep(pause)

    def is_painted(self) -> bool:
        ask = ["xdotool", "search", "--onlyvisible", "--name", "Regard"]
        return subprocess.run(ask, env=self._environment, capture_output=True, check=False).returncode == 0

    def pixels_of(self, colour: str) -> int:
        """How many pixels of the screen have exactly this colour."""
        take = ["import", "-window", "root", "ppm:-"]
        shot = subprocess.run(take, env=self._environment, capture_output=True, check=False)
        only = ["convert", "ppm:-", "-fill", "black", "+opaque", colour, "-fill", "white", "-opaque", colour]
        only += ["-format", "%[fx:mean*w*h]", "info:"]
        done = subprocess.run(only, input=shot.stdout, capture_output=True, check=False)
        return round(float(done.stdout or 0))

    def keep_picture(self, path: Path) -> None:
        subprocess.run(["import", "-window", "root", str(path)], env=self._environment, check=False)


def left_behind(place: Place) -> list[str]:
    """Processes of the program that still run."""
    found = []
    program = os.path.realpath(place.outside(place.program)) if place.root == Path("/") else "/usr/lib/regard/regard"
    for entry in Path("/proc").glob("[0-9]*/exe"):
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target in (program, str(place.root / program.lstrip("/"))):
            found.append(entry.parent.name)
    return found


def check_window(place: Place, shots: Path) -> None:
    home = place.outside(place.home)
    settings = home / ".config" / "regard" / "settings.json"
    before = _files(place)
    with display() as screen:
        window = Window(place, screen)
        began = time.monotonic()
        log = (shots / "window.txt").open("wb")
        command = place.command("demo:", DISPLAY=screen, QT_QPA_PLATFORM="xcb", XDG_RUNTIME_DIR="/tmp")
        program = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        try:
            wait_for("the window", window.is_painted)
            say(f"the window is there after {time.monotonic() - began:.2f} s")
            wait_for("a box on the demo", lambda: window.pixels_of(PERSON) > 300)
            say(f"a labelled box on the demo after {time.monotonic() - began:.1f} s")
            window.keep_picture(shots / "demo.png")
            window.press("r")
            time.sleep(3.0)
            window.press("r")
            wait_for("a recording", lambda: bool(_recordings(home)))
            say(f"recorded {_recordings(home)[0].name}")
            run(place, photograph(place), DISPLAY=screen, QT_QPA_PLATFORM="xcb", XDG_RUNTIME_DIR="/tmp")
            wait_for("boxes on the picture", lambda: window.pixels_of(PERSON) > 300)
            window.keep_picture(shots / "picture.png")
            switch_language(window, settings)
            window.keep_picture(shots / "french.png")
            window.press("ctrl+q")
            status = program.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise Failed("the program does not end") from error
        finally:
            window.keep_picture(shots / "last.png")
            if program.poll() is None:
                program.kill()
                program.wait()
            log.close()
        if status:
            raise Failed(f"the program ended with status {status}: {(shots / 'window.txt').read_text()}")
        wait_for("its processes to end", lambda: not left_behind(place), 10.0)
    strange = sorted(_files(place) - before)
    if strange:
        raise Failed(f"written outside of its folders: {strange[:5]}")
    say("closed: status 0, no process left, nothing written elsewhere")


def switch_language(window: Window, settings: Path) -> None:
    def is_french() -> bool:
        return settings.is_file() and json.loads(settings.read_text(encoding="utf-8")).get("language") == "fr"

    # The last entry of the menu View: Language, Français. A busy machine opens menus after the next key has come.
    for _ in range(5):
        window.press("Escape", "Escape", "alt+v", "Up", "Right", "Down", "Down", "Return", pause=0.6)
        if is_french():
            break
    wait_for("French in the settings", is_french, 15.0)
    say("the language is French now")


def _recordings(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.suffix in (".mp4", ".mkv", ".webm") and path.stat().st_size > 1000]


def _files(place: Place) -> set[str]:
    """What lies where the program has nothing to write."""
    home = place.outside(place.home)
    found = {str(path) for path in home.rglob("*") if not str(path.relative_to(home)).startswith(OWN)}
    if place.root != Path("/"):
        for folder in ("etc", "opt", "root", "srv", "usr", "var"):
            found |= {str(path) for path in (place.root / folder).rglob("*")}
    return {path for path in found if not Path(path).is_dir()}


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artefact", type=Path)
    parser.add_argument("--pack", action="store_true", help="install the PyTorch pack too (gigabytes)")
    parser.add_argument("--release", default="bookworm", help="the Debian that a .deb is tried in")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "smoke")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    artefact = options.artefact.resolve()
    jailed = (
        artefact.suffix == ".deb"
        and sys.platform == "linux"
        and os.geteuid() == 0
        and shutil.which("debootstrap") is not None
    )
    try:
        place = install_deb(artefact, work, options.release) if jailed else unpack(artefact, work)
        check_inside(place)
        with furnished(place):
            check_command_line(place)
            if sys.platform == "linux":
                check_window(place, work)
            else:
                check_start(place)
            if (folder_of(place) / "_internal" / "torch").is_dir():
                check_torch(place)
            elif options.pack:
                check_pack(place)
        if jailed:
            remove_deb(place)
    except Failed as error:
        print(f"smoke test failed: {error}", file=sys.stderr)
        return 1
    say("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
