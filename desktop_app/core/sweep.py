"""What a model answers as a picture is spoiled more and more: answers, curves, and where an answer flips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from desktop_app.core.stress import BY_KEY, CORRUPTIONS, CorruptionName

NOTHING = -1
"""The class of a box that is not found any more."""
ALL = -1
"""The subject that stands for all boxes."""
AGREES = 0.5
"""F1 from which the boxes of a spoiled picture count as those of the clean one."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What was recognised on the clean picture and is then looked for: the first class, or one of the boxes.

    `box`: left, top, right, bottom in pixels of the frame; `None` of a class.
    """

    class_id: int
    confidence: float
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """At one strength of one corruption, a value for each subject.

    `held`: how sure the model still is of what it said first: the probability of that class, or the confidence of the
    surest box of that class at that place, 0 where none is. `now`: the class it says there now (`NOTHING`: no box), and
    `sure`: how sure it is of that. `f1`: of the boxes with those of the clean picture; 1 for a class.
    """

    strength: float
    held: tuple[float, ...]
    now: tuple[int, ...]
    sure: tuple[float, ...]
    f1: float = 1.0


@dataclass(slots=True, eq=False)
class Curves:
    """The answers of one sweep so far. `subjects`: empty until the clean picture was recognised."""

    subjects: tuple[Subject, ...] = ()
    answers: dict[CorruptionName, list[Answer]] = field(default_factory=dict)

    def add(self, key: CorruptionName, answer: Answer) -> None:
        self.answers.setdefault(key, []).append(answer)

    @property
    def count(self) -> int:
        return sum(len(answers) for answers in self.answers.values())

    def clean(self, key: CorruptionName) -> Answer:
        """Of the clean picture, as the beginning of a curve."""
        held = tuple(subject.confidence for subject in self.subjects)
        return Answer(BY_KEY[key].neutral, held, tuple(subject.class_id for subject in self.subjects), held)

    def line(self, key: CorruptionName) -> list[Answer]:
        """In the order of the axis, the clean one among them."""
        if not self.subjects:
            return []
        return sorted([self.clean(key), *self.answers.get(key, ())], key=lambda answer: answer.strength)

    def confidence(self, answer: Answer, subject: int) -> float:
        return answer.f1 if subject == ALL else answer.held[subject]

    def differs(self, answer: Answer, subject: int) -> bool:
        """Whether it is another answer than that of the clean picture."""
        if subject == ALL:
            return answer.f1 < AGREES
        return answer.now[subject] != self.subjects[subject].class_id

    def flips(self, key: CorruptionName, subject: int) -> list[Answer]:
        """The first other answer from the clean picture outwards, on each side where there is one."""
        found = []
        for side in _sides(self.line(key), BY_KEY[key].neutral):
            first = next((answer for answer in side if self.differs(answer, subject)), None)
            if first is not None:
                found.append(first)
        return found


def _sides(line: Sequence[Answer], neutral: float) -> Iterator[list[Answer]]:
    """From neutral downwards, and upwards."""
    yield [answer for answer in reversed(line) if answer.strength < neutral]
    yield [answer for answer in line if answer.strength > neutral]


CSV_COLUMNS = (
    "source",
    "frame",
    "model",
    "corruption",
    "strength",
    "unit",
    "subject",
    "class_id",
    "label",
    "confidence",
    "now_class_id",
    "now_label",
    "now_confidence",
    "flipped",
    "f1",
    "x1",
    "y1",
    "x2",
    "y2",
)
"""`subject` counts from 0, the surest first; `confidence` is that of `label`, which it was called on the clean picture,
at this strength. `f1` is of all boxes together, and empty of classes."""


def csv_rows(curves: Curves, source: str, frame: int, model: str, names: Sequence[str]) -> list[list[object]]:
    rows: list[list[object]] = []
    for corruption in CORRUPTIONS:
        for answer in curves.line(corruption.key):
            for number, subject in enumerate(curves.subjects):
                now = answer.now[number]
                rows.append(
                    [
                        source,
                        frame,
                        model,
                        corruption.key,
                        answer.strength,
                        corruption.unit,
                        number,
                        subject.class_id,
                        _label(names, subject.class_id),
                        round(answer.held[number], 6),
                        None if now == NOTHING else now,
                        None if now == NOTHING else _label(names, now),
                        None if now == NOTHING else round(answer.sure[number], 6),
                        int(curves.differs(answer, number)),
                        None if subject.box is None else round(answer.f1, 4),
                        *((None,) * 4 if subject.box is None else (round(edge, 2) for edge in subject.box)),
                    ]
                )
    return rows


def _label(names: Sequence[str], class_id: int) -> str:
    return names[class_id] if 0 <= class_id < len(names) else f"class {class_id}"
