"""The thread that looks into a network beside recognition."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from desktop_app.core.frame import Frame
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.explainer import Explainer

Events = queue.SimpleQueue[m.Event]
PATIENCE = 60.0


def frame(index: int) -> Frame:
    return Frame(np.full((240, 320, 3), 10 * index, np.uint8), index, float(index))


@pytest.fixture
def events() -> Events:
    return queue.SimpleQueue()


@pytest.fixture
def explainer(events: Events) -> Iterator[Explainer]:
    made = Explainer(events.put)
    yield made
    made.stop()


def explained(events: Events) -> m.Explained:
    event = events.get(timeout=PATIENCE)
    assert isinstance(event, m.Explained)
    return event


def test_nothing_runs_until_somebody_looks(explainer: Explainer, events: Events) -> None:
    explainer.offer(frame(0))
    explainer.set(m.Explain(1))
    assert explainer._thread is None
    assert events.empty()


def test_a_model_that_is_not_there_is_told(explainer: Explainer, events: Events) -> None:
    explainer.offer(frame(0))
    explainer.set(m.Explain(1, "no-such-model"))
    event = events.get(timeout=PATIENCE)
    assert isinstance(event, m.ExplainFailed)
    assert "no-such-model" in event.message


@pytest.mark.package_index
@pytest.mark.usefixtures("starter_models")
class TestStarter:
    KEY = "efficientnet-lite0"

    def test_the_frame_that_was_there_and_each_new_one(self, explainer: Explainer, events: Events) -> None:
        explainer.offer(frame(3))
        explainer.set(m.Explain(1, self.KEY, tiles=5))
        first = explained(events)
        assert (first.number, first.frame_index, len(first.tiles)) == (1, 3, len(first.stations))
        assert all(len(tiles.channels) == 5 for tiles in first.tiles)
        explainer.offer(frame(4))
        assert explained(events).frame_index == 4

    def test_what_is_asked_for_comes_and_nothing_else(self, explainer: Explainer, events: Events) -> None:
        explainer.offer(frame(1))
        explainer.set(m.Explain(1, self.KEY, maps=((1, 2), (99, 0)), input=True, filters=True))
        seen = explained(events)
        assert seen.tiles == ()
        assert [(found.station, found.channel) for found in seen.maps] == [(1, 2)]
        assert seen.maps[0].values.shape == (seen.stations[1].height, seen.stations[1].width)
        assert seen.input is not None
        assert seen.input.pixels.shape == (224, 224, 3)
        assert seen.filters is not None
        assert seen.filters.shape[1] == 3
        assert seen.methods == ("influence", "gradcam", "occlusion")

    def test_a_frozen_frame_stays(self, explainer: Explainer, events: Events) -> None:
        explainer.offer(frame(1))
        explainer.set(m.Explain(1, self.KEY, tiles=2))
        explained(events)
        explainer.offer(frame(2))
        explainer.set(m.Explain(2, self.KEY, tiles=2, frozen=True))
        events_seen = [explained(events)]
        while events_seen[-1].number != 2:
            events_seen.append(explained(events))
        explainer.set(m.Explain(3, self.KEY, opened=0, frozen=True))
        last = explained(events)
        assert last.frame_index == events_seen[-1].frame_index
        assert len(last.tiles[0].channels) == last.stations[0].channels

    def test_a_new_wish_ends_a_heat_map_that_grows(self, explainer: Explainer, events: Events) -> None:
        explainer.offer(frame(1))
        explainer.set(m.Explain(1, self.KEY, heat="occlusion"))
        explained(events)
        assert isinstance(events.get(timeout=PATIENCE), m.HeatReady)
        explainer.set(m.Explain(2, self.KEY, heat="influence", classes=(4,)))
        event = events.get(timeout=PATIENCE)
        while not (isinstance(event, m.HeatReady) and event.number == 2):
            event = events.get(timeout=PATIENCE)
        assert (event.heat.classes, event.heat.share) == ((4,), 1.0)

    def test_who_stops_looking_frees_the_network(self, explainer: Explainer, events: Events) -> None:
        explainer.offer(frame(1))
        explainer.set(m.Explain(1, self.KEY))
        explained(events)
        explainer.set(m.Explain(2))
        with explainer._changed:
            explainer._changed.wait_for(lambda: explainer._look is None, PATIENCE)
        assert explainer._look is None

    def test_the_map_that_is_looked_at_stays_among_the_tiles(self, explainer: Explainer, events: Events) -> None:
        explainer.offer(frame(1))
        explainer.set(m.Explain(1, self.KEY, tiles=5))
        order = explained(events).tiles[1].channels.tolist()
        least = next(channel for channel in range(16) if channel not in order)
        explainer.set(m.Explain(2, self.KEY, tiles=5, maps=((1, least), (1, order[0]))))
        assert explained(events).tiles[1].channels.tolist() == [*order[:4], least]

    def test_filters_come_once_for_each_wish(self, explainer: Explainer, events: Events) -> None:
        explainer.offer(frame(1))
        explainer.set(m.Explain(1, self.KEY, filters=True))
        assert explained(events).filters is not None
        explainer.offer(frame(2))
        assert explained(events).filters is None
        explainer.set(m.Explain(2, self.KEY, filters=True, tiles=1))
        assert explained(events).filters is not None

    def test_all_of_a_frame_is_written(self, explainer: Explainer, events: Events, tmp_path: Path) -> None:
        explainer.save(m.SaveInside(str(tmp_path / "early.npz")))
        early = events.get(timeout=PATIENCE)
        assert isinstance(early, m.InsideSaved)
        assert early.trouble
        explainer.offer(frame(1))
        explainer.set(m.Explain(1, self.KEY, heat="influence"))
        explained(events)
        events.get(timeout=PATIENCE)
        for name, written in (("all.npz", True), ("no/such/folder.npz", False)):
            explainer.save(m.SaveInside(str(tmp_path / name)))
            saved = events.get(timeout=PATIENCE)
            assert isinstance(saved, m.InsideSaved)
            assert (saved.path, not saved.trouble) == (str(tmp_path / name), written)
        assert np.load(tmp_path / "all.npz")["heat"].shape == (7, 7)

    def test_travels(self, explainer: Explainer, events: Events) -> None:
        explainer.offer(frame(1))
        explainer.set(m.Explain(1, self.KEY, tiles=1, maps=((0, 0),), heat="influence", input=True, filters=True))
        seen = m.decode_event(m.encode(explained(events)))
        assert isinstance(seen, m.Explained)
        assert seen.input is not None
        assert seen.input.values.dtype == np.float32
        heat = m.decode_event(m.encode(events.get(timeout=PATIENCE)))
        assert isinstance(heat, m.HeatReady)
        assert heat.heat.values.shape == (7, 7)
