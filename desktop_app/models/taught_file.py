"""The file of what was taught: the layer, and the examples, so that teaching can go on. One safetensors file.

The tensors: `weights` (classes, features) and `bias` (classes,) of the layer; `references` (views, features) of length
1, by which "none of these" is told; `features` (views, features) of the examples as the network gave them; `pictures`,
their small JPEGs one after the other, if they were to be kept. Everything else is JSON under `regard` in the metadata.
No code can lie in it. What it says is checked before it is used: it comes from strangers.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from desktop_app.core.linear_layer import Layer, Link
from desktop_app.core.teaching import MOST_CLASSES, Example, Knowledge, Lesson, TaughtClass, views_used
from desktop_app.errors import ModelError, WeightsDamaged, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models.labels import clean_label

MARK = "regard"
VERSION = 1
_LARGEST = 1 << 28
_MOST_VIEWS = 100_000
_MOST_FEATURES = 1 << 16


class _Class(msgspec.Struct, frozen=True):
    slot: int
    name: str


class _Example(msgspec.Struct, frozen=True):
    """`views`: rows of `features`. `bytes`: of its picture."""

    number: int
    slot: int
    views: int
    bytes: int = 0


class About(msgspec.Struct, frozen=True):
    """`backbone`: key of the network whose features these are; `digest`: the hash of its weights. `far`: see
    `core.teaching.Knowledge`. `names`: of the layer's classes; empty where nothing was learnt yet."""

    version: int
    backbone: str
    digest: str
    input_size: int
    link: Link
    may_be_none: bool
    names: tuple[str, ...] = ()
    far: float | None = None
    penalty: float = 0.0
    classes: tuple[_Class, ...] = ()
    examples: tuple[_Example, ...] = ()


class Taught(msgspec.Struct, frozen=True, eq=False):
    """What a file holds. `knowledge`: `None` where nothing was learnt yet."""

    about: About
    lesson: Lesson
    knowledge: Knowledge | None


def write(path: Path, about: About, lesson: Lesson, knowledge: Knowledge | None, *, pictures: bool = True) -> None:
    """All of it or nothing. Of `about` only what the lesson does not know counts. Raises `WeightsUnavailable`."""
    from safetensors.numpy import save

    rows = [_Example(e.number, e.slot, len(e.features), len(e.picture) if pictures else 0) for e in lesson.examples]
    about = msgspec.structs.replace(
        about,
        version=VERSION,
        names=knowledge.names if knowledge is not None else (),
        far=knowledge.far if knowledge is not None else None,
        penalty=knowledge.penalty if knowledge is not None else 0.0,
        classes=tuple(_Class(known.slot, known.name) for known in lesson.classes),
        examples=tuple(rows),
    )
    tensors: dict[str, NDArray[Any]] = {}
    if lesson.examples:
        tensors["features"] = np.concatenate([example.features for example in lesson.examples])
        if pictures:
            tensors["pictures"] = np.frombuffer(b"".join(e.picture for e in lesson.examples), np.uint8)
    if knowledge is not None:
        tensors["weights"], tensors["bias"] = knowledge.layer.weights, knowledge.layer.bias
        tensors["references"] = knowledge.references
    data = save({n: np.ascontiguousarray(t) for n, t in tensors.items()}, {MARK: msgspec.json.encode(about).decode()})
    scratch = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as error:
        raise WeightsUnavailable(
            tr("{path} could not be written: {reason}.", path=path, reason=error.strerror or error),
            tr("Free some space, or choose another folder."),
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


class _Wrong(Exception):
    """The file does not hold what it must."""


def _demand(right: bool) -> None:
    if not right:
        raise _Wrong


def read(path: Path) -> Taught:
    """Raises `WeightsDamaged` for whatever is not such a file, `WeightsUnavailable` where it cannot be read."""
    from safetensors import SafetensorError, safe_open

    try:
        _demand(0 < path.stat().st_size <= _LARGEST)
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            _demand(MARK in metadata)
            about = msgspec.json.decode(metadata[MARK], type=About)
            if about.version > VERSION:
                raise ModelError(
                    tr("“{name}” was taught with a newer version of Regard.", name=path.name),
                    tr("Install a newer version of Regard."),
                )
            tensors = {name: _tensor(file, name) for name in file.keys()}  # noqa: SIM118  (no dictionary)
        return _checked(about, tensors)
    except OSError as error:
        raise WeightsUnavailable(
            tr("“{path}” cannot be read: {reason}.", path=clean_label(str(path)), reason=error.strerror or error),
            tr("Check the path."),
        ) from error
    except (_Wrong, SafetensorError, msgspec.DecodeError, ValueError, TypeError) as error:
        raise WeightsDamaged(
            tr("“{name}” is damaged or not whole.", name=path.name), tr("Save or copy the file again.")
        ) from error


_KINDS = {"weights": "F32", "bias": "F32", "references": "F32", "features": "F32", "pictures": "U8"}


def _tensor(file: Any, name: str) -> NDArray[Any]:
    found = file.get_slice(name)
    _demand(_KINDS.get(name) == found.get_dtype())
    values: NDArray[Any] = file.get_tensor(name)
    if values.dtype == np.float32:
        _demand(bool(np.isfinite(values).all()))
    return values


def _checked(about: About, tensors: dict[str, NDArray[Any]]) -> Taught:
    _demand(len(about.classes) <= MOST_CLASSES and len(about.examples) <= _MOST_VIEWS)
    slots = [known.slot for known in about.classes]
    _demand(len(set(slots)) == len(slots) and all(1 <= slot <= MOST_CLASSES for slot in slots))
    _demand(len(about.digest) == 64 and 16 <= about.input_size <= 4096)
    lesson = Lesson(
        tuple(TaughtClass(known.slot, clean_label(known.name, known.slot)) for known in about.classes),
        tuple(_examples(about, tensors)),
    )
    return Taught(about, lesson, _knowledge(about, lesson, tensors))


def _examples(about: About, tensors: dict[str, NDArray[Any]]) -> list[Example]:
    found: list[Example] = []
    if not about.examples:
        return found
    features = tensors.get("features", np.zeros((0, 1), np.float32))
    pictures = tensors.get("pictures", np.zeros(0, np.uint8))
    _demand(features.ndim == 2 and 0 < features.shape[1] <= _MOST_FEATURES and pictures.ndim == 1)
    slots = {known.slot for known in about.classes}
    row = byte = 0
    for example in about.examples:
        _demand(example.views > 0 and example.bytes >= 0 and example.slot in slots)
        part, picture = features[row : row + example.views], pictures[byte : byte + example.bytes]
        _demand(len(part) == example.views and len(picture) == example.bytes)
        row, byte = row + example.views, byte + example.bytes
        found.append(Example(example.number, example.slot, np.array(part), picture.tobytes()))
    _demand(row == len(features) and byte == len(pictures))
    _demand(len({example.number for example in found}) == len(found))
    return found


def _knowledge(about: About, lesson: Lesson, tensors: dict[str, NDArray[Any]]) -> Knowledge | None:
    if not about.names:
        return None
    weights, bias, references = (tensors.get(name) for name in ("weights", "bias", "references"))
    _demand(weights is not None and bias is not None and references is not None)
    assert weights is not None
    assert bias is not None
    assert references is not None
    classes = len(about.names)
    _demand(2 <= classes <= MOST_CLASSES)
    _demand(weights.ndim == 2 and len(weights) == classes and 0 < weights.shape[1] <= _MOST_FEATURES)
    _demand(bias.shape == (classes,))
    _demand(references.ndim == 2 and references.shape[1] == weights.shape[1] and len(references) > 0)
    _demand(about.far is None or 1e-6 < about.far < 10)
    names = tuple(clean_label(name, place) for place, name in enumerate(about.names))
    most = views_used(len(lesson.examples))
    views = [len(example.features[:most]) for example in lesson.examples]
    taught = [known.slot for known in lesson.taught]
    if sum(views) == len(references) and len(taught) == classes:
        example_of = np.repeat(np.arange(len(views)), views)
        class_of = np.repeat([taught.index(example.slot) for example in lesson.examples], views)
    else:  # the layer alone is enough to recognise with
        example_of = class_of = np.zeros(len(references), np.int64)
    return Knowledge(
        names,
        Layer(weights, bias, about.link),
        references,
        example_of.astype(np.int64),
        class_of.astype(np.int64),
        about.far,
        about.penalty,
    )


def read_knowledge(path: Path) -> tuple[About, Knowledge]:
    """Of a file that is to be run. Raises `ModelError`."""
    found = read(path)
    if found.knowledge is None:
        raise ModelError(
            tr("“{name}” has not been taught two things yet.", name=path.name),
            tr("Go on teaching it, then save it again."),
        )
    return found.about, found.knowledge
