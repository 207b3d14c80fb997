"""Curves of a sweep: order, flips, tables."""

from __future__ import annotations

from desktop_app.core.stress import CORRUPTIONS
from desktop_app.core.sweep import ALL, CSV_COLUMNS, NOTHING, Answer, Curves, Subject, csv_rows

NAMES = ("cat", "dog", "fox")


def classifier(*answers: tuple[float, float, int]) -> Curves:
    """Of brightness: (strength, probability of the cat, first class)."""
    curves = Curves((Subject(0, 0.9),))
    for strength, held, now in answers:
        curves.add("brightness", Answer(strength, (held,), (now,), (max(held, 0.5),)))
    return curves


def test_a_curve_begins_at_the_clean_picture_and_follows_the_axis() -> None:
    curves = classifier((30, 0.7, 0), (-30, 0.8, 0), (60, 0.2, 1))
    assert [(answer.strength, answer.held[0]) for answer in curves.line("brightness")] == [
        (-30, 0.8),
        (0, 0.9),
        (30, 0.7),
        (60, 0.2),
    ]
    assert Curves().line("blur") == []


def test_the_first_other_answer_on_each_side() -> None:
    curves = classifier((15, 0.8, 0), (30, 0.4, 1), (60, 0.6, 0), (90, 0.1, 2), (-60, 0.3, 2), (-30, 0.7, 0))
    assert [answer.strength for answer in curves.flips("brightness", 0)] == [-60, 30]
    assert classifier((15, 0.1, 0)).flips("brightness", 0) == []


def test_quality_falls_from_the_clean_end() -> None:
    curves = Curves((Subject(0, 0.9),))
    for quality, now in ((80, 0), (30, 1), (10, 1)):
        curves.add("jpeg", Answer(quality, (0.5,), (now,), (0.5,)))
    assert [answer.strength for answer in curves.flips("jpeg", 0)] == [30]


def test_a_box_that_is_lost_is_another_answer_and_all_boxes_together_have_one() -> None:
    curves = Curves((Subject(0, 0.9, (0, 0, 9, 9)), Subject(1, 0.6, (20, 0, 29, 9))))
    curves.add("blur", Answer(1, (0.8, 0.5), (0, 1), (0.8, 0.5), 1.0))
    curves.add("blur", Answer(2, (0.7, 0.1), (0, NOTHING), (0.7, 0.0), 2 / 3))
    curves.add("blur", Answer(3, (0.2, 0.0), (2, NOTHING), (0.4, 0.0), 0.0))
    assert [[a.strength for a in curves.flips("blur", subject)] for subject in (0, 1, ALL)] == [[3], [2], [3]]
    assert [round(curves.confidence(answer, ALL), 2) for answer in curves.line("blur")] == [1, 1, 0.67, 0]


def test_the_table_has_every_point_and_english_names() -> None:
    curves = Curves((Subject(0, 0.9, (1, 2, 3, 4)), Subject(5, 0.6, (5, 6, 7, 8))))
    curves.add("blur", Answer(3, (0.25, 0.0), (2, NOTHING), (0.4, 0.0), 0.5))
    rows = [dict(zip(CSV_COLUMNS, row, strict=True)) for row in csv_rows(curves, "a.jpg", 4, "yolo", NAMES)]
    assert len(rows) == 2 * (len(CORRUPTIONS) + 1)
    blurred = [row for row in rows if row["strength"] == 3]
    assert [row["label"] for row in blurred] == ["cat", "class 5"]
    assert [row["now_label"] for row in blurred] == ["fox", None]
    assert [row["flipped"] for row in blurred] == [1, 1]
    assert blurred[0]["confidence"] == 0.25
    assert (blurred[0]["x1"], blurred[0]["y2"], blurred[0]["unit"]) == (1, 4, "sigma px")
    clean = next(row for row in rows if row["corruption"] == "contrast" and row["subject"] == 0)
    assert (clean["strength"], clean["confidence"], clean["flipped"], clean["f1"]) == (100, 0.9, 0, 1.0)
