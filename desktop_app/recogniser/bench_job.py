"""Measures models on this machine: reads frames of a source, loads what is to be measured, times it in rounds.

The command line runs it in its own process; the window starts it as a process (`bench_client`).
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from typing import Protocol

from desktop_app.core.bench import Measured, Setup
from desktop_app.core.frame import Bgr
from desktop_app.core.model import ModelInfo
from desktop_app.core.progress import Progress
from desktop_app.core.results import Result
from desktop_app.core.source import SourceInfo, SourceNotice
from desktop_app.core.trial import Draw, Trial
from desktop_app.errors import AppError, ModelLoadFailed, SourceUnreadable, WeightsUnavailable
from desktop_app.i18n import set_language, tr
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.environment import secure_environment

ROUNDS = 5
LIVE_SHARE = 0.6
"""Of the time of a setup; the rest goes to several frames at once."""
_FRAMES, _BYTES, _SECONDS = 60, 128 << 20, 2.0
"""What is kept of the source, and how long a live one is read."""
_PATIENCE = 10.0
_NICENESS = 5


class Listener(Protocol):
    def progress(self, done: int, total: int, what: m.BenchStage, setup: Setup | None) -> None:
        """`done` of `total` rounds of all setups."""

    def row(self, row: Measured) -> None:
        """What is known so far of one setup; comes again after each round."""

    def failed(self, setup: Setup, error: AppError) -> None:
        """Left out; the others go on."""

    def sample(self, bgr: Bgr, result: Result, names: tuple[str, ...]) -> None:
        """A frame with its result, once for each setup."""


@dataclass(slots=True)
class Footage:
    """Frames of the source, kept for the rounds. `times`: milliseconds by stage, grab and decode."""

    info: SourceInfo
    frames: list[Bgr] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=lambda: {"grab": [], "decode": []})

    @property
    def is_full(self) -> bool:
        return len(self.frames) >= _FRAMES or sum(frame.nbytes for frame in self.frames) >= _BYTES


def read(spec: str, stop: threading.Event | None = None) -> Footage:
    """Raises `SourceError`. Waiting for a live source is `grab`, the work of this thread `decode`; a file makes nobody
    wait, so all its time is `decode`."""
    from desktop_app.sources import open_source

    until = time.perf_counter() + _SECONDS
    opened = time.perf_counter()
    with open_source([spec], _ignore, stop or threading.Event()) as source:
        footage = Footage(source.info)
        # The file of a still picture is read when it is opened.
        wall, worked = (opened if source.info.kind == "image" else time.perf_counter()), time.thread_time()
        for frame in source:
            taken, work = (time.perf_counter() - wall) * 1e3, (time.thread_time() - worked) * 1e3
            waited = max(0.0, taken - work) if source.info.live else 0.0
            footage.times["grab"].append(waited)
            footage.times["decode"].append(taken - waited)
            footage.frames.append(frame.bgr)
            if footage.is_full or (footage.info.live and time.perf_counter() > until):
                break
            wall, worked = time.perf_counter(), time.thread_time()
    if not footage.frames:
        raise SourceUnreadable(tr("{source} gave no frame.", source=spec), tr("Measure with another source."))
    return footage


def _ignore(_: SourceNotice) -> None:
    """A file of many that cannot be read is no matter here."""


@contextmanager
def endless(spec: str, footage: Footage) -> Iterator[Iterator[Bgr]]:
    """The frames of a file again and again, decoded by a thread of their own as when it is recognised. A camera's
    frames cannot be had faster than they come: those that were kept."""
    if footage.info.live and not spec.startswith("demo:"):
        yield _again(footage.frames)
        return
    frames: queue.Queue[Bgr] = queue.Queue(4)
    stop = threading.Event()
    thread = threading.Thread(target=_decode, args=(_finite(spec), footage, frames, stop), name="bench", daemon=True)
    thread.start()
    try:
        yield _taken(frames, footage)
    finally:
        stop.set()
        thread.join(2.0)


def _taken(frames: queue.Queue[Bgr], footage: Footage) -> Iterator[Bgr]:
    while True:
        try:
            yield frames.get(timeout=_PATIENCE)
        except queue.Empty:  # a share that has gone away
            yield from footage.frames


def _again(frames: Sequence[Bgr]) -> Iterator[Bgr]:
    while True:
        yield from frames


def _finite(spec: str) -> str:
    """The demo as a file: as fast as it is read."""
    if not spec.startswith("demo:") or "frames=" in spec:
        return spec
    return f"{spec}{'&' if '?' in spec else '?'}frames=720"


def _decode(spec: str, footage: Footage, frames: queue.Queue[Bgr], stop: threading.Event) -> None:
    from desktop_app.sources import open_source

    while not stop.is_set():
        try:
            with open_source([spec], _ignore, stop) as source:
                for frame in source:
                    if not _put(frames, frame.bgr, stop):
                        return
        except AppError:  # it was there a moment ago
            for bgr in _again(footage.frames):
                if not _put(frames, bgr, stop):
                    return


def _put(frames: queue.Queue[Bgr], bgr: Bgr, stop: threading.Event) -> bool:
    while not stop.is_set():
        try:
            frames.put(bgr, timeout=0.1)
            return True
        except queue.Full:
            continue
    return False


def measure(
    spec: str,
    groups: Sequence[Sequence[Setup]],
    seconds: float,
    listener: Listener,
    draw: Draw | None = None,
) -> SourceInfo:
    """`groups`: what is loaded together. `seconds`: for each setup. Raises `SourceError`; a setup that fails is told
    to the listener and left out."""
    total = sum(len(group) for group in groups) * (2 * ROUNDS + 1)
    listener.progress(0, total, "read", None)
    footage = read(spec)
    begun = 0
    for group in groups:
        _Rounds(spec, footage, seconds, listener, begun, total).run(group, draw)
        begun += len(group) * (2 * ROUNDS + 1)
    listener.progress(total, total, "done", None)
    return footage.info


class _Rounds:
    """One group. Loaded together, each in its turn: a moment in which the machine is busy hits all alike."""

    def __init__(self, spec: str, footage: Footage, seconds: float, listener: Listener, begun: int, total: int) -> None:
        self._spec, self._footage, self._seconds = spec, footage, seconds
        self._listener, self._done, self._total = listener, begun, total

    def run(self, group: Sequence[Setup], draw: Draw | None) -> None:
        trials = [trial for setup in group if (trial := self._load(setup, draw)) is not None]
        frames = self._footage.frames
        live, together = (share * self._seconds / ROUNDS for share in (LIVE_SHARE, 1 - LIVE_SHARE))
        for _ in range(ROUNDS):
            for trial in list(trials):
                self._tell("live", trial.setup)
                self._try(trials, trial, partial(trial.live_round, frames, live))
        with endless(self._spec, self._footage) as stream:
            for trial in list(trials):
                self._try(trials, trial, partial(trial.begin_file, stream), told=False)
            for _ in range(ROUNDS):
                for trial in list(trials):
                    self._tell("files", trial.setup)
                    self._try(trials, trial, partial(trial.file_round, stream, together))

    def _tell(self, what: m.BenchStage, setup: Setup) -> None:
        self._listener.progress(self._done, self._total, what, setup)
        self._done += 1

    def _try(self, trials: list[Trial], trial: Trial, step: Callable[[], None], *, told: bool = True) -> None:
        try:
            step()
        except AppError as error:
            trials.remove(trial)
            self._listener.failed(trial.setup, error)
            return
        if told:
            self._listener.row(trial.measured(self._footage.times))

    def _load(self, setup: Setup, draw: Draw | None) -> Trial | None:
        from desktop_app.models import catalog, loading

        self._tell("load", setup)
        try:
            model = loading.load_model(catalog.find(setup.model), setup.placement, _never_fetch, notify=_silent)
            trial = Trial(setup, model, draw)
            trial.begin_live(self._footage.frames)
        except AppError as error:
            self._listener.failed(setup, error)
            return None
        if not really(setup, model.engine, model.device, model.precision):
            self._listener.failed(
                setup,
                ModelLoadFailed(
                    tr(
                        "{setup} cannot be had here; it would run as {device}, {precision}.",
                        setup=setup.title(),
                        device=model.device,
                        precision=model.precision,
                    )
                ),
            )
            return None
        assert trial.sample is not None
        self._listener.sample(*trial.sample, model.names)
        return trial


def really(setup: Setup, engine: str, device: str, precision: str) -> bool:
    """Whether what runs is what was asked for; `device` as the engine spells it ("GPU.0" for gpu)."""
    same_device = device.lower().startswith(setup.device.lower())
    return engine == setup.engine and same_device and precision == setup.precision


def _never_fetch(progress: Progress) -> None:
    """Measuring costs no traffic: weights that are missing or damaged are the user's to fetch."""
    if progress.stage == "fetch":
        raise WeightsUnavailable(
            tr("{key} is not on this machine.", key=progress.key),
            tr("Type: regard models fetch {key}", key=progress.key),
        )


def _silent(message: str, hint: str) -> None:
    """What really runs is looked at instead."""


def ready_models() -> list[ModelInfo]:
    """Those on this machine, in the order of the catalogue."""
    from desktop_app.models import catalog, store

    return [info for info in catalog.all_models() if store.is_ready(info)]


class _Wire:
    """A `Listener` that sends events to the window."""

    def __init__(self, events: Connection) -> None:
        self._events = events
        self._sampled: set[str] = set()

    def send(self, event: m.Event) -> None:
        self._events.send_bytes(m.encode(event))

    def progress(self, done: int, total: int, what: m.BenchStage, setup: Setup | None) -> None:
        self.send(m.BenchProgress(done, total, what, setup))

    def row(self, row: Measured) -> None:
        self.send(m.BenchRow(row))

    def failed(self, setup: Setup, error: AppError) -> None:
        self.send(m.BenchFailed(setup, error.message, error.hint))

    def sample(self, bgr: Bgr, result: Result, names: tuple[str, ...]) -> None:
        """One a model is enough: where it ran changes nothing in the drawing."""
        if result.model_key not in self._sampled:
            self._sampled.add(result.model_key)
            self.send(m.BenchSample(bgr.tobytes(), (bgr.shape[0], bgr.shape[1]), m.PackedResult.of(result), names))


def main(events: Connection, spec: str, seconds: float, language: str) -> None:
    """Entry of the spawned process: everything that is ready, everywhere. Ends when the window closes the pipe."""
    secure_environment()
    set_language(language)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches both processes; the window decides
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    wire = _Wire(events)
    status = 0
    try:
        _measure_all(spec, seconds, wire)
    except AppError as error:
        wire.send(m.Notice(error.message, error.hint))
    except OSError:
        status = 1  # the window is gone
    except Exception as error:
        wire.send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))
    events.close()
    # Threads of torch and OpenVINO may abort the interpreter's own shutdown.
    os._exit(status)


def _measure_all(spec: str, seconds: float, wire: _Wire) -> None:
    from desktop_app.core.model import Placement
    from desktop_app.models import bench

    infos = ready_models()
    wanted = bench.setups(infos, bench.spots(), Placement())
    if not wanted:
        raise WeightsUnavailable(tr("No model is on this machine yet."), tr("Choose one in the list of models."))
    measure(spec, bench.groups(wanted, infos), seconds, wire)
