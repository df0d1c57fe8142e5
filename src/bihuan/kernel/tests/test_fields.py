"""Money stays exact: what goes in comes out, and sums of a million pennies do not drift."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.fields import from_fixed, plain, to_fixed

amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=6, allow_nan=False)


@given(amounts)
def test_an_amount_survives_the_database(amount: Decimal):
    assert from_fixed(to_fixed(amount)) == amount


@given(st.lists(amounts, max_size=50))
def test_a_sum_of_stored_amounts_is_exact(each: list[Decimal]):
    assert from_fixed(sum(map(to_fixed, each))) == sum(each, Decimal(0))


@pytest.mark.parametrize(
    ("given_value", "stored"),
    [
        (0.1 + 0.2, 300000),
        ("2.0000005", 2000000),
        ("2.0000015", 2000002),
        (-11062.06, -11062060000),
    ],
)
def test_spreadsheet_floats_are_rounded_half_even_at_six_places(given_value: float | str, stored: int):
    assert to_fixed(given_value) == stored


def test_plain_text_has_full_precision_and_no_exponent():
    assert plain(Decimal("5761931.382000")) == "5761931.382"
    assert plain(Decimal("1E+3")) == "1000"
