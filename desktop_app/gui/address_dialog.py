"""An address to open: with a login, a name to keep it under, and a test picture before it is opened."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QLineEdit, QPushButton, QWidget

from desktop_app.core import passwords
from desktop_app.core.address import Login, is_network, place_of, split_login
from desktop_app.gui.access_flow import accept_certificate, keep_login, keep_when_opened
from desktop_app.gui.background import in_background
from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.drop import offer_of_text
from desktop_app.gui.login_dialog import level_label, password_line, spaced
from desktop_app.gui.network_cameras import NetworkCamera, save_camera
from desktop_app.gui.session import Session
from desktop_app.gui.test_picture import TestPicture
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m

_number = 0


class AddressDialog(QDialog):
    """Accepted: `specs` is what to open; a camera with a name is kept by then. `camera`: one that is kept, to edit."""

    def __init__(self, session: Session, parent: QWidget | None = None, camera: NetworkCamera | None = None) -> None:
        super().__init__(parent)
        self.specs: tuple[str, ...] = ()
        self._session, self._camera = session, camera
        self._controller = session.controller
        self._asks: m.Asks | None = None
        self._wanted = 0
        layout = make_dialog(self, tr("Edit the network camera") if camera else tr("Open an address"))
        layout.addWidget(sentence(tr("A network camera or stream, or a file on this computer.")))
        self.line = QLineEdit(camera.address if camera else "")
        self.line.setPlaceholderText("rtsp://…   http://…   https://…")
        self.name = QLineEdit(camera.name if camera else "")
        self.name.setPlaceholderText(tr("Front door"))
        self.user, self.password = QLineEdit(), password_line()
        self.keep_login = QCheckBox(tr("Remember in the keyring"))
        self.keep_login.hide()
        form = QFormLayout()
        fields = (
            (tr("Address"), self.line),
            (tr("Keep as"), self.name),
            (tr("User name"), self.user),
            (tr("Password"), self.password),
        )
        for text, field in fields:
            field.setAccessibleName(text)
            form.addRow(text, field)
            level_label(form, field)
        self.user.setPlaceholderText(tr("if the camera asks for it"))
        form.addRow("", self.keep_login)
        layout.addLayout(form)
        self.picture = TestPicture()
        layout.addWidget(self.picture)
        self._accept_certificate = button(tr("Accept its certificate"), self._trust)
        self._accept_certificate.hide()
        self.test = button(tr("Test picture"), self._test)
        self._open_button: QPushButton = button(tr("Save") if camera else tr("Open"), self._open, primary=True)
        row = button_row(self._accept_certificate, self.test, button(tr("Cancel"), self.reject), self._open_button)
        layout.addLayout(row)
        self.setMinimumWidth(520)
        self._controller.address_tried.connect(self._tried)
        self.finished.connect(lambda _: self._controller.try_address(0, ""))
        for field in (self.line, self.user, self.password):
            field.textEdited.connect(self._edited)
        self._look_in_keyring()
        self.line.setFocus()

    # --- the login ----------------------------------------------------------------------------------------------

    def _look_in_keyring(self) -> None:
        place = place_of(self.line.text()) if is_network(self.line.text()) else ""
        here = self._controller.access.login(place)

        def found(answer: tuple[Login | None, bool]) -> None:
            login, can_keep = answer
            self.keep_login.setVisible(can_keep)
            self.keep_login.setChecked(can_keep)
            if login is not None and not self.user.text() and not self.password.text():
                self.user.setText(login.user)
                self.password.setText(login.password)

        in_background(lambda: (here or (passwords.load(place) if place else None), passwords.available()), found, self)

    def _spec(self) -> str:
        """The address without its login, which goes to the recogniser by its own way; complains where it is none."""
        text = self.line.text().strip()
        offer = offer_of_text(text)
        if not offer.specs:
            self.picture.show_trouble(
                tr("This is no address and no file."), tr("An address begins with http, https, rtsp or rtsps.")
            )
            self.line.selectAll()
            self.line.setFocus()
            return ""
        clean, inside = split_login(offer.specs[0])
        if inside is not None:  # typed or pasted with the address: into the fields, out of sight
            self.line.setText(clean)
            self.user.setText(inside.user)
            self.password.setText(inside.password or self.password.text())
        login = self._login(clean)
        if login is not None:
            self._controller.access.allow(login)
        return clean

    def _login(self, address: str) -> Login | None:
        user, password = self.user.text(), self.password.text()
        return Login(place_of(address), user, password) if password and is_network(address) else None

    # --- the test -----------------------------------------------------------------------------------------------

    def _edited(self) -> None:
        self._wanted = 0
        self._accept_certificate.hide()
        self.picture.clear()

    def _test(self) -> None:
        global _number
        spec = self._spec()
        if spec:
            _number += 1
            self._wanted = _number
            self._accept_certificate.hide()
            self.picture.show_waiting()
            self._controller.try_address(_number, spec)

    def _tried(self, event: m.AddressTried) -> None:
        if event.number != self._wanted:
            return
        if event.info is not None:
            self.picture.show_picture(event)
            return
        self._asks = event.asks
        hint = event.hint
        if event.asks is not None and event.asks.what == "certificate":
            self._accept_certificate.show()
            hint = f"{hint}\n{spaced(event.asks.fingerprint)}"
        elif event.asks is not None:
            hint = tr("Type name and password above, then test again.")
            (self.password if self.user.text() else self.user).setFocus()
        self.picture.show_trouble(event.message, hint)

    def _trust(self) -> None:
        if self._asks is not None:
            accept_certificate(self._session, self._asks)
            self._test()

    # --- the end ------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        spec = self._spec()
        if not spec:
            return
        login = self._login(spec)
        if login is not None and self.keep_login.isVisible() and self.keep_login.isChecked():
            if self._camera is None:
                keep_when_opened(self._session, spec, login)
            else:
                keep_login(self._session, login, self._controller)
        name = self.name.text().strip()
        if is_network(spec) and (name or self._camera is not None):
            old = self._camera.address if self._camera is not None else ""
            save_camera(self._session.preferences, NetworkCamera(name, spec), old)
        self.specs = (spec,)
        self.accept()
