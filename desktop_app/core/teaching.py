"""Teaching by showing: a lesson of examples, and what is learnt from it on the frozen features of a classifier."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.linear_layer import (
    MANY,
    USUAL_PENALTY,
    Floats,
    Ints,
    Layer,
    LeftOut,
    Link,
    Sheet,
    choosing,
    learn,
)
from desktop_app.core.scores import sigmoid, softmax

MOST_CLASSES = 9
"""One for each of the keys 1 to 9."""
BACKBONES = ("torchvision", "timm", "yolo-cls")
"""Families of classifiers whose features can be taught on."""
TAUGHT = "taught"
"""The family of models that were taught."""
SUFFIX = ".regard"
"""Of a file of what was taught."""
NONE = "none of these"
"""How the class of what is like no example is called in files; the screen says it in the user's language."""
USUAL_FAR = 0.65
"""Distance (1 − cosine) from which a picture is like no example, where no class has two examples to measure it with. So
far are photographs of one kind of thing from each other with the networks that were tried."""
_LEAST_FAR = 0.3
"""Examples that were taken one after the other are hardly apart; another moment may still be so far."""
ROOM = 1.3
"""A picture may be so many times as far from the nearest example as any example is from the nearest of its class."""
SHARPNESS = 12.0
"""How quickly "none of these" takes over beyond that distance."""


@dataclass(frozen=True, slots=True)
class TaughtClass:
    """`slot`: the key that teaches it, 1 to 9."""

    slot: int
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """`features` float32 (views, features): what the network says of the picture as it is, and of its other views.
    `picture`: a small JPEG of it."""

    number: int
    slot: int
    features: Floats
    picture: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What was shown. A change gives another lesson, so that the one before can come back."""

    classes: tuple[TaughtClass, ...] = ()
    examples: tuple[Example, ...] = ()

    def name_of(self, slot: int) -> str:
        return next((known.name for known in self.classes if known.slot == slot), "")

    def count(self, slot: int) -> int:
        return sum(example.slot == slot for example in self.examples)

    @property
    def taught(self) -> tuple[TaughtClass, ...]:
        """The classes with examples, in the order of their keys: those of the layer."""
        return tuple(known for known in self.classes if self.count(known.slot))

    @property
    def free_slot(self) -> int | None:
        used = {known.slot for known in self.classes}
        return next((slot for slot in range(1, MOST_CLASSES + 1) if slot not in used), None)

    def with_class(self, slot: int, name: str) -> Lesson:
        """A new class, or another name for one that is there."""
        others = [known for known in self.classes if known.slot != slot]
        both = sorted([*others, TaughtClass(slot, name)], key=lambda known: known.slot)
        return replace(self, classes=tuple(both))

    def without_class(self, slot: int) -> Lesson:
        return Lesson(
            tuple(known for known in self.classes if known.slot != slot),
            tuple(example for example in self.examples if example.slot != slot),
        )

    def with_example(self, example: Example) -> Lesson:
        return replace(self, examples=(*self.examples, example))

    def without_example(self, number: int) -> Lesson:
        return replace(self, examples=tuple(example for example in self.examples if example.number != number))

    def moved(self, number: int, slot: int) -> Lesson:
        """The example in another class."""
        found = tuple(replace(e, slot=slot) if e.number == number else e for e in self.examples)
        return replace(self, examples=found)


def prepared(features: Floats) -> Floats:
    """(…, features) of length 1: what the layer is fed. How bright or rich in contrast a picture is changes the length
    more than the direction."""
    lengths = np.sqrt((features.astype(np.float64) ** 2).sum(axis=-1, keepdims=True))
    found: Floats = (features / np.maximum(lengths, 1e-12)).astype(np.float32)
    return found


def views_used(examples: int) -> int:
    """Of so many examples: the more pictures there are, the less their mirrored view adds, and learning stays quick."""
    return 2 if examples <= 2 * MANY else 1


def sheet_of(lesson: Lesson) -> Sheet:
    """The views of all examples, of the classes that have some."""
    slots = [known.slot for known in lesson.taught]
    most = views_used(len(lesson.examples))
    seen = [example.features[:most] for example in lesson.examples]
    views = [len(features) for features in seen]
    x = prepared(np.concatenate(seen))
    class_of = np.repeat([slots.index(example.slot) for example in lesson.examples], views).astype(np.int64)
    example_of = np.repeat(np.arange(len(lesson.examples)), views).astype(np.int64)
    return Sheet(x, class_of, example_of, len(slots))


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What was learnt. `names`: of the classes, as the layer numbers them. `references` (rows, features): the views of
    all examples, of length 1; `example_of`, `class_of`: whose they are. `far`: the distance (1 − cosine) to the nearest
    of them from which a picture is none of these; `None` where it always is one of them."""

    names: tuple[str, ...]
    layer: Layer
    references: Floats
    example_of: Ints
    class_of: Ints
    far: float | None
    penalty: float

    def nearest(self, x: Floats) -> tuple[int, float]:
        """Which example (its place in the lesson) is nearest to `x`, and how far away: 1 − cosine, 0 to 2."""
        likeness = self.references @ x
        row = int(likeness.argmax())
        return int(self.example_of[row]), float(1 - likeness[row])

    def logits(self, x: Floats) -> Floats:
        """w·x + b of each class; where something can be far, "none of these" joins them (`none_logit`)."""
        found = self.layer.logits(x)
        if self.far is None:
            return found
        none = none_logit(found, self.nearest(x)[1], self.far, self.layer.link)
        return np.append(found, np.float32(none)).astype(np.float32)

    @property
    def labels(self) -> tuple[str, ...]:
        """Of `logits`."""
        return self.names if self.far is None else (*self.names, NONE)


def none_logit(logits: Floats, distance: float, far: float, link: Link) -> float:
    """The logit of "none of these". Alone its probability is the sigmoid of SHARPNESS · (distance / far − 1), so one
    half at the distance `far`; beside a softmax it takes that share of the whole and leaves the rest as it was."""
    alone = SHARPNESS * (distance / far - 1)
    if link == "sigmoid":
        return alone
    wide = logits.astype(np.float64)
    top = float(wide.max())
    return top + float(np.log(np.exp(wide - top).sum())) + alone


def probabilities_of(logits: Floats, link: Link) -> Floats:
    return softmax(logits) if link == "softmax" else sigmoid(logits)


def far_from(sheet: Sheet) -> float:
    """Measured on the examples: how far each is from the nearest other one of its class, the largest counts.

    `USUAL_FAR` joins as if it had been measured twice, for few examples say little.
    """
    likeness = sheet.x @ sheet.x.T
    _, first = np.unique(sheet.example_of, return_index=True)
    found = []
    for row in first:
        others = (sheet.class_of == sheet.class_of[row]) & (sheet.example_of != sheet.example_of[row])
        if others.any():
            found.append(float(1 - likeness[row, others].max()))
    if not found:
        return USUAL_FAR
    return max(_LEAST_FAR, (len(found) * ROOM * max(found) + 2 * USUAL_FAR) / (len(found) + 2))


def study(lesson: Lesson, link: Link, may_be_none: bool, penalty: float = USUAL_PENALTY) -> Knowledge | None:
    """Learns; `None` where there are not two classes yet."""
    if len(lesson.taught) < 2:
        return None
    sheet = sheet_of(lesson)
    return Knowledge(
        tuple(known.name for known in lesson.taught),
        learn(sheet, link, penalty),
        sheet.x,
        sheet.example_of,
        sheet.class_of,
        far_from(sheet) if may_be_none else None,
        penalty,
    )


def examining(lesson: Lesson, link: Link) -> Generator[None, None, LeftOut | None]:
    """Chooses the penalty by leaving each example out once, exactly; pauses after each."""
    return choosing(sheet_of(lesson), link)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Of one picture: `x` (features,) of length 1, `logits` and `probabilities` of `Knowledge.labels`; `nearest`: the
    number of the example that is most like it, `distance`: 1 − cosine."""

    x: Floats
    logits: Floats
    probabilities: Floats
    nearest: int
    distance: float


def answer(knowledge: Knowledge, lesson: Lesson, x: Floats) -> Answer:
    logits = knowledge.logits(x)
    place, distance = knowledge.nearest(x)
    return Answer(x, logits, probabilities_of(logits, knowledge.layer.link), lesson.examples[place].number, distance)


def shares_of(layer: Layer, x: Floats, class_id: int) -> NDArray[np.float32]:
    """w·x of a class, feature by feature: with the bias they add up to its logit."""
    found: NDArray[np.float32] = (layer.weights[class_id] * x).astype(np.float32)
    return found
