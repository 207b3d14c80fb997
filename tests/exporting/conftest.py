from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_monitor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The progress bars of supervision and Ultralytics would leave a thread behind."""
    from tqdm import tqdm

    monkeypatch.setattr(tqdm, "monitor_interval", 0)
