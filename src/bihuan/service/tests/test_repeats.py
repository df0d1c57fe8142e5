"""Complaints that come again ask for a special team; investigations on pages. All names are made up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.urls import reverse

from bihuan.kernel.jobs import run_job, start_job, take_next_job
from bihuan.kernel.models import BulkRun, Job
from bihuan.kernel.pages.bulk import start_bulk
from bihuan.service.lists import CASES
from bihuan.service.models import Case, Investigation, InvestigationCase
from bihuan.service.repeating import repeats_for, repeats_lately

from .desk import Company, at, customer_of
from .eightd import DUST, Work, complaint, investigation
from .test_cases import put_in_force

pytestmark = pytest.mark.django_db
NOW = at("03-10 09:00")
KINDS = ["complaint", "quality_objection"]
REPEATS = [
    {"by": "defect", "count": 3, "days": 30, "kinds": KINDS, "source": "practice"},
    {"by": "customer", "count": 3, "days": 90, "kinds": KINDS, "source": "[D]"},
]


@pytest.fixture(autouse=True)
def on_the_tenth(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())
    put_in_force({"repeats": REPEATS})


def panel(company: Company, name: str, case: Case) -> str:
    answer = company.client(name).get(reverse("panels", args=["case", case.pk]) + "?place=side")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_third_complaint_of_a_customer_asks_for_a_special_team(company: Company):
    texts = ("演示：包装破损漏料", "演示：到货晚了两天", "演示：浓度偏低，滴定不合格")
    cases = [complaint(company, at(f"03-0{n + 2} 09:00"), text=text) for n, text in enumerate(texts)]
    actor = company.actor("quality")
    assert repeats_for(actor, cases[1]) == []
    (found,) = repeats_for(actor, cases[2])
    assert (found.by, found.count, found.days) == ("customer", 3, 90)
    assert found.cases == [cases[2], cases[1], cases[0]]


def test_the_same_defect_at_several_customers_is_seen_by_its_words(company: Company):
    others = [customer_of(company.region, company.people["seller"], f"演示{name}厂") for name in ("东", "西")]
    texts = (DUST, "演示：拆袋后发现黑色粉尘颗粒", "演示：内有黑色粉尘颗粒，滤布堵塞")
    cases = [
        complaint(company, at(f"03-0{n + 2} 09:00"), text=text, customer=customer)
        for n, (text, customer) in enumerate(zip(texts, (company.customer, *others), strict=True))
    ]
    unlike = complaint(company, at("03-05 09:00"), text="演示：送货单少了一份签字", customer=others[0])
    (found,) = repeats_for(company.actor("quality"), cases[2])
    assert (found.by, found.count) == ("defect", 3)
    assert repeats_for(company.actor("quality"), unlike) == []
    ((case, again),) = repeats_lately(company.actor("quality"), NOW)
    assert (case, again.count) == (cases[2], 3)
    today = company.client("quality").get(reverse("today")).content.decode()
    assert "30 天内的第 3 起同类投诉" in today
    assert "同类投诉" not in company.client("agent").get(reverse("today")).content.decode()


def test_from_the_case_page_a_team_is_formed_for_all_of_them(company: Company):
    cases = [complaint(company, at(f"03-0{day} 09:00")) for day in (2, 4, 6)]
    text = panel(company, "quality", cases[2])
    keys = ",".join(str(one.pk) for one in reversed(cases))
    assert "合并成立专项小组" in text
    assert f"{reverse('investigation_create')}?cases={keys}" in text
    client = company.client("quality")
    given = {
        "title": "演示：黑色粉尘",
        "kind": "quality",
        "severity": "2",
        "members": [company.people["agent"].pk],
    }
    answer = client.post(f"{reverse('investigation_create')}?cases={keys}", given)
    row = Investigation.objects.get()
    assert answer["Location"] == reverse("investigation", args=[row.pk])
    assert InvestigationCase.objects.filter(investigation=row).count() == 3
    assert row.number in panel(company, "quality", cases[0])
    assert "重复投诉专项小组" in page(company, "quality", row).content.decode()
    assert repeats_lately(company.actor("quality"), NOW) == []
    # The next one is shown where the others are investigated, and joined there.
    fourth = complaint(company, at("03-09 09:00"))
    assert row.number in panel(company, "quality", fourth)
    joined = client.post(reverse("investigation_join", args=[fourth.pk]), {"investigation": row.pk})
    assert joined.status_code == 302
    assert InvestigationCase.objects.filter(investigation=row).count() == 4


def test_picked_cases_are_joined_from_the_list_and_taken_out_again(company: Company):
    cases = [complaint(company, at(f"03-0{day} 09:00")) for day in (2, 4)]
    row = investigation(company, [])
    far = complaint(
        company,
        at("03-05 09:00"),
        by="stranger",
        customer=customer_of(company.other, company.people["rival"], "演示南海"),
    )
    investigation(company, [far], title="演示：另一件")
    start_bulk(
        actor=company.actor("quality"), declared=CASES, action=next(one for one in CASES.actions if one.name == "join"),
        values={"investigation": row.pk}, ids=[one.pk for one in (*cases, far)], query="", now=NOW,
    )  # fmt: skip
    assert ran(NOW).state == "done"
    joined = InvestigationCase.objects.filter(investigation=row)
    assert set(joined.values_list("case", flat=True)) == {one.pk for one in cases}
    start_job(
        actor=company.actor("quality"), kind="pages.bulk_undo",
        arguments={"run": BulkRun.objects.get().pk}, now=NOW,
    )  # fmt: skip
    assert ran(NOW).state == "done"
    assert not joined.exists()


def ran(moment: datetime) -> Job:
    waiting = take_next_job(moment)
    assert waiting is not None
    return run_job(waiting, clock=lambda: moment)


def page(company: Company, name: str, row: Investigation) -> Any:
    return company.client(name).get(reverse("investigation", args=[row.pk]))


def test_the_page_of_an_investigation_shows_steps_clocks_and_what_is_lacking(company: Company):
    row = investigation(company, [complaint(company, at("03-02 09:00"))])
    work = Work(company, row)
    work.as_far_as_causes()
    work.plan("corrective", "更换输送带", date(2026, 3, 28), at("03-17 09:00"))
    text = page(company, "quality", row).content.decode()
    for words in (
        "D8", "描述问题", "吨袋没有", "演示：保养计划没有输送带", "更换输送带", "90 天内完成 8D", "演示宏远化工",
        "前一步还没有完成",
    ):  # fmt: skip
        assert words in text, words
    assert page(company, "stranger", row).status_code == 404
    assert page(company, "seller", row).status_code == 404


def test_what_is_entered_in_place_is_taken_or_refused_in_place(company: Company):
    row = investigation(company, [])
    client = company.client("quality")

    def post(what: str, of: str = "", **given: Any) -> Any:
        address = reverse("investigation_entry", args=[row.pk, what]) + (f"?of={of}" if of else "")
        return client.post(address, given, headers={"HX-Request": "true"})

    refused = post("finish", "d2")
    assert (refused.status_code, "D2 需要" in refused.content.decode()) == (422, True)
    assert "btn-primary" not in refused.content.decode()  # nothing is asked: there is nothing to confirm
    for part in ("is", "is_not"):
        answer = post(part, text="演示：袋装品")
        assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")
    assert post("finish", "d2").status_code == 204
    assert post("root_occurred", text="演示", factor="machine").status_code == 422
    people: dict[str, Any] = {"owner": company.people["quality"].pk, "members": [company.people["agent"].pk]}
    assert post("team", **people).status_code == 204
    assert post("finish", "d1").status_code == 204
    assert (
        post("correction", text="退换", owner=company.people["agent"].pk, due_on="2026-03-12").status_code
        == 204
    )
    action = row.actions.get()
    assert post("done", str(action.pk), done_on="2026-03-10").status_code == 204
    given = {"is_effective": "1", "effect": "演示：已换", "checked_on": "2026-03-10"}
    assert post("effect", str(action.pk), **given).status_code == 204
    assert post("observe", observed_on="2026-03-10", text="演示：10 袋", is_good="0").status_code == 204
    assert post("write", "d3", text="演示：隔离").status_code == 204
    assert post("nothing").status_code == 404
    assert post("done", "x", done_on="2026-03-10").status_code == 404
    assert (
        client.get(reverse("investigation_entry", args=[row.pk, "write"]) + "?of=d3")
        .content.decode()
        .count("隔离")
    )
    assert "退换" in client.get(reverse("investigation_lessons", args=[row.pk])).content.decode()


def test_the_list_of_investigations_shows_what_is_due_next(company: Company):
    investigation(company, [], title="演示：粉尘")
    text = company.client("quality").get(reverse("investigations")).content.decode()
    for words in ("演示：粉尘", "8D 关闭", "还剩 90 天"):
        assert words in text, words
    assert "演示：粉尘" not in company.client("agent").get(reverse("investigations")).content.decode()
