from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from desktop_app.recording import movie as module
from desktop_app.recording.formats import Format
from desktop_app.recording.movie import Movie
from tests.recording.media import flat, frame_times, pictures

FORMATS: tuple[Format, ...] = ("mkv", "mp4")


def write(path: Path, kind: Format, times: list[int]) -> Movie:
    movie = Movie(path, kind, 30)
    for number, at in enumerate(times):
        movie.write(flat(40 + 10 * number), at)
    movie.close()
    return movie


@pytest.mark.parametrize("kind", FORMATS)
def test_each_frame_has_its_own_time(tmp_path: Path, kind: Format) -> None:
    times = [0, 33, 50, 400, 401, 2000]
    write(tmp_path / f"a.{kind}", kind, times)
    assert frame_times(tmp_path / f"a.{kind}") == times


def test_two_frames_never_have_one_time(tmp_path: Path) -> None:
    movie = Movie(tmp_path / "a.mkv")
    assert [movie.write(flat(50), at) for at in (0, 10, 10, 5, 30)] == [0, 10, 11, 12, 30]
    movie.close()
    assert frame_times(tmp_path / "a.mkv") == [0, 10, 11, 12, 30]


@pytest.mark.parametrize("name", module.encoder_names())
def test_what_was_drawn_is_what_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(module, "_ENCODERS", tuple(e for e in module._ENCODERS if e[0] == name))
    rows, columns = np.mgrid[0:96, 0:128]
    picture = np.dstack([columns, rows * 2, 255 - columns]).astype(np.uint8)
    movie = Movie(tmp_path / "a.mkv")
    for at in range(0, 400, 40):
        movie.write(picture, at)
    movie.close()
    for decoded in pictures(tmp_path / "a.mkv"):
        assert np.abs(decoded.astype(int) - picture).mean() < 3


def test_a_frame_with_odd_sides_loses_no_row_and_no_column(tmp_path: Path) -> None:
    movie = Movie(tmp_path / "a.mkv")
    movie.write(flat(100, 65, 49), 0)
    movie.close()
    (decoded,) = pictures(tmp_path / "a.mkv")
    assert decoded.shape == (50, 66, 3)
    assert abs(int(decoded[-1, -1].mean()) - 100) < 4


def test_a_frame_of_another_size_is_fitted_between_black_bars(tmp_path: Path) -> None:
    movie = Movie(tmp_path / "a.mkv")
    movie.write(flat(200, 64, 48), 0)
    movie.write(flat(200, 48, 64), 40)
    movie.close()
    first, second = pictures(tmp_path / "a.mkv")
    assert first.shape == second.shape == (48, 64, 3)
    assert second[24, 32].mean() > 180
    assert second[24, 2].mean() < 30
    assert second[24, 61].mean() < 30


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_written_before_a_kill_can_be_played(tmp_path: Path, kind: Format) -> None:
    path = tmp_path / f"a.{kind}"
    script = f"""
import os
from pathlib import Path
from desktop_app.recording.movie import Movie
from tests.recording.media import flat
movie = Movie(Path({str(path)!r}), {kind!r}, 30)
for number in range(300):
    movie.write(flat(number % 200), number * 33)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", script], env={**os.environ}, check=False, timeout=60)
    assert done.returncode == -9
    assert len(frame_times(path)) >= 270


def test_metadata_and_duration_are_in_a_closed_file(tmp_path: Path) -> None:
    import av

    movie = Movie(tmp_path / "a.mp4", "mp4", 30, None, {"title": "Demo"})
    for at in (0, 500, 1000):
        movie.write(flat(9), at)
    movie.close()
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["title"] == "Demo"
        assert container.duration / 1e6 == pytest.approx(1.0, abs=0.05)
