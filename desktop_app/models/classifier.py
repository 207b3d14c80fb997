"""Classifiers of pictures: torchvision's, timm's EfficientNet-Lite0, Ultralytics' own."""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.explain import Region
from desktop_app.core.frame import Bgr, Pixels, bgr_of
from desktop_app.core.input_steps import Scaled
from desktop_app.core.model import ModelInfo, Outputs, Thresholds
from desktop_app.core.results import Classification
from desktop_app.core.scores import softmax
from desktop_app.errors import ModelLoadFailed
from desktop_app.i18n import tr
from desktop_app.models.catalog import torchvision_cards
from desktop_app.models.engines import Network, Runner
from desktop_app.models.formats import sniff
from desktop_app.models.loaded import LoadedModel

if TYPE_CHECKING:
    from torch import Tensor, nn

Triple = tuple[float, float, float]
# A picture of one pixel by thousands would become gigabytes when its shorter side is scaled up.
_LARGEST_RESIZE = 64_000_000
# A panorama whose shorter side is that of the input is still long; as a whole it is not looked at.
_LARGEST_SHOWN = 2_000_000
# Height over width from which Pillow (13) may resize the rows before the columns.
_TALL = 1.5


@dataclass(frozen=True, slots=True)
class Preparation:
    """Shorter side to `resize`, the middle `crop` × `crop` of it, then (value − mean) / std of values in 0…1."""

    resize: int
    crop: int
    interpolation: str
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (1.0, 1.0, 1.0)


def _as_triple(values: list[float]) -> Triple:
    red, green, blue = values
    return red, green, blue


def preparation_of(info: ModelInfo) -> Preparation:
    if info.family == "torchvision":
        card = torchvision_cards()[info.key]
        mean, std = _as_triple(card["mean"]), _as_triple(card["std"])
        return Preparation(card["resize"], card["crop"], card["interpolation"], mean, std)
    if info.family == "timm":
        return Preparation(256, 224, "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    return Preparation(info.input_size, info.input_size, "bilinear")


def _aligned(start: int, stop: int, source: int, target: int) -> tuple[int, int]:
    """The pixels start…stop of a side resized from `source` to `target`, widened to where both grids meet.

    There a part of the side can be resized on its own and gives the very pixels of the whole.
    """
    step = target // math.gcd(source, target)
    return start // step * step, min(target, -(-stop // step) * step)


def resize_and_crop(bgr: Bgr, preparation: Preparation) -> NDArray[np.uint8]:
    """uint8 (1, crop, crop, 3), red-green-blue: the very pixels that torchvision's `Resize` and `CenterCrop` make of a
    Pillow picture, computing no more of the picture than these need."""
    import cv2
    from PIL import Image

    height, width = bgr.shape[:2]
    short, crop = min(height, width), preparation.crop
    new_width, new_height = (preparation.resize * side // short for side in (width, height))
    left, top = round((new_width - crop) / 2), round((new_height - crop) / 2)
    x0, x1 = _aligned(left, left + crop, width, new_width)
    y0, y1 = _aligned(top, top + crop, height, new_height)
    method = _resampling(preparation.interpolation)
    if height > _TALL * width or (x1 - x0) * height > _LARGEST_RESIZE:
        small = _resize_at_once(bgr, (new_width, new_height), method, (left, top, left + crop, top + crop))
        y0 = top
    else:
        scale_x, scale_y = width / new_width, height / new_height
        # Rows that the lowest and highest wanted ones are mixed from; four pixels wide is the widest filter.
        reach = 2 * max(scale_y, 1.0) + 1
        first, last = max(0, math.floor(y0 * scale_y - reach)), min(height, math.ceil(y1 * scale_y + reach))
        # One axis after the other, as Pillow itself; it would change their order for a part of the picture.
        columns = (x0 * scale_x, 0, x1 * scale_x, last - first)
        narrow = Image.fromarray(bgr[first:last]).resize((x1 - x0, last - first), method, columns)
        narrow = narrow.crop((left - x0, 0, left - x0 + crop, last - first))
        rows = (0, y0 * scale_y - first, crop, y1 * scale_y - first)
        small = np.asarray(narrow.resize((crop, y1 - y0), method, rows))
    # Channels are resized one by one, so that their order could wait until the picture is small. NumPy would take
    # 30 times as long to exchange them.
    rgb: NDArray[np.uint8] = cv2.cvtColor(small[top - y0 : top - y0 + crop], cv2.COLOR_BGR2RGB)
    return rgb[None]


def _resize_at_once(bgr: Bgr, size: tuple[int, int], method: int, crop: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """`crop` of the picture resized to `size`. Pillow decides which axis comes first; that shows in the last bit."""
    from PIL import Image

    picture = Image.fromarray(bgr)
    if size[0] * size[1] <= _LARGEST_RESIZE:
        return np.asarray(picture.resize(size, method).crop(crop))
    scale_x, scale_y = picture.width / size[0], picture.height / size[1]
    left, top, right, bottom = crop
    box = (left * scale_x, top * scale_y, right * scale_x, bottom * scale_y)
    return np.asarray(picture.resize((right - left, bottom - top), method, box))


def _resampling(interpolation: str) -> int:
    from PIL import Image

    return {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[interpolation]


def resized_and_cropped(bgr: Bgr, preparation: Preparation) -> Scaled:
    """What `resize_and_crop` makes, cut from the whole resized picture, which costs more and can be shown."""
    from PIL import Image

    height, width = bgr.shape[:2]
    short, crop = min(height, width), preparation.crop
    size = (preparation.resize * width // short, preparation.resize * height // short)
    left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
    if size[0] * size[1] > _LARGEST_SHOWN:
        resized, tensor = None, resize_and_crop(bgr, preparation)
    else:
        whole = Image.fromarray(bgr).resize(size, _resampling(preparation.interpolation))
        resized = np.ascontiguousarray(np.asarray(whole)[:, :, ::-1])
        tensor = np.ascontiguousarray(resized[top : top + crop, left : left + crop])[None]
    return Scaled(tensor, resized, size, (left, top), "cut", preparation.interpolation, preparation.resize)


def _misfit(info: ModelInfo, reason: str) -> ModelLoadFailed:
    return ModelLoadFailed(
        tr("The weights of {model} do not fit the network: {reason}.", model=info.key, reason=reason),
        tr("Remove the model and fetch it again."),
    )


def _first_of_another_size(wanted: dict[str, Tensor], state: dict[str, Tensor]) -> str:
    for tensor, right in wanted.items():
        if tensor in state and state[tensor].shape != right.shape:
            shape, needed = tuple(state[tensor].shape), tuple(right.shape)
            return tr("{tensor} is {shape} where {wanted} is needed", tensor=tensor, shape=shape, wanted=needed)
    return tr("they are of another version of it")


def _built_empty(build: Callable[[], nn.Module]) -> nn.Module:
    """Without the random weights that would be thrown away, where the network can be built so."""
    import torch

    try:
        with torch.device("meta"):
            return build()
    except NotImplementedError:  # RegNet computes its widths with tensors
        return build()


def _fill(info: ModelInfo, build: Callable[[], nn.Module], state: dict[str, Tensor]) -> nn.Module:
    """`build()` with the weights of `state`. Raises `ModelLoadFailed`, naming the first tensor that does not fit."""
    module = _built_empty(build)
    try:
        left_out, unknown = module.load_state_dict(state, strict=False, assign=True)
    except RuntimeError as error:  # of another size
        raise _misfit(info, _first_of_another_size(module.state_dict(), state)) from error
    if left_out:
        raise _misfit(info, tr("{tensor} is missing", tensor=left_out[0]))
    if unknown:
        raise _misfit(info, tr("{tensor} is not part of it", tensor=unknown[0]))
    if any(tensor.is_meta for tensor in chain(module.parameters(), module.buffers())):  # computed, not stored
        module = build()
        module.load_state_dict(state)
    return module.float().eval()


def _renamed(state: dict[str, Tensor], rename: Callable[[str], str | None]) -> dict[str, Tensor]:
    """With other names, without those that become `None`. The versions of the layers, by which torch reads old
    checkpoints, stay."""
    renamed = OrderedDict((new, tensor) for old, tensor in state.items() if (new := rename(old)) is not None)
    if hasattr(state, "_metadata"):
        renamed._metadata = state._metadata  # type: ignore[attr-defined]
    return renamed


def _torchvision_module(info: ModelInfo, path: Path) -> nn.Module:
    from torchvision import models

    from desktop_app.models.checkpoints import load_state_dict

    name = torchvision_cards()[info.key]["builder"]
    state = load_state_dict(path)
    options: dict[str, Any] = {}
    if name in ("inception_v3", "googlenet"):
        # Both were trained on inputs scaled to ±1, and carry two further heads that only training uses.
        options = {"transform_input": True, "aux_logits": False, "init_weights": False}
        state = _renamed(state, lambda old: None if re.match(r"(AuxLogits|aux[12])\.", old) else old)
    if name.startswith("densenet"):  # their checkpoints spell "norm.1" where the module has "norm1"
        state = _renamed(state, lambda old: re.sub(r"\.(norm|conv)\.([12])\.", r".\1\2.", old))
    return _fill(info, lambda: models.get_model(name, weights=None, **options), state)


def _timm_module(info: ModelInfo, path: Path) -> nn.Module:
    """The file names its tensors otherwise than timm; they come in the same order."""
    import timm

    from desktop_app.models.checkpoints import load_state_dict

    def build() -> Any:
        return timm.create_model("tf_efficientnet_lite0", pretrained=False)

    state = load_state_dict(path)
    names = list(build().state_dict())
    renamed = dict(zip(names, state.values(), strict=False))
    return _fill(info, build, renamed | dict(list(state.items())[len(names) :]))


def _ultralytics_module(info: ModelInfo, path: Path) -> nn.Module:
    from torch import nn

    from desktop_app.models.checkpoints import load_ultralytics

    net: Any = load_ultralytics(path)
    if net.task != "classify":
        raise ModelLoadFailed(
            tr("{model} is a network for “{task}”, not for classification.", model=info.key, task=net.task),
            tr("Import it instead, so that Regard reads what it is."),
        )

    class Classifier(nn.Module):
        facts = {"logits": 1}  # noqa: RUF012

        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, x: Any) -> Any:
            return self.net(x)[1]  # logits; the first are probabilities

    return Classifier().eval()


_MODULES = {"torchvision": _torchvision_module, "timm": _timm_module, "yolo-cls": _ultralytics_module}


def network(info: ModelInfo, path: Path, digest: str) -> Network:
    prepared = preparation_of(info)
    side = prepared.crop
    if info.family == "yolo-cls" and sniff(path) == "onnx":
        return Network(info.key, digest, side, side, onnx=path)
    build = _MODULES[info.family]
    return Network(
        info.key, digest, side, side, build=lambda _: build(info, path), mean=prepared.mean, std=prepared.std
    )


class Classifier(LoadedModel):
    """A `Model`. Outputs: (1, classes) logits, or probabilities where an exported file gives only these."""

    def __init__(self, info: ModelInfo, names: tuple[str, ...], runner: Runner) -> None:
        super().__init__(info, names, runner)
        self._full = self._preparation = preparation_of(info)
        # Ultralytics exports its classifiers with the softmax inside.
        self._gives_probabilities = info.family == "yolo-cls" and "logits" not in runner.facts

    def preprocess(self, pixels: Pixels) -> NDArray[np.uint8]:
        return resize_and_crop(bgr_of(pixels), self._preparation)

    def steps(self, pixels: Pixels) -> Scaled:
        return resized_and_cropped(bgr_of(pixels), self._preparation)

    def region(self, frame_shape: tuple[int, ...]) -> Region:
        height, width = frame_shape[:2]
        resize, crop = self._preparation.resize, self._preparation.crop
        short = min(height, width)
        new_width, new_height = resize * width // short, resize * height // short
        scale_x, scale_y = width / new_width, height / new_height
        left, top = round((new_width - crop) / 2), round((new_height - crop) / 2)
        return Region(left * scale_x, top * scale_y, scale_x, scale_y)

    def postprocess(self, outputs: Outputs, frame_shape: tuple[int, ...], thresholds: Thresholds) -> Classification:
        found = outputs[0].flatten()  # a copy: the network writes its next answers into the same array
        if self._gives_probabilities:
            return Classification(np.log(np.maximum(found, np.finfo(np.float32).tiny)), found)
        return Classification(found, softmax(found))

    def classes_of(self, outputs: Outputs) -> int | None:
        """How many classes the network tells apart."""
        return outputs[0].size

    @property
    def _full_side(self) -> int:
        return self._full.crop

    def _set_side(self, side: int) -> None:
        self._preparation = replace(self._full, crop=side, resize=round(self._full.resize * side / self._full.crop))
