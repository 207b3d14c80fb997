"""Answers to challenges, compared with the examples of the standards."""

from __future__ import annotations

import hashlib

import pytest

from desktop_app.core.address import Login
from desktop_app.sources.login import authorization

# RFC 7616, 3.9.1.
_MUFASA = Login("x:80", "Mufasa", "Circle of Life")
_RFC = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
_ANSWERS = {
    "MD5": "8ca523f5e9506fed4657c9700eebdbec",
    "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
}


@pytest.mark.parametrize("algorithm", _ANSWERS)
def test_digest_as_the_standard_has_it(algorithm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    once = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr("desktop_app.sources.login.secrets.token_hex", lambda _: once)
    answer = authorization([_RFC.format(algorithm=algorithm)], _MUFASA, "GET", "/dir/index.html")
    assert answer is not None
    assert f'response="{_ANSWERS[algorithm]}"' in answer
    assert 'opaque="FQhe' in answer


def test_digest_without_qop_as_old_cameras_want_it() -> None:
    answer = authorization(['Digest realm="cam", nonce="abc"'], Login("c:554", "anna", "s3"), "DESCRIBE", "rtsp://c/x")
    first = hashlib.md5(b"anna:cam:s3").hexdigest()
    second = hashlib.md5(b"DESCRIBE:rtsp://c/x").hexdigest()
    assert answer is not None
    assert f'response="{hashlib.md5(f"{first}:abc:{second}".encode()).hexdigest()}"' in answer
    assert "qop" not in answer


def test_digest_comes_before_basic_and_the_unknown_is_left() -> None:
    login = Login("c:80", "anna", "s3")
    both = authorization(['Basic realm="x"', 'Digest realm="x", nonce="1"'], login, "GET", "/")
    assert both is not None
    assert both.startswith("Digest")
    assert authorization(['Basic realm="x"'], login, "GET", "/") == "Basic YW5uYTpzMw=="
    assert authorization(["Negotiate"], login, "GET", "/") is None
    assert authorization(['Digest realm="x", nonce="1", algorithm=SHA-512-256'], login, "GET", "/") is None
