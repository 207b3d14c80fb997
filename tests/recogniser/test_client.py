"""The real child process, on the demo source, without a model unless a test names one."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from desktop_app.core.address import Login
from desktop_app.core.model import Placement
from desktop_app.core.picture import Picture
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import GaveUp, RecogniserClient, Restarting, _Memory
from desktop_app.recogniser.scaling import scaled_down


class Watcher:
    """Polls a client as the window's timer does, and keeps what came."""

    def __init__(self, client: RecogniserClient) -> None:
        self.client = client
        self.events: list[m.Event] = []
        self.frame: Picture | None = None
        self.frames = 0

    def until(self, condition: Callable[[], object], timeout: float = 20.0) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"timed out; events: {self.events[-8:]}"
            self.turn()

    def turn(self) -> None:
        self.events += self.client.poll()
        frame = self.client.newest_frame()
        if frame is not None:
            self.frame = frame
            self.frames += 1
        signal.sigtimedwait([], 0.005)

    def shows(self, width: int, height: int) -> bool:
        """A frame of this size is there, however small the picture."""
        return self.frame is not None and (self.frame.width, self.frame.height) == (width, height)

    def of(self, kind: type[m.Event]) -> list[m.Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def phases(self) -> list[str]:
        return [event.phase for event in self.events if isinstance(event, m.SourceState)]


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    client = RecogniserClient()
    client.start()
    yield Watcher(client)
    pid = client.pid
    client.stop()
    assert client.pid is None
    if pid is not None:
        assert not Path(f"/proc/{pid}/cmdline").exists() or os.name == "nt"
    assert not list(Path("/dev/shm").glob(f"regard-{os.getpid()}-*"))


def test_frames_of_the_demo_arrive(watcher: Watcher) -> None:
    watcher.client.send(m.OpenSource(1, ("demo:",)))
    watcher.until(lambda: watcher.frames >= 5)
    opened = watcher.of(m.SourceOpened)[0]
    assert isinstance(opened, m.SourceOpened)
    assert opened.info.live
    assert watcher.frame is not None
    assert (watcher.frame.width, watcher.frame.height) == (opened.info.width, opened.info.height)
    assert watcher.phases()[:2] == ["opening", "live"]
    watcher.until(lambda: watcher.of(m.Stats))


def test_a_still_is_shown_and_turned(watcher: Watcher, bus: Path) -> None:
    watcher.client.send(m.OpenSource(1, (str(bus),)))
    watcher.until(lambda: watcher.frame is not None and "ended" in watcher.phases())
    assert watcher.frame is not None
    assert watcher.frame.pixels.shape == (1080, 810, 4)
    watcher.frame = None
    watcher.client.send(m.SetOrientation(mirror=False, rotation=90))
    watcher.until(lambda: watcher.frame is not None)
    turned: Picture | None = watcher.frame
    assert turned is not None
    assert turned.pixels.shape == (810, 1080, 4)


def test_a_larger_picture_gets_a_larger_ring(watcher: Watcher, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (3000, 2000), (10, 20, 30)).save(tmp_path / "large.png")
    watcher.client.send(m.OpenSource(1, ("demo:",)))
    watcher.until(lambda: watcher.frames >= 2)
    watcher.client.send(m.OpenSource(2, (str(tmp_path / "large.png"),)))
    watcher.until(lambda: watcher.frame is not None and watcher.frame.width == 3000)
    assert watcher.frame is not None
    assert watcher.frame.pixels[0, 0].tolist() == [30, 20, 10, 255]


def whole_frame(watcher: Watcher, number: int) -> np.ndarray | None:
    before = len(watcher.of(m.WholeFrame))
    watcher.client.send(m.GetFrame(number))
    watcher.until(lambda: len(watcher.of(m.WholeFrame)) > before)
    answer = watcher.of(m.WholeFrame)[-1]
    assert isinstance(answer, m.WholeFrame)
    assert answer.number == number
    return None if answer.bgr is None else np.frombuffer(answer.bgr, np.uint8).reshape(*answer.shape, 3)


def test_the_picture_is_as_large_as_it_is_seen_and_the_whole_frame_can_be_had(watcher: Watcher, bus: Path) -> None:
    watcher.client.send(m.OpenSource(1, (str(bus),)))
    watcher.until(lambda: watcher.frame is not None)
    assert watcher.frame is not None
    upright = watcher.frame.pixels[:, :, :3].copy()
    watcher.client.send(m.SetView(400, 300))
    watcher.until(lambda: watcher.frame is not None and not watcher.frame.whole)
    for mirror, rotation in ((True, 90), (True, 180), (False, 270)):
        size = (1080, 810) if rotation % 180 else (810, 1080)
        watcher.client.send(m.SetOrientation(mirror, rotation))
        watcher.until(partial(watcher.shows, *size))
        assert watcher.frame is not None
        assert watcher.frame.pixels.shape[:2] == ((300, 400) if rotation % 180 else (300, 225))
        turned = np.rot90(upright, -(rotation // 90))
        wanted = np.ascontiguousarray(turned[:, ::-1] if mirror else turned)
        whole = whole_frame(watcher, watcher.frame.number)
        assert whole is not None
        np.testing.assert_array_equal(whole, wanted)
        # The first may have been made in haste; the one that stays was made with care.
        watcher.until(partial(shows_pixels, watcher, scaled_down(whole, *watcher.frame.pixels.shape[1::-1])))
    assert whole_frame(watcher, 12345) is None


def shows_pixels(watcher: Watcher, wanted: NDArray[np.uint8]) -> bool:
    frame = watcher.frame
    return frame is not None and np.array_equal(frame.pixels[:, :, :3], wanted)


@pytest.mark.logs_warnings
def test_a_new_child_knows_how_large_the_picture_is(watcher: Watcher) -> None:
    watcher.client.send(m.SetView(320, 200))
    watcher.client.send(m.OpenSource(1, ("demo:",)))
    watcher.until(lambda: watcher.frames >= 1)
    pid = watcher.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    watcher.until(lambda: watcher.of(Restarting))
    watcher.frame = None
    watcher.until(partial(watcher.shows, 960, 720))
    small: Picture | None = watcher.frame
    assert small is not None
    assert small.pixels.shape == (200, 267, 4)


def test_what_arrives_wakes_the_window_once_until_it_has_polled(watcher: Watcher) -> None:
    watcher.until(lambda: watcher.of(m.Ready))
    woken = threading.Semaphore(0)
    watcher.client.listen(woken.release)
    watcher.client.poll()
    watcher.client.send(m.OpenSource(1, ("demo:",)))
    assert woken.acquire(timeout=20)
    assert not woken.acquire(timeout=0.3)  # much has come since, and nobody has looked
    assert watcher.client.poll()
    assert woken.acquire(timeout=20)


@pytest.mark.logs_warnings
def test_a_killed_child_comes_back_with_the_same_source(watcher: Watcher) -> None:
    watcher.client.send(m.OpenSource(1, ("demo:",)))
    watcher.until(lambda: watcher.frames >= 2)
    pid = watcher.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    watcher.until(lambda: watcher.of(Restarting))
    before = watcher.frames
    watcher.until(lambda: watcher.frames > before + 2)
    assert watcher.client.pid != pid


@pytest.mark.logs_warnings
def test_a_paused_file_comes_back_paused(watcher: Watcher, bus: Path) -> None:
    watcher.client.send(m.OpenSource(1, (str(bus),)))
    watcher.until(lambda: watcher.frame is not None)
    watcher.client.send(m.Pause(True))
    pid = watcher.client.pid
    assert pid is not None
    watcher.frame = None
    os.kill(pid, signal.SIGKILL)
    before = len(watcher.events)
    watcher.until(lambda: watcher.frame is not None)
    watcher.until(lambda: any(isinstance(e, m.SourceState) and e.phase == "paused" for e in watcher.events[before:]))


@pytest.mark.logs_warnings
def test_after_five_deaths_within_a_minute_it_gives_up_until_something_is_opened(watcher: Watcher) -> None:
    for _ in range(6):
        watcher.until(lambda: watcher.client.pid is not None)
        pid = watcher.client.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        watcher.until(lambda pid=pid: watcher.client.pid != pid)  # type: ignore[misc]
    watcher.until(lambda: watcher.of(GaveUp))
    assert len(watcher.of(Restarting)) == 5
    watcher.client.send(m.OpenSource(1, ("demo:",)))
    watcher.until(lambda: watcher.frames >= 1)


def test_a_missing_file_is_told_in_words(watcher: Watcher, tmp_path: Path) -> None:
    watcher.client.send(m.OpenSource(1, (str(tmp_path / "missing.jpg"),)))
    watcher.until(lambda: "failed" in watcher.phases())
    state = watcher.of(m.SourceState)[-1]
    assert isinstance(state, m.SourceState)
    assert "missing.jpg" in state.message
    assert state.hint
    assert "Traceback" not in state.message


def test_an_unknown_model_is_told_in_words(watcher: Watcher) -> None:
    watcher.client.send(m.SetModels(1, ("resnet5",), Placement()))
    watcher.until(lambda: watcher.of(m.ModelFailed))
    failed = watcher.of(m.ModelFailed)[0]
    assert isinstance(failed, m.ModelFailed)
    assert "resnet50" in failed.hint


def test_errors_speak_the_language_of_the_window(watcher: Watcher, tmp_path: Path) -> None:
    watcher.client.send(m.SetLanguage("fr"))
    watcher.client.send(m.OpenSource(1, (str(tmp_path / "absent.jpg"),)))
    watcher.until(lambda: "failed" in watcher.phases())
    state = watcher.of(m.SourceState)[-1]
    assert isinstance(state, m.SourceState)
    from desktop_app import i18n

    i18n.set_language("fr")
    assert "absent.jpg" in state.message


def test_small_and_large_pictures_of_files_can_be_had(watcher: Watcher, bus: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    watcher.client.send(m.GetThumbnails((str(bus), str(tmp_path / "broken.jpg"))))
    watcher.until(lambda: bool(watcher.of(m.Thumbnails)))
    thumbnails = watcher.of(m.Thumbnails)[0]
    assert isinstance(thumbnails, m.Thumbnails)
    jpegs = {item.path: item.jpeg for item in thumbnails.items}
    assert Image.open(BytesIO(jpegs[str(bus)])).size == (216, 288)
    assert jpegs[str(tmp_path / "broken.jpg")] == b""

    watcher.client.send(m.GetPicture(str(bus), 300, 540))
    watcher.until(lambda: bool(watcher.of(m.PictureOfFile)))
    picture = watcher.of(m.PictureOfFile)[0]
    assert isinstance(picture, m.PictureOfFile)
    assert (picture.size, picture.shape) == ((810, 1080), (400, 300))
    assert len(picture.pixels) == 400 * 300 * 4
    watcher.client.send(m.GetPicture(str(tmp_path / "broken.jpg"), 300, 540))
    watcher.until(lambda: len(watcher.of(m.PictureOfFile)) == 2)
    broken = watcher.of(m.PictureOfFile)[1]
    assert isinstance(broken, m.PictureOfFile)
    assert "broken.jpg" in broken.message


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.logs_warnings
@pytest.mark.usefixtures("starter_models")
def test_a_batch_whose_recogniser_is_killed_loses_nothing_and_repeats_nothing(
    watcher: Watcher, bus: Path, tmp_path: Path
) -> None:
    small = tmp_path / "bus.jpg"
    Image.open(bus).resize((120, 160)).save(small)
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(120):
        os.link(small, folder / f"{number}.jpg")

    def told(*, known: bool) -> list[int]:
        events = [e for e in watcher.of(m.BatchRows) if isinstance(e, m.BatchRows) and e.known == known]
        return [row.index for event in events for row in event.rows]

    watcher.client.send(m.SetModels(1, ("efficientnet-lite0",), Placement()))
    watcher.client.send(m.OpenSource(1, (str(folder),)))
    watcher.until(lambda: len(told(known=False)) >= 5, 60)
    before = told(known=False)
    assert watcher.client.pid is not None
    os.kill(watcher.client.pid, signal.SIGKILL)
    watcher.until(lambda: watcher.of(Restarting), 60)
    watcher.until(lambda: len({*told(known=True), *told(known=False)}) == 120 and "ended" in watcher.phases(), 120)
    assert set(before) <= set(told(known=True))
    assert len(told(known=False)) == len(set(told(known=False)))


def test_the_child_ends_when_the_window_dies(tmp_path: Path) -> None:
    """A window that is killed leaves no process behind."""
    import subprocess
    import sys

    script = tmp_path / "window.py"
    script.write_text(
        "import time\n"
        "from desktop_app.recogniser.client import RecogniserClient\n"
        "if __name__ == '__main__':\n"
        "    client = RecogniserClient()\n"
        "    client.start()\n"
        "    while not any(type(e).__name__ == 'Ready' for e in client.poll()):\n"
        "        time.sleep(0.01)\n"
        "    print(client.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    root = Path(__file__).resolve().parents[2]
    window = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    window.kill()
    window.wait(10)
    window.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            break
        if state == "Z":
            break
        signal.sigtimedwait([], 0.05)
    else:
        pytest.fail("the recogniser outlived the window")


def test_a_new_child_gets_the_logins_before_the_source_that_needs_them() -> None:
    memory = _Memory()
    access = m.SetAccess((Login("cam:554", "anna", "s3cret"),), (("cam:554", "ab"),))
    for command in (m.OpenSource(1, ("rtsp://cam/live",)), access):
        memory.keep(command)
    assert memory.replay() == [access, m.OpenSource(1, ("rtsp://cam/live",))]
    assert "s3cret" not in repr(memory.replay())
