"""Grad-CAM by torch's own gradients, through captum; for networks whose head is more than an average and one layer."""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.models import pytorch
from desktop_app.models.engines import Network

if TYPE_CHECKING:
    from torch import Tensor, nn

Floats = NDArray[np.float32]
Turn = Callable[["Tensor"], "Tensor"]


def why_not(network: Network) -> str:
    """Empty where there is nothing against it; asked without importing torch."""
    if network.build is None:
        return tr("This network is more than an average and one layer at its end, and an ONNX file has no gradients.")
    if not pytorch.is_there():
        return tr("This network needs gradients for it, and these need PyTorch, which is not installed.")
    if any(importlib.util.find_spec(package) is None for package in ("captum", "matplotlib")):
        if pytorch.is_bundle():
            return tr("This network needs gradients for it, which a bundle cannot compute: install Regard with pip.")
        return tr("This network needs gradients for it, and these need the package captum: pip install captum")
    return ""


class GradCam:
    """Of one network. Imports torch, and builds the network once more.

    Captum wants a layer whose output is (1, channels, height, width). So that transformers, whose tokens are
    (1, tokens, channels), and networks with channels last have one too, the output of their last useful layer is led
    through a layer that does nothing in that shape.
    """

    def __init__(self, network: Network, tensor: Floats, maps: Floats) -> None:
        """`tensor`: (3, h, w), any input; `maps`: (channels, h, w), what it gives at the last station."""
        # Captum draws too, and imports what it would draw with: not with a window.
        os.environ.setdefault("MPLBACKEND", "agg")
        from captum.attr import LayerGradCam
        from torch import nn

        self._module = network.module().eval()
        for step in self._module.modules():
            if hasattr(step, "inplace"):
                setattr(step, "inplace", False)  # it would write over the values that the gradient is multiplied with
        for layer, to_maps, back in self._candidates(tensor, maps):
            passed = nn.Identity()
            hook = layer.register_forward_hook(lambda _layer, _in, out, p=passed, t=to_maps, b=back: b(p(t(out)), out))
            self._captum = LayerGradCam(self._answer, passed)
            self._classes: list[int] = [0]
            if self.of(tensor, (0,), relu=False).any():
                return
            hook.remove()  # patches of the last layer do not reach an answer that is read from the class token alone
        raise AppError(tr("No layer of {model} has gradients for a heat map.", model=network.key))

    def _answer(self, pictures: Tensor) -> Tensor:
        """(n,): the logit of the class, or of the group: ln Σ exp(z)."""
        import torch

        found = self._module(pictures)
        logits: Tensor = found[0] if isinstance(found, tuple | list) else found
        return torch.logsumexp(logits[:, self._classes], 1)

    def of(self, tensor: Floats, classes: Sequence[int], relu: bool = True) -> Floats:
        """(height, width) of the last maps."""
        import torch

        self._classes = list(classes)
        with torch.inference_mode(False), torch.enable_grad():
            picture = torch.from_numpy(tensor.copy())[None]
            found = self._captum.attribute(picture, relu_attributions=relu)
        values: Floats = found.detach()[0, 0].numpy().astype(np.float32)
        return values

    def _candidates(self, tensor: Floats, maps: Floats) -> list[tuple[nn.Module, Turn, Callable[..., Tensor]]]:
        """Layers to look at, the best first, with the way from their output to maps and back."""
        import torch

        ran: list[tuple[nn.Module, Any]] = []
        hooks = [
            layer.register_forward_hook(lambda layer, _in, out: ran.append((layer, out)))
            for layer in self._module.modules()
        ]
        try:
            with torch.inference_mode(False), torch.no_grad():
                self._module(torch.from_numpy(tensor.copy())[None])
        finally:
            for hook in hooks:
                hook.remove()
        found: list[tuple[nn.Module, Turn, Callable[..., Tensor]]] = []
        others: list[tuple[nn.Module, Turn, Callable[..., Tensor]]] = []
        wanted = torch.from_numpy(maps)
        scale = max(1.0, float(wanted.abs().max()))
        for layer, out in reversed(ran):
            if not isinstance(out, torch.Tensor):
                continue
            if out.ndim == 4 and out.shape[2:] == wanted.shape[1:]:
                same = out.shape[1:] == wanted.shape and torch.allclose(out[0], wanted, atol=1e-2 * scale)
                # Where no layer gives just these maps, the last that gives maps of their size.
                (found if same else others).append((layer, lambda out: out, lambda maps, _out: maps))
            elif out.ndim == 4 and out.shape[1:] == wanted.permute(1, 2, 0).shape:
                found.append((layer, lambda out: out.permute(0, 3, 1, 2), lambda maps, _: maps.permute(0, 2, 3, 1)))
            elif out.ndim == 3 and isinstance(layer, torch.nn.LayerNorm):
                side = math.isqrt(out.shape[1])
                first = out.shape[1] - side * side  # tokens that are no patch: of the class
                if side > 1 and first < 8:
                    found.append((layer, *_of_tokens(first, side)))
        return found + others


def _of_tokens(first: int, side: int) -> tuple[Turn, Callable[..., Tensor]]:
    """From (1, tokens, channels) to maps of the patches, which come after the `first` tokens, and back."""
    import torch

    def to_maps(out: Tensor) -> Tensor:
        patches = out[:, first:].transpose(1, 2)
        return patches.reshape(len(patches), -1, side, side)

    def back(maps: Tensor, out: Tensor) -> Tensor:
        return torch.cat([out[:, :first], maps.flatten(2).transpose(1, 2)], 1)

    return to_maps, back
