"""Where the window says how pictures are to be spoiled. A thread of its own hands it on, as long as anything is."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.core.pipeline import Pipeline
from desktop_app.core.stress import NONE, Stress
from desktop_app.recogniser import messages as m
from desktop_app.recogniser.beside import Beside


class StressDesk(Beside):
    """`set` never waits. A picture that is held is recognised anew for each wish; of the wishes that come meanwhile,
    from a slider that is drawn, the newest counts."""

    name = "stress"

    def __init__(self, pipeline: Pipeline, crashed: Callable[[Exception], None]) -> None:
        super().__init__()
        self._pipeline, self._crashed = pipeline, crashed
        self._wish, self._done = NONE, NONE

    def set(self, command: m.SetStress) -> None:
        with self._changed:
            self._wish = command.stress
            self._wake(begin=self._wish != self._done)

    def _run(self) -> None:
        from desktop_app.sources.spoiling import Spoiler, forget

        while (stress := self._next()) is not None:
            try:
                self._pipeline.set_spoil(Spoiler(stress) if stress != NONE else None)
            except Exception as error:
                self._crashed(error)
        forget()

    def _next(self) -> Stress | None:
        """The wish, once it is another than what is done; `None` where nothing is to be spoiled any more."""
        with self._changed:
            while not self._stopped:
                if self._wish != self._done:
                    self._done = self._wish
                    return self._wish
                if self._wish == NONE:
                    break
                self._changed.wait()
            self._thread = None
            return None
