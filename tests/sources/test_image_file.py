"""One decode function: every mode, orientation and trap of still pictures."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps, features

from desktop_app.core.source import Notify, SeekableSource, SourceNotice
from desktop_app.errors import SourceUnreadable
from desktop_app.sources import import_cv2, open_source
from desktop_app.sources.image_file import decode
from tests.sources import corpus

_KINDS = ["JPEG", "PNG", "WEBP", "TIFF", *(["AVIF"] if features.check("avif") else [])]


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_in_every_format(kind: str, orientation: int) -> None:
    bgr = decode(corpus.oriented(kind, orientation), "x")
    assert bgr.shape == (64, 96, 3)
    found = [bgr[16, 16], bgr[16, 80], bgr[48, 80], bgr[48, 16]]
    wanted = [(0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)]
    assert np.abs(np.array(found, int) - wanted).max() < 40


def test_same_pixels_as_opencv_and_pillow(bus: Path, zidane: Path) -> None:
    cv2 = import_cv2()
    for path in (bus, zidane):
        bgr = decode(path.read_bytes(), path.name)
        assert np.array_equal(bgr, cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR))
        assert np.array_equal(bgr[:, :, ::-1], np.asarray(Image.open(path).convert("RGB")))
        assert bgr.flags.c_contiguous


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (65, 49), (333, 217)])
@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"keep_rgb": True}, {"quality": 20}]
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_jpeg_has_the_pixels_that_pillow_gives(
    size: tuple[int, int], options: dict[str, Any], mode: str, bus: Path
) -> None:
    file = BytesIO()
    Image.open(bus).resize(size).convert(mode).save(file, "JPEG", **options)
    pixels = np.asarray(Image.open(file).convert("RGB"))[:, :, ::-1]
    assert np.array_equal(decode(file.getvalue(), "x.jpg"), pixels)


@pytest.mark.parametrize("orientation", range(9))
def test_a_jpeg_is_turned_as_pillow_turns_it(orientation: int, bus: Path) -> None:
    file = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.open(bus).resize((64, 40)).save(file, "JPEG", exif=exif)
    upright = ImageOps.exif_transpose(Image.open(file))
    assert np.array_equal(decode(file.getvalue(), "x.jpg"), np.asarray(upright)[:, :, ::-1])


def test_transparent_is_white() -> None:
    rgba = Image.new("RGBA", (4, 1), (200, 0, 0, 255))
    rgba.putpixel((1, 0), (200, 0, 0, 0))
    rgba.putpixel((2, 0), (0, 0, 0, 128))
    bgr = decode(corpus.encode(rgba, "PNG"), "x")
    assert bgr[0, 0].tolist() == [0, 0, 200]
    assert bgr[0, 1].tolist() == [255, 255, 255]
    assert np.abs(bgr[0, 2].astype(int) - 127).max() <= 1


@pytest.mark.parametrize("transparent", [False, True])
def test_palette(transparent: bool) -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 40, 50, 60])
    picture.putpixel((1, 0), 1)
    data = corpus.encode(picture, "PNG", **({"transparency": 0} if transparent else {}))
    assert decode(data, "x")[0].tolist() == [[255, 255, 255] if transparent else [30, 20, 10], [60, 50, 40]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_grey(kind: str) -> None:
    values = np.array([[0x00FF, 0x1234, 0xFEDC]], np.uint16)
    assert decode(corpus.encode(Image.fromarray(values), kind), "x")[0, :, 1].tolist() == [0x00, 0x12, 0xFE]


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_colour(suffix: str) -> None:
    cv2 = import_cv2()
    pixels = np.array([[[0x1234, 0x5678, 0x9ABC]]], np.uint16)
    assert decode(cv2.imencode(suffix, pixels)[1].tobytes(), "x")[0, 0].tolist() == [0x12, 0x56, 0x9A]


def test_floating_point_is_clipped() -> None:
    picture = Image.fromarray(np.array([[-1.0, 0.0, 0.5, 1.0, 9.0, np.nan]], np.float32))
    assert decode(corpus.encode(picture, "TIFF"), "x")[0, :, 0].tolist() == [0, 0, 127, 255, 255, 0]


def test_cmyk_jpeg_keeps_its_colours(bus: Path) -> None:
    rgb = Image.open(bus).convert("RGB").resize((80, 96))
    bgr = decode(corpus.encode(rgb.convert("CMYK"), "JPEG", quality=98), "x")
    assert np.abs(bgr[:, :, ::-1].astype(int) - np.asarray(rgb)).mean() < 4


@pytest.mark.parametrize("mode", ["1", "L", "LA", "YCbCr"])
def test_other_modes_of_tiff_and_png(mode: str) -> None:
    grey = Image.new("RGB", (5, 3), (255, 255, 255)).convert(mode)
    assert decode(corpus.encode(grey, "TIFF" if mode == "YCbCr" else "PNG"), "x").min() >= 254


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_first_picture_of_an_animation(kind: str) -> None:
    pictures = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    data = corpus.encode(pictures[0], kind, save_all=True, append_images=pictures[1:])
    assert np.abs(decode(data, "x")[4, 4].astype(int) - (0, 0, 255)).max() < 8


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (30000, 1), (7, 641)])
def test_odd_sizes(size: tuple[int, int]) -> None:
    assert decode(corpus.encode(Image.new("RGB", size, "lime"), "PNG"), "x").shape == (size[1], size[0], 3)


def test_bands_join_without_a_seam(monkeypatch: pytest.MonkeyPatch, bus: Path) -> None:
    data = bus.read_bytes()
    whole = decode(data, "x")
    monkeypatch.setattr("desktop_app.sources.image_file._BAND_PIXELS", 810 * 7 + 3)
    assert np.array_equal(decode(data, "x"), whole)


_BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut.jpg": (lambda good: good[: len(good) // 2], "damaged"),
    "header.jpg": (lambda good: good[:20], "damaged"),
    "text.jpg": (lambda good: b"hello, this is no picture" * 50, "neither a picture nor a video"),
    "nothing.jpg": (lambda good: b"", "empty"),
    "photo.heic": (lambda good: corpus.HEIC, "damaged"),
    "bomb.png": (lambda good: corpus.png(20_000, 20_000), "400 megapixels"),
    "lie.png": (lambda good: corpus.png(500, 500, b"\0\1\2"), "damaged"),
    "zero.png": (lambda good: corpus.png(0, 5), "damaged"),
}


@pytest.mark.parametrize("name", _BAD)
def test_bad_pictures_are_named_with_a_reason(
    name: str, jpegs: list[bytes], tmp_path: Path, notify: Notify, stop: threading.Event
) -> None:
    make, words = _BAD[name]
    (tmp_path / name).write_bytes(make(jpegs[0]))
    with pytest.raises(SourceUnreadable, match=words) as caught, open_source([str(tmp_path / name)], notify, stop):
        pass
    assert name in caught.value.message
    assert caught.value.hint


def test_what_is_no_file(tmp_path: Path, notify: Notify, stop: threading.Event) -> None:
    cases = [(str(tmp_path / "gone.jpg"), "gone.jpg does not exist"), (str(tmp_path), "holds no pictures")]
    if sys.platform == "linux":
        os.mkfifo(tmp_path / "pipe.jpg")
        cases = [cases[0], (str(tmp_path / "pipe.jpg"), "pipe.jpg is a device or a pipe"), ("/dev/null", "device")]
        cases.append((str(tmp_path / ("x" * 300)), "cannot be opened"))
    for spec, words in cases:
        with pytest.raises(SourceUnreadable, match=words), open_source([spec], notify, stop):
            pass


def test_a_bomb_takes_little_memory() -> None:
    """100 megapixels with transparency: the most that is opened."""
    if sys.platform != "linux":
        pytest.skip("RLIMIT_AS")
    # The PNG itself is made from 400 MB of zeros, in a child of its own so that they do not count.
    maker = (
        "import sys; from tests.sources import corpus\n"
        "sys.stdout.buffer.write(corpus.png(10_000, 10_000, bytes(40_001) * 10_000, 8, 6))"
    )
    data = subprocess.run([sys.executable, "-c", maker], capture_output=True, check=True).stdout
    program = (
        "import re, sys\n"
        "from desktop_app.sources.image_file import decode\n"
        "print(decode(sys.stdin.buffer.read(), 'x').shape)\n"
        # Not ru_maxrss, which a process inherits from the one that started it.
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) // 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    out = done.stdout.split(b"\n")
    assert out[0] == b"(10000, 10000, 3)"
    assert int(out[1]) < 1500


def test_batch_goes_on_after_bad_files(
    tmp_path: Path, jpegs: list[bytes], notify: Notify, notices: list[SourceNotice], stop: threading.Event, media: Path
) -> None:
    for name, data in {"a10.jpg": jpegs[10], "a2.jpg": jpegs[2], "bad.jpg": b"no", ".hidden.jpg": jpegs[3]}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "labels.txt").write_text("person 1 2 3")
    (tmp_path / "z.mp4").write_bytes((media / "clip.mp4").read_bytes())
    with open_source([str(tmp_path)], notify, stop) as source:
        frames = list(source)
    assert [corpus.number_of(f.bgr) for f in frames] == [2, 10]
    assert [f.index for f in frames] == [0, 1]
    assert [Path(f.path or "").name for f in frames] == ["a2.jpg", "a10.jpg"]
    assert [(n.kind, Path(n.path or "").name) for n in notices] == [("skipped", "bad.jpg"), ("skipped", "z.mp4")]
    assert "video" in str(notices[1].error)


def test_several_in_the_given_order(tmp_path: Path, jpegs: list[bytes], notify: Notify, stop: threading.Event) -> None:
    paths = [tmp_path / f"{n}.jpg" for n in (5, 1, 3)]
    for path in paths:
        path.write_bytes(jpegs[int(path.stem)])
    with open_source([str(p) for p in paths], notify, stop) as source:
        assert [corpus.number_of(f.bgr) for f in source] == [5, 1, 3]


def test_decode_reads_from_memory_only(jpegs: list[bytes]) -> None:
    assert corpus.number_of(decode(jpegs[42], "/nowhere/at/all.jpg")) == 42


def test_a_batch_goes_on_from_any_file(tmp_path: Path) -> None:
    for number in range(4):
        Image.new("RGB", (4, 3), (number, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "2.png").write_bytes(b"")
    notices: list[SourceNotice] = []
    with open_source([str(tmp_path)], notices.append, threading.Event()) as source:
        assert isinstance(source, SeekableSource)
        source.seek(1)
        assert [frame.index for frame in source] == [1, 3]
    assert [notice.kind for notice in notices] == ["skipped"]


@pytest.mark.parametrize(
    ("size", "given"), [((1600, 1200), (400, 300)), ((799, 650), (799, 650)), ((801, 602), (401, 301))]
)
def test_a_small_picture_needs_no_whole_decoding(size: tuple[int, int], given: tuple[int, int], bus: Path) -> None:
    """Of a JPEG, and never smaller than asked for."""
    data = corpus.encode(Image.open(bus).resize(size), "JPEG")
    small = decode(data, "x.jpg", at_least=300 if size[0] != 799 else 400)
    assert small.shape == (given[1], given[0], 3)
    whole = np.asarray(Image.fromarray(decode(data, "x.jpg")).resize(given, Image.Resampling.BOX))
    assert np.abs(small.astype(int) - whole).mean() < 6
