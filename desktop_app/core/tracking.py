"""Track ids: which box of a frame is the same thing as one of the frame before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, Protocol

from desktop_app.core.frame import Frame
from desktop_app.core.model import Thresholds, Use
from desktop_app.core.results import Detections, Ints, Prediction

TrackerName = Literal["bytetrack", "botsort"]
TrackingName = Literal["off", "bytetrack", "botsort"]

NO_TRACK = -1
"""Where a row has no track (yet): a thing gets its number when it is seen for the second time in a row."""
WEAKEST = 0.1
"""Boxes down to this confidence help to go on with a track, whatever the least confidence shown: an occluded thing is
recognised, only less surely. From ByteTrack, as Ultralytics sets it (`track_low_thresh`)."""
BEGINS = 0.25
"""A box of this confidence begins a track (`track_high_thresh`, `new_track_thresh`), a weaker one where even those are
shown."""


class Tracker(Protocol):
    """Follows what one model finds in the frames of one source."""

    def update(self, found: Detections, frame: Frame, begins: float, *, live: bool) -> Ints:
        """The track id of each row of `found`, `NO_TRACK` where there is none. Frames come in the order of their
        index; the last one may come again (with other thresholds), and an earlier one after a jump.

        `begins`: the confidence from which a box begins a track. `live`: frames may be missing between two, time
        counts by `captured_at`.
        """


TrackerMaker = Callable[[], Tracker]


class Following:
    """What a lane does between its model's outputs and its result. `make`: makes trackers; `None` follows nothing."""

    def __init__(self, make: TrackerMaker | None = None) -> None:
        self.make = make
        self._tracker: Tracker | None = None
        self._of: tuple[TrackerMaker | None, int] = (None, 0)

    def predict(
        self,
        postprocess: Callable[[Thresholds], Prediction],
        thresholds: Thresholds,
        frame: Frame,
        request: int,
        use: Use,
    ) -> Prediction:
        """`postprocess` is asked for weaker boxes than are shown. The source is known by `request`."""
        make = self.make
        if make is None or use in ("still", "batch"):
            self._tracker = None
            return postprocess(thresholds)
        prediction = postprocess(replace(thresholds, confidence=min(thresholds.confidence, WEAKEST)))
        if not isinstance(prediction, Detections):
            return prediction
        if self._tracker is None or self._of != (make, request):
            self._tracker, self._of = make(), (make, request)
        begins = min(BEGINS, thresholds.confidence)
        tracks = self._tracker.update(prediction, frame, begins, live=use == "live")
        return replace(prediction, track_id=tracks).pick(prediction.confidence > thresholds.confidence)
