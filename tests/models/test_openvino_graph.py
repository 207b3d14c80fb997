"""What is put around a network changes nothing of what it says, but for the form in which detectors say it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from desktop_app.core.scores import sigmoid
from desktop_app.models.engines import Network
from desktop_app.models.engines.openvino_engine import _Compiled, core
from desktop_app.models.engines.openvino_graph import with_preprocessing
from desktop_app.models.engines.silent_openvino import openvino

HEIGHT, WIDTH = 20, 28
IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}


@pytest.fixture(autouse=True)
def silent() -> None:
    openvino()


def described(**changes: Any) -> Network:
    return Network("net", "d" * 64, HEIGHT, WIDTH, **changes)


def a_convolution(dtype: type = np.float32, quantised: bool = False) -> Any:
    from openvino import Model
    from openvino import opset13 as ops

    kernel: Any = np.random.default_rng(1).normal(size=(8, 3, 3, 3)).astype(dtype)
    picture = ops.parameter([1, 3, HEIGHT, WIDTH], dtype)
    seen = ops.fake_quantize(picture, *(np.float32(end) for end in (-2, 2.5, -2, 2.5)), 256) if quantised else picture
    found = ops.relu(ops.convolution(seen, kernel, [2, 2], [1, 1], [1, 1], [1, 1]))
    return Model([ops.result(found)], [picture], "net")


def by_its_own_steps(model: Any, network: Network) -> Any:
    """As OpenVINO's preprocessing makes it of (1, h, w, 3)."""
    from openvino import Layout, Type
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(model)
    steps.input().tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
    steps.input().model().set_layout(Layout("NCHW"))
    chain = steps.input().preprocess().convert_element_type(Type.f32)
    if any(network.mean):
        chain = chain.mean([255.0 * value for value in network.mean])
    chain.scale([255.0 * value for value in network.std])
    steps.output().tensor().set_element_type(Type.f32)
    return steps.build()


def answer(model: Any, tensor: Any, precision: str = "f32") -> Any:
    return answers(model, tensor, precision)[0]


def answers(model: Any, tensor: Any, precision: str = "f32") -> Any:
    compiled = core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})
    request = _Compiled(compiled, at_once=False).next_request()
    request.start(tensor)
    return request.wait()[0]


@pytest.mark.parametrize(
    ("quantised", "precision"),
    [(False, "f32"), (True, "f32"), (True, "bf16")],
)
@pytest.mark.parametrize("normalisation", [{}, {"std": (0.5, 0.25, 0.2)}, IMAGENET])
def test_rows_give_what_the_steps_of_openvino_give(normalisation: Any, quantised: bool, precision: str) -> None:
    network = described(**normalisation)
    tensor = np.random.default_rng(0).integers(0, 256, (1, HEIGHT, WIDTH, 3), np.uint8)
    model = by_its_own_steps(a_convolution(quantised=quantised), network)
    told = core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})(tensor)[0]
    planes = np.ascontiguousarray(tensor.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    for given in (tensor, planes):
        found = answer(with_preprocessing(a_convolution(quantised=quantised), network), given, precision)
        assert np.array_equal(found, told)


def test_a_network_in_half_precision() -> None:
    tensor = np.random.default_rng(0).integers(0, 256, (1, HEIGHT, WIDTH, 3), np.uint8)
    full = answer(with_preprocessing(a_convolution(), described()), tensor)
    half = answer(with_preprocessing(a_convolution(np.float16), described()), tensor)
    assert half.dtype == np.float32
    assert np.allclose(half, full, atol=0.02)


def a_detector(squashed: bool = True, maps: int = 2, one_more: bool = False) -> Any:
    """Ends as those of Ultralytics, with 5 classes; `squashed`: with sigmoids."""
    from openvino import Model
    from openvino import opset13 as ops

    rng = np.random.default_rng(2)
    picture = ops.parameter([1, 3, HEIGHT, WIDTH], np.float32)
    boxes: list[Any] = []
    classes: list[Any] = []
    for stride in (2, 4)[:maps]:
        for channels, given in ((4, boxes), (5, classes)):
            kernel: Any = rng.normal(size=(channels, 3, 3, 3)).astype(np.float32)
            found = ops.convolution(picture, kernel, [stride, stride], [1, 1], [1, 1], [1, 1])
            given.append(ops.reshape(found, [1, channels, -1], False))
    sure = ops.concat(classes, 2)
    table = ops.concat([ops.concat(boxes, 2), ops.sigmoid(sure) if squashed else sure], 1)
    results = [ops.result(table), *([ops.result(sure)] if one_more else [])]
    return Model(results, [picture], "net")


@pytest.mark.parametrize("maps", [1, 2])
def test_logits_apart_say_what_the_table_says(maps: int) -> None:
    network = described(peaks_from=4)
    tensor = np.random.default_rng(0).integers(0, 256, (1, HEIGHT, WIDTH, 3), np.uint8)
    table, highest = answers(with_preprocessing(a_detector(maps=maps), network), tensor)
    boxes, peaks, logits = answers(with_preprocessing(a_detector(maps=maps), network, apart=True), tensor)
    assert np.array_equal(highest, table[:, 4:].max(1))
    assert np.array_equal(boxes, table[:, :4])
    assert logits.shape == (1, table.shape[2], 5)
    assert np.allclose(sigmoid(logits[0]).T, table[0, 4:], atol=1e-6)
    assert np.allclose(peaks, highest, atol=1e-6)


def a_darknet(product: bool = True, last: bool = True) -> Any:
    """Ends as Darknet's, with 3 anchors and 6 classes, at two scales; the second otherwise where `last` is false."""
    from openvino import Model
    from openvino import opset13 as ops

    rng = np.random.default_rng(3)
    picture = ops.parameter([1, 3, HEIGHT, WIDTH], np.float32)
    scales = []
    for stride, multiplied in ((2, product), (4, product and last)):
        kernel: Any = rng.normal(size=(33, 3, 3, 3)).astype(np.float32)
        maps = ops.convolution(picture, kernel, [stride, stride], [1, 1], [1, 1], [1, 1])
        cells = ops.reshape(maps, [3, 11, HEIGHT // stride, WIDTH // stride], False)
        centre, size, sure, classes = (
            ops.slice(ops.slice(cells, [0], [2**31 - 1], [1], [0]), [first], [end], [1], [1])
            for first, end in ((0, 2), (2, 4), (4, 5), (5, 2**31 - 1))
        )
        both = (ops.multiply if multiplied else ops.add)(ops.sigmoid(classes), ops.sigmoid(sure))
        table = ops.concat([ops.sigmoid(centre), ops.exp(ops.multiply(size, np.float32(0.1))), both], 1)
        scales.append(ops.reshape(ops.transpose(table, [1, 0, 2, 3]), [1, 10, -1], False))
    return Model([ops.result(ops.concat(scales, 2))], [picture], "net")


def test_logits_and_objectness_apart_say_what_the_table_of_darknet_says() -> None:
    """In another order: cell by cell instead of anchor by anchor."""
    network = described(peaks_from=4)
    tensor = np.random.default_rng(0).integers(0, 256, (1, HEIGHT, WIDTH, 3), np.uint8)
    table, highest = answers(with_preprocessing(a_darknet(), network), tensor)
    boxes, peaks, logits, sure = answers(with_preprocessing(a_darknet(), network, apart=True), tensor)
    order = [
        start + anchor * cells + cell
        for start, cells in ((0, HEIGHT * WIDTH // 4), (3 * HEIGHT * WIDTH // 4, HEIGHT * WIDTH // 16))
        for cell in range(cells)
        for anchor in range(3)
    ]
    assert np.array_equal(boxes[0], table[0, :4, order].T)
    assert logits.shape == (1, table.shape[2], 6)
    assert np.allclose(sigmoid(logits[0]) * sure[0][:, None], table[0, 4:, order], atol=1e-6)
    assert np.allclose(peaks[0], highest[0, order], atol=1e-6)


@pytest.mark.parametrize(
    "build",
    [
        partial(a_detector, squashed=False),
        partial(a_detector, one_more=True),
        partial(a_darknet, product=False),
        partial(a_darknet, last=False),
    ],
)
def test_a_network_that_ends_otherwise_gives_its_table(build: Callable[[], Any]) -> None:
    tensor = np.random.default_rng(0).integers(0, 256, (1, HEIGHT, WIDTH, 3), np.uint8)
    network = described(peaks_from=4)
    told = answers(with_preprocessing(build(), network), tensor)
    found = answers(with_preprocessing(build(), network, apart=True), tensor)
    assert all(np.array_equal(a, b) for a, b in zip(found, told, strict=True))
    assert np.array_equal(found[-1], found[0][:, 4:].max(1))
