"""Three days after solving the customer is called; who was not reached is called again; closing takes what it cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from bihuan.kernel.actor import NotAllowed
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, CaseClock, CaseEvent, QualityCost
from bihuan.service.queries import my_call_backs

from .desk import Company, at, opened

pytestmark = pytest.mark.django_db
SOLVED = at("03-02 10:00")


def solved(company: Company, by: str = "agent") -> Case:
    case = opened(company, by=by, contact=company.contact)
    return services.solve_case(
        actor=company.actor(by), case=case, solution="好", cause="演示：受潮", now=SOLVED
    )


def test_what_is_to_be_called_back_stands_on_today_with_the_tries(
    company: Company, monkeypatch: pytest.MonkeyPatch
):
    case, actor = solved(company), company.actor("agent")
    opened(company, text="演示：还没有解决")
    for day in ("03-03", "03-04"):
        services.miss_call_back(actor=actor, case=case, text="演示：无人接听", now=at(f"{day} 09:00"))
    assert [(one.case_id, getattr(one, "tries", None)) for one in my_call_backs(actor)] == [(case.pk, 2)]
    assert CaseClock.objects.get(case=case, kind="call_back").stopped_at is None
    assert my_call_backs(company.actor("second")) == []
    monkeypatch.setenv("BIHUAN_NOW", at("03-09 09:00").isoformat())
    page = company.client("agent").get(reverse("today")).content.decode()
    assert "已拨打 2 次" in page and "演示·王工" in page
    services.call_back(actor=actor, case=case, satisfaction=5, text="演示：满意", now=at("03-05 09:00"))
    assert my_call_backs(actor) == []
    assert CaseEvent.objects.filter(case=case, kind="not_reached", is_internal=False).count() == 0


def test_nobody_is_called_before_it_is_solved(company: Company):
    case = opened(company)
    with pytest.raises(CaseError):
        services.miss_call_back(actor=company.actor("agent"), case=case, now=SOLVED)
    with pytest.raises(NotAllowed):
        services.miss_call_back(actor=company.actor("seller"), case=solved(company), now=SOLVED)


@pytest.mark.parametrize("score", [0, 6])
def test_satisfaction_runs_from_one_to_five(company: Company, score: int):
    with pytest.raises(CaseError):
        services.call_back(actor=company.actor("agent"), case=solved(company), satisfaction=score, now=SOLVED)


def test_closing_posts_what_it_cost_once(company: Company):
    case = solved(company, "quality")
    address = reverse("case_step", args=[case.pk, "close"])
    client = company.client("quality")
    assert 'name="cost"' in client.get(address).content.decode()
    given = {
        "reason": "演示：客户不便",
        "cost": "1234.5",
        "cost_text": "演示：换货运费",
        "cause": "演示：受潮",
    }
    assert client.post(address, given | {"cost": "-1"}).status_code == 422
    assert Case.objects.get(pk=case.pk).status == "solved" and not QualityCost.objects.exists()
    assert client.post(address, given).status_code == 302
    cost = QualityCost.objects.get()
    assert (cost.case_id, cost.category, cost.amount) == (case.pk, "external", Decimal("1234.5"))


def test_who_may_not_enter_costs_is_not_asked_and_closes_without(company: Company):
    case = solved(company)
    address = reverse("case_step", args=[case.pk, "close"])
    client = company.client("agent")
    assert 'name="cost"' not in client.get(address).content.decode()
    assert client.post(address, {"reason": "x", "cost": "5"}).status_code == 302
    assert not QualityCost.objects.exists()
