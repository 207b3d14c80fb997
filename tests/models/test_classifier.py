"""Classifiers against torchvision's and timm's own preprocessing and networks."""

from __future__ import annotations

import dataclasses
import shutil
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.core.model import EngineName, Model, ModelInfo, Placement, Thresholds, predict
from desktop_app.core.results import Classification
from desktop_app.core.scores import softmax
from desktop_app.errors import ModelLoadFailed
from desktop_app.models import classifier, store
from desktop_app.models.catalog import find
from desktop_app.models.classifier import Preparation, preparation_of, resize_and_crop
from desktop_app.models.loading import load_model
from desktop_app.paths import models_dir

Bgr = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def leaves_no_gigabytes(tmp_path: Path) -> Iterator[None]:
    """pytest keeps the folders of the last three runs; VGG19 alone would fill them."""
    yield
    for name in ("models", "cache"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)


@pytest.fixture(scope="module")
def pictures(bus: Path, zidane: Path) -> list[Bgr]:
    """Two photographs and two blurred patterns, small and upright, BGR."""
    rng = np.random.default_rng(5)
    patterns = [cv2.resize(rng.integers(0, 256, (9, 7, 3), np.uint8), size) for size in ((97, 61), (211, 640))]
    photos = [cv2.imread(str(path)) for path in (bus, zidane)]
    return [np.ascontiguousarray(picture, np.uint8) for picture in photos + patterns]


def as_pillow(bgr: Bgr) -> Any:
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1]))


SHAPES = [
    (720, 1280), (480, 640), (1080, 1920), (1080, 810), (1280, 720), (333, 500), (500, 333), (224, 224), (256, 300),
    (100, 1000), (1000, 100), (61, 97), (3, 50), (50, 3), (757, 1309), (1309, 757), (1010, 289),
]  # fmt: skip


@pytest.mark.torch
@pytest.mark.parametrize(
    ("resize", "crop", "interpolation"),
    [(256, 224, "bicubic"), (232, 224, "bilinear"), (342, 299, "bilinear"), (384, 384, "bicubic")],
)
def test_pixels_are_those_of_torchvision(resize: int, crop: int, interpolation: str) -> None:
    from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize

    told = Compose([Resize(resize, InterpolationMode(interpolation)), CenterCrop(crop)])
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        bgr = rng.integers(0, 256, (*shape, 3), np.uint8)
        mine = resize_and_crop(bgr, Preparation(resize, crop, interpolation))
        assert mine.shape == (1, crop, crop, 3)
        assert np.array_equal(mine[0], np.asarray(told(as_pillow(bgr)))), shape


@pytest.mark.parametrize("shape", [(1, 400_000), (400_000, 1)])
def test_a_thread_of_pixels_does_not_fill_the_memory(shape: tuple[int, int]) -> None:
    assert resize_and_crop(np.zeros((*shape, 3), np.uint8), Preparation(256, 224, "bicubic")).shape == (1, 224, 224, 3)


def random_network(builder: str, **options: Any) -> Any:
    """Of torchvision, with random weights whose answer depends on the picture."""
    import torch
    from torchvision import models

    torch.manual_seed(1)
    network = models.get_model(builder, weights=None, **options)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.8, 1.2)
            torch.nn.init.normal_(layer.bias, 0, 0.2)
            torch.nn.init.uniform_(layer.running_var, 0.7, 1.0)  # type: ignore[arg-type]
    return network.eval()


def load_random(key: str, state: Any, engine: EngineName) -> Model:
    """The catalogue's model with these weights, which have no published hash."""
    import torch

    info = dataclasses.replace(find(key), sha256="")
    torch.save(state, models_dir() / info.file_name)
    return load_model(info, Placement(engine=engine, device="cpu"))


def assert_same_answer(model: Model, told: Any, transform: Any, pictures: list[Bgr], limit: float) -> None:
    import torch

    for bgr in pictures:
        found, _, _ = predict(model, bgr, Thresholds())
        assert isinstance(found, Classification)
        with torch.inference_mode():
            logits = told(transform(as_pillow(bgr))[None])[0].numpy()
        assert np.abs(found.logits - logits).max() <= limit * np.abs(logits).max()
        assert found.top(1) == [int(logits.argmax())]
        assert found.probabilities.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("key", "engine"),
    [
        ("resnet50", "torch"),
        ("resnet50", "openvino"),
        ("resnet50@IMAGENET1K_V1", "torch"),
        ("inception_v3", "torch"),
        ("inception_v3", "openvino"),
        ("vgg19", "openvino"),
        ("swin_v2_t", "torch"),
        ("regnet_x_400mf", "torch"),
        ("mnasnet0_5", "openvino"),
    ],
)
def test_the_same_answer_as_torchvision(key: str, engine: EngineName, pictures: list[Bgr]) -> None:
    from torchvision import models

    builder = key.partition("@")[0]
    # As its makers publish it: with the auxiliary head, inputs scaled to ±1.
    told = random_network(builder, **({"transform_input": True, "init_weights": False} if "inc" in key else {}))
    weights = next(w for w in models.get_model_weights(builder) if w.url == find(key).source_url)
    model = load_random(key, told.state_dict(), engine)
    assert (model.engine, model.device.lower(), model.precision) == (engine, "cpu", "fp32")
    some = pictures[:2] if builder == "vgg19" else pictures
    assert_same_answer(model, told, weights.transforms(), some, 1e-3)


@pytest.mark.torch
@pytest.mark.package_index
@pytest.mark.parametrize("engine", ["torch", "openvino"])
def test_efficientnet_lite0_answers_as_timm(engine: EngineName, starter_models: None, pictures: list[Bgr]) -> None:
    import timm
    import torch
    from timm.data import create_transform, resolve_data_config

    info = find("efficientnet-lite0")
    told = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    state = torch.load(store.ensure(info, lambda _: None), weights_only=True)
    told.load_state_dict(dict(zip(told.state_dict(), state.values(), strict=True)))
    transform = create_transform(**resolve_data_config({}, model=told))
    model = load_model(info, Placement(engine=engine, device="cpu"))
    assert_same_answer(model, told, transform, pictures, 1e-3)
    found, _, _ = predict(model, pictures[0], Thresholds())
    assert isinstance(found, Classification)
    assert model.names[found.top(1)[0]] == "minibus"


@pytest.mark.torch
@pytest.mark.parametrize("engine", ["torch", "openvino"])
def test_a_classifier_of_ultralytics(engine: EngineName, made: Path, pictures: list[Bgr]) -> None:
    """Resized and cropped as Ultralytics does; its logits, not its probabilities, are the outputs."""
    import torch
    from torchvision.transforms import CenterCrop, Compose, Resize, ToTensor

    from desktop_app.models.checkpoints import load_ultralytics

    path = models_dir() / "mine.pt"
    path.write_bytes((made / "yolo11n-cls.pt").read_bytes())
    info = ModelInfo("mine", "Mine", "classify", "yolo-cls", 224, "", "file", "mine.pt", sha256=store.sha256_of(path))
    told = load_ultralytics(path)
    model = load_model(info, Placement(engine=engine, device="cpu"))
    assert len(model.names) == 1000
    transform = Compose([Resize(224), CenterCrop(224), ToTensor()])
    assert_same_answer(model, lambda x: told(x)[1], transform, pictures, 1e-3)
    with torch.inference_mode():
        probabilities = told(transform(as_pillow(pictures[0]))[None])[0][0].numpy()
    found, _, _ = predict(model, pictures[0], Thresholds())
    assert isinstance(found, Classification)
    assert np.abs(found.probabilities - probabilities).max() < 1e-5


@pytest.mark.torch
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda s: s | {"fc.weight": s["fc.weight"][:10], "fc.bias": s["fc.bias"][:10]},
            r"fc.weight is \(10, 512\) where \(1000, 512\) is needed",
        ),
        (lambda s: {k: v for k, v in s.items() if k != "conv1.weight"}, "conv1.weight is missing"),
        (lambda s: s | {"extra.weight": s["fc.bias"]}, "extra.weight is not part of it"),
    ],
)
def test_weights_that_do_not_fit_are_named(change: Any, reason: str) -> None:
    state = change(dict(random_network("resnet18").state_dict()))
    with pytest.raises(ModelLoadFailed, match=reason) as raised:
        load_random("resnet18", state, "torch")
    assert "resnet18" in raised.value.message
    assert "\n" not in raised.value.message


@pytest.mark.torch
def test_checkpoints_of_old_layers() -> None:
    """ViT's blocks were called otherwise once; the file says of which version its layers are."""
    import torch
    from torchvision.models import VisionTransformer

    def build() -> Any:
        return VisionTransformer(32, 16, 1, 2, 8, 16, num_classes=3)

    state = build().state_dict()
    old: Any = OrderedDict(
        (name.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."), tensor)
        for name, tensor in state.items()
    )
    old._metadata = {"": {"version": 1}}
    torch.save(old, models_dir() / "old.pth")
    from desktop_app.models.checkpoints import load_state_dict

    module = classifier._fill(find("vit_b_16"), build, load_state_dict(models_dir() / "old.pth"))
    assert all(torch.equal(tensor, state[name]) for name, tensor in module.state_dict().items())


@pytest.mark.torch
def test_densenet_checkpoints_spell_their_layers_apart(pictures: list[Bgr]) -> None:
    import re

    from torchvision import models

    told = random_network("densenet121")
    state = {re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", k): v for k, v in told.state_dict().items()}
    assert any(".norm.1." in name for name in state)
    model = load_random("densenet121", state, "torch")
    assert_same_answer(model, told, models.DenseNet121_Weights.DEFAULT.transforms(), pictures[:1], 1e-3)


def test_preparations() -> None:
    assert preparation_of(find("resnet50")).resize == 232
    assert preparation_of(find("resnet50@IMAGENET1K_V1")).resize == 256
    assert (preparation_of(find("inception_v3")).resize, preparation_of(find("inception_v3")).crop) == (342, 299)
    assert preparation_of(find("efficientnet-lite0")).mean == (0.5, 0.5, 0.5)


def test_softmax_of_large_logits() -> None:
    found = softmax(np.array([1000, 999, -1000], np.float32))
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([0.7310586, 0.2689414, 0.0])


@pytest.mark.usefixtures("starter_models")
def test_an_answer_stays_while_the_network_works_on(pictures: list[Bgr]) -> None:
    """It may be read in another thread, when the network has written its next answer into the same array."""
    model = load_model(find("efficientnet-lite0"), Placement("openvino", "cpu"))
    outputs = model.forward(model.preprocess(pictures[0]))
    prediction = model.postprocess(outputs, pictures[0].shape, Thresholds())
    assert isinstance(prediction, Classification)
    logits, probabilities = prediction.logits.copy(), prediction.probabilities.copy()
    for array in outputs:
        array[:] = -1
    assert np.array_equal(prediction.logits, logits)
    assert np.array_equal(prediction.probabilities, probabilities)
