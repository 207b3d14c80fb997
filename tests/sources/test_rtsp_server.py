"""Against a real RTSP server (GStreamer's, of the system's Python); skipped where there is none."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.core.source import Notify, SourceNotice
from desktop_app.errors import CertificateUntrusted, LoginNeeded, SourceUnreadable
from desktop_app.sources import access, open_source
from tests.sources.fault_server import SECRET

HERE = Path(__file__).parent
PYTHON = "/usr/bin/python3"
pytestmark = pytest.mark.skipif(
    not Path(PYTHON).exists()
    or subprocess.run(
        [
            PYTHON,
            "-c",
            "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer",
        ],
        capture_output=True,
        check=False,
    ).returncode
    != 0,
    reason="no gst-rtsp-server",
)


@contextlib.contextmanager
def rtsp_server(auth: str, *certificate: str, port: int = 0) -> Iterator[int]:
    command = [PYTHON, str(HERE / "gst_rtsp.py"), str(port), auth, *certificate]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline().split()[1])
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def no_access() -> Iterator[None]:
    yield
    access.forget()


def _sees(url: str, notify: Notify, stop: threading.Event, frames: int = 3) -> None:
    with open_source([url], notify, stop) as source:
        assert (source.info.width, source.info.height) == (320, 240)
        assert SECRET not in repr(source.info)
        assert [frame.index for frame in itertools.islice(source, frames)] == list(range(frames))


def test_plain_and_a_path_that_is_not_there(notify: Notify, stop: threading.Event) -> None:
    with rtsp_server("none") as port:
        _sees(f"rtsp://127.0.0.1:{port}/live", notify, stop)
        with (
            pytest.raises(SourceUnreadable, match="does not exist"),
            open_source([f"rtsp://127.0.0.1:{port}/other"], notify, stop),
        ):
            pass


@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_logins(auth: str, notify: Notify, stop: threading.Event, capfd: pytest.CaptureFixture[str]) -> None:
    with rtsp_server(auth) as port:
        url = f"rtsp://127.0.0.1:{port}/live"
        with pytest.raises(LoginNeeded, match="asks for a name") as asked, open_source([url], notify, stop):
            pass
        assert not asked.value.refused
        wrong = f"rtsp://anna:wr0ng@127.0.0.1:{port}/live"
        with pytest.raises(LoginNeeded, match="does not accept") as refused, open_source([wrong], notify, stop):
            pass
        assert refused.value.refused
        assert "wr0ng" not in str(refused.value)
        _sees(f"rtsp://anna:{SECRET}@127.0.0.1:{port}/live", notify, stop)
    assert SECRET not in "".join(capfd.readouterr())


def test_a_certificate_is_accepted_knowingly(notify: Notify, stop: threading.Event) -> None:
    with rtsp_server("none", str(HERE / "camera.crt"), str(HERE / "camera.key")) as port:
        url = f"rtsps://127.0.0.1:{port}/live"
        with pytest.raises(CertificateUntrusted, match="signed it itself") as asked, open_source([url], notify, stop):
            pass
        access.allow(certificates=[(asked.value.place, "0" * 64)])
        with (
            pytest.raises(CertificateUntrusted, match="not the one that was accepted"),
            open_source([url], notify, stop),
        ):
            pass
        access.allow(certificates=[(asked.value.place, asked.value.fingerprint)])
        _sees(url, notify, stop)


def test_a_server_that_dies_and_comes_back(
    notify: Notify, notices: list[SourceNotice], stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.sources.live.RETRY_DELAYS", (0.1,))
    with contextlib.ExitStack() as servers:
        first = servers.enter_context(contextlib.ExitStack())
        port = first.enter_context(rtsp_server("none"))

        def back(notice: SourceNotice) -> None:
            notices.append(notice)
            if notice.kind == "lost" and len(notices) == 2:
                servers.enter_context(rtsp_server("none", port=port))

        with open_source([f"rtsp://127.0.0.1:{port}/live"], back, stop) as source:
            frames = iter(source)
            next(frames)
            first.close()
            # What was on its way still comes; then the signal is lost and found again.
            while not notices or notices[-1].kind != "live":
                next(frames)
    assert notices[0].kind == "lost"
    assert "sends no more pictures" in str(notices[0].error)
