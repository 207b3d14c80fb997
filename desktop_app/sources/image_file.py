"""Pictures in files: the one place where a still is decoded, and the source that goes through them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.address import safe_title
from desktop_app.core.frame import Bgr, Frame
from desktop_app.core.media import portable
from desktop_app.core.source import Notify, SourceInfo, SourceNotice
from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr
from desktop_app.sources.limits import MAX_PIXELS
from desktop_app.sources.local import expand
from desktop_app.sources.opencv import import_cv2
from desktop_app.sources.sniff import HEADER_BYTES, image_format, is_video, not_media, open_regular, shown_name

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_BYTES = 1 << 30
_BAND_PIXELS = 4_000_000
_ORIENTATION = 0x0112
# EXIF 2.3, "Orientation": what makes a picture upright.
_TURNS: dict[int, Callable[[Bgr], Bgr]] = {
    2: lambda bgr: bgr[:, ::-1],
    3: lambda bgr: bgr[::-1, ::-1],
    4: lambda bgr: bgr[::-1],
    5: lambda bgr: bgr.transpose(1, 0, 2),
    6: lambda bgr: np.rot90(bgr, -1),
    7: lambda bgr: bgr[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90,
}


def decode(data: bytes, name: str, at_least: int | None = None) -> Bgr:
    """The picture that `data` holds, upright, uint8 (h, w, 3), BGR. `name` is for the messages.

    The orientation is applied, transparency is composited over white, 16 bits become 8 by `>> 8`, floating point
    is clipped to [0, 1], of an animation the first frame counts. Pillow decodes (HEIC through pillow-heif), and OpenCV
    where it gives the same pixels in half the time: whole JPEGs in colour or grey. (It is wrong on orientation in AVIF,
    CMYK without Adobe's marker, Lab.) `at_least`: for a small picture on the screen; a JPEG whose sides are longer may
    come at a half, a quarter or an eighth of its size, in a fraction of the time. Raises `SourceUnreadable`.
    """
    return to_bgr(open_header(data, name), data, name, at_least)


def to_bgr(picture: Image, data: bytes, name: str, at_least: int | None = None) -> Bgr:
    """The pixels of what `open_header` gave for `data`, or of the frame to which it was moved; see `decode`."""
    try:
        whole_jpeg = _jpeg_to_bgr(picture, data, at_least) if picture.format == "JPEG" else None
        return _to_bgr(picture) if whole_jpeg is None else whole_jpeg
    except Exception as error:  # Pillow's decoders raise nearly anything on bad bytes
        raise damaged(name) from error


def open_header(data: bytes, name: str) -> Image:
    """The picture, its header read, its pixels not yet. Raises `SourceUnreadable`, also where it is too large."""
    picture = _open_header(data, name)
    width, height = picture.size
    if width * height > MAX_PIXELS:
        megapixels = round(width * height / 1e6)
        raise SourceUnreadable(
            tr(
                "{name} has {megapixels} megapixels, more than the {limit} that Regard opens.",
                name=name,
                megapixels=megapixels,
                limit=MAX_PIXELS // 1_000_000,
            ),
            tr("Make the picture smaller."),
        )
    return picture


def _open_header(data: bytes, name: str) -> Image:
    kind = image_format(data[:HEADER_BYTES])
    if kind == "HEIC":
        _learn_heic(name)
        kind = "HEIF"
    elif kind == "AVIF":
        _need_avif(name)
    if kind is None:
        raise not_media(name)
    from io import BytesIO

    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # only warns; `decode` refuses
    try:
        return Image.open(BytesIO(data), formats=[kind])
    except Exception as error:
        raise damaged(name) from error


def _learn_heic(name: str) -> None:
    """Pillow reads HEIC from now on."""
    try:
        import pillow_heif
    except ImportError as error:
        raise SourceUnreadable(
            tr("{name} is a HEIC picture, and the library that reads those is not installed.", name=name),
            tr("Install it with “pip install pillow-heif”, or save the picture as JPEG or PNG."),
        ) from error
    # Left alone when it is called again.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def _need_avif(name: str) -> None:
    from PIL import features

    if not features.check("avif"):
        raise SourceUnreadable(
            tr("{name} is an AVIF picture, which the installed Pillow cannot read.", name=name),
            tr("Install a newer one with “pip install --upgrade pillow”, or save the picture as JPEG or PNG."),
        )


def damaged(name: str) -> SourceUnreadable:
    return SourceUnreadable(tr("{name} is damaged.", name=name), tr("Copy or download the file again."))


def _jpeg_to_bgr(picture: Image, data: bytes, at_least: int | None) -> Bgr | None:
    """`None` where Pillow has the word: files cut short, CMYK, twelve bits."""
    if picture.mode not in ("RGB", "L"):
        return None
    cv2 = import_cv2()
    part = 1 if at_least is None else next((n for n in (8, 4, 2) if min(picture.size) >= n * at_least), 1)
    # In OpenCV's flags 16, 32 and 64 ask for a half, a quarter and an eighth.
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION | (8 * part if part > 1 else 0)
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if bgr is None or bgr.shape != (-(-picture.height // part), -(-picture.width // part), 3):
        return None
    turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    return bgr if turn is None else np.ascontiguousarray(turn(bgr))


def _to_bgr(picture: Image) -> Bgr:
    from PIL import ImageOps

    picture.load()  # first: PNG may carry its EXIF behind the pixels
    ImageOps.exif_transpose(picture, in_place=True)
    width, height = picture.size
    bgr = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND_PIXELS // width)
    for top in range(0, height, rows):  # in bands: each step makes a copy, which at 100 megapixels would be dear
        _band(picture.crop((0, top, width, min(top + rows, height))), bgr[top : top + rows])
    return bgr


def _band(picture: Image, bgr: NDArray[np.uint8]) -> None:
    """Writes the pixels of `picture` to `bgr`, (h, w, 3)."""
    from PIL import Image

    if picture.mode.startswith("I"):  # 16 bits, which Pillow would clip at 255
        deep: NDArray[np.int64] = np.asarray(picture, np.int64)
        bgr[:] = (deep.clip(0, 0xFFFF) >> 8).astype(np.uint8)[:, :, None]
    elif picture.mode == "F":
        real: NDArray[np.float32] = np.nan_to_num(np.asarray(picture, np.float32)).clip(0, 1)
        bgr[:] = (real * 255).astype(np.uint8)[:, :, None]
    else:
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            opaque = Image.new("RGB", picture.size, "white")
            opaque.paste(picture, mask=picture.getchannel("A"))
            picture = opaque
        cv2 = import_cv2()
        # NumPy would take 25 times as long to exchange the channels.
        cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR, dst=bgr)


def read_picture(path: str, at_least: int | None = None) -> Bgr:
    """The decoded picture of a file; `at_least`: see `decode`. Raises `SourceUnreadable`; never waits on a pipe or
    device."""
    return decode(read_bytes(path), shown_name(path), at_least)


def read_bytes(path: str) -> bytes:
    """The file, which by its first bytes is a picture. Raises `SourceUnreadable`; never waits on a pipe or device."""
    name = shown_name(path)
    with os.fdopen(open_regular(path), "rb") as file:
        head = file.read(HEADER_BYTES)
        if is_video(head):
            raise SourceUnreadable(tr("{name} is a video, not a picture.", name=name), tr("Open the video by itself."))
        if image_format(head) is None:
            raise not_media(path)
        if os.fstat(file.fileno()).st_size > _MAX_BYTES:
            raise SourceUnreadable(
                tr("{name} is larger than a picture can be.", name=name), tr("Make the picture smaller.")
            )
        try:
            data = head + file.read()
        except OSError as error:
            raise SourceUnreadable(
                tr("{name} cannot be opened: {reason}.", name=name, reason=error.strerror or error),
                tr("Check the path."),
            ) from error
    return data


class ImageFile:
    """One picture: one frame."""

    def __init__(self, path: str, title: str, stop: threading.Event) -> None:
        self._path = path
        self._title = title
        self._stop = stop
        self._bgr: Bgr | None = None

    @property
    def info(self) -> SourceInfo:
        assert self._bgr is not None, "info of a source that is not open"
        height, width = self._bgr.shape[:2]
        return SourceInfo(portable(self._path), "image", self._title, False, width, height, frame_count=1)

    def __enter__(self) -> Self:
        self._bgr = read_picture(self._path)
        return self

    def __exit__(self, *exc: object) -> None:
        self._bgr = None

    def __iter__(self) -> Iterator[Frame]:
        assert self._bgr is not None, "frames of a source that is not open"
        if not self._stop.is_set():
            yield Frame(self._bgr, 0, time.perf_counter(), path=portable(self._path))


class ImageFiles:
    """Several pictures, in order, one frame each; folders among `specs` give theirs when the source is opened.

    The index of a frame is the number of its file, so that an interrupted batch can go on with `seek`. A file that
    cannot be read is reported and left out. `info.frame_count` counts the files, so fewer frames may come; sizes
    differ, so `info` has none (0 × 0).
    """

    def __init__(self, specs: Sequence[str], title: str, notify: Notify, stop: threading.Event) -> None:
        self._specs = specs
        self._paths: list[str] = []
        self.title = title
        self._notify = notify
        self._stop = stop
        self._first = 0

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(portable(self._specs[0]), "images", self.title, False, 0, 0, frame_count=len(self._paths))

    def __enter__(self) -> Self:
        self._paths = []
        for spec in self._specs:
            try:
                self._paths += expand([spec])
            except SourceUnreadable as error:  # an address among files
                self._notify(SourceNotice("skipped", error, path=safe_title(spec) if "://" in spec else spec))
        if not self._paths:
            raise SourceUnreadable(
                tr("{name} holds no pictures.", name=self.title), tr("Choose another folder, or pictures.")
            )
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def seek(self, frame_index: int) -> None:
        """The next iteration begins with this file."""
        self._first = frame_index

    def __iter__(self) -> Iterator[Frame]:
        for index, path in enumerate(self._paths):
            if self._stop.is_set():
                return
            if index < self._first:
                continue
            try:
                bgr = read_picture(path)
            except SourceUnreadable as error:
                self._notify(SourceNotice("skipped", error, path=portable(path)))
                continue
            yield Frame(bgr, index, time.perf_counter(), path=portable(path))
