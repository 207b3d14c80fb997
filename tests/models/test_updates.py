"""The check for a newer version: which releases count, and what a server may answer."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from desktop_app.errors import AppError
from desktop_app.models import updates


def release(tag: str, **fields: Any) -> dict[str, Any]:
    return {"tag_name": tag, "body": f"notes of {tag}", "html_url": f"https://regard.example/{tag}", **fields}


@pytest.mark.parametrize(
    ("own", "tags", "newer"),
    [
        ("1.2.0", ["v1.2.0", "v1.10.0", "v1.3.0", "v1.1.9"], ["1.10.0", "1.3.0"]),
        ("1.2.1.dev5+gabc", ["v1.2.0", "v1.2.1"], ["1.2.1"]),
        ("1.2.0", ["nightly", "v2.0.0rc1", "v2"], []),
        ("0.1.dev370", ["v0.1.0"], ["0.1.0"]),
    ],
)
def test_what_is_newer(own: str, tags: list[str], newer: list[str]) -> None:
    found = updates.newer([release(tag) for tag in tags], own)
    assert [each.version for each in found] == newer


def test_drafts_and_trials_do_not_count_and_pages_are_https() -> None:
    rows = [release("v2.0.0", draft=True), release("v3.0.0", prerelease=True), release("v4.0.0", html_url="file:///x")]
    (found,) = updates.newer(rows, "1.0.0")
    assert (found.version, found.page, found.notes) == ("4.0.0", "", "notes of v4.0.0")


@pytest.fixture
def server() -> Iterator[tuple[str, list[dict[str, str]], list[bytes]]]:
    """Its address, the headers of what it was asked, and what it answers."""
    asked: list[dict[str, str]] = []
    answers = [json.dumps([release("v9.0.0")]).encode()]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(dict(self.headers))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answers[-1])))
            self.end_headers()
            self.wfile.write(answers[-1])

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/releases", asked, answers
        running.shutdown()
        thread.join()


def test_a_server_is_asked_and_told_nothing(server: tuple[str, list[dict[str, str]], list[bytes]]) -> None:
    address, asked, _ = server
    assert [each.version for each in updates.check(address, "1.0.0")] == ["9.0.0"]
    assert asked[0]["User-Agent"] == "regard"
    assert not {"Cookie", "Referer", "Authorization"} & set(asked[0])


@pytest.mark.parametrize("answer", [b"{}", b"<html>", b"[", b'{"tag_name": "v9"}'])
def test_an_answer_that_is_no_list_of_releases(
    server: tuple[str, list[dict[str, str]], list[bytes]], answer: bytes
) -> None:
    address, _, answers = server
    answers.append(answer)
    with pytest.raises(AppError, match="which versions"):
        updates.check(address, "1.0.0")


def test_without_an_address_nothing_is_asked() -> None:
    with pytest.raises(AppError, match="announced"):
        updates.check("", "1.0.0")
