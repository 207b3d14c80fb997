"""Answers that outlive the process: found again for the same file and setup, and for nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.recogniser.batch_store import BatchStore, Kept, Stamp, store_file

STAMP = Stamp(10, 20, 1, 7)


def kept(name: bytes = b"a.jpg", *, folder: bytes = b"/p", setup: str = "s", answer: bytes = b"yes") -> Kept:
    return Kept(folder, setup, name, STAMP, answer)


@pytest.fixture
def troubles() -> list[str]:
    return []


def test_what_was_kept_is_known_to_the_next_one(troubles: list[str]) -> None:
    first = BatchStore(troubles.append)
    first.keep([kept(), kept(b"\xff.jpg", answer=b"odd")])
    first.close()
    second = BatchStore(troubles.append)
    assert second.known(b"/p", "s") == {b"a.jpg": (STAMP, b"yes"), b"\xff.jpg": (STAMP, b"odd")}
    assert second.known(b"/p", "another model") == {}
    assert second.known(b"/q", "s") == {}
    second.close()
    assert troubles == []


def test_a_later_answer_takes_the_place_of_the_first(troubles: list[str]) -> None:
    store = BatchStore(troubles.append)
    store.keep([kept()])
    store.keep([kept(answer=b"no")])
    assert store.known(b"/p", "s") == {b"a.jpg": (STAMP, b"no")}
    store.forget([b"/p"], ["s"])
    assert store.known(b"/p", "s") == {}
    store.close()


def test_nothing_of_what_was_kept_is_lost_by_a_kill(troubles: list[str]) -> None:
    script = (
        "import os, signal\n"
        "from desktop_app.recogniser.batch_store import BatchStore, Kept, Stamp\n"
        "store = BatchStore(print)\n"
        "for n in range(50): store.keep([Kept(b'/p', 's', b'%d.jpg' % n, Stamp(1, 2, 3, 4), b'x')])\n"
        "os.kill(os.getpid(), 9)\n"
    )
    if os.name == "nt":
        pytest.skip("signals")
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    store = BatchStore(troubles.append)
    assert len(store.known(b"/p", "s")) == 50
    store.close()
    assert troubles == []


def test_a_file_that_is_no_database_is_replaced(troubles: list[str]) -> None:
    store_file().write_bytes(b"this is no database" * 500)
    store = BatchStore(troubles.append)
    store.keep([kept()])
    assert store.known(b"/p", "s")
    store.close()
    assert troubles == []


def test_a_folder_that_cannot_be_written_is_told_once_and_the_batch_goes_on(
    tmp_path: Path, troubles: list[str]
) -> None:
    store = BatchStore(troubles.append, tmp_path / "absent" / "x.sqlite3")
    store.keep([kept()])
    assert store.known(b"/p", "s")
    store.close()
    assert len(troubles) == 1


def test_the_oldest_folders_go_first(troubles: list[str]) -> None:
    store = BatchStore(troubles.append)
    for number in range(40):
        store.keep([kept(folder=b"/%d" % number, answer=bytes(50_000))])
    store._database.execute("UPDATE folders SET used = id")
    store.tidy(1_000_000)
    assert store.known(b"/0", "s") == {}
    assert store.known(b"/39", "s")
    store.close()


def test_a_file_counts_as_the_same_by_its_entry() -> None:
    assert STAMP.same(STAMP)
    assert not STAMP.same(Stamp(11, 20, 1, 7))
    assert not STAMP.same(Stamp(10, 21, 1, 7))
    assert not STAMP.same(Stamp(10, 20, 1, 8))  # another file was moved to its place
    assert STAMP.same(Stamp(10, 20, 2, 8))  # a network folder, mounted again
    assert Stamp.of("/nowhere/at/all") is None
