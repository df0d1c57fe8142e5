"""The guards of an objection as a pure function, and capital numerals: known answers, and read back for any amount."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.service.objection.capitals import DIGITS, MOST, capital_amount
from bihuan.service.objection.rules import STAGES, Facts, SampleFacts, lacks, next_stage, stages_done
from bihuan.service.objection.wording import DO, EVENT_WORDS, FOR_CUSTOMER, REFUSALS, STAGE_WORDS

D = Decimal
GOOD = SampleFacts(both_present=True, is_sealed=True, is_countersigned=True, has_result=True)
BEFORE: dict[str, Any] = {
    "raised_on": date(2026, 3, 2), "last_day": date(2026, 3, 2), "is_on_site": True, "samples": (GOOD,),
    "shares": {"ours": D(100)}, "has_offer": True, "remedies": 1, "is_approved": True, "has_agreement": True,
    "is_signed": True, "is_posted": True, "correction": "x", "effect_text": "x",
}  # fmt: skip


def at(stage: str, **other: Any) -> Facts:
    """Everything is there, and the stages before this one are done."""
    return Facts(**{**BEFORE, "done": frozenset(STAGES[: STAGES.index(stage)]), **other})


@pytest.mark.parametrize("stage", STAGES)
def test_with_everything_there_each_stage_lacks_nothing(stage: str):
    assert lacks(stage, at(stage)) == ""
    assert next_stage(at(stage)) == stage


@pytest.mark.parametrize("stage", STAGES[1:])
def test_each_stage_waits_for_the_one_before(stage: str):
    assert lacks(stage, Facts(**BEFORE)) == "stage_before"


@pytest.mark.parametrize(
    ("stage", "other", "code"),
    [
        ("submitted", {"missing": ("lot", "contract")}, "no_lot"),
        ("admitted", {"papers_missing": ("letter",)}, "no_papers"),
        ("admitted", {"last_day": None}, "outside_window"),
        ("admitted", {"raised_on": date(2026, 3, 3)}, "outside_window"),
        ("admitted", {"raised_on": date(2026, 3, 3), "late_reason": "x"}, ""),
        ("admitted", {"lacking": Fraction(3, 1000), "tolerance": Fraction(3, 1000)}, "within_tolerance"),
        ("admitted", {"lacking": Fraction(3001, 1_000_000), "tolerance": Fraction(3, 1000)}, ""),
        ("admitted", {"lacking": Fraction(1, 1000), "tolerance": Fraction(3, 1000), "small_reason": "x"}, ""),
        ("checked", {"is_on_site": False}, "not_on_site"),
        ("checked", {"samples": ()}, "no_sample"),
        ("checked", {"samples": (), "no_check_reason": "x"}, ""),
        ("checked", {"samples": (GOOD, SampleFacts(False, True, True, True))}, "not_both_present"),
        ("checked", {"samples": (SampleFacts(True, False, True, True),)}, "not_countersigned"),
        ("checked", {"samples": (SampleFacts(True, True, False, True),)}, "not_countersigned"),
        ("liability", {"samples": (SampleFacts(True, True, True, False),)}, "no_result"),
        ("liability", {"shares": {}}, "no_shares"),
        ("liability", {"shares": {"ours": D("99.999999")}}, "not_whole"),
        ("proposal", {"has_offer": False}, "no_offer"),
        ("proposal", {"quantity_claimed": D(1), "quantity_accepted": D("1.000001")}, "more_than_claimed"),
        ("signed", {"is_approved": False}, "not_approved"),
        ("signed", {"has_agreement": False}, "no_agreement"),
        ("signed", {"is_signed": False}, "not_signed"),
        ("settled", {"is_posted": False}, "not_posted"),
        ("corrected", {"has_investigation": True, "corrective": "actions_open"}, "actions_open"),
        ("corrected", {"correction": ""}, "no_correction"),
        ("effective", {"has_investigation": True, "effect": "no_later_data"}, "no_later_data"),
        ("effective", {"effect_text": ""}, "no_effect"),
        ("closed", {"has_investigation": True, "effect": "bad_data"}, "no_later_data"),
    ],
)
def test_what_a_stage_lacks(stage: str, other: dict[str, Any], code: str):
    assert lacks(stage, at(stage, **other)) == code


def test_refused_it_stands_still():
    assert lacks("refused", at("admitted")) == ""
    assert lacks("refused", at("checked")) == "admitted_already"
    assert {lacks(stage, at(stage, is_refused=True)) for stage in STAGES} == {"is_refused"}
    assert next_stage(at("admitted", is_refused=True)) == ""


def test_reopening_undoes_a_stage_and_those_after_it():
    def event(kind: str, **data: Any) -> Any:
        return SimpleNamespace(kind=kind, data=data)

    events = [event(one) for one in STAGES[:9]]
    again = stages_done([*events, event("reopened", **{"from": "proposal"})])
    assert again == set(STAGES[:6])
    assert stages_done([*events, event("reopened", **{"from": "proposal"}), event("proposal")]) == set(
        STAGES[:7]
    )


def test_every_stage_and_refusal_has_its_words():
    assert set(STAGES) <= set(DO) & set(FOR_CUSTOMER) & set(STAGE_WORDS) & set(EVENT_WORDS)
    codes = {
        lacks(stage, Facts(done=frozenset(STAGES[: STAGES.index(stage)]), missing=("lot",)))
        for stage in STAGES
    }
    assert codes - {""} <= set(REFUSALS)


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0.56", "伍角陆分"),
        ("10", "壹拾元整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("10010001", "壹仟零壹万零壹元整"),
        ("100000001", "壹亿零壹元整"),
        ("200000000005", "贰仟亿零伍元整"),
        ("1000000000000", "壹万亿元整"),
        ("1234567890123", "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元整"),
    ],
)
def test_capital_numerals(amount: str, written: str):
    assert capital_amount(D(amount)) == written


@pytest.mark.parametrize("amount", ["-1", "0.001", "NaN", "Infinity", str(MOST)])
def test_what_has_no_capital_numerals_is_refused(amount: str):
    with pytest.raises(ValueError, match="an amount"):
        capital_amount(D(amount))


def read_back(text: str) -> int:
    """Cents of an amount in capital numerals, read by its units alone."""
    yuan, _yuan, rest = text.partition("元") if "元" in text else ("", "", text)
    total = group = digit = whole = 0
    for letter in yuan:
        if letter in DIGITS:
            digit = DIGITS.index(letter)
        elif letter in "拾佰仟":
            group, digit = group + digit * {"拾": 10, "佰": 100, "仟": 1000}[letter], 0
        elif letter == "万":
            total, group, digit = total + (group + digit) * 10_000, 0, 0
        else:  # 亿: all so far, whatever 万 it had
            whole, total, group, digit = whole + (total + group + digit) * 10**8, 0, 0, 0
    cents = (whole + total + group + digit) * 100
    for letter, worth in (("角", 10), ("分", 1)):
        if letter in rest:
            cents += DIGITS.index(rest[rest.index(letter) - 1]) * worth
    return cents


@given(st.integers(0, int(MOST) * 100 - 1))
def test_capital_numerals_say_the_amount_and_no_zero_twice(cents: int):
    written = capital_amount(D(cents) / 100)
    assert read_back(written) == cents
    assert "零零" not in written and not written.startswith("零" if cents else " ")
