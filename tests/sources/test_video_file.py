"""Videos: every frame, exact seeking, and damage that is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.source import Notify, SourceNotice
from desktop_app.errors import SourceUnreadable
from desktop_app.sources import open_source
from desktop_app.sources.video_file import VideoFile
from tests.sources import corpus

_CLIPS = ["clip.mp4", "clip.mkv", "clip.ts", "clip.avi", "clip.webm", "variable.mkv"]


def _video(path: Path, notify: Notify, stop: threading.Event) -> VideoFile:
    source = open_source([str(path)], notify, stop)
    assert isinstance(source, VideoFile)
    return source


@pytest.mark.parametrize("name", _CLIPS)
def test_every_frame_in_order(
    name: str, media: Path, notify: Notify, notices: list[SourceNotice], stop: threading.Event
) -> None:
    with _video(media / name, notify, stop) as source:
        frames = list(source)
        info = source.info
    assert [corpus.number_of(f.bgr) for f in frames] == list(range(90)) == [f.index for f in frames]
    times = [f.media_time for f in frames if f.media_time is not None]
    assert len(times) == 90
    assert all(a < b for a, b in pairwise(times))
    assert info.frame_count == 90
    assert info.duration == pytest.approx(4.83 if name == "variable.mkv" else 2.97, abs=0.06)
    assert not notices


@pytest.mark.parametrize("name", _CLIPS)
@pytest.mark.parametrize("played", [False, True])
def test_seek_gives_just_that_frame(
    name: str, played: bool, media: Path, notify: Notify, stop: threading.Event
) -> None:
    with _video(media / name, notify, stop) as source:
        if played:
            assert len(list(source)) == 90
        for target in (45, 10, 44, 89, 88, 31, 59, 1, 70, 0, 45):
            source.seek(target)
            frames = iter(source)
            for expected in range(target, min(target + 3, 90)):
                frame = next(frames)
                assert (frame.index, corpus.number_of(frame.bgr)) == (expected, expected)


def test_seek_beyond_the_end_is_the_last_frame(media: Path, notify: Notify, stop: threading.Event) -> None:
    with _video(media / "clip.mp4", notify, stop) as source:
        source.seek(5000)
        assert [f.index for f in source] == [89]


@pytest.mark.parametrize("name", ["clip.mkv", "clip.avi"])
def test_a_video_cut_short_says_where_it_ended(
    name: str, media: Path, tmp_path: Path, notify: Notify, notices: list[SourceNotice], stop: threading.Event
) -> None:
    data = (media / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) * 6 // 10])
    with _video(tmp_path / name, notify, stop) as source:
        count = len(list(source))
    assert 10 < count < 80
    assert [n.kind for n in notices] == ["damaged"]
    assert f"at frame {count} of" in str(notices[0].error)


def test_zeros_in_the_middle_do_not_end_it(media: Path, tmp_path: Path, notify: Notify, stop: threading.Event) -> None:
    (tmp_path / "x.avi").write_bytes(corpus.zeroed((media / "clip.avi").read_bytes(), 0.3, 0.4))
    with _video(tmp_path / "x.avi", notify, stop) as source:
        numbers = [corpus.number_of(f.bgr) for f in source]
    assert numbers[:20] == list(range(20))
    assert numbers[-1] == 89


def test_unreadable_videos_are_named(media: Path, tmp_path: Path, notify: Notify, stop: threading.Event) -> None:
    whole = (media / "clip.mp4").read_bytes()
    cases = {"cut.mp4": whole[: len(whole) // 2], "header.mkv": (media / "clip.mkv").read_bytes()[:200]}
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        words = f"{name} holds no video"
        with pytest.raises(SourceUnreadable, match=words), open_source([str(tmp_path / name)], notify, stop):
            pass


def test_text_never_reaches_ffmpeg(tmp_path: Path, notify: Notify, stop: threading.Event, media: Path) -> None:
    """FFmpeg would show a text file as a video, and follow a playlist to other files."""
    playlist = f"#EXTM3U\n#EXTINF:1,\n{media / 'clip.ts'}\n"
    for name, text in {
        "x.mp4": "hello " * 500,
        "x.m3u8": playlist,
        "x.txt": "ffconcat version 1.0\nfile clip.ts\n",
    }.items():
        (tmp_path / name).write_text(text)
        with (
            pytest.raises(SourceUnreadable, match=f"{name} is neither a picture nor a video"),
            open_source([str(tmp_path / name)], notify, stop),
        ):
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have Unicode names only")
def test_names_that_are_not_unicode(media: Path, tmp_path: Path, notify: Notify, stop: threading.Event) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/a\xff%d:b.mp4")
    os.link(media / "clip.mp4", path)
    with open_source([path], notify, stop) as source:
        assert len(list(source)) == 90
        info = source.info
    assert info.title == "a\\xff%d:b.mp4"
    assert info.spec.encode()
    with open_source([info.spec], notify, stop) as again:
        assert again.info.frame_count == 90


_MUTATE = """
import json, sys, threading
import numpy as np
from desktop_app.errors import SourceUnreadable
from desktop_app.sources import open_source
from tests.sources import corpus
data, folder, seed = open(sys.argv[1], "rb").read(), sys.argv[2], int(sys.argv[3])
random = np.random.default_rng(seed)
opened = 0
for n in range(40):
    path = f"{folder}/{n}.bin"
    with open(path, "wb") as file:
        file.write(corpus.flipped(data, random, int(random.choice([1, 10, 200]))))
    try:
        with open_source([path], lambda notice: None, threading.Event()) as source:
            opened += len(list(source)) > 0
            if source.info.seekable:
                source.seek(int(random.integers(90)))
                next(iter(source), None)
    except SourceUnreadable:
        pass
print(json.dumps(opened))
"""


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.avi"])
def test_flipped_bits_crash_nothing_and_log_little(name: str, media: Path, tmp_path: Path) -> None:
    seed = str(np.frombuffer(name.encode(), np.uint8).sum())
    command = [sys.executable, "-c", _MUTATE, str(media / name), str(tmp_path), seed]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) > 10
    assert len(done.stderr.splitlines()) <= 20, done.stderr[:2000]
