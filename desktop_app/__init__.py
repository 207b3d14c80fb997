"""Regard: recognises what a camera or a file shows, and shows what the network sees."""

__version__ = "0.1.0"
