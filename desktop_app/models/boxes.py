"""What the families of detectors share: letterbox, suppression, rows of boxes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Pixels
from desktop_app.core.model import Thresholds
from desktop_app.core.results import Detections

GREY = 114
# Classes are moved apart by this many pixels, so that one suppression serves them all (as Ultralytics does).
_APART = np.float32(7680)
# More candidates than this are cut to the surest before suppression.
_MOST_CANDIDATES = 30_000
# Of so many the overlaps of all pairs are found at once.
_FEW = 128

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A frame of (`frame_height`, `frame_width`), scaled to (`inner_height`, `inner_width`) and put at (`left`, `top`)
    of a grey picture of (`height`, `width`)."""

    frame_height: int
    frame_width: int
    inner_height: int
    inner_width: int
    top: int
    left: int
    height: int
    width: int

    @staticmethod
    @lru_cache(maxsize=16)  # asked for twice a frame
    def fit(frame_shape: tuple[int, ...], height: int, width: int, stride: int | None = None) -> Letterbox:
        """Into `height` × `width`; with `stride` the grey is cut to what makes the sides multiples of it.

        The rounding is that of Ultralytics: sides to the nearest, an odd row of padding below or on the right.
        """
        frame_height, frame_width = frame_shape[:2]
        ratio = min(height / frame_height, width / frame_width)
        inner_height = max(round(frame_height * ratio), 1)
        inner_width = max(round(frame_width * ratio), 1)
        rest_y, rest_x = height - inner_height, width - inner_width
        if stride:
            rest_y, rest_x = rest_y % stride, rest_x % stride
        top, left = round(rest_y / 2 - 0.1), round(rest_x / 2 - 0.1)
        return Letterbox(
            frame_height, frame_width, inner_height, inner_width, top, left, inner_height + rest_y, inner_width + rest_x
        )

    def canvas(self) -> NDArray[np.uint8]:
        """uint8 (1, height, width, 3), grey, for `fill`."""
        return np.full((1, self.height, self.width, 3), GREY, np.uint8)

    def fill(self, canvas: NDArray[np.uint8], pixels: Pixels) -> None:
        """Writes the frame into the middle of a canvas of this letterbox: red-green-blue."""
        import cv2

        rows = slice(self.top, self.top + self.inner_height)
        columns = slice(self.left, self.left + self.inner_width)
        middle = canvas[0, rows, columns]
        if not isinstance(pixels, np.ndarray):
            pixels.scale_into(middle)
            return
        inner = (self.inner_width, self.inner_height)
        scaled = pixels if pixels.shape[1::-1] == inner else cv2.resize(pixels, inner, interpolation=cv2.INTER_LINEAR)
        cv2.cvtColor(scaled, cv2.COLOR_BGR2RGB, dst=middle)

    def undo(self, xyxy: Floats) -> Floats:
        """From pixels of the letterboxed picture to pixels of the frame, clipped to it."""
        shift = np.array([self.left, self.top] * 2, np.float32)
        scale = np.array([self.inner_width / self.frame_width, self.inner_height / self.frame_height] * 2, np.float32)
        limits = np.array([self.frame_width, self.frame_height] * 2, np.float32)
        moved: Floats = (xyxy - shift) / scale
        return np.minimum(np.maximum(moved, np.float32(0)), limits)


def suppress(xyxy: Floats, confidence: Floats, iou: float, most: int) -> NDArray[np.intp]:
    """Rows that stay, by falling confidence, at most `most`: greedy non-maximum suppression.

    A box goes where it overlaps a surer one that stays by more than `iou`. Arithmetic in float32 in the order of
    `torchvision.ops.nms`, which it equals.
    """
    order = (-confidence).argsort(kind="stable")
    corners = np.ascontiguousarray(xyxy[order].T)
    area = (corners[2] - corners[0]) * (corners[3] - corners[1])
    stays = _stays_of_few if len(order) <= _FEW else _stays_of_many
    with np.errstate(invalid="ignore", divide="ignore"):  # boxes without area: 0/0 suppresses nothing
        return order[stays(corners, area, np.float64(iou), most)]


def _stays_of_few(corners: Floats, area: Floats, iou: np.float64, most: int) -> list[int]:
    """Which columns stay of (4, n), the surest first."""
    inner = np.minimum(corners[2:, :, None], corners[2:, None]) - np.maximum(corners[:2, :, None], corners[:2, None])
    width, height = np.maximum(inner, np.float32(0))
    common = width * height
    covers = common / (area[:, None] + area - common) > iou
    kept: list[int] = []
    gone = np.zeros(len(area), np.bool_)
    for i in range(len(area)):
        if not gone[i]:
            kept.append(i)
            gone |= covers[i]
    return kept[:most]


def _stays_of_many(corners: Floats, area: Floats, iou: np.float64, most: int) -> list[int]:
    """The same, box by box, where the overlaps of all pairs would be too many."""
    x1, y1, x2, y2 = corners
    kept: list[int] = []
    left = np.arange(len(area))
    while len(left) and len(kept) < most:
        i, rest = left[0], left[1:]
        kept.append(int(i))
        width = np.minimum(x2[i], x2[rest]) - np.maximum(x1[i], x1[rest])
        height = np.minimum(y2[i], y2[rest]) - np.maximum(y1[i], y1[rest])
        common = np.maximum(width, np.float32(0)) * np.maximum(height, np.float32(0))
        left = rest[~(common / (area[i] + area[rest] - common) > iou)]
    return kept


def candidates(
    found: Floats, threshold: float, classes: tuple[int, ...] | None, many_labels: bool
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Boxes (4, m), confidence (m,), class (m,) of columns (4 + classes, k), before suppression.

    Each column has a class above `threshold`. `many_labels`: a box counts once for each class above it, otherwise for
    its best class only.
    """
    boxes = found[:4]
    if many_labels:
        class_id, place = (found[4:] > threshold).nonzero()
        boxes, confidence = boxes[:, place], found[class_id + 4, place]
    else:
        class_id = found[4:].argmax(axis=0)
        confidence = found[class_id + 4, np.arange(len(class_id))]
    if classes is not None:
        wanted = np.isin(class_id, classes)
        boxes, class_id, confidence = boxes[:, wanted], class_id[wanted], confidence[wanted]
    if len(confidence) > _MOST_CANDIDATES:
        surest = (-confidence).argsort(kind="stable")[:_MOST_CANDIDATES]
        boxes, class_id, confidence = boxes[:, surest], class_id[surest], confidence[surest]
    return boxes, confidence, class_id.astype(np.int64, copy=False)


def detect(found: Floats, box: Letterbox, thresholds: Thresholds, iou: float, many_labels: bool = False) -> Detections:
    """Detections of the frame from columns (4 + classes, k) of (centre x, centre y, width, height, confidences…): those
    that have a class above the threshold.

    `iou`: the limit where `thresholds` name none.
    """
    iou = iou if thresholds.iou is None else thresholds.iou
    xywh, confidence, class_id = candidates(found, thresholds.confidence, thresholds.classes, many_labels)
    if not len(confidence):
        return Detections(np.zeros((0, 4), np.float32), confidence, class_id)
    centre, half = xywh[:2], xywh[2:] / np.float32(2)
    xyxy = np.concatenate([centre - half, centre + half]).T
    apart = xyxy + class_id.astype(np.float32)[:, None] * _APART
    rows = suppress(apart, confidence, iou, thresholds.max_boxes)
    return Detections(box.undo(xyxy[rows]), confidence[rows], class_id[rows])
