"""Charts, rules and capability: published figures, and each rule at its edge."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.quality.spc import Limits, capability, individuals_chart, means_chart, signals
from bihuan.quality.spc.capability import capability_of

UNIT = Limits(0.0, 1.0)


def rules_at(points: list[float]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for one in signals(points, UNIT):
        found.setdefault(one.at, set()).add(one.rule)
    return found


def test_capability_of_the_sas_sample_capspec3_with_its_published_interval():
    found = capability_of(75, 4.8093, 0.6549, 4, 6, confidence=0.90)
    assert found is not None and found.cp is not None
    assert (round(found.cp, 3), round(found.cpk, 3)) == (0.509, 0.412)
    assert (round(found.low, 3), round(found.high, 3)) == (0.328, 0.496)


def test_one_limit_leaves_cp_open_and_no_spread_leaves_nothing_to_say():
    one = capability([1.0, 2.0, 3.0], upper=5.0)
    assert one is not None and one.cp is None and one.cpk == pytest.approx(1.0)
    assert capability([1.0, 1.0, 1.0], 0.0, 2.0) is None
    assert capability([1.0], 0.0, 2.0) is None
    assert capability([1.0, 2.0]) is None
    with pytest.raises(ValueError, match="lower limit"):
        capability([1.0, 2.0], 2.0, 2.0)


def test_the_interval_holds_the_true_cpk_about_as_often_as_it_says():
    rng = random.Random(11)
    held = 0
    for _ in range(800):
        found = capability([rng.gauss(10, 1) for _ in range(60)], 7.0, 14.0, confidence=0.90)
        assert found is not None
        held += found.low <= 1.0 <= found.high
    assert 0.86 <= held / 800 <= 0.94


@pytest.mark.parametrize(
    ("points", "at", "rule"),
    [
        ([0.5, 3.1], 1, "beyond_3"),
        ([2.1, 0.0, 2.1], 2, "two_of_three_beyond_2"),
        ([-2.1, -2.1], 1, "two_of_three_beyond_2"),
        ([0.0, -2.1, -2.1], 2, "two_of_three_beyond_2"),
        ([1.1, 1.1, 0.0, 1.1, 1.1], 4, "four_of_five_beyond_1"),
        ([0.1] * 8, 7, "eight_on_one_side"),
    ],
)
def test_each_rule_speaks_at_the_point_that_completes_it(points: list[float], at: int, rule: str):
    found = rules_at(points)
    assert rule in found[at]
    assert not any(rule in rules for place, rules in found.items() if place < at)


@pytest.mark.parametrize(
    "points",
    [
        [3.0, -3.0],  # on the limit is within
        [2.1, 0.0, -2.1],  # on both sides
        [0.0, 2.1],
        [1.1, 1.1, 0.0, 0.0, 1.1],
        [0.1] * 7 + [-0.1],
        [0.1] * 7 + [0.0],
        [2.1, 0.0, 0.0, 2.1],
    ],
)
def test_what_only_looks_like_a_signal_is_none(points: list[float]):
    assert not rules_at(points)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40))
def test_a_chart_mirrored_gives_the_same_signals_on_the_other_side(points: list[float]):
    there = {(one.at, one.rule, one.side) for one in signals(points, UNIT)}
    back = {(one.at, one.rule, -one.side) for one in signals([-one for one in points], UNIT)}
    assert there == back


def test_single_results_take_their_spread_from_what_moves_between_neighbours():
    chart = individuals_chart([10.0, 12.0, 11.0, 13.0])
    assert chart is not None
    assert chart.limits.centre == 11.5
    assert chart.limits.sigma == pytest.approx((2 + 1 + 2) / 3 / 1.128)
    assert individuals_chart([5.0, 5.0, 5.0]) is None and individuals_chart([5.0]) is None
    new = individuals_chart([20.0], base=[10.0, 12.0, 11.0, 13.0])
    assert new is not None and [one.rule for one in signals(new.points, new.limits)] == ["beyond_3"]


def test_means_take_theirs_from_the_ranges_within_the_groups():
    chart = means_chart([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]])
    assert chart is not None
    assert chart.points == (2.0, 3.0)
    assert chart.limits.sigma == pytest.approx(2 / 1.693 / 3**0.5)
    with pytest.raises(ValueError, match="one size"):
        means_chart([[1.0, 2.0], [1.0, 2.0, 3.0]])
    assert means_chart([]) is None and means_chart([[1.0, 1.0]]) is None
