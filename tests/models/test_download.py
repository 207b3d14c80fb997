from __future__ import annotations

import hashlib
import socket
import threading
from pathlib import Path

import pytest

from desktop_app.core.progress import Progress
from desktop_app.errors import WeightsDamaged, WeightsUnavailable
from desktop_app.models import download, http_reader
from desktop_app.models.download import Job, Remote
from tests.models import mirror as kit
from tests.models.mirror import Mirror

BODY = bytes(range(256)) * 4000
SHA = hashlib.sha256(BODY).hexdigest()


class Fetch:
    """One target, fetched as often as a test wants."""

    def __init__(self, mirror: Mirror, folder: Path) -> None:
        self.url = f"{mirror.url}/weights.pth"
        self.target = folder / "weights.pth"
        self.part = folder / "weights.pth.part"
        self.heard: list[Progress] = []

    def __call__(self, sha256: str = SHA, cancel: threading.Event | None = None, **remote: object) -> None:
        job = Job("key", "Weights", self.heard.append, cancel)
        download.fetch(Remote(self.url, sha256=sha256, **remote), self.target, job)  # type: ignore[arg-type]


@pytest.fixture
def fetch(mirror: Mirror, tmp_path: Path) -> Fetch:
    mirror.files["weights.pth"] = BODY
    return Fetch(mirror, tmp_path)


def is_clean(fetch: Fetch) -> bool:
    """Nothing lies under the final name, and nothing wrong is kept for the next time."""
    return not fetch.target.exists() and not fetch.part.exists()


@pytest.mark.parametrize("mode", ["ok", "no-length", "no-range", "redirect", "truncated-then-resumable", "changes"])
def test_arrives_whole(mirror: Mirror, fetch: Fetch, mode: kit.Mode) -> None:
    mirror.modes["weights.pth"] = mode
    wanted = bytes(255 - byte for byte in BODY) if mode == "changes" else BODY
    fetch(hashlib.sha256(wanted).hexdigest())
    assert fetch.target.read_bytes() == wanted
    assert sorted(p.name for p in fetch.target.parent.iterdir() if p.name.startswith("weights")) == ["weights.pth"]


def test_progress_counts_to_the_end(fetch: Fetch) -> None:
    fetch()
    assert fetch.heard[-1].done == fetch.heard[-1].total == len(BODY)
    assert fetch.heard[-1].stage == "fetch"
    assert fetch.heard[-1].rate > 0
    assert [p.done for p in fetch.heard] == sorted(p.done for p in fetch.heard)


def test_goes_on_where_it_stopped(mirror: Mirror, fetch: Fetch) -> None:
    mirror.modes["weights.pth"] = "truncated"
    with pytest.raises(WeightsUnavailable, match="broke after 512000"):
        fetch()
    assert fetch.part.stat().st_size == len(BODY) // 2
    assert not fetch.target.exists()
    mirror.modes["weights.pth"] = "ok"
    fetch()
    assert mirror.asked("weights.pth")[-1] == f"bytes={len(BODY) // 2}-"
    assert fetch.target.read_bytes() == BODY


@pytest.mark.parametrize("mode", ["416", "416-mute", "no-range"])
def test_starts_anew_where_the_server_does_not_go_on(mirror: Mirror, fetch: Fetch, mode: kit.Mode) -> None:
    mirror.modes["weights.pth"] = "truncated"
    with pytest.raises(WeightsUnavailable):
        fetch()
    mirror.modes["weights.pth"] = mode
    fetch()
    assert fetch.target.read_bytes() == BODY


def test_status_416_means_that_all_is_there(mirror: Mirror, fetch: Fetch) -> None:
    mirror.modes["weights.pth"] = "truncated"
    with pytest.raises(WeightsUnavailable):
        fetch()
    fetch.part.write_bytes(BODY)
    mirror.modes["weights.pth"] = "416"
    before = len(mirror.requests)
    fetch()
    assert len(mirror.requests) == before + 1
    assert fetch.target.read_bytes() == BODY


def test_pieces_of_two_files_are_never_joined(mirror: Mirror, fetch: Fetch) -> None:
    mirror.modes["weights.pth"] = "truncated"
    with pytest.raises(WeightsUnavailable):
        fetch()
    fetch.part.write_bytes(bytes(len(BODY) // 2))  # not what the server sent
    mirror.modes["weights.pth"] = "ok"
    fetch()
    assert fetch.target.read_bytes() == BODY


def test_without_hash_only_the_servers_validator_allows_joining(mirror: Mirror, fetch: Fetch) -> None:
    mirror.modes["weights.pth"] = "changes"
    fetch(sha256="")
    assert mirror.asked("weights.pth") == [None, f"bytes={len(BODY) // 2}-", None]
    assert fetch.target.read_bytes() == bytes(255 - byte for byte in BODY)


@pytest.mark.parametrize("sha256", [SHA, SHA[:8]])
def test_wrong_bytes_are_thrown_away(mirror: Mirror, fetch: Fetch, sha256: str) -> None:
    mirror.modes["weights.pth"] = "wrong-bytes"
    with pytest.raises(WeightsDamaged, match="not the one that its maker published"):
        fetch(sha256)
    assert is_clean(fetch)


def test_wrong_size_is_thrown_away(fetch: Fetch) -> None:
    with pytest.raises(WeightsDamaged):
        fetch(sha256="", size=len(BODY) + 1, exact_size=True)
    assert is_clean(fetch)


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("html", "answered with a web page"),
        ("404", "There is no file at"),
        ("403", "does not let you fetch"),
        ("500", "could not send"),
    ],
)
def test_says_what_the_server_did(mirror: Mirror, fetch: Fetch, mode: kit.Mode, sentence: str) -> None:
    mirror.modes["weights.pth"] = mode
    with pytest.raises(WeightsUnavailable, match=sentence) as caught:
        fetch()
    assert caught.value.hint
    assert is_clean(fetch)


def test_a_page_without_its_type_is_seen(mirror: Mirror, fetch: Fetch) -> None:
    mirror.files["weights.pth"] = b"\n <!DOCTYPE html><title>Sign in</title>"
    with pytest.raises(WeightsUnavailable, match="web page"):
        fetch(sha256="")
    assert not fetch.target.exists()


def test_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    job = Job("key", "Weights", lambda progress: None)
    with pytest.raises(WeightsUnavailable, match=r"127\.0\.0\.1 cannot be reached") as caught:
        download.fetch(Remote(f"http://127.0.0.1:{port}/a.pth"), tmp_path / "a.pth", job)
    assert "mirror" in caught.value.hint


@pytest.mark.parametrize("mode", ["stall", "silent"])
def test_a_silent_server_is_given_up(
    mirror: Mirror, fetch: Fetch, mode: kit.Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert http_reader.READ_TIMEOUT == 30
    monkeypatch.setattr(http_reader, "READ_TIMEOUT", 0.3)
    mirror.modes["weights.pth"] = mode
    with pytest.raises(WeightsUnavailable, match=r"broke after|does not answer"):
        fetch()
    assert not fetch.target.exists()


@pytest.mark.parametrize("mode", ["slow", "stall"])
def test_cancelled_while_the_server_is_slow(mirror: Mirror, fetch: Fetch, mode: kit.Mode) -> None:
    """The read would wait for 30 s; a cancelled fetch returns at once and leaves no thread (the suite checks)."""
    mirror.modes["weights.pth"] = mode
    cancel = threading.Event()

    def hear(progress: Progress) -> None:
        cancel.set()

    job = Job("key", "Weights", hear, cancel)
    with pytest.raises(http_reader.Cancelled):
        download.fetch(Remote(fetch.url, sha256=SHA), fetch.target, job)
    assert not mirror.released.is_set()
    assert fetch.part.exists()
    assert not fetch.target.exists()


def test_cancelled_before_the_server_answers(mirror: Mirror, fetch: Fetch) -> None:
    mirror.modes["weights.pth"] = "silent"
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(http_reader.Cancelled):
        fetch(cancel=cancel)
    mirror.released.set()
    assert is_clean(fetch)


def test_accept_can_refuse(fetch: Fetch) -> None:
    def refuse(path: Path, sha256: str) -> None:
        assert path.read_bytes() == BODY
        assert sha256 == SHA
        raise WeightsDamaged("no")

    with pytest.raises(WeightsDamaged, match=r"^no"):
        download.fetch(Remote(fetch.url), fetch.target, Job("key", "Weights", fetch.heard.append), refuse)
    assert is_clean(fetch)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/a", "weights.pth", "http:///a", "data:,a"])
def test_only_http_and_https(url: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="http and https"):
        download.fetch(Remote(url), tmp_path / "a", Job("key", "Weights", lambda progress: None))
    assert not list(tmp_path.glob("a*"))


def test_login_goes_to_the_server_and_into_no_message(mirror: Mirror, fetch: Fetch) -> None:
    fetch.url = fetch.url.replace("http://", "http://anna:geheim@")
    fetch()
    assert mirror.authorization[-1] == "Basic YW5uYTpnZWhlaW0="
    assert "geheim" not in "".join(p.read_text() for p in fetch.target.parent.glob("*.json"))
    mirror.modes["weights.pth"] = "404"
    with pytest.raises(WeightsUnavailable) as caught:
        fetch()
    assert "geheim" not in str(caught.value)


def test_folder_that_cannot_be_written(fetch: Fetch) -> None:
    fetch.target.parent.joinpath("folder").write_text("a file")
    fetch.target = fetch.target.parent / "folder" / "weights.pth"
    with pytest.raises(WeightsUnavailable, match="cannot be written") as caught:
        fetch()
    assert "writable" in caught.value.hint
