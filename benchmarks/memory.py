"""7. Memory of both processes, resident, while the demo runs in the window."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from benchmarks import checkpoints, paths
from benchmarks.display import display
from benchmarks.options import Options
from benchmarks.report import Row
from benchmarks.startup import labelled
from benchmarks.statistics import median

MIB = 2**20
CASES = (("yolov3-tiny",), ("efficientnet-lite0",), ("yolov3-tiny", "efficientnet-lite0"))


def _sizes(process: Any) -> dict[str, float]:
    """`resident` counts what is shared with others in full, `proportional` by share."""
    full = process.memory_full_info()
    return {"resident": full.rss / MIB, "proportional": getattr(full, "pss", full.rss) / MIB}


def look(screen: dict[str, str], models: tuple[str, ...], seconds: float) -> dict[str, Any]:
    """The program as a user starts it; its sizes so many seconds after its first label, the median of five looks."""
    import psutil

    config = Path(paths.ENVIRONMENT["REGARD_CONFIG_DIR"])
    config.mkdir(parents=True, exist_ok=True)
    (config / "settings.json").write_text(json.dumps({"models": models}), encoding="utf-8")
    looks = []
    try:
        with labelled(screen, "regard_start", "demo:") as (pid, _):
            time.sleep(seconds)
            window = psutil.Process(pid)
            # Beside the recogniser there is only the small process in which Python tracks shared memory.
            recogniser = max(window.children(), key=lambda child: child.memory_info().rss)
            for _ in range(5):
                looks.append({"window": _sizes(window), "recogniser": _sizes(recogniser)})
                time.sleep(0.4)
    finally:
        (config / "settings.json").unlink(missing_ok=True)
    return {
        process: {kind: median([one[process][kind] for one in looks]) for kind in ("resident", "proportional")}
        for process in ("window", "recogniser")
    }


def measure(options: Options) -> tuple[list[Row], dict[str, Any]]:
    checkpoints.ensure_starters()
    with display() as screen:
        look(screen, CASES[-1], 3.0)  # converts the networks
        found = {models: look(screen, models, options.seconds(10.0)) for models in CASES}
    limits = {"window": (150.0, 90.0), "recogniser": (400.0, 250.0)}
    rows = []
    for models, sizes in found.items():
        for process, (must, aim) in limits.items():
            resident, proportional = sizes[process]["resident"], sizes[process]["proportional"]
            one = len(models) == 1
            rows.append(
                Row(
                    f"{process}, {' and '.join(models)}",
                    resident,
                    "MiB",
                    must if one else None,
                    aim if one else None,
                    at_most=True,
                    note=f"{proportional:.0f} by share",
                )
            )
    return rows, {" and ".join(models): sizes for models, sizes in found.items()}
