import pytest

from benchmarks.statistics import beyond_share, growth, median, percentile, ratio, steady_rate


def test_ratio_compares_round_by_round() -> None:
    # The machine was half as fast in the second round, for both.
    assert ratio([90.0, 45.0, 90.0], [100.0, 50.0, 100.0]) == pytest.approx(0.9)


def test_ratio_of_rounds_that_do_not_belong_together() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        ratio([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="cannot be compared"):
        ratio([], [])


def test_one_bad_round_does_not_decide() -> None:
    assert ratio([50.0, 50.0, 1.0], [100.0, 100.0, 100.0]) == pytest.approx(0.5)
    assert median([3.0, 1.0, 1000.0]) == 3.0


def test_rate_counts_intervals_after_the_slow_beginning() -> None:
    stamps = [0.0, 5.0, 10.0, *(10.0 + 0.1 * n for n in range(1, 11))]
    assert steady_rate(stamps, skip=2) == pytest.approx(10.0)
    assert steady_rate(stamps, skip=0) == pytest.approx(12 / 11)


def test_rate_of_a_short_run_skips_less() -> None:
    assert steady_rate([0.0, 1.0, 1.5], skip=20) == pytest.approx(2.0)


@pytest.mark.parametrize("stamps", [[], [1.0], [1.0, 1.0]])
def test_rate_of_too_few_events(stamps: list[float]) -> None:
    with pytest.raises(ValueError, match="too few"):
        steady_rate(stamps, 0)


def test_growth_sees_an_age_that_creeps_up() -> None:
    assert growth([20.0] * 100) == 0.0
    assert growth([float(n) for n in range(100)]) == pytest.approx(90.0)
    assert growth([20.0] * 95 + [5000.0] * 5) == pytest.approx(2490.0)
    assert growth([7.0]) == 0.0


def test_fall_beyond_the_share_of_the_cores() -> None:
    assert beyond_share(100.0, 50.0, 2) == 0.0
    assert beyond_share(100.0, 45.0, 2) == pytest.approx(0.1)
    assert beyond_share(100.0, 80.0, 2) == 0.0  # more than its share is no fall
    assert beyond_share(100.0, 20.0, 4) == pytest.approx(0.2)


def test_percentile() -> None:
    assert percentile([float(n) for n in range(1001)], 99.9) == pytest.approx(999.0)
