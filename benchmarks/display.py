"""A place for windows: the display that there is, or a virtual one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

SIZE = "1440x900"


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """The environment of programs that show a window. `REGARD_BENCH_HEADED=1` takes the display of the user."""
    if os.environ.get("REGARD_BENCH_HEADED"):
        yield {}
        return
    if shutil.which("Xvfb") is None:
        raise FileNotFoundError("Xvfb is missing; type: sudo apt-get install xvfb, or set REGARD_BENCH_HEADED=1")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait(10)
