from __future__ import annotations

import threading
from pathlib import Path

from desktop_app.errors import AppError
from desktop_app.sources import expand
from desktop_app.sources.walk import walk


def test_the_same_files_in_the_same_order_as_when_all_are_asked_for(tmp_path: Path, jpegs: list[bytes]) -> None:
    for name in (
        "b/2.jpg",
        "b/10.jpg",
        "a.jpg",
        "a/x.png",
        "c.jpg",
        ".git/y.jpg",
        "b/.z.jpg",
        "b/sub/1.jpg",
        "b/n.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(jpegs[0])
    troubles: list[AppError] = []
    specs = [str(tmp_path), str(tmp_path / "c.jpg"), "http://camera/"]
    found = list(walk(specs, threading.Event(), lambda error, _: troubles.append(error)))
    paths = [str(Path(folder) / name) for folder, names in found for name in names]
    assert paths == expand(specs[:2])
    assert len(troubles) == 1


def test_it_ends_when_it_is_told_to(tmp_path: Path, jpegs: list[bytes]) -> None:
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "x.jpg").write_bytes(jpegs[0])
    stop = threading.Event()
    found = []
    for group in walk([str(tmp_path)], stop, lambda *_: None):
        found.append(group)
        stop.set()
    assert len(found) == 1
