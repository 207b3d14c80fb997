"""Installs and removes the PyTorch pack: files named and hashed in `resources/pack/pytorch.json`, fetched one by one so
that a fetch goes on where it stopped, then put together by the uv that comes with a bundle.
"""

from __future__ import annotations

import contextlib
import json
import logging
import lzma
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desktop_app.core.progress import Progress, ReportProgress
from desktop_app.errors import ModelError, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models import http_reader, origins, pytorch, store
from desktop_app.models.download import Job
from desktop_app.paths import packs_dir, resource_path

log = logging.getLogger(__name__)

KEY, TITLE = "pytorch", "PyTorch"
_ROOM = 1.1
"""Of what is unpacked, so much must be free besides what is still to be fetched."""
_LOOK_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A wheel. `index`: the one that has it where it is not the usual one."""

    project: str
    file: str
    bytes: int
    unpacked: int
    sha256: str
    index: str = ""

    def package(self) -> origins.Package:
        return origins.Package(self.project, self.file, self.bytes, self.sha256, ())


@dataclass(frozen=True, slots=True)
class Build:
    """A pack that can be had. `kind`: "cpu", "cuda" or "mps"."""

    kind: str
    torch: str
    python: str
    parts: tuple[Part, ...]

    @property
    def to_fetch(self) -> int:
        """Bytes, less what lies here already."""
        return sum(part.bytes for part in self.parts) - sum(_have(part) for part in self.parts)

    @property
    def on_disk(self) -> int:
        return sum(part.unpacked for part in self.parts)

    @property
    def folder(self) -> Path:
        return packs_dir() / f"pytorch-{self.torch}-{self.kind}-{self.python}"


def _downloads() -> Path:
    return packs_dir() / "downloads"


def _have(part: Part) -> int:
    path = _downloads() / part.file
    for candidate in (path, path.with_name(path.name + ".part")):
        if candidate.is_file():
            return min(candidate.stat().st_size, part.bytes)
    return 0


def _system() -> str:
    name = {"linux": "linux", "win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    return f"{name}-{platform.machine().lower()}"


def builds() -> list[Build]:
    """The packs for this system and this Python, what fits the machine best first."""
    from desktop_app.models.engines.devices import has_nvidia_driver

    lock: dict[str, Any] = json.loads(resource_path("pack", "pytorch.json").read_text(encoding="utf-8"))
    here = (_system(), pytorch.python_tag())
    rows = [row for row in lock["builds"] if (row["system"], row["python"]) == here]
    best = "cuda" if has_nvidia_driver() else "cpu"
    rows.sort(key=lambda row: row["build"] not in (best, "mps"))
    return [_build(row, lock["files"]) for row in rows]


def _build(row: dict[str, Any], files: dict[str, dict[str, Any]]) -> Build:
    found = (files[name] for name in row["files"])
    parts = tuple(
        Part(f["project"], f["file"], f["bytes"], f["unpacked"], f["sha256"], f.get("index", "")) for f in found
    )
    return Build(row["build"], row["torch"], row["python"], parts)


def reachable(cancel: threading.Event | None = None) -> list[Build]:
    """Those of `builds()` whose torch can be fetched from here; `WeightsUnavailable` where there is none.

    Raises `ModelError` where nothing was made for this system.
    """
    every = builds()
    if not every:
        raise ModelError(
            tr("There is no PyTorch pack for this system ({system}, {python}).", system=_system(), python=_python()),
            tr("Models in the ONNX format run without it."),
        )
    found, trouble = [], None
    for build in every:
        part = next(part for part in build.parts if part.project == "torch")
        try:
            if _have(part) or origins.offers(part.package(), store.mirror(), cancel, part.index):
                found.append(build)
        except http_reader.Cancelled:
            raise
        except WeightsUnavailable as error:
            log.info("%s: %s", part.file, error)
            trouble = trouble or error
    if not found:
        raise trouble or WeightsUnavailable(
            tr("The package index does not offer {archive}, which holds {title}.", archive="torch", title=TITLE),
            tr("Check the index that pip is set up for, or put the file on a model mirror."),
        )
    return found


def _python() -> str:
    return f"Python {sys.version_info.major}.{sys.version_info.minor}"


def install(build: Build, report: ReportProgress, cancel: threading.Event | None = None) -> Path:
    """The folder of the pack. What was fetched stays for the next time where this is cancelled or fails.

    Raises `http_reader.Cancelled`, `WeightsUnavailable`, `WeightsDamaged`, `ModelError`.
    """
    cancel = cancel or threading.Event()
    with store.locked("pytorch-pack", cancel):
        _need_room(build)
        try:
            _fetch(build, report, cancel)
            return _put_together(build, report, cancel)
        except OSError as error:
            raise ModelError(
                tr("The PyTorch pack cannot be written to {path}: {reason}.", path=packs_dir(), reason=error.strerror),
                tr("Free some space, or make the folder writable."),
            ) from error


def _need_room(build: Build) -> None:
    needed = build.to_fetch + int(build.on_disk * _ROOM)
    free = shutil.disk_usage(packs_dir()).free
    if free < needed:
        raise ModelError(
            tr(
                "The PyTorch pack needs {needed} GB in {path}, and {free} GB are free.",
                needed=f"{needed / 1e9:.1f}",
                path=packs_dir(),
                free=f"{free / 1e9:.1f}",
            ),
            tr("Free some space, then try again."),
        )


def _fetch(build: Build, report: ReportProgress, cancel: threading.Event) -> None:
    whole, done = sum(part.bytes for part in build.parts), 0
    _downloads().mkdir(exist_ok=True)
    for part in build.parts:
        before = done

        def tell(progress: Progress, before: int = before) -> None:
            report(Progress(KEY, "fetch", before + progress.done, whole, progress.rate))

        target = _downloads() / part.file
        if not (target.is_file() and store.sha256_of(target) == part.sha256):
            job = Job(KEY, TITLE, tell, cancel)
            origins.fetch_archive(part.package(), target, store.mirror(), job, part.index)
        done += part.bytes
        report(Progress(KEY, "fetch", done, whole))


@contextlib.contextmanager
def _uv(scratch: Path) -> Iterator[Path]:
    """A bundle carries it compressed; elsewhere it is one of the tools on the path."""
    packed = next(iter(Path(str(getattr(sys, "_MEIPASS", "/nowhere"))).glob("bin/uv*.xz")), None)
    if packed is None:
        found = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
        if found is None:
            raise ModelError(tr("uv, which installs the pack, is not there."), tr("Install Regard again."))
        yield Path(found)
        return
    binary = scratch / packed.stem
    binary.write_bytes(lzma.decompress(packed.read_bytes()))
    binary.chmod(0o700)
    yield binary


def _put_together(build: Build, report: ReportProgress, cancel: threading.Event) -> Path:
    """All or nothing: made beside, tried, then moved into place."""
    scratch = Path(tempfile.mkdtemp(prefix="new-", dir=packs_dir()))
    try:
        site = scratch / pytorch.SITE
        wanted = scratch / "wanted.txt"
        wanted.write_text(
            "".join(f"{_downloads() / part.file} --hash=sha256:{part.sha256}\n" for part in build.parts),
            encoding="utf-8",
        )
        with _uv(scratch) as uv:
            command = [str(uv), "pip", "install", "--python", sys.executable, "--target", str(site), "--no-deps"]
            command += ["--offline", "--no-index", "--no-config", "--require-hashes", "--requirements", str(wanted)]
            whole = build.on_disk
            _run(command, scratch, cancel, lambda: report(Progress(KEY, "convert", _size(scratch / "cache"), whole)))
        _try(site, scratch, cancel)
        card = {
            "torch": build.torch,
            "build": build.kind,
            "python": build.python,
            "installed_at": time.time(),
            "bytes": _size(site),
        }
        shutil.rmtree(build.folder, ignore_errors=True)
        build.folder.mkdir()
        site.rename(build.folder / pytorch.SITE)
        (build.folder / pytorch.CARD).write_text(json.dumps(card), encoding="utf-8")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for folder, _ in pytorch.packs():
        if folder != build.folder:
            shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(_downloads(), ignore_errors=True)
    return build.folder


def _size(folder: Path) -> int:
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # it is being written
                total += os.lstat(os.path.join(root, name)).st_size  # noqa: PTH118  twenty thousand files
    return total


def _run(command: list[str], scratch: Path, cancel: threading.Event, tell: Callable[[], None]) -> None:
    """Raises `Cancelled`, or `ModelError` with the last words of the command."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_", "PYTHON"))}
    # Its cache beside the pack, so that files are linked instead of copied.
    environment |= {"UV_CACHE_DIR": str(scratch / "cache"), "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    words = scratch / "words.txt"
    with words.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, creationflags=flags
        )
    try:
        while process.poll() is None:
            if cancel.wait(_LOOK_EVERY):
                raise http_reader.Cancelled(tr("The installation was cancelled."), tr("What was fetched is kept."))
            tell()
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
    if process.returncode:
        said = words.read_text(encoding="utf-8", errors="replace").strip()
        log.info("%s: status %s\n%s", command[0], process.returncode, said)
        reason = said.splitlines()[-1] if said else f"status {process.returncode}"
        raise ModelError(tr("The PyTorch pack could not be installed: {reason}", reason=reason), tr("Try again."))


def _try(site: Path, scratch: Path, cancel: threading.Event) -> None:
    """Imports it in a process of its own: a library that is missing is found now, not in the middle of the work."""
    code = f"import sys; sys.path.append({str(site)!r}); import torch, torchvision; torch.ones(2, 2) @ torch.ones(2, 2)"
    _run([sys.executable, "-I", "-B", "-c", code], scratch, cancel, lambda: None)


def remove() -> bool:
    """Deletes the pack and what was fetched for one. False where there was nothing."""
    folders = [folder for folder, _ in pytorch.packs()]
    ours = ("new-", "pytorch-", "downloads")
    left_over = [folder for folder in packs_dir().iterdir() if folder.name.startswith(ours)]
    try:
        for folder in (*folders, *left_over):
            (folder / pytorch.CARD).unlink(missing_ok=True)  # what is left by an error is not used
            if folder.exists():
                shutil.rmtree(folder)
    except OSError as error:
        raise ModelError(
            tr("The PyTorch pack cannot be deleted: {reason}.", reason=error.strerror or error),
            tr("Close Regard, then type: regard models pack remove"),
        ) from error
    return bool(folders or left_over)
