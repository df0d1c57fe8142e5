"""What stands against a second signature, and which lots go on one certificate: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bihuan.quality.certificates.second.rules import First, Inspector, against_second
from bihuan.quality.certificates.several.rules import (
    MOST_LOTS,
    Went,
    against_together,
    further_of,
    not_theirs,
    orders_named,
    pivot,
)
from bihuan.quality.certificates.telling import say_lots

FIRST = First(1, "Li Ming", "演示钢铁")
GOOD = Inspector("王验船", "演示船级社", "INS-26-007", date(2026, 3, 2))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"name": " 　"}, ["name"]),
        ({"name": "ＬＩ  ming"}, ["same_person"]),  # full width, blanks and case do not make another person
        ({"name": "陈 经理"}, ["same_person"]),  # who enters it stands for the page, and is not the inspector
        ({"organisation": ""}, ["organisation"]),
        ({"organisation": "演示 钢铁"}, ["same_house"]),
        ({"reference": " "}, ["reference"]),
        ({"inspected_on": None}, ["undated"]),
        ({"inspected_on": date(2026, 3, 3)}, ["not_yet"]),
        ({"name": "", "organisation": "", "reference": "", "inspected_on": None},
         ["name", "organisation", "reference", "undated"]),
    ],
)  # fmt: skip
def test_the_second_is_another_person_of_another_house(change: dict, found: list[str]) -> None:
    said = against_second(
        FIRST, replace(GOOD, **change), person=2, person_name="陈经理", today=date(2026, 3, 2)
    )
    assert said == found


def test_who_signed_first_does_not_enter_the_second() -> None:
    said = against_second(FIRST, GOOD, person=1, person_name="Li Ming", today=date(2026, 3, 2))
    assert said == ["same_entry"]


def went(
    lot: int,
    product: int = 1,
    customers: tuple = (7,),
    deliveries: tuple = (("order", 1),),
    orders: tuple = (),
) -> Went:
    return Went(lot, product, frozenset(customers), frozenset(deliveries), frozenset(orders))


@pytest.mark.parametrize(
    ("kind", "lots", "customer", "found"),
    [
        ("coa", [went(1, customers=())], 7, ""),  # one alone is what it was before
        ("coa", [went(1), went(2)], 7, ""),
        ("origin", [went(1), went(2)], 7, "kind"),
        ("coa", [went(one) for one in range(MOST_LOTS + 1)], 7, "too_many"),
        ("coa", [went(one) for one in range(MOST_LOTS)], 7, ""),
        ("coa", [went(1), went(2, product=2)], 7, "product"),
        ("coa", [went(1), went(2, customers=(8,))], 7, "customer"),
        ("coa", [went(1, orders=(1, 2)), went(2, customers=(), orders=(2, 3))], 7, ""),  # one of them is only reserved
        ("coa", [went(1, orders=(1,)), went(2, customers=(), orders=(2,))], 7, "customer"),
        ("coa", [went(1), went(2)], None, ""),
        ("coa", [went(1), went(2, deliveries=(("movement", 1),))], None, "delivery"),
        # each two share one, but no delivery took all three
        ("coa", [went(1, deliveries=(("order", 1), ("order", 2))), went(2, deliveries=(("order", 1), ("order", 3))),
                 went(3, deliveries=(("order", 2), ("order", 3)))], None, "delivery"),
    ],
)  # fmt: skip
def test_lots_of_one_certificate_went_together(
    kind: str, lots: list[Went], customer: int | None, found: str
) -> None:
    assert against_together(kind, lots, customer) == found


def test_it_names_the_orders_that_it_rests_on_and_keeps_those_that_it_named() -> None:
    kept = [went(1, orders=(1, 2)), went(2, customers=(), orders=(2, 3))]
    gone = [went(1, orders=(1, 2)), went(2, orders=(1, 2))]
    assert (orders_named(kept, 7), orders_named(kept, None), orders_named(gone, 7)) == ([2], [], [])
    assert (orders_named(gone, 7, [2]), orders_named(gone, 7, [3]), orders_named(kept, 7, [1])) == (
        [2],
        [],
        [2],
    )
    assert not_theirs([2], [1, 2], {(1, 2), (2, 3)}) == [(2, 2)]


def test_the_same_lots_are_called_the_same_whatever_their_order() -> None:
    assert (further_of([3]), further_of([10, 9, 2]), further_of([9, 2, 10])) == ("", "9,10", "9,10")


def test_a_mail_names_three_lots_and_how_many_there_are() -> None:
    assert (say_lots(["1"], False), say_lots(["1", "2", "3"], True)) == ("1", "1, 2, 3")
    assert say_lots(["1", "2", "3", "4"], False) == "1、2、3 等 4 批"


def test_each_lot_has_its_column_and_no_result_is_lost() -> None:
    def row(lot: int, about: int, said: str, unit: str = "%", method: str = "GC") -> dict:
        return {"lot": lot, "characteristic": about, "code": "x", "name": "x", "name_en": "x", "unit": unit, "lower": "",
                "upper": "", "method": method, "said": said, "sample": ""}  # fmt: skip

    rows = [
        row(5, 1, "a"),
        row(5, 1, "b", method="HPLC"),
        row(6, 1, "c"),
        row(6, 2, "d"),
        row(6, 1, "e", unit="g"),
    ]
    lines = pivot(rows, [5, 6])
    cells = [[[one["said"] for one in cell] for cell in line["cells"]] for line in lines]
    assert cells == [[["a", "b"], ["c"]], [[], ["d"]], [[], ["e"]]]
    assert lines[0]["methods"] == ["GC", "HPLC"]
