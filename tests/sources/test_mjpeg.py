"""Cutting MJPEG into pictures, however the bytes come."""

from __future__ import annotations

import pytest

from desktop_app.sources.mjpeg import Parts


def _part(jpeg: bytes, *, length: bool) -> bytes:
    size = f"Content-Length: {len(jpeg)}\r\n" if length else ""
    return f"--edge\r\nContent-Type: image/jpeg\r\n{size}\r\n".encode() + jpeg + b"\r\n"


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("boundary", ["edge", "--edge", '"edge"'])
@pytest.mark.parametrize("at_once", [1, 7, 1000, 10**6])
def test_every_picture_comes_whole(length: bool, boundary: str, at_once: int, jpegs: list[bytes]) -> None:
    stream = b"".join(_part(jpeg, length=length) for jpeg in jpegs[:3])
    parts, found = Parts(boundary), []
    for start in range(0, len(stream), at_once):
        parts.feed(stream[start : start + at_once])
        found.append(parts.newest())
    whole = [jpeg for jpeg in found if jpeg is not None]
    assert whole[-1] == jpegs[2]
    assert whole == (jpegs[:3] if at_once < 1000 else whole)


def test_of_a_backlog_only_the_newest_counts(jpegs: list[bytes]) -> None:
    parts = Parts("edge")
    parts.feed(b"".join(_part(jpeg, length=True) for jpeg in jpegs[:20]) + _part(jpegs[20], length=True)[:-500])
    assert parts.newest() == jpegs[19]
    assert parts.newest() is None


def test_the_last_picture_does_not_wait_for_the_next_boundary(jpegs: list[bytes]) -> None:
    parts = Parts("edge")
    parts.feed(_part(jpegs[0], length=False))
    assert parts.newest() == jpegs[0]


def test_a_part_without_an_end_is_given_up() -> None:
    parts = Parts("edge")
    parts.feed(b"--edge\r\n\r\n\xff\xd8\xff" + bytes(65 << 20))
    with pytest.raises(ValueError, match="without an end"):
        parts.newest()
