"""What was taught as a model like any other: imported, loaded, run; and what is said where its network is missing."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from desktop_app.core.model import Placement, Thresholds, predict
from desktop_app.core.results import Classification
from desktop_app.core.teaching import NONE, Example, Knowledge, Lesson, prepared, probabilities_of, study
from desktop_app.errors import ModelError, ModelLoadFailed, WeightsUnavailable
from desktop_app.models import catalog, importing, taught, taught_file
from desktop_app.models.explaining.look import Look
from desktop_app.models.features import FeatureReader
from desktop_app.models.loading import load_model
from desktop_app.models.taught_file import About

pytestmark = pytest.mark.package_index
KEY = "efficientnet-lite0"
GOES_ON = threading.Event()


def crops(path: Path, count: int) -> list[np.ndarray]:
    bgr = np.ascontiguousarray(cv2.imread(str(path)), np.uint8)
    rng = np.random.default_rng(1)
    height, width = bgr.shape[:2]
    found = []
    for _ in range(count):
        top, left = int(rng.integers(0, height // 5)), int(rng.integers(0, width // 5))
        found.append(np.ascontiguousarray(bgr[top : top + height * 4 // 5, left : left + width * 4 // 5]))
    return found


@pytest.fixture
def reader(starter_models: None) -> FeatureReader:
    return FeatureReader(catalog.find(KEY))


@pytest.fixture
def lesson(reader: FeatureReader, bus: Path, zidane: Path) -> Lesson:
    found = Lesson().with_class(1, "bus").with_class(2, "trainer")
    for number, (slot, bgr) in enumerate([(1, c) for c in crops(bus, 3)] + [(2, c) for c in crops(zidane, 3)]):
        found = found.with_example(Example(number, slot, reader.views(bgr), b"jpeg"))
    return found


def known(lesson: Lesson, link: str = "softmax") -> Knowledge:
    found = study(lesson, link, True)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.fixture
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starter_models: None) -> Path:
    """A model folder of this test, with the starter's weights in it."""
    from desktop_app.models import store

    weights = store.weights_path(catalog.find(KEY))
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("REGARD_MODELS_DIR", str(folder))
    (folder / weights.name).write_bytes(weights.read_bytes())
    return folder


def written(path: Path, reader: FeatureReader, lesson: Lesson, link: str = "softmax") -> Path:
    about = About(1, KEY, reader.digest, 224, link, True)  # type: ignore[arg-type]
    taught_file.write(path, about, lesson, known(lesson, link))
    return path


@pytest.mark.parametrize("link", ["softmax", "sigmoid"])
def test_a_model_like_any_other(
    reader: FeatureReader, lesson: Lesson, own_models: Path, tmp_path: Path, bus: Path, zidane: Path, link: str
) -> None:
    info = importing.import_file(written(tmp_path / "Bus, trainer.regard", reader, lesson, link))
    assert (info.key, info.task, info.family, info.input_size) == ("bus-trainer", "classify", "taught", 224)
    assert catalog.class_names(info) == ("bus", "trainer", NONE)
    model = load_model(catalog.find(info.key), Placement("openvino", "cpu", "fp32"))
    for path, name in ((bus, "bus"), (zidane, "trainer")):
        bgr = np.ascontiguousarray(cv2.imread(str(path)), np.uint8)
        said, _, _ = predict(model, bgr, Thresholds())
        assert isinstance(said, Classification)
        assert model.names[said.top(1)[0]] == name
        wanted = known(lesson, link).logits(prepared(reader.of(bgr)))
        np.testing.assert_allclose(said.logits, wanted, atol=2e-3)
        np.testing.assert_allclose(said.probabilities, probabilities_of(wanted, link), atol=2e-3)  # type: ignore[arg-type]
    grey = np.full((300, 300, 3), 90, np.uint8)
    said, _, _ = predict(model, grey, Thresholds())
    assert isinstance(said, Classification)
    assert model.names[said.top(1)[0]] == NONE


def test_it_can_be_looked_into(
    reader: FeatureReader, lesson: Lesson, own_models: Path, tmp_path: Path, bus: Path
) -> None:
    """Its layers are those of its network, and the heat map is that of the taught class."""
    info = importing.import_file(written(tmp_path / "seen.regard", reader, lesson))
    look = Look(catalog.find(info.key))
    looked = look.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
    assert len(look.stations) >= 5
    assert "influence" in look.evidence.methods()
    assert isinstance(looked.prediction, Classification)
    for class_id in range(3):
        (found,) = look.evidence.heat(looked, "influence", (class_id,), None, GOES_ON)
        assert found.values.shape == (7, 7)
        assert found.answer == pytest.approx(float(looked.prediction.logits[class_id]), abs=1e-4)


@pytest.mark.torch
def test_gradients_are_those_of_the_taught_layer(
    reader: FeatureReader, lesson: Lesson, own_models: Path, tmp_path: Path, bus: Path
) -> None:
    pytest.importorskip("captum")
    info = importing.import_file(written(tmp_path / "seen.regard", reader, lesson))
    look = Look(catalog.find(info.key))
    looked = look.at(np.ascontiguousarray(cv2.imread(str(bus)), np.uint8))
    assert "gradcam" in look.evidence.methods()
    maps = [next(look.evidence.heat(looked, "gradcam", (class_id,), None, GOES_ON)).values for class_id in (0, 1)]
    assert maps[0].shape == (7, 7)
    assert np.abs(maps[0] - maps[1]).max() > 0.01


def test_views_of_one_picture_are_near_each_other(reader: FeatureReader, bus: Path, zidane: Path) -> None:
    first, second = (prepared(reader.views(crops(path, 1)[0])) for path in (bus, zidane))
    assert (first @ first.T).min() > (first @ second.T).max()


def test_without_its_network_it_says_what_to_fetch(
    reader: FeatureReader, lesson: Lesson, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "lonely.regard", reader, lesson)
    empty = tmp_path / "empty"
    monkeypatch.setenv("REGARD_MODELS_DIR", str(empty))
    info = importing.import_file(path)
    with pytest.raises(WeightsUnavailable, match=KEY) as caught:
        load_model(info, Placement())
    assert KEY in caught.value.hint


def test_other_weights_of_its_network_are_refused(
    reader: FeatureReader, lesson: Lesson, own_models: Path, tmp_path: Path
) -> None:
    path = tmp_path / "other.regard"
    taught_file.write(path, About(1, KEY, "0" * 64, 224, "softmax", True), lesson, known(lesson))
    info = importing.import_file(path)
    with pytest.raises(ModelLoadFailed, match="other weights"):
        load_model(info, Placement())


@pytest.mark.parametrize("backbone", ["yolov3-tiny", "no-such-network"])
def test_a_network_that_cannot_be_taught_on_is_refused(
    lesson: Lesson, tmp_path: Path, backbone: str, starter_models: None
) -> None:
    about = About(1, backbone, "0" * 64, 224, "softmax", True)
    with pytest.raises(ModelError):
        taught.backbone_of(about, "mine")


def test_importing_the_same_again_is_the_same(
    reader: FeatureReader, lesson: Lesson, own_models: Path, tmp_path: Path
) -> None:
    path = written(tmp_path / "twice.regard", reader, lesson)
    first = importing.import_file(path)
    assert importing.import_file(path) == first
    assert importing.inspect(path).names == ("bus", "trainer", NONE)
    importing.remove_imported(first.key)
    assert first.key not in {info.key for info in catalog.imported_models()}
