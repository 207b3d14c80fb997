"""What the window hears of the recogniser. See `messages`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from desktop_app.core.bench import Measured, Setup
from desktop_app.core.camera import CameraInfo, CameraReport
from desktop_app.core.comparing import Side, Stage, Verdict
from desktop_app.core.explain import Heat, HeatMethod, Input, Map, Missing, Station, Tiles
from desktop_app.core.governor import Reason
from desktop_app.core.input_steps import InputSteps
from desktop_app.core.pixels import Area
from desktop_app.core.progress import Progress
from desktop_app.core.results import Classification, Detections, Result, Timings
from desktop_app.core.source import SourceInfo
from desktop_app.core.stress import CorruptionName, Stress
from desktop_app.core.sweep import Answer, Subject
from desktop_app.core.turbo import TurboReport, TurboStage
from desktop_app.errors import Cause
from desktop_app.recogniser.answers import Row


class Event(msgspec.Struct, frozen=True, tag=True):
    """Recogniser to window."""


class Ready(Event, frozen=True):
    pid: int
    devices: tuple[tuple[str, str], ...] = ()
    """(device, title) that a model can be placed on: ("cpu", "Intel Core i7"), ("cuda:0", "NVIDIA RTX 4060")."""


class RingOpened(Event, frozen=True):
    """Frames are now in this shared-memory ring; an older one is gone."""

    name: str


class PictureReady(Event, frozen=True):
    """A newer picture lies in the ring."""


class WholeFrame(Event, frozen=True):
    """Answers `GetFrame`. `bgr`: the pixels, uint8, `shape` is (height, width); `None` where they are gone."""

    number: int
    bgr: bytes | None = None
    shape: tuple[int, int] = (0, 0)


class SourceOpened(Event, frozen=True):
    request: int
    info: SourceInfo


SourcePhase = Literal["opening", "live", "playing", "paused", "lost", "ended", "failed", "closed"]


class Asks(msgspec.Struct, frozen=True):
    """What would open a network camera: a login (`refused`: another one), or that the user accepts the certificate with
    this fingerprint."""

    what: Literal["login", "certificate"]
    place: str
    refused: bool = False
    fingerprint: str = ""


class SourceState(Event, frozen=True):
    """`asks`: what the user could answer to open it.

    `message` and `hint` where phase is lost or failed; `retry_at` is a time of `time.perf_counter()`. `cause`: of a
    camera that could not be opened, see `errors.Cause`."""

    request: int
    phase: SourcePhase
    message: str = ""
    hint: str = ""
    retry_at: float | None = None
    asks: Asks | None = None
    cause: Cause = ""


class AddressTried(Event, frozen=True):
    """A picture (BGR, uint8, `shape` is height and width) of what is there, or what is wrong."""

    number: int
    info: SourceInfo | None = None
    bgr: bytes = b""
    shape: tuple[int, int] = (0, 0)
    message: str = ""
    hint: str = ""
    asks: Asks | None = None


class ScreenItem(msgspec.Struct, frozen=True):
    """`spec` opens it. `place`: left, top, width, height in units of the desktop. `size`: width and height of its
    picture, which is made small here (BGR, uint8, `shape`); 0 where there is none."""

    spec: str
    title: str
    place: tuple[int, int, int, int]
    size: tuple[int, int]
    thumbnail: bytes
    shape: tuple[int, int]


class ScreensListed(Event, frozen=True):
    """`message` and `hint` where none can be seen."""

    items: tuple[ScreenItem, ...]
    message: str = ""
    hint: str = ""


class SourceTrouble(Event, frozen=True):
    """The source goes on; this file could not be read, or the video is damaged."""

    request: int
    message: str
    hint: str = ""
    path: str | None = None


class PackedResult(msgspec.Struct, frozen=True, eq=False):
    """A `Result` as it travels: msgspec knows no union of dataclasses, so each kind of prediction has its place."""

    frame_index: int
    captured_at: float
    model_key: str
    timings: Timings
    engine: str
    device: str
    precision: str
    input_size: tuple[int, int]
    classification: Classification | None = None
    detections: Detections | None = None
    media_time: float | None = None
    frame_size: tuple[int, int] = (0, 0)
    stress: Stress | None = None

    @staticmethod
    def of(result: Result) -> PackedResult:
        prediction = result.prediction
        return PackedResult(
            result.frame_index,
            result.captured_at,
            result.model_key,
            result.timings,
            result.engine,
            result.device,
            result.precision,
            result.input_size,
            prediction if isinstance(prediction, Classification) else None,
            prediction if isinstance(prediction, Detections) else None,
            result.media_time,
            result.frame_size,
            result.stress,
        )

    def unpack(self) -> Result:
        prediction = self.classification if self.classification is not None else self.detections
        if prediction is None:
            raise ValueError("a result without a prediction")
        return Result(
            self.frame_index,
            self.captured_at,
            self.model_key,
            prediction,
            self.timings,
            self.engine,
            self.device,
            self.precision,
            self.input_size,
            self.media_time,
            self.frame_size,
            self.stress,
        )


class ResultReady(Event, frozen=True):
    request: int
    result: PackedResult


class BatchListed(Event, frozen=True):
    """Pictures of a batch that were found, by folder, the first of them with the number `first`. A name that begins
    with "file://" is the whole spec of its file. `complete`: these are the last."""

    request: int
    first: int
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    complete: bool


class BatchRows(Event, frozen=True):
    """Pictures of a batch that are done. `known`: from the disk, not recognised now."""

    request: int
    rows: tuple[Row, ...]
    known: bool = False


class Thumbnail(msgspec.Struct, frozen=True):
    """`jpeg`: empty where the file cannot be read."""

    path: str
    jpeg: bytes


class Thumbnails(Event, frozen=True):
    items: tuple[Thumbnail, ...]


class PictureOfFile(Event, frozen=True):
    """`pixels`: as of `core.picture.Picture`, `shape` is their (height, width), `size` the (width, height) of the whole
    picture. `message`: why there are none."""

    path: str
    pixels: bytes = b""
    shape: tuple[int, int] = (0, 0)
    size: tuple[int, int] = (0, 0)
    message: str = ""


class ModelLoaded(Event, frozen=True):
    """This model runs from now on. `names` are its class names by id."""

    key: str
    task: str
    names: tuple[str, ...]
    engine: str
    device: str
    precision: str


class GearChanged(Event, frozen=True):
    """To hold a rate this model runs in gear `gear` of `gears` from the next frame on; 0 is the fullest.

    `input_size`: the longer side of the input in pixels. `precision`: what really runs.
    """

    key: str
    gear: int
    gears: int
    input_size: int
    precision: str
    reason: Reason


class ModelFailed(Event, frozen=True):
    """The model could not be used; those that ran before go on. `retry`: trying again may help (no network, say).
    `needs_pytorch`: the PyTorch pack of a bundle would help."""

    key: str
    message: str
    hint: str = ""
    retry: bool = False
    needs_pytorch: bool = False


class ModelProgress(Event, frozen=True):
    progress: Progress


class ModelStates(Event, frozen=True):
    """Keys whose weights are on this machine, the models that the user imported (plain dicts of `ModelInfo`), and what
    was measured of the int8 networks that there are."""

    ready: tuple[str, ...]
    imported: tuple[dict[str, Any], ...] = ()
    turbo: tuple[TurboReport, ...] = ()


class ModelImported(Event, frozen=True):
    key: str
    title: str
    task: str
    classes: int


class TurboProgress(Event, frozen=True):
    """`done` of `total` frames; 0 of 0 where the end is not known."""

    key: str
    stage: TurboStage
    done: int = 0
    total: int = 0


class TurboDone(Event, frozen=True):
    key: str
    report: TurboReport


class TurboFailed(Event, frozen=True):
    """Without a message it was cancelled."""

    key: str
    message: str = ""
    hint: str = ""


class FeedReady(Event, frozen=True):
    """The recorder may call at this address, with this key."""

    address: str
    key: bytes


class Explained(Event, frozen=True):
    """Answers `Explain` for one frame. `region`: what of the frame the input covers (left, top, right, bottom in pixels
    of the frame). `milliseconds`: what it took without the heat map. `size`: (width, height) of the input. `methods`:
    of heat maps that this model can be asked for; `missing`: those that it cannot. `filters`: (n, 3, h, w)."""

    number: int
    model: str
    frame_index: int
    captured_at: float
    stations: tuple[Station, ...]
    region: tuple[float, float, float, float]
    size: tuple[int, int]
    milliseconds: float
    tiles: tuple[Tiles, ...] = ()
    maps: tuple[Map, ...] = ()
    input: Input | None = None
    methods: tuple[HeatMethod, ...] = ()
    missing: tuple[Missing, ...] = ()
    filters: np.ndarray[Any, Any] | None = None
    steps: InputSteps | None = None


class HeatReady(Event, frozen=True):
    """Of `Explain` `number`; comes several times where it grows."""

    number: int
    model: str
    frame_index: int
    heat: Heat


class ExplainFailed(Event, frozen=True):
    number: int
    message: str
    hint: str = ""


class SideChanged(Event, frozen=True):
    """A model that is compared has loaded, or cannot be. `names`: its class names by id."""

    side: Side
    stage: Stage
    names: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""


class Compared(Event, frozen=True):
    """All answers to one frame, of `Compare` `number`. The frame itself is the picture `picture` of the ring `ring`.

    `results`: one a side, in the order of `sides`; `None` where that side has not loaded or failed on this frame, which
    `troubles` then tells.
    """

    number: int
    ring: str
    picture: int
    frame_index: int
    captured_at: float
    sides: tuple[Side, ...]
    results: tuple[PackedResult | None, ...]
    troubles: tuple[str, ...]
    verdicts: tuple[Verdict, ...] = ()
    media_time: float | None = None


class Disagreed(Event, frozen=True):
    """A frame of which the sides begin to say something else. `png`: the whole frame, every pixel; `jpeg`: a small
    picture of it. `size`: its width and height. All else: see `Compared`."""

    png: bytes
    jpeg: bytes
    size: tuple[int, int]
    frame_index: int
    captured_at: float
    sides: tuple[Side, ...]
    results: tuple[PackedResult | None, ...]
    verdicts: tuple[Verdict, ...]
    media_time: float | None = None


class SweepBegun(Event, frozen=True):
    """Of `Sweep` `number`: what was recognised on the clean picture, and the number of answers that come. `size`:
    (width, height) of the frame."""

    number: int
    subjects: tuple[Subject, ...]
    total: int
    frame_index: int
    size: tuple[int, int]


class SweepAnswered(Event, frozen=True):
    number: int
    corruption: CorruptionName
    answer: Answer


class SweepEnded(Event, frozen=True):
    """All answers are there; with a message it could not begin or go on."""

    number: int
    message: str = ""
    hint: str = ""


class SpoiledPicture(Event, frozen=True):
    """Answers `GetSpoiled`. `bgr`: uint8 (h, w, 3), as large as was asked for; `result` in pixels of the frame."""

    number: int
    stress: Stress
    bgr: np.ndarray[Any, Any]
    result: PackedResult


class Inspected(Event, frozen=True):
    """Answers `Inspect` for the frame grabbed at `captured_at`: what of it was asked for, where it was due and lies in
    the frame. `pixels`: uint8 (h, w, 3), red-green-blue, of `around`. `counts`: the histograms of `region`."""

    number: int
    captured_at: float
    around: Area | None = None
    pixels: np.ndarray[Any, Any] | None = None
    region: Area | None = None
    counts: np.ndarray[Any, Any] | None = None


class InsideSaved(Event, frozen=True):
    """Answers `SaveInside`. `trouble`: why there is no such file."""

    path: str
    trouble: str = ""


class CamerasListed(Event, frozen=True):
    cameras: tuple[CameraInfo, ...]


class CameraSays(Event, frozen=True):
    """An open camera has taken, or not taken, what it was asked for."""

    report: CameraReport


class Stats(Event, frozen=True):
    """Twice a second, the heartbeat too. `captured_fps`: frames a second of the source. `recognised_fps`: by model key.
    `dropped`: frames that no model saw, since the source was opened. `position`: frame of a file. `silence`: seconds
    since the last frame of a live source that is not paused."""

    captured_fps: float
    recognised_fps: dict[str, float]
    dropped: int
    position: int | None = None
    rss_bytes: int = 0
    silence: float = 0.0


class Notice(Event, frozen=True):
    """Told once, the work goes on (a fallback to the CPU, say)."""

    message: str
    hint: str = ""


class Failure(Event, frozen=True):
    """A bug of the program: logged, with the traceback for the report."""

    message: str
    traceback: str


BenchStage = Literal["read", "load", "live", "files", "done"]


class BenchProgress(Event, frozen=True):
    """Of the process that measures this machine: `done` of `total` rounds; which setup is at work."""

    done: int
    total: int
    what: BenchStage
    setup: Setup | None = None


class BenchRow(Event, frozen=True):
    """What is known so far of one setup; comes again after each round."""

    row: Measured


class BenchFailed(Event, frozen=True):
    """This setup is left out, the others go on."""

    setup: Setup
    message: str
    hint: str = ""


class BenchSample(Event, frozen=True):
    """A frame, uint8 (h, w, 3), with its result, one a model: the window measures what drawing it takes."""

    bgr: bytes
    shape: tuple[int, int]
    result: PackedResult
    names: tuple[str, ...]
