"""The one way to import OpenCV: it reads its environment when it is loaded, and leaves Qt's changed."""

from __future__ import annotations

import os
import threading
from types import ModuleType

from desktop_app.sources.limits import MAX_PIXELS

_ENVIRONMENT = {
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(MAX_PIXELS),
    "OPENCV_LOG_LEVEL": "FATAL",  # errors are told by us; OpenCV would print addresses with their passwords
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    # RTSP over TCP (UDP tears pictures); no protocol that reads local files by another name (concat:, subfile:, data:).
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp|protocol_whitelist;file,http,https,httpproxy,tcp,tls,rtp,rtsp",
    # Media Foundation looks for a graphics card that could convert pictures, for up to a minute.
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
    # On macOS the window asks for leave to use cameras; OpenCV would ask too, but cannot from a thread that captures.
    "OPENCV_AVFOUNDATION_SKIP_AUTH": "1",
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "1",  # seconds that a read may block; 10 by default
}
# The wheel of OpenCV carries its own Qt and points these at it, which would break PySide6 in the same process.
_QT = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
_lock = threading.Lock()


def import_cv2() -> ModuleType:
    """`cv2`, with our limits and without its traces in Qt's environment."""
    with _lock:
        os.environ.update(_ENVIRONMENT)
        before = {name: os.environ.get(name) for name in _QT}
        import cv2

        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        return cv2
