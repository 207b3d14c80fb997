"""Half of the products, the same answer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.models.engines.openvino_engine import core
from desktop_app.models.engines.silent_openvino import openvino
from desktop_app.models.engines.winograd import matrices, with_fewer_products

Values = NDArray[Any]
# How far an answer may be off, in parts of its largest number, by how many rows are computed at once.
EXACT = {4: 1e-5, 7: 2e-5}


@pytest.fixture(autouse=True)
def silent() -> None:
    openvino()


def random(*shape: int) -> Any:
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


def a_network(
    height: int = 14,
    width: int = 20,
    channels: tuple[int, ...] = (128, 192),
    bias: bool = True,
    after: Callable[[Any], Any] | None = None,
    kernel: int = 3,
    stride: int = 1,
    padding: int = 1,
) -> Any:
    """Convolutions of 3 × 3 one after the other, each with what comes `after` it."""
    from openvino import Model
    from openvino import opset13 as ops

    picture = ops.parameter([1, channels[0], height, width], np.float32)
    found = picture
    for ins, outs in pairwise(channels):
        weights = random(outs, ins, kernel, kernel) / np.float32(3 * ins**0.5)
        found = ops.convolution(found, weights, [stride] * 2, [padding] * 2, [padding] * 2, [1, 1])
        found = ops.add(found, random(1, outs, 1, 1)) if bias else found
        found = after(found) if after else found
    return Model([ops.result(found)], [picture], "net")


def answer(model: Any, precision: str = "f32") -> Values:
    given = random(*model.input().shape)
    found: Values = core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})(given)[0]
    return found


def leaky(x: Any) -> Any:
    from openvino import opset13 as ops

    return ops.prelu(x, np.array([0.1], np.float32))


def leaky_by_channel(x: Any) -> Any:
    from openvino import opset13 as ops

    return ops.prelu(x, random(x.shape[1]))


def silu(x: Any) -> Any:
    from openvino import opset13 as ops

    return ops.swish(x)


def normalised(x: Any) -> Any:
    """As networks have it that were not folded."""
    from openvino import opset13 as ops

    ones = [np.abs(random(x.shape[1])) + np.float32(0.5) for _ in range(4)]
    return ops.relu(ops.batch_norm_inference(x, *ones, epsilon=1e-5))


def twice(x: Any) -> Any:
    """The convolution has two consumers."""
    from openvino import opset13 as ops

    return ops.add(ops.relu(x), x)


@pytest.mark.parametrize("at_once", [4, 7])
def test_rows_of_two_products_more(at_once: int) -> None:
    of_input, of_taps, of_products = matrices(at_once)
    rows, taps = np.arange(1.0, at_once + 3) ** 2, np.array([2.0, -3.0, 5.0])
    assert of_products.shape == (at_once, at_once + 2)
    assert np.allclose(of_products @ ((of_taps @ taps) * (of_input @ rows)), np.correlate(rows, taps, "valid"))


def test_what_lies_in_bfloat16_is_exact_there() -> None:
    of_input, _, of_products = matrices(4)
    for matrix in (of_input, of_products):
        bits = matrix.astype(np.float32).view(np.uint32)
        assert not (bits & 0xFFFF).any()


@pytest.mark.parametrize(("height", "at_once"), [(12, 4), (14, 7)])
@pytest.mark.parametrize("after", [None, leaky, leaky_by_channel, silu, normalised, twice])
@pytest.mark.parametrize("bias", [True, False])
def test_it_says_the_same(bias: bool, after: Callable[[Any], Any] | None, height: int, at_once: int) -> None:
    told = answer(a_network(height, 28, bias=bias, after=after, channels=(128, 192, 128)))
    model = a_network(height, 28, bias=bias, after=after, channels=(128, 192, 128))
    assert with_fewer_products(model, "fp32") == 2
    assert np.abs(answer(model) - told).max() <= EXACT[at_once] * np.abs(told).max()


@pytest.mark.parametrize(
    ("at_once", "height"),
    [(4, height) for height in (10, 11, 12, 24, 45, 48)]
    + [(7, height) for height in (13, 14, 27, 28, 29, 32, 41, 42, 49, 55, 56, 57, 84)],
)
def test_heights_that_are_no_multiple_and_those_dealt_out_to_parts(at_once: int, height: int) -> None:
    told = answer(a_network(height, 160))
    model = a_network(height, 160)
    assert with_fewer_products(model, "fp32") == 1
    assert np.abs(answer(model) - told).max() <= EXACT[at_once] * np.abs(told).max()


@pytest.mark.parametrize(("precision", "height", "wide"), [("fp32", 14, 2), ("fp32", 16, 4), ("bf16", 14, 4)])
def test_seven_rows_at_once_where_that_is_exact_and_takes_fewer(precision: str, height: int, wide: int) -> None:
    """`wide`: how many rows each of the convolutions along the width computes."""
    model = a_network(height)
    assert with_fewer_products(model, precision) == 1
    rows = [node.output(0).shape[2] for node in model.get_ops() if node.get_type_name() == "Convolution"]
    assert rows == [wide] * len(rows)


def test_in_bfloat16_it_is_near_the_truth() -> None:
    """bfloat16 has 8 bits: the convolution as it was is off by 0.2 % of what it says."""
    told = answer(a_network(28, 28, after=leaky))
    model = a_network(28, 28, after=leaky)
    assert with_fewer_products(model, "bf16") == 1
    error = answer(model, "bf16") - told
    assert 1e-6 < np.sqrt((error**2).mean()) <= 0.01 * np.sqrt((told**2).mean())


@pytest.mark.parametrize(
    "otherwise",
    [
        {"kernel": 1, "padding": 0},
        {"stride": 2},
        {"padding": 0},
        {"channels": (3, 64), "height": 200, "width": 200},  # mixing would take more than is saved
        {"height": 7, "width": 7, "channels": (512, 512)},  # as much time goes into reading the weights
        {"channels": (32, 32)},  # too little to do
    ],
)
def test_what_gains_nothing_stays(otherwise: dict[str, Any]) -> None:
    model = a_network(**otherwise)
    before = [node.get_friendly_name() for node in model.get_ordered_ops()]
    assert with_fewer_products(model, "fp32") == 0
    assert [node.get_friendly_name() for node in model.get_ordered_ops()] == before


def test_the_work_is_shared_by_the_threads() -> None:
    assert with_fewer_products(a_network(28), "fp32", threads=1) == 1
    assert with_fewer_products(a_network(28), "fp32", threads=8) == 0


def test_other_precisions_and_quantised_networks_stay() -> None:
    from openvino import opset13 as ops

    ends = [np.float32(end) for end in (-2, 2, -2, 2)]
    assert with_fewer_products(a_network(), "int8") == 0
    assert with_fewer_products(a_network(), "fp16") == 0
    assert with_fewer_products(a_network(after=lambda x: ops.fake_quantize(x, *ends, 256)), "fp32") == 0
