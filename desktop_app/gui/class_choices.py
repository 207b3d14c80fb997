"""What the heat map can be asked for: the surest, a box, any class, or a whole group of the tree of words."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.core.results import Classification, Prediction
from desktop_app.core.taxonomy import taxonomy_of
from desktop_app.gui import texts
from desktop_app.gui.batch_model import name_of
from desktop_app.i18n import tr, tr_class, tr_group

FIRST = 10
"""Of a classifier, the classes that it is surest of now, before all others."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Choice:
    """`note`: what stands at the right. `also`: words that find it besides its title: its English name."""

    title: str
    note: str = ""
    classes: tuple[int, ...] = ()
    box: Box | None = None
    also: str = ""


def title_of(names: tuple[str, ...], classes: tuple[int, ...]) -> str:
    """ "tabby", or "dog (118 classes)" for a group."""
    if len(classes) == 1:
        return tr_class(name_of(names, classes[0]))
    tree = taxonomy_of(names)
    groups = tree.groups if tree is not None else []
    word = next((group.word for group in groups if group.classes == classes), "")
    return tr("{group} ({count} classes)", group=tr_group(word), count=len(classes))


def choices(names: tuple[str, ...], prediction: Prediction | None) -> list[Choice]:
    """The surest first, then what is in the picture, then the groups, then all classes by name."""
    found = [Choice(tr("The surest"))]
    if isinstance(prediction, Classification):
        found += [
            _of_class(names, class_id, texts.percent(float(prediction.probabilities[class_id])))
            for class_id in prediction.top(FIRST)
        ]
        tree = taxonomy_of(names)
        for group in tree.groups if tree is not None else ():
            found.append(Choice(title_of(names, group.classes), tr("group"), group.classes, also=group.word))
    elif prediction is not None:
        for row in range(len(prediction)):
            class_id = int(prediction.class_id[row])
            left, top, right, bottom = (float(value) for value in prediction.xyxy[row])
            confidence = texts.number(float(prediction.confidence[row]), 2)
            name = name_of(names, class_id)
            found.append(Choice(tr_class(name), confidence, (class_id,), (left, top, right, bottom), name))
    found += sorted((_of_class(names, place) for place in range(len(names))), key=lambda one: one.title.casefold())
    return found


def _of_class(names: tuple[str, ...], class_id: int, note: str = "") -> Choice:
    name = name_of(names, class_id)
    return Choice(tr_class(name), note, (class_id,), also=name)
