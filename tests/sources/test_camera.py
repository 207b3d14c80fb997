"""Every fault of a webcam, where the V4L2 emulation is at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.sources import corpus
from tests.sources.emulation import run_with_webcams


@pytest.mark.fakecam
def test_list_has_names_ids_and_formats_but_no_metadata(fakecam: ModuleType, webcams: Path) -> None:
    program = (
        "say(cameras=[(c.index, c.stable_id, c.name, [f.pixel_format for f in c.formats]) for c in list_cameras()])"
    )
    (facts,) = run_with_webcams(fakecam, webcams, program)
    assert facts["cameras"] == [
        [0, "usb-1234-5678-fake-hd-webcam@usb-0000:00:14.0-1", "Fake HD Webcam", ["YUYV", "YUYV", "MJPG"]],
        [2, "usb-abcd-5678-usb-microscope@usb-0000:00:14.0-2", "USB Microscope", ["YUYV"]],
    ]


@pytest.mark.fakecam
def test_opens_by_number_and_by_id_and_lets_go(fakecam: ModuleType, webcams: Path, tmp_path: Path) -> None:
    program = """
for spec in ("camera:0", "camera:usb-abcd-5678-usb-microscope"):
    with open_source([spec], notices.append, stop) as source:
        frames = list(itertools.islice(source, 5))
        i = source.info
        granted = dict(size=[i.width, i.height], fps=i.fps, detail=i.detail)
        say(title=i.title, live=i.live, indices=[f.index for f in frames], **granted)
"""
    log = tmp_path / "trace.log"
    facts = run_with_webcams(fakecam, webcams, program, log)
    indices = [0, 1, 2, 3, 4]
    assert facts == [
        {"title": "Fake HD Webcam", "size": [1280, 720], "fps": 30, "detail": "MJPG", "live": True, "indices": indices},
        {"title": "USB Microscope", "size": [640, 480], "fps": 30, "detail": "YUYV", "live": True, "indices": indices},
    ]
    trace = log.read_text()
    assert trace.count("STREAMON") == trace.count("STREAMOFF") == 2


@pytest.mark.fakecam
def test_each_refusal_has_its_sentence(fakecam: ModuleType, webcams: Path) -> None:
    program = """
def why(spec):
    try:
        with open_source([spec], notices.append, stop):
            return "opened"
    except SourceError as error:
        return [type(error).__name__, error.message]
for word in ("busy", "busy-open", "denied", "stalled", "eio", "unplugged"):
    fakecam.state(root, 0, word)
    say(word=word, why=why("camera:0"))
say(word="metadata", why=why("camera:1"))
say(word="absent", why=why("camera:7"))
"""
    facts = {f["word"]: f["why"] for f in run_with_webcams(fakecam, webcams, program)}
    assert all(kind == "CameraUnavailable" for kind, _ in facts.values())
    sentences = {word: message for word, (_, message) in facts.items()}
    name = "“Fake HD Webcam”"
    assert sentences == {
        "busy": f"{name} is in use by another program.",
        "busy-open": f"{name} is in use by another program.",
        "denied": f"{name} may not be used: permission denied.",
        "stalled": f"{name} opens, but sends no picture.",
        "eio": f"{name} opens, but sends no picture.",
        "unplugged": "There is no camera “Camera 0”.",
        "metadata": "“Camera 1” is a device that gives no pictures.",
        "absent": "There is no camera “Camera 7”.",
    }


@pytest.mark.fakecam
@pytest.mark.parametrize("word", ["unplugged", "stalled", "eio"])
def test_a_lost_camera_comes_back(word: str, fakecam: ModuleType, webcams: Path) -> None:
    program = f"""
def notify(notice):
    notices.append(notice)
    if len(notices) == 2 or notice.kind == "lost" and {word!r} == "stalled":
        fakecam.state(root, 0, "ok")
with open_source(["camera:0"], notify, stop) as source:
    for frame in source:
        if frame.index == 3:
            fakecam.state(root, 0, {word!r})
        if notices and notices[-1].kind == "live":
            stop.set()
say(kinds=[n.kind for n in notices], first=notices[0].error.message)
"""
    (facts,) = run_with_webcams(fakecam, webcams, program)
    assert facts["kinds"][0] == "lost"
    assert facts["kinds"][-1] == "live"
    assert facts["first"] == "“Fake HD Webcam” sends no more pictures."


@pytest.mark.fakecam
def test_the_same_camera_is_found_under_another_number(fakecam: ModuleType, webcams: Path) -> None:
    """It comes back as video4; meanwhile another camera has taken its number."""
    program = f"""
more = dict(source={str(webcams.parent / "picture.jpg")!r}, modes="640x480.yuyv", count=1)
def notify(notice):
    notices.append(notice)
    if len(notices) == 1:
        fakecam.add(root, 0, "Intruder", vid="ffff", **more)
    if len(notices) == 2:
        fakecam.add(root, 4, "Fake HD Webcam", **more)
with open_source(["camera:0"], notify, stop) as source:
    for frame in source:
        if frame.index == 3:
            fakecam.state(root, 0, "unplugged")
        if notices and notices[-1].kind == "live":
            say(title=source.info.title, kinds=[n.kind for n in notices])
            stop.set()
"""
    (facts,) = run_with_webcams(fakecam, webcams, program)
    assert facts == {"title": "Fake HD Webcam", "kinds": ["lost", "lost", "live"]}


@pytest.mark.fakecam
def test_pictures_are_right_in_both_formats(fakecam: ModuleType, webcams: Path) -> None:
    program = """
from tests.sources import corpus
from tests.sources.emulation import run_with_webcams
import numpy as np
for spec in ("camera:0", "camera:2"):
    with open_source([spec], notices.append, stop) as source:
        bgr = next(iter(source)).bgr
        h, w = bgr.shape[:2]
        say(number=corpus.number_of(np.ascontiguousarray(bgr[:: h // 240, :: w // 320][:240, :320])))
"""
    facts = run_with_webcams(fakecam, webcams, program)
    assert [f["number"] for f in facts] == [21, 21]
    assert corpus.number_of(corpus.numbered(21)) == 21


@pytest.mark.fakecam
def test_formats_have_all_their_rates_and_controls_their_ranges(fakecam: ModuleType, webcams: Path) -> None:
    program = """
camera = list_cameras()[0]
say(rates=[f.rates for f in camera.formats], fastest=[f.fps for f in camera.formats])
say(controls=[(c.key, c.kind, c.low, c.high, c.default, c.value) for c in camera.controls])
"""
    formats, controls = run_with_webcams(fakecam, webcams, program)
    assert formats == {"rates": [[30.0, 15.0], [10.0, 5.0], [30.0, 15.0]], "fastest": [30.0, 10.0, 30.0]}
    assert controls["controls"] == [
        ["brightness", "range", 0, 255, 128, 128],
        ["contrast", "range", 0, 255, 128, 128],
        ["saturation", "range", 0, 255, 128, 128],
        ["white_balance_auto", "switch", 0, 1, 1, 1],
    ]


@pytest.fixture
def twins(fakecam: ModuleType, webcams: Path) -> Path:
    """A second "Fake HD Webcam" as video4; it shows small pictures only."""
    picture = str(webcams.parent / "picture.jpg")
    fakecam.add(str(webcams), 4, "Fake HD Webcam", picture, modes="640x480.yuyv", count=1)
    return webcams


@pytest.mark.fakecam
def test_two_equal_cameras_are_told_apart(fakecam: ModuleType, twins: Path) -> None:
    """Also when one of them may not be opened, and when one is away: its twin is not taken for it."""
    program = """
def ids():
    return [c.stable_id for c in list_cameras() if "webcam" in c.stable_id]
first, second = ids()
say(first=first, second=second)
fakecam.state(root, 4, "denied")
say(ids=ids())
fakecam.state(root, 4, "ok")
fakecam.state(root, 0, "unplugged")
try:
    open_source([f"camera:{first}"], notices.append, stop).__enter__()
except SourceError as error:
    say(cause=error.cause)
fakecam.state(root, 0, "ok")
with open_source([f"camera:{second}"], notices.append, stop) as source:
    say(size=[source.info.width, source.info.height], device_id=source.info.device_id)
"""
    known, denied, missing, opened = run_with_webcams(fakecam, twins, program)
    assert known["first"] != known["second"]
    assert denied["ids"] == [known["first"], known["second"]]
    assert missing["cause"] == "missing"
    assert opened == {"size": [640, 480], "device_id": known["second"]}


@pytest.mark.fakecam
def test_a_camera_opens_as_it_was_set_and_says_what_it_took(fakecam: ModuleType, webcams: Path) -> None:
    program = """
from desktop_app.settings import CameraSettings
from desktop_app.sources.camera_desk import DESK
which = list_cameras()[0].stable_id
reports = []
DESK.report = reports.append
def now():
    return {c.key: c.value for c in reports[-1].controls}
DESK.set_wishes([CameraSettings(which, width=640, height=480, fps=15.0, controls={"brightness": 40, "gain": 7})])
with open_source(["camera:0"], notices.append, stop) as source:
    i = source.info
    say(size=[i.width, i.height], fps=i.fps, detail=i.detail, asked=[i.asked.width, i.asked.height, i.asked.fps])
    say(opened=now()["brightness"], refused=reports[-1].refused)
    frames = iter(source)
    next(frames)
    DESK.set_wishes([CameraSettings(which, controls={"contrast": 9, "white_balance_auto": 0})])
    next(frames), next(frames)
    say(moved=now())
    DESK.reset(which)
    DESK.set_wishes([])
    next(frames)
    say(reset=now())
    count = len(reports)
    next(frames)
    say(more=len(reports) - count)
"""
    opened, first, moved, reset, more = run_with_webcams(fakecam, webcams, program)
    assert opened == {"size": [640, 480], "fps": 15.0, "detail": "YUYV", "asked": [640, 480, 15.0]}
    assert first == {"opened": 40, "refused": []}
    assert moved["moved"] == {"brightness": 128, "contrast": 9, "saturation": 128, "white_balance_auto": 0}
    assert reset["reset"] == {"brightness": 128, "contrast": 128, "saturation": 128, "white_balance_auto": 1}
    assert more["more"] == 0


@pytest.mark.fakecam
def test_settings_follow_a_camera_to_another_port_but_not_to_its_twin(fakecam: ModuleType, twins: Path) -> None:
    program = """
from desktop_app.settings import CameraSettings
from desktop_app.sources.camera_desk import DESK
first, second = [c.stable_id for c in list_cameras() if "webcam" in c.stable_id]
elsewhere = first.split("@")[0] + "@usb-somewhere-else"
for known in (first, elsewhere):
    DESK.set_wishes([CameraSettings(known, mirror=True)])
    for which in (first, second):
        with open_source([f"camera:{which}"], notices.append, stop):
            wish = DESK.wish(which)
            say(mirror=wish is not None and wish.mirror)
"""
    facts = [f["mirror"] for f in run_with_webcams(fakecam, twins, program)]
    assert facts == [True, False, True, True]


@pytest.mark.fakecam
def test_two_programs_want_one_camera(fakecam: ModuleType, webcams: Path) -> None:
    """The other one is OpenCV in a process of its own, which has it from before and lets it go at last."""
    program = """
import subprocess, time
hold = "import cv2, sys; c = cv2.VideoCapture(0, cv2.CAP_V4L2); print(c.read()[0], flush=True); sys.stdin.read()"
pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
other = subprocess.Popen([sys.executable, "-c", hold], **pipes)
assert other.stdout.readline().strip() == "True"
try:
    open_source(["camera:0"], notices.append, stop).__enter__()
except SourceError as error:
    say(cause=error.cause)
other.communicate()
with open_source(["camera:0"], notices.append, stop) as source:
    say(index=next(iter(source)).index)
"""
    assert run_with_webcams(fakecam, webcams, program) == [{"cause": "busy"}, {"index": 0}]


@pytest.mark.fakecam
def test_the_command_tells_names_ids_formats_and_controls(fakecam: ModuleType, webcams: Path) -> None:
    command = [sys.executable, "-m", "desktop_app", "cameras"]
    environment = fakecam.env(str(webcams))
    lines = subprocess.check_output([*command, "--format", "jsonl"], env=environment, text=True).splitlines()
    first = json.loads(lines[0])
    assert (first["name"], first["source"]) == ("Fake HD Webcam", "camera:0")
    assert first["formats"][1] == {
        "width": 1280,
        "height": 720,
        "fps": 10.0,
        "pixel_format": "YUYV",
        "rates": [10.0, 5.0],
    }
    assert [control["key"] for control in first["controls"]][:2] == ["brightness", "contrast"]
    words = subprocess.check_output(command, env=environment, text=True)
    assert first["stable_id"] in words
    assert "1280×720  MJPG  30, 15 fps" in words
