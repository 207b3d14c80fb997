from __future__ import annotations

from desktop_app.core.camera import Acquaintances, known_as


def test_a_camera_is_known_at_its_port_and_elsewhere_by_its_model() -> None:
    assert known_as("usb-cam@1", ["usb-other@1", "usb-cam@2", "usb-cam@1"]) == "usb-cam@1"
    assert known_as("usb-cam@1", ["usb-other@1", "usb-cam@2"]) == "usb-cam@2"
    assert known_as("usb-cam", ["usb-other@1", "usb-cam@2", "usb-cam@3"]) == "usb-cam@2"
    assert known_as("usb-cam@1", ["usb-other@1"]) is None


def test_a_twin_is_not_taken_for_it() -> None:
    assert known_as("usb-cam@1", ["usb-cam@2"], strangers=["usb-cam@2"]) is None
    assert known_as("usb-cam@1", ["usb-cam@1"], strangers=["usb-cam@1"]) == "usb-cam@1"


def test_who_was_there_at_the_same_time_is_somebody_else() -> None:
    acquaintances = Acquaintances()
    acquaintances.meet(["a@1", "a@2"])
    acquaintances.meet(["a@2", "b@1"])
    assert acquaintances.others("a@1") == {"a@2"}
    assert acquaintances.others("a@2") == {"a@1", "b@1"}
    assert acquaintances.others("c") == frozenset()
