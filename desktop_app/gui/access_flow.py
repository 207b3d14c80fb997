"""A network camera that wants a login or shows a certificate that nobody vouches for: keyring first, then the user."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.core import passwords
from desktop_app.core.address import Login
from desktop_app.errors import AppError
from desktop_app.gui.background import in_background
from desktop_app.gui.session import Session
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m


class AccessFlow(QObject):
    """One question at a time; what the user cancels is not asked again until the address is opened again."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._controller = session.controller
        self._keep: Login | None = None
        self._busy = False
        self._declined: tuple[str, ...] = ()
        self._controller.open_failed.connect(self._failed)
        self._controller.source_changed.connect(self._changed)
        self._controller.source_opened.connect(self._opened)

    # --- what asks ------------------------------------------------------------------------------------------------

    def _failed(self, event: m.SourceState) -> None:
        if event.asks is not None:
            self._answer(event, self._controller.failed_specs)

    def _changed(self) -> None:
        """Also a camera that comes back with other demands."""
        if self._controller.opening:
            self._declined = ()
            return
        state = self._controller.state
        if state is not None and state.phase == "lost" and self._controller.specs != self._declined:
            self._answer(state, self._controller.specs)

    def _answer(self, state: m.SourceState, specs: tuple[str, ...]) -> None:
        asks = state.asks
        if asks is None or self._busy:
            return
        self._busy = True
        if asks.what == "certificate":
            self._show_certificate(state, asks, specs)
            return
        tried = self._controller.access.login(asks.place)

        def found(answer: tuple[Login | None, bool]) -> None:
            login, can_keep = answer
            if login is not None and login != tried:
                self._use(login, specs)
            else:
                self._ask_login(state, asks, specs, can_keep)

        in_background(lambda: (passwords.load(asks.place), passwords.available()), found, self)

    def _ask_login(self, state: m.SourceState, asks: m.Asks, specs: tuple[str, ...], can_keep: bool) -> None:
        from desktop_app.gui.login_dialog import LoginDialog

        tried = self._controller.access.login(asks.place)
        user = tried.user if tried is not None else ""
        dialog = LoginDialog(state.message, asks.place, user, can_keep, self._window)

        def accepted() -> None:
            login = Login(asks.place, dialog.user.text(), dialog.password.text())
            self._keep = login if dialog.keep.isChecked() else None
            self._use(login, specs)

        dialog.accepted.connect(accepted)
        dialog.rejected.connect(lambda: self._cancel(state, specs))
        dialog.open()

    def _show_certificate(self, state: m.SourceState, asks: m.Asks, specs: tuple[str, ...]) -> None:
        from desktop_app.gui.login_dialog import CertificateDialog

        dialog = CertificateDialog(state.message, state.hint, asks, self._window)

        def accepted() -> None:
            accept_certificate(self._session, asks)
            self._busy = False
            self._controller.open(specs)

        dialog.accepted.connect(accepted)
        dialog.rejected.connect(lambda: self._cancel(state, specs))
        dialog.open()

    def _use(self, login: Login, specs: tuple[str, ...]) -> None:
        self._busy = False
        self._controller.access.allow(login)
        self._controller.open(specs)

    def _cancel(self, state: m.SourceState, specs: tuple[str, ...]) -> None:
        self._busy, self._declined = False, specs
        if state.phase == "failed":
            again = (tr("Retry"), lambda: self._controller.open(specs))
            self._session.notifier.error(state.message, state.hint, again, answer=True)

    # --- what to keep -------------------------------------------------------------------------------------------

    def _opened(self) -> None:
        """Only what opened the camera goes into the keyring."""
        login, self._keep = self._keep, None
        if login is not None:
            keep_login(self._session, login, self)


def keep_when_opened(session: Session, spec: str, login: Login) -> None:
    """Unless the camera wants another one."""
    controller = session.controller

    def opened() -> None:
        controller.source_opened.disconnect(opened)
        used = controller.access.login(login.place) == login
        if used and controller.info is not None and controller.info.spec == spec:
            keep_login(session, login, controller)

    controller.source_opened.connect(opened)


def keep_login(session: Session, login: Login, owner: QObject) -> None:
    def save() -> AppError | None:
        try:
            passwords.save(login)
        except AppError as error:
            return error
        return None

    def saved(error: AppError | None) -> None:
        if error is not None:
            session.notifier.error(error.message, error.hint, kind="warning")

    in_background(save, saved, owner)


def accept_certificate(session: Session, asks: m.Asks) -> None:
    """From now on, and for this host and port alone."""
    kept = [each for each in session.preferences.values.trusted_certificates if each[:1] != (asks.place,)]
    session.preferences.change(trusted_certificates=(*kept, (asks.place, asks.fingerprint)))
