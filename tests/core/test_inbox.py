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
    inbox: Inbox[int] = Inbox()
    stop = threading.Event()
    writer = threading.Thread(target=lambda: [inbox.put_every(n, stop) for n in range(100)])
    writer.start()
    got = [inbox.get() for _ in range(100)]
    writer.join()
    assert got == list(range(100))
    assert inbox.dropped == 0


def test_closing_wakes_reader_and_writer() -> None:
    inbox: Inbox[int] = Inbox()
    stop = threading.Event()
    inbox.put_every(1, stop, room=1)
    answers: list[object] = []
    writer = threading.Thread(target=lambda: answers.append(inbox.put_every(2, stop, room=1)))
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


def test_who_waits_for_much_room_makes_several_in_a_row() -> None:
    inbox: Inbox[int] = Inbox()
    stop = threading.Event()
    for number in range(6):
        inbox.put_every(number, stop, room=6)
    told = threading.Event()

    def write() -> None:
        inbox.put_every(6, stop, room=6)
        told.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert [inbox.get() for _ in range(3)] == [0, 1, 2]
    assert not told.wait(0.15)  # three are left
    assert inbox.get() == 3
    assert told.wait(2)
    writer.join()
    assert [inbox.get() for _ in range(3)] == [4, 5, 6]
