"""Between arrays and QImage: the one place where strides and channel order matter."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from desktop_app.core.frame import Bgr
from desktop_app.core.picture import Picture


def to_qimage(bgr: Bgr) -> QImage:
    """An RGB32 copy of `bgr`, uint8 (h, w, 3).

    RGB32 because it paints three to four times as fast as BGR888; Qt's own conversion is ten times as fast as numpy's.
    The result owns its pixels: the array may go.
    """
    return image_over(bgr).convertToFormat(QImage.Format.Format_RGB32)


def image_over(bgr: Bgr) -> QImage:
    """An image in the pixels of `bgr` itself: what is painted is in the array. Keep the array as long as the image."""
    assert bgr.dtype == np.uint8
    assert bgr.ndim == 3
    assert bgr.shape[2] == 3
    assert bgr.flags.c_contiguous
    height, width = bgr.shape[:2]
    return QImage(bgr.data, width, height, bgr.strides[0], QImage.Format.Format_BGR888)


def image_of_picture(picture: Picture) -> QImage:
    """The pixels of `picture` as an RGB32 image, without a copy: keep the picture as long as the image."""
    pixels = picture.pixels
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 4
    assert pixels.flags.c_contiguous
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)


def from_qimage(image: QImage) -> Bgr:
    """The pixels as a new array, uint8 (h, w, 3), blue-green-red; an alpha channel is dropped."""
    assert not image.isNull()
    plain = image.convertToFormat(QImage.Format.Format_BGR888)
    lines = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return lines[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()
