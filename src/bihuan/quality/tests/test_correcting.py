"""Limits entered by mistake are put right on the day they begin; what was tested since is judged again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, NotAllowed
from bihuan.kernel.models import OutboxEvent
from bihuan.people.services import actor_for
from bihuan.quality.deciding import enter_result
from bihuan.quality.laboratory.correcting import Corrected, correct_limits
from bihuan.quality.laboratory.specifying import set_limits
from bihuan.quality.laboratory.wording import said_after
from bihuan.quality.lots.page import lot_page
from bihuan.quality.models import LotEvent, Specification

from .certifying import make_plant, sign
from .laboratory_making import TODAY, D, Lab, client_of, code, person
from .plants import NOON, lot, receive
from .test_others import narrowed


@pytest.fixture
def lab(db: None) -> Lab:
    return Lab()


def new(lab: Lab, lower: str, **more: Any) -> Specification:
    given: dict[str, Any] = {"customer": None, "upper": None, "valid_from": TODAY}
    return set_limits(
        actor=lab.one, product=lab.lot.product, characteristic=lab.purity, lower=D(lower), now=NOON, **(given | more)
    )  # fmt: skip


def correct(lab: Lab, row: Specification, lower: str | None, seen: str, **more: Any) -> Corrected:
    given: dict[str, Any] = {
        "actor": lab.one,
        "upper": None,
        "is_withdrawn": False,
        "reason": "录错",
        "now": NOON,
    }
    wanted = None if lower is None else D(lower)
    return correct_limits(limits=row.pk, lower=wanted, seen=seen, **(given | more))


def measure(lab: Lab, said: str, of: Any = None) -> None:
    enter_result(
        actor=SYSTEM, lot=of or lab.lot, characteristic=lab.purity, said=said, value=float(said), at=NOON, now=NOON
    )  # fmt: skip


def test_a_lot_held_for_a_mistaken_limit_is_told_of_and_stays_on_hold(lab: Lab) -> None:
    row = new(lab, "99.9")
    measure(lab, "99.7")
    assert lab.again().disposition == "held"
    after = correct(lab, row, "99.6", "≥ 99.9")
    assert (after.lots.told, after.lots.held) == (["H/1"], [])
    event = LotEvent.objects.get(kind="limits_corrected")
    assert "录错" in event.reason and lab.again().disposition == "held"
    found = lot_page(SYSTEM, lab.lot.pk, customer="", now=NOON)
    assert found.decided is not None and found.decided.reason == event.reason and not found.outside
    entry = Entry.objects.get(action="specification.corrected")
    assert entry.before is not None and entry.after is not None and entry.note == "录错"
    assert (entry.before["lower"], entry.after["lower"]) == ("99.9", "99.6")
    assert OutboxEvent.objects.filter(topic="specification.corrected").exists()
    # Told once: the last that happened to it is no longer that hold.
    assert correct(lab, row, "99.5", "≥ 99.6").lots.told == []


def test_a_lot_that_breaks_the_right_limits_is_held_and_one_with_another_failure_is_not_told(
    lab: Lab,
) -> None:
    row = new(lab, "99.0")
    measure(lab, "99.7")
    bad = receive("H", "2", 10)
    measure(lab, "98", bad)
    enter_result(actor=SYSTEM, lot=bad, characteristic=lab.purity, said="97", value=97.0, at=NOON, now=NOON)
    after = correct(lab, row, "99.8", "≥ 99")
    assert after.lots.held == ["H/1"] and after.lots.told == [] and lab.again().disposition == "held"
    assert correct(lab, row, "97.5", "≥ 99.8").lots.told == ["H/1"]  # H/2 has one of 97 still
    assert lot("H", "2").disposition == "held"


def test_limits_taken_back_leave_those_before(lab: Lab) -> None:
    row = new(lab, "99.9")
    measure(lab, "99.7")
    after = correct(lab, row, None, "≥ 99.9", is_withdrawn=True)
    assert after.lots.told == ["H/1"]
    assert list(Specification.objects.values_list("lower", "valid_to")) == [(D("99.5"), None)]
    assert Entry.objects.get(action="specification.withdrawn").after is None
    with pytest.raises(Http404):
        correct(lab, row, "99", "≥ 99.9")
    # New limits that begin today judge what was tested today, too.
    new(lab, "99.8")
    assert LotEvent.objects.filter(kind="limits_corrected").count() == 1


def test_new_limits_of_today_hold_what_was_tested_today(lab: Lab) -> None:
    measure(lab, "99.7")
    assert lab.again().disposition == "released"
    new(lab, "99.8")
    assert lab.again().disposition == "held"


def test_the_past_two_at_once_and_nonsense_are_refused(lab: Lab) -> None:
    old, row = Specification.objects.get(), new(lab, "99.9")
    assert code(correct, lab, old, "99", "≥ 99.5") == "past"
    assert code(correct, lab, row, "99", "≥ 99.9", now=NOON + timedelta(days=1)) == "past"
    assert (
        code(correct, lab, row, None, "≥ 99.9")
        == code(correct, lab, row, "9", "≥ 99.9", upper=D(8))
        == "limits"
    )
    assert code(correct, lab, row, "99", "≥ 99.9", reason=" ") == "reason"
    correct(lab, row, "99.8", "≥ 99.9")
    assert code(correct, lab, row, "99.7", "≥ 99.9") == "changed"
    with pytest.raises(NotAllowed):
        correct(lab, row, "99", "≥ 99.8", actor=actor_for(person("tech", "technical")))


def test_the_page_offers_it_for_what_is_not_past_and_to_who_sees_the_customer(lab: Lab) -> None:
    buyer = Customer.objects.create(name="演示·严", created_at=NOON, updated_at=NOON)
    client = client_of("one")
    adding = reverse("specification_add", args=[lab.lot.product_id])
    client.post(adding, {"characteristic": str(lab.purity.pk), "lower": "99.9", "valid_from": "2099-01-01", "other": str(buyer.pk)})  # fmt: skip
    old, row = Specification.objects.order_by("pk")
    body = client.get(reverse("specifications", args=[lab.lot.product_id])).content.decode()
    address = reverse("specification_correct", args=[row.pk])
    assert address in body and reverse("specification_correct", args=[old.pk]) not in body
    assert "演示·严" in client.get(address).content.decode()
    sent = {"lower": "99.8", "seen": "≥ 99.9", "reason": ""}
    assert client.post(address, sent).status_code == 422
    done = client.post(address, sent | {"reason": "录错"}, follow=True)
    assert "The limits are corrected." in done.content.decode() and "≥ 99.8" in done.content.decode()
    narrowed("quality", "customer", "view")
    assert client_of("quality").get(address).status_code == 404
    assert client_of("quality").get(reverse("specification_correct", args=[99_999])).status_code == 404


@pytest.mark.django_db
def test_certificates_of_the_day_that_list_it_are_named(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path
    plant = make_plant()
    Specification.objects.filter(characteristic__code="purity").update(valid_from=TODAY)
    paper = sign(plant)
    named = f"{paper.certificate.number}-1"
    given: dict[str, Any] = {
        "actor": plant.signer, "lower": D("99.4"), "upper": None, "is_withdrawn": False, "reason": "录错", "now": NOON,
    }  # fmt: skip
    own = Specification.objects.get(customer=plant.customer)
    general = Specification.objects.get(customer=None, characteristic__code="purity")
    assert (
        correct_limits(limits=own.pk, seen="≥ 99.6", **given).certificates == []
    )  # the paper is for nobody in particular
    after = correct_limits(limits=general.pk, seen="≥ 99.5", **given)
    assert after.certificates == [named] and named in said_after(after)
