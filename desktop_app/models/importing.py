"""A user's own model: told from its content, copied into the model folder, listed in `imported.json` there."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import threading
import unicodedata
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from desktop_app.core.model import ModelInfo
from desktop_app.core.teaching import SUFFIX
from desktop_app.errors import ModelError, UntrustedWeights, WeightsDamaged, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models import catalog, descriptions, formats, store, taught
from desktop_app.models.labels import clean_label
from desktop_app.paths import models_dir

_FAMILY = {"classify": "yolo-cls", "detect": "yolo"}
_SUFFIX: dict[formats.Format, str] = {"onnx": ".onnx", "taught": SUFFIX}
_SAY_NOTHING = ("", "best", "last", "model", "weights", "export")  # file names that every training writes


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A user's model. `names`: its class names, by class id."""

    info: ModelInfo
    names: tuple[str, ...]


def _refused(kind: formats.Format, path: Path) -> ModelError:
    """One sentence on what the file is, one on what would work."""
    if kind == "cut zip":
        return WeightsDamaged(
            tr("“{name}” is damaged or not whole.", name=path.name),
            tr("Fetch or copy the file again, then try once more."),
        )
    export = tr("Export the model as ONNX with Ultralytics and import that file.")
    open_it = tr("Open it as an input instead; to import, choose a .pt file of Ultralytics or an ONNX file.")
    carries_code = tr("Ask for the model as an ONNX file, which carries no code.")
    texts: dict[str, tuple[str, str]] = {
        "torch-legacy": (tr("a checkpoint in an old format that can carry code"), carries_code),
        "torch-tar": (tr("a checkpoint in an old format that can carry code"), carries_code),
        "torchscript": (tr("a TorchScript program"), carries_code),
        "pickle": (tr("a Python pickle, which is a program"), carries_code),
        "safetensors": (tr("a safetensors file: weights without their network"), export),
        "tflite": (tr("a TensorFlow Lite model"), export),
        "hdf5": (tr("a Keras or HDF5 file"), export),
        "gguf": (tr("a language model (GGUF)"), ""),
        "tensorrt": (tr("a TensorRT engine, made for one graphics card"), export),
        "openvino": (tr("an OpenVINO network in two files"), export),
        "numpy": (tr("an array file of NumPy"), ""),
        "tar": (tr("a tar archive"), tr("Unpack it and import the model inside.")),
        "zip": (tr("a zip archive"), tr("Unpack it and import the model inside.")),
        "picture": (tr("a picture"), open_it),
        "video": (tr("a video or a sound"), open_it),
        "web page": (tr("a web page"), tr("Fetch the file itself: the server sent a page in its place.")),
        "pdf": (tr("a PDF document"), ""),
        "text": (tr("a text"), ""),
        "empty": (tr("an empty file"), tr("Copy or fetch it again.")),
        "unknown": (tr("of no known kind"), ""),
    }
    what, hint = texts[kind]
    refusal = descriptions.refusal(
        tr("“{name}” is {what}, not a model that Regard can run.", name=path.name, what=what), hint
    )
    if kind in ("pickle", "torchscript", "torch-legacy", "torch-tar"):
        return UntrustedWeights(refusal.message, refusal.hint)
    return refusal


def _sniff(path: Path) -> formats.Format:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise descriptions.refusal(
                tr("“{name}” is a folder, not a model.", name=path.name),
                tr("Choose the .pt or .onnx file inside; exports that are folders cannot be imported."),
            )
        if not stat.S_ISREG(mode):  # a pipe would be waited for without end
            raise descriptions.refusal(tr("“{name}” is not a regular file.", name=path.name))
        return formats.sniff(path)
    except FileNotFoundError as error:
        raise WeightsUnavailable(
            tr("There is no file “{path}”.", path=clean_label(str(path))), tr("Check the path.")
        ) from error
    except PermissionError as error:
        raise WeightsUnavailable(
            tr("You may not read “{name}”.", name=path.name), tr("Change the permissions of the file, or copy it.")
        ) from error
    except (OSError, ValueError) as error:
        raise WeightsUnavailable(
            tr("“{path}” cannot be read: {reason}.", path=clean_label(str(path)), reason=error), tr("Check the path.")
        ) from error


def inspect(path: Path) -> ImportedModel:
    """The model in the file, where it lies; nothing is copied or registered. The name of the file tells nothing.

    Its `info` can be loaded: `file_name` is the absolute path, `sha256` the hash of what was read.
    Raises `ModelError`, one sentence on what the file is and one on what would work. Code in it never runs.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100  Path.resolve would name the target of a link
    kind = _sniff(path)
    if kind == "torch":
        about = descriptions.of_checkpoint(path)
    elif kind == "onnx":
        about = descriptions.of_onnx(path)
    elif kind == "taught":
        about = taught.describe(path)
    else:
        raise _refused(kind, path)
    stem = clean_label(path.stem)
    title = about.title if stem.lower() in _SAY_NOTHING and about.title else stem
    info = ModelInfo(
        key=_unique(title),
        title=title or tr("My model"),
        task=about.task,
        family=taught.FAMILY if kind == "taught" else _FAMILY[about.task],
        input_size=about.input_size,
        labels="",
        origin="file",
        file_name=str(path),
        bytes=path.stat().st_size,
        sha256=store.sha256_of(path),
    )
    return ImportedModel(info, about.names)


def _unique(title: str) -> str:
    """A key: lower case, plain letters, and nobody else's."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9._-]+", "-", plain).strip("-._") or "model"
    taken = {info.key for info in catalog.all_models()}
    return next(name for name in (key, *(f"{key}-{n}" for n in range(2, 100_000))) if name not in taken)


def imported() -> tuple[ImportedModel, ...]:
    """The models in `imported.json`."""
    return tuple(ImportedModel(info, catalog.imported_names(info.key)) for info in catalog.imported_models())


def import_file(path: Path) -> ModelInfo:
    """Copies the model into the model folder and lists it. The same content again is the same model.

    Raises `ModelError` as `inspect` does.
    """
    found = inspect(path)
    with store.locked("imported.json", None):
        for known in catalog.imported_models():
            if known.sha256 == found.info.sha256 and store.is_ready(known):
                return known
        key = _unique(found.info.title)
        suffix = _SUFFIX.get(_sniff(path), ".pt")
        name = f"imported/{found.info.sha256[:12]}-{key[:64]}{suffix}"
        _copy(path, models_dir() / name, found.info)
        info = replace(found.info, key=key, file_name=name)
        _write([*_rows(), {**asdict(info), "names": list(found.names)}])
    return info


def remove_imported(key: str) -> None:
    """Takes the model from the list and deletes the copy; the user's own file stays. Unknown keys are ignored."""
    with store.locked("imported.json", None):
        rows = _rows()
        kept = [row for row in rows if row.get("key") != key]
        for info in catalog.imported_models():
            if info.key == key:
                store.remove(info)
        if len(kept) != len(rows):
            _write(kept)


def _list_file() -> Path:
    return models_dir() / "imported.json"


def _rows() -> list[dict[str, Any]]:
    try:
        rows = json.loads(_list_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _write(rows: list[dict[str, Any]]) -> None:
    scratch = _list_file().with_name(f"imported.json.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with scratch.open("w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(_list_file())
    except OSError as error:
        raise _unwritable(error) from error
    finally:
        scratch.unlink(missing_ok=True)


def _unwritable(error: OSError) -> WeightsUnavailable:
    return WeightsUnavailable(
        tr("The model folder cannot be written: {reason}.", reason=error.strerror or error),
        tr("Free some space, or make the folder writable."),
    )


def _copy(source: Path, target: Path, info: ModelInfo) -> None:
    """What was inspected is what is kept: a file that changes meanwhile is refused."""
    scratch = target.with_name(f"{target.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, scratch)
        if store.sha256_of(scratch) != info.sha256:
            raise WeightsDamaged(
                tr("The file of {title} changed while it was read.", title=info.title),
                tr("Import the model file again."),
            )
        scratch.replace(target)
    except OSError as error:
        raise _unwritable(error) from error
    finally:
        scratch.unlink(missing_ok=True)
