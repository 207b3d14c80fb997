"""Looking into the starter models: the same answer as recognition, and heat maps that point at what counts."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop_app.core.model import Placement, Thresholds, predict
from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections
from desktop_app.models.catalog import find
from desktop_app.models.explaining.heat import grid_over, occlusion
from desktop_app.models.explaining.look import TILE, Look, activity_order, tiles_of
from desktop_app.models.loading import load_model

GOES_ON = threading.Event()


class TestStarters:
    pytestmark = pytest.mark.package_index

    @pytest.fixture
    def lite(self, starter_models: None) -> Look:
        return Look(find("efficientnet-lite0"))

    def test_the_same_answer_as_recognition(self, lite: Look, bus: Path) -> None:
        bgr = np.ascontiguousarray(cv2.imread(str(bus)), np.uint8)
        model = load_model(find("efficientnet-lite0"), Placement("openvino", "cpu", "fp32"))
        plain, _, _ = predict(model, bgr, Thresholds())
        looked = lite.at(bgr)
        assert isinstance(plain, Classification)
        assert isinstance(looked.prediction, Classification)
        np.testing.assert_allclose(looked.prediction.logits, plain.logits, atol=1e-4)
        shown = lite.input_of(looked)
        np.testing.assert_allclose(
            shown.values, (shown.pixels.transpose(2, 0, 1).astype(np.float32) / 255 - 0.5) / 0.5, atol=1e-5
        )

    def test_influence_sums_up_to_the_logit_without_the_bias(self, lite: Look, bus: Path) -> None:
        """The network ends with an average and a linear layer, where the map is exact."""
        looked = lite.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
        head = lite._last_part()
        assert head is not None
        assert isinstance(looked.prediction, Classification)
        for class_id in (looked.prediction.top(1)[0], 7):
            (found,) = lite.heat(looked, "influence", class_id, None, GOES_ON)
            nothing = head.answers(np.zeros_like(looked.seen.maps[-1])[None])[0, class_id]
            assert found.values.sum() == pytest.approx(looked.prediction.logits[class_id] - nothing, abs=1e-3)

    @pytest.mark.parametrize("method", ["influence", "occlusion"])
    def test_hiding_the_hottest_fifth_costs_more_than_hiding_any_fifth(
        self, lite: Look, bus: Path, zidane: Path, method: str
    ) -> None:
        hot, anywhere = [], []
        for path in (bus, zidane):
            looked = lite.at(np.ascontiguousarray(cv2.imread(str(path)), np.uint8))
            assert isinstance(looked.prediction, Classification)
            class_id = looked.prediction.top(1)[0]
            *_, found = lite.heat(looked, method, None, None, GOES_ON)  # type: ignore[arg-type]
            assert found.share == 1.0
            size = looked.tensor.shape[2], looked.tensor.shape[1]

            def left_of(places: np.ndarray, looked=looked, class_id=class_id, size=size) -> float:  # type: ignore[no-untyped-def]
                wide = cv2.resize(places.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
                hidden = looked.tensor.copy()
                hidden[0][wide >= np.quantile(wide, 0.8)] = 114
                answer = lite._model.postprocess(lite._model.forward(hidden), looked.frame_shape, Thresholds())
                assert isinstance(answer, Classification)
                return float(answer.probabilities[class_id])

            hot.append(left_of(found.values))
            rng = np.random.default_rng(3)
            anywhere += [left_of(rng.random((7, 7))) for _ in range(6)]
        assert np.mean(hot) < 0.7 * np.mean(anywhere)

    def test_evidence_for_a_box_lies_on_it(self, starter_models: None, bus: Path) -> None:
        look = Look(find("yolov3-tiny"))
        looked = look.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
        assert isinstance(looked.prediction, Detections)
        place = int(np.flatnonzero(looked.prediction.class_id == 5)[0])
        box = tuple(float(value) for value in looked.prediction.xyxy[place])
        *_, found = look.heat(looked, "occlusion", 5, box, GOES_ON)  # type: ignore[arg-type]
        assert found.class_id == 5
        assert found.box == pytest.approx(box, abs=0.01)
        row, column = np.unravel_index(found.values.argmax(), found.values.shape)
        left, top, right, bottom = found.region
        x = left + (column + 0.5) * (right - left) / found.values.shape[1]
        y = top + (row + 0.5) * (bottom - top) / found.values.shape[0]
        assert box[0] <= x <= box[2]
        assert box[1] <= y <= box[3]
        assert found.values.max() > 0.05

    def test_ends_early_when_it_is_cancelled(self, lite: Look, bus: Path) -> None:
        looked = lite.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
        cancel = threading.Event()
        steps = lite.heat(looked, "occlusion", None, None, cancel)
        assert next(steps).share < 1
        cancel.set()
        assert list(steps) == []

    def test_region_is_what_the_input_shows(self, lite: Look) -> None:
        """A bright spot of the frame is bright at the pixel of the input that the region names."""
        bgr = np.zeros((300, 500, 3), np.uint8)
        bgr[100:108, 220:228] = 255
        looked = lite.at(bgr)
        row, column = np.argwhere(looked.tensor[0, :, :, 0] > 128).mean(axis=0)
        assert looked.region.x0 + (column + 0.5) * looked.region.scale_x == pytest.approx(224, abs=2)
        assert looked.region.y0 + (row + 0.5) * looked.region.scale_y == pytest.approx(104, abs=2)


class TestParts:
    def test_the_most_active_come_first_and_flat_ones_last(self) -> None:
        maps = np.zeros((4, 2, 2), np.float32)
        maps[1] = 9  # the same everywhere
        maps[2, 0, 0], maps[3, 0, 0] = 1, 2
        assert activity_order(maps).tolist() == [3, 2, 1, 0]

    def test_tiles_are_scaled_by_their_own_range(self) -> None:
        maps = np.stack([np.linspace(-2, 6, 16, dtype=np.float32).reshape(4, 4), np.full((4, 4), 3, np.float32)])
        tiles = tiles_of(maps, 5, 2, np.array([0, 1]))
        assert (tiles.station, tiles.low.tolist(), tiles.high.tolist()) == (5, [-2, 3], [6, 3])
        assert tiles.pixels[0].min() == 0
        assert tiles.pixels[0].max() == 255
        assert (tiles.pixels[1] == 0).all()

    def test_large_maps_become_small_tiles(self) -> None:
        assert tiles_of(np.zeros((3, 200, 100), np.float32), 0, 2).pixels.shape == (2, TILE, TILE // 2)

    def test_places_cover_the_region_and_overlap(self) -> None:
        boxes = grid_over((10, 20, 110, 70), 4, 9)
        assert len(boxes) == 4
        assert boxes[0][0][:2] == (10, 20)
        assert boxes[-1][-1][2:] == (110, 70)
        assert boxes[0][1][0] < boxes[0][0][2]

    def test_hiding_what_counts_shows(self) -> None:
        tensor = np.zeros((1, 60, 60, 3), np.uint8)
        tensor[0, 40:50, 10:20] = 255
        *_, (share, fallen) = occlusion(lambda t: float((t[0, :, :, 0] == 255).sum()), tensor, (0, 0, 60, 60), 5, 5)
        assert share == 1
        assert fallen[3, 1] == fallen.max() == 100
        assert fallen[0, 4] == 0
        assert (tensor[0, 40:50, 10:20] == 255).all()

    def test_overlap(self) -> None:
        boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], np.float32)
        assert overlaps(boxes[:1], boxes)[0].tolist() == pytest.approx([1, 1 / 3, 0])
