"""`regard demo:` as it is, with marks at its first painted window, the complete one, the first picture and label.

The classes are wrapped when the program itself imports them, so that nothing is imported earlier than it would be.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from benchmarks.contestants.starting import mark, quiet


def _wrap_app(module: Any) -> None:
    fill_before = module._fill

    def fill(*arguments: Any) -> None:
        # Called after the turn of the event loop in which the picture of the frame was handed to the screen.
        mark("window")
        fill_before(*arguments)

    module._fill = fill


def _wrap_window(module: Any) -> None:
    base = module.MainWindow.paintEvent

    def paint(window: Any, event: Any) -> None:
        base(window, event)
        if window.filled:
            # After this turn of the event loop the picture of the window has been handed to the screen.
            from PySide6.QtCore import QTimer

            QTimer.singleShot(0, lambda: mark("complete"))

    module.MainWindow.paintEvent = paint


def _wrap_view(module: Any) -> None:
    paint_before, results_before = module.VideoView.paintEvent, module.VideoView.set_results
    labelled: set[int] = set()

    def set_results(view: Any, results: Sequence[Any], names: Any) -> None:
        results_before(view, results, names)
        if any(len(getattr(result.prediction, "confidence", (0,))) for result in results):
            labelled.add(id(view))

    def paint(view: Any, event: Any) -> None:
        paint_before(view, event)
        if view.frame is not None:
            mark("picture")
            if id(view) in labelled:
                mark("label")

    module.VideoView.paintEvent, module.VideoView.set_results = paint, set_results


WRAPPED: dict[str, Callable[[Any], None]] = {
    "desktop_app.app": _wrap_app,
    "desktop_app.gui.main_window": _wrap_window,
    "desktop_app.gui.video_view": _wrap_view,
}


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> Any:
        wrap = WRAPPED.get(name)
        if wrap is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            wrap(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


if __name__ == "__main__":
    quiet()
    sys.meta_path.insert(0, _Finder())
    from desktop_app.__main__ import main

    sys.exit(main(sys.argv[1:]))
