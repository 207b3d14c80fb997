"""`regard run`: sources through models, results to standard output."""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.cli import counting, entering, exporting
from desktop_app.cli.fetch_bar import FetchBar
from desktop_app.cli.output import WRITERS, Writer
from desktop_app.core.address import user_of
from desktop_app.core.capture import Phase
from desktop_app.core.frame import Frame
from desktop_app.core.gearbox import Shift
from desktop_app.core.lane import LoadModel
from desktop_app.core.model import Model, ModelInfo, Placement, Thresholds, Use
from desktop_app.core.pipeline import Pipeline
from desktop_app.core.records import record
from desktop_app.core.results import Result
from desktop_app.core.sleep import SleepWatch
from desktop_app.core.source import Notify, ReopenableSource, Source, SourceInfo, SourceNotice
from desktop_app.errors import AppError, CertificateUntrusted, LoginNeeded, ModelError, UnknownModel
from desktop_app.i18n import tr

if TYPE_CHECKING:
    from desktop_app.cli.exporting import Exporter
    from desktop_app.cli.save import Saver

DEFAULT_MODEL = "yolov3-tiny"


def _fraction(text: str) -> float:
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise ValueError
    return value


def _iou(text: str) -> float | None:
    return None if text == "auto" else _fraction(text)


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


# argparse names the converter in its message: "invalid number between 0 and 1 value: '7'".
_fraction.__name__ = "number between 0 and 1"
_iou.__name__ = "number between 0 and 1, or auto"
_at_least_one.__name__ = "whole number of at least 1"


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "run",
        help=tr("recognise sources and print the results"),
        description=tr(
            "SOURCE: a picture, video, folder, camera:0, screen:0, window:TITLE, http(s)://…, rtsp(s)://… or demo: "
            "(demo:?frames=90 ends). A login of a network camera comes from the keyring, or is asked for."
        ),
    )
    parser.add_argument("sources", nargs="+", metavar="SOURCE")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="KEY[,KEY…]", help=tr("keys of “regard models”, or a model file")
    )
    parser.add_argument("--format", choices=sorted(WRITERS), default="text")
    parser.add_argument("--save", metavar="DIR", type=Path, help=tr("write annotated pictures and videos there"))
    parser.add_argument("--sidecar", action="store_true", help=tr("with --save: all results as JSON Lines beside it"))
    parser.add_argument("--subtitles", action="store_true", help=tr("with --save: what is seen, as WebVTT beside it"))
    parser.add_argument("--conf", type=_fraction, default=0.25, help=tr("least confidence of a box (0.25)"))
    parser.add_argument("--iou", type=_iou, default=None, metavar="auto|N", help=tr("overlap limit of boxes (auto)"))
    parser.add_argument("--top", type=_at_least_one, default=5, help=tr("number of classes to print (5)"))
    parser.add_argument("--classes", metavar="NAME,…", help=tr("only boxes of these classes"))
    parser.add_argument("--every", type=_at_least_one, default=1, metavar="N", help=tr("only every Nth frame"))
    parser.add_argument("--engine", choices=("auto", "openvino", "torch"), default="auto")
    parser.add_argument("--device", default="auto", help="auto|cpu|cuda:0|mps|xpu|gpu|npu")
    parser.add_argument("--precision", choices=("auto", "fp32", "fp16", "bf16", "int8"), default="auto")
    exporting.add_arguments(parser)
    counting.add_arguments(parser)
    parser.set_defaults(answer=run)


class EveryNth:
    """A source of which only the frames 0, n, 2n … count."""

    def __init__(self, source: Source, n: int) -> None:
        self._source = source
        self._n = n

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    def __enter__(self) -> EveryNth:
        self._source.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._source.__exit__(*exc)

    def reopen(self) -> None:
        if isinstance(self._source, ReopenableSource):
            self._source.reopen()

    def __iter__(self) -> Any:
        return (frame for frame in self._source if frame.index % self._n == 0)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A model to run: its line of the catalogue, its class names and how it is loaded."""

    info: ModelInfo
    names: tuple[str, ...]
    load: LoadModel


class Run:
    """Implements `PipelineEvents`: writes results, counts failures. One source after the other."""

    def __init__(
        self, options: argparse.Namespace, writer: Writer, saver: Saver | None, exporter: Exporter | None
    ) -> None:
        self._top: int = options.top
        self._writer = writer
        self._saver = saver
        self._exporter = exporter
        self.counts = counting.Counts(options)
        self._names: dict[str, tuple[str, ...]] = {}
        self._tasks: dict[str, str] = {}
        self._spec = ""
        self._kind = ""
        self._lost = False
        self.failed = False
        self.broken: BaseException | None = None
        self.model_error: AppError | None = None
        self.asked: AppError | None = None
        """What a source could not be opened for, but the user may answer."""
        self.ended = threading.Event()
        self.loaded = threading.Semaphore(0)

    def begin(self, spec: str) -> None:
        from desktop_app.sources import describe

        # An address may hold a password: it is printed as its title.
        self._spec = describe(spec) if "://" in spec and not spec.startswith("file:") else spec
        self.counts.begin(self._spec)
        self.ended.clear()

    def complain(self, text: str) -> None:
        self.failed = True
        print(f"regard: {text}", file=sys.stderr)

    def source_opened(self, request: int, info: SourceInfo) -> None:
        self._kind = info.kind
        entering.opened()
        if self._saver is not None:
            self._saver.open(self._spec, info)
        if self._exporter is not None:
            self._exporter.open(self._spec, info)

    def source_phase(self, request: int, phase: Phase, error: AppError | None, retry_in: float | None) -> None:
        if phase == "lost" and error is not None and not self._lost:
            print(f"regard: {error}", file=sys.stderr)
        self._lost = phase == "lost"  # told once, not at each attempt
        if phase == "failed" and isinstance(error, LoginNeeded | CertificateUntrusted):
            self.asked = error
        elif phase == "failed":
            self.complain(str(error))
        if phase in ("failed", "ended"):
            self.ended.set()

    def source_notice(self, request: int, notice: SourceNotice) -> None:
        if notice.error is not None:
            self.complain(str(notice.error))

    def newest(self, request: int, frame: Frame) -> None:
        """Not used: every frame is shown with its own results."""

    def recognised(self, request: int, result: Result) -> None:
        """Not used: every frame is shown with its own results."""

    def done(self, request: int, frame: Frame, results: Sequence[Result]) -> None:
        if self.broken is not None:
            return
        number = 0 if self._kind == "images" else frame.index
        try:
            rows = [
                record(
                    frame.path or self._spec,
                    number,
                    frame.media_time,
                    (frame.width, frame.height),
                    result,
                    self._names[result.model_key],
                    self._top,
                )
                for result in results
            ]
            for row, result in zip(rows, results, strict=True):
                self._writer.write(row)
                self.counts.add(result, self._names[result.model_key])
            if self._saver is not None:
                self._saver.write(frame, results, self._names, rows, self.counts.marks(results))
            if self._exporter is not None:
                for trouble in self._exporter.write(frame, rows):
                    self.complain(trouble)
        except Exception as error:
            # A full disk or a closed pipe: the main thread ends the run in order.
            self.broken = error
            self.ended.set()

    def model_ready(self, key: str, model: Model) -> None:
        self._names[key] = model.names
        self.loaded.release()

    def shifted(self, key: str, shift: Shift) -> None:
        pass  # no rate is held here

    def model_failed(self, key: str, error: AppError) -> None:
        self.model_error = error
        self.loaded.release()

    def trouble(self, error: AppError) -> None:
        self.complain(str(error))

    def crashed(self, error: Exception) -> None:
        self.complain(tr("An unexpected error: {error}.", error=f"{type(error).__name__}: {error}"))
        self.ended.set()


def _find_model(key: str, placement: Placement, use: Use) -> _Wanted:
    """A key of the catalogue, or the path of a model file."""
    from desktop_app.cli import UsageError
    from desktop_app.models import catalog, loading

    report = FetchBar()
    try:
        info = catalog.find(key)
    except UnknownModel as unknown:
        if not (Path(key).exists() or "/" in key or "\\" in key):
            raise UsageError(unknown.message, unknown.hint) from unknown
        from desktop_app.models import importing

        imported = importing.inspect(Path(key))
        info, own = imported.info, imported.names
        return _Wanted(info, own, lambda cancel: loading.load_model(info, placement, report, cancel, _notice, own, use))
    return _Wanted(
        info,
        catalog.class_names(info),
        lambda cancel: loading.load_model(info, placement, report, cancel, _notice, use=use),
    )


def _notice(message: str, hint: str) -> None:
    print(f"regard: {message} {hint}".rstrip(), file=sys.stderr)


def class_ids(wanted: str, names: Sequence[tuple[str, ...]]) -> tuple[int, ...]:
    """The ids of the class names in `wanted` (comma-separated). Raises `UsageError` for a name that no model has."""
    from desktop_app.cli import UsageError

    ids: set[int] = set()
    for name in (part.strip() for part in wanted.split(",")):
        found = {n.index(name) for n in names if name in n}
        if not found:
            near = difflib.get_close_matches(name, [known for n in names for known in n], 3)
            hint = tr("Did you mean {names}?", names=", ".join(near)) if near else ""
            raise UsageError(tr("No model knows the class “{name}”.", name=name), hint)
        ids |= found
    return tuple(sorted(ids))


def run(options: argparse.Namespace) -> int:
    """Answers `regard run`."""
    from desktop_app.cli import INTERRUPTED, UsageError
    from desktop_app.sources import likely_use

    if (options.sidecar or options.subtitles) and options.save is None:
        raise UsageError(tr("--sidecar and --subtitles go with --save."), tr("Name a folder: --save DIR."))
    placement = Placement(options.engine, options.device, options.precision)
    use = likely_use(options.sources[:1])
    wanted = [_find_model(key.strip(), placement, use) for key in dict.fromkeys(options.model.split(","))]
    names = [model.names for model in wanted if model.info.task == "detect"]
    classes = class_ids(options.classes, names) if options.classes else None
    saver = None
    if options.save is not None:
        from desktop_app.cli.save import Saver

        saver = Saver(
            options.save, options.top, sidecar=options.sidecar, subtitles=options.subtitles, every=options.every
        )
    exporter = None
    if options.export is not None:
        exporter = exporting.Exporter(options, [(model.info, model.names) for model in wanted])
    writer = WRITERS[options.format]()
    events = Run(options, writer, saver, exporter)
    entering.begin()
    pipeline = Pipeline(events, paced=False)
    pipeline.set_synced_live(True)
    pipeline.set_thresholds(Thresholds(options.conf, options.iou, classes))
    if events.counts.tracker is not None:
        from desktop_app.models.trackers import tracker_maker

        pipeline.set_tracker(tracker_maker(events.counts.tracker))
    try:
        _load(pipeline, events, wanted)
        for number, spec in enumerate(options.sources):
            _one_source(pipeline, events, number, spec, options.every)
            if saver is not None:
                saver.close(whole=True)
            events.counts.end()
            if events.broken is not None:
                raise events.broken
        status = int(events.failed)
    except KeyboardInterrupt:
        # A second Ctrl+C must not cut short what makes the saved video whole.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = INTERRUPTED
    finally:
        ended = pipeline.stop(2.0)
        if saver is not None:
            saver.close()
        if exporter is not None:
            exporter.finish()
        writer.close()
        events.counts.end()
    if not ended:
        # A thread that sits in a driver would abort the interpreter's own shutdown.
        sys.stdout.flush()
        os._exit(status)
    return status


def _load(pipeline: Pipeline, events: Run, wanted: Sequence[_Wanted]) -> None:
    """All models, before the first frame. Raises the `ModelError` of the first that cannot be had."""
    pipeline.set_models([((model.info.key,), model.info.key, model.load) for model in wanted])
    for _ in wanted:
        while not events.loaded.acquire(timeout=0.2):
            pass  # so that Ctrl+C is heard
        if events.model_error is not None:
            raise (
                events.model_error
                if isinstance(events.model_error, ModelError)
                else ModelError(events.model_error.message, events.model_error.hint)
            )


def _one_source(pipeline: Pipeline, events: Run, number: int, spec: str, every: int) -> None:
    def opener(notify: Notify, stop: threading.Event) -> Source:
        from desktop_app.sources import open_source

        source = open_source([spec], notify, stop)
        return source if every == 1 else EveryNth(source, every)

    while True:
        events.begin(spec)
        pipeline.open(number + 1, opener)
        watch = SleepWatch()
        while not events.ended.wait(0.2):  # not for ever, so that Ctrl+C is heard
            if watch.slept():
                pipeline.wake()
        pipeline.close()
        asked, events.asked = events.asked, None
        if asked is None:
            return
        if not entering.answer(asked, user_of(spec)):
            events.complain(str(asked))
            return
