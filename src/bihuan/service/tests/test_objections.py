"""Quality objections: intake, admission, checks, liability, and each refusal on the way. All names are made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.http import Http404
from django.utils import translation

from bihuan.kernel.actor import NotAllowed
from bihuan.service.errors import CaseError
from bihuan.service.models import (
    CaseClock,
    CaseFile,
    Objection,
    ObjectionEvent,
)
from bihuan.service.objection import intake, stages

from .desk import Company, at, opened
from .objecting import RAISED, D, Objecting, paper, steel_matrix

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def refused(code_words: str) -> Any:
    return pytest.raises(CaseError, match=code_words)


def clock(one: Objecting, kind: str) -> CaseClock:
    return CaseClock.objects.get(case=one.case, kind=kind)


# ---------------------------------------------------------------- intake and admission


def test_only_a_case_that_is_an_objection_has_one(mill: Company):
    case = opened(mill, kind="complaint")
    with refused("Change its kind first"):
        intake.open_objection(actor=mill.actor("manager"), case=case, now=RAISED)


def test_opened_twice_it_is_one(one: Objecting, mill: Company):
    again = intake.open_objection(actor=mill.actor("manager"), case=one.case, now=RAISED)
    assert again.pk == one.row.pk
    assert Objection.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "empty", "words"),
    [
        ("received_on", None, "received the goods"),
        ("product", None, "which product"),
        ("quantity_claimed", None, "how much is objected"),
        ("quantity_delivered", None, "how much was delivered"),
        ("contract", "", "which contract"),
        ("lot", "", "heat or batch"),
        ("specification", "", "which specification"),
        ("location", "", "where the goods lie"),
        ("remedy_wanted", "", "what the customer wants"),
        ("resale_chain", "", "end user"),
        ("is_use_stopped", False, "stop using"),
        ("are_tags_kept", False, "tags"),
    ],
)
def test_a_mill_asks_for_the_whole_intake_before_submitting(mill: Company, field, empty, words):
    one = Objecting(mill, **{field: empty})
    with refused(words):
        one.take("submitted", at("03-02 09:30"))


def test_what_is_asked_is_the_packs_to_say(mill: Company):
    from bihuan.packs.pack import read_service

    rules = read_service("steel")["objections"]
    steel_matrix(objections={**rules, "intake": ["lot"]})
    one = Objecting(mill, resale_chain="", is_use_stopped=False, are_tags_kept=False, contract="")
    assert one.take("submitted", at("03-02 09:30")).stage == "submitted"


def test_papers_have_to_be_there_before_admission(one: Objecting):
    one.take("submitted", at("03-02 09:30"))
    with refused("Papers are missing"):
        one.take("admitted", at("03-02 11:00"))
    one.papers()
    assert CaseFile.objects.filter(case=one.case, about=f"objection:{one.row.pk}").count() == 6
    one.take("admitted", at("03-02 11:00"))


def test_after_the_window_only_with_a_recorded_reason(mill: Company):
    one = Objecting(mill, received_on=date(2026, 1, 30))  # 31 days before
    one.papers()
    one.take("submitted", at("03-02 09:30"))
    with refused("after the objection window"):
        one.take("admitted", at("03-02 11:00"))
    one.take("admitted", at("03-02 11:00"), late_reason="演示：春节期间无法过磅")
    event = ObjectionEvent.objects.get(objection=one.row, kind="admitted")
    assert event.data["late_reason"] == "演示：春节期间无法过磅"
    # What it was judged by is kept with it, whatever the matrix says tomorrow.
    assert (event.data["window_days"], event.data["last_day"]) == (30, "2026-03-01")
    assert (event.data["tolerance"], event.data["source"]) == ("3/1000", "practice")


def test_the_last_day_of_the_window_still_counts(mill: Company):
    one = Objecting(mill, received_on=date(2026, 1, 31))  # 30 days before
    one.as_far_as_admission()


def test_a_contract_may_have_its_own_window(mill: Company):
    from bihuan.packs.pack import read_service

    rules = read_service("steel")["objections"]
    own = {"days": 45, "contract": "演示HT-118", "tolerance": 0.003, "source": "演示合同"}
    steel_matrix(objections={**rules, "windows": [*rules["windows"], own]})
    Objecting(mill, received_on=date(2026, 1, 20)).as_far_as_admission()  # 41 days


def test_a_difference_within_tolerance_only_with_a_recorded_reason(mill: Company):
    one = Objecting(mill, quantity_claimed=D("0.36"))  # 3 per mille of 120 t
    one.papers()
    one.take("submitted", at("03-02 09:30"))
    with refused("within the tolerance"):
        one.take("admitted", at("03-02 11:00"))
    one.take("admitted", at("03-02 11:00"), small_reason="演示：同一用户连续三批")


def test_just_above_the_tolerance_it_is_admitted(mill: Company):
    Objecting(mill, quantity_claimed=D("0.361")).as_far_as_admission()


def test_refused_with_a_code_the_customer_is_told_and_nothing_goes_on(one: Objecting):
    one.take("submitted", at("03-02 09:30"))
    given: dict[str, Any] = {"actor": one.actor(), "objection": one.row, "now": at("03-02 10:00")}
    with refused("why it is refused"):
        stages.refuse_objection(reason="because", text="演示", **given)
    done = stages.refuse_objection(reason="not_our_goods", text="演示：非我方货物", **given)
    assert (done.stage, done.closed_at) == ("refused", at("03-02 10:00"))
    assert clock(one, "admission").stopped_at == at("03-02 10:00")
    with refused("Reopen it first"):
        one.take("admitted", at("03-02 11:00"))
    stages.reopen_objection(
        actor=one.actor(), objection=one.row, stage="", reason="演示：补充标牌照片", now=at("03-03 09:00")
    )
    assert one.again().stage == "submitted"
    one.papers(at("03-03 09:10"))
    one.take("admitted", at("03-03 09:30"))


def test_a_stage_waits_for_the_one_before_and_is_done_once(one: Objecting):
    with refused("stage before"):
        one.take("admitted", at("03-02 09:30"))
    one.take("submitted", at("03-02 09:30"))
    with refused("done already"):
        one.take("submitted", at("03-02 09:30"))


def test_what_admission_was_judged_by_stays(one: Objecting):
    one.as_far_as_admission()
    with refused("Reopen the admission"):
        intake.change_intake(
            actor=one.actor(), objection=one.row, now=at("03-03 09:00"), quantity_claimed=D(5)
        )


# ---------------------------------------------------------------- check, liability


def admitted(one: Objecting) -> Objecting:
    one.as_far_as_admission()
    one.take("acknowledged", at("03-02 11:30"), text="演示")
    one.take("assessed", at("03-02 12:00"), severity=1)
    return one


def test_assessing_changes_the_severity_of_the_case(one: Objecting):
    admitted(one)
    assert one.case_again().severity == 1


def test_a_check_needs_somebody_on_site_and_a_countersigned_sample(one: Objecting):
    admitted(one)
    with refused("Nobody was on site"):
        one.take("checked", at("03-03 15:00"))
    stages.go_on_site(actor=one.actor(), objection=one.row, now=at("03-03 10:00"))
    with refused("no joint sample"):
        one.take("checked", at("03-03 15:00"))
    sample = one.sample(at("03-03 11:00"), countersigned_by_them="")
    with refused("countersigned by both"):
        one.take("checked", at("03-03 15:00"))
    sample.countersigned_by_them = "演示·王工"
    sample.save()
    one.take("checked", at("03-03 15:00"))
    with refused("no result yet"):
        one.take("liability", at("03-03 16:00"), shares={"ours": D(100)})


def test_a_check_may_be_left_out_with_a_reason(one: Objecting):
    admitted(one)
    one.take("checked", at("03-03 15:00"), no_check_reason="演示：照片与磅单足以认定")
    one.take("liability", at("03-03 16:00"), shares={"ours": D(100)})


def test_a_sample_without_the_other_side_is_none(one: Objecting):
    one.as_far_as_admission()
    with refused("Say who of the customer was present"):
        one.sample(at("03-03 11:00"), theirs_present=" ")


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({}, "who is liable"),
        ({"ours": D(80)}, "add up"),
        ({"ours": D(80), "carrier": D("20.000001")}, "add up"),
        ({"ours": D(120), "carrier": D(-20)}, "between 0 and 100"),
        ({"nobody": D(100)}, "no such choice"),
    ],
)
def test_shares_of_liability_are_a_hundred_percent(one: Objecting, shares, words):
    admitted(one)
    one.take("checked", at("03-03 15:00"), no_check_reason="演示")
    with refused(words):
        one.take("liability", at("03-03 16:00"), shares=shares)


# ---------------------------------------------------------------- who may


def test_events_are_never_changed_or_removed(one: Objecting):
    event = ObjectionEvent.objects.filter(objection=one.row).earliest("pk")
    with pytest.raises(Error), transaction.atomic():
        ObjectionEvent.objects.filter(pk=event.pk).update(kind="x")
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM service_objectionevent")


def test_a_stranger_finds_nothing_and_who_may_not_is_told(one: Objecting):
    with pytest.raises(Http404):
        one.take("submitted", at("03-02 09:30"), by="stranger")
    with pytest.raises(NotAllowed):
        one.take("submitted", at("03-02 09:30"), by="seller")


def test_who_tests_makes_no_offers_and_who_sells_enters_no_results(one: Objecting):
    one.as_far_as_admission()
    with pytest.raises(NotAllowed):
        one.offer(at("03-03 09:00"), by="quality")
    with pytest.raises(NotAllowed):
        one.sample(at("03-03 09:00"), by="seller")


def test_only_who_may_settle_posts(one: Objecting):
    one.as_far_as_signature()
    with pytest.raises(NotAllowed):
        one.take("settled", at("03-10 09:00"), by="agent")
    with pytest.raises(NotAllowed):
        one.take("settled", at("03-10 09:00"), by="quality")


def test_a_paper_of_no_kind_is_refused(one: Objecting):
    with refused("no such choice"):
        intake.add_paper(
            actor=one.actor(), objection=one.row, paper="x", files=[paper()], now=at("03-02 09:00")
        )


def test_capitals_of_the_amount_are_exact():
    from bihuan.service.objection.capitals import capital_amount

    assert capital_amount(Decimal("40000.5")) == "肆万元伍角整"
