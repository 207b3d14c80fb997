"""How detectors end: with a table of which few columns matter. What is put in its place before OpenVINO compiles it.

See `Network.peaks_from`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


def add_peaks(model: Any, first_row: int) -> None:
    """One output more: the largest value of each column, from this row on."""
    from openvino import opset13 as ops

    table = model.outputs[0].get_node().input_value(0)
    rows = ops.slice(table, [first_row], [2**31 - 1], [1], [1])
    model.add_results([ops.result(ops.reduce_max(rows, [1], keep_dims=False))])


def take_apart(model: Any, first_row: int) -> bool:
    """Whether it could: boxes, the largest values, and logits instead of the table.

    The maps of the classes lie with the classes last, as the convolutions leave them: all that the table asks for
    (turning them, two joints, a sigmoid of each class at each place) is left out.
    """
    if len(model.outputs) != 1:
        return False
    return _take_ultralytics_apart(model, first_row) or _take_darknet_apart(model, first_row)


def _instead_of_the_table(model: Any, given: tuple[Any, ...]) -> None:
    from openvino import opset13 as ops

    model.add_results([ops.result(each) for each in given])
    model.remove_result(model.get_results()[0])


def _made_of(output: Any, kind: str, count: int | None = None) -> list[Any]:
    """The inputs of what gives `output`; none where that is of another kind, or of another number of inputs."""
    node = output.get_node()
    size = node.get_input_size()
    if node.get_type_name() != kind or (count is not None and size != count):
        return []
    return [node.input_value(place) for place in range(size)]


def _cells(maps: Any, channels: int) -> Any:
    """(1, cells, channels) of (1, several · channels, h, w)."""
    from openvino import opset13 as ops

    return ops.reshape(ops.transpose(maps, [0, 2, 3, 1]), [1, -1, channels], False)


def _take_ultralytics_apart(model: Any, first_row: int) -> bool:
    from openvino import opset13 as ops

    boxes, maps = _boxes_and_maps(model, first_row)
    if not maps:
        return False
    cells = [_cells(each, each.shape[1]) for each in maps]
    highest = ops.concat([ops.reduce_max(each, [2], keep_dims=False) for each in cells], 1)
    _instead_of_the_table(model, (boxes, ops.sigmoid(highest), ops.concat(cells, 1)))
    return True


def _boxes_and_maps(model: Any, rows: int) -> tuple[Any, list[Any]]:
    """Of Concat(boxes (1, rows, n), Sigmoid(Concat(maps…))), each map a Reshape of (1, classes, h, w): so the detectors
    of Ultralytics end. No maps where it ends otherwise."""
    ends = _made_of(model.outputs[0].get_node().input_value(0), "Concat", 2)
    if not ends or list(ends[0].shape[:2]) != [1, rows]:
        return None, []
    flat = [part for joined in _made_of(ends[1], "Sigmoid") for part in _made_of(joined, "Concat")]
    maps = [each for part in flat for each in _made_of(part, "Reshape")[:1] if len(each.shape) == 4]
    same = [list(part.shape) for part in flat] == [[1, each.shape[1], each.shape[2] * each.shape[3]] for each in maps]
    return ends[0], maps if same else []


@dataclass(frozen=True, slots=True)
class _Scale:
    """One of the scales of Darknet. `whole` (anchors, rows + 1 + classes, h, w) are the `maps` of a convolution."""

    boxes: list[Any]
    objectness: Any
    whole: Any
    maps: Any


def _take_darknet_apart(model: Any, first_row: int) -> bool:
    """Also gives how sure it is that there is something at all, (1, n), by which the sigmoids are multiplied."""
    from openvino import opset13 as ops

    joined = _made_of(model.outputs[0].get_node().input_value(0), "Concat")
    scales = [scale for each in joined if (scale := _scale(each, first_row)) is not None]
    if not scales or len(scales) != len(joined):
        return False
    columns = zip(*(_columns(scale, first_row) for scale in scales), strict=True)
    boxes, objectness, logits = (ops.concat(list(each), axis) for each, axis in zip(columns, (2, 1, 1), strict=True))
    peaks = ops.multiply(ops.sigmoid(ops.reduce_max(logits, [2], keep_dims=False)), objectness)
    _instead_of_the_table(model, (boxes, peaks, logits, objectness))
    return True


def _scale(flat: Any, rows: int) -> _Scale | None:
    """Of Concat(…, …, Sigmoid(classes) · Sigmoid(objectness)), turned and flattened, all of them slices of the maps: so
    `desktop_app.models.darknet` makes it. `None` where it is made otherwise."""
    turned = [each for table in _made_of(flat, "Reshape")[:1] for each in _made_of(table, "Transpose")[:1]]
    ends = [end for each in turned for end in _made_of(each, "Concat", 3)]
    squashed = [part for each in _made_of(ends[2], "Multiply", 2) for part in _made_of(each, "Sigmoid")] if ends else []
    if len(squashed) != 2 or ends[0].shape[1] + ends[1].shape[1] != rows:
        return None
    classes, objectness = squashed
    whole = classes
    while whole.get_node().get_type_name() == "Slice":
        whole = whole.get_node().input_value(0)
    maps = _made_of(whole, "Reshape")[:1]
    anchors, channels, height, width = whole.shape
    if [objectness.shape[1], classes.shape[1]] != [1, channels - rows - 1]:
        return None
    if not maps or list(maps[0].shape) != [1, anchors * channels, height, width]:
        return None
    return _Scale(ends[:2], objectness, whole, maps[0])


def _columns(scale: _Scale, rows: int) -> tuple[Any, Any, Any]:
    """Boxes (1, rows, n), objectness (1, n) and logits (1, n, classes), cell by cell."""
    from openvino import opset13 as ops

    anchors, channels, height, width = scale.whole.shape
    cells = _cells(scale.maps, channels)
    first = ops.reshape(ops.slice(cells, [0], [rows + 1], [1], [2]), [height, width, anchors, rows + 1], False)
    # What is made of the first maps is made as before, of them alone: the many of the classes are never turned.
    small = ops.transpose(first, [2, 3, 0, 1])
    for consumer in scale.whole.get_target_inputs():
        consumer.replace_source_output(small.output(0))

    def flattened(part: Any) -> Any:
        """(1, k, n) of (anchors, k, h, w)."""
        return ops.reshape(ops.transpose(part, [1, 2, 3, 0]), [1, part.shape[1], -1], False)

    boxes = ops.concat([flattened(end) for end in scale.boxes], 1)
    objectness = ops.reshape(flattened(ops.sigmoid(scale.objectness)), [1, -1], False)
    return boxes, objectness, ops.slice(cells, [rows + 1], [channels], [1], [2])
