"""What the window asks of the recogniser. See `messages`."""

from __future__ import annotations

from typing import Literal

import msgspec

from desktop_app.core.address import Login
from desktop_app.core.camera import CameraInfo
from desktop_app.core.capture import Playback
from desktop_app.core.comparing import Side
from desktop_app.core.explain import HeatMethod
from desktop_app.core.model import Placement, Thresholds
from desktop_app.core.pixels import Area
from desktop_app.core.stress import Stress
from desktop_app.core.tracking import TrackingName
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
    ones, as (station, channel). `heat`: by which method, for `classes` (none: the surest; several: a group) or for the
    `box` of a detection in pixels of the frame, which is followed. `input`: the network's input too. `filters`: the
    weights of its first convolution, once for each wish. `frozen`: the frame at hand stays. `steps`: how the frame
    became the input, with a small copy of it or all of it; `swap`: and what the network would say if it got blue first.
    """

    number: int
    model: str = ""
    tiles: int = 0
    opened: int | None = None
    maps: tuple[tuple[int, int], ...] = ()
    heat: HeatMethod | None = None
    classes: tuple[int, ...] = ()
    box: tuple[float, float, float, float] | None = None
    input: bool = False
    filters: bool = False
    frozen: bool = False
    steps: Literal["small", "whole"] | None = None
    swap: bool = False


class Inspect(Command, frozen=True):
    """Which pixels of the frame on the screen the window wants to know, of each frame anew; the latest `number` counts.
    Without `on`: none, and no time is spent on it.

    `around`: a small part whose values are wanted. `region`: the part that is counted.
    """

    number: int
    on: bool = False
    around: Area | None = None
    region: Area | None = None


class Compare(Command, frozen=True):
    """Run these models on the same frames, each frame on all of them, beside recognition; the latest `number` counts.
    None: nothing runs, and what was loaded goes. `width`, `height`: the room that the whole frame has in a pane, in
    pixels of the screen."""

    number: int
    sides: tuple[Side, ...] = ()
    width: int = 0
    height: int = 0


class SetStress(Command, frozen=True):
    """Spoil each frame of the source so before it is shown and recognised; a batch of pictures is left alone."""

    stress: Stress


class Sweep(Command, frozen=True):
    """Take the frame that is there now, spoil it in every way from none to strong, and say what `model` answers: see
    `SweepBegun`. The latest `number` counts; without a model the one at work ends and is forgotten, and so is its
    frame. `stop`: it ends, and its frame is kept for `GetSpoiled`."""

    number: int
    model: str = ""
    placement: Placement = Placement()
    thresholds: Thresholds = Thresholds()
    stop: bool = False


class GetSpoiled(Command, frozen=True):
    """The frame of the sweep `number`, spoiled, no larger than `width` × `height`, with its answer; answered by
    `SpoiledPicture`. The latest wish wins."""

    number: int
    stress: Stress
    width: int
    height: int


class SaveInside(Command, frozen=True):
    """Writes all that was computed of the frame that was explained last; answered by `InsideSaved`."""

    path: str


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
