"""Regard: recognises what a camera or a file shows, and shows what the network sees."""

try:
    from desktop_app._version import __version__
except ImportError:  # a checkout that was never installed
    __version__ = "0.1.0"

__all__ = ["__version__"]
