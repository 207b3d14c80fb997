"""Cameras: the choice of a format, and every fault of a webcam where the V4L2 emulation is at hand."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from desktop_app.core.source import CameraFormat
from desktop_app.sources.camera import choose_format
from tests.sources import corpus

_EMULATION = Path(__file__).resolve().parents[3] / "shared" / "fakecam"


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], (1280, 720, 30.0, "")),
        ([(1280, 720, 10.0, "YUYV"), (1280, 720, 30.0, "MJPG")], (1280, 720, 30.0, "MJPG")),
        ([(1280, 720, 30.0, "MJPG"), (1280, 720, 30.0, "YUYV")], (1280, 720, 30.0, "YUYV")),
        ([(640, 480, 30.0, "YUYV"), (1920, 1080, 60.0, "MJPG")], (640, 480, 30.0, "YUYV")),
        ([(1280, 720, 120.0, "MJPG")], (1280, 720, 30.0, "MJPG")),
        ([(1280, 720, 0.0, "NV12")], (1280, 720, 30.0, "NV12")),
        ([(640, 480, 30.0, "H264")], (1280, 720, 30.0, "")),
    ],
)
def test_choice_of_format(offered: list[tuple[int, int, float, str]], chosen: tuple[int, int, float, str]) -> None:
    assert choose_format(tuple(CameraFormat(*o) for o in offered)) == CameraFormat(*chosen)


@pytest.fixture(scope="session")
def fakecam(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The emulation, built in a folder of the tests."""
    tools = all(shutil.which(tool) for tool in ("make", "cc", "gcc"))
    if not _EMULATION.is_dir() or sys.platform != "linux" or not tools:
        pytest.skip("no V4L2 emulation beside the checkout")
    copy = tmp_path_factory.mktemp("fakecam") / "fakecam"
    shutil.copytree(_EMULATION, copy)
    spec = importlib.util.spec_from_file_location("fakecam", copy / "fakecam.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build()
    return module


@pytest.fixture
def webcams(fakecam: ModuleType, tmp_path: Path, jpegs: list[bytes]) -> Path:
    """/dev/video0 "Fake HD Webcam" with its metadata node video1, and video2 "USB Microscope" without MJPG."""
    root = tmp_path / "webcams"
    picture = tmp_path / "picture.jpg"
    picture.write_bytes(jpegs[21])
    fakecam.add(
        str(root), 0, "Fake HD Webcam", str(picture), modes="640x480.yuyv,1280x720@10.yuyv,1280x720.mjpg", count=1
    )
    fakecam.add(str(root), 1, "Fake HD Webcam")
    fakecam.add(str(root), 2, "USB Microscope", str(picture), modes="640x480.yuyv", count=1, vid="abcd")
    return root


_PRELUDE = """
import itertools, json, sys, threading
from desktop_app.errors import SourceError
from desktop_app.sources import list_cameras, open_source
sys.path.insert(0, {folder!r})
import fakecam
root = {root!r}
stop = threading.Event()
notices = []
def say(**facts):
    print(json.dumps(facts), flush=True)
"""


def _run(fakecam: ModuleType, root: Path, program: str, log: Path | None = None) -> list[dict[str, Any]]:
    """The facts that `program`, run where the webcams are, prints."""
    prelude = _PRELUDE.format(folder=str(Path(fakecam.__file__ or "").parent), root=str(root))
    command = [sys.executable, "-c", prelude + program]
    environment = fakecam.env(str(root), log)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.fakecam
def test_list_has_names_ids_and_formats_but_no_metadata(fakecam: ModuleType, webcams: Path) -> None:
    program = (
        "say(cameras=[(c.index, c.stable_id, c.name, [f.pixel_format for f in c.formats]) for c in list_cameras()])"
    )
    (facts,) = _run(fakecam, webcams, program)
    assert facts["cameras"] == [
        [0, "usb-1234-5678-fake-hd-webcam", "Fake HD Webcam", ["YUYV", "YUYV", "MJPG"]],
        [2, "usb-abcd-5678-usb-microscope", "USB Microscope", ["YUYV"]],
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
    facts = _run(fakecam, webcams, program, log)
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
    facts = {f["word"]: f["why"] for f in _run(fakecam, webcams, program)}
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
    (facts,) = _run(fakecam, webcams, program)
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
    (facts,) = _run(fakecam, webcams, program)
    assert facts == {"title": "Fake HD Webcam", "kinds": ["lost", "lost", "live"]}


@pytest.mark.fakecam
def test_pictures_are_right_in_both_formats(fakecam: ModuleType, webcams: Path) -> None:
    program = """
from tests.sources import corpus
import numpy as np
for spec in ("camera:0", "camera:2"):
    with open_source([spec], notices.append, stop) as source:
        bgr = next(iter(source)).bgr
        h, w = bgr.shape[:2]
        say(number=corpus.number_of(np.ascontiguousarray(bgr[:: h // 240, :: w // 320][:240, :320])))
"""
    facts = _run(fakecam, webcams, program)
    assert [f["number"] for f in facts] == [21, 21]
    assert corpus.number_of(corpus.numbered(21)) == 21
