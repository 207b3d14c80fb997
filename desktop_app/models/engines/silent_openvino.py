"""The one door to the package `openvino`: importing it otherwise sends a telemetry event to its makers."""

from __future__ import annotations

import sys
from typing import Any, cast


def openvino() -> Any:
    """The package. Its telemetry is made unimportable first; OpenVINO carries a stub for that case."""
    if "openvino" not in sys.modules:
        cast(dict[str, Any], sys.modules)["openvino_telemetry"] = None
    import openvino

    return openvino
