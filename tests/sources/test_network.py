"""Network cameras that are well, that say no, and that fall silent; the server is a real one on loopback."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.core.address import Login
from desktop_app.core.source import Notify, SourceNotice
from desktop_app.errors import CertificateUntrusted, LoginNeeded, SourceError, SourceUnreadable
from desktop_app.sources import access, describe, ffmpeg_stream, limits, mjpeg, open_source, tls, wire
from tests.sources import corpus
from tests.sources.fault_server import SECRET, FaultServer, RtspStub, SilentPort


@pytest.fixture(autouse=True)
def no_logins() -> Iterator[None]:
    yield
    access.forget()


@pytest.fixture
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same paths, less waiting."""
    for module in (wire, tls):
        monkeypatch.setattr(module, "ANSWER_SECONDS", 0.6)
    for module in (mjpeg, ffmpeg_stream):
        monkeypatch.setattr(module, "STREAM_STALL_SECONDS", 0.7)
        monkeypatch.setattr(module, "FIRST_FRAME_SECONDS", 0.7)
    monkeypatch.setattr(ffmpeg_stream, "OPEN_SECONDS", 0.7)


_SENTENCES = {
    "html": "is a web page or text",
    "401": "asks for a name and a password",
    "404": "does not exist on this server",
    "500": "answers with error 500",
    "loop": "leads round in circles",
    "tofile": "does not send a video",
    "noheader": "does not answer",
    "slowheader": "does not answer",
    "nobody": "does not send a video",
    "trickle": "does not send a video",
    "garbage": "does not send a video",
}


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("path", _SENTENCES)
def test_each_fault_has_its_sentence(path: str, server: FaultServer, notify: Notify, stop: threading.Event) -> None:
    url = server.url(path)
    with pytest.raises(SourceUnreadable, match=_SENTENCES[path]) as caught, open_source([url], notify, stop):
        pass
    assert f"127.0.0.1:{server.port}" in caught.value.message
    assert caught.value.hint


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("scheme", ["http", "rtsp", "https", "rtsps"])
def test_a_silent_port(scheme: str, notify: Notify, stop: threading.Event) -> None:
    with (
        SilentPort() as silent,
        pytest.raises(SourceUnreadable, match="does not answer"),
        open_source([f"{scheme}://127.0.0.1:{silent.port}/x"], notify, stop),
    ):
        pass


def test_a_closed_port(notify: Notify, stop: threading.Event) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(SourceUnreadable, match="refuses the connection"), open_source([url], notify, stop):
            pass


_RTSP: list[tuple[int, str, str, str]] = [
    (401, 'WWW-Authenticate: Basic realm="x"\r\n', "", "asks for a name"),
    (401, 'WWW-Authenticate: Basic realm="x"\r\n', f"anna:{SECRET}@", "does not accept this name"),
    (401, 'WWW-Authenticate: Digest realm="x", nonce="1"\r\n', f"anna:{SECRET}@", "does not accept this name"),
    (403, "", f"anna:{SECRET}@", "does not accept this name"),
    (500, "", "", "answers with error 500"),
    (404, "", "", "does not exist on this server"),
    (200, "", "", "does not send a video"),
]


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize(("status", "headers", "user", "words"), _RTSP)
def test_rtsp_refusals(
    status: int,
    headers: str,
    user: str,
    words: str,
    notify: Notify,
    stop: threading.Event,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with RtspStub(status, headers) as stub:
        url = f"rtsp://{user}127.0.0.1:{stub.port}/live"
        with pytest.raises(SourceUnreadable, match=words) as caught, open_source([url], notify, stop):
            pass
        assert stub.seen
        assert not any(SECRET in line for line in stub.seen)
    assert SECRET not in str(caught.value)
    assert SECRET not in "".join(capfd.readouterr())


def test_name_and_password_open_but_are_never_shown(
    server: FaultServer, notify: Notify, stop: threading.Event, capfd: pytest.CaptureFixture[str]
) -> None:
    url = server.url("auth", f"anna:{SECRET}@")
    with open_source([url], notify, stop) as source:
        assert corpus.number_of(next(iter(source)).bgr) < 5
        assert source.info.spec == server.url("auth")
        assert "anna" not in source.info.title
    access.forget()
    wrong = server.url("auth", "anna:wrong@")
    with pytest.raises(SourceUnreadable, match="does not accept") as caught, open_source([wrong], notify, stop):
        pass
    assert "wrong" not in str(caught.value)
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("url", "title"),
    [
        (f"rtsp://anna:{SECRET}@host:554/a?pwd={SECRET}", "rtsp://host:554/a"),
        ("http://host/a@b", "http://host/a@b"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        (f"http://anna:{SECRET}", "http://anna"),
        (f"http://anna:a/{SECRET}?b#c@host:80/x", "http://host"),
        (f"HTTP://anna:{SECRET}#@host", "HTTP://host"),
    ],
)
def test_titles_hold_no_secret(url: str, title: str) -> None:
    assert describe(url) == title


def test_frames_come_in_order_and_redirects_are_followed(
    server: FaultServer, notify: Notify, stop: threading.Event
) -> None:
    with open_source([server.url("moved")], notify, stop) as source:
        numbers = [corpus.number_of(f.bgr) for f in itertools.islice(source, 20)]
    assert numbers == list(range(numbers[0], numbers[0] + 20))


@pytest.mark.usefixtures("short_limits")
@pytest.mark.parametrize("path", ["stall", "die", "reset", "blip"])
def test_a_lost_stream_comes_back(
    path: str, server: FaultServer, notices: list[SourceNotice], notify: Notify, stop: threading.Event
) -> None:
    with open_source([server.url(path)], notify, stop) as source:
        frames = [f.index for f in itertools.islice(source, 14)]
    assert frames == list(range(14))
    assert [n.kind for n in notices[:2]] == ["lost", "live"]
    assert notices[0].retry_in == limits.RETRY_DELAYS[0]
    assert "sends no more pictures" in str(notices[0].error)


@pytest.mark.usefixtures("short_limits")
def test_a_restarted_server(
    jpegs: list[bytes], notices: list[SourceNotice], stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gone for two attempts, then back on the same port."""
    monkeypatch.setattr("desktop_app.sources.live.RETRY_DELAYS", (0.05, 0.05, 0.05))
    first = FaultServer(jpegs)
    second: list[FaultServer] = []

    def notify(notice: SourceNotice) -> None:
        notices.append(notice)
        if len(notices) == 3:
            second.append(FaultServer(jpegs, first.port))
            second[0].__enter__()

    with first:
        source = open_source([first.url("ok")], notify, stop)
        source.__enter__()
        frames = iter(source)
        next(frames)
    try:
        indices = [frame.index for frame in itertools.islice(frames, 30)]
        assert indices == list(range(1, 31))
        assert "live" in [n.kind for n in notices]
        assert all(isinstance(n.error, SourceError) for n in notices if n.kind == "lost")
    finally:
        source.__exit__(None, None, None)
        for running in second:
            running.__exit__(None, None, None)


@pytest.mark.parametrize(
    "spec", ["http://", "http:///x", "http://127.0.0.1:99999/", "rtsp://[", "http://a b/", "http://x\r\nHost: y/"]
)
def test_malformed_addresses(spec: str, notify: Notify, stop: threading.Event) -> None:
    with pytest.raises(SourceUnreadable, match="not a complete address"), open_source([spec], notify, stop):
        pass


@pytest.mark.parametrize("path", ["digest", "auth"])
def test_logins_that_were_given_before(path: str, server: FaultServer, notify: Notify, stop: threading.Event) -> None:
    url = server.url(path)
    with pytest.raises(LoginNeeded) as asked, open_source([url], notify, stop):
        pass
    access.allow([Login(asked.value.place, "anna", SECRET)])
    with open_source([url], notify, stop) as source:
        assert len(list(itertools.islice(source, 3))) == 3


def test_a_name_alone_replaces_no_login(server: FaultServer, notify: Notify, stop: threading.Event) -> None:
    access.allow([Login(f"127.0.0.1:{server.port}", "anna", SECRET)])
    with open_source([server.url("auth", "anna@")], notify, stop) as source:
        assert len(list(itertools.islice(source, 2))) == 2


def test_a_login_in_the_query(server: FaultServer, notify: Notify, stop: threading.Event) -> None:
    with open_source([server.url(f"query?usr=anna&pwd={SECRET}")], notify, stop) as source:
        assert source.info.spec == server.url("query?usr={user}&pwd={password}")
        assert SECRET not in repr(source.info)
        assert len(list(itertools.islice(source, 2))) == 2
    access.forget()
    with pytest.raises(LoginNeeded), open_source([server.url("query?usr={user}&pwd={password}")], notify, stop):
        pass


def test_a_video_file_behind_a_login(server: FaultServer, notify: Notify, stop: threading.Event) -> None:
    with open_source([server.url("private.mp4", f"anna:{SECRET}@")], notify, stop) as source:
        assert source.info.kind == "video"
        assert source.info.spec == server.url("private.mp4")
        assert SECRET not in repr(source.info)
        assert [frame.index for frame in itertools.islice(source, 5)] == list(range(5))


def test_one_connection_for_one_stream(server: FaultServer, notify: Notify, stop: threading.Event) -> None:
    """Many cameras serve one viewer only."""
    with open_source([server.url("ok")], notify, stop) as source:
        list(itertools.islice(source, 5))
    assert server.hits["ok"] == 1


def test_parts_without_a_length_in_chunks(server: FaultServer, notify: Notify, stop: threading.Event) -> None:
    with open_source([server.url("nolength")], notify, stop) as source:
        numbers = [corpus.number_of(f.bgr) for f in itertools.islice(source, 10)]
    assert numbers == sorted(numbers)


def test_a_slow_reader_gets_the_newest_frame(server: FaultServer, notify: Notify, stop: threading.Event) -> None:
    """While the reader is away frames pile up in the socket; it then sees the last of them."""
    with open_source([server.url("ok")], notify, stop) as source:
        frames = iter(source)
        before = corpus.number_of(next(frames).bgr)
        sent = server.sent
        while server.sent < sent + 30:
            stop.wait(0.02)
        behind = (server.sent - corpus.number_of(next(frames).bgr)) % len(server.jpegs)
    assert before < 10
    assert behind < 10


def test_an_encrypted_camera(jpegs: list[bytes], notify: Notify, stop: threading.Event) -> None:
    certificate = (Path(__file__).with_name("camera.crt"), Path(__file__).with_name("camera.key"))
    with FaultServer(jpegs, certificate=certificate) as secure:
        url = secure.url("auth", f"anna:{SECRET}@")
        with pytest.raises(CertificateUntrusted, match="signed it itself") as asked, open_source([url], notify, stop):
            pass
        assert not secure.hits, "a request before the certificate was accepted"
        access.allow(certificates=[(asked.value.place, "0" * 64)])
        with (
            pytest.raises(CertificateUntrusted, match="not the one that was accepted"),
            open_source([url], notify, stop),
        ):
            pass
        assert not secure.hits
        access.allow(certificates=[(asked.value.place, asked.value.fingerprint)])
        with open_source([url], notify, stop) as source:
            assert len(list(itertools.islice(source, 5))) == 5
