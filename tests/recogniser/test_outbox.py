"""What goes at once, what goes along, and that the order is kept."""

from __future__ import annotations

import multiprocessing

import pytest

from desktop_app.recogniser import messages as m
from desktop_app.recogniser.child import Outbox


def test_what_goes_along_waits_for_the_next_and_goes_with_it() -> None:
    out, into = multiprocessing.Pipe(duplex=False)
    outbox = Outbox(into)
    try:
        outbox.send_along(m.RingOpened("first"))
        outbox.send_along(m.RingOpened("second"))
        assert not out.poll(0.05)
        outbox.send(m.RingOpened("third"))
        assert m.decode_events(out.recv_bytes()) == [m.RingOpened(name) for name in ("first", "second", "third")]
        outbox.send_along(m.RingOpened("last"))
    finally:
        outbox.close()
    assert m.decode_events(out.recv_bytes()) == [m.RingOpened("last")]
    into.close()
    with pytest.raises(EOFError):
        out.recv_bytes()
