"""One certificate for lots that are reserved for an order; what becomes of it when a lot goes elsewhere, or limits of its day are corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.audit.models import Entry
from bihuan.catalog.models import Characteristic
from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.kernel.models import OutboxEvent
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality.certificates.changes import notice_changes
from bihuan.quality.certificates.errors import NotCertifiable
from bihuan.quality.certificates.queries import customers_for, my_notices
from bihuan.quality.certificates.second.signing import prepared_again, sign_first
from bihuan.quality.certificates.several.choosing import lots_offered
from bihuan.quality.laboratory.correcting import Corrected, correct_limits
from bihuan.quality.laboratory.specifying import set_limits
from bihuan.quality.models import Certificate, CertificateNotice, CertificateVersion, Lot, Specification
from bihuan.quality.moving import reverse, ship
from bihuan.quality.postings import Take
from bihuan.quality.shipping.reserving import end_due, release

from .certifying import Plant, look, make_plant, result, sign, work
from .plants import NOON, receive
from .test_second_signature import second
from .test_several_lots import text_of
from .test_shipping import customer, order
from .test_stock import keep, line_of

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


@pytest.fixture
def plant(settings, tmp_path) -> Plant:
    settings.HOME = tmp_path
    return make_plant()


@pytest.fixture
def coils(plant: Plant) -> list[Lot]:
    """Two lots of which some is reserved for the customer's order SO1; SO2 is another one of its orders, SO3 somebody else's."""
    one = receive("ATP", "260302-2", 100)
    result(one, "purity", 99.9)
    result(one, "water", 2.0)
    for number, buyer in (("SO1", plant.customer), ("SO2", plant.customer), ("SO3", customer("演示·乙"))):
        order(number, buyer, "ATP")
    for lot in (plant.lot, one):
        keep(lot, "SO1", 10, key=f"SO1-{lot.number}")
    return [plant.lot, one]


def send(lot: Lot, number: str, document: str, amount: int = 10) -> Any:
    line = line_of(number)
    buyer: Any = line.order.customer
    return ship(
        actor=SYSTEM, number=document, at=NOON, takes=[Take(lot, D(amount))], customer=buyer, order=line.order, now=NOON
    )  # fmt: skip


def give_up(lot: Lot) -> None:
    for row in lot.reservations.filter(ended_at=None):
        release(actor=SYSTEM, reservation=row, reason="改单", now=NOON)


def is_changed() -> bool:
    """Once the worker has handed on the news."""
    work()
    return Certificate.objects.get().changed_at is not None


def offered_to(actor: Actor, plant: Plant) -> tuple[list[Any], int]:
    rows = lots_offered(actor, plant.lot, "coa", plant.customer, TODAY)
    named = [(one.number, vars(one)["kept_for"]) for one in rows]
    return named, customers_for(actor, plant.lot, TODAY).count()


def test_lots_reserved_for_one_order_stand_together_and_the_paper_names_it(
    plant: Plant, coils: list[Lot]
) -> None:
    stranger = receive("ATP", "260302-9", 100)
    result(stranger, "purity", 99.9)
    result(stranger, "water", 1.0)
    keep(stranger, "SO2", 10)  # another order of the same customer
    Specification.objects.filter(customer=plant.customer).delete()
    assert offered_to(plant.signer, plant) == ([("260302-2", "SO1")], 1)
    blind = replace(
        plant.signer, grants={key: one for key, one in plant.signer.grants.items() if key[0] != "lot_shipment"}
    )  # fmt: skip
    assert offered_to(blind, plant) == ([], 0)
    for lots, whom in (
        (stranger, plant.customer),
        (coils[1], None),
        (coils[1], line_of("SO3").order.customer),
    ):
        with pytest.raises(NotCertifiable):
            sign(plant, customer=whom, more=[lots])
    browser = Client()
    browser.force_login(plant.user)
    asked = f"/certificates/issue/?lot=ATP/260302-1&kind=coa&customer={plant.customer.pk}"
    assert "260302-2 为订单 SO1 预留" in browser.get(asked).content.decode()
    page = browser.get(f"{asked}&more={coils[1].pk}")
    answer = browser.post(
        f"{asked}&more={coils[1].pk}", {"seen": page.context["form"]["seen"].value()}
    )  # fmt: skip
    assert "SO1" in page.content.decode() and "SO1" in browser.get(answer["Location"]).content.decode()
    made = CertificateVersion.objects.get()
    assert [one["number"] for one in made.said["orders"]] == ["SO1"] and "SO1" in text_of(made.sha256)
    assert not is_changed()
    # It has left: the next version names the order as before, although the lots need it no longer.
    send(coils[0], "SO1", "S1"), send(coils[1], "SO1", "S2")
    assert not is_changed()
    again = sign(plant, customer=plant.customer, more=coils[1:], reason="改正")
    assert (again.version, again.said["orders"]) == (2, made.said["orders"])


def test_a_lot_that_goes_elsewhere_is_noticed_and_one_that_comes_back_counts_again(
    plant: Plant, coils: list[Lot]
) -> None:
    made = sign(plant, customer=plant.customer, more=coils[1:])
    send(coils[1], "SO3", "S1")  # of what was not reserved
    assert not is_changed()
    give_up(coils[1])
    assert is_changed() and CertificateNotice.objects.get().recipient == plant.user
    browser = Client()
    browser.force_login(plant.user)
    assert made.certificate.number in browser.get("/").content.decode()
    text = browser.get(f"/certificates/{made.certificate_id}/").content.decode()
    assert "批次 260302-2 不再为订单 SO1 预留" in text and "批次 260302-1 不再" not in text
    keep(coils[1], "SO1", 5, key="again")
    assert not is_changed()
    give_up(coils[1])
    assert is_changed() and CertificateNotice.objects.get().read_at is None  # told anew
    sent = send(coils[1], "SO1", "S2")
    assert not is_changed() and CertificateNotice.objects.get().read_at is not None
    reverse(actor=SYSTEM, movement=sent, reason="录错", now=NOON)
    assert is_changed()
    said = list(
        Entry.objects.filter(action__startswith="certificate.")
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert said == ["certificate.issued", *["certificate.lot_gone", "certificate.as_signed"] * 2, "certificate.lot_gone"]  # fmt: skip


def test_a_reservation_that_runs_out_is_noticed_by_the_night(plant: Plant, coils: list[Lot]) -> None:
    coils[0].reservations.update(until=TODAY)
    sign(plant, customer=plant.customer)  # also of one lot alone, which did not go there yet
    end_due(NOON + timedelta(days=1))
    assert is_changed()


def test_between_two_signatures_its_lots_may_leave_for_the_order_and_for_no_other(
    plant: Plant, coils: list[Lot]
) -> None:
    director = actor_for(
        create_user(actor=SYSTEM, username="d", name="演示总监", roles=["director"], now=NOON)
    )
    seen = look(plant, "mill_32", plant.customer, coils[1:])
    given: dict[str, Any] = {
        "actor": plant.signer,
        "lot": plant.lot,
        "more": coils[1:],
        "customer": plant.customer,
    }
    draft = sign_first(seen=seen, now=NOON, **given)
    send(coils[0], "SO1", "S1")
    give_up(coils[1])
    assert prepared_again(director, draft, NOON).reasons
    with pytest.raises(NotCertifiable):
        second(director, draft)
    send(coils[1], "SO1", "S2")
    assert [one["number"] for one in second(director, draft).said["orders"]] == ["SO1"]
    assert not is_changed()


def correct(plant: Plant, row: Specification, lower: str, seen: str) -> Corrected:
    return correct_limits(
        actor=plant.signer, limits=row.pk, lower=D(lower), upper=None, is_withdrawn=False, reason="录错", seen=seen, now=NOON
    )  # fmt: skip


def told(actor: Actor) -> list[int]:
    return [one.version_id for one in my_notices(actor)]


def test_signers_are_told_of_limits_that_were_corrected_once_a_correction(plant: Plant) -> None:
    other = actor_for(
        create_user(actor=SYSTEM, username="q2", name="演示质检二", roles=["quality"], now=NOON)
    )
    seller = actor_for(
        create_user(actor=SYSTEM, username="s", name="演示业务", roles=["salesperson"], now=NOON)
    )
    Specification.objects.filter(characteristic__code="purity").update(valid_from=TODAY)
    general = Specification.objects.get(customer=None, characteristic__code="purity")
    own = Specification.objects.get(customer=plant.customer)
    paper = sign(plant)
    theirs = sign(replace(plant, signer=other), customer=plant.customer)
    mill = sign(plant, "mill_31")
    named = [f"{paper.certificate.number}-1", f"{mill.certificate.number}-1"]
    assert sorted(correct(plant, general, "99.4", "≥ 99.5").certificates) == sorted(named)
    assert set(told(plant.signer)) == {mill.pk, paper.pk}
    assert told(other) == []  # the customer's own limits stand before the general ones
    browser = Client()
    browser.force_login(plant.user)
    text = browser.get(f"/certificates/{paper.certificate_id}/").content.decode()
    assert "指标由 ≥ 99.5 改为 ≥ 99.4" in text
    assert told(plant.signer) == [mill.pk]
    assert correct(plant, own, "99.3", "≥ 99.6").certificates == [f"{theirs.certificate.number}-1"]
    assert (told(other), told(plant.signer)) == (
        [theirs.pk],
        [mill.pk],
    )  # not told of what concerns others
    correct(plant, general, "99.2", "≥ 99.4")
    assert set(told(plant.signer)) == {paper.pk, mill.pk}  # a new correction tells anew
    # What the paper says holds again.
    correct(plant, general, "99.5", "≥ 99.2")
    assert told(plant.signer) == []
    assert not Certificate.objects.get(pk=paper.certificate_id).changed_at
    # Who has left is told nothing: who may sign finds it on Today, and nobody else does.
    User.objects.filter(pk=other.user_id or 0).update(is_active=False)
    assert (told(plant.signer), told(seller)) == ([theirs.pk], [])
    assert "演示质检二" in browser.get("/").content.decode()
    browser.get(f"/certificates/{theirs.certificate_id}/")
    assert told(plant.signer) == []


def test_limits_of_another_day_concern_no_certificate_and_new_ones_of_today_do(plant: Plant) -> None:
    paper = sign(plant)
    water = Characteristic.objects.get(code="water")
    given: dict[str, Any] = {
        "actor": plant.signer, "product": plant.lot.product, "characteristic": water, "customer": None, "lower": None
    }  # fmt: skip
    later = set_limits(upper=D(90), valid_from=date(2026, 3, 9), now=NOON, **given)
    assert correct(plant, later, "1", "≤ 90").certificates == [] and told(plant.signer) == []
    later.delete()
    Specification.objects.update(valid_to=None)
    set_limits(upper=D(95), valid_from=TODAY, now=NOON, **given)
    assert told(plant.signer) == [paper.pk]


def test_news_of_a_shipment_holds_the_papers_of_all_its_lots_against_it_at_once(
    plant: Plant, coils: list[Lot]
) -> None:
    Specification.objects.filter(customer=plant.customer).delete()
    for lot in coils:
        sign(replace(plant, lot=lot), customer=plant.customer)
    sign(plant, customer=plant.customer, more=[coils[1]])
    work()

    def asked(*lots: Lot) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert notice_changes(lots=[one.pk for one in lots], now=NOON, of_order=True) == 0
        return len(queries)

    assert asked(coils[0]) == asked(*coils)
    give_up(coils[0])
    give_up(coils[1])
    other: Any = line_of("SO3").order
    ship(
        actor=SYSTEM, number="F1", at=NOON, takes=[Take(one, D(5)) for one in coils], customer=other.customer, order=other, now=NOON,
    )  # fmt: skip
    OutboxEvent.objects.filter(topic="lot.reservation_ended").delete()  # what the shipment tells is enough
    work()
    assert Certificate.objects.exclude(changed_at=None).count() == 3
    assert Entry.objects.filter(action="certificate.lot_gone").count() == 3
