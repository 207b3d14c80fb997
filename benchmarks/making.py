"""Makes checkpoints with random weights. Run by `benchmarks.checkpoints` in a process of its own."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

from benchmarks.checkpoints import SIDES, checkpoint

ABOVE = 12
"""So many places of a frame get a confidence above the threshold; suppression leaves a few of them."""
THRESHOLD = 0.25


def _note(path: Path) -> None:
    """The hash that Regard wants beside weights that are not those of the maker."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n", encoding="utf-8")


def make_torchvision(key: str) -> None:
    import torch
    import torchvision

    torch.manual_seed(0)
    path = checkpoint(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(torchvision.models.get_model(key, weights=None).state_dict(), path)
    _note(path)


def _frames(video: Path, shape: tuple[int, int]) -> Any:
    """Eight frames of a video as a batch (8, 3, h, w) in 0…1, red-green-blue."""
    import cv2
    import torch

    capture = cv2.VideoCapture(str(video))
    frames = []
    for _ in range(57):
        _, bgr = capture.read()
        frames.append(torch.from_numpy(cv2.resize(bgr, shape[::-1])[..., ::-1].copy()))
    capture.release()
    return torch.stack(frames[::8]).permute(0, 3, 1, 2).float() / 255


def make_yolo(key: str, video: Path) -> None:
    """Normalisation learns the statistics of real frames, so that signals neither die nor explode; then the last
    layer is scaled until confidences differ, and shifted until few are above the threshold."""
    import torch
    from torch import nn
    from ultralytics import YOLO

    torch.manual_seed(0)
    model = YOLO(f"{key}.yaml")
    net: Any = model.model
    batch = _frames(video, SIDES[key])
    norms = [layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d)]
    for layer in norms:
        layer.momentum = 0.5
    net.train()
    with torch.no_grad():
        for _ in range(8):
            net(batch)
    for layer in norms:
        layer.momentum = 0.03
    net.eval()
    head = net.model[-1]
    for branch in (head.cv3, getattr(head, "one2one_cv3", None)):
        if branch is not None:
            _scale(net, branch, batch)
    model.ckpt = {"train_args": {"imgsz": 640, "task": model.task}}
    path = checkpoint(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    _note(path)


def _scale(net: Any, branch: Any, batch: Any) -> None:
    """`branch`: one stack a level of the pyramid, each ending in a convolution to the classes' logits."""
    import torch

    seen: list[Any] = []
    hooks = [stack.register_forward_hook(lambda _m, _i, out: seen.append(out.flatten(2))) for stack in branch]

    def logits() -> Any:
        seen.clear()
        with torch.no_grad():
            net(batch)
        return torch.cat(seen, 2)

    before = logits()
    for stack in branch:
        stack[-1].weight.data *= 2.0 / before.std()
        stack[-1].bias.data.zero_()
    best = logits().amax(1)  # of each place
    wanted = torch.tensor(THRESHOLD).logit()
    for stack in branch:
        stack[-1].bias.data += wanted - best.kthvalue(best.shape[1] - ABOVE, 1).values.median()
    for hook in hooks:
        hook.remove()


def main() -> None:
    match sys.argv[1:]:
        case [key, video]:
            make_yolo(key, Path(video))
        case [key]:
            make_torchvision(key)


if __name__ == "__main__":
    main()
