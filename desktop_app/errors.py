"""Every error that a user may meet: what happened, and what to do about it.

Anything that is not an `AppError` is a bug of the program and is logged as one.
"""

from __future__ import annotations

from typing import Literal


class AppError(Exception):
    """What happened (`message`, one sentence that names the file, camera or model) and what to do (`hint`).

    Both are plain text in the language of the user and are shown as they are, never with a traceback.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SourceError(AppError):
    """A camera, file or stream."""


Cause = Literal["", "missing", "busy", "forbidden", "silent"]


class CameraUnavailable(SourceError):
    """The camera is missing, busy, forbidden, or sends no first frame: the message says which, and so does `cause`."""

    def __init__(self, message: str, hint: str = "", cause: Cause = "") -> None:
        super().__init__(message, hint)
        self.cause = cause


class SourceUnreadable(SourceError):
    """The file or address cannot be opened, or is not a picture or video."""


class LoginNeeded(SourceUnreadable):
    """A network camera wants a name and a password (`refused`: others than those that it was given) for `place`."""

    def __init__(self, message: str, hint: str, place: str, *, refused: bool = False) -> None:
        super().__init__(message, hint)
        self.place = place
        self.refused = refused


class CertificateUntrusted(SourceUnreadable):
    """Nobody vouches for the certificate of a network camera. `fingerprint`: its SHA-256 in hex; with it the user can
    accept it for `place`."""

    def __init__(self, message: str, hint: str, place: str, fingerprint: str) -> None:
        super().__init__(message, hint)
        self.place = place
        self.fingerprint = fingerprint


class SourceLost(SourceError):
    """A source that gave frames stopped giving them."""


class ModelError(AppError):
    """A network or its weights."""


class UnknownModel(ModelError):
    """No model has this key; the hint names the nearest ones."""


class WeightsUnavailable(ModelError):
    """The weights are not on this machine and could not be fetched."""


class WeightsDamaged(ModelError):
    """The bytes are not those that their maker published."""


class UntrustedWeights(ModelError):
    """The file carries code, or a format that may carry code; nothing of it was run."""


class ModelLoadFailed(ModelError):
    """The weights do not fit the network, or the engine refused it."""


class PyTorchMissing(ModelLoadFailed):
    """The model needs torch, which is not installed: a bundle offers its pack."""


class InferenceFailed(ModelError):
    """The network failed on a frame."""


class SettingsError(AppError):
    """Settings could not be written."""
