"""Shares agree with the matrix solution on blends, diamonds, heels and rework; amounts are divided exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.quality.genealogy.balance import apportion, balance, part_among
from bihuan.quality.genealogy.shares import Edge, ancestors, descendants

Parts = dict[tuple[int, int], float]


@st.composite
def plants(draw: st.DrawFn, rework: bool = False) -> tuple[int, Parts]:
    """A number of lots, and the part of each that comes from others; what is missing to 1 came from outside."""
    size = draw(st.integers(2, 9))
    parts: Parts = {}
    for target in range(1, size):
        sources = range(size) if rework else range(target)
        chosen = draw(
            st.lists(st.sampled_from([one for one in sources if one != target]), unique=True, max_size=4)
        )
        amounts = [draw(st.integers(1, 50)) for _ in chosen]
        outside = draw(st.integers(1 if rework else 0, 30))
        total = sum(amounts) + outside
        parts |= {(one, target): amount / total for one, amount in zip(chosen, amounts, strict=True)}
    return size, parts


def matrix(size: int, parts: Parts) -> np.ndarray:
    w = np.zeros((size, size))
    for (source, target), part in parts.items():
        w[target, source] = part
    return w


def by_matrix(size: int, parts: Parts, lot: int) -> list[float]:
    """The chance that a walk from the lot upwards ever meets each other lot."""
    visits = np.linalg.inv(np.eye(size) - matrix(size, parts))
    return [float(visits[lot, one] / visits[one, one]) for one in range(size)]


def edges(parts: Parts) -> list[Edge]:
    return [Edge(source, target, part) for (source, target), part in parts.items()]


@given(plants())
@settings(deadline=None, max_examples=200)
def test_ancestors_agree_with_the_matrix(plant: tuple[int, Parts]) -> None:
    size, parts = plant
    lot = size - 1
    wanted = by_matrix(size, parts, lot)
    found = ancestors(lot, edges(parts)).of
    assert [found.get(one, 0.0) for one in range(size)] == pytest.approx(wanted)


@given(plants(rework=True))
@settings(deadline=None, max_examples=200)
def test_rework_agrees_with_the_matrix(plant: tuple[int, Parts]) -> None:
    size, parts = plant
    for lot in range(size):
        assert [ancestors(lot, edges(parts)).of.get(one, 0.0) for one in range(size)] == pytest.approx(
            by_matrix(size, parts, lot)
        )


@given(plants(rework=True))
@settings(deadline=None, max_examples=200)
def test_downwards_and_upwards_say_the_same(plant: tuple[int, Parts]) -> None:
    size, parts = plant
    below = descendants(0, edges(parts)).of
    for one in range(size):
        assert below.get(one, 0.0) == pytest.approx(by_matrix(size, parts, one)[0])


@given(plants())
@settings(deadline=None, max_examples=200)
def test_what_a_lot_consists_of_adds_up_to_the_whole(plant: tuple[int, Parts]) -> None:
    """Mass balance: what came from outside, over all ancestors and the lot itself, is all of it."""
    size, parts = plant
    found = ancestors(size - 1, edges(parts)).of
    outside = {
        one: 1 - sum(part for (_, target), part in parts.items() if target == one) for one in range(size)
    }
    assert sum((share or 0) * outside[one] for one, share in found.items()) == pytest.approx(1.0)


def test_a_heel_is_cut_where_it_counts_less_than_a_thousandth_and_the_rest_is_told() -> None:
    chain = [Edge(number, number + 1, 0.1, heel=True) for number in range(20)]
    fresh = [Edge(100 + number, number, 0.9) for number in range(21)]
    found = ancestors(20, chain + fresh)
    assert found.of[17] == pytest.approx(0.001) and 16 not in found.of
    assert found.cut == pytest.approx(0.0001)
    outside = sum(share or 0 for one, share in found.of.items() if one >= 100)
    assert outside + found.cut == pytest.approx(1.0)


def test_a_small_ingredient_is_never_cut() -> None:
    found = ancestors(0, [Edge(1, 0, 0.00001), Edge(2, 1, 0.5)])
    assert found.of[2] == pytest.approx(0.000005) and found.cut == 0


def test_unknown_amounts_give_unknown_shares_and_hide_no_lot() -> None:
    found = ancestors(0, [Edge(1, 0, None), Edge(2, 1, 0.5), Edge(3, 0, None)])
    assert set(found.of) == {0, 1, 2, 3} and found.of[2] is None
    round_about = ancestors(0, [Edge(1, 0, None), Edge(0, 1, 0.5), Edge(2, 1, 0.5)])
    assert set(round_about.of) == {0, 1, 2} and round_about.of[2] is None


def test_lots_that_consist_of_nothing_but_each_other_have_no_shares() -> None:
    found = ancestors(0, [Edge(1, 0, 1.0), Edge(0, 1, 1.0)])
    assert found.of[1] is None and found.of[0] == 1.0


def test_a_thousand_steps_one_after_the_other_are_no_trouble() -> None:
    found = ancestors(5000, [Edge(number, number + 1, 1.0) for number in range(5000)])
    assert found.of[0] == 1.0


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_an_amount_is_divided_exactly(amount: int, parts: list[int]) -> None:
    given_out = apportion(amount, parts)
    assert sum(given_out) == (amount if sum(parts) else 0)
    assert all(one >= 0 for one in given_out)


@given(
    st.lists(st.integers(1, 10**12), min_size=1, max_size=6),
    st.lists(st.integers(1, 10**12), min_size=1, max_size=6),
    st.integers(0, 10**9),
)
def test_inputs_part_among_outputs_and_loss_without_remainder(
    taken: list[int], made: list[int], lost: int
) -> None:
    for amount in taken:
        parts = part_among(amount, made, lost)
        gone = amount - sum(one or 0 for one in parts)
        assert 0 <= gone <= amount and (lost or gone == 0)
    assert balance(taken, made, lost).gap == sum(taken) - sum(made) - lost
