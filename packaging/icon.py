"""The program's picture in the forms that systems want, from the one drawing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

DRAWING = Path(__file__).resolve().parent.parent / "resources" / "program" / "regard.svg"


def draw(side: int, target: Path) -> Path:
    """A PNG of `side` pixels."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        QSvgRenderer(str(DRAWING)).render(painter)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(target), "PNG"):  # type: ignore[call-overload]
        raise SystemExit(f"{target} cannot be written")
    del application
    return target


def for_this_system(work: Path) -> Path | None:
    """`.ico` on Windows, `.icns` on macOS; Linux keeps icons outside of programs."""
    from PIL import Image

    suffix = {"win32": ".ico", "darwin": ".icns"}.get(sys.platform)
    if suffix is None:
        return None
    target = work / f"regard{suffix}"
    with Image.open(draw(1024, work / "regard.png")) as picture:
        picture.save(target, sizes=[(side, side) for side in (16, 24, 32, 48, 64, 128, 256)])  # .icns takes its own
    return target
