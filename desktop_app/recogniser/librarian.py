"""The models of the recogniser process: loading for the lanes, preparing in the background, importing, removing."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

from desktop_app.core.model import Model, Placement, Use
from desktop_app.core.progress import Progress
from desktop_app.errors import AppError, ModelError, PyTorchMissing, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m

_Tasks = queue.SimpleQueue[Callable[[], None] | None]
_PROGRESS_EVERY = 0.1
"""Seconds between two progress events of one model."""


def _pack_helps(error: AppError) -> bool:
    from desktop_app.models import pytorch

    return isinstance(error, PyTorchMissing) and pytorch.is_bundle()


class Librarian:
    def __init__(self, send: Callable[[m.Event], None]) -> None:
        self._send = send
        # Preparing may take minutes; a question or an import must not wait behind it.
        self._tasks: _Tasks = queue.SimpleQueue()
        self._preparations: _Tasks = queue.SimpleQueue()
        self._cancels: dict[str, threading.Event] = {}
        # One load or conversion of a model at a time: the second finds what the first made.
        self._busy: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._editions: defaultdict[str, int] = defaultdict(int)
        self._told: dict[str, float] = {}
        self._loads = 0
        self._loads_changed = threading.Condition()
        self._stopped = False
        for name, tasks in (("librarian", self._tasks), ("preparing", self._preparations)):
            threading.Thread(target=self._run, args=(tasks,), name=name, daemon=True).start()

    # --- for the lanes --------------------------------------------------------------------------------------------

    def edition(self, key: str) -> int:
        """Changes when the model of this key was removed, so that a later one of the same key is loaded anew."""
        return self._editions[key]

    def weights(self, key: str, placement: Placement) -> str:
        """Tells apart what a model of this key is at different times: the hash of its weights, and when its int8 copy
        was made where that runs."""
        from desktop_app.models import catalog, loading, turbo

        info = catalog.find(key)
        report = turbo.report_of(info) if placement.precision == "int8" else None
        return loading.digest_of(info) + ("" if report is None else f" {report.made_at}")

    def load(self, key: str, placement: Placement, cancel: threading.Event, use: Use) -> Model:
        """Fetches, converts and loads, in the calling thread; reports progress. `use`: what it will likely run on."""
        from desktop_app.models import catalog, loading

        info = catalog.find(key)
        self._cancels[key] = cancel
        with self._loading(), self._busy[key]:
            if cancel.is_set():
                raise ModelError(tr("Loading {key} was cancelled.", key=key))
            model = loading.load_model(info, placement, self._report, cancel, self._notify, use=use)
        self._report(Progress(key, "ready"))
        return model

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Somebody waits for this model: what is prepared in the background lets it go first."""
        with self._loads_changed:
            self._loads += 1
        try:
            yield
        finally:
            with self._loads_changed:
                self._loads -= 1
                self._loads_changed.notify_all()

    # --- commands ---------------------------------------------------------------------------------------------------

    def prepare(self, command: m.Prepare) -> None:
        for key in command.keys:
            self._cancels[key] = threading.Event()
            self._preparations.put(partial(self._prepare, key))

    def cancel(self, command: m.CancelPrepare) -> None:
        if command.key in self._cancels:
            self._cancels[command.key].set()

    def import_model(self, command: m.ImportModel) -> None:
        self._tasks.put(lambda: self._import(command.path))

    def remove_model(self, command: m.RemoveModel) -> None:
        self._tasks.put(lambda: self._remove(command.key))

    def set_mirror(self, command: m.SetMirror) -> None:
        from desktop_app.models import store

        store.set_mirror(command.base_url)

    def stop(self) -> None:
        for cancel in self._cancels.values():
            cancel.set()
        with self._loads_changed:
            self._stopped = True
            self._loads_changed.notify_all()
        for tasks in (self._tasks, self._preparations):
            tasks.put(None)

    # --- events -----------------------------------------------------------------------------------------------------

    def turbo_changed(self, key: str) -> None:
        """Its int8 network came or went: the model is loaded anew when it is asked for again."""
        self._editions[key] += 1
        self.tell_states()

    def tell_states(self) -> None:
        self._tasks.put(self._tell_states)

    def tell_devices(self) -> None:
        self._tasks.put(self._tell_devices)

    def tell_failure(self, key: str, error: AppError) -> None:
        self._report(Progress(key, "failed"))
        unavailable = isinstance(error, WeightsUnavailable)
        self._send(m.ModelFailed(key, error.message, error.hint, unavailable, _pack_helps(error)))

    def _tell_states(self) -> None:
        from desktop_app.models import catalog, store, turbo

        ready = tuple(info.key for info in catalog.all_models() if store.is_ready(info))
        imported = tuple(asdict(info) for info in catalog.imported_models())
        self._send(m.ModelStates(ready, imported, turbo.reports()))

    def _tell_devices(self) -> None:
        import os

        from desktop_app.models.engines.devices import available_devices

        self._send(m.Ready(os.getpid(), available_devices()))

    def _report(self, progress: Progress) -> None:
        now = time.monotonic()
        moving = progress.stage == "fetch" and progress.done < progress.total
        if moving and now - self._told.get(progress.key, 0.0) < _PROGRESS_EVERY:
            return
        self._told[progress.key] = now
        self._send(m.ModelProgress(progress))

    def _notify(self, message: str, hint: str) -> None:
        self._send(m.Notice(message, hint))

    # --- the background threads -------------------------------------------------------------------------------------

    def _run(self, tasks: _Tasks) -> None:
        while (task := tasks.get()) is not None:
            try:
                task()
            except AppError as error:
                self._send(m.Notice(error.message, error.hint))
            except Exception as error:
                self._send(m.Failure(f"{type(error).__name__}: {error}", traceback.format_exc()))

    def _prepare(self, key: str) -> None:
        from desktop_app.models import catalog, loading

        cancel = self._cancels[key]
        with self._loads_changed:
            self._loads_changed.wait_for(lambda: self._loads == 0 or self._stopped)
        try:
            with self._busy[key]:
                loading.prepare(catalog.find(key), self._report, cancel)
        except AppError as error:
            if cancel.is_set():
                self._report(Progress(key, "failed"))
            else:
                self.tell_failure(key, error)
            return
        self._report(Progress(key, "ready"))
        self._tell_states()

    def _import(self, path: str) -> None:
        from desktop_app.models import catalog, importing

        try:
            info = importing.import_file(Path(path))
        except AppError as error:
            self._send(m.ModelFailed(path, error.message, error.hint, needs_pytorch=_pack_helps(error)))
            return
        self._tell_states()
        self._send(m.ModelImported(info.key, info.title, info.task, len(catalog.class_names(info))))

    def _remove(self, key: str) -> None:
        from desktop_app.models import catalog, importing, store, turbo

        info = catalog.find(key)
        self._editions[key] += 1
        turbo.remove(key)
        if info.origin == "file":
            importing.remove_imported(key)
        else:
            store.remove(info)
        self._tell_states()
