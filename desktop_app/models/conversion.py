"""Weights to OpenVINO's own format (IR), once; kept in the cache and checked before each use."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import shutil
import tempfile
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.core.progress import Progress, ReportProgress
from desktop_app.errors import ModelError, ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models import pytorch, shipped
from desktop_app.models.engines import Converted, Network
from desktop_app.models.engines.silent_openvino import openvino
from desktop_app.paths import cache_dir

if TYPE_CHECKING:
    from torch import nn

log = logging.getLogger(__name__)

# torch's tracer keeps its state in globals: two lanes that convert at the same time would break each other.
_tracing = threading.Lock()
# Counts up when the same weights give another graph.
RECIPE = 1


def _folder(network: Network) -> Path:
    """Where the network lies; other weights, input or OpenVINO give another place."""
    size = "any" if network.dynamic else f"{network.height}x{network.width}"
    release = openvino().__version__.split("-")[0]
    return cache_dir() / "ir" / f"{network.digest[: shipped.DIGITS]}-{size}-fp32-{release}-{RECIPE}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(folder: Path) -> Converted | None:
    """`None` where there is nothing, or where it is not what was written."""
    try:
        seal = json.loads((folder / "seal.json").read_text(encoding="utf-8"))
        if all(seal[name] == _sha256(folder / name) for name in ("network.xml", "network.bin")):
            return Converted(folder / "network.xml", {key: int(value) for key, value in seal["facts"].items()})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.info("converted network %s unreadable: %s", folder, error)
    return None


def _trace(module: nn.Module, network: Network) -> Any:
    """The module as an OpenVINO model. The front end is asked directly: `convert_model` would send telemetry."""
    import torch

    package = openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    example = torch.zeros(1, 3, network.height, network.width)
    with torch.inference_mode(False), torch.no_grad(), warnings.catch_warnings():
        # What the tracer freezes is meant to be frozen; that it is old is known (OpenVINO's own converter uses it).
        warnings.simplefilter("ignore")
        module.requires_grad_(False)
        decoder = TorchScriptPythonDecoder(module, example_input=(example,))
    front_end = FrontEndManager().load_by_framework("pytorch")
    model = front_end.convert(front_end.load(decoder))
    sides = (-1, -1) if network.dynamic else (network.height, network.width)
    model.reshape(package.PartialShape([1, 3, *sides]))
    return model


def _write(model: Any, facts: dict[str, int], folder: Path) -> None:
    """All of it or nothing: made beside, then moved into place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".tmp", dir=folder.parent))
    try:
        # float32: half would move probabilities by more than the engines may differ.
        try:
            openvino().save_model(model, scratch / "network.xml", compress_to_fp16=False)
        except RuntimeError as error:  # so it reports a full disk
            raise OSError(str(error)) from error
        seal = {name: _sha256(scratch / name) for name in ("network.xml", "network.bin")}
        (scratch / "seal.json").write_text(json.dumps({**seal, "facts": facts}), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(FileExistsError):  # another process was quicker
            scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def ir_of(network: Network, report: ReportProgress) -> Converted:
    """The network in OpenVINO's format, from the cache or converted now, which imports torch and takes seconds.

    Raises `ModelLoadFailed` where it cannot be converted or written.
    """
    folder = _folder(network)
    came_along = shipped.ir_folder(folder.name)
    ready = (came_along and _read(came_along)) or _read(folder)
    if ready is not None:
        return ready
    if network.build is None:
        raise ValueError(f"{network.key} has nothing to convert")
    pytorch.require(network.key)
    report(Progress(network.key, "convert", 0, 3))
    try:
        with _tracing:
            module = network.build(network.dynamic)
            report(Progress(network.key, "convert", 1, 3))
            model = _trace(module, network)
        report(Progress(network.key, "convert", 2, 3))
        _write(model, getattr(module, "facts", {}), folder)
    except ModelError:
        raise
    except OSError as error:
        raise ModelLoadFailed(
            tr("The converted {model} could not be written to {path}.", model=network.key, path=folder.parent),
            tr("Free some space, or make the folder writable."),
        ) from error
    except Exception as error:  # whatever torch's tracer or the front end of OpenVINO raise
        log.info("conversion of %s failed", network.key, exc_info=True)
        raise ModelLoadFailed(
            tr("{model} could not be converted for OpenVINO.", model=network.key),
            tr("Choose the engine torch for this model."),
        ) from error
    report(Progress(network.key, "convert", 3, 3))
    written = _read(folder)
    if written is None:
        raise ModelLoadFailed(
            tr("The converted {model} could not be written to {path}.", model=network.key, path=folder.parent),
            tr("Free some space, or make the folder writable."),
        )
    return written
