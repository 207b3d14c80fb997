"""Writes `resources/pack/pytorch.json`: which files make up the PyTorch pack, for each system and Python, with hashes.

Run it when torch, ultralytics or what a bundle holds has a new version: `python packaging/make_pack_lock.py`. Versions
are those of this environment, which were tested, with what they ask for on another system resolved by uv; sizes and
hashes come from the package index, sizes on the disk from the tables of contents of the wheels, whose rest is not
fetched. Builds whose index cannot be reached keep their lines. Whoever changes the file tries it:
`python packaging/smoke_test.py --pack`.
"""

from __future__ import annotations

import functools
import importlib.metadata
import io
import json
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename
from pip._internal.models.index import PyPI

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bundle_parts as parts

TARGET = parts.ROOT / "resources" / "pack" / "pytorch.json"
INDEX = os.environ.get("PIP_INDEX_URL") or str(PyPI.simple_url)
"""The index that pip asks by itself."""
CPU_INDEX = os.environ.get("PYTORCH_CPU_INDEX") or None
"""The index of torch's builds for processors; where it is not named, these keep their lines."""
PYTHONS = ((3, 11), (3, 12), (3, 13))
_GLIBC = [f"manylinux_2_{minor}_x86_64" for minor in range(34, 4, -1)]
_GLIBC += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
_MACOS = [f"macosx_{major}_0_{kind}" for major in range(15, 10, -1) for kind in ("arm64", "universal2")]
SYSTEMS: dict[str, tuple[str, list[str], tuple[tuple[str, str | None], ...]]] = {
    # The platform as uv calls it, the tags of its wheels, the builds of torch with their indexes ("": the usual).
    "linux-x86_64": ("x86_64-unknown-linux-gnu", _GLIBC, (("cpu", CPU_INDEX), ("cuda", ""))),
    "windows-amd64": ("x86_64-pc-windows-msvc", ["win_amd64"], (("cpu", ""),)),
    "macos-arm64": ("aarch64-apple-darwin", _MACOS, (("mps", ""),)),
}
NOT_NEEDED = frozenset(
    """
    triton captum matplotlib scipy polars polars-runtime-32 requests charset-normalizer urllib3 networkx contourpy
    cycler fonttools kiwisolver pyparsing python-dateutil six ultralytics-platform opencv-python cuda-toolkit setuptools
    """.split()
)
"""What these packages ask for and Regard's use of them never imports: half a gigabyte."""


def constraints() -> str:
    """The versions that were tested: of a bundle's own libraries, which a pack will meet, and of the pack's."""
    versions = {name: importlib.metadata.version(name).partition("+")[0] for name in parts.bundled(full=True)}
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


def resolve(python: tuple[int, int], platform: str, index: str, work: Path) -> dict[str, str]:
    """Name → version of everything that the pack's packages ask for."""
    from uv import find_uv_bin

    every = [str(r) for r in parts.wanted_requirements(full=True) if parts.plain(r.name) in parts.PACK]
    (work / "wanted.in").write_text("\n".join(every), encoding="utf-8")
    (work / "constraints.txt").write_text(constraints(), encoding="utf-8")
    command = [find_uv_bin(), "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-config"]
    command += ["--python-version", f"{python[0]}.{python[1]}", "--python-platform", platform, "--default-index", INDEX]
    command += ["--constraints", str(work / "constraints.txt"), str(work / "wanted.in")]
    if index:
        command += ["--index", index, "--index-strategy", "first-index"]
    # The oldest macOS that torch still has wheels for.
    environment = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise LookupError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "uv failed")
    lines = [Requirement(line) for line in done.stdout.splitlines() if "==" in line]
    return {parts.plain(line.name): str(line.specifier).removeprefix("==") for line in lines}


@functools.cache
def page(index: str, project: str) -> list[dict[str, Any]]:
    """The files of a project, as the index lists them."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json", "User-Agent": "regard-lock"}
    with urllib.request.urlopen(urllib.request.Request(f"{index}/{project}/", headers=accept), timeout=60) as answer:
        body = answer.read()
        files: list[dict[str, Any]] = json.loads(body)["files"]
    return files


def _tags(python: tuple[int, int], platforms: list[str]) -> list[Tag]:
    name = f"cp{python[0]}{python[1]}"
    return [*cpython_tags(python, [name], platforms), *compatible_tags(python, name, platforms)]


def wheel_of(files: Iterable[dict[str, Any]], version: str, tags: list[Tag]) -> dict[str, Any] | None:
    """The wheel of this version that fits best."""
    best: tuple[int, dict[str, Any]] | None = None
    for file in files:
        if not file["filename"].endswith(".whl"):
            continue
        _, found, _, fits = parse_wheel_filename(file["filename"])
        ranks = [tags.index(tag) for tag in fits if tag in tags]
        if str(found) == version and ranks and (best is None or min(ranks) < best[0]):
            best = min(ranks), file
    return best[1] if best else None


class _Remote(io.RawIOBase):
    """A file on a server, of which only what is read is fetched."""

    def __init__(self, url: str, size: int) -> None:
        self._url, self._size, self._at = url, size, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        last = min(self._at + len(buffer), self._size) - 1
        if last < self._at:
            return 0
        request = urllib.request.Request(self._url, headers={"Range": f"bytes={self._at}-{last}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            data = answer.read()
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


@functools.cache
def unpacked(url: str, size: int) -> int:
    with zipfile.ZipFile(io.BufferedReader(_Remote(url, size), 1 << 18)) as wheel:
        return sum(entry.file_size for entry in wheel.infolist())


def entry(index: str, project: str, version: str, tags: list[Tag]) -> dict[str, Any]:
    """A file of the lock. What another index than the usual one has as well is taken from the usual one."""
    places = [index, INDEX] if index else [INDEX]
    for place in places:
        try:
            files = page(place, project)
        except urllib.error.HTTPError:
            continue
        wheel = wheel_of(files, version, tags)
        if wheel is None:
            continue
        url = urllib.parse.urljoin(f"{place}/{project}/", wheel["url"])
        found: dict[str, Any] = {
            "project": project,
            "version": version,
            "file": urllib.parse.unquote(wheel["filename"]),
        }
        found |= {"bytes": wheel["size"], "sha256": wheel["hashes"]["sha256"], "unpacked": unpacked(url, wheel["size"])}
        return found if place == INDEX else {**found, "index": place}
    raise LookupError(f"no wheel of {project} {version}")


def make(work: Path) -> dict[str, Any]:
    """The whole lock; what cannot be resolved from here is taken from the one that is there."""
    old = json.loads(TARGET.read_text(encoding="utf-8"))["builds"] if TARGET.is_file() else []
    files: dict[str, dict[str, Any]] = {}
    builds = []
    inside = parts.bundled(full=False)
    for system, (platform, platforms, kinds) in SYSTEMS.items():
        for python in PYTHONS:
            for kind, index in kinds:
                name = f"cp{python[0]}{python[1]}"
                try:
                    if index is None:
                        raise LookupError("its index is not named in PYTORCH_CPU_INDEX")
                    versions = resolve(python, platform, index, work)
                    needed = sorted(set(versions) - inside - NOT_NEEDED)
                    found = [entry(index, project, versions[project], _tags(python, platforms)) for project in needed]
                except (LookupError, OSError) as error:
                    print(f"{system} {name} {kind}: {error}", file=sys.stderr)
                    builds += [b for b in old if (b["system"], b["python"], b["build"]) == (system, name, kind)]
                    continue
                files |= {each["file"]: each for each in found}
                rows = [each["file"] for each in found]
                builds.append(
                    {"system": system, "python": name, "build": kind, "torch": versions["torch"], "files": rows}
                )
                total = sum(each["bytes"] for each in found)
                print(f"{system} {name} {kind}: torch {versions['torch']}, {len(rows)} files, {total / 1e6:.0f} MB")
    if TARGET.is_file():  # the files of builds that kept their lines
        known = json.loads(TARGET.read_text(encoding="utf-8"))["files"]
        files |= {f: known[f] for build in builds for f in build["files"] if f not in files}
    return {"builds": builds, "files": dict(sorted(files.items()))}


def main() -> int:
    import tempfile

    with tempfile.TemporaryDirectory() as work:
        lock = make(Path(work))
    TARGET.parent.mkdir(exist_ok=True)
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(file)}" for name, file in lock["files"].items())
    builds = ",\n".join(f" {json.dumps(build)}" for build in lock["builds"])
    TARGET.write_text(f'{{"builds": [\n{builds}\n],\n"files": {{\n{lines}\n}}}}\n', encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
