from __future__ import annotations

import pytest

from desktop_app.core.comparing import LEAST_REST, MOST_REST, SECONDS, Agreements, News, Verdict, next_rest


def boxes(same: int, first: int, other: int, overlap: float | None = None, place: int = 1) -> Verdict:
    return Verdict(place, "boxes", same, first, other, overlap)


class TestAgreements:
    def test_boxes_of_all_frames_count_together(self) -> None:
        agreements = Agreements()
        agreements.add(0.0, 0, [boxes(1, 1, 1, 0.9)])
        agreements.add(1.0, 1, [boxes(0, 0, 0)])
        agreements.add(2.0, 2, [boxes(2, 4, 3, 0.7)])
        assert agreements.share(1) == pytest.approx(2 * 3 / (2 + 7))
        assert agreements.overlap(1) == pytest.approx(0.8)
        assert agreements.frames(1) == 3

    def test_nothing_found_by_either_is_no_number(self) -> None:
        agreements = Agreements()
        assert agreements.share(1) is None
        agreements.add(0.0, 0, [boxes(0, 0, 0)])
        assert agreements.share(1) is None
        assert agreements.overlap(1) is None

    def test_what_is_older_than_half_a_minute_goes(self) -> None:
        agreements = Agreements()
        agreements.add(0.0, 0, [boxes(0, 1, 1)])
        agreements.add(SECONDS + 1, 1, [boxes(1, 1, 1)])
        assert agreements.share(1) == 1.0

    def test_a_part_of_the_time(self) -> None:
        agreements = Agreements()
        agreements.add(0.0, 0, [boxes(0, 1, 1)])
        agreements.add(10.0, 1, [boxes(1, 1, 1)])
        assert agreements.share(1, 2.0) == 1.0
        assert agreements.share(1) == 0.5

    def test_a_frame_that_comes_again_counts_once(self) -> None:
        """With other thresholds."""
        agreements = Agreements()
        agreements.add(0.0, 7, [boxes(0, 1, 1)])
        agreements.add(5.0, 7, [boxes(1, 1, 1)])
        assert agreements.frames(1) == 1
        assert agreements.share(1) == 1.0

    def test_each_side_has_its_own(self) -> None:
        agreements = Agreements()
        agreements.add(0.0, 0, [boxes(1, 1, 1), boxes(0, 1, 1, place=2)])
        assert (agreements.share(1), agreements.share(2), agreements.share(3)) == (1.0, 0.0, None)


class TestNews:
    def test_what_goes_on_is_told_once(self) -> None:
        news = News()
        assert news.is_new("a", 10.0, 0.0)
        assert not any(news.is_new("a", 10.0 + at / 10, at / 10) for at in range(1, 100))

    def test_what_begins_again_later_is_told_again(self) -> None:
        news = News()
        assert news.is_new("a", 10.0, 0.0)
        assert news.is_new("a", 30.0, 20.0)

    def test_a_file_that_plays_again_says_nothing_new(self) -> None:
        news = News()
        assert news.is_new("a", 3.0, 0.0)
        assert news.is_new("b", 9.0, 6.0)
        assert not news.is_new("a", 3.1, 100.0)
        assert not news.is_new("b", 9.2, 106.0)

    def test_what_flickers_does_not_fill_the_strip(self) -> None:
        news = News()
        assert news.is_new("a", 10.0, 10.0)
        assert not news.is_new("b", 10.1, 10.1)
        assert news.is_new("b", 10.5, 10.5)  # it went on

    def test_of_stills_each_counts(self) -> None:
        news = News()
        assert news.is_new("a", 10.0, 10.0, moving=False)
        assert news.is_new("b", 10.0, 10.0, moving=False)


def test_the_rest_follows_what_recognition_suffers() -> None:
    rest = MOST_REST
    for _ in range(40):
        rest = next_rest(rest, keeps_up=True)
    assert rest == LEAST_REST
    for _ in range(40):
        rest = next_rest(rest, keeps_up=False)
    assert rest == MOST_REST
