"""What goes into a bundle, what is shared inside it, and what a release says: without building one."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


def script(name: str) -> ModuleType:
    """A script of `packaging/`; they find each other by lying in one folder."""
    sys.path.insert(0, str(PACKAGING))
    try:
        return __import__(name)
    finally:
        sys.path.remove(str(PACKAGING))


@pytest.mark.parametrize(
    ("path", "out"),
    [
        ("cv2/qt/plugins/platforms/libqxcb.so", True),
        ("numpy/_core/tests/test_api.py", True),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("openvino/libs/libopenvino_onnx_frontend.so.2641", False),
        ("openvino/libs/libopenvino_ir_frontend.so.2641", False),
        ("openvino/libs/libopenvino_pytorch_frontend.so.2641", False),
        ("openvino/libs/libopenvino_tensorflow_frontend.so.2641", True),
        ("openvino/libs/libopenvino_intel_gpu_plugin.so", False),
        ("PySide6\\Qt6Pdf.dll", True),
        ("libstdc++.so.6", True),
    ],
)
def test_what_stays_out(path: str, out: bool) -> None:
    assert script("bundle_parts").is_left_out(path) is out


def test_the_standard_bundle_is_without_torch_and_the_full_one_with_it() -> None:
    parts = script("bundle_parts")
    standard, full = parts.bundled(full=False), parts.bundled(full=True)
    assert {"torch", "torchvision", "timm", "ultralytics"} <= full - standard
    assert {"numpy", "pillow", "openvino", "msgspec"} <= standard
    assert "torch" in parts.excluded(full=False)
    assert "numpy" not in parts.excluded(full=False)
    assert parts.is_foreign_metadata("torch-2.14.1.dist-info/METADATA", False)
    assert not parts.is_foreign_metadata("numpy-2.4.6.dist-info/METADATA", False)


def test_the_same_library_of_two_wheels_is_there_once(tmp_path: Path) -> None:
    (tmp_path / "av.libs").mkdir()
    theirs = tmp_path / "av.libs" / "libavcodec-5e6b81c2.so.62.28.102"
    other = tmp_path / "libavformat-4762a711.so.61.12.101"
    ours = tmp_path / "libavcodec-c4204469.so.62.28.101"
    for path in (theirs, ours, other, tmp_path / "av.libs" / "libavformat-4639def2.so.62.12.102"):
        path.write_bytes(path.name.encode())
    assert script("trim").share_libraries(tmp_path) == [ours.name]
    assert ours.read_bytes() == theirs.name.encode()
    assert not other.is_symlink(), "another release has other functions"


def test_the_notes_of_a_release_are_its_section_of_the_changelog() -> None:
    notes = script("release_notes").notes
    text = "# Changelog\n\n## [Unreleased]\n- next\n\n## [1.2.0] - 2026-11-01\n- this\n- that\n\n## [1.1.0]\n- old\n"
    assert notes("v1.2.0", text) == "- this\n- that"
    assert notes("v9.0.0", text) == "- next"
    with pytest.raises(LookupError):
        notes("v9.0.0", "# Changelog\n")


def test_every_part_has_a_licence() -> None:
    rows = script("licences").collect(["numpy", "msgspec"])
    assert {"numpy", "msgspec", "Python", "Phosphor Icons"} <= {row["name"] for row in rows}
    assert all(row["licence"] for row in rows)
    assert next(row for row in rows if row["name"] == "numpy")["texts"]
