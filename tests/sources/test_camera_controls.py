"""Controls of cameras against stand-ins: what is set in which order, and what is told."""

from __future__ import annotations

from dataclasses import replace

import cv2

from desktop_app.core.camera import CameraControl
from desktop_app.sources.camera_controls import apply
from desktop_app.sources.opencv_controls import OpenCvControls


class Driver:
    """Focus can be set only while the automatic is off; gain takes nothing; zoom goes in steps of 10."""

    def __init__(self) -> None:
        self.values = {"focus": 30, "focus_auto": 1, "gain": 5, "zoom": 100}
        self.log: list[tuple[str, int]] = []

    def read(self) -> tuple[CameraControl, ...]:
        v = self.values
        return (
            CameraControl("focus", "Focus", "range", 0, 250, 5, 0, v["focus"], active=not v["focus_auto"]),
            CameraControl("focus_auto", "Auto", "switch", 0, 1, 1, 1, v["focus_auto"]),
            CameraControl("gain", "Gain", "range", 0, 100, 1, 5, v["gain"]),
            CameraControl("zoom", "Zoom", "range", 100, 500, 10, 100, v["zoom"]),
        )

    def set(self, key: str, value: int) -> None:
        self.log.append((key, value))
        if key != "gain" and not (key == "focus" and self.values["focus_auto"]):
            self.values[key] = value

    def close(self) -> None:
        pass


def test_automatics_are_switched_off_before_what_they_rule_is_set() -> None:
    driver = Driver()
    now, refused = apply(driver, {"focus": 50, "focus_auto": 0})
    assert driver.log == [("focus_auto", 0), ("focus", 50)]
    assert refused == ()
    assert now[0].value == 50


def test_what_the_camera_does_not_take_is_told() -> None:
    assert apply(Driver(), {"gain": 80})[1] == ("gain",)


def test_what_an_automatic_rules_is_not_refused_and_what_there_is_not_is_let_be() -> None:
    assert apply(Driver(), {"focus": 50, "pan": 3})[1] == ()


def test_values_are_brought_to_what_the_driver_states() -> None:
    driver = Driver()
    assert apply(driver, {"zoom": 137})[1] == ()
    assert driver.values["zoom"] == 140
    apply(driver, {"zoom": 9000})
    assert driver.values["zoom"] == 500


def test_nothing_is_set_that_is_so_already() -> None:
    driver = Driver()
    apply(driver, {"gain": 5, "zoom": 100})
    assert driver.log == []


class Capture:
    """A `VideoCapture` whose driver knows brightness and exposure; a set of brightness changes nothing."""

    def __init__(self) -> None:
        self.values = {cv2.CAP_PROP_BRIGHTNESS: 120.0, cv2.CAP_PROP_AUTO_EXPOSURE: 1.0, cv2.CAP_PROP_EXPOSURE: -6.0}

    def get(self, number: int) -> float:
        return self.values.get(number, -1.0)

    def set(self, number: int, value: float) -> bool:
        if number not in self.values:
            return False
        if number != cv2.CAP_PROP_BRIGHTNESS:
            self.values[number] = value
        return True


def test_opencv_offers_what_the_driver_knows() -> None:
    found = {c.key: c for c in OpenCvControls(Capture()).read()}
    assert set(found) == {"brightness", "exposure_auto", "exposure_absolute"}
    assert (found["brightness"].value, found["brightness"].default) == (120, 120)
    assert not found["exposure_absolute"].active


def test_opencv_says_yes_and_changes_nothing_which_is_told() -> None:
    controls = OpenCvControls(Capture())
    now, refused = apply(controls, {"brightness": 20, "exposure_auto": 0, "exposure_absolute": -3})
    assert refused == ("brightness",)
    values = {c.key: c for c in now}
    assert (values["exposure_absolute"].value, values["exposure_absolute"].active) == (-3, True)
    assert replace(values["brightness"], value=0).default == 120
