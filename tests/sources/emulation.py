"""Runs a program where the V4L2 emulation shows it webcams."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

_PRELUDE = """
import itertools, json, sys, threading
from desktop_app.errors import SourceError
from desktop_app.sources import list_cameras, open_source
sys.path.insert(0, {folder!r})
import fakecam
root = {root!r}
stop = threading.Event()
notices = []
def say(**facts):
    print(json.dumps(facts), flush=True)
"""


def run_with_webcams(fakecam: ModuleType, root: Path, program: str, log: Path | None = None) -> list[dict[str, Any]]:
    """The facts that `program`, run where the webcams are, prints."""
    prelude = _PRELUDE.format(folder=str(Path(fakecam.__file__ or "").parent), root=str(root))
    command = [sys.executable, "-c", prelude + program]
    environment = fakecam.env(str(root), log)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
