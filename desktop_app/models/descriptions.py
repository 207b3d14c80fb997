"""What a user's model says of itself: task, class names, input size. Read from the content, checked, cleaned.

Nothing here trusts the file: numbers are bounded, texts cleaned, and what the network puts out must fit the names.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from desktop_app.errors import ModelError, ModelLoadFailed, UntrustedWeights, WeightsDamaged
from desktop_app.i18n import tr
from desktop_app.models import checkpoints, onnx_file
from desktop_app.models.engines.silent_openvino import openvino
from desktop_app.models.labels import clean_label

SupportedTask = Literal["classify", "detect"]
_LONGEST_LITERAL = 1 << 20
_MOST_CLASSES = 100_000
_SIZES = range(16, 4097)


@dataclass(frozen=True, slots=True)
class Description:
    """`names` by class id. `input_size`: side of the square input in pixels. `title`: "" where the file has none."""

    task: SupportedTask
    names: tuple[str, ...]
    input_size: int
    title: str = ""


def _what_works() -> str:
    return tr("Models saved by Ultralytics (.pt) and ONNX files that carry their description work.")


def refusal(message: str, hint: str = "") -> ModelLoadFailed:
    return ModelLoadFailed(message, hint or _what_works())


def _literal(text: str) -> Any:
    """A Python or JSON literal. Raises `ValueError` for anything else."""
    if len(text) > _LONGEST_LITERAL:
        raise ValueError("longer than 1 MiB")
    try:
        return ast.literal_eval(text.strip())
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _names(raw: object, path: Path) -> tuple[str, ...]:
    """From {0: "cat", …} or ["cat", …]; the ids must run from 0 without a gap."""
    try:
        if isinstance(raw, list | tuple):
            raw = dict(enumerate(raw))
        if not isinstance(raw, dict):
            raise TypeError("neither a list nor a dictionary")
        items = {int(str(key)): name for key, name in raw.items()}
        if not 0 < len(items) <= _MOST_CLASSES or set(items) != set(range(len(items))):
            raise ValueError("ids")
        if not all(isinstance(name, str | int | float) for name in items.values()):
            raise ValueError("names")
    except (TypeError, ValueError) as error:
        raise refusal(
            tr("The class names in “{name}” cannot be read.", name=path.name),
            tr("Export the model again with Ultralytics, or write the names as a list."),
        ) from error
    return tuple(clean_label(str(items[i]), i) for i in range(len(items)))


def _task(raw: object, path: Path) -> SupportedTask:
    task = clean_label(str(raw))
    for supported in get_args(SupportedTask):
        if task == supported:
            return cast(SupportedTask, supported)
    kinds = {
        "segment": tr("segmentation"),
        "semantic": tr("segmentation"),
        "pose": tr("poses"),
        "obb": tr("oriented boxes"),
        "depth": tr("depth"),
    }
    raise refusal(
        tr(
            "“{name}” is a model for {task}, which Regard does not yet show.",
            name=path.name,
            task=kinds.get(task, task),
        ),
        tr("Models that classify or detect work."),
    )


def _size(raw: object, path: Path) -> int:
    sides: list[Any] = list(raw) if isinstance(raw, list | tuple) else [raw]
    if not sides or not all(isinstance(side, int) and not isinstance(side, bool) for side in sides):
        raise refusal(tr("The input size in “{name}” cannot be read.", name=path.name))
    if len(set(sides)) != 1:
        raise refusal(
            tr(
                "“{name}” wants pictures of {size} pixels; Regard feeds squares only.",
                name=path.name,
                size=tuple(sides),
            ),
            tr("Export the model again with one input size, 640 say."),
        )
    if sides[0] not in _SIZES:
        raise refusal(tr("The input size in “{name}” cannot be read.", name=path.name))
    return int(sides[0])


def _mismatch(path: Path, names: int, classes: int) -> ModelLoadFailed:
    return refusal(
        tr(
            "“{name}” names {names} classes but tells {classes} apart, so its labels would be wrong.",
            name=path.name,
            names=names,
            classes=classes,
        ),
        tr("Export the model again together with its own class names."),
    )


def of_onnx(path: Path) -> Description:
    """Raises `ModelError`. Files that point to other files are refused before anything follows the pointer."""
    try:
        summary = onnx_file.summarise(path)
    except onnx_file.NotOnnx as error:
        raise WeightsDamaged(
            tr("“{name}” is damaged or not whole.", name=path.name), tr("Export or copy the file again.")
        ) from error
    if summary.external_data:
        raise UntrustedWeights(
            tr("“{name}” was refused because its weights lie in other files that it points to.", name=path.name),
            tr("Export it as one file with the weights inside."),
        )
    about = summary.metadata
    missing = [key for key in ("task", "names") if not about.get(key)]
    if missing:
        raise refusal(
            tr("“{name}” is an ONNX file without a description of its task and its class names.", name=path.name),
            tr("Export it with Ultralytics, or add “task”, “names” and “imgsz” to its metadata."),
        )
    task = _task(about["task"], path)
    try:
        names = _names(_literal(about["names"]), path)
        imgsz = _literal(about["imgsz"]) if about.get("imgsz") else None
    except ValueError as error:
        raise refusal(
            tr("The description in “{name}” cannot be read.", name=path.name),
            tr("Export the model again with Ultralytics, or write the names as a list."),
        ) from error
    side, output = _shapes(path)
    if side is None and imgsz is None:
        raise refusal(
            tr("“{name}” does not say which input size it wants.", name=path.name),
            tr("Add “imgsz” to its metadata, or export it with a fixed input size."),
        )
    _check_output(path, task, output, len(names))
    description = about.get("description", "").removeprefix("Ultralytics ").partition(" model")[0]
    return Description(task, names, _size(side if side is not None else imgsz, path), clean_label(description))


def _shapes(path: Path) -> tuple[list[int] | None, list[int]]:
    """(height, width) of the input where they are fixed, and the shape of the first output; -1 where it varies."""
    ov = openvino()
    try:
        network = ov.Core().read_model(path)
        inputs = [[_length(side) for side in port.get_partial_shape()] for port in network.inputs]
        outputs = [[_length(side) for side in port.get_partial_shape()] for port in network.outputs]
    except Exception as error:  # OpenVINO has no narrower class for a file that it cannot read
        raise WeightsDamaged(
            tr("“{name}” holds a network that cannot be read.", name=path.name),
            tr("Export it again, with an older set of ONNX operators (opset 17, say)."),
        ) from error
    if len(inputs) != 1 or len(inputs[0]) != 4 or inputs[0][1] != 3 or inputs[0][0] not in (-1, 1) or not outputs:
        raise refusal(
            tr("“{name}” does not take one colour picture at a time.", name=path.name),
            tr("Export it for a batch of 1, with an input of the shape (1, 3, height, width)."),
        )
    fixed = inputs[0][2:] if -1 not in inputs[0][2:] else None
    return fixed, outputs[0]


def _length(side: Any) -> int:
    return int(side.get_length()) if side.is_static else -1


def _check_output(path: Path, task: SupportedTask, shape: list[int], names: int) -> None:
    """(1, classes) of a classifier; (1, 4 + classes, n) or (1, n, 6) of a detector."""
    if task == "classify" and len(shape) == 2:
        classes = shape[1]
    elif task == "detect" and len(shape) == 3 and (shape[2] == 6 or shape[1] > 4):
        classes = names if shape[2] == 6 else shape[1] - 4
    else:
        raise refusal(
            tr("“{name}” puts out an array of the shape {shape}, which is not known.", name=path.name, shape=shape),
            tr("Classifiers give (1, classes), detectors (1, 4 + classes, boxes) as Ultralytics exports them."),
        )
    if classes != names:
        raise _mismatch(path, names, classes)


def of_checkpoint(path: Path) -> Description:
    """Raises `ModelError`."""
    module: Any = checkpoints.load_ultralytics(path)
    task = _task(module.task, path)
    try:
        head = module.model[-1]
        classes = int(head.nc) if task == "detect" else int(head.linear.out_features)
        names = _names(module.names, path)
        side = module.args.get("imgsz")
        stride = int(max(module.stride)) if task == "detect" else 1
        title = Path(str((getattr(module, "yaml", None) or {}).get("yaml_file") or "")).stem
    except ModelError:
        raise
    except Exception as error:  # attributes of any kind may lie in a stranger's file
        raise WeightsDamaged(
            tr("“{name}” holds no whole network.", name=path.name), tr("Save it again with Ultralytics.")
        ) from error
    if classes != len(names):
        raise _mismatch(path, len(names), classes)
    return Description(task, names, -(-_size(side, path) // stride) * stride, clean_label(title))
