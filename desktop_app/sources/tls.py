"""Whether the camera at the other end of a TLS connection is the one it says it is.

Checked as a browser does it. Cameras mostly sign their own certificates: the user can accept one, knowingly, and from
then on exactly that one is taken for its host and port.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult

from desktop_app.core.address import PORTS, place_of
from desktop_app.errors import CertificateUntrusted
from desktop_app.i18n import tr
from desktop_app.paths import cache_dir
from desktop_app.sources.access import certificate_for
from desktop_app.sources.limits import ANSWER_SECONDS, SYSTEM

ENCRYPTED = ("https", "rtsps")


def connect(parts: SplitResult) -> socket.socket:
    """A connection to the camera, encrypted where the address says so. Raises `CertificateUntrusted`, `OSError`."""
    if parts.scheme not in ENCRYPTED:
        return _dial(parts)
    accepted = certificate_for(parts.geturl())
    if accepted is not None:
        pinned = _unchecked(parts)
        if _fingerprint(pinned) == accepted:
            return pinned
        pinned.close()  # it may have got a proper one meanwhile
    try:
        return _wrapped(parts, ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        reason = _reason(error)
    with _unchecked(parts) as shown:
        raise _untrusted(parts, _fingerprint(shown), reason, changed=accepted is not None)


def ffmpeg_options(parts: SplitResult) -> dict[str, str]:
    """How FFmpeg makes sure that it talks to the camera that `connect` has just checked."""
    if parts.scheme not in ENCRYPTED:
        return {}
    with connect(parts) as checked:
        assert isinstance(checked, ssl.SSLSocket)
        certificate = checked.getpeercert(True) or b""
    pem = ssl.DER_cert_to_PEM_cert(certificate)
    name = _name_in(parts, pem)
    if name is None or SYSTEM == "win32":
        # Out of date, or checked by Windows, which takes no certificate from a file.
        return {"tls_verify": "0"}
    path = cache_dir() / "certificates" / f"{hashlib.sha256(certificate).hexdigest()}.pem"
    if not path.exists():
        _write(path, pem)
    return {"tls_verify": "1", "ca_file": str(path), "verifyhost": name}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".tmp")
    scratch.write_text(text, encoding="ascii")
    scratch.replace(path)


def _dial(parts: SplitResult) -> socket.socket:
    return socket.create_connection((parts.hostname or "", parts.port or PORTS[parts.scheme]), timeout=ANSWER_SECONDS)


def _wrapped(parts: SplitResult, context: ssl.SSLContext) -> ssl.SSLSocket:
    raw = _dial(parts)
    try:
        return context.wrap_socket(raw, server_hostname=parts.hostname)
    except BaseException:
        raw.close()
        raise


def _unchecked(parts: SplitResult) -> ssl.SSLSocket:
    """To see the certificate; whether it is the accepted one is looked at before a byte is sent."""
    return _wrapped(parts, ssl._create_unverified_context())  # noqa: S323


def _fingerprint(connection: ssl.SSLSocket) -> str:
    return hashlib.sha256(connection.getpeercert(True) or b"").hexdigest()


def _name_in(parts: SplitResult, pem: str) -> str | None:
    """A host that the certificate is for; `None` where it would not even pass as one that vouches for itself."""
    context = ssl.create_default_context(cadata=pem)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    try:
        with _wrapped(parts, context) as connection:
            shown = connection.getpeercert() or {}
    except ssl.SSLCertVerificationError:
        return None
    pairs: Any = [*shown.get("subjectAltName", ()), *(pair for group in shown.get("subject", ()) for pair in group)]
    names = [str(value) for kind, value in pairs if kind in ("DNS", "IP Address", "commonName")]
    return parts.hostname if parts.hostname in names else next(iter(names), None)


def _reason(error: ssl.SSLCertVerificationError) -> str:
    """OpenSSL's numbers (x509_vfy.h) in words; of the rare ones its own."""
    words = {
        10: tr("it is out of date"),
        18: tr("the camera signed it itself"),
        19: tr("the camera signed it itself"),
        20: tr("nobody known vouches for it"),
        21: tr("nobody known vouches for it"),
        62: tr("it is for another host"),
        64: tr("it is for another host"),
    }
    return words.get(error.verify_code, error.verify_message)


def _untrusted(parts: SplitResult, fingerprint: str, reason: str, *, changed: bool) -> CertificateUntrusted:
    place = place_of(parts.geturl())
    if changed:
        message = tr("The certificate of {place} is not the one that was accepted.", place=place)
        hint = tr("Accept the new one only if you know why the camera changed it.")
    else:
        message = tr("The certificate of {place} is not trusted: {reason}.", place=place, reason=reason)
        hint = tr("Many cameras sign their own. Accept it if this is your camera and your network.")
    return CertificateUntrusted(message, hint, place, fingerprint)
