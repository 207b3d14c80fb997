"""Where things lie. The only user of platformdirs.

Each folder can be moved by an environment variable, which the tests and portable installations use.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_APP = "regard"


def _folder(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable) or default)
    path.mkdir(parents=True, exist_ok=True)
    return path


def config_dir() -> Path:
    """Settings (`REGARD_CONFIG_DIR`)."""
    return _folder("REGARD_CONFIG_DIR", platformdirs.user_config_dir(_APP, appauthor=False))


def cache_dir() -> Path:
    """What can be made again: converted networks, compiled networks (`REGARD_CACHE_DIR`)."""
    return _folder("REGARD_CACHE_DIR", platformdirs.user_cache_dir(_APP, appauthor=False))


def models_dir() -> Path:
    """Weights and imported models (`REGARD_MODELS_DIR`)."""
    return _folder("REGARD_MODELS_DIR", str(Path(platformdirs.user_data_dir(_APP, appauthor=False)) / "models"))


def packs_dir() -> Path:
    """What a bundle is extended with: PyTorch (`REGARD_PACKS_DIR`)."""
    return _folder("REGARD_PACKS_DIR", str(Path(platformdirs.user_data_dir(_APP, appauthor=False)) / "packs"))


def log_dir() -> Path:
    """Rotating log and crash traces (`REGARD_LOG_DIR`)."""
    return _folder("REGARD_LOG_DIR", platformdirs.user_log_dir(_APP, appauthor=False))


def pictures_dir() -> Path:
    """Snapshots and recordings (`REGARD_PICTURES_DIR`)."""
    return _folder("REGARD_PICTURES_DIR", str(Path(platformdirs.user_pictures_dir()) / "Regard"))


def resource_path(*parts: str) -> Path:
    """A file of `resources/`, in a checkout (beside the package) and when installed (inside it)."""
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    root = inside if inside.is_dir() else package.parent / "resources"
    return root.joinpath(*parts)
