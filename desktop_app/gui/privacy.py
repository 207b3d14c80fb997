"""The page of the system's settings where cameras are allowed."""

from __future__ import annotations

import sys

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_ADDRESSES = {
    "win32": "ms-settings:privacy-webcam",
    "darwin": "x-apple.systempreferences:com.apple.preference.security?Privacy_Camera",
}


def privacy_address() -> str:
    """Empty on systems that have no such page: on Linux it is a matter of groups."""
    return _ADDRESSES.get(sys.platform, "")


def open_privacy_settings() -> None:
    QDesktopServices.openUrl(QUrl(privacy_address()))
