"""Another end on a network: the same features and the same answer by OpenVINO, by torch and by NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from desktop_app.core.linear_layer import Layer
from desktop_app.core.model import Tuning
from desktop_app.core.teaching import Knowledge, prepared
from desktop_app.errors import ModelLoadFailed
from desktop_app.models.conversion import _trace
from desktop_app.models.engines import Network
from desktop_app.models.engines.openvino_engine import OpenVinoRunner
from desktop_app.models.engines.torch_engine import TorchRunner
from desktop_app.models.grafting import End, Graft
from tests.models.explaining.test_stations import module

pytestmark = pytest.mark.torch

PIXELS = np.random.default_rng(5).integers(0, 256, (1, 224, 224, 3), np.uint8)


def network(name: str, graft: Graft) -> Network:
    return Network(name, "d" * 64, 224, 224, build=lambda _: module(name), mean=(0.5,) * 3, std=(0.2,) * 3, graft=graft)


def by_openvino(name: str, graft: Graft) -> np.ndarray:
    runner = OpenVinoRunner(network(name, graft), "CPU", "fp32", Tuning("still"), lambda _: None, lambda *_: None)
    (found,) = runner.submit(PIXELS).wait()[0]
    return found.copy()


def by_torch(name: str, graft: Graft) -> np.ndarray:
    (found,) = TorchRunner(network(name, graft), "cpu", "fp32", lambda *_: None).submit(PIXELS).wait()[0]
    return found


def fed_to_the_last_layer(name: str) -> np.ndarray:
    """By a hook of torch, as the reference."""
    import torch

    net = module(name)
    last = [part for part in net.modules() if isinstance(part, torch.nn.Linear | torch.nn.Conv2d)][-1]
    caught: list[Any] = []
    last.register_forward_hook(lambda _m, inputs, _o: caught.append(inputs[0]))
    tensor = (PIXELS[0].transpose(2, 0, 1).astype(np.float32) / 255 - 0.5) / np.float32(0.2)
    with torch.no_grad():
        net(torch.from_numpy(tensor)[None])
    (fed,) = caught
    found: np.ndarray = (fed.mean((2, 3)) if fed.ndim == 4 else fed).numpy().reshape(1, -1)
    return found


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "squeezenet1_1", "small_vit"])
def test_features_are_what_the_last_layer_is_fed(name: str) -> None:
    wanted = fed_to_the_last_layer(name)
    tolerance = 1e-3 * float(np.abs(wanted).max())
    np.testing.assert_allclose(by_openvino(name, Graft()), wanted, atol=tolerance)
    np.testing.assert_allclose(by_torch(name, Graft()), wanted, atol=tolerance)


@pytest.mark.parametrize("link", ["softmax", "sigmoid"])
@pytest.mark.parametrize("far", [None, 0.3])
def test_the_taught_end_says_what_numpy_says(link: str, far: float | None) -> None:
    name = "mobilenet_v3_small"
    features = fed_to_the_last_layer(name)
    rng = np.random.default_rng(3)
    count = features.shape[1]
    references = prepared(features + 0.5 * np.abs(features).mean() * rng.normal(size=(6, count)).astype(np.float32))
    layer = Layer(rng.normal(size=(3, count)).astype(np.float32), np.array([0.5, -1, 0], np.float32), link)  # type: ignore[arg-type]
    known = Knowledge(("a", "b", "c"), layer, references, np.arange(6), np.arange(6) % 3, far, 0.001)
    wanted = known.logits(prepared(features)[0])
    assert len(wanted) == (3 if far is None else 4)
    graft = Graft(End(layer.weights, layer.bias, layer.link, references, far))
    np.testing.assert_allclose(by_openvino(name, graft)[0], wanted, atol=2e-3)
    np.testing.assert_allclose(by_torch(name, graft)[0], wanted, atol=2e-3)


def test_a_network_without_a_last_layer_is_refused() -> None:
    import torch

    class Cosine(torch.nn.Module):
        def forward(self, x: Any) -> Any:
            return torch.cos(x).mean((2, 3))

    model = _trace(Cosine().eval(), Network("cosine", "d" * 64, 32, 32))
    with pytest.raises(ModelLoadFailed, match="linear layer"):
        Graft().on_graph(model)
