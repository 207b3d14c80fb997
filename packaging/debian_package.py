"""The `.deb`: the frozen folder, what the desktop needs to know of it, and what it needs of the system."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import icon
from trim import elf_files, needed_by

ROOT = Path(__file__).resolve().parent.parent
LINUX = ROOT / "packaging" / "linux"
APP_ID = "org.regard.Regard"
HOME = "usr/lib/regard"
ICONS = (16, 24, 32, 48, 64, 128, 256)
"""Pixels of the icons that lie beside the drawing, for what cannot read drawings."""

# Loaded by name while the program runs, so that no file names them: OpenGL and EGL for Qt's platforms, a font.
BY_NAME = ("libegl1", "libgl1", "fonts-dejavu-core | fonts-liberation | fonts-noto-core | fonts-freefont-ttf")
RECOMMENDED = ("xdg-desktop-portal", "xdg-utils")
OF_DRIVERS = ("libcuda.so.1", "libnvidia-ml.so.1")
"""Libraries that come with the driver of a graphics card, and that nothing loads where there is none."""
SUGGESTED = ("intel-opencl-icd", "gnome-keyring | kwalletmanager")

OVERRIDES = """\
# A frozen program: it brings its libraries, as their makers linked them, in a folder of its own.
regard: embedded-library
regard: unstripped-binary-or-object
regard: custom-library-search-path
regard: shared-library-lacks-prerequisites
regard: sharedobject-in-library-directory-missing-soname
regard: library-not-linked-against-libc
regard: package-installs-python-bytecode
regard: shared-library-is-executable
regard: executable-not-elf-or-script
regard: specific-address-in-shared-library
regard: hardening-no-relro
"""


def draw_icons(tree: Path) -> None:
    """Into the theme that every desktop falls back to."""
    theme = tree / "usr" / "share" / "icons" / "hicolor"
    for side in ICONS:
        icon.draw(side, theme / f"{side}x{side}" / "apps" / f"{APP_ID}.png")
    (theme / "scalable" / "apps").mkdir(parents=True)
    shutil.copy(icon.DRAWING, theme / "scalable" / "apps" / f"{APP_ID}.svg")


def desktop_files(tree: Path, version: str) -> None:
    share = tree / "usr" / "share"
    for name, folder in (
        (f"{APP_ID}.desktop", "applications"),
        (f"{APP_ID}.metainfo.xml", "metainfo"),
        (f"{APP_ID}.xml", "mime/packages"),
    ):
        (share / folder).mkdir(parents=True)
        text = (LINUX / name).read_text(encoding="utf-8")
        if name.endswith("metainfo.xml"):
            today = time.strftime("%Y-%m-%d", time.gmtime())
            release = f'<release version="{version}" date="{today}" type="stable"/>'
            text = re.sub(r'<release version="0\.1\.0".*?/>', release, text)
        (share / folder / name).write_text(text, encoding="utf-8")


def _gzip(text: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with gzip.GzipFile(target, "wb", compresslevel=9, mtime=0) as file:
        file.write(text.encode())


def documents(tree: Path, version: str, deb_version: str) -> None:
    docs = tree / "usr" / "share" / "doc" / "regard"
    docs.mkdir(parents=True)
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
    entry = f"regard ({deb_version}) unstable; urgency=medium\n\n  * Version {version}; see CHANGELOG.md.gz.\n\n"
    _gzip(f"{entry} -- The authors of Regard <regard@example.org>  {date}\n", docs / "changelog.gz")
    _gzip((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), docs / "CHANGELOG.md.gz")
    (docs / "copyright").write_text(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
        "Upstream-Name: Regard\n\nFiles: *\nCopyright: The authors of Regard\nLicense: AGPL-3.0-or-later\n\n"
        "License: AGPL-3.0-or-later\n This program is free software: you can redistribute it and/or modify it under\n"
        " the terms of the GNU Affero General Public License, version 3 or later. The whole text lies in\n"
        " /usr/lib/regard/_internal/desktop_app/resources/LICENSE.txt; the licences of the libraries inside are in\n"
        " licences.json beside it and under Help, About.\n",
        encoding="utf-8",
    )
    _gzip((LINUX / "regard.1").read_text(encoding="utf-8"), tree / "usr" / "share" / "man" / "man1" / "regard.1.gz")
    overrides = tree / "usr" / "share" / "lintian" / "overrides" / "regard"
    overrides.parent.mkdir(parents=True)
    overrides.write_text(OVERRIDES, encoding="utf-8")


def needed_packages(folder: Path) -> list[str]:
    """The packages of this system that hold what the binaries name and the bundle does not hold."""
    shown = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    places = dict(reversed(re.findall(r"^\s+(\S+) \(libc6,x86-64.*\) => (\S+)$", shown, re.MULTILINE)))
    inside = {path.name for path in folder.rglob("*.so*")}
    wanted: dict[str, Path] = {}
    glibc = (0, 0)
    for binary in elf_files(folder):
        wanted |= dict.fromkeys(set(needed_by(binary)) - inside, binary)
        glibc = max(glibc, glibc_of(binary))
    known = {*places, *OF_DRIVERS}
    missing = {name: str(of) for name, of in wanted.items() if name not in known and not name.startswith("ld-linux")}
    if missing:
        raise SystemExit(f"libraries that are neither in the bundle nor on this system: {missing}")
    # By name alone: where /lib is a link to /usr/lib, the files are known under either.
    files = sorted({f"*/{Path(os.path.realpath(places[name])).name}" for name in wanted if name in places})
    owners = subprocess.run(["dpkg", "-S", *files], capture_output=True, text=True, check=True).stdout
    packages = {line.partition(":")[0] for line in owners.splitlines()}
    lines = [_also_renamed(name) for name in sorted(packages - {"libc6", "libgcc-s1", "libstdc++6"})]
    return [f"libc6 (>= {glibc[0]}.{glibc[1]})", "libgcc-s1", "libstdc++6", *lines]


def glibc_of(binary: Path) -> tuple[int, int]:
    """The newest version of the C library that it names."""
    shown = subprocess.run(["objdump", "-p", str(binary)], capture_output=True, text=True, check=False).stdout
    versions = re.findall(r"GLIBC_(\d+)\.(\d+)", shown)
    return max(((int(major), int(minor)) for major, minor in versions), default=(0, 0))


def _also_renamed(name: str) -> str:
    """64-bit times renamed packages after Debian 12: both names are right."""
    return f"{name} | {name}t64" if name in ("libglib2.0-0", "libssl3", "libcups2", "libasound2") else name


def control(deb_version: str, size: int, needs: Sequence[str], architecture: str) -> str:
    return f"""\
Package: regard
Version: {deb_version}
Section: video
Priority: optional
Architecture: {architecture}
Installed-Size: {size // 1024}
Maintainer: The authors of Regard <regard@example.org>
Depends: {", ".join(dict.fromkeys([*needs, *BY_NAME]))}
Recommends: {", ".join(RECOMMENDED)}
Suggests: {", ".join(SUGGESTED)}
Description: recognises what a camera or a file shows
 Point a webcam at something, drop a picture, a folder, a video or a model of
 your own on the window: labels, boxes and confidences appear at once.
 .
 Two models are inside; PyTorch, for hundreds more, is fetched when one of them
 is picked. Nothing leaves the computer.
"""


def make(folder: Path, dist: Path, version: str, work: Path, *, full: bool, quick: bool) -> Path:
    """The package of the frozen `folder`, in `dist`."""
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout
    architecture = architecture.strip()
    deb_version = version.replace(".dev", "~dev").replace("rc", "~rc")
    shutil.rmtree(work, ignore_errors=True)
    tree = work / "tree"
    home = tree / HOME
    home.parent.mkdir(parents=True)
    subprocess.run(["cp", "-al", str(folder), str(home)], check=True)
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / "regard").symlink_to("../lib/regard/regard")
    desktop_files(tree, version)
    draw_icons(tree)
    documents(tree, version, deb_version)
    needs = needed_packages(folder)
    debian = tree / "DEBIAN"
    debian.mkdir()
    size = sum(path.lstat().st_size for path in tree.rglob("*"))
    (debian / "control").write_text(control(deb_version, size, needs, architecture), encoding="utf-8")
    sums = subprocess.run(
        "find usr -type f -print0 | sort -z | xargs -0 md5sum", shell=True, cwd=tree, capture_output=True, check=True
    )
    (debian / "md5sums").write_bytes(sums.stdout)
    for path in tree.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or _is_program(path) else 0o644)
    target = dist / f"regard{'-full' if full else ''}_{deb_version}_{architecture}.deb"
    packing = ("-Zzstd", "-z3") if quick else ("-Zxz", "-z6")
    build = ["dpkg-deb", "--root-owner-group", *packing, "--build", str(tree), str(target)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return target


def _is_program(path: Path) -> bool:
    return path.name == "regard" and path.parent.name == "regard"
