"""Answers to "401 Unauthorized": Basic (RFC 7617) and Digest (RFC 7616), which HTTP and RTSP share."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable

from desktop_app.core.address import Login

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def authorization(challenges: Iterable[str], login: Login, method: str, uri: str) -> str | None:
    """The value of the `Authorization` header, `None` where the server wants a scheme that nobody here knows.

    `challenges`: the values of all `WWW-Authenticate` headers. Digest comes before Basic, which sends the password.
    """
    known = [challenge.strip() for challenge in challenges]
    for challenge in known:
        scheme, _, rest = challenge.partition(" ")
        values = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
        if scheme.lower() == "digest" and values.get("algorithm", "MD5").upper().removesuffix("-SESS") in _HASHES:
            return _digest(values, login, method, uri)
    if any(challenge.lower().startswith("basic") for challenge in known):
        pair = f"{login.user}:{login.password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"
    return None


def _digest(values: dict[str, str], login: Login, method: str, uri: str) -> str:
    algorithm = values.get("algorithm", "MD5").upper()
    make = _HASHES[algorithm.removesuffix("-SESS")]

    def digest(text: str) -> str:
        return make(text.encode()).hexdigest()

    realm, nonce, once = values.get("realm", ""), values.get("nonce", ""), secrets.token_hex(8)
    first = digest(f"{login.user}:{realm}:{login.password}")
    if algorithm.endswith("-SESS"):
        first = digest(f"{first}:{nonce}:{once}")
    second = digest(f"{method}:{uri}")
    fields = [f'username="{login.user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"']
    if "auth" in re.split(r"[,\s]+", values.get("qop", "")):
        fields += [f'response="{digest(f"{first}:{nonce}:00000001:{once}:auth:{second}")}"']
        fields += ["qop=auth", "nc=00000001", f'cnonce="{once}"']
    else:
        fields += [f'response="{digest(f"{first}:{nonce}:{second}")}"']
    if "algorithm" in values:
        fields.append(f"algorithm={values['algorithm']}")
    if "opaque" in values:
        fields.append(f'opaque="{values["opaque"]}"')
    return f"Digest {', '.join(fields)}"
