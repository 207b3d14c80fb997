"""Where weights lie: fetched when a model is picked, and hashed again before each load.

What a file must be:
- a starter: the pinned hash of `origins.PACKAGES`;
- from a mirror whose SHA256SUMS names it: that hash, before all others;
- from torchvision: the beginning of the hash that its maker wrote into the file name;
- from Ultralytics, who publish no hash: a whole checkpoint, over https.
The full hash of what was accepted is noted beside the file (`<file>.sha256`) and must stay. That finds damage, not
an attacker who can write to the folder: against those stands the safe loading of `checkpoints`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from desktop_app.core.model import ModelInfo
from desktop_app.core.progress import ReportProgress
from desktop_app.errors import WeightsDamaged, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models import download, formats, http_reader, origins, shipped
from desktop_app.models.download import Job, Remote
from desktop_app.paths import models_dir

log = logging.getLogger(__name__)

sha256_of = download.sha256_of
_CHECKPOINTS = ("torch", "torch-legacy")
_mirror = ""
_known: dict[Path, tuple[tuple[int, int, int], str]] = {}  # file → (size, mtime, inode), hash; of this process only


def set_mirror(base_url: str) -> None:
    """Fetch `<base_url>/<file name>` instead of the makers' addresses; "" ends that."""
    global _mirror
    _mirror = base_url.strip()


def mirror() -> str:
    """The mirror in use, without a slash at the end. `REGARD_MODEL_MIRROR` counts before the setting."""
    return (os.environ.get("REGARD_MODEL_MIRROR", "").strip() or _mirror).rstrip("/")


def _package(info: ModelInfo) -> origins.Package | None:
    return origins.PACKAGES[info.key] if info.origin == "package" else None


def weights_path(info: ModelInfo) -> Path:
    """Where the weights lie or will lie: a file, or the folder of a package with several members."""
    package = _package(info)
    if package is None:
        return models_dir() / info.file_name
    return models_dir() / (package.folder or package.members[0].name)


def _files(info: ModelInfo) -> list[tuple[Path, str]]:
    """Each file of the model, and its hash as far as the catalogue knows it."""
    package = _package(info)
    if package is None:
        return [(weights_path(info), info.sha256)]
    return [(models_dir() / package.folder / member.name, member.sha256) for member in package.members]


def is_ready(info: ModelInfo) -> bool:
    """The model runs without a fetch: its weights are on this machine (their hash is checked when they are loaded), or
    its network came with the program."""
    return shipped.holds(info) or _is_whole(info)


def _is_whole(info: ModelInfo) -> bool:
    return all(path.is_file() for path, _ in _files(info))


def disk_bytes(info: ModelInfo) -> int:
    """What the weights take on this machine, unfinished downloads included."""
    every = [path for file, _ in _files(info) for path in (file, _part(file))]
    return sum(path.stat().st_size for path in every if path.is_file())


def remove(info: ModelInfo) -> None:
    """Deletes the weights and what belongs to them. A user's file outside the model folder stays."""
    package = _package(info)
    paths = [path for path, _ in _files(info)]
    if package is not None:
        paths.append(models_dir() / package.archive)
    for path in paths:
        if not path.resolve().is_relative_to(models_dir().resolve()):
            continue
        for old in (path, _note(path), _part(path), path.with_name(path.name + ".part.json")):
            old.unlink(missing_ok=True)
        _known.pop(path, None)
    if package is not None and package.folder:
        with contextlib.suppress(OSError):  # not empty: the user put something there
            (models_dir() / package.folder).rmdir()


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _noted(path: Path) -> str:
    try:
        words = _note(path).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return ""
    return words[0].lower() if words and re.fullmatch(r"[0-9a-fA-F]{64}", words[0]) else ""


def _write_note(path: Path, sha256: str) -> None:
    scratch = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    scratch.write_text(f"{sha256}  {path.name}\n", encoding="utf-8")
    scratch.replace(_note(path))


def _hash(path: Path) -> str:
    """Hashed once as long as the file stays the same file."""
    status = path.stat()
    stamp = (status.st_size, status.st_mtime_ns, status.st_ino)
    known = _known.get(path)
    if known is None or known[0] != stamp:
        known = _known[path] = (stamp, sha256_of(path))
    return known[1]


def _is_right(info: ModelInfo) -> bool:
    """Every file has the hash it must have. A file that somebody put there by hand is noted at its first use."""
    for path, published in _files(info):
        actual = _hash(path)
        wanted = published if info.origin in ("package", "file") else _noted(path) or published
        if not actual.startswith(wanted.lower()):
            return False
        if info.origin in ("torchvision", "ultralytics") and not _noted(path):
            if formats.sniff(path) not in _CHECKPOINTS:
                return False
            with contextlib.suppress(OSError):
                _write_note(path, actual)
    return True


@contextlib.contextmanager
def locked(name: str, cancel: threading.Event | None) -> Iterator[None]:
    """One thread of one process at a time. The system frees the lock of a process that dies."""
    folder = models_dir() / ".locks"
    pause = cancel or threading.Event()
    try:
        folder.mkdir(exist_ok=True)
        file = (folder / f"{name}.lock").open("ab")
    except OSError:  # a folder that nobody can write to: nothing can collide, and what is there can be used
        yield
        return
    with file:
        while not _try_lock(file.fileno()):
            if pause.wait(0.2):
                raise http_reader.Cancelled(tr("The download was cancelled."))
        yield  # closing the file frees it


if sys.platform == "win32":

    def _try_lock(handle: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try_lock(handle: int) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def ensure(info: ModelInfo, report: ReportProgress, cancel: threading.Event | None = None) -> Path:
    """The weights, whole and right: fetched where they are missing, and fetched again where they are damaged.

    Returns the file, or the folder of a package with several members (yolov3-tiny: its .cfg and .weights).
    Raises `http_reader.Cancelled`, `WeightsUnavailable`, `WeightsDamaged`. Several threads and processes may call it.
    """
    path = weights_path(info)
    with locked(path.name, cancel):
        try:
            _ensure(info, Job(info.key, info.title, report, cancel))
        except OSError as error:
            raise download.unwritable(error, path, info.title) from error
    return path


def _ensure(info: ModelInfo, job: Job) -> None:
    damaged = False
    if _is_whole(info):
        if _is_right(info):
            return
        damaged = True
        log.info("the weights of %s have another hash than they had", info.key)
    if info.origin == "file":
        raise _user_file_gone(info, damaged=damaged)
    if damaged:
        _set_aside(info)
    try:
        _fetch(info, job)
    except WeightsUnavailable as error:
        if not damaged or isinstance(error, http_reader.Cancelled):
            raise
        raise WeightsDamaged(
            tr("The weights of {title} on this machine are damaged. {reason}", title=info.title, reason=error.message),
            error.hint,
        ) from error


def _user_file_gone(info: ModelInfo, *, damaged: bool) -> WeightsDamaged | WeightsUnavailable:
    hint = tr("Import the model file again.")
    if damaged:
        return WeightsDamaged(tr("The file of {title} has changed since it was imported.", title=info.title), hint)
    return WeightsUnavailable(tr("The file of {title} is no longer there.", title=info.title), hint)


def _set_aside(info: ModelInfo) -> None:
    """Damaged weights are renamed, not deleted: a file that the user put there by hand may be one of a kind."""
    for path, _ in _files(info):
        if path.is_file():
            path.replace(path.with_name(path.name + ".damaged"))
        _note(path).unlink(missing_ok=True)


def _fetch(info: ModelInfo, job: Job) -> None:
    package = _package(info)
    if package is not None:
        archive = models_dir() / package.archive
        origins.fetch_archive(package, archive, mirror(), job)
        origins.take_members(archive, package, models_dir() / package.folder, info.title)
        archive.unlink()
        return
    path, base = weights_path(info), mirror()

    def accept(part: Path, sha256: str) -> None:
        if formats.sniff(part) not in _CHECKPOINTS:
            raise download.damaged(info.title)
        _write_note(path, sha256)

    listed = _sums(base, job.cancel).get(info.file_name, "") if base else ""
    url = f"{base}/{urllib.parse.quote(info.file_name)}" if base else info.source_url
    download.fetch(Remote(url, info.bytes, sha256=listed or info.sha256), path, job, accept)


def _sums(base: str, cancel: threading.Event | None) -> dict[str, str]:
    answer = http_reader.read_small(f"{base}/SHA256SUMS", cancel, limit=4 << 20)
    if answer is None or answer[0].content_type == "text/html":
        return {}
    return parse_sums(answer[1].decode("utf-8", errors="replace"))


def parse_sums(text: str) -> dict[str, str]:
    """File name → SHA-256 of a list as `sha256sum` writes it, also with `--binary` and `--tag`."""
    sums: dict[str, str] = {}
    for line in text.lstrip("\ufeff").splitlines():
        plain = re.fullmatch(r"\\?([0-9a-fA-F]{64}) [ *](.+?)\s*", line)
        tagged = re.fullmatch(r"SHA256 \((.+)\) = ([0-9a-fA-F]{64})\s*", line)
        if plain:
            sums[plain[2].removeprefix("./")] = plain[1].lower()
        elif tagged:
            sums[tagged[1].removeprefix("./")] = tagged[2].lower()
    return sums
