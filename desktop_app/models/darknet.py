"""YOLOv3-tiny as Darknet has it: its own files, its own letterbox and suppression.

The format of the two files and the arithmetic are those of https://github.com/pjreddie/darknet (parser.c,
yolo_layer.c, maxpool_layer.c).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from desktop_app.core.model import ModelInfo
from desktop_app.errors import ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models.boxes import Letterbox
from desktop_app.models.engines import Network
from desktop_app.models.yolo import Detector

if TYPE_CHECKING:
    import torch
    from torch import nn

IOU = 0.45
# Darknet divides by √variance + this.
_EPSILON = 1e-6
_HEADER_BYTES = 20

Section = dict[str, str]


def read_cfg(text: str) -> list[Section]:
    """The sections in their order; the name of each under "type"."""
    sections: list[Section] = []
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        if line.startswith("["):
            sections.append({"type": line.strip("[]")})
        elif line:
            name, _, value = line.partition("=")
            sections[-1][name.strip()] = value.strip()
    return sections


class _Weights:
    """The floats of a .weights file, taken from front to back."""

    def __init__(self, path: Path) -> None:
        self._floats = np.fromfile(path, np.float32, offset=_HEADER_BYTES)
        self._at = 0

    def take(self, *shape: int) -> torch.Tensor:
        import torch

        count = int(np.prod(shape))
        taken = self._floats[self._at : self._at + count]
        if len(taken) < count:
            raise ValueError("the weights end too early")
        self._at += count
        return torch.from_numpy(taken.reshape(shape).copy())

    @property
    def left(self) -> int:
        return len(self._floats) - self._at


def _convolution(section: Section, channels: int, weights: _Weights) -> nn.Module:
    """Convolution with the normalisation folded in, and the activation."""
    import torch
    from torch import nn

    filters, size, stride = int(section["filters"]), int(section["size"]), int(section["stride"])
    layer = nn.Conv2d(channels, filters, size, stride, size // 2 if section.get("pad") == "1" else 0)
    bias = weights.take(filters)
    scale = torch.ones(filters)
    if section.get("batch_normalize") == "1":
        gamma, mean, variance = weights.take(filters), weights.take(filters), weights.take(filters)
        scale = gamma / (variance.sqrt() + _EPSILON)
        bias = bias - mean * scale
    kernel = weights.take(filters, channels, size, size)
    layer.weight.data = kernel * scale[:, None, None, None]
    layer.bias = nn.Parameter(bias)
    if section["activation"] == "linear":
        return layer
    if section["activation"] != "leaky":
        raise ValueError(f"activation {section['activation']} is not known")
    return nn.Sequential(layer, nn.LeakyReLU(0.1))


def _pooling(section: Section) -> nn.Module:
    from torch import nn

    size, stride = int(section["size"]), int(section["stride"])
    if stride > 1:
        return nn.MaxPool2d(size, stride)
    # Darknet pads below and on the right with −∞. The last row again is the same to a maximum, and no engine's
    # optimiser can trip over it.
    return nn.Sequential(nn.ReplicationPad2d((0, size - 1, 0, size - 1)), nn.MaxPool2d(size, 1))


def _decoder(section: Section, stride: int) -> nn.Module:
    """(1, anchors · (5 + classes), h, w) to (1, 4 + classes, anchors · h · w): boxes (centre x, centre y, width,
    height) in pixels of the input, of which a cell covers `stride`, and class probability × objectness."""
    import torch
    from torch import nn

    sizes = torch.tensor([float(value) for value in section["anchors"].split(",")]).reshape(-1, 2)
    anchors = sizes[[int(value) for value in section["mask"].split(",")]]
    count, classes = len(anchors), int(section["classes"])

    class Decoder(nn.Module):
        anchor: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("anchor", anchors[:, :, None, None])

        def forward(self, raw: torch.Tensor) -> torch.Tensor:
            height, width = raw.shape[2:]
            y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
            corner = torch.stack([x, y]).to(raw)[None]
            cells = raw.reshape(count, 5 + classes, height, width)
            centre = (cells[:, :2].sigmoid() + corner) * stride
            size = cells[:, 2:4].exp() * self.anchor
            surety = cells[:, 5:].sigmoid() * cells[:, 4:5].sigmoid()
            return torch.cat([centre, size, surety], 1).permute(1, 0, 2, 3).reshape(1, 4 + classes, -1)

    return Decoder()


def build_module(cfg: Path, weights_file: Path) -> nn.Module:
    """The network of the two files, taking (1, 3, h, w) in 0…1, red-green-blue; the sides are multiples of 32.

    Raises `ValueError`.
    """
    import torch
    from torch import nn

    head, *sections = read_cfg(cfg.read_text(encoding="utf-8"))
    weights = _Weights(weights_file)
    layers = nn.ModuleList()
    routes: list[tuple[int, ...]] = []
    channels: list[int] = []
    strides: list[int] = []
    depth, stride = int(head["channels"]), 1
    for index, section in enumerate(sections):
        route: tuple[int, ...] = ()
        match section["type"]:
            case "convolutional":
                layers.append(_convolution(section, depth, weights))
                depth, stride = int(section["filters"]), stride * int(section["stride"])
            case "maxpool":
                layers.append(_pooling(section))
                stride *= int(section["stride"])
            case "upsample":
                layers.append(nn.Upsample(scale_factor=int(section["stride"]), mode="nearest"))
                stride //= int(section["stride"])
            case "route":
                steps = [int(step) for step in section["layers"].split(",")]
                route = tuple(step if step >= 0 else index + step for step in steps)
                layers.append(nn.Identity())
                depth, stride = sum(channels[step] for step in route), strides[route[0]]
            case "yolo":
                layers.append(_decoder(section, stride))
            case other:
                raise ValueError(f"layer {other} is not known")
        routes.append(route)
        channels.append(depth)
        strides.append(stride)
    if weights.left:
        raise ValueError(f"{weights.left} weights are left over")
    kinds = [section["type"] for section in sections]

    class Darknet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = layers

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            made: list[torch.Tensor] = []
            found: list[torch.Tensor] = []
            for kind, layer, route in zip(kinds, self.layers, routes, strict=True):
                if kind == "yolo":
                    found.append(layer(x))
                elif kind == "route":
                    x = torch.cat([made[step] for step in route], 1) if len(route) > 1 else made[route[0]]
                else:
                    x = layer(x)
                made.append(x)
            return torch.cat(found, 2)

    return Darknet().eval()


def _module(info: ModelInfo, folder: Path) -> nn.Module:
    try:
        return build_module(folder / "yolov3-tiny.cfg", folder / "yolov3-tiny.weights")
    except (ValueError, KeyError, IndexError) as error:
        raise ModelLoadFailed(
            tr("The weights of {model} do not fit the network: {reason}.", model=info.key, reason=error),
            tr("Remove the model and fetch it again."),
        ) from error


def network(info: ModelInfo, path: Path, digest: str) -> Network:
    """`path`: the folder that holds the two files."""
    side = info.input_size
    return Network(info.key, digest, side, side, build=lambda _: _module(info, path), dynamic=True, peaks_from=4)


class DarknetDetector(Detector):
    """A `Model`. A box may have several labels, as in Darknet: each class above the threshold counts."""

    iou = IOU
    many_labels = True

    def _letterbox(self, frame_shape: tuple[int, ...]) -> Letterbox:
        return Letterbox.fit(frame_shape, self._side, self._side)
