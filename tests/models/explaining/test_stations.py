"""Where networks are looked into, and the values that are found there, against torch's own."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.core.explain import Station
from desktop_app.models.catalog import find
from desktop_app.models.conversion import _trace
from desktop_app.models.engines import Network
from desktop_app.models.explaining.inside import InsideRunner
from desktop_app.models.explaining.stations import LEAST, MOST, find_stations
from desktop_app.models.loading import family_and_network

pytestmark = pytest.mark.torch

SIDES = {"inception_v3": 299}


def module(name: str) -> Any:
    import torch
    import torchvision

    torch.manual_seed(4)
    if name == "small_vit":
        vit = torchvision.models.VisionTransformer
        return vit(image_size=224, patch_size=16, num_layers=3, num_heads=4, hidden_dim=64, mlp_dim=64).eval()
    quick: dict[str, dict[str, Any]] = {
        # As it is run: it scales its channels itself, before the first layer.
        "inception_v3": {"aux_logits": False, "init_weights": False, "transform_input": True},
        "vgg11": {"init_weights": False},
    }
    net = torchvision.models.get_model(name, weights=None, **quick.get(name, {})).eval()
    # Otherwise the averages of a batch norm hide what went wrong before it.
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
    return net


def stations_of(name: str) -> list[Station]:
    side = SIDES.get(name, 224)
    model = _trace(module(name), Network(name, "d" * 64, side, side))
    return [station for station, _, _ in find_stations(model)]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("resnet18", ("relu", 64, 112), ("layer4", 512, 7)),
        ("inception_v3", ("Conv2d_1a_3x3", 32, 149), ("Mixed_7c", 2048, 8)),
        ("mobilenet_v3_small", ("features.0.2", 16, 112), ("features.12", 576, 7)),
        ("efficientnet_b0", ("features.0.2", 32, 112), ("features.8", 1280, 7)),
        ("convnext_tiny", ("features.0.0", 96, 56), ("features.7", 768, 7)),
        ("vgg11", ("features.1", 64, 224), ("avgpool", 512, 7)),
    ],
)
def test_from_the_first_layer_to_the_last(name: str, first: object, last: object) -> None:
    found = stations_of(name)
    assert LEAST <= len(found) <= MOST
    assert (found[0].layer, found[0].channels, found[0].height) == first
    assert (found[-1].layer, found[-1].channels, found[-1].height) == last
    heights = [station.height for station in found]
    assert heights == sorted(heights, reverse=True)
    fields = [station.field for station in found]
    assert fields == sorted(fields)
    assert 1 < fields[0] < fields[-1] < math.inf, "what a cell sees is known, and grows"


@pytest.mark.parametrize("key", ["yolov8n", "yolo26n"])
def test_the_backbone_of_a_detector(key: str, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order of its layers, though all of them share one activation; the values are torch's own."""
    import torch

    monkeypatch.setenv("REGARD_MODELS_DIR", str(made))
    _, network = family_and_network(find(key))
    runner = InsideRunner(network)
    pixels = np.random.default_rng(4).integers(0, 256, (1, 640, 640, 3), np.uint8)
    seen = runner.split(runner.submit(pixels).wait()[0])
    found = runner.stations
    assert LEAST <= len(found) <= MOST
    assert found[0].channels == 16
    heights = [station.height for station in found]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == 320
    assert heights[-1] == 20
    layers = [int(station.layer.split(".")[0]) for station in found]
    assert layers == sorted(layers)
    assert layers[-1] <= 10, "nothing of what puts the sizes together again"
    assert network.build is not None
    net: Any = network.build(False)
    modules = {name.rpartition("model.")[2]: layer for name, layer in net.named_modules()}
    wanted = [station.layer for station in found[1:]]
    caught: dict[str, Any] = {}
    for layer in wanted:
        modules[layer].register_forward_hook(
            lambda _m, _i, out, layer=layer: caught.__setitem__(layer, out.detach().numpy())
        )
    with torch.no_grad():
        net(torch.from_numpy(seen.tensor)[None])
    for station, values in zip(found[1:], seen.maps[1:], strict=True):
        np.testing.assert_allclose(values, caught[station.layer][0], atol=1e-3)


def test_receptive_field_is_where_a_pixel_matters() -> None:
    """Each pixel of the input is changed in turn along one row: those that change a cell are its field."""
    import torch

    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3, stride=2, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(4, 4, 3, padding=2, dilation=2),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
    ).eval()
    for parameter in net.parameters():
        parameter.data = parameter.data.abs() + 0.01
    side = 48
    model = _trace(net, Network("small", "d" * 64, side, side))
    station = find_stations(model)[-1][0]
    row, column = 5, 6
    left, top, right, bottom = station.seen_by(row, column)
    part = net[:4]
    with torch.no_grad():
        plain = part(torch.zeros(1, 3, side, side))
        assert plain.shape[1:] == (station.channels, station.height, station.width)

        def matters(y: int, x: int) -> bool:
            picture = torch.zeros(1, 3, side, side)
            picture[0, :, y, x] = 5
            return bool((part(picture)[0, :, row, column] != plain[0, :, row, column]).any())

        middle_y, middle_x = int((top + bottom) / 2), int((left + right) / 2)
        across = [
            x for x in range(side) if any(matters(y, x) for y in (middle_y, middle_y - 1, middle_y - 4, middle_y + 4))
        ]
        down = [
            y for y in range(side) if any(matters(y, x) for x in (middle_x, middle_x - 1, middle_x - 4, middle_x + 4))
        ]
    assert (min(across), max(across) + 1) == (left, right)
    assert (min(down), max(down) + 1) == (top, bottom)


def forward_hooks(net: Any, names: list[str]) -> dict[str, Any]:
    caught: dict[str, Any] = {}
    modules = dict(net.named_modules())
    for name in names:
        modules[name].register_forward_hook(
            lambda _m, _i, out, name=name: caught.__setitem__(name, out.detach().numpy())
        )
    return caught


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small"])
def test_values_are_those_of_torch(name: str) -> None:
    import torch

    net = module(name)
    runner = InsideRunner(
        Network(name, "d" * 64, 224, 224, build=lambda _: module(name), mean=(0.5,) * 3, std=(0.2,) * 3)
    )
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (1, 224, 224, 3), np.uint8)
    seen = runner.split(runner.submit(pixels).wait()[0])
    wanted = [station.layer for station in runner.stations if station.layer != "relu"]
    caught = forward_hooks(net, wanted)
    tensor = (pixels[0].transpose(2, 0, 1).astype(np.float32) / 255 - 0.5) / np.float32(0.2)
    with torch.no_grad():
        answer = net(torch.from_numpy(tensor)[None]).numpy()
    np.testing.assert_allclose(seen.tensor, tensor, atol=1e-5)
    np.testing.assert_allclose(seen.outputs[0], answer, atol=1e-3 * abs(answer).max())
    assert len(wanted) >= LEAST - 1
    for station, values in zip(runner.stations, seen.maps, strict=True):
        assert values.shape == (station.channels, station.height, station.width)
        if station.layer in caught:
            reference = caught[station.layer][0]
            np.testing.assert_allclose(values, reference, atol=1e-3 * max(1.0, abs(reference).max()))


def test_attention_of_a_vision_transformer() -> None:
    """Each head's map is what torch says the class token attends to."""
    import torch

    net = module("small_vit")
    runner = InsideRunner(Network("vit", "d" * 64, 224, 224, build=lambda _: module("small_vit")))
    pixels = np.random.default_rng(2).integers(0, 256, (1, 224, 224, 3), np.uint8)
    seen = runner.split(runner.submit(pixels).wait()[0])
    assert [maps.shape for maps in seen.maps] == [(4, 14, 14)] * 3
    assert all(math.isinf(station.field) for station in runner.stations)
    assert all(station.kind == "attention" for station in runner.stations)
    layer = net.encoder.layers.encoder_layer_0
    caught: dict[str, Any] = {}
    layer.ln_1.register_forward_hook(lambda _m, _i, out: caught.__setitem__("tokens", out))
    with torch.no_grad():
        net(torch.from_numpy(seen.tensor)[None])
        _, weights = layer.self_attention(*[caught["tokens"]] * 3, need_weights=True, average_attn_weights=False)
    reference = weights[0, :, 0, 1:].numpy().reshape(4, 14, 14)
    np.testing.assert_allclose(seen.maps[0], reference, atol=1e-5)
    assert (seen.maps[0].sum(axis=(1, 2)) < 1).all()
