"""A lot that was not tested for every limit in force is released and shipped with a reason, or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.people.services import actor_for
from bihuan.quality.deciding import decide, enter_result, invalidate, untested_at_release
from bihuan.quality.laboratory.specifying import set_limits, set_rule
from bihuan.quality.laboratory.untested import missing
from bihuan.quality.lots.queries import decisions_of
from bihuan.quality.lots.wording import reason_words
from bihuan.quality.models import Lot, LotEvent, LotRule, Movement, Specification, TestResult
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take
from bihuan.quality.shipping.dispatching import dispatch

from .laboratory_making import TODAY, D, Lab, client_of, code, person
from .plants import NOON


@pytest.fixture
def lab(db: None) -> Lab:
    return Lab()


class Limit:
    def __init__(self, lower: Decimal | None, upper: Decimal | None) -> None:
        self.lower, self.upper = lower, upper


def in_quarantine() -> None:
    Lot.objects.update(disposition="quarantine", status="quarantine")


def test_what_is_missing_has_limits_and_no_result() -> None:
    limits = {1: Limit(D(1), None), 2: Limit(None, D(2)), 3: Limit(None, None), 4: Limit(D(0), D(1))}
    assert missing(limits, {2}) == {1, 4}
    assert missing(limits, {1, 2, 4}) == missing({}, set()) == set()


def test_a_release_says_what_is_not_tested_and_asks_why(lab: Lab) -> None:
    in_quarantine()
    asked: dict[str, Any] = {
        "actor": lab.one,
        "lot": lab.lot,
        "to": "released",
        "reason": "合格",
        "now": NOON,
    }
    assert code(decide, **asked) == "untested" and code(decide, untested="  ", **asked) == "untested"
    decide(untested="客户急用，复检中", **asked)
    event = LotEvent.objects.get(kind="released")
    assert event.data["untested"] == ["纯度"] and event.data["without"] == "客户急用，复检中"
    said = reason_words(lab.one, event.reason, event.data)
    assert all(part in said for part in ("合格", "纯度", "客户急用，复检中"))
    blind = actor_for(person("seller", "salesperson"))
    assert "纯度" not in reason_words(blind, event.reason, event.data)
    assert Entry.objects.get(action="lot.released").after == {
        "untested": ["纯度"],
        "without": "客户急用，复检中",
    }
    # A result that fell does not stand; one that stands is enough, whoever was held meanwhile.
    decide(actor=lab.one, lot=lab.lot, to="held", reason="查", now=NOON)
    result = enter_result(actor=SYSTEM, lot=lab.lot, characteristic=lab.purity, said="99.6", value=99.6, at=NOON, now=NOON)  # fmt: skip
    invalidate(actor=lab.two, result=result, reason="样品污染", now=NOON)
    assert code(decide, **asked) == "untested"
    enter_result(
        actor=SYSTEM, lot=lab.lot, characteristic=lab.purity, said="99.6", value=99.6, at=NOON, now=NOON
    )
    decide(**asked)
    assert "untested" not in decisions_of(SYSTEM, lab.lot)[0].data


def test_a_product_may_bar_it_and_one_that_needs_no_release_is_not_asked(lab: Lab) -> None:
    set_rule(actor=lab.one, product=lab.lot.product, checks=1, refuses_own_limits=False, must_be_tested=True, now=NOON)  # fmt: skip
    in_quarantine()
    asked: dict[str, Any] = {
        "actor": lab.one,
        "lot": lab.lot,
        "to": "released",
        "reason": "合格",
        "now": NOON,
    }
    assert code(decide, untested="急用", **asked) == "untested"
    LotRule.objects.update(needs_release=False)
    assert untested_at_release(lab.lot, NOON).is_barred
    LotRule.objects.update(must_be_tested=False)
    assert not untested_at_release(lab.lot, NOON)
    LotRule.objects.update(needs_release=True)
    Specification.objects.update(valid_to=TODAY)  # no limit in force
    assert not untested_at_release(lab.lot, NOON)


def test_the_dialog_names_what_is_missing_and_keeps_what_was_typed(lab: Lab) -> None:
    in_quarantine()
    client, address = client_of("one"), reverse("lot_decide", args=[lab.lot.pk, "release"])
    shown = client.get(address).content.decode()
    assert "Not tested: 纯度" in shown and 'name="untested"' in shown
    sent = {"reason": "合格", "seen": "quarantine"}
    refused = client.post(address, sent)
    assert refused.status_code == 422 and "This field is required" in refused.content.decode()
    assert "合格" in refused.content.decode()
    assert 'name="untested"' not in client.get(reverse("lot_decide", args=[lab.lot.pk, "hold"])).content.decode()  # fmt: skip
    LotRule.objects.create(product=lab.lot.product, must_be_tested=True)
    barred = client.get(address).content.decode()
    assert "must be fully tested" in barred and 'name="untested"' not in barred
    assert client.post(address, sent | {"untested": "急用"}).status_code == 422
    LotRule.objects.update(must_be_tested=False)
    assert client.post(address, sent | {"untested": "急用"}).status_code == 302
    assert "纯度 (急用)" in client.get(reverse("lot", args=[lab.lot.pk])).content.decode()


def test_shipping_asks_why_where_the_customers_own_limits_are_untested(lab: Lab) -> None:
    buyer = Customer.objects.create(name="演示·严", created_at=NOON, updated_at=NOON)
    other = Customer.objects.create(name="演示·宽", created_at=NOON, updated_at=NOON)
    set_limits(
        actor=lab.one, product=lab.lot.product, characteristic=lab.water, customer=buyer, lower=None, upper=D(50),
        valid_from=TODAY, now=NOON,
    )  # fmt: skip
    given: dict[str, Any] = {
        "actor": SYSTEM, "at": NOON, "lot": lab.lot, "order": None, "quantity": D(1), "note": "车号 1", "now": NOON,
    }  # fmt: skip
    dispatch(number="D0", customer=other, **given)  # the product's own limits were the release's concern
    assert code(dispatch, number="D1", customer=buyer, **given) == "untested"
    dispatch(number="D1", customer=buyer, untested="客户同意到货后检", **given)
    dispatch(number="D1", customer=buyer, **given)  # told again, what went has gone
    entry = Entry.objects.get(action="lot.shipped_untested")
    assert entry.object_id == str(lab.lot.pk) and "水分" in entry.note and "客户同意到货后检" in entry.note
    assert "客户同意到货后检" in Movement.objects.get(number="D1").note
    # What has left already is posted without a question, unless the product bars it; then nothing may be missing at all.
    asked: dict[str, Any] = {"actor": SYSTEM, "at": NOON, "takes": [Take(lab.again(), D(1))], "now": NOON}
    ship(number="D2", customer=buyer, **asked)
    LotRule.objects.create(product=lab.lot.product, must_be_tested=True)
    assert code(ship, number="D3", customer=buyer, **asked) == "untested"
    assert code(ship, number="D3", customer=other, **asked) == "untested"
    enter_result(
        actor=SYSTEM, lot=lab.lot, characteristic=lab.purity, said="99.6", value=99.6, at=NOON, now=NOON
    )
    ship(number="D3", customer=other, **asked)
    assert TestResult.objects.count() == 1 and lab.again().quantity == 6


def test_the_dialog_of_shipping_asks_once_it_knows_for_whom(lab: Lab) -> None:
    buyer = Customer.objects.create(name="演示·严", created_at=NOON, updated_at=NOON)
    Specification.objects.create(
        product=lab.lot.product, customer=buyer, characteristic=lab.water, upper=D(50), valid_from=TODAY
    )
    client, address = client_of("head"), reverse("lot_ship", args=[lab.lot.pk])
    shown = client.get(address)
    assert shown.status_code == 200 and 'name="untested"' not in shown.content.decode()
    sent = {
        "customer": "演示·严", "quantity": "1", "date": "2026-03-02", "number": "FH1", "opened": NOON.isoformat(), "note": "",
    }  # fmt: skip
    refused = client.post(address, sent)
    body = refused.content.decode()
    assert refused.status_code == 422 and 'name="untested"' in body and "Not tested: 水分" in body
    again = client.post(address, sent | {"untested": ""})
    assert again.status_code == 422 and 'name="untested"' in again.content.decode()
    assert client.post(address, sent | {"untested": "到货后检"}).status_code == 302
