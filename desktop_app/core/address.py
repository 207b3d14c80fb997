"""Addresses of network cameras: what may be shown and kept of them, and the name and password that may not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, unquote_plus, urlsplit

PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:@\[\]]*)(:\d*)?")
_USER_FIELDS = "user|usr|username|login|loginuse"
_PASSWORD_FIELDS = "pass|passwd|password|pwd|psw|loginpas|token|secret"  # noqa: S105  (names of fields)
_FIELD = re.compile(rf"(?P<name>(?<=[?&])(?:{_USER_FIELDS}|{_PASSWORD_FIELDS}))=(?P<value>[^&#]*)", re.IGNORECASE)
USER, PASSWORD = "{user}", "{password}"
"""Stand in the query of an address for what is filled in when it is opened."""


@dataclass(frozen=True, slots=True)
class Login:
    """Name and password for `place`. Neither shows in its `repr`, which ends up in logs."""

    place: str
    user: str = field(repr=False)
    password: str = field(repr=False)


def is_network(spec: str) -> bool:
    return spec.lower().startswith(tuple(f"{scheme}://" for scheme in PORTS))


def safe_title(url: str) -> str:
    """The address without name, password and query, which often holds a password too."""
    scheme, _, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :] if "@" in authority or _HOST.fullmatch(authority) else ""
    host = authority.rpartition("@")[2]
    if not _HOST.fullmatch(host):  # a password that is not escaped, perhaps: show too little rather than too much
        host, path = rest.rpartition("@")[2].partition(":")[0], ""
    shown = f"{scheme}://{host}{re.split(r'[?#]', path, maxsplit=1)[0]}"
    return "".join(c for c in shown if c.isprintable())


def place_of(url: str) -> str:
    """ "camera.lan:554": what a login and an accepted certificate belong to; empty where the address is unusable."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme.lower())
    except ValueError:
        return ""
    return f"[{host}]:{port}" if host and ":" in host else f"{host}:{port}" if host and port else ""


def split_login(url: str) -> tuple[str, Login | None]:
    """The address as it may be kept, and the login that was in it; both unchanged where there was none.

    A name and a password in the query give way to `{user}` and `{password}`.
    """
    scheme, mark, rest = url.partition("://")
    if not mark or scheme.lower() not in PORTS:
        return url, None
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" not in authority and "@" in rest and not _HOST.fullmatch(authority):
        # A password with a "/", "?" or "#" that is not escaped.
        authority = rest[: rest.rindex("@") + 1] + re.split(r"[/?#]", rest[rest.rindex("@") + 1 :], maxsplit=1)[0]
    pair, at, host = authority.rpartition("@")
    user, _, password = pair.partition(":")
    user, password = unquote(user), unquote(password)
    tail = rest[len(authority) :]

    def hide(found: re.Match[str]) -> str:
        nonlocal user, password
        value = unquote_plus(found["value"])
        if not value or value in (USER, PASSWORD):
            return found[0]
        if re.fullmatch(_USER_FIELDS, found["name"], re.IGNORECASE):
            user = value
            return f"{found['name']}={USER}"
        password = value
        return f"{found['name']}={PASSWORD}"

    clean = f"{scheme}://{host}{_FIELD.sub(hide, tail)}"
    login = Login(place_of(clean), user, password) if user or password else None
    return (clean, login) if at or login else (url, None)


def user_of(url: str) -> str:
    _, login = split_login(url)
    return login.user if login is not None else ""


def with_login(url: str, login: Login | None) -> str:
    """The address with name and password in it, as FFmpeg wants it: for its eyes only."""
    if login is None:
        return url
    if USER in url or PASSWORD in url:
        return url.replace(USER, quote(login.user, safe="")).replace(PASSWORD, quote(login.password, safe=""))
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{quote(login.user, safe='')}:{quote(login.password, safe='')}@{rest}"
