"""Cases on pages: the queue, the case, its steps, and who sees what of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bihuan.customers.models import Contact
from bihuan.kernel.actor import SYSTEM, Scope
from bihuan.people.services import override_access
from bihuan.service import services
from bihuan.service.models import Case, CaseEvent, CaseNotice
from bihuan.service.sweeping import sweep

from .desk import Company, at, customer_of, opened

pytestmark = pytest.mark.django_db
NOW = at("03-02 09:30")


@pytest.fixture(autouse=True)
def half_past_nine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())


def text_of(company: Company, name: str, address: str) -> str:
    answer = company.client(name).get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def page(company: Company, name: str, case: Case) -> str:
    return text_of(company, name, reverse("case", args=[case.pk]))


def take(company: Company, name: str, case: Case, step: str, **given: Any) -> Any:
    return company.client(name).post(reverse("case_step", args=[case.pk, step]), given)


def test_the_queue_shows_first_what_is_due_first(company: Company):
    later = opened(company, severity=3, text="演示：询问包装规格")
    sooner = opened(company, text="演示：整线停产")
    waits = opened(company, text="演示：等回样")
    services.respond(actor=company.actor("agent"), case=waits, text="好", now=at("03-02 09:10"))
    services.pause_case(
        actor=company.actor("agent"), case=waits, reason="waiting_for_customer", now=at("03-02 09:11")
    )
    text = text_of(company, "agent", reverse("cases"))
    places = [text.index(one.title) for one in (sooner, later, waits)]
    assert places == sorted(places)
    assert "还剩 30 分钟" in text


def test_my_queue_my_team_s_and_nobody_s(company: Company):
    mine, mates = opened(company, text="演示：我的"), opened(company, by="second", text="演示：同事的")
    nobodys = opened(company, by="seller", text="演示：无人的")
    for query, shown in (
        ("whose=me", {mine}),
        ("whose=team", {mine, mates, nobodys}),
        ("whose=nobody", {nobodys}),
    ):
        text = text_of(company, "agent", f"{reverse('cases')}?{query}")
        assert {one for one in (mine, mates, nobodys) if one.title in text} == shown
    services.solve_case(actor=company.actor("agent"), case=mine, solution="好", now=NOW)
    assert mine.title not in text_of(company, "agent", f"{reverse('cases')}?whose=me&status=in_work")


def test_each_clock_opens_its_explanation(company: Company):
    case = opened(company, kind="complaint")
    services.pause_case(
        actor=company.actor("agent"), case=case, reason="waiting_for_customer", now=at("03-02 09:10")
    )
    text = page(company, "agent", case)
    for words in (
        "首次响应 · 还剩 30 分钟", "重大问题 1 小时响应", "2026-03-02 10:00", "临时措施 · 等待中，还剩 23 小时 50 分钟",
        "等客户答复或资料",
    ):  # fmt: skip
        assert words in text, words


def test_an_agent_answers_and_solves_in_dialogs(company: Company):
    case = opened(company)
    answer = take(company, "agent", case, "respond", text="已安排工程师")
    assert (answer.status_code, answer["Location"]) == (302, reverse("case", args=[case.pk]))
    refused = take(company, "agent", case, "solve", solution="")
    assert refused.status_code == 422
    take(company, "agent", case, "solve", solution="更换批次", cause="罐底残液")
    assert Case.objects.get().status == "solved"
    text = page(company, "agent", case)
    assert "已安排工程师" in text and "更换批次" in text and "罐底残液" in text


@pytest.mark.parametrize(
    ("before", "step", "given", "leaves"),
    [
        ((), "pause", {"reason": "waiting_for_others"}, "paused"),
        ((("pause", {"reason": "waiting_for_others"}),), "resume", {}, "resumed"),
        ((), "on-site", {"text": "到厂"}, "on_site"),
        ((), "work-around", {"text": "换备罐"}, "worked_around"),
        ((), "change", {"severity": "2", "urgency": "urgent", "kind": "complaint"}, "changed"),
        ((("solve", {"solution": "好"}),), "call-back", {"satisfaction": "4", "text": "满意"}, "called_back"),
        ((("solve", {"solution": "好"}),), "close", {"reason": "客户明确不需要"}, "closed"),
        ((("solve", {"solution": "好"}),), "reopen", {"reason": "复发"}, "reopened"),
    ],
)
def test_every_step_has_its_dialog(
    company: Company,
    before: tuple[tuple[str, dict[str, Any]], ...],
    step: str,
    given: dict[str, Any],
    leaves: str,
):
    case = opened(company)
    for earlier, values in before:
        assert take(company, "agent", case, earlier, **values).status_code == 302
    asked = company.client("agent").get(reverse("case_step", args=[case.pk, step]))
    assert asked.status_code == 200
    assert take(company, "agent", case, step, **given).status_code == 302
    last = CaseEvent.objects.order_by("-id").first()
    assert last is not None and last.kind == leaves


def test_a_case_is_reassigned_and_merged_from_its_page(company: Company):
    case, twin = opened(company), opened(company, text="演示：同一问题")
    asked = text_of(company, "agent", reverse("case_step", args=[case.pk, "reassign"]))
    assert "演示·second" in asked and "演示·seller" not in asked
    take(company, "agent", case, "reassign", owner=company.people["second"].pk)
    assert Case.objects.get(pk=case.pk).owner == company.people["second"]
    answer = take(company, "agent", twin, "merge", into=case.pk)
    assert answer["Location"] == reverse("case", args=[case.pk])
    merged = page(company, "agent", twin)
    assert (
        "此后的往来都归入该单" in merged
        and "case_step" not in merged
        and reverse("case", args=[case.pk]) in merged
    )
    noted = company.client("agent").post(reverse("case_note", args=[twin.pk]), {"text": "旧单来电"})
    assert noted["Location"] == reverse("case", args=[case.pk])
    assert "旧单来电" in page(company, "agent", case)
    elsewhere = customer_of(company.region, company.people["seller"], "演示北岸涂料")
    foreign = opened(company, customer=elsewhere)
    assert take(company, "agent", foreign, "merge", into=case.pk).status_code == 422


def test_a_case_is_offered_only_to_colleagues_one_sees(company: Company):
    case = opened(company)
    override_access(
        actor=SYSTEM, role="service_agent", object_name="staff", action="view", scope=Scope.TEAM, classes=["public"],
        now=NOW,
    )  # fmt: skip
    asked = text_of(company, "agent", reverse("case_step", args=[case.pk, "reassign"]))
    assert "演示·second" in asked and "演示·stranger" not in asked
    assert take(company, "agent", case, "reassign", owner=company.people["stranger"].pk).status_code == 422


def test_a_case_is_opened_from_one_box(company: Company):
    client = company.client("agent")
    given = {"other": company.customer.pk, "text": "演示：合格证未随货", "kind": "complaint"}
    answer = client.post(reverse("case_create"), given)
    case = Case.objects.get()
    assert answer["Location"] == reverse("case", args=[case.pk])
    assert (case.severity, case.owner) == (2, company.people["agent"])  # as the kind says
    assert client.post(reverse("case_create"), {"text": "x", "kind": "complaint"}).status_code == 422
    dialog = client.get(f"{reverse('case_create')}?customer={company.customer.pk}").content.decode()
    assert company.customer.name in dialog and company.contact.name in dialog


def test_somebody_else_s_contact_is_not_taken(company: Company):
    elsewhere = customer_of(company.region, company.people["seller"], "演示北岸涂料")
    other = Contact.objects.create(customer=elsewhere, name="演示·李工", created_at=NOW, updated_at=NOW)
    address = f"{reverse('case_create')}?customer={company.customer.pk}"
    given = {"other": company.customer.pk, "text": "x", "kind": "complaint", "contact": other.pk}
    assert company.client("agent").post(address, given).status_code == 422


def test_an_agent_of_another_team_meets_404(company: Company):
    case = opened(company)
    client = company.client("stranger")
    for address in (
        reverse("case", args=[case.pk]),
        reverse("case_step", args=[case.pk, "solve"]),
        reverse("case_note", args=[case.pk]),
        reverse("list_neighbours", args=["cases", case.pk]),
    ):
        answer = client.get(address)
        assert answer.status_code == 404 or case.title not in answer.content.decode()
    assert client.get(reverse("case", args=[case.pk])).status_code == 404
    assert client.post(reverse("case_step", args=[case.pk, "solve"]), {"solution": "x"}).status_code == 404
    assert case.title not in text_of(company, "stranger", reverse("cases"))
    assert case.title not in text_of(
        company, "stranger", reverse("panel", args=["customer", company.customer.pk, "cases"])
    )


def test_sales_see_what_was_asked_and_answered_and_nothing_technical(company: Company):
    actor = company.actor("agent")
    case = opened(company)
    services.add_note(actor=actor, case=case, text="酸值 0.8，超标", is_technical=True, now=NOW)
    services.add_note(actor=actor, case=case, text="客户下午在厂", now=NOW)
    services.solve_case(actor=actor, case=case, solution="更换批次", cause="罐底残液", now=NOW)
    seller, quality = page(company, "seller", case), page(company, "quality", case)
    assert "更换批次" in seller and "客户下午在厂" in seller
    assert "酸值" not in seller and "罐底残液" not in seller
    assert "酸值" in quality and "罐底残液" in quality
    assert company.client("rival").get(reverse("case", args=[case.pk])).status_code == 404
    assert company.client("seller").get(reverse("case_step", args=[case.pk, "solve"])).status_code == 403


def test_today_shows_my_cases_and_what_i_was_warned_of(company: Company):
    case = opened(company)
    sweep(NOW)
    text = text_of(company, "agent", reverse("today"))
    assert "首次响应 · 还剩 30 分钟" in text and "已用 50%" in text
    assert case.title not in text_of(company, "second", reverse("today"))
    company.client("second").post(reverse("case_notices_read"))
    assert CaseNotice.objects.filter(read_at=None).count() == 1
    company.client("agent").post(reverse("case_notices_read"), {"case": case.pk})
    assert "已用 50%" not in text_of(company, "agent", reverse("today"))


def test_the_customer_s_page_has_the_cases_and_says_what_is_overdue(
    company: Company, monkeypatch: pytest.MonkeyPatch
):
    case = opened(company)
    monkeypatch.setenv("BIHUAN_NOW", at("03-02 12:00").isoformat())
    address = reverse("panel", args=["customer", company.customer.pk, "cases"])
    assert "已超 2 小时" in text_of(company, "seller", address)
    assert f"服务单 {case.number} 已超期 2 小时" in text_of(
        company, "seller", reverse("customer", args=[company.customer.pk])
    )
    timeline = text_of(company, "seller", reverse("timeline", args=["customer", company.customer.pk]))
    assert case.number in timeline


def test_a_case_is_found_by_its_number_and_by_its_customer(company: Company):
    case = opened(company)
    assert case.title in text_of(company, "agent", f"{reverse('palette')}?q={case.number[:8]}")
    for query in (case.number, "停产", "宏远"):
        assert case.title in text_of(company, "agent", f"{reverse('cases')}?q={query}")
    assert case.title not in text_of(company, "agent", f"{reverse('cases')}?q=无此")
