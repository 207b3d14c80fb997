"""Looking into the starter models: the same answer as recognition, and heat maps that point at what counts."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop_app.core.explain import Region, Station
from desktop_app.core.model import Placement, Thresholds, predict
from desktop_app.core.overlap import overlaps
from desktop_app.core.results import Classification, Detections
from desktop_app.errors import AppError
from desktop_app.models.catalog import find
from desktop_app.models.explaining.heat import grid_over, occlusion
from desktop_app.models.explaining.look import Look
from desktop_app.models.explaining.tiles import TILE, activity_order, strongest_places, tiles_of
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
        head = lite.evidence.head()
        assert head is not None
        assert isinstance(looked.prediction, Classification)
        for class_id in (looked.prediction.top(1)[0], 7):
            (found,) = lite.evidence.heat(looked, "influence", (class_id,), None, GOES_ON)
            nothing = head.answers(np.zeros_like(looked.seen.maps[-1])[None])[0, class_id]
            assert found.values.sum() == pytest.approx(looked.prediction.logits[class_id] - nothing, abs=1e-3)

    def test_grad_cam_is_what_influence_leaves_above_zero(self, lite: Look, bus: Path) -> None:
        """So it is where the network ends with an average and a linear layer; then it needs no gradients."""
        looked = lite.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
        assert lite.evidence.methods() == ("influence", "gradcam", "occlusion")
        for class_id in (654, 7):
            (influence,) = lite.evidence.heat(looked, "influence", (class_id,), None, GOES_ON)
            (found,) = lite.evidence.heat(looked, "gradcam", (class_id,), None, GOES_ON)
            np.testing.assert_allclose(found.values, np.maximum(influence.values, 0), atol=1e-4)
            assert found.answer == influence.answer

    def test_a_group_of_classes_is_asked_about_as_one(self, lite: Look, bus: Path) -> None:
        looked = lite.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
        assert isinstance(looked.prediction, Classification)
        logits = looked.prediction.logits.astype(np.float64)
        vehicles = (654, 779, 874)
        for method in ("influence", "gradcam"):
            (found,) = lite.evidence.heat(looked, method, vehicles, None, GOES_ON)
            assert found.classes == vehicles
            assert found.answer == pytest.approx(np.log(np.exp(logits[list(vehicles)]).sum()), abs=1e-4)
        # One class has all of the group: then it is that class.
        (alone,) = lite.evidence.heat(looked, "gradcam", (654,), None, GOES_ON)
        (group,) = lite.evidence.heat(looked, "gradcam", (654, int(logits.argmin())), None, GOES_ON)
        np.testing.assert_allclose(group.values, alone.values, atol=1e-3)

    def test_evidence_for_a_box_lies_on_it(self, starter_models: None, bus: Path) -> None:
        look = Look(find("yolov3-tiny"))
        looked = look.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
        assert isinstance(looked.prediction, Detections)
        place = int(np.flatnonzero(looked.prediction.class_id == 5)[0])
        box = tuple(float(value) for value in looked.prediction.xyxy[place])
        *_, found = look.evidence.heat(looked, "occlusion", (5,), box, GOES_ON)  # type: ignore[arg-type]
        assert found.classes == (5,)
        assert found.box == pytest.approx(box, abs=0.01)
        row, column = np.unravel_index(found.values.argmax(), found.values.shape)
        left, top, right, bottom = found.region
        x = left + (column + 0.5) * (right - left) / found.values.shape[1]
        y = top + (row + 0.5) * (bottom - top) / found.values.shape[0]
        assert box[0] <= x <= box[2]
        assert box[1] <= y <= box[3]
        assert found.values.max() > 0.05

    def test_a_box_is_followed_where_it_goes(self, lite: Look) -> None:
        """Away from where it was chosen, past another one, and over a gap."""
        chosen = (100.0, 100.0, 160.0, 200.0)

        def boxes(left: float) -> Detections:
            table = np.array([[300, 100, 360, 200], [left, 100, left + 60, 200]], np.float32)
            return Detections(table, np.array([0.9, 0.5], np.float32), np.zeros(2, np.int64))

        for left in (100, 130, 160, 190, 200):
            assert lite.evidence._row_of(boxes(left), chosen) == 1
        assert lite.evidence._row_of(boxes(130), chosen) == 1, "no overlap any more: the nearest"
        assert lite.evidence._row_of(boxes(100), (301.0, 100.0, 361.0, 200.0)) == 0, "another one was chosen"
        assert lite.evidence._row_of(boxes(100), None) == 0, "none: the surest"

    def test_a_picture_without_boxes_says_so(self, starter_models: None) -> None:
        look = Look(find("yolov3-tiny"))
        looked = look.at(np.zeros((240, 320, 3), np.uint8))
        with pytest.raises(AppError, match="no box"):
            next(look.evidence.heat(looked, "occlusion", (), None, GOES_ON))

    def test_all_of_a_frame_in_one_file(self, lite: Look, bus: Path, tmp_path: Path) -> None:
        """From which everything that is shown can be computed again."""
        looked = lite.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
        (heat,) = lite.evidence.heat(looked, "gradcam", (), None, GOES_ON)
        lite.save(looked, tmp_path / "all.npz", heat)
        saved = np.load(tmp_path / "all.npz")
        np.testing.assert_array_equal(saved["tensor"], looked.seen.tensor)
        maps = [saved[name] for name in saved.files if name.startswith("maps_")]
        assert [one.shape for one in maps] == [(s.channels, s.height, s.width) for s in lite.stations]
        powers = np.exp(saved["logits"].astype(np.float64))
        np.testing.assert_allclose(saved["probabilities"], powers / powers.sum(), atol=1e-6)
        np.testing.assert_array_equal(saved["heat"], heat.values)

    def test_ends_early_when_it_is_cancelled(self, lite: Look, bus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        looked = lite.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
        cancel = threading.Event()
        monkeypatch.setattr("desktop_app.models.explaining.evidence.SHOWN_EVERY", 0.0)
        steps = lite.evidence.heat(looked, "occlusion", (), None, cancel)
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

    def test_the_strongest_places_lie_apart(self) -> None:
        values = np.zeros((20, 20), np.float32)
        values[4, 4], values[4, 5], values[15, 10], values[2, 17] = 9, 8, 7, 6
        station = Station("layer", 1, 20, 20, 4, 11, 2)
        bgr = np.zeros((80, 80, 3), np.uint8)
        bgr[58:66, 38:46] = 200
        found = strongest_places(values, station, bgr, Region(0, 0, 1, 1))
        assert [(place.row, place.column, place.value) for place in found] == [(4, 4, 9), (15, 10, 7), (2, 17, 6)]
        assert found[0].patch.max() == 0
        assert found[1].patch.max() == 200

    def test_a_cell_that_sees_everything_stands_for_its_patch(self) -> None:
        station = Station("blocks.3", 12, 14, 14, 16, float("inf"), 8, "attention")
        assert station.stands_for(0, 0) == (0, 0, 16, 16)
        assert station.stands_for(13, 2) == (32, 208, 48, 224)
        assert Station("conv", 8, 7, 7, 32, 427, 16).stands_for(3, 3) == (16 + 96 - 213.5,) * 2 + (16 + 96 + 213.5,) * 2

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
