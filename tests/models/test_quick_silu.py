"""SiLU by polynomials differs from SiLU by less than bfloat16 tells apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.models.engines.openvino_engine import core
from desktop_app.models.engines.quick_silu import with_quick_silu
from desktop_app.models.engines.silent_openvino import openvino


@pytest.fixture(autouse=True)
def silent() -> None:
    openvino()


def a_network(count: int, beta: bool = False) -> Any:
    from openvino import Model
    from openvino import opset13 as ops

    values = ops.parameter([1, count], np.float32)
    found = ops.swish(values, np.float32(2)) if beta else ops.swish(values)
    return Model([ops.result(ops.add(found, values))], [values], "net")


def all_of_bfloat16() -> NDArray[np.float32]:
    bits = np.arange(1 << 16, dtype=np.uint32) << 16
    values = bits.view(np.float32)
    return values[np.isfinite(values) & (np.abs(values) < 1e30)]


def test_every_value_of_bfloat16() -> None:
    values = all_of_bfloat16()
    values = np.concatenate([values, values])
    model = a_network(len(values))
    assert with_quick_silu(model, "bf16") == 1
    found = core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(values[None])[0][0]
    wide = values.astype(np.float64)
    told = wide / (1 + np.exp(-np.clip(wide, -700, None)))
    error = np.abs(found - wide - told)
    moderate = np.abs(wide) < 100
    assert error[moderate].max() < 5e-5
    assert (error <= 1e-6 * np.abs(wide) + 5e-5).all()


def test_other_precisions_a_steeper_one_and_a_small_one_stay() -> None:
    assert with_quick_silu(a_network(200_000), "fp32") == 0
    assert with_quick_silu(a_network(200_000), "int8") == 0
    assert with_quick_silu(a_network(200_000, beta=True), "bf16") == 0
    assert with_quick_silu(a_network(4), "bf16") == 0
