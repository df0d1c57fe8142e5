"""The laboratory: results are entered by one and count once others verified them; a wrong one is tested again."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.urls import reverse

from bihuan.catalog.models import ProductCharacteristic
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed
from bihuan.kernel.models import OutboxEvent
from bihuan.people.services import actor_for
from bihuan.quality.certificates.preparing import prepare
from bihuan.quality.deciding import decide, enter_result, invalidate
from bihuan.quality.errors import LotError
from bihuan.quality.evidencing.facts import told_by
from bihuan.quality.laboratory.entering import Line, enter_results
from bihuan.quality.laboratory.queries import laboratory, limits_for_lot, not_for, retests_of
from bihuan.quality.laboratory.specifying import set_limits, set_rule
from bihuan.quality.lots.page import lot_page
from bihuan.quality.models import Lot, LotEvent, LotNotice, LotRule, Specification, TestResult
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take
from bihuan.quality.subscribers import owners_hear_of_a_blocked_dispatch, results_go_into_the_log
from bihuan.quality.tracing import tests_of as results_in_traces

from .laboratory_making import TODAY, D, Lab, client_of, code, person
from .plants import NOON
from .test_others import narrowed


@pytest.fixture
def lab(db: None) -> Lab:
    return Lab()


def test_a_draft_counts_nowhere_until_somebody_else_verified_it(lab: Lab) -> None:
    made = lab.enter("99.57", uncertainty="0.05")
    assert (made.is_draft, made.unit, made.method, made.uncertainty) == (True, "%", "GC", 0.05)

    def counted() -> list[bool]:
        lines = lot_page(SYSTEM, lab.lot.pk, customer="", now=NOON).lines
        paper = prepare(actor=lab.head, lot=lab.again(), kind="coa", customer=None, now=NOON)
        return [
            any(one.result is not None for one in lines),
            bool(paper.rows),
            bool(results_in_traces(SYSTEM, [lab.lot.pk])),
            bool(told_by("tested", [made.pk])),
            OutboxEvent.objects.filter(topic="lot.tested").exists(),
        ]

    assert counted() == [False] * 5
    assert code(lab.verify, made, actor=lab.one) == "own"
    assert lab.verify(made)[0].verified_by == "演示·two"
    assert counted() == [True] * 5
    assert code(lab.verify, made, actor=lab.head) == "verified"


def test_two_people_verify_where_the_product_says_so_and_nobody_twice(lab: Lab) -> None:
    set_rule(
        actor=lab.one,
        product=lab.lot.product,
        checks=2,
        refuses_own_limits=False,
        must_be_tested=False,
        now=NOON,
    )
    made = lab.enter("99.57")
    assert lab.verify(made)[0].is_draft
    assert code(lab.verify, made) == "twice"
    done = lab.verify(made, actor=lab.head)[0]
    assert not done.is_draft and done.verified_by == "演示·two, 演示·head"
    set_rule(
        actor=lab.one,
        product=lab.lot.product,
        checks=0,
        refuses_own_limits=False,
        must_be_tested=False,
        now=NOON,
    )
    assert not lab.enter("99.6").is_draft
    assert code(set_rule, actor=lab.one, product=lab.lot.product, checks=3, refuses_own_limits=False, must_be_tested=False, now=NOON) == "choice"  # fmt: skip
    for statement in ("UPDATE quality_resultcheck SET actor = 'x'", "DELETE FROM quality_resultcheck"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_verified_result_outside_the_limits_holds_the_lot_at_once_and_its_dispatch_is_refused(
    lab: Lab,
) -> None:
    owner = person("seller", "salesperson")
    buyer = Customer.objects.create(name="演示·买方", owner_a=owner, created_at=NOON, updated_at=NOON)
    made = lab.enter("99.2")
    assert lab.again().disposition == "released"
    lab.verify(made)
    held = LotEvent.objects.get(kind="held")
    assert lab.again().disposition == "held" and held.actor == SYSTEM.key
    assert all(one in held.reason for one in ("纯度", "99.2 %", "≥ 99.5"))
    asked: dict[str, Any] = {"at": NOON, "takes": [Take(lab.again(), D(1))], "customer": buyer, "now": NOON}
    assert code(ship, actor=SYSTEM, number="D1", **asked) == "held"
    owners_hear_of_a_blocked_dispatch(OutboxEvent.objects.get(topic="lot.dispatch_refused").payload, NOON)
    assert LotNotice.objects.get().recipient == owner
    lab.verify(lab.enter("99.1"))  # held already: no second hold
    assert LotEvent.objects.filter(kind="held").count() == 1


def test_limits_of_the_catalogue_count_where_quality_set_none_and_other_units_are_not_compared(
    lab: Lab,
) -> None:
    ProductCharacteristic.objects.create(
        product=lab.lot.product, characteristic=lab.water, upper=D(50), valid_from=date(2026, 1, 1)
    )
    enter_result(actor=SYSTEM, lot=lab.lot, characteristic=lab.water, said="60", value=60, unit="%", at=NOON, now=NOON)  # fmt: skip
    assert lab.again().disposition == "released"
    lab.verify(lab.enter("<60", lab.water))
    assert lab.again().disposition == "released"
    lab.verify(lab.enter("60", lab.water))
    assert lab.again().disposition == "held"


def test_a_customers_own_limits_mark_the_lot_and_stop_it_only_where_the_product_says_so(lab: Lab) -> None:
    owner = person("seller", "salesperson")
    buyer = Customer.objects.create(name="演示·严", owner_a=owner, created_at=NOON, updated_at=NOON)
    other = Customer.objects.create(name="演示·宽", created_at=NOON, updated_at=NOON)
    set_limits(
        actor=lab.one, product=lab.lot.product, characteristic=lab.purity, customer=buyer, lower=D("99.9"), upper=None,
        valid_from=TODAY, now=NOON,
    )  # fmt: skip
    lab.verify(lab.enter("99.7"))
    assert lab.again().disposition == "released"
    assert [one.name for one in not_for(SYSTEM, lab.lot, limits_for_lot(SYSTEM, lab.lot), now=NOON)] == [
        "演示·严"
    ]

    def send(to: Customer, number: str) -> None:
        ship(actor=SYSTEM, number=number, at=NOON, takes=[Take(lab.again(), D(1))], customer=to, now=NOON)

    send(buyer, "D1")
    set_rule(
        actor=lab.one,
        product=lab.lot.product,
        checks=1,
        refuses_own_limits=True,
        must_be_tested=False,
        now=NOON,
    )
    send(other, "D2")
    send(buyer, "D1")  # told again, what went has gone
    assert code(send, buyer, "D3") == "own_limits"
    news = OutboxEvent.objects.get(topic="lot.dispatch_refused")
    owners_hear_of_a_blocked_dispatch(news.payload, NOON)
    assert LotNotice.objects.get().recipient == owner
    assert lab.again().quantity == 8


def test_a_wrong_result_is_tested_again_and_the_retest_says_of_which(lab: Lab) -> None:
    wrong = lab.enter("99.2")
    with pytest.raises(LotError):
        invalidate(actor=lab.two, result=wrong, reason=" ", now=NOON)
    invalidate(actor=lab.two, result=wrong, reason="样品污染", now=NOON)
    assert code(lab.verify, wrong) == "invalid"
    assert [one.pk for one in retests_of(SYSTEM, lab.lot)] == [wrong.pk]
    assert [one.again[0].pk for one in laboratory(lab.one, now=NOON).to_test] == [wrong.pk]
    right = lab.enter("99.6")
    assert right.retest_of == wrong and not retests_of(SYSTEM, lab.lot)
    invalidate(actor=lab.two, result=right, reason="仪器未校准", now=NOON)
    assert lab.enter("99.7").retest_of == right


def test_a_lot_is_not_released_while_its_results_wait(lab: Lab) -> None:
    made = lab.enter("99.6")
    Lot.objects.update(disposition="quarantine", status="quarantine")
    given: dict[str, Any] = {
        "actor": lab.one,
        "lot": lab.lot,
        "to": "released",
        "reason": "合格",
        "now": NOON,
    }
    assert code(decide, **given) == "unverified"
    lab.verify(made)
    assert decide(**given).disposition == "released"


def test_a_form_sent_twice_enters_once_and_what_makes_no_sense_is_refused(lab: Lab) -> None:
    first = lab.enter("99.6", key="same")
    assert lab.enter("99.6", key="same").pk == first.pk and TestResult.objects.count() == 1
    given: dict[str, Any] = {"actor": lab.one, "lot": lab.lot, "tested_at": NOON, "now": NOON, "key": "k"}
    assert code(enter_results, lines=[], **given) == "empty"
    assert code(enter_results, lines=[Line(lab.purity, "1")] * 2, **given) == "twice"
    assert code(lab.enter, "1", tested_at=NOON + timedelta(minutes=1)) == "future"
    # One line that cannot be read keeps all of them back.
    lines = [Line(lab.purity, "99.6"), Line(lab.water, "0.5 %")]
    assert code(enter_results, lines=lines, **given) == "unit"
    assert TestResult.objects.count() == 1


def test_limits_begin_today_at_the_earliest_and_end_those_before(lab: Lab) -> None:
    given: dict[str, Any] = {
        "actor": lab.one, "product": lab.lot.product, "characteristic": lab.purity, "customer": None, "upper": None, "now": NOON,
    }  # fmt: skip
    assert code(set_limits, lower=D(99), valid_from=TODAY - timedelta(days=1), **given) == "past"
    assert code(set_limits, lower=None, valid_from=TODAY, **given) == "limits"
    assert code(set_limits, lower=D(9), valid_from=TODAY, **(given | {"upper": D(8)})) == "limits"
    later = TODAY + timedelta(days=30)
    set_limits(lower=D("99.7"), valid_from=later, **given)
    assert list(Specification.objects.order_by("valid_from").values_list("lower", "valid_to")) == [
        (D("99.5"), later), (D("99.7"), None),
    ]  # fmt: skip
    for day in (TODAY, later):
        assert code(set_limits, lower=D(98), valid_from=day, **given) == "overlap"
    with pytest.raises(NotAllowed):
        set_limits(
            lower=D(98), valid_from=later, **(given | {"actor": actor_for(person("tech", "technical"))})
        )


def test_who_does_not_see_the_lot_enters_and_verifies_nothing(lab: Lab) -> None:
    made = lab.enter("99.6")
    other = narrowed("technical", "lot", "view")
    fell = lab.enter("99.5")
    invalidate(actor=lab.two, result=fell, reason="样品污染", now=NOON)
    assert laboratory(lab.two, now=NOON).to_verify and laboratory(lab.two, now=NOON).to_test
    found = laboratory(other, now=NOON)  # sees all results, and lots of own customers only
    assert (found.to_verify, found.to_test) == ([], [])
    grants = {**other.grants, ("lot_test", "create"): lab.one.grant("lot_test", "create"), ("lot_test", "verify"): lab.one.grant("lot_test", "verify")}  # fmt: skip
    blind = Actor(kind="staff", name="x", user_id=other.user_id, grants=grants)
    for call in (lambda: lab.enter("99.7", actor=blind), lambda: lab.verify(made, actor=blind)):
        with pytest.raises(Http404):
            call()
    with pytest.raises(NotAllowed):
        lab.verify(made, actor=actor_for(person("tech", "technical")))


def test_the_pages_tell_the_story(lab: Lab) -> None:
    one, two = client_of("one"), client_of("two")
    entering = reverse("lot_results", args=[lab.lot.pk])
    page = one.get(entering)
    key = page.context["form"]["key"].value()
    row = f"c{lab.purity.pk}"
    asked = {
        "key": key, "tested_at": "2026-03-02T10:00", "laboratory": "演示实验室", f"{row}_said": "99.2 毫克", f"{row}_method": "GC",
        "x0": str(lab.water.pk), "x0_said": "＜0.05 毫克/千克",
    }  # fmt: skip
    refused = one.post(entering, asked)
    body = refused.content.decode()
    assert refused.status_code == 422 and "Write the result in %" in body and "演示实验室" in body
    asked[f"{row}_said"] = "99.2"
    assert one.post(entering, asked).status_code == 302 == one.post(entering, asked).status_code
    results = list(TestResult.objects.order_by("id"))
    assert [(one.said, one.value, one.is_below_detection) for one in results] == [
        ("99.2", 99.2, False), ("<0.05", 0.05, True),
    ]  # fmt: skip
    verifying = reverse("lot_verify", args=[lab.lot.pk])
    assert 'name="results"' not in one.get(verifying).content.decode()
    assert verifying in two.get(reverse("laboratory")).content.decode()
    assert verifying not in one.get(reverse("laboratory")).content.decode()
    panel = two.get(reverse("panels", args=["lot", lab.lot.pk]) + "?place=middle").content.decode()
    assert verifying in panel and "to be verified" in panel
    sent = {"results": [str(one.pk) for one in results]}
    assert two.post(verifying, {}).status_code == 422
    assert two.post(verifying, sent).status_code == 302
    late = client_of("head").post(verifying, sent)
    assert late.status_code == 422 and "演示·two" in late.content.decode()
    assert two.post(verifying, {"results": ["999999"]}).status_code == 404
    shown = two.get(reverse("lot", args=[lab.lot.pk])).content.decode()
    assert "is outside the specification: 99.2 %" in shown
    falling = reverse("result_invalid", args=[results[0].pk])
    assert falling in shown
    assert two.post(falling, {"reason": ""}).status_code == 422
    assert two.post(falling, {"reason": "样品污染"}).status_code == 302
    assert "样品污染" in one.get(entering).content.decode()
    assert one.get(reverse("lot_results", args=[99_999])).status_code == 404


def test_the_page_of_specifications_shows_customers_side_by_side_and_keeps_periods(lab: Lab) -> None:
    one = client_of("one")
    buyer = Customer.objects.create(name="演示·严", created_at=NOON, updated_at=NOON)
    address = reverse("specifications", args=[lab.lot.product_id])
    adding = reverse("specification_add", args=[lab.lot.product_id])
    given = {"characteristic": str(lab.purity.pk), "lower": "99.9", "valid_from": "2099-01-01", "other": str(buyer.pk)}  # fmt: skip
    assert one.post(adding, given).status_code == 302
    again = one.post(adding, given)
    assert again.status_code == 422 and "overlaps" in again.content.decode()
    assert one.post(adding, given | {"other": "99999"}).status_code == 404
    body = one.get(address).content.decode()
    assert all(text in body for text in ("演示·严", "≥ 99.9", "≥ 99.5", "planned", "1 other person verifies"))
    ruling = reverse("specification_rule", args=[lab.lot.product_id])
    assert one.post(ruling, {"checks": "2", "refuses_own_limits": "on"}).status_code == 302
    assert LotRule.objects.get().checks == 2
    person("tech", "technical")
    tech = client_of("tech")
    assert tech.get(address).status_code == 200 and tech.get(adding).status_code == 403
    # Who sees own customers only sees no limits of others, and sets none for them.
    mine = narrowed("quality", "customer", "view")
    few = client_of("quality")
    assert "演示·严" not in few.get(address).content.decode()
    assert few.get(adding, {"other": buyer.pk}).status_code == 404
    with pytest.raises(Http404):
        set_limits(
            actor=mine, product=lab.lot.product, characteristic=lab.water, customer=buyer, lower=None, upper=D(1),
            valid_from=TODAY, now=NOON,
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_who_verify_at_once_verify_once() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("writers wait for each other there")
    lab = Lab()
    made = lab.enter("99.2")
    start, told = Barrier(2), []

    def one_of(actor: Actor) -> None:
        start.wait()
        try:
            lab.verify(made, actor=actor)
            told.append("done")
        except LotError as error:
            told.append(error.code)
        finally:
            connection.close()

    threads = [Thread(target=one_of, args=[actor]) for actor in (lab.two, lab.head)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["done", "verified"]
    assert LotEvent.objects.filter(kind="held").count() == 1


def test_the_log_hears_of_a_verified_result_once(lab: Lab, settings: Any, tmp_path: Any) -> None:
    from bihuan.quality.models import EvidenceEntry

    settings.HOME = tmp_path
    made = lab.enter("99.6")
    news = {"lot": lab.lot.pk, "result": made.pk}
    results_go_into_the_log(news, NOON)
    assert not EvidenceEntry.objects.exists()
    lab.verify(made)
    for _twice in range(2):
        results_go_into_the_log(news, NOON)
    assert EvidenceEntry.objects.filter(source="tested", row=made.pk).count() == 1
