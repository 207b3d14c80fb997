"""From a model that needs PyTorch to one that runs: the offer, the progress as a toast, and the model once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.core.progress import Progress
from desktop_app.gui.session import Session
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop_app.gui.pack_state import PackState

KEY = "pytorch"


class PackFlow(QObject):
    """Lives as long as the window. Nothing of it runs until somebody picks a model that needs PyTorch."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._pack: PackState | None = None
        self._wanted: tuple[str, ...] = ()
        self._imports: tuple[str, ...] = ()
        session.controller.model_failed.connect(self._model_failed)

    def _model_failed(self, event: m.ModelFailed) -> None:
        """For want of torch: asks, and remembers what is to be done afterwards."""
        if not event.needs_pytorch:
            return
        if any(info.key == event.key for info in self._session.controller.catalogue()):
            self._wanted, self._imports = (event.key,), ()
        else:  # a file that was to be imported
            self._wanted, self._imports = (), (event.key,)
        self.open(event.key.replace("\\", "/").rpartition("/")[2])

    def open(self, key: str = "") -> None:
        from desktop_app.gui.pack_dialog import PackDialog

        pack = self._state()
        if pack.installing:
            self._session.notifier.tell("info", tr("PyTorch is being installed"), key="pack")
            return
        for shown in self._window.findChildren(PackDialog):
            if shown.isVisible():
                shown.raise_()
                shown.activateWindow()
                return
        PackDialog(pack, key, self._window).open()

    def _state(self) -> PackState:
        if self._pack is None:
            from desktop_app.gui.pack_state import PackState

            self._pack = PackState(self)
            self._pack.progressed.connect(self._progressed)
            self._pack.installed.connect(self._installed)
            self._pack.removed.connect(self._removed)
            self._pack.failed.connect(self._failed)
            application = QCoreApplication.instance()
            if application is not None:
                application.aboutToQuit.connect(self._pack.stop)
        return self._pack

    def _progressed(self, progress: Progress) -> None:
        share = progress.fraction
        pack = self._state()
        self._session.notifier.progress(progress, "PyTorch", pack.cancel, share)

    def _installed(self) -> None:
        self._session.notifier.end_progress(KEY)
        self._session.notifier.tell("success", tr("PyTorch is installed"), key="pack")
        wanted, imports = self._wanted, self._imports
        self._wanted = self._imports = ()
        if wanted:
            self._session.controller.set_models(wanted)
        for path in imports:
            self._session.controller.import_model(path)

    def _removed(self) -> None:
        self._session.notifier.tell("success", tr("The PyTorch pack was removed."), key="pack")

    def _failed(self, message: str, hint: str, cancelled: bool) -> None:
        self._session.notifier.end_progress(KEY)
        if self._pack is None or self._pack.action == "status":
            return  # the dialog says it
        if cancelled:
            self._session.notifier.tell("info", message, hint, key="pack")
        else:
            self._session.notifier.error(message, hint, (tr("Retry"), self.open), answer=True)
