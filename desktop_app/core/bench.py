"""How fast models run on this machine: what was measured, and what to use for a rate that is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from desktop_app.core.model import EngineName, Placement, Precision
from desktop_app.core.results import Task
from desktop_app.i18n import tr

STAGES = ("grab", "decode", "preprocess", "forward", "postprocess", "draw")
MODEL_STAGES = ("preprocess", "forward", "postprocess")
TASKS: tuple[Task, ...] = ("detect", "classify", "segment", "pose", "obb")
SPARE = 1.1
"""A rate is held where there is a tenth to spare."""
UNSURE = 0.15
"""Half the interquartile range of a network on a quiet machine is a few hundredths of its median."""
FULLEST: tuple[Precision, ...] = ("fp32", "fp16", "bf16", "int8")
ENGINES = {"openvino": "OpenVINO", "torch": "torch"}


@dataclass(frozen=True, slots=True)
class Setup:
    """A model in one place. `device` as it is asked for: cpu, cuda:0, gpu. Nothing is "auto"."""

    model: str
    engine: EngineName
    device: str
    precision: Precision

    @property
    def placement(self) -> Placement:
        return Placement(self.engine, self.device, self.precision)

    @property
    def device_title(self) -> str:
        return self.device if ":" in self.device else self.device.upper()

    def title(self) -> str:
        """ "yolov3-tiny, OpenVINO on CPU, bf16"."""
        return tr(
            "{model}, {engine} on {device}, {precision}",
            model=self.model,
            engine=ENGINES.get(self.engine, self.engine),
            device=self.device_title,
            precision=self.precision,
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """What one setup took. `ms`: median milliseconds a frame by stage; `spread`: half the interquartile range of it.

    A stage that was not measured is absent. `grab` is what a live source makes one wait, and no work.
    `file_fps`: frames a second with `in_flight` of them at once, decoding included and drawing not; `None` until
    it was measured. `input_size`: (width, height) of the network's input. `frames`: how many the medians are of.
    """

    setup: Setup
    task: Task
    accuracy: float | None = None
    input_size: tuple[int, int] = (0, 0)
    frames: int = 0
    ms: dict[str, float] = field(default_factory=dict)
    spread: dict[str, float] = field(default_factory=dict)
    file_fps: float | None = None
    in_flight: int = 1

    @property
    def model_ms(self) -> float:
        """What the model alone takes: the time that is shown beside its name."""
        return sum(self.ms.get(stage, 0.0) for stage in MODEL_STAGES)

    @property
    def live_ms(self) -> float:
        """One frame after the other: every stage that is work."""
        return sum(self.ms.get(stage, 0.0) for stage in STAGES if stage != "grab")

    @property
    def live_fps(self) -> float:
        return 1e3 / self.live_ms if self.live_ms > 0 else 0.0

    def with_drawing(self, milliseconds: float, spread: float) -> Measured:
        """Drawing is measured where Qt is, which may be another process."""
        return replace(self, ms=self.ms | {"draw": milliseconds}, spread=self.spread | {"draw": spread})


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to use for `fps` frames a second; where `holds` is false nothing holds it, and this is the fastest."""

    fps: float
    row: Measured
    holds: bool


def recommend(rows: Iterable[Measured], fps: float) -> list[Recommendation]:
    """One for each task that was measured.

    Of what holds the rate with a tenth to spare: the most accurate model (one without a published accuracy comes
    last), at the highest precision, where it is fastest.
    """
    by_task: dict[Task, list[Measured]] = {task: [] for task in TASKS}
    for row in rows:
        if row.frames:
            by_task[row.task].append(row)
    return [_recommend(measured, fps) for measured in by_task.values() if measured]


def restless(rows: Sequence[Measured]) -> bool:
    """Whether most medians are of times so different that something else must have been at work."""
    unsure = [row for row in rows if row.spread.get("forward", 0.0) > UNSURE * row.ms.get("forward", 0.0)]
    return len(unsure) * 2 > len(rows)


def _recommend(rows: Sequence[Measured], fps: float) -> Recommendation:
    holding = [row for row in rows if row.live_fps >= SPARE * fps]
    if holding:
        return Recommendation(fps, max(holding, key=_worth), True)
    return Recommendation(fps, max(rows, key=lambda row: row.live_fps), False)


def _worth(row: Measured) -> tuple[float, int, float]:
    accuracy = -1.0 if row.accuracy is None else row.accuracy
    return accuracy, -FULLEST.index(row.setup.precision), row.live_fps


def plain(value: float, decimals: int = 0) -> str:
    return f"{value:.{decimals}f}"


def sentence(found: Recommendation, number: Callable[[float, int], str] = plain) -> str:
    """For the user; `number` writes as the locale does."""
    wanted = number(found.fps, 0 if found.fps == round(found.fps) else 1)
    reached = number(found.row.live_fps, 0 if found.row.live_fps >= 10 else 1)
    setup = found.row.setup.title()
    if found.holds:
        return tr("For {fps} frames/s here: {setup}: {rate} frames/s.", fps=wanted, setup=setup, rate=reached)
    return tr(
        "Nothing measured here holds {fps} frames/s. The fastest: {setup}: {rate} frames/s.",
        fps=wanted,
        setup=setup,
        rate=reached,
    )
