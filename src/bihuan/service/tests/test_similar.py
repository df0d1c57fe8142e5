"""Cases like another one, and the warning while a case is being written down: of what the actor may see, with reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse

from bihuan.kernel.actor import SYSTEM, FieldClass, Grant, Scope
from bihuan.service import services
from bihuan.service.correspondence.templates import save_template
from bihuan.service.finding.similar import likely_the_same, similar_cases
from bihuan.service.finding.wording import reasons
from bihuan.service.models import Case, CaseTemplate

from .desk import NINE, Company, at, customer_of, opened

pytestmark = pytest.mark.django_db
TEXT = "演示：三号釜内结晶，管道堵塞"
NOW = at("03-02 10:00")


@pytest.fixture(autouse=True)
def ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())


@pytest.fixture
def others(company: Company) -> dict[str, Case]:
    """The customer's own of the same kind, another customer's of the same lot, and one with nothing in common."""
    other = customer_of(company.region, company.people["seller"], "演示三木涂料")
    return {
        "same": opened(company, text="演示：釜内结晶又来了，管道也堵塞"),
        "lot": opened(company, text="颜色发黄、有异味", references="lot:A0301", customer=other),
        "far": opened(company, text="询问包装规格", severity=3, customer=other),
    }


def panel(company: Company, by: str, case: Case) -> str:
    address = reverse("panels", args=["case", case.pk]) + "?place=side"
    return company.client(by).get(address).content.decode()


def test_similar_cases_come_with_their_reasons_the_likest_first(company: Company, others: dict[str, Case]):
    case = opened(company, text=TEXT, references="lot:A0301")
    found = similar_cases(company.actor("agent"), case)
    assert [one.case for one in found] == [others["lot"], others["same"]]
    assert reasons(found[0]) == ["同一批次"]
    assert reasons(found[1]) == ["同一客户", "相近的词：演示、釜内结晶、管道、堵塞"]
    text = panel(company, "agent", case)
    assert "相似服务单" in text and "同一批次" in text and others["same"].title in text
    assert others["far"].title not in text


def test_the_same_investigation_and_its_defect_count_for_who_sees_them(
    company: Company, others: dict[str, Case]
):
    quality = company.actor("quality")
    case, with_it = opened(company, text="演示：颜色不对"), opened(company, text="演示：粘在桶壁上")
    for cases in ([case, with_it], [others["far"]]):
        services.open_investigation(actor=quality, title="演示", cases=cases, defect="色号", now=NOW)
    found = {one.case: reasons(one) for one in similar_cases(quality, case)}
    assert found == {
        with_it: ["同一调查", "同一缺陷", "同一客户"],
        others["far"]: ["同一缺陷"],
    }
    # Who sees no technical data is told of the investigation and not of the defect.
    seen = {**quality.grants, ("investigation", "view"): Grant(Scope.ALL, frozenset({FieldClass.PUBLIC}))}
    found = {one.case: reasons(one) for one in similar_cases(replace(quality, grants=seen), case)}
    assert found == {with_it: ["同一调查", "同一客户"]}


def test_what_one_may_not_see_is_neither_shown_nor_counted(company: Company, others: dict[str, Case]):
    south = customer_of(company.other, company.people["stranger"], "演示南方")
    case = opened(company, text=TEXT, references="lot:A0301", customer=south, by="stranger")
    assert similar_cases(company.actor("stranger"), case) == []
    assert "panel-similar" not in panel(company, "stranger", case)
    assert len(similar_cases(company.actor("director"), case)) == 2
    assert likely_the_same(company.actor("stranger"), company.customer.pk, "", "", NOW) == []


def test_a_merged_case_speaks_through_its_survivor(company: Company, others: dict[str, Case]):
    twin = opened(company, text=TEXT)
    services.merge_cases(actor=company.actor("agent"), case=twin, into=others["same"], now=NOW)
    twin.refresh_from_db()
    case = opened(company, text=TEXT)
    assert [one.case for one in similar_cases(company.actor("agent"), case)] == [others["same"]]
    assert [one.case for one in similar_cases(company.actor("agent"), twin)] == [case]


def test_a_case_being_written_is_compared_as_soon_as_customer_or_lot_is_known(
    company: Company, others: dict[str, Case]
):
    agent, own = company.actor("agent"), company.customer.pk

    def asked(customer: int | None, text: str = "", references: str = "", now: Any = NOW) -> list[Case]:
        return [one.case for one in likely_the_same(agent, customer, text, references, now)]

    assert asked(None, TEXT) == []
    assert asked(own) == [others["same"]]
    assert asked(own, TEXT) == [others["same"]]
    assert asked(own, "演示：想要一份新的报价单与交期") == []
    assert asked(None, "", "批号：a0301") == [others["lot"]]
    assert asked(own, TEXT, "A0301 A0302") == [others["lot"], others["same"]]
    for one in range(4):
        opened(company, text=f"{TEXT}，第{one}次")
    assert len(asked(own, TEXT)) == 3
    # What was closed counts while it is recent, and only for more than its customer.
    services.refuse_case(actor=agent, case=others["lot"], code="no_basis", text="演示", now=NOW)
    assert asked(None, "", "A0301") == [others["lot"]]
    assert asked(None, "", "A0301", at("07-02 10:00")) == []


def test_the_form_asks_by_post_and_a_link_opens_beside_it(company: Company, others: dict[str, Case]):
    client = company.client("agent")
    form = client.get(
        f"{reverse('case_create')}?customer={company.customer.pk}", headers={"HX-Request": "true"}
    )
    assert f'hx-post="{reverse("case_alike")}"' in form.content.decode()
    given: dict[str, Any] = {"other": company.customer.pk, "text": TEXT, "references": ""}
    text = client.post(reverse("case_alike"), given).content.decode()
    assert others["same"].title in text and 'target="_blank"' in text and "相近的词" in text
    assert client.get(reverse("case_alike"), given).status_code == 405
    assert (
        others["same"].title
        not in company.client("stranger").post(reverse("case_alike"), given).content.decode()
    )
    for odd in ("", "x", "-1", "9" * 30):
        assert client.post(reverse("case_alike"), {"other": odd, "text": TEXT}).content.strip() == b""


def test_another_template_leaves_the_picked_customer_and_what_was_entered(company: Company):
    row = save_template(
        actor=SYSTEM, template=None, use=CaseTemplate.Use.CASE, name="演示", body="{{ customer }} 来电", now=NINE,
    )  # fmt: skip
    asked: dict[str, Any] = {
        "template": row.pk, "other": company.customer.pk, "references": "A0301", "due_at": "2026-03-09T10:00",
    }  # fmt: skip
    text = (
        company.client("agent")
        .get(reverse("case_create"), asked, headers={"HX-Request": "true"})
        .content.decode()
    )
    assert f'name="other" value="{company.customer.pk}" checked' in text
    assert f"{company.customer.name} 来电" in text
    assert 'value="A0301"' in text and "2026-03-09T10:00" in text
    # Whom one does not see is not picked.
    answer = company.client("rival").get(reverse("case_create"), asked, headers={"HX-Request": "true"})
    assert company.customer.name not in answer.content.decode()


def test_what_was_said_in_a_merged_case_stands_on_the_survivor_s_page(company: Company):
    survivor, twin = opened(company, text="演示：结晶"), opened(company, text="演示：结晶，客户又打来")
    agent = company.actor("agent")
    services.respond(actor=agent, case=twin, text="演示：请封存", now=at("03-02 09:20"))
    services.add_note(actor=agent, case=twin, text="演示：内部的话", now=at("03-02 09:21"))
    services.merge_cases(actor=agent, case=twin, into=survivor, now=NOW)
    text = company.client("agent").get(reverse("case", args=[survivor.pk])).content.decode()
    talk = text[text.index('id="conversation"') :].split("</section>")[0]
    assert "演示：请封存" in talk and f"来自 {twin.number}" in talk and "内部的话" not in talk
    own = company.client("agent").get(reverse("case", args=[twin.pk])).content.decode()
    assert f"来自 {twin.number}" not in own
