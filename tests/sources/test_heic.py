"""HEIC through pillow-heif, and what is said where it is missing."""

from __future__ import annotations

import sys
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from desktop_app.errors import SourceUnreadable
from desktop_app.sources.image_file import decode
from tests.sources import corpus

pillow_heif = pytest.importorskip("pillow_heif")


def heic(picture: Image.Image, **options: object) -> bytes:
    pillow_heif.register_heif_opener()
    return corpus.encode(picture, "HEIF", **options)


def box(data: bytes, name: bytes) -> int:
    """Where the content of the first box of this name begins."""
    return data.index(name) + 4


def four_corners(size: tuple[int, int] = (64, 48)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    half = (size[0] // 2, size[1] // 2)
    picture.paste("red", (0, 0, *half))
    picture.paste("lime", (half[0], 0, size[0], half[1]))
    picture.paste("blue", (half[0], half[1], *size))
    return picture


def test_colours_and_size() -> None:
    bgr = decode(heic(four_corners(), quality=95), "x.heic")
    assert bgr.shape == (48, 64, 3)
    found = [bgr[10, 10], bgr[10, 50], bgr[40, 50], bgr[40, 10]]
    assert np.abs(np.array(found, int) - [(0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)]).max() < 40


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_as_cameras_write_it(orientation: int) -> None:
    """Telephones write how the picture is turned into its own boxes, and the same into the EXIF, which does not count
    once more."""
    exif = Image.Exif()
    exif[corpus.EXIF_ORIENTATION] = orientation
    stored = four_corners()
    image = pillow_heif.from_pillow(stored)
    image.info["exif"] = exif.tobytes()
    file = BytesIO()
    image.save(file, quality=95)
    stored.getexif()[corpus.EXIF_ORIENTATION] = orientation
    upright = ImageOps.exif_transpose(stored)
    bgr = decode(file.getvalue(), "x.heic")
    assert bgr.shape[:2] == (upright.height, upright.width)
    assert np.abs(bgr[:, :, ::-1].astype(int) - np.asarray(upright)).mean() < 12


def test_transparent_is_white() -> None:
    bgr = decode(heic(Image.new("RGBA", (16, 16), (255, 0, 0, 0)), quality=-1), "x.heic")
    assert bgr[8, 8].min() > 250


def test_ten_bits_keep_their_brightness() -> None:
    deep = np.full((16, 16, 3), 0x8000, np.uint16)
    image = pillow_heif.from_bytes(mode="RGB;16", size=(16, 16), data=deep.tobytes())
    file = BytesIO()
    image.save(file, quality=95)
    assert np.abs(decode(file.getvalue(), "x.heic")[8, 8].astype(int) - 128).max() < 6


def test_a_bomb_is_refused_by_its_header() -> None:
    data = bytearray(heic(four_corners()))
    at = box(bytes(data), b"ispe") + 4
    data[at : at + 8] = (20_000).to_bytes(4, "big") * 2
    with pytest.raises(SourceUnreadable, match=r"megapixels|damaged"):
        decode(bytes(data), "x.heic")


def test_what_is_cut_short_or_garbage_is_damaged() -> None:
    data = heic(four_corners((640, 480)), quality=95)
    for bad in (data[: len(data) // 2], data[: len(data) - 200], data[:40], data[:24] + bytes(500)):
        with pytest.raises(SourceUnreadable, match=r"x\.heic is damaged"):
            decode(bad, "x.heic")


def test_without_the_library_one_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    data = heic(four_corners())
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(SourceUnreadable, match=r"x\.heic is a HEIC picture") as caught:
        decode(data, "x.heic")
    assert "pip install pillow-heif" in caught.value.hint


def test_an_old_pillow_without_avif_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.features.check", lambda _: False)
    with pytest.raises(SourceUnreadable, match="AVIF"):
        decode(b"\0\0\0\x1cftypavif\0\0\0\0mif1" + bytes(100), "x.avif")
