"""Regard in the desktop's menu, and every trace of it gone again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.cli import integration, run_cli
from desktop_app.paths import cache_dir, config_dir, models_dir, packs_dir


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a thing of Linux")
def test_the_desktop_entry_starts_this_very_program(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["doctor", "--install-desktop-entry"]) == 0
    entry, icon = (Path(line) for line in capsys.readouterr().out.splitlines())
    assert entry.is_relative_to(home)
    assert icon.read_text().startswith("<svg")
    command = next(line for line in entry.read_text().splitlines() if line.startswith("Exec="))
    program = command.removeprefix("Exec=").split('"')[1]
    assert Path(program).parent == Path(sys.executable).parent
    if shutil.which("desktop-file-validate"):
        subprocess.run(["desktop-file-validate", str(entry)], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a thing of Linux")
def test_a_program_in_a_folder_with_odd_letters_is_quoted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", '/opt/a "b" 100 %/regard')
    entry, _ = integration.install_entry()
    assert 'Exec="/opt/a \\"b\\" 100 %%/regard" %F' in entry.read_text().splitlines()


def test_purging_asks_first(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (models_dir() / "net.pt").write_bytes(b"x")
    monkeypatch.setattr(sys, "stdin", None)
    assert run_cli(["doctor", "--purge"]) == 1
    assert str(models_dir()) in capsys.readouterr().out
    assert (models_dir() / "net.pt").is_file()


def test_purging_removes_every_trace_and_no_picture(home: Path, tmp_path: Path) -> None:
    folders = [config_dir(), cache_dir(), models_dir(), packs_dir()]
    for folder in folders:
        (folder / "inner").mkdir()
        (folder / "inner" / "file").write_bytes(b"x")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_bytes(b"x")
    (models_dir() / "link").symlink_to(outside)
    picture = tmp_path / "pictures" / "bus.png"
    picture.parent.mkdir()
    picture.write_bytes(b"x")
    assert run_cli(["doctor", "--purge", "--yes"]) == 0
    names = ("config", "cache", "models", "packs", "log")
    assert [name for name in names if (tmp_path / name).exists()] == []
    assert picture.is_file()
    assert (outside / "mine").is_file(), "links are removed, not followed"
