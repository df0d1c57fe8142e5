"""Dispatch on pages: suggestions with reasons, one tap, the week, the phone's steps, how far stations reach; 404 for others."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.segmentation.models import Standing
from bihuan.service.dispatch import managing, reporting
from bihuan.service.dispatch.coverage import coverage_of
from bihuan.service.dispatch.store import dispatching_now
from bihuan.service.models import Absence, Case, Kit, Station, Technician, Visit, VisitSample

from .desk import NINE, Company, at, opened
from .fleet import EVERYTHING, GUANGZHOU, site_of, station, technician, terpene

pytestmark = pytest.mark.django_db
NOW = at("03-02 09:30")


@pytest.fixture(autouse=True)
def half_past_nine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_NOW", NOW.isoformat())


@pytest.fixture
def case(company: Company) -> Case:
    terpene(company)
    home = station(kits=2)
    technician(company, "tech", home, **EVERYTHING)
    technician(company, "bare", home, **EVERYTHING | {"certificates": []})
    technician(company, "green", home, **EVERYTHING | {"hours": 50})
    site_of(company)
    return opened(company, kind="complaint", severity=2)


def get(company: Company, name: str, address: str, status: int = 200) -> str:
    answer = company.client(name).get(address)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def planned(company: Company, case: Case) -> Visit:
    pick = f"{Technician.objects.get(user__username='tech').pk}~{NOW.isoformat()}"
    answer = company.client("dispatcher").post(reverse("visit_plan", args=[case.pk]), {"pick": pick})
    assert (answer.status_code, answer["Location"]) == (302, reverse("case", args=[case.pk]))
    return Visit.objects.get()


def step(company: Company, name: str, visit: Visit, what: str, **given: Any) -> Any:
    return company.client(name).post(reverse("visit_step", args=[visit.pk, what]), given)


def test_the_dialog_says_who_can_come_when_and_why_others_cannot(company: Company, case: Case):
    text = get(company, "dispatcher", reverse("visit_plan", args=[case.pk]))
    for said in (
        "证书：医药行业",
        "早于时限",
        "持证：医药行业",
        "培训 210 学时",
        "无有效证书：医药行业",
        "需 200",
    ):
        assert said in text, said
    assert text.count("仍然派出") == 2 and text.count('name="pick"') == 2  # nobody without the certificate
    visit = planned(company, case)
    assert visit.site is not None and visit.site.name == "演示·苏州工厂"
    answer = company.client("dispatcher").post(
        reverse("visit_plan", args=[case.pk]),
        {
            "pick": f"{Technician.objects.get(user__username='green').pk}~{NOW.isoformat()}",
            "purpose": "演示：留着",
        },
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "如仍要派出" in text and "演示：留着" in text
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    "pick",
    ["", "x", "1", "1~", "1~yesterday", "1~2026-03-02T09:30", "9" * 30 + "~", "1~9999-01-01T00:00:00+00:00"],
)
def test_a_pick_that_is_none_sends_nobody(company: Company, case: Case, pick: str):
    answer = company.client("dispatcher").post(reverse("visit_plan", args=[case.pk]), {"pick": pick})
    assert answer.status_code == 200
    assert not Visit.objects.exists()


def test_a_later_start_may_be_asked_for(company: Company, case: Case):
    text = get(company, "dispatcher", reverse("visit_plan", args=[case.pk]) + "?from=2026-03-05T14:00&site=")
    assert "2026-03-05 14:00 出发" in text and "晚于时限" in text
    for wrong in ("x", "2020-01-01T00:00", "9999-01-01T00:00"):
        text = get(company, "dispatcher", reverse("visit_plan", args=[case.pk]) + f"?from={wrong}")
        assert "2026-03-02 09:30 出发" in text


def test_a_customer_whose_place_is_not_known_is_said_to_be_so(company: Company, case: Case):
    Customer.objects.update(city="")
    text = get(company, "dispatcher", reverse("visit_plan", args=[case.pk]) + "?site=")
    assert "不知道客户所在地" in text and "路程按 8 小时 计" in text


def test_the_phone_s_page_takes_its_steps_and_says_what_is_wrong_in_place(company: Company, case: Case):
    visit = planned(company, case)
    assert "我的上门服务" in get(company, "tech", "/")
    assert "到场签到" in get(company, "tech", reverse("visit", args=[visit.pk]))
    step(company, "tech", visit, "check-in", latitude="31.3", longitude="NaN")
    assert Visit.objects.get().distance_m is None
    answer = step(company, "tech", visit, "report", findings="", readings="")
    assert answer.status_code == 422 and "请填写现场发现" in answer.content.decode()
    answer = step(company, "tech", visit, "finish", unsigned="不在")
    assert answer.status_code == 422
    step(company, "tech", visit, "sample", number="S1")
    text = get(company, "tech", reverse("visit", args=[visit.pk]))
    assert "还剩 1 小时" in text
    step(company, "tech", visit, "result", sample=VisitSample.objects.get().pk, result="99.6")
    assert step(company, "tech", visit, "result", sample="x", result="1").status_code == 404
    assert step(company, "tech", visit, "dance").status_code == 404
    step(company, "tech", visit, "report", findings="回流比偏低", readings="")
    step(company, "tech", visit, "finish", unsigned="负责人不在")
    assert Visit.objects.get().status == "done"
    assert "上门完成" in get(company, "agent", reverse("case", args=[case.pk]))


def test_what_was_found_is_for_who_reads_technical_data(company: Company, case: Case):
    visit = planned(company, case)
    actor = company.actor("tech")
    reporting.check_in(actor=actor, visit=visit, now=NOW)
    reporting.write_report(actor=actor, visit=visit, findings="回流比偏低", readings="", now=NOW)
    for name, sees in (("quality", True), ("agent", True), ("seller", False), ("dispatcher", False)):
        assert ("回流比偏低" in get(company, name, reverse("visit", args=[visit.pk]))) is sees, name
    for name in ("bare", "rival", "stranger"):
        get(company, name, reverse("visit", args=[visit.pk]), status=404)
        assert step(company, name, visit, "report", findings="x").status_code in (403, 404)
    assert step(company, "seller", visit, "check-in").status_code == 403
    get(company, "seller", reverse("visit_plan", args=[case.pk]), status=403)
    get(company, "seller", reverse("dispatch_board"), status=404)


def test_the_week_shows_visits_free_hours_and_absences(company: Company, case: Case):
    visit = planned(company, case)
    managing.add_absence(
        actor=SYSTEM, technician=Technician.objects.get(user__username="green"), first_on=date(2026, 3, 3),
        last_on=date(2026, 3, 4), now=NINE,
    )  # fmt: skip
    text = get(company, "dispatcher", reverse("dispatch_board"))
    assert reverse("visit", args=[visit.pk]) in text
    assert text.count("缺勤</span>") == 2
    assert "空闲 7.7 小时" in text  # 12 h less 09:30 to 13:50
    # Who sees the technician and not the visit sees that the time is taken.
    text = get(company, "director", reverse("dispatch_board") + "?week=2026-03-04")
    assert "10:50–13:50" in text
    for wrong in ("x", "0001-01-01", "9999-12-31"):
        assert "2026-03-02" in get(company, "dispatcher", reverse("dispatch_board") + f"?week={wrong}")


def test_stations_kits_and_technicians_are_made_and_mended_on_pages(company: Company, case: Case):
    client = company.client("dispatcher")
    client.post(
        reverse("station_new"),
        {"name": "演示·苏州站", "city": "苏州市", "calendar": "7x12", "is_active": "on"},
    )
    made = Station.objects.get(name="演示·苏州站")
    assert (made.latitude, made.longitude) == (31.30, 120.58)
    answer = client.post(
        reverse("station_new"), {"name": "演示·苏州站", "city": "苏州市", "calendar": "7x12"}
    )
    assert answer.status_code == 422 and "已有同名服务站" in answer.content.decode()
    answer = client.post(reverse("station_new"), {"name": "演示·某站", "city": "某地", "calendar": "7x12"})
    assert answer.status_code == 422 and "请填写经纬度" in answer.content.decode()
    client.post(reverse("kit_new", args=[made.pk]), {"code": "YS-9", "kind": "purity", "status": "ready"})
    kit = Kit.objects.get(code="YS-9")
    client.post(reverse("kit_save", args=[kit.pk]), {"code": "YS-9", "kind": "purity", "status": "servicing"})
    assert Kit.objects.get(code="YS-9").status == "servicing"
    answer = client.post(reverse("technician_new"), {"user": company.people["seller"].pk, "station": made.pk})
    assert answer.status_code == 422  # a salesperson reports no visits
    green = Technician.objects.get(user__username="green")
    add = reverse("technician_add", args=[green.pk, "training"])
    client.post(add, {"held_on": "2026-02-01", "hours": "160", "subject": "演示"})
    assert "210 学时" in get(company, "dispatcher", reverse("technician", args=[green.pk]))
    client.post(
        reverse("technician_add", args=[green.pk, "absence"]),
        {"first_on": "2026-03-09", "last_on": "2026-03-08"},
    )
    assert not Absence.objects.exists()
    client.post(
        reverse("technician_add", args=[green.pk, "absence"]),
        {"first_on": "2026-03-09", "last_on": "2026-03-10"},
    )
    client.post(reverse("technician_add", args=[green.pk, "no-absence"]), {"of": Absence.objects.get().pk})
    assert not Absence.objects.exists()
    for name, status in (("seller", 404), ("agent", 403), ("tech", 403)):
        assert company.client(name).post(reverse("station_new"), {"name": "x"}).status_code == status
    get(company, "tech", reverse("technician", args=[green.pk]), status=404)


def test_the_share_of_a_customers_within_four_hours(company: Company):
    terpene(company)
    station("演示·上海站")
    for number, (city, tier) in enumerate((("上海市", "A"), ("广州市", "A"), ("某地", "A"), ("广州市", "B"))):
        row = Customer.objects.create(
            name=f"演示{number}", city=city, team=company.region, created_at=NINE, updated_at=NINE
        )
        Standing.objects.create(customer=row, tier=tier)
    found = coverage_of(company.actor("dispatcher"), dispatching_now())
    # Suzhou and Shanghai are reached; Guangzhou is not; where nobody knows is not.
    assert (found.total, found.reached, found.unknown, found.is_enough) == (4, 2, 1, False)
    assert [(one.customer, one.station) for one in found.far] == [("演示1", "演示·上海站"), ("演示2", "")]
    site_of(company, GUANGZHOU)  # its site counts, not its city
    assert coverage_of(company.actor("dispatcher"), dispatching_now()).reached == 1
    text = get(company, "dispatcher", reverse("coverage"))
    assert "4 小时内，服务站可到达 A 类客户 4 家中的 1 家（25%）" in text and "目标为 80%" in text
    Station.objects.update(is_active=False)
    assert "还没有服务站" in get(company, "dispatcher", reverse("coverage"))
