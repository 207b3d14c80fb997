"""The answers on the pictures of batches, kept on the disk as they come: what was interrupted goes on where it was.

SQLite, since it survives a kill and a power cut at any moment and lets two windows write at once. An answer counts for
a file (folder, name, size, time of change, inode) and a setup: everything that decides what the model says.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from desktop_app.paths import cache_dir

log = logging.getLogger(__name__)

MOST_BYTES = 512 << 20
"""Beyond that the folders that were not opened for longest are forgotten."""
_TABLES = """
CREATE TABLE IF NOT EXISTS folders (id INTEGER PRIMARY KEY, path BLOB UNIQUE NOT NULL, used INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS setups (id INTEGER PRIMARY KEY, setup TEXT UNIQUE NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    folder INTEGER NOT NULL, setup INTEGER NOT NULL, name BLOB NOT NULL,
    size INTEGER NOT NULL, changed INTEGER NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL,
    answer BLOB NOT NULL, PRIMARY KEY (folder, setup, name)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which content a file has, as far as its entry in the folder tells."""

    size: int
    changed: int
    device: int
    inode: int

    @staticmethod
    def of(path: str) -> Stamp | None:
        """`None` where there is no such file."""
        try:
            found = Path(path).stat()
        except (OSError, ValueError):
            return None
        # SQLite's integers have a sign.
        return Stamp(found.st_size, found.st_mtime_ns, _signed(found.st_dev), _signed(found.st_ino))

    def same(self, other: Stamp) -> bool:
        """A network folder numbers its files anew each time it is mounted, as another device."""
        moved = self.device == other.device and self.inode != other.inode
        return (self.size, self.changed) == (other.size, other.changed) and not moved


@dataclass(frozen=True, slots=True)
class Kept:
    folder: bytes
    setup: str
    name: bytes
    stamp: Stamp
    answer: bytes


def _signed(number: int) -> int:
    return ((number + (1 << 63)) & ((1 << 64) - 1)) - (1 << 63)


def store_file() -> Path:
    return cache_dir() / "batches.sqlite3"


class BatchStore:
    """May be called from any thread. What cannot be kept is told once through `trouble`; nothing raises."""

    def __init__(self, trouble: Callable[[str], None], path: Path | None = None) -> None:
        self._trouble = trouble
        self._told = False
        self._lock = threading.Lock()
        self._path = path or store_file()
        self._ids: dict[tuple[str, bytes | str], int] = {}
        self._database = self._open()

    def known(self, folder: bytes, setup: str) -> dict[bytes, tuple[Stamp, bytes]]:
        """What is known of a folder, by file name: the answer, and the content that it is about."""
        with self._lock:
            try:
                ids = self._id("folders", folder), self._id("setups", setup)
                self._database.execute("UPDATE folders SET used = ? WHERE id = ?", (int(time.time()), ids[0]))
                self._database.commit()
                rows = self._database.execute(
                    "SELECT name, size, changed, device, inode, answer FROM answers WHERE folder = ? AND setup = ?", ids
                ).fetchall()
            except sqlite3.Error as error:
                self._failed(error)
                return {}
        self._told = False
        return {name: (Stamp(*stamp), answer) for name, *stamp, answer in rows}

    def keep(self, found: Sequence[Kept]) -> None:
        """All of them, or after a crash none; on the disk when it returns."""
        with self._lock:
            try:
                rows = [
                    (
                        self._id("folders", each.folder),
                        self._id("setups", each.setup),
                        each.name,
                        each.stamp.size,
                        each.stamp.changed,
                        each.stamp.device,
                        each.stamp.inode,
                        each.answer,
                    )
                    for each in found
                ]
                self._database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
                self._database.commit()
                self._told = False
            except sqlite3.Error as error:
                self._failed(error)

    def forget(self, folders: Iterable[bytes], setups: Iterable[str]) -> None:
        """What these setups said of these folders."""
        setups = list(setups)
        with self._lock:
            try:
                for folder in folders:
                    ids = [(self._id("folders", folder), self._id("setups", setup)) for setup in setups]
                    self._database.executemany("DELETE FROM answers WHERE folder = ? AND setup = ?", ids)
                self._database.commit()
            except sqlite3.Error as error:
                self._failed(error)

    def tidy(self, most: int = MOST_BYTES) -> None:
        """Forgets the folders that were not opened for longest until the file is small enough."""
        with self._lock:
            try:
                while self._bytes() > most:
                    oldest = self._database.execute("SELECT id FROM folders ORDER BY used LIMIT 1").fetchone()
                    if oldest is None:
                        return
                    self._database.execute("DELETE FROM answers WHERE folder = ?", oldest)
                    self._database.execute("DELETE FROM folders WHERE id = ?", oldest)
                    self._database.commit()
                    self._ids.clear()
            except sqlite3.Error as error:
                self._failed(error)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    # --- the database -----------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        """A file that is no database any more is put aside; without any the answers are kept in memory."""
        for _ in range(2):
            try:
                return self._connect(str(self._path))
            except sqlite3.DatabaseError as error:
                log.info("%s is unusable: %s", self._path, error)
                if isinstance(error, sqlite3.OperationalError):  # locked, full, not writable: it may be sound
                    break
                for suffix in ("", "-wal", "-shm"):
                    self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._trouble(str(self._path))
        return self._connect(":memory:")

    @staticmethod
    def _connect(path: str) -> sqlite3.Connection:
        database = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            # Each commit is on the disk, power cut or not.
            database.execute("PRAGMA synchronous = FULL")
            database.executescript(_TABLES)
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _id(self, table: str, value: bytes | str) -> int:
        known = self._ids.get((table, value))
        if known is None:
            column = "path" if table == "folders" else "setup"
            with closing(self._database.cursor()) as cursor:
                if table == "folders":
                    cursor.execute(
                        "INSERT OR IGNORE INTO folders (path, used) VALUES (?, ?)", (value, int(time.time()))
                    )
                else:
                    cursor.execute("INSERT OR IGNORE INTO setups (setup) VALUES (?)", (value,))
                found = cursor.execute(f"SELECT id FROM {table} WHERE {column} = ?", (value,)).fetchone()  # noqa: S608
            known = self._ids[table, value] = int(found[0])
        return known

    def _bytes(self) -> int:
        pages, free, size = (
            int(self._database.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def _failed(self, error: sqlite3.Error) -> None:
        try:
            self._database.rollback()
        except sqlite3.Error:
            log.info("no rollback", exc_info=True)
        self._ids.clear()
        log.info("answers of a batch could not be kept: %s", error)
        if not self._told:
            self._told = True
            self._trouble(str(error))
