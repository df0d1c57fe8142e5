"""What stands against a certificate, and what changed since: pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bihuan.quality.certificates.rules import Limits, Measured, against, changed_since, judge


def measured(key: int, value: float | None, about: int = 1, **more: Any) -> Measured:
    given: dict[str, Any] = {"is_below_detection": False, "is_valid": True, "said": str(value)} | more
    return Measured(id=key, characteristic=about, value=value, **given)


@pytest.mark.parametrize(
    ("lower", "upper", "value", "below", "found"),
    [
        ("99.5", None, 99.5, False, ""),
        ("99.5", None, 99.49, False, "outside"),
        (None, "0.1", 0.1, False, ""),  # a limit itself is kept, though 0.1 is no exact binary number
        (None, "0.1", 0.11, False, "outside"),
        (None, "0.1", 0.05, True, ""),
        (None, "0.1", 0.2, True, "uncertain"),
        ("0.1", None, 0.05, True, "outside"),
        ("0.1", None, 0.2, True, "uncertain"),
        ("1", "2", None, False, "no_number"),
        (None, None, None, False, ""),
    ],
)
def test_a_result_shows_that_its_limits_are_kept_or_says_why_not(
    lower: str | None, upper: str | None, value: float | None, below: bool, found: str
) -> None:
    limits = Limits(lower and Decimal(lower), upper and Decimal(upper))  # type: ignore[arg-type]
    assert against(limits, measured(1, value, is_below_detection=below)) == found


def test_a_sample_that_failed_is_not_left_out_because_another_one_passed() -> None:
    listed, found = judge([measured(1, 99.9), measured(2, 98.0)], {1: Limits(Decimal(99), None)})
    assert [one.id for one in listed] == [1, 2]
    assert [(one.code, one.result) for one in found] == [("outside", 2)]


def test_what_is_specified_needs_a_result_though_the_customer_prints_less() -> None:
    limits = {1: Limits(Decimal(1), None), 2: Limits(None, Decimal(2))}
    listed, found = judge([measured(1, 5)], limits, wanted=[1])
    assert [one.id for one in listed] == [1]
    assert [(one.code, one.characteristic) for one in found] == [("missing", 2)]


def test_an_invalid_result_is_missed_until_the_test_was_done_again() -> None:
    limits = {1: Limits(Decimal(1), None)}
    fell = measured(1, 5, is_valid=False)
    assert [one.code for one in judge([fell], limits)[1]] == ["invalid"]
    again = [measured(1, 5, is_valid=False, is_tested_again=True), measured(2, 6)]
    assert judge(again, limits)[1] == []


def test_results_that_fell_came_or_read_otherwise_are_noticed_and_others_are_not() -> None:
    said = {
        "rows": [
            {"result": 1, "characteristic": 1, "said": "5.0"},
            {"result": 2, "characteristic": 2, "said": "7"},
        ]
    }
    same = [measured(1, 5.0), measured(2, 7, 2, said="7"), measured(3, 1, 3)]
    assert changed_since(said, same) == []
    assert changed_since(said, [measured(1, 5.0, is_valid=False), measured(2, 8, 2, said="8"), measured(4, 5.1)]) == [
        ("fell", 1), ("altered", 2), ("came", 4),
    ]  # fmt: skip
