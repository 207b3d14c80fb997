"""Kinds of video files, without what writes them."""

from __future__ import annotations

from typing import Literal

Format = Literal["mp4", "mkv"]
