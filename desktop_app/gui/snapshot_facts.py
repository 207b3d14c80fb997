"""What a snapshot says of itself: the models, the moment, the settings. PNG as text, and EXIF in all formats."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtGui import QImage

import desktop_app
from desktop_app.core.picture import Picture
from desktop_app.core.results import Result
from desktop_app.core.source import SourceInfo
from desktop_app.gui.session import Session

_DESCRIPTION, _SOFTWARE, _DATE_TIME, _EXIF = 0x010E, 0x0131, 0x0132, 0x8769
_DATE_TIME_ORIGINAL, _OFFSET_TIME, _USER_COMMENT = 0x9003, 0x9010, 0x9286
_ASCII = b"ASCII\0\0\0"
"""The character code with which a user comment begins (EXIF 2.32)."""


def facts_of(
    session: Session, picture: Picture, info: SourceInfo, results: Sequence[Result], overlay: bool
) -> dict[str, Any]:
    """Plain values. No address: it may hold a password; `source` is the title of the input."""
    controller, values = session.controller, session.preferences.values
    taken = datetime.fromtimestamp(time.time() - (time.perf_counter() - picture.captured_at)).astimezone()
    seen = {result.model_key: result for result in results}
    models = [
        {
            "model": key,
            "engine": running.engine,
            "device": running.device,
            "precision": seen[key].precision if key in seen else running.precision,
            "input": list(seen[key].input_size) if key in seen else None,
        }
        for key, running in controller.running.items()
    ]
    changed = next((result.stress for result in results if result.stress is not None), None)
    stress = {} if changed is None else {"stress": changed.changes}
    return {
        "software": f"Regard {desktop_app.__version__}",
        "time": taken.isoformat(timespec="milliseconds"),
        "source": info.title,
        "frame": picture.index,
        "time_s": picture.media_time,
        "width": picture.width,
        "height": picture.height,
        "models": models,
        **stress,
        "settings": {
            "confidence": values.confidence,
            "iou": values.iou,
            "classes": controller.thresholds.classes,
            "top_k": values.top_k,
            "mirror": controller.mirror,
            "rotation": controller.rotation,
            "overlay": overlay,
        },
    }


def encoded(image: QImage, suffix: str, facts: dict[str, Any]) -> bytes:
    """The file, by Pillow: Qt's own writers put text into PNG only. Raises `OSError` or `ValueError`."""
    from PIL import Image

    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    size = plain.width(), plain.height()
    picture = Image.frombuffer("RGB", size, bytes(plain.constBits()), "raw", "RGB", plain.bytesPerLine(), 1)
    file = io.BytesIO()
    exif = _exif(facts)
    if suffix == ".jpg":
        # Thin coloured lines want their colours whole.
        picture.save(file, "JPEG", quality=92, subsampling=0, exif=exif)
    elif suffix == ".webp":
        picture.save(file, "WEBP", quality=92, exif=exif)
    else:
        picture.save(file, "PNG", pnginfo=_png_text(facts), exif=exif)
    return file.getvalue()


def _sentence(facts: dict[str, Any]) -> str:
    parts = [", ".join(model["model"] for model in facts.get("models", ()))]
    parts += [f"{name} {value:g}" for name, value in facts.get("stress", {}).items()]
    inside = ", ".join(part for part in parts if part)
    return f"{facts.get('source', '')} ({inside})" if inside else str(facts.get("source", ""))


def _png_text(facts: dict[str, Any]) -> Any:
    """Keywords of the PNG specification, and one of our own with everything."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("Description", _sentence(facts))
    info.add_itxt("Software", str(facts.get("software", "Regard")))
    info.add_itxt("Creation Time", str(facts.get("time", "")))
    info.add_itxt("Regard", json.dumps(facts, ensure_ascii=False))
    return info


def _exif(facts: dict[str, Any]) -> Any:
    from PIL import Image

    exif = Image.Exif()
    exif[_DESCRIPTION] = _sentence(facts)
    exif[_SOFTWARE] = str(facts.get("software", "Regard"))
    inner = exif.get_ifd(_EXIF)
    if "time" in facts:
        taken = datetime.fromisoformat(facts["time"])
        exif[_DATE_TIME] = inner[_DATE_TIME_ORIGINAL] = taken.strftime("%Y:%m:%d %H:%M:%S")
        inner[_OFFSET_TIME] = taken.isoformat()[-6:]
    inner[_USER_COMMENT] = _ASCII + json.dumps(facts).encode("ascii")
    return exif
