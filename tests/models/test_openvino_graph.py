"""What is put around a network changes nothing of what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from desktop_app.models.engines import Network
from desktop_app.models.engines.openvino_engine import _Compiled, core
from desktop_app.models.engines.openvino_graph import with_preprocessing

HEIGHT, WIDTH = 20, 28
IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}


def described(**changes: Any) -> Network:
    return Network("net", "d" * 64, HEIGHT, WIDTH, **changes)


def a_convolution(dtype: type = np.float32) -> Any:
    from openvino import Model
    from openvino import opset13 as ops

    kernel: Any = np.random.default_rng(1).normal(size=(8, 3, 3, 3)).astype(dtype)
    picture = ops.parameter([1, 3, HEIGHT, WIDTH], dtype)
    found = ops.relu(ops.convolution(picture, kernel, [2, 2], [1, 1], [1, 1], [1, 1]))
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


def answer(model: Any, tensor: Any) -> Any:
    compiled = core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = _Compiled(compiled, at_once=False).next_request()
    request.start(tensor)
    return request.wait()[0][0]


@pytest.mark.parametrize("normalisation", [{}, {"std": (0.5, 0.25, 0.2)}, IMAGENET])
def test_rows_give_what_the_steps_of_openvino_give(normalisation: Any) -> None:
    network = described(**normalisation)
    tensor = np.random.default_rng(0).integers(0, 256, (1, HEIGHT, WIDTH, 3), np.uint8)
    compiled = core().compile_model(
        by_its_own_steps(a_convolution(), network), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    told = compiled(tensor)[0]
    assert np.array_equal(answer(with_preprocessing(a_convolution(), network), tensor), told)
    planes = np.ascontiguousarray(tensor.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    assert np.array_equal(answer(with_preprocessing(a_convolution(), network), planes), told)


def test_a_network_in_half_precision() -> None:
    tensor = np.random.default_rng(0).integers(0, 256, (1, HEIGHT, WIDTH, 3), np.uint8)
    full = answer(with_preprocessing(a_convolution(), described()), tensor)
    half = answer(with_preprocessing(a_convolution(np.float16), described()), tensor)
    assert half.dtype == np.float32
    assert np.allclose(half, full, atol=0.02)
