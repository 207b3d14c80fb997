"""From frames to an int8 network that lies beside the models, with what was measured of it."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.frame import Bgr
from desktop_app.core.model import Model, ModelInfo, Placement, Precision, Thresholds, Tuning
from desktop_app.core.progress import Progress
from desktop_app.core.results import Prediction
from desktop_app.core.turbo import FEWEST, HELD_BACK, Agreement, TurboReport, frames_needed
from desktop_app.errors import ModelError
from desktop_app.i18n import tr
from desktop_app.models import turbo
from desktop_app.models.agreement import agreement
from desktop_app.models.engines import Network
from desktop_app.models.engines.silent_openvino import openvino
from desktop_app.models.quantising import Report, demand_nncf, quantise

ROUNDS = 40
"""Frames that are timed in each precision, in turns."""
_SECONDS = 20.0
"""Enough of timing, however slow the network."""


@dataclass(frozen=True, slots=True, eq=False)
class _Input:
    """What remains of a frame: the network's input, and the frame's shape."""

    tensor: NDArray[np.uint8]
    frame_shape: tuple[int, ...]


def split(inputs: Sequence[_Input]) -> tuple[list[_Input], list[_Input]]:
    """What calibrates, and what is held back: every fifth, so that both are spread alike."""
    every = HELD_BACK + 1
    held = [item for place, item in enumerate(inputs) if place % every == every - 1]
    return [item for place, item in enumerate(inputs) if place % every != every - 1], held


def _silent(_: Progress) -> None:
    pass


def _quiet(_message: str, _hint: str) -> None:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """The full model in float32, what the engine is told of it, and its network as OpenVINO reads it."""

    info: ModelInfo
    full: Model
    network: Network
    path: Path
    facts: dict[str, int]


def _open(info: ModelInfo) -> _Source:
    """Fetches and converts if need be."""
    from desktop_app.models import loading, store
    from desktop_app.models.conversion import ir_of

    if info.family == "taught":
        raise ModelError(
            tr("{model} is a layer on another network, of which it uses the int8 copy.", model=info.key),
            tr("Make one of the network that it was taught on."),
        )
    full = loading.load_model(info, Placement("openvino", "cpu", "fp32"), _silent, None, _quiet)
    path = store.ensure(info, _silent, None)
    digest = info.sha256 if len(info.sha256) == 64 else store.sha256_of(path)
    network = loading.FAMILIES[info.family].network(info, path, digest)
    if network.onnx is not None:
        return _Source(info, full, network, network.onnx, {})
    converted = ir_of(network, _silent)
    return _Source(info, full, network, converted.path, converted.facts)


def _too_few(found: int) -> ModelError:
    return ModelError(
        tr("{found} frames are too few for Turbo: it needs {least} at least.", found=found, least=FEWEST),
        tr("Choose a longer video, a larger folder, or let the camera run longer."),
    )


def _collect(model: Model, frames: Iterable[Bgr], count: int, report: Report) -> list[_Input]:
    wanted = frames_needed(count)
    inputs: list[_Input] = []
    report("collect", 0, wanted)
    for bgr in itertools.islice(frames, wanted):
        inputs.append(_Input(model.preprocess(bgr).copy(), bgr.shape))
        report("collect", len(inputs), wanted)
    if len(inputs) < FEWEST:
        raise _too_few(len(inputs))
    return inputs


def _built(info: ModelInfo, network: Network, precision: Precision, full: Model, facts: dict[str, int]) -> Model:
    """The network in another precision, with the pre- and postprocessing of `full`."""
    from desktop_app.models import loading
    from desktop_app.models.engines import start

    runner = start(network, Placement("openvino", "cpu", precision), Tuning("live"), _silent, _quiet)
    cast(Any, runner).facts = facts  # the file of a quantised network does not say what the module said of itself
    return loading.FAMILIES[info.family].model(info, full.names, runner)


def _predict(model: Model, item: _Input, thresholds: Thresholds) -> Prediction:
    return model.postprocess(model.forward(item.tensor), item.frame_shape, thresholds)


def _milliseconds(model: Model, item: _Input) -> float:
    return model.submit(item.tensor).wait()[1]


def _timed(models: dict[str, Model], held: Sequence[_Input], report: Report) -> dict[str, float]:
    """Median milliseconds of one frame, the networks in turns."""
    times: dict[str, list[float]] = {precision: [] for precision in models}
    for model in models.values():
        _milliseconds(model, held[0])  # the first is slower
    until = time.monotonic() + _SECONDS
    for done, item in enumerate(itertools.islice(itertools.cycle(held), ROUNDS)):
        report("compare", len(held) + done, len(held) + ROUNDS)
        for precision, model in models.items():
            times[precision].append(_milliseconds(model, item))
        if time.monotonic() > until:
            break
    return {precision: round(statistics.median(values), 3) for precision, values in times.items()}


def _compare(
    source: _Source, quick: Path, held: Sequence[_Input], confidence: float, report: Report
) -> tuple[Agreement, dict[str, float]]:
    """The full network in float32 against the one at `quick`, on frames that did not calibrate it."""
    from desktop_app.models.engines.openvino_engine import native_bf16

    # What is not int8 in it is computed as the engine will do it.
    rest: Precision = "bf16" if native_bf16() else "fp32"
    models = {"fp32": source.full}
    if native_bf16():
        models["bf16"] = _built(source.info, source.network, "bf16", source.full, source.facts)
    candidate = replace(source.network, build=None, onnx=quick)
    models["int8"] = _built(source.info, candidate, rest, source.full, source.facts)
    thresholds = Thresholds(confidence=confidence)
    pairs: list[tuple[Prediction, Prediction]] = []
    for done, item in enumerate(held):
        report("compare", done, len(held) + ROUNDS)
        pairs.append((_predict(models["fp32"], item, thresholds), _predict(models["int8"], item, thresholds)))
    return agreement(pairs), _timed(models, held, report)


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=turbo.scratch_prefix(os.getpid()), dir=folder.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unwritable(info: ModelInfo, folder: Path) -> ModelError:
    return ModelError(
        tr("The int8 network of {model} could not be written to {path}.", model=info.key, path=folder),
        tr("Free some space, or make the folder writable."),
    )


def make(info: ModelInfo, frames: Iterable[Bgr], count: int, confidence: float, report: Report) -> TurboReport:
    """Quantises, compares, writes; what was there before goes only then. Raises `AppError`.

    `frames`: any number; at most `frames_needed(count)` are taken, and nothing of them is kept. `confidence`: the
    threshold for the comparison of boxes.
    """
    demand_nncf()
    report("load", 0, 0)
    source = _open(info)
    calibrating, held = split(_collect(source.full, frames, count, report))
    quick = quantise(source.path, source.network, [item.tensor for item in calibrating], report)
    folder = turbo.folder_of(source.network)
    try:
        with _scratch(folder) as scratch:
            _save(quick, scratch / turbo.NETWORK)
            del quick
            said, ms = _compare(source, scratch / turbo.NETWORK, held, confidence, report)
            report("write", 0, 0)
            size = sum(file.stat().st_size for file in scratch.iterdir())
            made = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
            told = TurboReport(
                info.key, info.task, source.network.digest, len(calibrating), said, ms, confidence, size, made
            )
            turbo.write_report(scratch, told)
            turbo.seal(scratch)
            shutil.rmtree(folder, ignore_errors=True)
            scratch.rename(folder)
    except OSError as error:
        raise _unwritable(info, folder.parent) from error
    return told


def _save(model: Any, path: Path) -> None:
    try:
        openvino().save_model(model, path, compress_to_fp16=False)
    except RuntimeError as error:  # so it reports a full disk
        raise OSError(str(error)) from error
