"""Recalls: what is frozen adds up, what is refused, who is told, two tabs at once, what one may see."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.customers.models import Contact, Customer
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass, Grant, NotAllowed, Scope
from bihuan.kernel.models import OutboxEvent
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality.deciding import decide
from bihuan.quality.errors import LotError
from bihuan.quality.models import Lot, Recall, RecallEntry, RecallEvent
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take
from bihuan.quality.recall.rules import Sums, Told, effect, spread
from bihuan.quality.recall.showing import recall_page
from bihuan.quality.recall.starting import start
from bihuan.quality.recall.telling import answer, close, tell, unreachable

from .plants import NOON, lot, move, receive

D = Decimal
HOUR = timedelta(hours=1)


def person(role: str, name: str = "") -> User:
    return create_user(
        actor=SYSTEM, username=name or role, name=f"演示·{name or role}", roles=[role], team=None, now=NOON, language="en"
    )  # fmt: skip


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(row: Lot, buyer: Customer, number: str, amount: int) -> None:
    ship(actor=SYSTEM, number=number, at=NOON, takes=[Take(row, D(amount))], customer=buyer, now=NOON)


def began(row: Lot, **more: Any) -> Recall:
    given: dict[str, Any] = {
        "actor": SYSTEM,
        "reason": "演示：异物",
        "level": "1",
        "asked": "stop",
        "now": NOON,
    }
    return start(lot=row, **(given | more))


@pytest.fixture
def sold(db: None) -> tuple[Customer, Customer]:
    """Of S/s (100): 30 in H/1 with 10 of W/w and 4 lost; 20 split to S/t; 5 lost. H/1: 20 shipped. S/t: 8 shipped."""
    seller = person("salesperson")
    mine = Customer.objects.create(name="演示·我的", owner_a=seller, created_at=NOON, updated_at=NOON)
    other = Customer.objects.create(name="演示·别家", created_at=NOON, updated_at=NOON)
    Contact.objects.create(
        customer=mine, name="演示·联系人", phone="13800000001", created_at=NOON, updated_at=NOON
    )
    receive("S", "s", 100)
    receive("W", "w", 100)
    move("produce", {("S", "s"): 30, ("W", "w"): 10}, {("H", "1"): 36}, lost=D(4))
    move("split", {("S", "s"): 20}, {("S", "t"): 20})
    move("loss", {("S", "s"): 5})
    send(lot("H", "1"), mine, "D1", 12)
    send(lot("H", "1"), other, "D2", 8)
    send(lot("S", "t"), other, "D3", 8)
    return mine, other


def test_what_is_frozen_adds_up_lot_by_lot_and_over_the_whole(sold: tuple[Customer, Customer]):
    recall = began(lot("S", "s"))
    rows = {(one.lot.product.code, one.lot.number): one for one in recall.lots.select_related("lot__product")}
    assert set(rows) == {("S", "s"), ("S", "t"), ("H", "1")}
    for one in rows.values():
        assert one.made == sum(amount or 0 for amount in (one.stock, one.shipped, one.used, one.lost))
    assert (rows["S", "s"].stock, rows["S", "s"].used, rows["S", "s"].lost) == (45, 50, 5)
    assert rows["H", "1"].share == pytest.approx(0.75)
    whole = {key: D(str(value)) for key, value in recall.whole.items()}
    # H/1 has 27 of S/s: 15 shipped, 12 there; 3 were lost in making it.
    assert whole["made"] == 100 and whole["unknown"] == 0
    assert (whole["stock"], whole["shipped"], whole["lost"], whole["gap"]) == (45 + 12 + 12, 15 + 8, 5 + 3, 0)
    entries = {one.customer.name: one for one in recall.entries.select_related("customer")}
    assert {name: one.quantity for name, one in entries.items()} == {"演示·我的": 12, "演示·别家": 16}
    assert sum(one.quantity for one in entries.values()) == sum(
        rows[key].shipped or 0 for key in (("H", "1"), ("S", "t"))
    )
    assert {one.lot.number for one in entries["演示·别家"].shipments.all()} == {"1", "t"}


def test_all_of_it_is_held_and_stays_so_until_the_recall_is_closed(sold: tuple[Customer, Customer]):
    mine, _other = sold
    began(lot("S", "s"))
    assert {one.disposition for one in Lot.objects.exclude(product__code="W")} == {"held"}
    assert lot("W", "w").disposition == "released"
    assert lot("H", "1").events.get().reason.endswith("演示：异物")
    for name in (("S", "s"), ("S", "t"), ("H", "1")):
        with pytest.raises(LotError) as refused:
            send(lot(*name), mine, f"L{name}", 1)
        assert refused.value.code == "held"
    with pytest.raises(LotError) as refused:
        decide(actor=SYSTEM, lot=lot("H", "1"), to="released", reason="演示", now=NOON)
    assert refused.value.code == "recalled"
    recall = Recall.objects.get()
    for one in recall.entries.all():
        unreachable(actor=SYSTEM, entry=one, note="演示：停业", seen=1, now=NOON)
    close(actor=SYSTEM, recall=recall, summary="演示", now=NOON)
    assert (
        decide(actor=SYSTEM, lot=lot("H", "1"), to="released", reason="演示", now=NOON).status == "released"
    )
    assert OutboxEvent.objects.filter(topic__in=["lot.recalled", "recall.closed"]).count() == 2


def test_what_makes_no_sense_is_refused_in_words(sold: tuple[Customer, Customer]):
    def refused(row: Lot, **more: Any) -> str:
        with pytest.raises(LotError) as error:
            began(row, **more)
        assert str(error.value)
        return error.value.code

    assert refused(lot("S", "s"), reason=" ") == "reason" and refused(lot("S", "s"), level="9") == "choice"
    gone = receive("K", "1", 5)
    move("loss", {("K", "1"): 5})
    assert refused(gone) == "nothing"
    stopped = receive("K", "2", 5)
    decide(actor=SYSTEM, lot=stopped, to="rejected", reason="演示", now=NOON)
    assert refused(stopped) == "rejected"
    began(lot("S", "s"))
    assert refused(lot("S", "s")) == "twice"
    with pytest.raises(NotAllowed):
        began(lot("H", "1"), actor=actor_for(User.objects.get(username="salesperson")))
    # Rejected after some had left: that can be called back.
    decide(actor=SYSTEM, lot=lot("S", "t"), to="rejected", reason="演示", now=NOON)
    assert began(lot("S", "t")).entries.count() == 1


def test_progress_is_kept_and_two_who_write_at_once_do_not_overwrite(sold: tuple[Customer, Customer]):
    recall = began(lot("S", "s"))
    entry = recall.entries.get(customer=sold[0])
    zero = D(0)

    def code(call: Any, **more: Any) -> str:
        with pytest.raises(LotError) as error:
            call(actor=SYSTEM, entry=entry, now=NOON + HOUR, **more)
        return error.value.code

    amounts: dict[str, Any] = {"found": D(5), "returned": D(4), "used_up": zero}
    assert code(answer, **amounts, seen=1) == "untold"
    told = tell(actor=SYSTEM, entry=entry, via="phone", whom="演示·联系人", seen=1, now=NOON + HOUR)
    assert code(tell, via="mail", seen=1) == "changed"
    assert code(unreachable, note="演示", seen=2) == "told"
    assert code(answer, found=D(13), returned=zero, used_up=zero, seen=2) == "quantity"
    assert code(answer, found=D(-1), returned=zero, used_up=zero, seen=2) == "quantity"
    done = answer(actor=SYSTEM, entry=told, **amounts, seen=2, now=NOON + 2 * HOUR)
    assert (done.state, done.told_at, done.version) == ("answered", NOON + HOUR, 3)
    assert [one.kind for one in RecallEvent.objects.filter(entry=entry).order_by("id")] == [
        "told",
        "answered",
    ]
    with pytest.raises(LotError) as error:
        close(actor=SYSTEM, recall=recall, summary="演示", now=NOON)
    assert error.value.code == "untold"
    unreachable(actor=SYSTEM, entry=recall.entries.get(customer=sold[1]), note="演示", seen=1, now=NOON)
    close(actor=SYSTEM, recall=recall, summary="演示：完成", now=NOON + 3 * HOUR)
    assert code(tell, via="mail", seen=3) == "closed"
    for statement in ("UPDATE quality_recallevent SET note = 'x'", "DELETE FROM quality_recalllot"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_pages_tell_the_story_and_sales_see_their_own_customers_only(sold: tuple[Customer, Customer]):
    quality = client_of(person("quality"))
    row = lot("S", "s")
    assert (
        reverse("recall_start", args=[row.pk]) in quality.get(reverse("lot", args=[row.pk])).content.decode()
    )
    asked = {"reason": "演示：异物", "level": "2", "asked": "return"}
    assert quality.post(reverse("recall_start", args=[row.pk]), asked).status_code == 302
    again = quality.post(reverse("recall_start", args=[row.pk]), asked)
    recall = Recall.objects.get()
    assert again.status_code == 422 and recall.number in again.content.decode()
    address = reverse("recall", args=[recall.pk])
    body = quality.get(address).content.decode()
    assert "演示·我的" in body and "演示·别家" in body and "13800000001" in body and "0 / 2" in body
    sales = client_of(User.objects.get(username="salesperson"))
    assert recall.number in sales.get(reverse("today")).content.decode()
    seen = sales.get(address).content.decode()
    assert "演示·我的" in seen and "演示·别家" not in seen and "0 / 1" in seen and "S/t" not in seen
    mine, other = (recall.entries.get(customer=one) for one in sold)
    assert sales.get(reverse("recall_step", args=[other.pk, "tell"])).status_code == 404
    assert sales.get(reverse("recall_close", args=[recall.pk])).status_code == 403
    step = reverse("recall_step", args=[mine.pk, "tell"])
    given = {"via": "phone", "whom": "演示·联系人", "seen": "1"}
    assert sales.post(step, given).status_code == 302
    late = quality.post(step, given)
    assert late.status_code == 422 and "演示·salesperson" in late.content.decode()
    mine = RecallEntry.objects.get(pk=mine.pk)
    amounts = {"found": "3", "returned": "2", "used_up": "1", "seen": "2"}
    assert sales.post(reverse("recall_step", args=[mine.pk, "answer"]), amounts).status_code == 302
    assert "6 / 28" in quality.get(address).content.decode()
    file = quality.get(f"{reverse('list_export', args=['recall_entries'])}?recall={recall.pk}&format=csv")
    text = file.getvalue().decode()
    assert "演示·别家" in text and "演示·联系人" in text
    assert "演示·别家" not in sales.get(reverse("recall_entries")).content.decode()
    assert sales.get(reverse("recall_step", args=[mine.pk, "shout"])).status_code == 404


def test_who_sees_recalls_and_no_lots_does_not_learn_which_lot_it_is(sold: tuple[Customer, Customer]):
    recall = began(lot("S", "s"))
    whole = Grant(Scope.ALL, frozenset({FieldClass.PUBLIC}))
    grants = {("recall", "view"): whole, ("recall_entry", "view"): whole}
    page = recall_page(Actor(kind="staff", name="x", grants=grants), recall.pk, now=NOON)
    assert page.lot is None and page.lots == [] and page.whole == [] and len(page.lines) == 2


def test_effectiveness_counts_those_who_wait_by_the_clock_that_is_passed_in():
    rows = [
        Told("kg", D(10), D(6), NOON + 2 * HOUR),
        Told("kg", D(30), D(0), None),
        Told("t", D(1), D(1), NOON + 30 * HOUR),
    ]
    found = effect(rows, level="1", started=NOON, until=NOON + 20 * HOUR)
    assert (found.told, found.count, found.median, found.longest) == (2, 3, 16 * HOUR, 30 * HOUR)
    assert found.late == 1 and effect(rows, level="1", started=NOON, until=NOON + 25 * HOUR).late == 2
    assert [(unit, share) for unit, _whole, _part, share in found.accounted_shares] == [
        ("kg", 0.15),
        ("t", 1.0),
    ]
    nobody = effect([], level="3", started=NOON, until=NOON)
    assert nobody.told_share is None and nobody.median is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8)
)
def test_the_whole_is_where_it_went_however_it_was_passed_on(lots: list[tuple[int, int, int]]):
    """A chain of lots, each wholly of the one before: what is left, sent and lost of all of them is the first one's amount."""
    sums: dict[int, Sums] = {}
    amount = D(1000)
    for key, (stock, shipped, lost) in enumerate(lots):
        gone = min(amount, D(stock + shipped + lost))
        here, sent = min(D(stock), gone), min(D(shipped), max(gone - stock, D(0)))
        passed = amount - gone if key < len(lots) - 1 else D(0)
        rest = amount - here - sent - passed
        sums[key] = Sums(amount, here, sent, passed + rest, D(0), passed, D(1))
        amount = passed
    whole = spread(0, dict.fromkeys(sums, 1.0), sums)
    assert whole is not None and whole.gap == 0 and whole.unknown == 0
    assert whole.made == 1000 == whole.stock + whole.shipped + whole.lost
    blind = spread(0, {**dict.fromkeys(sums, 1.0), 0: None}, sums)
    assert blind is not None and blind.unknown == 1
