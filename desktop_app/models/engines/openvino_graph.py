"""What is put around a network before OpenVINO compiles it."""

from __future__ import annotations

from typing import Any

import numpy as np

from desktop_app.models.engines import Network


def with_preprocessing(model: Any, network: Network) -> Any:
    """The same network, taking uint8 (1, h, 3 · w), the rows of (1, h, w, 3): layout and normalisation are part of it.

    Rows, because the CPU then converts the pixels as they lie and hands them to the first convolution in one pass.
    Where it can it turns them to planes before that, which makes three passes; the reshape holds it back.
    """
    from openvino import Type
    from openvino.preprocess import PrePostProcessor

    if network.peaks_from is not None:
        _add_peaks(model, network.peaks_from)
    steps = PrePostProcessor(model)
    for index in range(len(model.outputs)):
        steps.output(index).tensor().set_element_type(Type.f32)
    model = steps.build()
    _take_rows(model, network)
    return model


def _take_rows(model: Any, network: Network) -> None:
    from openvino import Type
    from openvino import opset13 as ops

    entry = model.get_parameters()[0]
    _, _, height, width = entry.shape
    mean, std = (np.float32(255 * np.array(values)) for values in (network.mean, network.std))
    rows = ops.parameter([1, height, 3 * width], Type.u8)
    values = ops.convert(rows, Type.f32)
    if mean.any():
        values = ops.divide(ops.subtract(values, np.tile(mean, (1, 1, width))), np.tile(std, (1, 1, width)))
    picture = ops.transpose(ops.reshape(values, [1, height, width, 3], False), [0, 3, 1, 2])
    if not mean.any():  # here it becomes part of the weights of the first convolution
        picture = ops.divide(picture, std.reshape(1, 3, 1, 1))
    if entry.get_element_type() != Type.f32:
        picture = ops.convert(picture, entry.get_element_type())
    for consumer in entry.output(0).get_target_inputs():
        consumer.replace_source_output(picture.output(0))
    model.replace_parameter(0, rows)
    model.validate_nodes_and_infer_types()


def _add_peaks(model: Any, first_row: int) -> None:
    """See `Network.peaks_from`."""
    from openvino import opset13 as ops

    table = model.outputs[0].get_node().input_value(0)
    rows = ops.slice(table, [first_row], [2**31 - 1], [1], [1])
    model.add_results([ops.result(ops.reduce_max(rows, [1], keep_dims=False))])
