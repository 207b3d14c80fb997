"""`regard doctor --install-desktop-entry` and `--purge`: what Regard leaves in the user's home, made and removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from desktop_app.errors import AppError
from desktop_app.i18n import tr
from desktop_app.paths import resource_path

APP_ID = "org.regard.Regard"
_MIME = (
    "image/jpeg;image/png;image/webp;image/bmp;image/tiff;image/gif;image/heif;image/avif;video/mp4;video/x-matroska;"
    "video/webm;video/quicktime;video/x-msvideo;video/mpeg;inode/directory;"
)


def _data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def entry_files() -> list[Path]:
    """The desktop entry and its icon, whether they are there or not."""
    icons = _data_home() / "icons" / "hicolor" / "scalable" / "apps"
    return [_data_home() / "applications" / f"{APP_ID}.desktop", icons / f"{APP_ID}.svg"]


def _start_command() -> str:
    """How this very Regard is started, as a desktop entry spells it."""
    if getattr(sys, "frozen", False):
        words = [sys.executable]
    else:
        beside = Path(sys.executable).with_name("regard")
        words = [str(beside)] if beside.is_file() else [sys.executable, "-m", "desktop_app"]
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    """By the rules of the desktop entry specification."""
    for special in ("\\", '"', "`", "$"):
        word = word.replace(special, "\\\\" if special == "\\" else f"\\{special}")
    return f'"{word}"'.replace("%", "%%")


def install_entry() -> list[Path]:
    """Regard in the menu of the desktop, for this user. Returns what was written."""
    if not sys.platform.startswith("linux"):
        raise AppError(
            tr("Desktop entries are a thing of Linux."),
            tr("Make a shortcut to the program with the system’s own means."),
        )
    entry, icon = entry_files()
    text = f"""\
[Desktop Entry]
Type=Application
Version=1.4
Name=Regard
GenericName=Image recognition
GenericName[fr]=Reconnaissance d’images
Comment=Recognise what a camera or a file shows
Comment[fr]=Reconnaître ce que montre une caméra ou un fichier
Exec={_start_command()} %F
Icon={APP_ID}
Terminal=false
StartupWMClass=regard
Categories=Science;ArtificialIntelligence;ImageProcessing;Qt;
MimeType={_MIME}
"""
    try:
        for path in (entry, icon):
            path.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text(text, encoding="utf-8")
        shutil.copyfile(resource_path("program", "regard.svg"), icon)
    except OSError as error:
        raise AppError(
            tr("{path} cannot be written: {reason}.", path=error.filename or entry, reason=error.strerror or error)
        ) from error
    _refresh(entry.parent)
    return [entry, icon]


def _refresh(folder: Path) -> None:
    """Menus read their cache; without the tool they find the file by themselves."""
    tool = shutil.which("update-desktop-database")
    if tool is not None:
        subprocess.run([tool, "-q", str(folder)], check=False, capture_output=True)


def traces() -> list[Path]:
    """Everything of Regard outside of the program itself: settings, window, models, packs, cache, log, entries.

    Pictures and recordings are the user's and are not among them.
    """
    from desktop_app import paths

    log = paths.log_dir()
    own = [
        paths.config_dir(),
        paths.models_dir(),
        paths.packs_dir(),
        paths.cache_dir(),
        log.parent if log.parent.name == "regard" else log,
        *entry_files(),
    ]
    # The folder that holds models and packs, where they lie in their usual place.
    usual = paths.models_dir().parent
    if paths.packs_dir().parent == usual and usual.name == "regard":
        own = [path for path in own if path.parent != usual] + [usual]
    return [path for path in dict.fromkeys(own) if path.exists()]


def password_places() -> list[str]:
    """Hosts of network cameras whose password the keyring may hold for Regard."""
    from desktop_app.core import passwords
    from desktop_app.core.address import is_network, place_of
    from desktop_app.settings import load_settings

    settings, _ = load_settings()
    addresses = [*(camera[1] for camera in settings.network_cameras if len(camera) == 2), *settings.recent_sources]
    places = list(dict.fromkeys(place_of(address) for address in addresses if is_network(address)))
    if not places or not passwords.available():
        return []
    return [place for place in places if passwords.load(place) is not None]


def forget_passwords(places: Iterable[str]) -> None:
    from desktop_app.core import passwords

    for place in places:
        passwords.forget(place)


def size_of(path: Path) -> int:
    if not path.is_dir() or path.is_symlink():
        return path.lstat().st_size
    return sum(entry.lstat().st_size for entry in path.rglob("*") if not entry.is_dir())


def purge(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Deletes them; returns what could not be deleted and why. Links are removed, never followed."""
    failed = []
    for path in paths:
        try:
            if path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
            else:
                shutil.rmtree(path)
        except OSError as error:
            failed.append((path, error.strerror or str(error)))
    _refresh(entry_files()[0].parent)
    return failed
