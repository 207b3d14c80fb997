"""What each process loads, looked at in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("cv2", "torch", "torchvision", "timm", "ultralytics", "openvino", "av", "onnxruntime")


@pytest.mark.parametrize(
    ("imports", "forbidden"),
    [
        ("desktop_app.gui", HEAVY),
        ("desktop_app.app, desktop_app.gui.main_window", HEAVY),
        ("desktop_app.recogniser.child", (*HEAVY, "PySide6")),
        ("desktop_app.recogniser.start", (*HEAVY, "PySide6", "numpy", "msgspec")),
        ("desktop_app.sources, desktop_app.models.catalog, desktop_app.models.loading", (*HEAVY, "PySide6")),
        ("desktop_app.core.pipeline", (*HEAVY, "PySide6", "msgspec")),
        ("desktop_app.__main__", (*HEAVY, "PySide6", "numpy")),
        ("desktop_app.render.annotate", (*HEAVY, "PySide6.QtWidgets")),
        ("desktop_app.recording.client, desktop_app.gui.recording", HEAVY),
        ("desktop_app.recording.start", (*HEAVY, "PySide6", "numpy", "msgspec")),
        ("desktop_app.recording.recorder", (*HEAVY, "PySide6.QtWidgets")),
    ],
)
def test_an_import_loads_nothing_heavy(imports: str, forbidden: tuple[str, ...]) -> None:
    script = f"import sys, {imports}; sys.exit(', '.join({set(forbidden)!r} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_empty_window_is_painted_before_anything_but_qt_is_imported() -> None:
    script = """
import sys
from desktop_app import app as program, cli
from desktop_app.gui.single_instance import hand_over

app, window, _ = program._frame()
window.painted.connect(app.quit)
window.show()
app.exec()
assert not window.filled
parts = {name for name in sys.modules if name.startswith("desktop_app.gui.")}
few = {"geometry", "main_window", "preferences", "single_instance", "style_sheet", "texts", "theme"}
parts -= {f"desktop_app.gui.{name}" for name in few}
sys.exit(", ".join({"numpy", "msgspec", "multiprocessing"} & set(sys.modules) | parts) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
