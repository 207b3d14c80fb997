"""Grad-CAM by torch's gradients: the same as without them where both can be, and right where only they can."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from desktop_app.core.results import Classification
from desktop_app.core.scores import softmax
from desktop_app.models.engines import Network
from desktop_app.models.explaining import gradcam, heat
from desktop_app.models.explaining.inside import InsideRunner, Seen
from tests.models.explaining.test_stations import SIDES, module

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(importlib.util.find_spec("captum") is None, reason="captum is not installed"),
]


def network_of(name: str) -> Network:
    side = SIDES.get(name, 224)

    def build(_: bool) -> Any:
        net = module(name)
        if name == "small_vit":  # torchvision lets its last layer begin with zeros, and so all gradients
            net.heads.head.weight.data.normal_(0, 0.1)
        return net

    return Network(name, name.ljust(64, "0"), side, side, build=build)


def seen_by(network: Network) -> tuple[InsideRunner, Seen]:
    runner = InsideRunner(network)
    pixels = np.random.default_rng(6).integers(0, 256, (1, network.height, network.width, 3), np.uint8)
    return runner, runner.split(runner.submit(pixels).wait()[0])


def by_hand(name: str, layer: str, tensor: np.ndarray, classes: list[int]) -> np.ndarray[Any, Any]:
    """Selvaraju et al. 2017, equations 1 and 2 without their ReLU, with torch alone."""
    import torch

    net = module(name)
    caught: dict[str, torch.Tensor] = {}
    net.get_submodule(layer).register_forward_hook(lambda _m, _i, out: caught.__setitem__("maps", out))
    answer = torch.logsumexp(net(torch.from_numpy(tensor)[None])[0, classes], 0)
    (gradient,) = torch.autograd.grad(answer, caught["maps"])
    found = (gradient.mean((2, 3), keepdim=True) * caught["maps"]).sum(1)
    return found[0].detach().numpy()


@pytest.mark.parametrize(
    ("name", "layer", "affine"),
    [
        ("resnet18", "layer4", True),
        ("mobilenet_v3_small", "features.12", False),
        ("convnext_tiny", "features.7", False),
        ("vgg11", "avgpool", False),
    ],
)
def test_as_in_the_paper(name: str, layer: str, affine: bool) -> None:
    network = network_of(name)
    runner, seen = seen_by(network)
    head = runner.head()
    assert head is not None
    assert head.affine is affine
    assert gradcam.why_not(network) == ""
    asked = gradcam.GradCam(network, seen.tensor, seen.maps[-1])
    for classes in ([3], [5, 6, 7]):
        reference = by_hand(name, layer, seen.tensor, classes)
        measure = float(abs(reference).max())
        assert measure > 0
        np.testing.assert_allclose(asked.of(seen.tensor, classes, relu=False), reference, atol=1e-3 * measure)
        above = np.maximum(reference, 0)
        np.testing.assert_allclose(asked.of(seen.tensor, classes), above, atol=1e-3 * measure)
        if affine:
            found = heat.grad_cam(head, seen.maps[-1], seen.outputs[0].ravel(), classes)
            np.testing.assert_allclose(found, above, atol=1e-3 * measure)


def test_of_a_vision_transformer_the_patches_of_the_last_layer_that_count() -> None:
    network = network_of("small_vit")
    _, seen = seen_by(network)
    asked = gradcam.GradCam(network, seen.tensor, seen.maps[-1])
    found = asked.of(seen.tensor, [3], relu=False)
    assert found.shape == (14, 14)
    assert found.std() > 0
    assert not np.allclose(found, asked.of(seen.tensor, [4], relu=False))
    assert (asked.of(seen.tensor, [3]) >= 0).all()


def test_says_why_not_where_torch_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of("vgg11")
    monkeypatch.setattr("desktop_app.models.pytorch.is_there", lambda: False)
    assert "PyTorch" in gradcam.why_not(network)
    monkeypatch.undo()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "captum" else object())
    assert "pip install captum" in gradcam.why_not(network)
    assert "ONNX" in gradcam.why_not(Network("file", "d" * 64, 224, 224, onnx=None))


def test_shares_of_a_group_weigh_its_gradients() -> None:
    """Two classes of which one has it all: the group's map is that of the class."""
    network = network_of("resnet18")
    runner, seen = seen_by(network)
    head = runner.head()
    assert head is not None
    logits = seen.outputs[0].ravel().copy()
    logits[3] += 50
    one = heat.grad_cam(head, seen.maps[-1], logits, [3])
    np.testing.assert_allclose(heat.grad_cam(head, seen.maps[-1], logits, [3, 4]), one, atol=1e-6)
    assert Classification(logits, softmax(logits)).top(1) == [3]
