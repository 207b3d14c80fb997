"""What window and recogniser say to each other while something is taught. See `messages`."""

from __future__ import annotations

import msgspec

from desktop_app.core.example_map import MapKind, Plane
from desktop_app.core.linear_layer import Floats, Ints, Layer, Link
from desktop_app.recogniser.commands import Command
from desktop_app.recogniser.events import Event


class Teach(Command, frozen=True):
    """What the window wants to see of teaching; the latest `number` counts. Not `on`: nothing, and no time is spent on
    it; what was taught stays.

    `model`: whose features are taught on; empty: those of the lesson in hand, and of an empty lesson those of `usual`.
    `link`, `may_be_none`: how the layer answers; `None`: as the lesson does. `map`, `pair`: which map.
    """

    number: int
    on: bool = False
    model: str = ""
    usual: str = ""
    link: Link | None = None
    may_be_none: bool | None = None
    map: MapKind = "decision"
    pair: tuple[int, int] | None = None


class TakeExample(Command, frozen=True):
    """The frame that is on the screen becomes an example of class `slot`, which is made where it is not there."""

    slot: int


class AddExamples(Command, frozen=True):
    """Pictures in files and folders become examples of class `slot`. 0: each folder becomes a class of its own."""

    slot: int
    paths: tuple[str, ...]


class NameClass(Command, frozen=True):
    """Another name, or a new class."""

    slot: int
    name: str


class RemoveClass(Command, frozen=True):
    slot: int


class MoveExample(Command, frozen=True):
    """To another class; to none (0): away."""

    example: int
    slot: int


class ClearLesson(Command, frozen=True):
    """Everything away; `UndoTeaching` brings it back."""


class UndoTeaching(Command, frozen=True):
    redo: bool = False


class CancelAdding(Command, frozen=True):
    """No more of the files that are being added; those that were stay."""


class OpenLesson(Command, frozen=True):
    """Go on teaching what a file holds."""

    path: str


class SaveLesson(Command, frozen=True):
    """Write the file of what was taught; with an empty path it becomes a model in the list, called `title`."""

    path: str
    title: str = ""
    pictures: bool = True


TEACHING = (
    Teach,
    TakeExample,
    AddExamples,
    NameClass,
    RemoveClass,
    MoveExample,
    ClearLesson,
    UndoTeaching,
    CancelAdding,
    OpenLesson,
    SaveLesson,
)


class ShownExample(msgspec.Struct, frozen=True):
    """`picture`: a small JPEG, only the first time that this example is told of."""

    number: int
    slot: int
    picture: bytes = b""


class LessonChanged(Event, frozen=True):
    """`classes`: (slot, name). `model`: whose features these are. `edition`: counts what is learnt from. `taken`: the
    number of the example that has just come; 0 for none."""

    edition: int
    model: str
    link: Link
    may_be_none: bool
    classes: tuple[tuple[int, str], ...]
    examples: tuple[ShownExample, ...]
    can_undo: bool = False
    can_redo: bool = False
    taken: int = 0


class Learnt(Event, frozen=True, eq=False):
    """The layer that was learnt from the lesson `edition`; `layer` is `None` where there are not two classes yet.
    `slots`: of the layer's classes. `far`: see `core.teaching.Knowledge`. `milliseconds`: what learning took."""

    edition: int
    slots: tuple[int, ...] = ()
    layer: Layer | None = None
    far: float | None = None
    penalty: float = 0.0
    milliseconds: float = 0.0


class Examined(Event, frozen=True, eq=False):
    """Each of `examples` (their numbers) left out once: the slots of what they are and of what was said. Without
    examples: no class has two."""

    edition: int
    examples: Ints
    truth: Ints
    said: Ints


class Mapped(Event, frozen=True, eq=False):
    """`plane.points` are those of the lesson's examples, in their order; its classes those of `Learnt`."""

    edition: int
    plane: Plane
    examples: Ints


class TeachLive(Event, frozen=True, eq=False):
    """What the taught layer says of a frame. `x`: its features, of length 1. `logits`, `probabilities`: one more than
    classes where "none of these" is among them; empty where nothing was learnt. `nearest`: number of the example most
    like it, −1 where there is none; `distance`: 1 − cosine."""

    edition: int
    frame_index: int
    captured_at: float
    x: Floats
    logits: Floats
    probabilities: Floats
    nearest: int
    distance: float
    milliseconds: float


class Adding(Event, frozen=True):
    """`done` of `total` files."""

    done: int
    total: int


class LessonSaved(Event, frozen=True):
    """`key`: of the model in the list, where it became one."""

    path: str
    key: str = ""


class TeachFailed(Event, frozen=True):
    message: str
    hint: str = ""


TAUGHT = (LessonChanged, Learnt, Examined, Mapped, TeachLive, Adding, LessonSaved, TeachFailed)
