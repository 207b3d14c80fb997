"""One bar for all the work on a model: fetch, conversion and loading follow each other, and it never goes back."""

from __future__ import annotations

from desktop_app.core.progress import Progress

FETCHED, CONVERTED = 0.8, 0.98
"""Where the bar stands after the fetch and after the conversion. Of what was fetched earlier the fetch takes none."""


class WholeWork:
    """How far each model is, 0 to 1, by key; absent where nothing is known."""

    def __init__(self) -> None:
        self._shares: dict[str, float] = {}
        self._fetched: set[str] = set()

    def add(self, progress: Progress) -> None:
        key = progress.key
        if progress.stage in ("ready", "failed"):
            self.forget(key)
            return
        share = self._share(progress)
        if share is not None:
            # Several files are fetched one after the other, each from nought.
            self._shares[key] = max(share, self._shares.get(key, 0.0))

    def _share(self, progress: Progress) -> float | None:
        if progress.stage == "fetch":
            self._fetched.add(progress.key)
            return None if progress.fraction is None else FETCHED * progress.fraction
        if progress.stage == "load":
            return CONVERTED if progress.key in self._shares else None
        start = FETCHED if progress.key in self._fetched else 0.0
        return start + (CONVERTED - start) * (progress.fraction or 0.0)

    def forget(self, key: str) -> None:
        self._shares.pop(key, None)
        self._fetched.discard(key)

    def share(self, key: str) -> float | None:
        return self._shares.get(key)
