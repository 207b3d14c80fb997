"""What a spec means, and what is refused before anything is opened."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from desktop_app.core.natural_order import natural_key
from desktop_app.core.source import Notify, SourceNotice
from desktop_app.errors import SourceError, SourceUnreadable
from desktop_app.sources import describe, expand, open_source
from desktop_app.sources.sniff import file_kind, image_format, is_video


@pytest.mark.parametrize(
    "spec",
    [
        "concat:a.mp4|b.mp4",
        "subfile:,,start,0,end,9,,:/etc/passwd",
        "data:image/png;base64,AAAA",
        "ftp://host/x",
        "udp://@:1",
    ],
)
def test_other_schemes_never_reach_ffmpeg(spec: str, notify: Notify, stop: threading.Event) -> None:
    with pytest.raises(SourceUnreadable, match="does not open") as caught, open_source([spec], notify, stop):
        pass
    assert caught.value.hint


@pytest.mark.parametrize("specs", [[], [""], ["a\0b"]])
def test_nothing_is_refused(specs: list[str], notify: Notify, stop: threading.Event) -> None:
    with pytest.raises(SourceUnreadable, match="Nothing to open"):
        open_source(specs, notify, stop)


def test_file_urls_and_names_that_look_like_schemes(
    tmp_path: Path, jpegs: list[bytes], notify: Notify, stop: threading.Event
) -> None:
    odd = tmp_path / "data:é ü?#%41.jpg"
    odd.write_bytes(jpegs[0])
    for spec in (str(odd), odd.as_uri(), odd.as_uri().replace("file://", "file://localhost")):
        with open_source([spec], notify, stop) as source:
            assert source.info.title == odd.name
    with pytest.raises(SourceUnreadable, match="another computer"), open_source(["file://nas/x.jpg"], notify, stop):
        pass


@pytest.mark.parametrize(
    "spec",
    [
        "demo:?frames=0",
        "demo:?frames=-1",
        "demo:?fps=0",
        "demo:?fps=nan",
        "demo:?size=9x9",
        "demo:?color=red",
        "demo:x",
    ],
)
def test_options_of_the_demo_are_checked(spec: str, notify: Notify, stop: threading.Event) -> None:
    with pytest.raises(SourceUnreadable, match="not an address of the demo"), open_source([spec], notify, stop):
        pass


def test_demo_is_the_same_every_time_and_never_leaves_the_photograph(notify: Notify, stop: threading.Event) -> None:
    with open_source(["demo:?frames=30&fps=1.25&size=320x240"], notify, stop) as source:
        first = [f.bgr.copy() for f in source]
        assert source.info.duration == 24.0
    with open_source(["demo:?frames=30&fps=1.25&size=320x240"], notify, stop) as source:
        assert all((a == f.bgr).all() for a, f in zip(first, source, strict=True))
    assert len({bgr.tobytes() for bgr in first}) >= 28
    # A replicated border would be a run of equal lines.
    for bgr in first:
        assert (bgr[0] != bgr[1]).any()
        assert (bgr[-1] != bgr[-2]).any()
        assert (bgr[:, 0] != bgr[:, 1]).any()
        assert (bgr[:, -1] != bgr[:, -2]).any()


def test_natural_order() -> None:
    names = ["img10.jpg", "IMG2.jpg", "img1.jpg", "a.jpg", "10.jpg", "9.jpg", "img02b.jpg"]
    assert sorted(names, key=natural_key) == [
        "9.jpg",
        "10.jpg",
        "a.jpg",
        "img1.jpg",
        "IMG2.jpg",
        "img02b.jpg",
        "img10.jpg",
    ]


def test_expand_walks_subfolders(tmp_path: Path, jpegs: list[bytes]) -> None:
    for name in ("b/2.jpg", "b/10.jpg", "a/x.png", ".git/y.jpg", "b/.z.jpg", "b/no_suffix", "b/notes.txt", "b/bad.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"text" if path.name in ("notes.txt", "bad.jpg") else jpegs[0])
    found = [os.path.relpath(path, tmp_path) for path in expand([str(tmp_path)])]
    assert found == ["a/x.png", "b/2.jpg", "b/10.jpg", "b/bad.jpg", "b/no_suffix"]
    assert expand(["camera.jpg", str(tmp_path / "a")]) == ["camera.jpg", str(tmp_path / "a" / "x.png")]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have Unicode names only")
def test_a_folder_with_an_undecodable_name(
    tmp_path: Path, jpegs: list[bytes], notify: Notify, stop: threading.Event
) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.jpg")).write_bytes(jpegs[5])
    with open_source([str(tmp_path)], notify, stop) as source:
        frames = list(source)
    assert len(frames) == 1
    path = frames[0].path
    assert path is not None
    assert path.encode()
    assert describe(path) == "a\\xff.jpg"
    with open_source([path], notify, stop) as again:
        assert again.info.width == 320


def test_titles() -> None:
    assert describe("camera:0") == "Camera 0"
    assert describe("demo:") == "Demo"
    assert describe("/a/b/holiday.mp4") == "holiday.mp4"
    assert describe("/a/line\nbreak\u202e.jpg") == "line\\nbreak\\u202e.jpg"
    assert describe("concat:a") == "concat:a"


_HEADS: list[tuple[bytes, str | None, bool]] = [
    (b"\0\0\0\x1cftypavif\0\0\0\0mif1", "AVIF", False),
    (b"\0\0\0\x1cftypheic\0\0\0\0mif1", "HEIC", False),
    (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", None, True),
    (b"RIFF\0\0\0\0AVI LIST", None, True),
    (b"RIFF\0\0\0\0WAVEfmt ", None, False),
    (b"BMW is a maker of cars", None, False),
    (b"P6 is not", "PPM", False),
    (b"#EXTM3U\n", None, False),
    (b"", None, False),
]


@pytest.mark.parametrize(("head", "picture", "video"), _HEADS)
def test_sniffing(head: bytes, picture: str | None, video: bool) -> None:
    assert (image_format(head), is_video(head)) == (picture, video)


def test_kind_is_told_by_content_not_by_name(tmp_path: Path, jpegs: list[bytes], media: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(jpegs[0])
    (tmp_path / "b.jpg").write_bytes((media / "clip.webm").read_bytes())
    (tmp_path / "c.jpg").write_text("text")
    assert [file_kind(str(tmp_path / name)) for name in ("a.mp4", "b.jpg", "c.jpg", "gone")] == [
        "image",
        "video",
        "other",
        "other",
    ]


def test_a_mixed_list_survives_everything(tmp_path: Path, notify: Notify, stop: threading.Event) -> None:
    specs = [str(tmp_path / "gone.jpg"), "/dev/zero" if os.name == "posix" else "gone", str(tmp_path)]
    with open_source(specs, notify, stop) as source:
        assert list(source) == []


def test_addresses_among_files_are_left_out(
    tmp_path: Path, jpegs: list[bytes], notices: list[SourceNotice], notify: Notify, stop: threading.Event
) -> None:
    (tmp_path / "a.jpg").write_bytes(jpegs[0])
    with open_source(["camera:0", "http://x@y/z", "concat:a", str(tmp_path / "a.jpg")], notify, stop) as source:
        assert len(list(source)) == 1
    assert [(n.kind, n.path) for n in notices] == [
        ("skipped", "camera:0"),
        ("skipped", "http://y/z"),
        ("skipped", "concat:a"),
    ]


def test_importing_the_sources_is_light_and_opencv_leaves_qt_alone() -> None:
    program = (
        "import os, sys, desktop_app.sources as s\n"
        "heavy = {'cv2', 'torch', 'av', 'PIL', 'PySide6'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "os.environ['QT_QPA_FONTDIR'] = '/mine'\n"
        "cv2 = s.import_cv2()\n"
        "assert os.environ['QT_QPA_FONTDIR'] == '/mine'\n"
        "assert 'QT_QPA_PLATFORM_PLUGIN_PATH' not in os.environ\n"
        "assert os.environ['OPENCV_IO_MAX_IMAGE_PIXELS'] == '100000000'\n"
        "assert cv2.utils.logging.getLogLevel() == cv2.utils.logging.LOG_LEVEL_FATAL\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("QT_QPA_PLATFORM_PLUGIN")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_refusal_is_an_error_with_a_hint(notify: Notify, stop: threading.Event) -> None:
    for spec in ("camera:999", "camera:no-such-thing", "camera:-1", "camera:", "/nowhere/x.jpg", "http://", "x:"):
        with pytest.raises(SourceError) as caught, open_source([spec], notify, stop):
            pass
        assert caught.value.message
        assert caught.value.hint
