"""What the window asks of the recogniser, and what it hears of it.

Frozen structs, msgpack on the wire, never pickle: bytes from the other process are parsed, not executed.
Frames do not travel here but through `frame_ring`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any, Literal

import msgspec
import numpy as np

from desktop_app.core.address import Login
from desktop_app.core.bench import Measured, Setup
from desktop_app.core.camera import CameraInfo, CameraReport
from desktop_app.core.capture import Playback
from desktop_app.core.explain import Heat, HeatMethod, Input, Map, Station, Tiles
from desktop_app.core.governor import Reason
from desktop_app.core.model import Placement, Thresholds
from desktop_app.core.progress import Progress
from desktop_app.core.results import Classification, Detections, Result, Timings
from desktop_app.core.source import SourceInfo
from desktop_app.core.tracking import TrackingName
from desktop_app.core.turbo import TurboReport, TurboStage
from desktop_app.errors import Cause
from desktop_app.recogniser.answers import Row
from desktop_app.settings import CameraSettings


class Command(msgspec.Struct, frozen=True, tag=True):
    """Window to recogniser."""


class OpenSource(Command, frozen=True):
    """Open the source that `specs` names (several: a batch of pictures). Latest `request` wins; the old source goes on
    until the new one gives its first frame."""

    request: int
    specs: tuple[str, ...]
    paused: bool = False
    seek_to: int = 0


class SetAccess(Command, frozen=True):
    """All that may be used to enter network cameras. `certificates`: (place, SHA-256) that the user accepted."""

    logins: tuple[Login, ...] = ()
    certificates: tuple[tuple[str, str], ...] = ()


class TryAddress(Command, frozen=True):
    """Open `spec` beside what runs and give one picture of it; answered by `AddressTried`. A later one ends it; an
    empty `spec` only ends it."""

    number: int
    spec: str
    whole: bool = False
    """In the size of the source, not made smaller."""


class ListScreens(Command, frozen=True):
    """Which screens and windows there are, with small pictures; answered by `ScreensListed`."""


class CloseSource(Command, frozen=True):
    request: int


class SetModels(Command, frozen=True):
    """The models to run on the same frames. Those that run on go on; a new one runs when it is loaded."""

    request: int
    keys: tuple[str, ...]
    placement: Placement


class SetThresholds(Command, frozen=True):
    """Acts on the next frame, and on a paused one at once, without a second inference."""

    thresholds: Thresholds


class SetOrientation(Command, frozen=True):
    """Turned by `rotation` degrees clockwise (0, 90, 180, 270), then mirrored; before recognition."""

    mirror: bool
    rotation: int


class SetSynced(Command, frozen=True):
    """Each frame waits for its own results (True), or the newest frame is shown with the newest result (False)."""

    synced: bool


class SetPlayback(Command, frozen=True):
    """Of a video file: see `core.capture.Playback`."""

    speed: float
    loop: bool
    first: int | None = None
    last: int | None = None
    every: bool = False

    def playback(self) -> Playback:
        return Playback(self.speed, self.loop, self.first, self.last, self.every)


class SetTarget(Command, frozen=True):
    """Recognised frames a second to hold on live sources, by a smaller input or a faster precision where the machine is
    too slow; 0: always the full ones."""

    fps: float


class SetTracking(Command, frozen=True):
    """Follow boxes from frame to frame: which tracker."""

    tracker: TrackingName


class SetView(Command, frozen=True):
    """The room that the picture has on the screen, in its pixels: frames come no larger than that. 0 × 0: not seen."""

    width: int
    height: int


class GetFrame(Command, frozen=True):
    """The whole frame of the picture `number`, which is on the screen or was a moment ago; answered by `WholeFrame`."""

    number: int


class ForgetBatch(Command, frozen=True):
    """Forget what the models that run said of the pictures of the batch `request`: opened again, all are recognised."""

    request: int


class GetThumbnails(Command, frozen=True):
    """Small pictures of these files, answered by `Thumbnails`. What was asked for before and is not there is let go."""

    paths: tuple[str, ...]


class GetPicture(Command, frozen=True):
    """The picture of a file, no larger than `width` × `height`; answered by `PictureOfFile`. The latest wish wins."""

    path: str
    width: int
    height: int


class Pause(Command, frozen=True):
    paused: bool


class Step(Command, frozen=True):
    """One frame on (1) or back (-1), then paused."""

    frames: int


class Seek(Command, frozen=True):
    frame_index: int


class Prepare(Command, frozen=True):
    """Fetch and convert these models in the background, in this order, so that they are ready when chosen."""

    keys: tuple[str, ...]


class CancelPrepare(Command, frozen=True):
    key: str


class ImportModel(Command, frozen=True):
    path: str


class RemoveModel(Command, frozen=True):
    key: str


class MakeTurbo(Command, frozen=True):
    """Make the model's int8 network, calibrated on `count` frames of `specs`, or of the running source where they are
    empty. `confidence`: the threshold of boxes in the comparison with the full network."""

    key: str
    specs: tuple[str, ...] = ()
    count: int = 128
    confidence: float = 0.25


class CancelTurbo(Command, frozen=True):
    pass


class RemoveTurbo(Command, frozen=True):
    """Delete the model's int8 network; the model itself stays."""

    key: str


class StartRecording(Command, frozen=True):
    """Gives every frame and result from `at` on, a time of `time.perf_counter()`, to the recorder that calls; answered
    by `FeedReady`. Kept for a recogniser that is started again: the same recording goes on."""

    at: float


class StopRecording(Command, frozen=True):
    at: float


class Explain(Command, frozen=True):
    """What the window wants to see of the inside of `model`; the latest `number` counts. Without a model: nothing, and
    no time is spent on it.

    `tiles`: how many maps of each station (0: none); `opened`: the station whose maps are all wanted. `maps`: whole
    ones, as (station, channel). `heat`: by which method, for `class_id` (`None`: the surest) or for the box of a
    detection in pixels of the frame. `input`: the network's input too. `filters`: the weights of its first convolution.
    `frozen`: the frame at hand stays.
    """

    number: int
    model: str = ""
    tiles: int = 0
    opened: int | None = None
    maps: tuple[tuple[int, int], ...] = ()
    heat: HeatMethod | None = None
    class_id: int | None = None
    box: tuple[float, float, float, float] | None = None
    input: bool = False
    filters: bool = False
    frozen: bool = False


class ListCameras(Command, frozen=True):
    """Answered by `CamerasListed`, which then comes again by itself whenever a camera comes or goes."""


class SetCameras(Command, frozen=True):
    """How each camera is to be opened; what can be set while it runs is set at once."""

    cameras: tuple[CameraSettings, ...]


class ResetCamera(Command, frozen=True):
    """All controls of the camera back to its own values."""

    stable_id: str


class TellFormats(Command, frozen=True):
    """Formats of cameras, where the window learns them and the recogniser does not (Windows, macOS)."""

    cameras: tuple[CameraInfo, ...]


class CancelOpen(Command, frozen=True):
    """Give up opening; what was there before goes on."""

    request: int


class SetLanguage(Command, frozen=True):
    language: str


class SetMirror(Command, frozen=True):
    """Where weights are fetched from instead of their makers' addresses; empty: from the makers."""

    base_url: str


class RetryNow(Command, frozen=True):
    """Try to get a lost source back now, instead of when the wait is over."""


class Ping(Command, frozen=True):
    """The window's heartbeat: a recogniser that hears none for long ends itself."""


class Shutdown(Command, frozen=True):
    pass


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
    of heat maps that this model can be asked for. `filters`: (n, 3, h, w)."""

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
    filters: np.ndarray[Any, Any] | None = None


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


_NUMPY = 1


def _to_wire(value: object) -> object:
    if isinstance(value, np.ndarray):
        parts = (value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes())
        return msgspec.msgpack.Ext(_NUMPY, msgspec.msgpack.encode(parts))
    raise TypeError(f"cannot send {type(value).__name__}")


def _array(code: int, data: memoryview) -> object:
    if code != _NUMPY:
        raise ValueError(f"unknown extension {code}")
    dtype, shape, raw = msgspec.msgpack.decode(data, type=tuple[str, tuple[int, ...], bytes])
    if np.dtype(dtype).hasobject:
        raise ValueError("arrays of objects do not travel")
    return np.frombuffer(raw, dtype=dtype).reshape(shape)


def _from_wire(kind: type, value: object) -> object:
    if not isinstance(value, np.ndarray):
        raise TypeError(f"cannot receive {kind}")
    return value


def decoder_of(kinds: Any) -> Callable[[bytes], Any]:
    """Reads messages of these kinds, with arrays in them. Raises `msgspec.DecodeError` or `ValueError`."""
    return msgspec.msgpack.Decoder(kinds, dec_hook=_from_wire, ext_hook=_array).decode


_encoder = msgspec.msgpack.Encoder(enc_hook=_to_wire)
_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(
    reduce(or_, Command.__subclasses__()), dec_hook=_from_wire, ext_hook=_array
)
_events: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(
    reduce(or_, Event.__subclasses__()), dec_hook=_from_wire, ext_hook=_array
)


def encode(message: msgspec.Struct) -> bytes:
    return _encoder.encode(message)


def decode_command(data: bytes) -> Command:
    """Raises `msgspec.DecodeError` or `ValueError` for anything that is not a command."""
    return _commands.decode(data)


def decode_event(data: bytes) -> Event:
    """Raises `msgspec.DecodeError` or `ValueError` for anything that is not an event."""
    return _events.decode(data)
