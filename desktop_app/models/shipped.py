"""Networks that came with the program: a bundle holds the starter models ready converted, so that neither their
weights nor torch are needed to run them. Read only; what is damaged is converted anew like any other model."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from desktop_app.core.model import ModelInfo
from desktop_app.paths import resource_path

DIGITS = 32
"""So many digits of the weights' hash begin the name of a converted network's folder."""


@cache
def _folders() -> tuple[Path, ...]:
    root = resource_path("ir")
    return tuple(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else ()


def ir_folder(name: str) -> Path | None:
    """The shipped network of this name (see `conversion`), or `None`. Its seal is checked by whoever reads it."""
    return next((folder for folder in _folders() if folder.name == name), None)


def holds(info: ModelInfo) -> bool:
    """The model can run without its weights. Only hashes of whole files count: they name the network."""
    digest = info.sha256[:DIGITS].lower()
    return len(info.sha256) == 64 and any(folder.name.startswith(f"{digest}-") for folder in _folders())
