"""Two questions of network cameras: name and password, and a certificate that nobody vouches for."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QLineEdit, QWidget

from desktop_app.gui.dialog import button, button_row, make_dialog, sentence
from desktop_app.gui.theme import theme
from desktop_app.i18n import tr
from desktop_app.recogniser import messages as m


class LoginDialog(QDialog):
    """Accepted: `user`, `password` and `keep` hold the answer."""

    def __init__(
        self, message: str, place: str, user: str = "", can_keep: bool = False, parent: QWidget | None = None
    ) -> None:
        """`can_keep`: there is a keyring."""
        super().__init__(parent)
        layout = make_dialog(self, tr("Sign in to {place}", place=place))
        layout.addWidget(sentence(message))
        self.user, self.password = QLineEdit(user), password_line()
        self.keep = QCheckBox(tr("Remember in the keyring"))
        self.keep.setVisible(can_keep)
        self.keep.setChecked(can_keep)
        form = QFormLayout()
        for name, line in ((tr("User name"), self.user), (tr("Password"), self.password)):
            line.setAccessibleName(name)
            form.addRow(name, line)
            level_label(form, line)
        form.addRow("", self.keep)
        layout.addLayout(form)
        if not can_keep:
            layout.addWidget(
                sentence(tr("This computer has no keyring: Regard keeps the password until it is closed."), muted=True)
            )
        self._sign_in = button(tr("Sign in"), self.accept, primary=True)
        layout.addLayout(button_row(button(tr("Cancel"), self.reject), self._sign_in))
        self.password.textChanged.connect(self._check)
        self._check()
        self.setMinimumWidth(440)
        (self.password if user else self.user).setFocus()

    def _check(self) -> None:
        self._sign_in.setEnabled(bool(self.password.text()))


class CertificateDialog(QDialog):
    """Accepted: the user knows this certificate. Cancelling is what Enter does."""

    def __init__(self, message: str, hint: str, asks: m.Asks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = make_dialog(self, tr("Certificate of {place}", place=asks.place))
        layout.addWidget(sentence(message))
        layout.addWidget(sentence(hint, muted=True))
        layout.addWidget(sentence(tr("Its fingerprint (SHA-256), which the camera’s own page shows too:"), muted=True))
        shown = sentence(spaced(asks.fingerprint))
        shown.setFont(theme().font("small"))
        shown.setAccessibleName(tr("Fingerprint"))
        layout.addWidget(shown)
        stop = button(tr("Do not connect"), self.reject, primary=True)
        layout.addLayout(button_row(button(tr("Accept for this camera"), self.accept), stop))
        stop.setFocus()
        self.setMinimumWidth(480)


def password_line() -> QLineEdit:
    line = QLineEdit()
    line.setEchoMode(QLineEdit.EchoMode.Password)
    return line


def level_label(form: QFormLayout, field: QWidget) -> None:
    """The label stands at the height of its field's text."""
    label = form.labelForField(field)
    if label is not None:
        label.setMinimumHeight(field.sizeHint().height())


def spaced(fingerprint: str) -> str:
    """ "AB CD …": in pairs, as browsers show it."""
    return " ".join(fingerprint[i : i + 2].upper() for i in range(0, len(fingerprint), 2))
