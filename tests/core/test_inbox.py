from __future__ import annotations

import threading

from desktop_app.core.inbox import Inbox


def test_newest_wins_and_drops_are_counted() -> None:
    inbox: Inbox[int] = Inbox()
    for number in range(5):
        inbox.put_newest(number)
    assert inbox.get() == 4
    assert inbox.dropped == 4


def test_every_item_arrives_in_order_through_a_small_inbox() -> None:
    inbox: Inbox[int] = Inbox(size=2)
    stop = threading.Event()
    writer = threading.Thread(target=lambda: [inbox.put_every(n, stop) for n in range(100)])
    writer.start()
    got = [inbox.get() for _ in range(100)]
    writer.join()
    assert got == list(range(100))
    assert inbox.dropped == 0


def test_closing_wakes_reader_and_writer() -> None:
    inbox: Inbox[int] = Inbox(size=1)
    stop = threading.Event()
    inbox.put_every(1, stop)
    answers: list[object] = []
    writer = threading.Thread(target=lambda: answers.append(inbox.put_every(2, stop)))
    writer.start()
    inbox.close()
    writer.join(2)
    assert answers == [False]
    assert inbox.get() is None


def test_put_if_empty_never_overtakes() -> None:
    inbox: Inbox[int] = Inbox()
    assert inbox.put_if_empty(1)
    assert not inbox.put_if_empty(2)
    assert inbox.get() == 1
