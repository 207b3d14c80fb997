"""What a source may take before it is given up: one place, so that the tests and the messages agree."""

from __future__ import annotations

import sys

SYSTEM: str = sys.platform
"""A variable, so that the type checker looks at the branches of all systems."""

MAX_PIXELS = 100_000_000
"""A larger picture is refused by its header; decoded it would take more than 1 GB."""

STALL_SECONDS = 1.5
"""A camera that sends no frame for so long has lost its signal: the picture says so within 2 s."""

FIRST_FRAME_SECONDS = 5.0
"""An opened camera or stream has so long for its first frame."""

ANSWER_SECONDS = 4.0
"""A server has so long to answer the first question."""

OPEN_SECONDS = 4.0
"""FFmpeg has so long to open a network stream."""

STREAM_STALL_SECONDS = 1.7
"""A network stream that sends no frame for so long has lost its signal: the picture says so before 2 s are over."""

STALE_SECONDS = 5.0
"""After so long without a reader (a machine that slept) a live source starts anew instead of replaying its backlog."""

KNOCK_SECONDS = 1.0
"""While it waits, a lost network camera is asked so often whether it is there."""

PATIENCE_SECONDS = 2.0
"""One that answers but gives no pictures is opened again after so long, instead of ever later."""

RETRY_DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
"""Seconds between the attempts to get a lost source back; the last one repeats."""

PRESENT_DELAY = 1.0
"""The longest wait for a camera that is there, but busy or silent: it is live again within 3 s of being free."""

WATCH_SECONDS = 0.5 if SYSTEM == "linux" else 1.5
"""So often it is looked whether cameras came or went; that is cheap where it means to read a folder."""

LOOK_SECONDS = 0.25
"""While it waits, a lost source looks so often whether its device is there again."""

BAD_READS = 50
"""So many unreadable frames in a row end a damaged video."""
