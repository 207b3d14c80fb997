"""The lists of Windows and macOS, against stand-ins for their libraries."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import cv2
import pytest

from desktop_app.core.camera import CameraFormat, CameraInfo
from desktop_app.errors import CameraUnavailable
from desktop_app.sources import camera_refusal, cameras

MSMF = r"\\?\usb#vid_046d&pid_0825&mi_00#7&1d&0&0000#{e5323777-f976-4f5b-9b94-b55699c46e44}\global"
DSHOW = r"\\?\USB#VID_046D&PID_0825&MI_00#7&1d&0&0000#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global"
TWIN = MSMF.replace("7&1d", "7&2e")
FORMATS = (CameraFormat(1280, 720, 30.0, "MJPG", (30.0,)),)


@pytest.fixture(autouse=True)
def nothing_told() -> Iterator[None]:
    cameras._told_formats.clear()
    yield
    cameras._told_formats.clear()


def windows(number: int) -> list[SimpleNamespace]:
    """As cv2-enumerate-cameras answers."""
    found: dict[int, list[tuple[str, str | None]]] = {
        cv2.CAP_MSMF: [("HD Webcam", MSMF), ("HD Webcam", TWIN)],
        cv2.CAP_DSHOW: [("OBS Virtual Camera", None), ("HD Webcam", DSHOW), ("HD Webcam", TWIN)],
    }
    return [SimpleNamespace(index=i, name=name, path=path) for i, (name, path) in enumerate(found[number])]


def test_windows_lists_each_camera_once_with_the_index_of_its_interface() -> None:
    found = cameras.merged(windows, cameras.APIS["win32"])
    assert [(c.api, c.index, c.name) for c in found] == [
        ("MSMF", 0, "HD Webcam"),
        ("MSMF", 1, "HD Webcam"),
        ("DSHOW", 0, "OBS Virtual Camera"),
    ]
    assert len({c.stable_id for c in found}) == 3


def test_formats_of_qt_are_joined_by_the_path_of_the_device() -> None:
    cameras.tell_formats([CameraInfo(0, DSHOW, "HD Webcam", FORMATS)])
    assert [c.formats for c in cameras.merged(windows, ("MSMF",))] == [FORMATS, ()]


def test_macos_lists_by_unique_id(monkeypatch: pytest.MonkeyPatch) -> None:
    def library(api: int) -> list[SimpleNamespace]:
        assert api == cv2.CAP_AVFOUNDATION
        return [SimpleNamespace(index=1, name="FaceTime HD", path="0x1420000005ac8600")]

    monkeypatch.setattr(cameras, "SYSTEM", "darwin")
    monkeypatch.setattr(cameras, "_library", lambda: library)
    assert cameras.list_cameras() == (CameraInfo(1, "0x1420000005ac8600", "FaceTime HD", api="AVFOUNDATION"),)
    assert cameras.is_there("0x1420000005ac8600")
    found = cameras.find_camera("0x1420000005ac8600")
    assert found is not None
    assert found.index == 1
    assert cameras.signature() == (("0x1420000005ac8600", 1),)


def test_without_the_library_there_is_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "SYSTEM", "win32")
    monkeypatch.setattr(cameras, "_library", lambda: None)
    assert cameras.list_cameras() == ()


def test_two_pictures_of_one_device_have_two_ids() -> None:
    same = [CameraInfo(0, "usb-x@1", "Depth"), CameraInfo(2, "usb-x@1", "Depth")]
    assert [c.stable_id for c in cameras.distinct(same)] == ["usb-x@1", "usb-x@1#2"]


@pytest.mark.parametrize(
    ("all_programs", "desktop_programs", "denied"),
    [("Allow", "Allow", False), ("Deny", "Allow", True), ("Allow", "Deny", True), ("", "", False)],
)
def test_the_privacy_page_of_windows(all_programs: str, desktop_programs: str, denied: bool) -> None:
    def read(key: str) -> str:
        return desktop_programs if key.endswith("NonPackaged") else all_programs

    assert camera_refusal.denied_by_windows(read) is denied


@pytest.mark.parametrize(("status", "denied"), [(0, False), (1, True), (2, True), (3, False)])
def test_the_privacy_page_of_macos(status: int, denied: bool) -> None:
    assert camera_refusal.denied_by_macos(lambda: status) is denied


def test_without_pyobjc_macos_is_not_asked() -> None:
    def missing() -> int:
        raise ImportError

    assert not camera_refusal.denied_by_macos(missing)


@pytest.mark.parametrize(("system", "word"), [("win32", "Settings"), ("darwin", "System Settings"), ("linux", "video")])
def test_what_to_do_when_it_is_forbidden_depends_on_the_system(
    system: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_refusal, "SYSTEM", system)
    assert word in camera_refusal.forbidden("Webcam").hint


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_forbidden_camera_is_told_before_it_is_opened(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_refusal, "SYSTEM", system)
    monkeypatch.setattr(camera_refusal, "denied_by_windows", lambda: True)
    monkeypatch.setattr(camera_refusal, "denied_by_macos", lambda: True)
    with pytest.raises(CameraUnavailable) as caught:
        camera_refusal.refuse_with_reason(CameraInfo(0, "x", "Webcam"))
    assert caught.value.cause == "forbidden"
