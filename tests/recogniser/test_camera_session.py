"""Cameras in the recogniser: told when they come and go, and one that does not open gives way to the one before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from desktop_app.core.camera import CameraInfo, CameraReport
from desktop_app.core.capture import Orientation
from desktop_app.core.source import Notify, Source, SourceInfo
from desktop_app.errors import CameraUnavailable
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.camera_keeper import CameraKeeper
from desktop_app.recogniser.client import _Memory
from desktop_app.recogniser.librarian import Librarian
from desktop_app.recogniser.session import Session
from desktop_app.settings import CameraSettings
from desktop_app.sources import camera, cameras
from desktop_app.sources.camera_desk import DESK
from tests.core.fakes import FakeSource

WEBCAM, OTHER = CameraInfo(0, "usb-a@1", "Webcam"), CameraInfo(2, "usb-b@2", "Microscope")


class Events:
    """What was sent, to be waited for."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.log: list[m.Event] = []

    def __call__(self, event: m.Event) -> None:
        with self.changed:
            self.log.append(event)
            self.changed.notify_all()

    def until(self, condition: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: bool(condition()), 10.0), self.log

    def of(self, kind: type[m.Event]) -> list[Any]:
        return [event for event in self.log if isinstance(event, kind)]


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture(autouse=True)
def clean_desk() -> Iterator[None]:
    yield
    DESK.set_wishes(())
    DESK.report = lambda _: None


@pytest.fixture
def keeper(events: Events, monkeypatch: pytest.MonkeyPatch) -> Iterator[CameraKeeper]:
    monkeypatch.setattr("desktop_app.sources.limits.WATCH_SECONDS", 0.01)

    def crashed(error: Exception) -> None:
        raise AssertionError from error

    made = CameraKeeper(events, crashed)
    yield made
    made.stop()


def test_a_camera_that_comes_or_goes_is_told(
    keeper: CameraKeeper, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: list[tuple[CameraInfo, ...]] = [(WEBCAM,)]
    monkeypatch.setattr(cameras, "signature", lambda: there[0])
    monkeypatch.setattr(cameras, "list_cameras", lambda: there[0])
    keeper.look()
    events.until(lambda: len(events.log) == 1)
    there[0] = (WEBCAM, OTHER)
    events.until(lambda: len(events.log) == 2)
    there[0] = (OTHER,)
    events.until(lambda: len(events.log) == 3)
    keeper.look()  # who asks is answered, though nothing changed
    events.until(lambda: len(events.log) == 4)
    told = [event.cameras for event in events.of(m.CamerasListed)]
    assert told == [(WEBCAM,), (WEBCAM, OTHER), (OTHER,), (OTHER,)]


def test_a_fault_of_the_system_is_told_once_and_looked_past(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.sources.limits.WATCH_SECONDS", 0.01)
    crashes: list[Exception] = []
    looks = iter([OSError(), OSError(), OSError()])

    def signature() -> int:
        error = next(looks, None)
        if error is not None:
            raise error
        return 0

    monkeypatch.setattr(cameras, "signature", signature)
    monkeypatch.setattr(cameras, "list_cameras", lambda: (WEBCAM,))
    keeper = CameraKeeper(events, crashes.append)
    keeper.look()
    events.until(lambda: events.of(m.CamerasListed))
    keeper.stop()
    assert len(crashes) == 1


def test_what_a_camera_took_is_passed_on(keeper: CameraKeeper, events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "signature", lambda: 0)
    monkeypatch.setattr(cameras, "list_cameras", lambda: ())
    keeper.look()
    events.until(lambda: events.log)
    report = CameraReport("usb-a@1", (), ("gain",))
    DESK.report(report)
    assert events.of(m.CameraSays) == [m.CameraSays(report)]


def test_a_camera_is_turned_as_it_was_set_and_all_others_as_usual(keeper: CameraKeeper) -> None:
    keeper.usual = Orientation(mirror=True)
    keeper.set_wishes([CameraSettings("usb-a@1", rotation=90), CameraSettings("usb-b@2", width=640)])

    def turned(device_id: str) -> tuple[bool, int] | None:
        found = keeper.orientation(SourceInfo("camera:0", "camera", "", True, 8, 6, device_id=device_id))
        return None if found is None else (found.mirror, found.rotation)

    assert turned("usb-a@1") == (True, 90)
    assert turned("usb-b@2") is None
    assert turned("") is None


# --- one camera after the other -----------------------------------------------------------------------------------


class Camera(FakeSource):
    def __init__(self, spec: str) -> None:
        super().__init__(live=True)
        self.free_running = False
        self.info = SourceInfo(spec, "camera", spec, True, 8, 6, device_id=spec.partition(":")[2])


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """`refused`: specs that are refused before they are opened; `silent`: those that open and give nothing."""
    made = SimpleNamespace(refused=set(), silent=set(), opened=[])

    def check(spec: str, ours: str) -> None:
        if spec in made.refused:
            raise CameraUnavailable(f"{spec} is busy", cause="busy")

    def open_source(specs: tuple[str, ...], notify: Notify, stop: threading.Event) -> Source:
        if specs[0] in made.silent:
            raise CameraUnavailable(f"{specs[0]} is silent", cause="silent")
        source = Camera(specs[0])
        source.stop = stop
        source.step.release(1000)
        made.opened.append(source)
        return source

    monkeypatch.setattr(camera, "check_camera", check)
    monkeypatch.setattr("desktop_app.sources.open_source", open_source)
    return made


@pytest.fixture
def session(events: Events) -> Iterator[Session]:
    made = Session(events, cast(Librarian, SimpleNamespace(tell_states=lambda: None)), "regard-test-cameras")
    yield made
    made.stop()


def phases(events: Events, request: int) -> list[str]:
    return [event.phase for event in events.of(m.SourceState) if event.request == request]


def begin(session: Session, events: Events) -> None:
    session.open(m.OpenSource(1, ("camera:a",)))
    events.until(lambda: "live" in phases(events, 1))


def test_a_busy_camera_costs_the_running_one_nothing(session: Session, events: Events, desk: SimpleNamespace) -> None:
    begin(session, events)
    desk.refused.add("camera:b")
    session.open(m.OpenSource(2, ("camera:b",)))
    events.until(lambda: "failed" in phases(events, 2))
    assert [s.info.spec for s in desk.opened] == ["camera:a"]
    assert not desk.opened[0].released
    (failed,) = [e for e in events.of(m.SourceState) if e.phase == "failed"]
    assert failed.cause == "busy"


def test_a_silent_camera_gives_way_to_the_one_before(session: Session, events: Events, desk: SimpleNamespace) -> None:
    begin(session, events)
    desk.silent.add("camera:b")
    session.open(m.OpenSource(2, ("camera:b",)))
    events.until(lambda: "failed" in phases(events, 2) and phases(events, 1).count("live") == 2)
    assert [s.info.spec for s in desk.opened] == ["camera:a", "camera:a"]
    assert desk.opened[0].released


def test_where_the_one_before_does_not_come_back_either_that_is_told(
    session: Session, events: Events, desk: SimpleNamespace
) -> None:
    begin(session, events)
    desk.silent.update(("camera:a", "camera:b"))
    session.open(m.OpenSource(2, ("camera:b",)))
    events.until(lambda: "failed" in phases(events, 2) and "failed" in phases(events, 1))


def test_who_cancels_gets_the_one_before(
    session: Session, events: Events, desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(session, events)
    hangs = threading.Event()

    def open_source(specs: tuple[str, ...], notify: Notify, stop: threading.Event) -> Source:
        if specs == ("camera:b",):
            hangs.set()
            stop.wait(10)
            raise CameraUnavailable("too late")
        source = Camera(specs[0])
        source.stop = stop
        source.step.release(1000)
        return source

    monkeypatch.setattr("desktop_app.sources.open_source", open_source)
    session.open(m.OpenSource(2, ("camera:b",)))
    assert hangs.wait(10)
    session.cancel_open(2)
    events.until(lambda: phases(events, 1).count("live") == 2)
    assert "failed" not in phases(events, 2)


# --- what a restarted recogniser is told ----------------------------------------------------------------------------


def specs(memory: _Memory) -> list[tuple[str, ...]]:
    return [c.specs for c in memory.replay() if isinstance(c, m.OpenSource)]


def opened(request: int) -> m.SourceOpened:
    return m.SourceOpened(request, SourceInfo("x", "camera", "x", True, 8, 6))


@pytest.mark.parametrize("end", [m.SourceState(2, "failed"), m.CancelOpen(2)])
def test_a_source_that_did_not_open_is_not_opened_again(end: m.SourceState | m.CancelOpen) -> None:
    memory = _Memory()
    memory.keep(m.OpenSource(1, ("camera:a",)))
    memory.note(opened(1))
    memory.keep(m.OpenSource(2, ("camera:b",)))
    if isinstance(end, m.CancelOpen):
        memory.keep(end)
    else:
        memory.note(end)
    assert specs(memory) == [("camera:a",)]
    memory.note(m.SourceState(1, "failed"))
    assert specs(memory) == []


def test_settings_of_cameras_come_before_the_camera() -> None:
    memory = _Memory()
    memory.keep(m.OpenSource(1, ("camera:a",)))
    memory.keep(m.SetCameras((CameraSettings("a", mirror=True),)))
    assert [type(command) for command in memory.replay()] == [m.SetCameras, m.OpenSource]
