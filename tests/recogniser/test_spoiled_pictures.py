"""The real child process: what it shows, what it recognised, and what was asked for are the same spoiled pixels."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.model import Placement, Thresholds, predict
from desktop_app.core.results import Classification
from desktop_app.core.stress import NONE, Stress
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import Restarting
from desktop_app.sources.image_file import read_picture
from desktop_app.sources.spoiling import forget, spoil
from tests.recogniser.test_client import Watcher, shows_pixels, watcher, whole_frame

__all__ = ["watcher"]

STRESS = Stress(blur=3, noise=20, rotation=30, occlusion=20, hue=60, resolution=2, contrast=80, jpeg=40)


def last_stress(seen: Watcher) -> Stress | None:
    found = [event for event in seen.of(m.ResultReady) if isinstance(event, m.ResultReady)]
    return found[-1].result.stress if found else None


def test_a_still_shows_what_was_asked_for_and_comes_back_as_it_was(watcher: Watcher, bus: Path) -> None:
    clean = read_picture(str(bus))
    watcher.client.send(m.OpenSource(1, (str(bus),)))
    watcher.until(partial(shows_pixels, watcher, clean))
    for stress in (STRESS, Stress(brightness=-40), STRESS):
        watcher.client.send(m.SetStress(stress))
        watcher.until(partial(shows_pixels, watcher, spoil(clean, stress, 0)))
    watcher.client.send(m.SetStress(NONE))
    watcher.until(partial(shows_pixels, watcher, clean))
    forget()


@pytest.mark.logs_warnings
def test_a_new_child_spoils_as_the_one_before(watcher: Watcher, bus: Path) -> None:
    watcher.client.send(m.SetStress(STRESS))
    watcher.client.send(m.OpenSource(1, (str(bus),)))
    wanted = spoil(read_picture(str(bus)), STRESS, 0)
    watcher.until(partial(shows_pixels, watcher, wanted))
    pid = watcher.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    watcher.until(lambda: watcher.of(Restarting))
    watcher.frame = None
    watcher.until(partial(shows_pixels, watcher, wanted))
    forget()


@pytest.mark.package_index
@pytest.mark.usefixtures("starter_models")
def test_what_is_shown_is_what_is_inferred(watcher: Watcher, bus: Path) -> None:
    """The whole frame behind the picture, recognised here once more, gives the same logits."""
    from desktop_app.models import catalog, loading

    key = "efficientnet-lite0"
    watcher.client.send(m.SetStress(STRESS))
    watcher.client.send(m.SetModels(1, (key,), Placement()))
    watcher.client.send(m.OpenSource(1, (str(bus),)))
    watcher.until(lambda: last_stress(watcher) == STRESS and watcher.frame is not None, 60.0)
    assert watcher.frame is not None
    shown = whole_frame(watcher, watcher.frame.number)
    assert shown is not None
    np.testing.assert_array_equal(shown, spoil(read_picture(str(bus)), STRESS, 0))
    result = watcher.of(m.ResultReady)[-1]
    assert isinstance(result, m.ResultReady)
    there = result.result.unpack().prediction
    here, _, _ = predict(loading.load_model(catalog.find(key), Placement()), np.ascontiguousarray(shown), Thresholds())
    assert isinstance(there, Classification)
    assert isinstance(here, Classification)
    np.testing.assert_allclose(there.logits, here.logits, atol=1e-3)
    assert there.top(1) == here.top(1)
    forget()
