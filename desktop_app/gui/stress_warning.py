"""The word that the picture is changed on purpose, for all who must say so. Loads nothing while it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.gui.pipeline_controller import PipelineController

if TYPE_CHECKING:
    from desktop_app.core.stress import Stress


def stress_of(controller: PipelineController) -> Stress | None:
    """How the frames of the source are spoiled now; `None` where they are as the source gives them."""
    return controller.stress.acting if controller.stress.active and not controller.is_batch else None


def stress_words(controller: PipelineController) -> str:
    """ "blur 3 px, noise σ 20"; empty where nothing is."""
    stress = stress_of(controller)
    if stress is None:
        return ""
    from desktop_app.gui.stress_texts import short_phrases

    return short_phrases(stress)


def stress_warning(controller: PipelineController) -> str:
    """ "Input changed: blur 3 px"; empty where nothing is."""
    stress = stress_of(controller)
    if stress is None:
        return ""
    from desktop_app.gui.stress_texts import warning

    return warning(stress)
