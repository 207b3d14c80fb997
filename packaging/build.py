"""Builds the bundle and what it is handed out in: `make package`, or `python packaging/build.py [--full] [WHAT…]`.

WHAT: `folder` (the program, runs from where it lies), `tar` and `deb` (Linux), `dmg`
(macOS), `setup` (Windows); by default all that this system can make. Results
lie in `dist/`, with their SHA-256 sums; work that serves the next build in `build/package/`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import lzma
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bundle_parts as parts
import icon
import licences
import trim

ROOT = parts.ROOT
STARTERS = "yolov3-tiny,efficientnet-lite0"
PHOTOGRAPHS = ("bus.jpg", "zidane.jpg")
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "LICENSE_DEJAVU")
PART_BYTES = 1_900_000_000
"""Archives are split so: what hands releases out takes no file over 2 GB."""


@dataclass(frozen=True)
class Build:
    full: bool
    work: Path
    dist: Path
    version: str
    quick: bool

    @property
    def folder(self) -> Path:
        return self.dist / "regard"

    @property
    def name(self) -> str:
        kind = "-full" if self.full else ""
        system = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
        return f"regard{kind}-{self.version}-{system}-{platform.machine().lower()}"


def version() -> str:
    """From the git tag, written where the program reads it; "0.1.devN" where there is no tag."""
    from setuptools_scm import get_version

    found: str = get_version(root=str(ROOT), fallback_version="0.1.0")
    (ROOT / "desktop_app" / "_version.py").write_text(f'__version__ = "{found}"\n', encoding="utf-8")
    return found


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{name} is not installed: type `make package`")
    return Path(spec.submodule_search_locations[0])


def prepare_networks(build: Build, resources: Path) -> None:
    """The starter models as OpenVINO reads them, so that the bundle needs neither their weights nor torch."""
    starters = build.work / "starters"
    folders = {f"REGARD_{name}_DIR": str(starters / name.lower()) for name in ("CACHE", "MODELS", "CONFIG", "LOG")}
    command = [sys.executable, "-m", "desktop_app", "run", "demo:?frames=1", "--model", STARTERS, "--device", "cpu"]
    environment = {**os.environ, **folders, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    shutil.copytree(starters / "cache" / "ir", resources / "ir")
    for path in (resources / "ir").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def prepare_opencv(packages: Path) -> None:
    """OpenCV without a window of its own: the same release, without a second Qt."""
    release = importlib.metadata.version("opencv-python")
    if any(packages.glob(f"opencv_python_headless-{release}.dist-info")):
        return
    shutil.rmtree(packages, ignore_errors=True)
    wanted = f"opencv-python-headless=={release}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages), wanted]
    subprocess.run(pip, check=True)


def write_source(folder: Path, version: str) -> None:
    """The licence wants the source to be had by everybody who has the program: so it lies in it, without the README's
    pictures."""
    folder.mkdir()
    archive = ["git", "archive", "--format=tar", f"--prefix=regard-{version}/", "HEAD", ".", ":!docs/pictures"]
    tar = subprocess.run(archive, cwd=ROOT, capture_output=True, check=True).stdout
    (folder / f"regard-{version}.tar.xz").write_bytes(lzma.compress(tar))


def prepare(build: Build) -> Path:
    """What is inside and not in the repository."""
    prepared = build.work / "prepared"
    resources = prepared / "resources"
    shutil.rmtree(resources, ignore_errors=True)
    resources.mkdir(parents=True)
    prepare_networks(build, resources)
    prepare_opencv(prepared / "packages")
    (resources / "demo").mkdir()
    for name in PHOTOGRAPHS:
        shutil.copy(package_folder("ultralytics") / "assets" / name, resources / "demo")
    (resources / "fonts").mkdir()
    for name in FONTS:
        shutil.copy(package_folder("matplotlib") / "mpl-data" / "fonts" / "ttf" / name, resources / "fonts")
    write_source(resources / "source", build.version)
    licences.write(parts.bundled(build.full), resources / "licences.json")
    shutil.copy(ROOT / "LICENSE", resources / "LICENSE.txt")
    return prepared


def prepare_uv(target: Path) -> Path:
    """Of 38 MB, and needed once, when a pack is installed: it lies there compressed."""
    from uv import find_uv_bin

    binary = Path(find_uv_bin())
    packed = target / f"{binary.name}.xz"
    if not packed.is_file() or packed.stat().st_mtime < binary.stat().st_mtime:
        packed.write_bytes(lzma.compress(binary.read_bytes(), preset=6))
    return packed


def freeze(build: Build, prepared: Path) -> None:
    environment = {
        **os.environ,
        "REGARD_BUNDLE": "full" if build.full else "standard",
        "REGARD_PREPARED": str(prepared),
        "REGARD_UV": str(prepare_uv(prepared)),
        "REGARD_VERSION": build.version,
        "REGARD_ICON": str(icon.for_this_system(build.work) or ""),
        # Before the environment's own packages: OpenCV without a window, and this very checkout.
        "PYTHONPATH": os.pathsep.join((str(prepared / "packages"), str(ROOT))),
    }
    work = build.work / ("pyinstaller-full" if build.full else "pyinstaller")
    shutil.rmtree(build.folder, ignore_errors=True)
    options = ["--noconfirm", "--log-level=WARN", "--workpath", str(work), "--distpath", str(build.dist)]
    command = [sys.executable, "-m", "PyInstaller", *options, str(ROOT / "packaging" / "regard.spec")]
    subprocess.run(command, env=environment, check=True, cwd=build.work)
    if sys.platform == "linux":
        trim.share_libraries(build.folder / "_internal")
        trim.drop_orphans(build.folder / "_internal")
        trim.strip(build.folder / "_internal")


def size_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def pack_tar(build: Build) -> list[Path]:
    """`.tar.zst` that holds one folder; in parts where it is larger than 1.9 GB (join them with `cat`)."""
    target = build.dist / f"{build.name}.tar.zst"
    for old in build.dist.glob(f"{target.name}*"):
        old.unlink()
    level = "-3" if build.quick else "-9" if build.full else "-19"
    nobody = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner"]
    tar = ["tar", "--create", *nobody, "-C", str(build.dist), "regard"]
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packing:
        zstd = ["zstd", "--quiet", level, "--long=27", "-T0", "-f", "-o", str(target)]
        subprocess.run(zstd, stdin=packing.stdout, check=True)
    if packing.returncode:
        raise SystemExit("tar failed")
    if target.stat().st_size <= PART_BYTES:
        return [target]
    subprocess.run(["split", "--numeric-suffixes=1", f"--bytes={PART_BYTES}", target, f"{target}."], check=True)
    target.unlink()
    return sorted(build.dist.glob(f"{target.name}.*"))


def pack_deb(build: Build) -> list[Path]:
    import debian_package

    return [
        debian_package.make(
            build.folder, build.dist, build.version, build.work / "deb", full=build.full, quick=build.quick
        )
    ]


def pack_dmg(_: Build) -> list[Path]:
    script = ROOT / "packaging" / "macos" / "make_dmg.sh"
    done = subprocess.run([str(script)], check=True, capture_output=True, text=True, cwd=ROOT)
    return [ROOT / done.stdout.splitlines()[-1]]


def pack_setup(build: Build) -> list[Path]:
    """Signed where REGARD_SIGN_COMMAND says how (see `regard.iss`)."""
    sign = os.environ.get("REGARD_SIGN_COMMAND")
    signing = [f"/Sregard={sign}", "/DSign"] if sign else []
    script = ROOT / "packaging" / "windows" / "regard.iss"
    subprocess.run(["iscc", "/Qp", *signing, f"/DVersion={build.version}", str(script)], check=True)
    return [build.dist / f"regard-{build.version}-windows-amd64-setup.exe"]


PACKERS = {"tar": pack_tar, "deb": pack_deb, "dmg": pack_dmg, "setup": pack_setup}


def possible(full: bool) -> list[str]:
    """What this system can make. The full bundle goes into an archive in parts: as a package it would be one file, too
    large to hand out."""
    if sys.platform == "darwin":
        return ["folder", "dmg"]
    if sys.platform == "win32":
        return ["folder", *(["setup"] if shutil.which("iscc") else [])]
    tools = {"tar": ("tar", "zstd")} | ({} if full else {"deb": ("dpkg-deb", "dpkg-shlibdeps")})
    return ["folder", *(what for what, needs in tools.items() if all(map(shutil.which, needs)))]


def write_sums(dist: Path, files: Sequence[Path]) -> None:
    lines = []
    for path in files:
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    (dist / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(("folder", *PACKERS)))
    parser.add_argument("--full", action="store_true", help="with torch inside, for machines without network")
    parser.add_argument("--quick", action="store_true", help="compress in haste, to try it out")
    parser.add_argument("--keep", action="store_true", help="pack the folder of the last build")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "package")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    unknown = set(options.what) - {"folder", *PACKERS}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    build = Build(options.full, options.work.resolve(), options.dist.resolve(), version(), options.quick)
    build.work.mkdir(parents=True, exist_ok=True)
    build.dist.mkdir(parents=True, exist_ok=True)
    if not options.keep:
        freeze(build, prepare(build))
    print(f"{build.folder}: {size_of(build.folder) / 1e6:.0f} MB")
    wanted = [what for what in options.what or possible(options.full) if what in PACKERS]
    made = [path for what in wanted for path in PACKERS[what](build)]
    write_sums(build.dist, made)
    for path in made:
        print(f"{path}: {path.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
