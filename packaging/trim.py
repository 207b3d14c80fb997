"""What is done to a frozen folder on Linux: libraries that nothing asks for any more, and symbols for debuggers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_RELEASE = re.compile(r"lib(avcodec|avformat|avutil|swscale|swresample)-[0-9a-f]{8}\.so\.(\d+\.\d+)\.\d+")
STRIPPED = (
    "libpython*",
    "python3.*/lib-dynload/*.so",
    "av/**/*.so",
    "msgspec/*.so",
    "lap/*.so",
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


def share_ffmpeg(inside: Path) -> list[str]:
    """OpenCV and PyAV each bring FFmpeg. Where it is the same release (same library, same two numbers, so the same
    functions), OpenCV's is replaced by links to PyAV's, which can do more."""
    theirs = {match.groups(): path for path in inside.glob("av.libs/*") if (match := _RELEASE.fullmatch(path.name))}
    found = {path: match.groups() for path in inside.glob("lib*.so*") if (match := _RELEASE.fullmatch(path.name))}
    if not found or any(release not in theirs for release in found.values()):
        return []
    for path, release in found.items():
        path.unlink()
        path.symlink_to(theirs[release].relative_to(inside))
    return [path.name for path in found]


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
