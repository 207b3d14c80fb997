"""int8 networks that the user had made ("Turbo"): where they lie and whether they may be used.

They lie beside the models, not in the cache: they were calibrated on the user's own frames, which nobody keeps.
Cheap to import; `quantising` makes them.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from desktop_app.core.model import ModelInfo
from desktop_app.core.turbo import TurboReport
from desktop_app.errors import ModelError
from desktop_app.i18n import tr
from desktop_app.models.download import sha256_of
from desktop_app.models.engines import Network
from desktop_app.paths import models_dir

log = logging.getLogger(__name__)

# Counts up when the same weights and frames give another network.
RECIPE = 1
NETWORK, REPORT, SEAL = "network.xml", "report.json", "seal.json"
SEALED = (NETWORK, "network.bin", REPORT)


@cache
def _release() -> str:
    """Of OpenVINO, without importing it."""
    try:
        return importlib.metadata.version("openvino").split("-")[0]
    except importlib.metadata.PackageNotFoundError:  # a bundle may come without
        from desktop_app.models.engines.silent_openvino import openvino

        return str(openvino().__version__).split("-")[0]


def _suffix() -> str:
    return f"-int8-{_release()}-{RECIPE}"


def root() -> Path:
    return models_dir() / "turbo"


def folder_of(network: Network) -> Path:
    """Where the int8 network lies or will lie; other weights, input or OpenVINO give another place."""
    size = "any" if network.dynamic else f"{network.height}x{network.width}"
    return root() / f"{network.digest[:32]}-{size}{_suffix()}"


def seal(folder: Path) -> None:
    """Notes what the files are now."""
    hashes = {name: sha256_of(folder / name) for name in SEALED}
    (folder / SEAL).write_text(json.dumps(hashes), encoding="utf-8")


def _is_whole(folder: Path) -> bool:
    try:
        hashes = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        return all(hashes[name] == sha256_of(folder / name) for name in SEALED)
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.info("int8 network %s unreadable: %s", folder, error)
        return False


def ir_of(network: Network) -> Path | None:
    """The int8 network as OpenVINO reads it, or `None` where there is none that is whole."""
    folder = folder_of(network)
    return folder / NETWORK if _is_whole(folder) else None


def _read_report(folder: Path) -> TurboReport | None:
    try:
        return msgspec.json.decode((folder / REPORT).read_bytes(), type=TurboReport)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        log.info("report of %s unreadable: %s", folder, error)
        return None


def _all() -> Iterator[tuple[Path, TurboReport]]:
    """Every int8 network with its report, those of other releases too."""
    if root().is_dir():
        for folder in sorted(root().glob("*-int8-*")):
            report = _read_report(folder)
            if report is not None:
                yield folder, report


def report_of(info: ModelInfo) -> TurboReport | None:
    """What was measured of the model's int8 network, `None` where it has none for this release."""
    for folder, report in _all():
        right = report.key == info.key and report.digest.startswith(info.sha256)
        if right and folder.name.endswith(_suffix()) and (folder / NETWORK).is_file():
            return report
    return None


def is_ready(info: ModelInfo) -> bool:
    """There is an int8 network (whether it is whole is looked at when it is loaded)."""
    return report_of(info) is not None


def reports() -> tuple[TurboReport, ...]:
    """Of every int8 network that is there for this release."""
    return tuple(report for folder, report in _all() if folder.name.endswith(_suffix()))


def agrees(network: Network) -> bool:
    """There is an int8 network, and it said nearly the same as the full one: it may be stepped down to unasked."""
    report = _read_report(folder_of(network))
    return report is not None and report.close is True and ir_of(network) is not None


def write_report(folder: Path, report: TurboReport) -> None:
    (folder / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))


def scratch_prefix(pid: int) -> str:
    """How the folder begins in which the process `pid` puts a network together."""
    return f"new-{pid}-"


def sweep(pid: int) -> None:
    """Deletes what a killed process left."""
    for folder in root().glob(f"{scratch_prefix(pid)}*"):
        shutil.rmtree(folder, ignore_errors=True)


def remove(key: str) -> bool:
    """Deletes the int8 networks of a model; False where there were none. The model itself stays."""
    folders = [folder for folder, report in _all() if report.key == key]
    for folder in folders:
        try:
            # The seal first: what is left by an error is not used.
            (folder / SEAL).unlink(missing_ok=True)
            shutil.rmtree(folder)
        except OSError as error:
            raise ModelError(
                tr("The int8 network of {model} cannot be deleted: {reason}.", model=key, reason=error.strerror),
                tr("Stop the model and try again."),
            ) from error
    return bool(folders)
