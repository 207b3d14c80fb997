"""Every frame by its number, in whatever container; each frame carries the number in its pixels."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.core.frame import bgr_of
from desktop_app.core.media import file_identity, frame_at, time_of
from desktop_app.core.source import Notify, SourceNotice
from desktop_app.sources import open_source
from desktop_app.sources.video_index import VideoIndex, keep_index, kept_index
from desktop_app.sources.video_reader import VideoReader
from tests.sources import corpus

COUNT = 120
# name of the file: encoder, options of the encoder, options of the container
_KINDS: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "b-frames.mp4": ("libx264", {"bf": "3", "g": "30"}, {}),
    "fragmented.mp4": ("libx264", {"bf": "3", "g": "30"}, {"movflags": "frag_keyframe+empty_moov"}),
    "open-gop.mp4": ("libx264", {"g": "30", "x264-params": "open-gop=1:bframes=3"}, {}),
    "open-gop.mkv": ("libx264", {"g": "30", "x264-params": "open-gop=1:bframes=3"}, {}),
    "open-gop.ts": ("libx264", {"g": "30", "x264-params": "open-gop=1:bframes=3"}, {}),
    "refresh.mp4": ("libx264", {"x264-params": "intra-refresh=1:keyint=40"}, {}),
    "b-frames.mov": ("libx264", {"bf": "3", "g": "30"}, {}),
    "b-frames.flv": ("libx264", {"bf": "3", "g": "30"}, {}),
    "h264.avi": ("libx264", {"bf": "3", "g": "30"}, {}),
    "bare.h264": ("libx264", {"bf": "3", "g": "30"}, {}),
    "bare-open.h264": ("libx264", {"g": "30", "x264-params": "open-gop=1:bframes=3"}, {}),
    "mpeg4.avi": ("mpeg4", {"bf": "2", "g": "30"}, {}),
    "mpeg2.mpg": ("mpeg2video", {"bf": "2", "g": "15"}, {}),
    "mpeg2.ts": ("mpeg2video", {"bf": "2", "g": "15"}, {}),
    "vp8.webm": ("libvpx", {"g": "40", "deadline": "realtime"}, {}),
    "vp9.webm": ("libvpx-vp9", {"g": "40", "deadline": "realtime", "cpu-used": "8"}, {}),
    "ffv1.mkv": ("ffv1", {}, {}),
}


def _write(path: Path, codec: str, options: dict[str, str], container_options: dict[str, str]) -> None:
    import av

    with av.open(str(path), "w", options=container_options) as container:
        stream: Any = container.add_stream(codec, rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 30)
        for number in range(COUNT):
            frame = av.VideoFrame.from_ndarray(corpus.numbered(number), "bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _cut_by_edit_list(path: Path, start: float) -> None:
    """The same packets, `start` seconds of them before time zero: an edit list hides those."""
    import av

    with av.open(str(path)) as source, av.open(str(path.with_name("cut.mp4")), "w") as cut:
        track: Any = source.streams.video[0]
        copied = cut.add_stream_from_template(track)
        for packet in source.demux(track):
            if packet.dts is not None and packet.pts is not None:
                shift = round(start / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, copied
                cut.mux(packet)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    for name, (codec, options, container_options) in _KINDS.items():
        _write(folder / name, codec, options, container_options)
    (folder / "joined.ts").write_bytes((folder / "mpeg2.ts").read_bytes() * 2)
    _cut_by_edit_list(folder / "b-frames.mp4", 1.5)
    return folder


def _targets(count: int) -> list[int]:
    chance = random.Random(count)
    corners = [count // 2, count - 1, count - 2, 0, 1, 29, 30, 31, 28, count // 3, count // 3 - 1]
    return [target for target in corners + [chance.randrange(count) for _ in range(12)] if target < count]


@pytest.mark.parametrize("name", [*_KINDS, "joined.ts", "cut.mp4"])
@pytest.mark.parametrize("played", [False, True])
def test_every_seek_gives_just_that_frame(
    name: str, played: bool, kinds: Path, notify: Notify, notices: list[SourceNotice], stop: threading.Event
) -> None:
    with open_source([str(kinds / name)], notify, stop) as source:
        truth = [(f.index, corpus.number_of(f.bgr), f.media_time) for f in source]
    numbers = [number for _, number, _ in truth]
    assert numbers == [*range(45 if name == "cut.mp4" else 0, COUNT), *range(COUNT if name == "joined.ts" else 0)]
    assert [index for index, _, _ in truth] == list(range(len(truth)))
    with open_source([str(kinds / name)], notify, stop) as source:
        assert source.info.frame_count == len(truth)
        assert source.info.fps == pytest.approx(30, abs=0.1)
        if played:
            assert len(list(source)) == len(truth)
        for target in _targets(len(truth)):
            source.seek(target)  # type: ignore[attr-defined]
            for place, frame in zip(range(target, min(target + 3, len(truth))), source, strict=False):
                assert (frame.index, corpus.number_of(frame.bgr)) == (place, numbers[place])
                assert frame.media_time == pytest.approx(truth[place][2])
    assert not notices


def test_stepping_back_decodes_once(kinds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[object] = []
    start_at = VideoReader._start_at

    def counted(reader: VideoReader, wanted: int, moment: int | None) -> bool:
        starts.append(moment)
        return start_at(reader, wanted, moment)

    monkeypatch.setattr(VideoReader, "_start_at", counted)
    reader = VideoReader(str(kinds / "refresh.mp4"))
    try:
        reader.read_index(None)
        for number in range(100, 40, -1):
            reader.seek(number)
            found = reader.next()
            assert found is not None
            assert (found.number, corpus.number_of(bgr_of(reader.pixels(found)))) == (number, number)
    finally:
        reader.close()
    assert len(starts) <= 4


def test_few_frames_are_kept_of_large_pictures(kinds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.sources.video_reader._PLAYED_BYTES", 10 * 320 * 240 * 3 // 2)
    reader = VideoReader(str(kinds / "b-frames.mp4"))
    reader.read_index(None)
    while reader.next() is not None:
        assert len(reader._kept) <= 10
    reader.close()


def test_without_an_index_the_rate_tells(kinds: Path) -> None:
    """A film of hours: which frames there are is not known when it opens."""
    for name in ("b-frames.mp4", "open-gop.mkv", "mpeg2.ts", "vp9.webm"):
        reader = VideoReader(str(kinds / name))
        reader.read_index(0.0)
        assert reader.index is not None
        assert not reader.index.complete
        for number in (60, 10, 100, 9, 61):
            reader.seek(number)
            found = reader.next()
            assert found is not None
            assert (found.number, corpus.number_of(bgr_of(reader.pixels(found)))) == (number, number), name
        reader.close()


def test_what_took_long_is_kept_by_content(kinds: Path, tmp_path: Path) -> None:
    path, copy = kinds / "b-frames.mp4", tmp_path / "copy.mp4"
    copy.write_bytes(path.read_bytes())
    index = VideoIndex(np.arange(10), np.array([0, 5]), rate=0.5, packets=10)
    keep_index(str(path), index, 0.01)
    assert kept_index(str(copy)) is None
    keep_index(str(path), index, 5.0)
    kept = kept_index(str(copy))
    assert kept is not None
    assert (kept.times.tolist(), kept.keys.tolist(), kept.rate, kept.count) == (list(range(10)), [0, 5], 0.5, 10)
    copy.write_bytes(path.read_bytes() + b"x")
    assert kept_index(str(copy)) is None
    assert file_identity(str(copy)) != file_identity(str(path))


def test_a_turned_video_is_upright(kinds: Path, tmp_path: Path, notify: Notify, stop: threading.Event) -> None:
    import av

    for turn, shape in ((90, (320, 240, 3)), (180, (240, 320, 3))):
        path = tmp_path / f"turned{turn}.mp4"
        with av.open(str(kinds / "b-frames.mp4")) as source, av.open(str(path), "w") as turned:
            track: Any = source.streams.video[0]
            copied = turned.add_stream_from_template(track)
            copied.set_display_rotation(turn)
            for packet in source.demux(track):
                if packet.dts is not None:
                    packet.stream = copied
                    turned.mux(packet)
        with open_source([str(path)], notify, stop) as opened:
            frame = list(zip(range(6), opened, strict=False))[5][1]
            info = opened.info
        assert frame.bgr.shape == shape == (info.height, info.width, 3)
        assert corpus.number_of(np.rot90(frame.bgr, -turn // 90)) == 5


def test_places_and_times(media: Path, notify: Notify, stop: threading.Event) -> None:
    for name in ("clip.mp4", "variable.mkv"):
        with open_source([str(media / name)], notify, stop) as source:
            times = [frame.media_time for frame in source]
            info = source.info
        assert bool(info.times) == (name == "variable.mkv")
        for number, moment in enumerate(times):
            assert moment is not None
            assert time_of(info, number) == pytest.approx(moment, abs=0.002)
            assert frame_at(info, moment + 0.004) == number
        assert frame_at(info, 1e9) == 89


_MUTATE = """
import random, sys, threading
from desktop_app.errors import SourceUnreadable
from desktop_app.sources import open_source
from tests.sources import corpus
import numpy as np
data, folder, seed, count = open(sys.argv[1], "rb").read(), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
chance = np.random.default_rng(seed)
def mutated():
    kind = int(chance.integers(5))
    if kind == 0: return data[: int(chance.integers(len(data)))]
    if kind == 1:
        start = float(chance.random()); return corpus.zeroed(data, start, min(1, start + float(chance.random()) / 4))
    if kind == 2:
        a, b = sorted(int(n) for n in chance.integers(0, len(data), 2)); return data[:a] + data[b:]
    if kind == 3:
        a, b = sorted(int(n) for n in chance.integers(0, len(data), 2)); return data[:a] + data[a:b] * 2 + data[b:]
    return corpus.flipped(data, chance, int(chance.choice([1, 10, 200])))
opened = 0
for n in range(count):
    path = f"{folder}/mutated.bin"
    with open(path, "wb") as file: file.write(mutated() or b"x")
    try:
        with open_source([path], lambda notice: None, threading.Event()) as source:
            indices = [frame.index for frame in source]
            assert indices == sorted(set(indices)), indices
            opened += 1
            for target in (int(t) for t in chance.integers(0, 130, 4)):
                if source.info.seekable:
                    source.seek(target); next(iter(source), None)
    except SourceUnreadable:
        pass
print(opened)
"""


@pytest.mark.parametrize("name", ["open-gop.mp4", "open-gop.mkv", "open-gop.ts", "h264.avi", "vp9.webm", "bare.h264"])
def test_mutations_crash_nothing(name: str, kinds: Path, tmp_path: Path) -> None:
    """`REGARD_FUZZ=500` for as many of each; a few here."""
    count = os.environ.get("REGARD_FUZZ", "12")
    command = [sys.executable, "-c", _MUTATE, str(kinds / name), str(tmp_path), "7", count]
    limit = 100 + int(count)
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 0
    assert len(done.stderr.splitlines()) <= 20, done.stderr[:2000]
