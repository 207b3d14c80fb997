"""Regard without a window: the pipeline of `regard run` in this process, each result stamped when it comes."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.contestants.serving import serve, take_stdout
from benchmarks.statistics import median, steady_rate
from desktop_app.core.capture import Phase
from desktop_app.core.frame import Frame
from desktop_app.core.lane import LoadModel
from desktop_app.core.model import Model, Placement
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.results import Detections, Result
from desktop_app.core.source import Notify, Source, SourceInfo, SourceNotice
from desktop_app.errors import AppError
from desktop_app.recogniser.environment import secure_environment
from desktop_app.recogniser.memory import keep_pictures


class Listener:
    """Implements `PipelineEvents`: keeps when each result came, by model, and ends the run at the first error."""

    def __init__(self) -> None:
        self.stamps: dict[str, list[float]] = {}
        self.last: dict[str, Result] = {}
        self.forward: list[float] = []
        self.boxes = 0
        self.loaded = threading.Semaphore(0)
        self.ended = threading.Event()
        self.error: Exception | None = None

    def forget(self) -> None:
        self.stamps, self.last, self.forward, self.boxes = {}, {}, [], 0
        self.ended.clear()

    def _fail(self, error: Exception) -> None:
        self.error = error
        self.ended.set()
        self.loaded.release()

    def source_opened(self, request: int, info: SourceInfo) -> None: ...

    def source_phase(self, request: int, phase: Phase, error: AppError | None, retry_in: float | None) -> None:
        if error is not None:
            self._fail(error)
        if phase in ("ended", "failed"):
            self.ended.set()

    def source_notice(self, request: int, notice: SourceNotice) -> None: ...

    def newest(self, request: int, frame: Frame) -> None: ...

    def recognised(self, request: int, result: Result) -> None:
        self.stamps.setdefault(result.model_key, []).append(time.perf_counter())
        self.last[result.model_key] = result
        self.forward.append(result.timings.forward)
        if isinstance(result.prediction, Detections):
            self.boxes += len(result.prediction)

    def done(self, request: int, frame: Frame, results: Sequence[Result]) -> None:
        for result in results:
            self.recognised(request, result)

    def model_ready(self, key: str, model: Model) -> None:
        self.loaded.release()

    def model_failed(self, key: str, error: AppError) -> None:
        self._fail(error)

    def shifted(self, key: str, shift: object) -> None: ...

    def trouble(self, error: AppError) -> None:
        self._fail(error)

    def crashed(self, error: Exception) -> None:
        self._fail(error)


def main() -> None:
    answers = take_stdout()
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", required=True, help="keys, comma-separated")
    parser.add_argument("--precision", default="auto")
    options = parser.parse_args()
    keys: list[str] = options.models.split(",")
    placement = Placement(precision=options.precision)
    secure_environment()
    keep_pictures()
    from desktop_app.models import catalog, loading
    from desktop_app.sources import open_source

    events = Listener()
    pipeline = Pipeline(events, paced=False)

    def loader(key: str) -> LoadModel:
        return lambda cancel: loading.load_model(catalog.find(key), placement, cancel=cancel)

    pipeline.set_models([((key,), key, loader(key)) for key in keys])
    for _ in keys:
        events.loaded.acquire()
    if events.error is not None:
        raise SystemExit(f"{events.error}")
    request = 0

    def go(source: str, skip: int = 20, live_seconds: float = 0.0) -> dict[str, Any]:
        """A file or folder to its end, or so many seconds of a live source in preview, the newest frame first."""
        nonlocal request
        request += 1
        events.forget()
        pipeline.set_synced_live(not live_seconds)

        def opener(notify: Notify, stop: threading.Event) -> Source:
            return open_source([source], notify, stop)

        pipeline.open(request, opener)
        while live_seconds and set(events.stamps) != set(keys) and not events.ended.wait(0.02):
            pass  # until each model has seen a frame
        begun = time.perf_counter()
        events.ended.wait(live_seconds or None)
        pipeline.close()
        if events.error is not None:
            raise RuntimeError(str(events.error))
        first = events.last[keys[0]]
        rates = {
            key: sum(stamp > begun for stamp in stamps) / live_seconds if live_seconds else steady_rate(stamps, skip)
            for key, stamps in events.stamps.items()
        }
        return {
            "rate": rates[keys[0]],
            "rates": rates,
            "frames": len(events.stamps[keys[0]]),
            "forward_ms": median(events.forward),
            "boxes": events.boxes / len(events.forward),
            "precision": first.precision,
            "input_size": list(first.input_size),
        }

    serve(answers, {"keys": keys}, go)
    pipeline.stop(2.0)


if __name__ == "__main__":
    main()
