"""What a file is, by its content. Names lie, and OpenCV opens a text file as a video."""

from __future__ import annotations

import os
import stat
from typing import Literal

from desktop_app.errors import SourceUnreadable
from desktop_app.i18n import tr

FileKind = Literal["image", "video", "other"]
HEADER_BYTES = 4096

# (offset, bytes, Pillow's name of the format)
_IMAGES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WEBP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG2000"),
    (0, b"qoif", "QOI"),
    (0, b"\0\0\1\0", "ICO"),
)
_VIDEOS: tuple[tuple[int, bytes], ...] = (
    (8, b"AVI "),
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (4, b"moov"),
    (4, b"mdat"),
    (4, b"wide"),
    (4, b"free"),
    (4, b"skip"),
    (0, b"OggS"),
    (0, b"FLV\1"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # ASF, WMV
    (0, b"\0\0\1\xba"),  # MPEG program stream
    (0, b"\0\0\1\xb3"),  # MPEG video
    (0, b"YUV4MPEG2 "),
    (0, b"DKIF"),  # IVF
    *((0, start + kind) for start in (b"\0\0\1", b"\0\0\0\1") for kind in (b"\x09", b"\x27", b"\x67")),  # H.264
    *((0, start + kind) for start in (b"\0\0\1", b"\0\0\0\1") for kind in (b"\x40\1", b"\x46\1")),  # H.265
    (0, b".RMF"),
    (0, b"nut/multimedia container\0"),
    (0, b"\6\x0e\x2b\x34\2\5\1\1"),  # MXF
)
_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def image_format(head: bytes) -> str | None:
    """Pillow's name of the picture format, "HEIC", or `None` where these are not the first bytes of a picture."""
    brands = _brands(head)
    if brands & _AVIF:
        return "AVIF"
    if brands & _HEIC:
        return "HEIC"
    for offset, magic, name in _IMAGES:
        if head.startswith(magic, offset) and (name != "WEBP" or head.startswith(b"RIFF")):
            return name
    if head[:2] in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6") and head[2:3].isspace():
        return "PPM"
    # "BM" alone opens many a text; the size of the information header tells.
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124):
        return "BMP"
    return None


def _brands(head: bytes) -> set[bytes]:
    """The brands of an ISO base media file (mp4, mov, heic, avif): the major one and the compatible ones."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12]} | {head[at : at + 4] for at in range(16, end - 3, 4)}


def is_video(head: bytes) -> bool:
    """Whether these are the first bytes of a video file."""
    if head[4:8] == b"ftyp":
        return image_format(head) is None
    # Packets of 188 bytes, or of 192 with a time stamp in front.
    transport = (0, 188, 376), (4, 196, 388)
    if any(all(head[at : at + 1] == b"G" for at in places) for places in transport):
        return True
    return any(head.startswith(magic, offset) for offset, magic in _VIDEOS)


def shown_name(path: str) -> str:
    """The file's name for a message: what is not Unicode, or would break the line, is escaped."""
    name = os.path.basename(path.rstrip("/\\")) or path  # noqa: PTH119
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def open_regular(path: str) -> int:
    """A descriptor of a regular file that holds something, or `SourceUnreadable` with the reason. Never waits."""
    name = shown_name(path)
    try:
        # A FIFO would block, and a terminal become ours.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise SourceUnreadable(tr("{name} does not exist.", name=name), tr("Check the path.")) from None
    except PermissionError:
        if os.path.isdir(path):  # noqa: PTH112  (Windows refuses to open a folder)
            raise _not_a_file(name, tr("a folder")) from None
        raise SourceUnreadable(
            tr("{name} may not be read: permission denied.", name=name), tr("Change its permissions, or copy it.")
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceUnreadable(
            tr("{name} cannot be opened: {reason}.", name=name, reason=reason), tr("Check the path.")
        ) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _not_a_file(name, tr("a folder") if stat.S_ISDIR(status.st_mode) else tr("a device or a pipe"))
        if status.st_size == 0:
            raise SourceUnreadable(tr("{name} is empty.", name=name), tr("Copy or download the file again."))
    except SourceUnreadable:
        os.close(descriptor)
        raise
    return descriptor


def _not_a_file(name: str, what: str) -> SourceUnreadable:
    return SourceUnreadable(
        tr("{name} is {what}, not a file.", name=name, what=what), tr("Choose a picture or a video.")
    )


def not_media(path: str) -> SourceUnreadable:
    return SourceUnreadable(
        tr("{name} is neither a picture nor a video that Regard can read.", name=shown_name(path)),
        tr("Pictures such as JPEG, PNG, WebP or TIFF and videos such as MP4, MKV, WebM or AVI can be opened."),
    )


def file_kind(path: str) -> FileKind:
    """What the file is; "other" also where it cannot be read (opening it says why)."""
    try:
        descriptor = open_regular(path)
    except SourceUnreadable:
        return "other"
    with os.fdopen(descriptor, "rb") as file:
        head = file.read(HEADER_BYTES)
    return "video" if is_video(head) else "image" if image_format(head) else "other"
