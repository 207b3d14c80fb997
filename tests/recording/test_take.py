from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop_app.errors import AppError
from desktop_app.recording.clocks import FileClock, LiveClock
from desktop_app.recording.take import Plan, Take
from tests.recording.media import flat, frame_times, make_film, sound_packets, sound_starts

TIMES = [n * 40 for n in range(50)]


def row(model: str = "yolov3-tiny", *labels: str) -> dict[str, Any]:
    return {"model": model, "task": "detect", "detections": [{"label": label} for label in labels]}


def copy_all(source: Path, target: Path, kind: Any = "mkv") -> Take:
    take = Take(Plan(target, kind, 25, str(source)), FileClock(25))
    for number, at in enumerate(TIMES):
        take.frame_of_file(flat(4 * number), number, at / 1000)
    take.close(whole=True)
    return take


@pytest.mark.parametrize(("name", "sound"), [("a.mp4", "aac"), ("a.mkv", "pcm_s16le")])
def test_the_sound_of_a_whole_film_is_untouched(tmp_path: Path, name: str, sound: str) -> None:
    source = make_film(tmp_path / name, TIMES, sound=sound)
    take = copy_all(source, tmp_path / "copy.mkv")
    assert sound_packets(take.path) == sound_packets(source)
    assert frame_times(take.path) == TIMES
    before, after = sound_starts(source), sound_starts(take.path)
    assert after[1] - after[0] == pytest.approx(before[1] - before[0], abs=0.002)


def test_sound_that_no_mp4_holds_makes_the_recording_matroska(tmp_path: Path) -> None:
    source = make_film(tmp_path / "a.mkv", TIMES, sound="pcm_s16le")
    take = copy_all(source, tmp_path / "copy.mp4", "mp4")
    assert take.path.suffix == ".mkv"
    assert sound_packets(take.path) == sound_packets(source)


def test_a_piece_of_a_film_has_the_sound_of_that_piece(tmp_path: Path) -> None:
    source = make_film(tmp_path / "a.mp4", TIMES)
    take = Take(Plan(tmp_path / "piece.mkv", "mkv", 25, str(source)), FileClock(25))
    for number in (*range(30, 40), *range(5, 15)):  # somebody went back
        take.frame_of_file(flat(4 * number), number, number * 0.04)
    take.close()
    whole, piece = sound_packets(source), sound_packets(take.path)
    assert set(piece) <= set(whole)
    # 0.8 seconds of packets of 1024 samples, but for the two ends and the seam.
    assert 9 <= len(piece) <= 14
    assert whole.index(piece[0]) > whole.index(piece[-1])
    assert frame_times(take.path) == [n * 40 for n in range(20)]


def test_whoever_goes_back_to_the_beginning_hears_it_again(tmp_path: Path) -> None:
    source = make_film(tmp_path / "a.mp4", TIMES)
    take = Take(Plan(tmp_path / "piece.mkv", "mkv", 25, str(source)), FileClock(25))
    for number in (*range(30, 40), *range(20)):
        take.frame_of_file(flat(4 * number), number, number * 0.04)
    take.close()
    whole, piece = sound_packets(source), sound_packets(take.path)
    assert len(piece) >= 16  # of 1.2 seconds
    assert set(piece[-8:]) <= set(whole[:16])


def test_a_silent_film_is_recorded_silently(tmp_path: Path) -> None:
    source = make_film(tmp_path / "a.mp4", TIMES, sound=None)
    assert frame_times(copy_all(source, tmp_path / "copy.mkv").path) == TIMES


def test_live_has_results_and_subtitles_beside_it(tmp_path: Path) -> None:
    take = Take(Plan(tmp_path / "a.mkv", sidecar=True, subtitles=True), LiveClock(10.0))
    for at, labels in ((10.0, ("dog",)), (11.0, ("dog", "dog", "<b>")), (12.5, ())):
        take.results([row("yolov3-tiny", *labels)], take.live_frame(flat(90), at))
    take.hold(3000)
    take.close()
    assert frame_times(take.path) == [0, 1000, 2500, 3000]
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [line["recording_s"] for line in lines] == [0.0, 1.0, 2.5]
    assert (tmp_path / "a.vtt").read_text() == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n1 dog\n\n00:00:01.000 --> 00:00:02.500\n2 dog, 1 &lt;b&gt;\n"
    )


def test_subtitles_stay_long_enough_to_be_read(tmp_path: Path) -> None:
    take = Take(Plan(tmp_path / "a.mkv", subtitles=True), LiveClock(0.0))
    for number in range(40):
        take.results([row("yolov3-tiny", *["cat"] * (1 + number % 2))], take.live_frame(flat(90), number / 30))
    take.close()
    assert (tmp_path / "a.vtt").read_text().count("-->") <= 3


def test_subtitles_of_a_model_that_runs_no_more_go(tmp_path: Path) -> None:
    take = Take(Plan(tmp_path / "a.mkv", subtitles=True), LiveClock(0.0))
    for second in range(8):
        model, label = ("one", "cat") if second < 2 else ("two", "dog")
        take.results([row(model, label)], take.live_frame(flat(90), float(second)))
    take.close()
    cues = (tmp_path / "a.vtt").read_text().split("\n\n")
    assert cues[1].endswith("\n1 cat")
    assert cues[2].endswith("\n1 cat\n1 dog")
    assert cues[-1].strip().endswith("\n1 dog")
    assert "cat" not in cues[-1]


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    take = Take(Plan(tmp_path / "absent" / "a.mkv"), LiveClock(0.0))
    with pytest.raises(AppError, match=r"a\.mkv"):
        take.live_frame(flat(90), 0.0)
    take.abandon()


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files by a means of Unix")
@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_a_disk_that_is_full_is_told_and_what_is_written_can_be_played(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    script = f"""
import resource, signal
from pathlib import Path
import numpy as np
from desktop_app.errors import AppError
from desktop_app.recording.clocks import LiveClock
from desktop_app.recording.take import Plan, Take
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
noise = np.random.default_rng(1)
take = Take(Plan(Path({str(path)!r}), {kind!r}, 30), LiveClock(0.0))
try:
    for number in range(2000):
        take.live_frame(noise.integers(0, 60, (240, 320, 3), np.uint8), number / 30)
except AppError as error:
    take.abandon()
    print(take.frames, error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    written, _, message = done.stdout.partition(" ")
    assert path.name in message
    assert len(frame_times(path)) >= 0.8 * int(written)
