"""The real recogniser process with emulated webcams: plugged, unplugged, refused, set and turned while it runs."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.sources.emulation import run_with_webcams

_CLIENT = """
import signal, time
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.client import RecogniserClient
from desktop_app.settings import CameraSettings
client = RecogniserClient()
client.start()
events, frames = [], []
def until(condition, seconds=20):
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, events[-6:]
        for event in client.poll():
            if not isinstance(event, m.Stats):
                events.append(event)
        frame = client.newest_frame()
        if frame is not None:
            frames.append(frame)
        signal.sigtimedwait([], 0.005)
    return time.monotonic() - begun
def names():
    return [c.name for c in next((e.cameras for e in reversed(events) if isinstance(e, m.CamerasListed)), ())]
def phases(request):
    return [e.phase for e in events if isinstance(e, m.SourceState) and e.request == request]
def go(request, spec):
    client.send(m.OpenSource(request, (spec,)))
"""


@pytest.mark.fakecam
def test_the_list_follows_the_plug(fakecam: ModuleType, webcams: Path) -> None:
    program = """
client.send(m.ListCameras())
until(lambda: names() == ["Fake HD Webcam", "USB Microscope"])
fakecam.state(root, 0, "unplugged")
until(lambda: names() == ["USB Microscope"])
fakecam.state(root, 0, "ok")
until(lambda: names() == ["Fake HD Webcam", "USB Microscope"])
client.stop()
say(done=True)
"""
    assert run_with_webcams(fakecam, webcams, _CLIENT + program) == [{"done": True}]


@pytest.mark.fakecam
def test_a_camera_that_does_not_open_gives_way_to_the_one_before(fakecam: ModuleType, webcams: Path) -> None:
    program = """
go(1, "camera:0")
until(lambda: len(frames) > 3)
fakecam.state(root, 2, "busy")
go(2, "camera:2")
until(lambda: "failed" in phases(2))
say(live=phases(1).count("live"), cause=[e.cause for e in events if isinstance(e, m.SourceState)][-1])
fakecam.state(root, 2, "stalled")
go(3, "camera:2")
until(lambda: "failed" in phases(3) and phases(1).count("live") == 2)
fakecam.state(root, 2, "ok")
go(4, "camera:2")
until(lambda: "live" in phases(4) and frames[-1].height == 480)
client.stop()
say(streams=sum("STREAMON" in line for line in open(log)), ends=sum("STREAMOFF" in line for line in open(log)))
"""
    log = webcams.parent / "trace.log"
    facts = run_with_webcams(fakecam, webcams, f"log = {str(log)!r}\n" + _CLIENT + program, log)
    assert facts[0] == {"live": 1, "cause": "busy"}
    assert facts[1]["streams"] == facts[1]["ends"]


@pytest.mark.fakecam
def test_a_running_camera_is_set_and_turned_and_comes_back_so(fakecam: ModuleType, webcams: Path) -> None:
    program = """
client.send(m.ListCameras())
until(names)
which = next(e.cameras[0].stable_id for e in events if isinstance(e, m.CamerasListed))
client.send(m.SetCameras((CameraSettings(which, width=640, height=480, controls={"brightness": 9}),)))
go(1, "camera:0")
until(lambda: frames and frames[-1].width == 640)
client.send(m.SetCameras((CameraSettings(which, width=640, height=480, rotation=90, controls={"contrast": 7}),)))
until(lambda: frames[-1].width == 480)
fakecam.state(root, 0, "unplugged")
until(lambda: "lost" in phases(1))
count = len(frames)
fakecam.state(root, 0, "ok")
until(lambda: phases(1)[-1] == "live" and len(frames) > count)
reports = [{c.key: c.value for c in e.report.controls} for e in events if isinstance(e, m.CameraSays)]
client.stop()
say(turned=frames[-1].width, first=reports[0]["brightness"], last=[reports[-1]["brightness"], reports[-1]["contrast"]])
"""
    (facts,) = run_with_webcams(fakecam, webcams, _CLIENT + program)
    assert facts == {"turned": 480, "first": 9, "last": [128, 7]}
