from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_app.errors import SettingsError
from desktop_app.settings import CameraSettings, Settings, load_settings, save_settings, settings_file


def test_only_what_differs_is_written_and_comes_back() -> None:
    chosen = Settings(language="fr", confidence=0.4, iou=0.6, models=("a", "b"), mirror_camera=True)
    save_settings(chosen)
    assert set(json.loads(settings_file().read_text())) == {"language", "confidence", "iou", "models", "mirror_camera"}
    assert load_settings() == (chosen, [])


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\x00\x01", '{"a": NaN', "é".encode("latin-1")])
def test_a_file_that_is_no_settings_gives_the_defaults_and_says_so(content: str | bytes) -> None:
    settings_file().write_bytes(content if isinstance(content, bytes) else content.encode())
    settings, told = load_settings()
    assert settings == Settings()
    assert len(told) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("confidence", "high"),
        ("confidence", 7),
        ("confidence", float("nan")),
        ("confidence", True),
        ("language", "xx"),
        ("models", "yolov3-tiny"),
        ("models", [1]),
        ("overlay", 1),
        ("top_k", 0.5),
    ],
)
def test_a_bad_value_costs_only_itself(name: str, value: object) -> None:
    settings_file().write_text(json.dumps({name: value, "theme": "dark", "no such setting": 1}))
    settings, told = load_settings()
    assert settings == Settings(theme="dark")
    assert len(told) == 1
    assert name in told[0]


def test_a_folder_that_cannot_be_written_keeps_the_old_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(Settings(theme="dark"))

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SettingsError, match="No space left"):
        save_settings(Settings(theme="light"))
    assert load_settings()[0].theme == "dark"
    assert [path.name for path in settings_file().parent.iterdir()] == ["settings.json"]


def test_a_directory_in_the_place_of_the_file_does_not_stop_the_start() -> None:
    settings_file().mkdir()
    settings, told = load_settings()
    assert settings == Settings()
    assert len(told) == 1
    with pytest.raises(SettingsError):
        save_settings(Settings(theme="dark"))


def test_what_is_kept_of_a_camera_comes_back() -> None:
    webcam = CameraSettings("usb-1@port", "Webcam", 1280, 720, 30.0, mirror=True, controls={"brightness": 12})
    other = CameraSettings("usb-2", rotation=90, mirror=False)
    save_settings(Settings(cameras=(webcam, other), last_camera="usb-1@port"))
    assert json.loads(settings_file().read_text())["cameras"][1] == {
        "stable_id": "usb-2",
        "rotation": 90,
        "mirror": False,
    }
    assert load_settings() == (Settings(cameras=(webcam, other), last_camera="usb-1@port"), [])


@pytest.mark.parametrize(
    "bad", [{"width": "wide"}, {"rotation": 45}, {"rotation": False}, {"controls": {"gain": "high"}}, {"controls": []}]
)
def test_a_bad_value_of_a_camera_costs_only_itself(bad: dict[str, object]) -> None:
    settings_file().write_text(json.dumps({"cameras": [{"stable_id": "usb-1", "mirror": True, **bad}]}))
    assert load_settings() == (Settings(cameras=(CameraSettings("usb-1", mirror=True),)), [])


def test_a_camera_without_an_id_is_dropped_and_told() -> None:
    settings_file().write_text(json.dumps({"cameras": [{"width": 640}], "theme": "dark"}))
    settings, told = load_settings()
    assert settings == Settings(theme="dark")
    assert len(told) == 1
