"""Due times that a contract gives count in place of the promised ones; open clocks are reckoned anew, closed ones never."""

from __future__ import annotations

import pytest
from django.urls import reverse

from bihuan.kernel.actor import SYSTEM, NotAllowed
from bihuan.kernel.models import Job
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, CaseClock, CaseEvent
from bihuan.service.sweeping import sweep

from .desk import Company, at, opened

pytestmark = pytest.mark.django_db
FRIDAY = at("03-06 18:00")


def clock(case: Case, kind: str = "resolution") -> CaseClock:
    return CaseClock.objects.get(case=case, kind=kind)


def test_the_contracts_hour_counts_and_pauses_do_not_move_it(company: Company):
    case, actor = opened(company, due={"resolution": FRIDAY}), company.actor("agent")
    assert clock(case).due_at == FRIDAY
    services.pause_case(actor=actor, case=case, reason="waiting_for_customer", now=at("03-02 21:00"))
    services.resume_case(actor=actor, case=case, now=at("03-05 09:00"))
    assert clock(case).due_at == FRIDAY
    assert clock(case, "workaround").due_at == at("03-05 21:00")
    sweep(at("03-06 18:01"))
    assert case.notices.filter(kind="resolution", level=100).exists()


def test_it_may_be_given_later_for_any_clock(company: Company):
    case, actor = opened(company), company.actor("agent")
    done = services.change_case(
        actor=actor, case=case, due_kind="response", due_at=at("03-02 09:40"), now=at("03-02 09:10")
    )
    assert clock(case, "response").due_at == at("03-02 09:40")
    assert done.next_due_at == at("03-02 09:40")
    # What was given stays when something else changes.
    services.change_case(actor=actor, case=case, severity=2, now=at("03-02 09:20"))
    assert clock(case, "response").due_at == at("03-02 09:40")
    page = company.client("agent").get(reverse("case", args=[case.pk])).content.decode()
    assert "合同约定" in page


@pytest.mark.parametrize("due", [{"resolution": at("03-02 09:00")}, {"moon": FRIDAY}])
def test_a_moment_that_has_passed_or_a_clock_that_there_is_not_is_refused(company: Company, due: dict):
    with pytest.raises(CaseError):
        opened(company, due=due)
    assert not Case.objects.exists()


def test_both_dialogs_take_it(company: Company, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BIHUAN_NOW", at("03-02 09:00").isoformat())
    client = company.client("agent")
    address = f"{reverse('case_create')}?customer={company.customer.pk}"
    given = {"other": company.customer.pk, "text": "演示：结晶", "kind": "complaint", "severity": "1"}
    assert client.post(address, given | {"due_at": "2026-03-01T18:00"}).status_code == 422
    assert client.post(address, given | {"due_at": "2026-03-06T18:00"}).status_code == 302
    case = Case.objects.get()
    assert clock(case).due_at == FRIDAY
    changed = reverse("case_step", args=[case.pk, "change"])
    same = {"severity": "1", "urgency": "regular", "kind": "complaint"}
    assert (
        client.post(changed, same | {"due_kind": "workaround", "due_at": "2026-03-02T20:00"}).status_code
        == 302
    )
    assert clock(case, "workaround").due_at == at("03-02 20:00")


def test_open_clocks_are_reckoned_anew_and_closed_ones_never(company: Company):
    actor = company.actor("agent")
    closed, case = opened(company, severity=2), opened(company, severity=2)
    services.refuse_case(actor=actor, case=closed, code="not_our_task", text="好", now=at("03-02 10:00"))
    right = clock(case).due_at
    for one in (closed, case):
        CaseClock.objects.filter(case=one).update(due_at=at("01-01 00:00"))
    events = CaseEvent.objects.count()
    assert services.recompute_clocks(now=at("03-02 11:00")) == 1
    assert clock(case).due_at == right and clock(closed).due_at == at("01-01 00:00")
    assert CaseEvent.objects.count() == events
    Case.objects.get(pk=case.pk)
    assert services.recompute_clocks(now=at("03-02 11:00")) == 1
    assert clock(case).due_at == right


def test_who_administers_orders_it_on_a_page_and_nobody_else(company: Company):
    with pytest.raises(NotAllowed):
        services.order_recomputing(actor=company.actor("director"), now=at("03-02 11:00"))
    assert company.client("agent").get(reverse("clocks_recompute")).status_code in (403, 404)
    assert not Job.objects.filter(kind="service.recompute_clocks").exists()
    services.order_recomputing(actor=SYSTEM, now=at("03-02 11:00"))
    assert Job.objects.filter(kind="service.recompute_clocks").count() == 1
