"""Writes what the catalogue knows of torchvision's classifiers, and the lists of class names.

Run it after an upgrade of torchvision: `python packaging/make_model_cards.py`. It reads the installed libraries and
asks no network. Nothing is written by hand into the files it makes.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
# SWAG weights are for research only; torchvision's others share the licence of the library.
LICENCES = {"SWAG": "CC-BY-NC-4.0", "": "BSD-3-Clause"}


# "RegNet_Y_1_6GF_Weights" is spelled "RegNet Y 1.6GF" by people.
SPELLING = (
    (r"_Weights$", ""),
    (r"(MNASNet\d|RegNet_[XY]_\d|_X\d|SqueezeNet\d)_(\d)", r"\1.\2"),
    (r"Wide_ResNet(\d+)_", r"Wide ResNet\1-"),
    (r"ViT_([BLH])_", r"ViT \1/"),
    (r"(\d+)X(\d+)D", r"\1x\2d"),
    (r"_", " "),
)


def title_of(enum_name: str) -> str:
    for pattern, spelled in SPELLING:
        enum_name = re.sub(pattern, spelled, enum_name)
    return enum_name


def card(name: str, weights: Any) -> dict[str, Any]:
    preset = weights.transforms()
    default = weights == type(weights).DEFAULT
    file_name = weights.url.rpartition("/")[2]
    return {
        "key": name if default else f"{name}@{weights.name}",
        "builder": name,
        "title": title_of(type(weights).__name__) + ("" if default else f" ({weights.name})"),
        "url": weights.url,
        "file_name": file_name,
        "sha256": file_name.removesuffix(".pth").rpartition("-")[2],
        "bytes": round(weights.meta["_file_size"] * 2**20),
        "accuracy": weights.meta["_metrics"]["ImageNet-1K"]["acc@1"],
        "licence": LICENCES["SWAG" if "SWAG" in weights.name else ""],
        "resize": preset.resize_size[0],
        "crop": preset.crop_size[0],
        "interpolation": preset.interpolation.value,
        "mean": preset.mean,
        "std": preset.std,
    }


def torchvision_cards() -> tuple[list[dict[str, Any]], list[str]]:
    from torchvision import models

    cards = []
    names: list[str] = []
    for name in models.list_models(module=models):
        for weights in sorted(models.get_model_weights(name), key=lambda w: w != type(w).DEFAULT):
            if weights.meta["categories"] is None:  # VGG16's IMAGENET1K_FEATURES lacks the layers that classify
                continue
            cards.append(card(name, weights))
            names = weights.meta["categories"]
    return cards, names


def coco_names() -> list[str]:
    """From the text of ultralytics' `coco.yaml`; importing ultralytics writes folders and asks the network."""
    spec = importlib.util.find_spec("ultralytics")
    if spec is None or spec.origin is None:
        raise SystemExit("ultralytics is not installed")
    text = (Path(spec.origin).parent / "cfg" / "datasets" / "coco.yaml").read_text(encoding="utf-8")
    rows = re.findall(r"^  (\d+): (.+)$", text, flags=re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(80))
    return [ast.literal_eval(name) if name[0] in "'\"" else name for _, name in rows]


def write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    cards, imagenet = torchvision_cards()
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in cards)
    (RESOURCES / "models" / "torchvision.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    write_lines(RESOURCES / "class_names" / "imagenet.txt", imagenet)
    write_lines(RESOURCES / "class_names" / "coco.txt", coco_names())


if __name__ == "__main__":
    main()
