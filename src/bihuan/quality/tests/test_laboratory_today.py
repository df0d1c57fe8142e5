"""Today says what of the laboratory waits for the reader: others' results to verify, tests to be done again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from bihuan.quality.deciding import invalidate
from bihuan.quality.laboratory.specifying import set_rule
from bihuan.quality.laboratory.today import MOST, my_laboratory
from bihuan.quality.models import Lot, LotEvent, TestResult

from .laboratory_making import Lab, client_of
from .plants import NOON, receive
from .test_others import narrowed

LATER = NOON + timedelta(days=3, hours=1)


@pytest.fixture
def lab(db: None) -> Lab:
    return Lab()


def test_what_waits_for_me_is_what_others_entered_and_i_did_not_verify(lab: Lab) -> None:
    set_rule(actor=lab.one, product=lab.lot.product, checks=2, refuses_own_limits=False, must_be_tested=False, now=NOON)  # fmt: skip
    made = [lab.enter("99.6"), lab.enter("5", lab.water)]
    assert my_laboratory(lab.one, now=LATER) == ([], False)
    (todo,), is_more = my_laboratory(lab.two, now=LATER)
    assert (todo.kind, todo.name, todo.n, todo.days, todo.since, is_more) == (
        "verify",
        "H/1",
        2,
        3,
        NOON,
        False,
    )
    lab.verify(made[0])
    assert [one.n for one in my_laboratory(lab.two, now=LATER)[0]] == [1]
    assert [one.n for one in my_laboratory(lab.head, now=LATER)[0]] == [2]
    invalidate(actor=lab.two, result=made[1], reason="样品污染", now=NOON + timedelta(days=1))
    kinds = {one.kind: one.days for one in my_laboratory(lab.head, now=LATER)[0]}
    assert kinds == {"verify": 3, "again": 2}
    assert {one.kind for one in my_laboratory(lab.one, now=LATER)[0]} == {"again"}
    lab.enter("6", lab.water)  # done again
    assert "again" not in {one.kind for one in my_laboratory(lab.one, now=LATER)[0]}
    # Sees all results, and lots of own customers only.
    assert my_laboratory(narrowed("quality", "lot", "view"), now=LATER) == ([], False)
    Lot.objects.update(disposition="rejected", status="rejected")
    assert my_laboratory(lab.two, now=LATER) == ([], False)
    assert not LotEvent.objects.filter(kind="held").exists()


def test_the_section_leads_to_the_form_and_says_when_there_is_more(lab: Lab) -> None:
    lab.enter("99.6")
    body = client_of("two").get(reverse("today")).content.decode()
    assert reverse("lot_verify", args=[lab.lot.pk]) in body and "1 result to verify" in body
    assert (
        reverse("lot_verify", args=[lab.lot.pk])
        not in client_of("one").get(reverse("today")).content.decode()
    )
    TestResult.objects.bulk_create(
        TestResult(
            lot=receive("H", f"n{at}", 1), characteristic=lab.purity, said="1", tested_at=NOON, is_draft=True, checks_wanted=1,
        )
        for at in range(MOST)
    )  # fmt: skip
    rows, is_more = my_laboratory(lab.two, now=NOON)
    assert len(rows) == MOST and is_more
