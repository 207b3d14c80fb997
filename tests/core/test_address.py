"""Names and passwords leave an address before it is shown or kept, and come back only to open it."""

from __future__ import annotations

import pytest

from desktop_app.core.address import Login, place_of, safe_title, split_login, with_login


@pytest.mark.parametrize(
    ("given", "kept", "user", "password"),
    [
        ("rtsp://anna:s3@cam/live", "rtsp://cam/live", "anna", "s3"),
        ("rtsp://anna@cam:8554/live", "rtsp://cam:8554/live", "anna", ""),
        ("http://a%40b:p%2Fw@cam/", "http://cam/", "a@b", "p/w"),
        ("rtsp://anna:p@ss@cam/x?y=1", "rtsp://cam/x?y=1", "anna", "p@ss"),
        ("rtsp://anna:p/w#1?@cam:554/x", "rtsp://cam:554/x", "anna", "p/w#1?"),
        ("http://cam/v.cgi?user=anna&pwd=s3&r=1", "http://cam/v.cgi?user={user}&pwd={password}&r=1", "anna", "s3"),
        ("http://cam/v?token=abc#t", "http://cam/v?token={password}#t", "", "abc"),
    ],
)
def test_a_login_is_taken_out_and_put_back(given: str, kept: str, user: str, password: str) -> None:
    clean, login = split_login(given)
    assert clean == kept
    assert login is not None
    assert (login.user, login.password) == (user, password)
    assert login.place == place_of(kept)
    again, same = split_login(with_login(clean, login))
    assert (again, same) == (clean, login)
    assert "s3" not in repr(login)
    assert "anna" not in repr(login)


@pytest.mark.parametrize(
    "spec", ["rtsp://cam/live", "http://cam/a@b", "/home/anna/x@y.mp4", "camera:0", "http://cam/?name=x&pwd={password}"]
)
def test_what_holds_no_login_stays(spec: str) -> None:
    assert split_login(spec) == (spec, None)


def test_places_tell_hosts_and_ports_apart() -> None:
    assert place_of("rtsp://CAM/x") == "cam:554"
    assert place_of("https://cam") == "cam:443"
    assert place_of("http://[::1]:8080/") == "[::1]:8080"
    assert place_of("http://cam:99999/") == ""


def test_a_title_is_made_of_a_kept_address() -> None:
    clean, _ = split_login("rtsp://anna:s3@cam/live?pwd=s3")
    assert safe_title(clean) == "rtsp://cam/live"
    assert with_login(clean, Login("cam:554", "a", "b&")) == "rtsp://cam/live?pwd=b%26"
