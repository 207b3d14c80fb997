"""A peer: the usual loop over a folder of photographs, timm or torchvision, without and with a DataLoader."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from benchmarks.checkpoints import checkpoint
from benchmarks.contestants.serving import serve, take_stdout

BATCH = 16
PROCESSES = 2


def _network(key: str) -> tuple[Any, Any]:
    """The network with the weights that Regard has, and its makers' own transform of a photograph."""
    import torch

    state = torch.load(checkpoint(key), weights_only=True)
    if key == "efficientnet-lite0":
        import timm

        net = timm.create_model("tf_efficientnet_lite0")
        # The same layers in the same order, under other names.
        net.load_state_dict(dict(zip(net.state_dict(), state.values(), strict=True)))
        return net.eval(), timm.data.create_transform(**timm.data.resolve_data_config({}, model=net))
    import torchvision

    net = torchvision.models.get_model(key, weights=None)
    net.load_state_dict(state)
    return net.eval(), torchvision.models.get_model_weights(key).DEFAULT.transforms()


class Folder:
    """The photographs of a folder, as a data set of torch."""

    def __init__(self, path: str, transform: Any) -> None:
        self._paths = sorted(Path(path).iterdir())
        self._transform = transform

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> Any:
        from PIL import Image

        return self._transform(Image.open(self._paths[index]).convert("RGB"))


def main() -> None:
    answers = take_stdout()
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    key = parser.parse_args().model
    import torch
    from torch.utils.data import DataLoader

    net, transform = _network(key)

    @torch.inference_mode()
    def go(source: str, loader: bool) -> dict[str, Any]:
        folder: Any = Folder(source, transform)
        batches = (
            DataLoader(folder, batch_size=BATCH, num_workers=PROCESSES)
            if loader
            else (folder[index][None] for index in range(len(folder)))
        )
        begun = time.perf_counter()
        for batch in batches:
            net(batch).softmax(1).topk(5)
        return {"rate": len(folder) / (time.perf_counter() - begun), "frames": len(folder)}

    serve(answers, {"threads": torch.get_num_threads()}, go)


if __name__ == "__main__":
    main()
