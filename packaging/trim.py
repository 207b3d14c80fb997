"""What is done to a frozen folder on Linux: libraries that nothing asks for any more, and symbols for debuggers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_NAME = re.compile(r"lib(\w+?)(?:-[0-9a-f]{8})+\.so\.(\d+)\.(\d+)\.(\d+)")
FFMPEG = ("avcodec", "avformat", "avutil", "swscale", "swresample")
SAME = ("avif", "png16", "gfortran", "quadmath")
"""What OpenCV's wheel brings and another wheel here as well. Of FFmpeg the same first two numbers mean the same
functions, of the others all three must be alike."""
STRIPPED = (
    "libpython*",
    "python3.*/lib-dynload/*.so",
    "av/**/*.so",
    "msgspec/*.so",
    "lap/*.so",
    "cryptography/**/*.so",
    "safetensors/*.so",
    "PIL/*.so",
    "yaml/*.so",
)
"""Built with symbols that only debuggers read. Wheels that were patched for their libraries are left alone: that tool
and `strip` do not agree."""


def needed_by(binary: Path) -> list[str]:
    """The libraries that it names."""
    shown = subprocess.run(["objdump", "-p", str(binary)], capture_output=True, text=True, check=False).stdout
    return re.findall(r"^\s+NEEDED\s+(\S+)", shown, re.MULTILINE)


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def elf_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and _is_elf(path)]


def drop_orphans(inside: Path) -> list[str]:
    """Libraries beside the program's own files (`_internal/*.so*`) that no other file there needs."""
    dropped: list[str] = []
    while True:
        wanted = {name for path in elf_files(inside) for name in needed_by(path)}
        orphans = [
            path
            for path in inside.glob("lib*.so*")
            if path.name not in wanted and not path.name.startswith(("libpython", "libOpenCL"))
        ]
        if not orphans:
            return dropped
        for path in orphans:
            path.unlink()
            dropped.append(path.name)


def share_libraries(inside: Path) -> list[str]:
    """Replaces libraries of OpenCV's wheel by links to those of other wheels (PyAV's FFmpeg can do more). A link is a
    name for the same file, so that it is in the memory once, too."""
    others = {_release(path): path for path in inside.glob("*.libs/lib*.so*") if _release(path) is not None}
    shared = []
    for path in inside.glob("lib*.so*"):
        release = None if path.is_symlink() else _release(path)
        if release is not None and release in others:
            path.unlink()
            path.symlink_to(others[release].relative_to(inside))
            shared.append(path.name)
    return shared


def _release(path: Path) -> tuple[str, ...] | None:
    """Library and the numbers that must be alike; `None` of what is not shared."""
    found = _NAME.fullmatch(path.name)
    if found is None or found[1] not in (*FFMPEG, *SAME):
        return None
    return found.groups()[: 3 if found[1] in FFMPEG else 4]


def strip(inside: Path) -> int:
    """Returns the bytes that this saved."""
    before = after = 0
    for pattern in STRIPPED:
        for path in inside.glob(pattern):
            if path.is_file() and not path.is_symlink() and _is_elf(path):
                before += path.stat().st_size
                subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)
                after += path.stat().st_size
    return before - after
