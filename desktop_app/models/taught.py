"""A model that was taught by showing: a linear layer on the frozen features of a classifier.

It is that classifier with another end (`grafting`): the same pictures go in, the taught layer's logits come out.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop_app.core.model import ModelInfo, Outputs, Thresholds
from desktop_app.core.results import Classification
from desktop_app.core.teaching import BACKBONES, TAUGHT, Knowledge, probabilities_of
from desktop_app.errors import ModelLoadFailed, UnknownModel, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models import catalog
from desktop_app.models.classifier import Classifier, preparation_of
from desktop_app.models.descriptions import Description
from desktop_app.models.engines import Network, Runner
from desktop_app.models.grafting import End, Graft
from desktop_app.models.taught_file import About, read_knowledge

FAMILY = TAUGHT


def describe(path: Path) -> Description:
    """Raises `ModelError`. The network that it was taught on need not be here to tell."""
    about, knowledge = read_knowledge(path)
    return Description("classify", knowledge.labels, about.input_size)


def can_be_taught_on(info: ModelInfo) -> bool:
    return info.task == "classify" and info.family in BACKBONES


def backbone_of(about: About, title: str) -> ModelInfo:
    """The classifier whose features it was taught on. Raises `ModelError` where it is not on this machine."""
    from desktop_app.models import loading, shipped, store

    try:
        info = catalog.find(about.backbone)
    except UnknownModel:  # a user's own network may have another key here
        own = (known for known in catalog.imported_models() if known.sha256 == about.digest)
        found = next((known for known in own if can_be_taught_on(known)), None)
        if found is None:
            raise WeightsUnavailable(
                tr(
                    "{model} was taught on {backbone}, which is not on this computer.",
                    model=title,
                    backbone=about.backbone,
                ),
                tr("Import {backbone} first.", backbone=about.backbone),
            ) from None
        info = found
    if not can_be_taught_on(info):
        raise ModelLoadFailed(
            tr("{model} was taught on {backbone}, which does not classify.", model=title, backbone=about.backbone),
            tr("Teach it again on a classifier."),
        )
    if not store.is_ready(info):
        raise WeightsUnavailable(
            tr("{model} was taught on {backbone}, which is not on this computer.", model=title, backbone=info.key),
            tr("Fetch {backbone} in the list of models, then choose {model} again.", backbone=info.key, model=title),
        )
    here = info.sha256 if shipped.holds(info) else loading.digest_of(info)
    if here != about.digest:
        raise ModelLoadFailed(
            tr(
                "{model} was taught on other weights of {backbone} than those on this computer.",
                model=title,
                backbone=info.key,
            ),
            tr("Teach it again, or fetch those weights."),
        )
    return info


def end_of(knowledge: Knowledge) -> End:
    layer = knowledge.layer
    return End(layer.weights, layer.bias, layer.link, knowledge.references, knowledge.far)


def network(info: ModelInfo, path: Path, _digest: str) -> Network:
    """That of the classifier, with the taught end. Its hash is the classifier's, so it is converted once for both."""
    from desktop_app.models.loading import family_and_network

    about, knowledge = read_knowledge(path)
    _, backbone = family_and_network(backbone_of(about, info.title))
    return replace(backbone, key=info.key, graft=Graft(end_of(knowledge)))


class TaughtClassifier(Classifier):
    """A `Model`. Outputs: (1, classes) logits, "none of these" the last where there is that."""

    def __init__(self, info: ModelInfo, names: tuple[str, ...], runner: Runner) -> None:
        from desktop_app.models.store import weights_path

        super().__init__(info, names, runner)
        about, knowledge = read_knowledge(weights_path(info))
        self._full = self._preparation = preparation_of(backbone_of(about, info.title))
        self._link = knowledge.layer.link

    def postprocess(self, outputs: Outputs, frame_shape: tuple[int, ...], thresholds: Thresholds) -> Classification:
        logits = outputs[0].flatten()
        return Classification(logits, probabilities_of(logits, self._link))

    def _smaller_sides(self) -> list[int]:
        """None: the examples were seen at the full size, and another one gives other features."""
        return []
