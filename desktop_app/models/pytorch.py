"""Whether PyTorch is there, and a sentence where it is not.

A bundle comes without it and takes it from the pack that the user had installed (`pytorch_pack`): a folder of packages
outside the program, made for the same Python.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from desktop_app.errors import PyTorchMissing
from desktop_app.i18n import tr
from desktop_app.paths import packs_dir

CARD = "pack.json"
"""Written last: a pack without it is not whole."""
SITE = "site"


def is_bundle() -> bool:
    """The program runs from a bundle, which no pip can add packages to."""
    return bool(getattr(sys, "frozen", False))


def python_tag() -> str:
    """The Python that a pack must be made for: "cp311"."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}"


def card_of(folder: Path) -> dict[str, Any] | None:
    """What a pack says of itself, `None` where it is not whole."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return card if isinstance(card, dict) and (folder / SITE).is_dir() else None


def packs() -> list[tuple[Path, dict[str, Any]]]:
    """Whole packs with their cards, the newest first, also those for another Python."""
    found = [(folder, card) for folder in packs_dir().glob("pytorch-*") if (card := card_of(folder)) is not None]
    return sorted(found, key=lambda pack: float(pack[1].get("installed_at", 0)), reverse=True)


def active_pack() -> tuple[Path, dict[str, Any]] | None:
    """The pack that this Python can load."""
    return next(((folder, card) for folder, card in packs() if card.get("python") == python_tag()), None)


def activate() -> bool:
    """Makes the pack importable, after everything that the program brings itself. False where there is none."""
    pack = active_pack() if is_bundle() else None
    if pack is None:
        return False
    site = str(pack[0] / SITE)
    if site not in sys.path:
        sys.path[:] = [path for path in sys.path if not _is_of_a_pack(path)] + [site]
        importlib.invalidate_caches()
    return True


def _is_of_a_pack(path: str) -> bool:
    return Path(path).name == SITE and Path(path).parent.parent == packs_dir()


def is_there() -> bool:
    """torch can be imported; a pack that was installed a moment ago counts."""
    if "torch" in sys.modules or importlib.util.find_spec("torch") is not None:
        return True
    return activate() and importlib.util.find_spec("torch") is not None


def require(what: str) -> None:
    """Raises `PyTorchMissing` where torch cannot be imported. `what` needs it: a model or a file."""
    if is_there():
        return
    if not is_bundle():
        raise PyTorchMissing(
            tr("{model} needs PyTorch, which is not installed.", model=what),
            tr("Install it with: pip install {name}", name="torch torchvision timm ultralytics"),
        )
    if packs():
        raise PyTorchMissing(
            tr("{model} needs PyTorch, and the PyTorch pack was made for an older Regard.", model=what),
            tr("Install the pack again: Model → PyTorch pack…, or “regard models pack install”."),
        )
    raise PyTorchMissing(
        tr("{model} needs PyTorch, which does not come with this small Regard.", model=what),
        tr("Install the pack once: Model → PyTorch pack…, or “regard models pack install”."),
    )
