"""The hardest case of fine chemicals, sulfuric acid and cosmetics through the real parts: report, clocks, people sent, investigation, objection, settlement, call-back.

`test_service_scenarios` says what the matrices promise; here people do the work, and every step is asked to the minute. Times are
Shanghai's, 2026. All names are made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.utils import translation

from bihuan.customers.models import Contact
from bihuan.messaging.tests.conftest import imap, make_channel, office, one_imap  # noqa: F401
from bihuan.sales.models import Order
from bihuan.segmentation.models import Standing
from bihuan.service import services
from bihuan.service.models import Case, GreenRequest, QualityCost
from bihuan.service.objection import stages
from bihuan.service.repeating import repeats_for
from bihuan.service.tests.desk import at, opened
from bihuan.service.tests.fleet import suggested
from bihuan.service.tests.post import BUYER, Desk, mail

from .hardest import Course, D, company_of, due, product_of, refused, sent_out, site_of, steps_due, stopped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_fine_chemicals_a_class_a_pharmaceutical_customer_stands_still() -> None:
    """Reported on the Saturday of 10 October, 19:20, at the hot line; solved 20 h 45 min later, closed once December's lots are good."""
    company = company_of("terpene", "A", industry="医药")
    site = site_of(company)
    sent_out(company, "bare", kit="purity", skills=["sampling"], certificates=["coatings"], hours=210)
    case = Course(
        company, "10-10 19:20", kind="quality_objection", severity=1, urgency="critical", channel="hot_line",
        text="演示：主含量偏低，整线停产",
    )  # fmt: skip
    assert due(case.case) == {
        "response": "10-10 20:20",
        "on_site": "10-11 19:20",
        "resolution": "10-11 19:20",
        "apology": "10-10 21:20",
        "admission": "10-11 19:20",
        "executive": "10-10 21:20",
    }
    assert set(GreenRequest.objects.values_list("request", flat=True)) == {"hold_goods", "hold_capacity"}
    case.do(services.respond, "10-10 19:45", text="演示：收到，今晚安排")
    case.kept("executive", "10-10 20:40", "director")
    case.kept("apology", "10-10 21:00")

    # Nobody may go without the certificate of the customer's industry; the one who may leaves when the station opens.
    assert [one.lacks[0].kind for one in suggested(case.case, at("10-10 21:00"), site).unfit] == [
        "certificate"
    ]
    sent_out(company, "tech", kit="purity", skills=["sampling"], certificates=["pharma"], hours=210)
    visit = case.sends("10-10 21:05", site=site)
    assert (visit.leaves_at, visit.starts_at) == (at("10-11 08:00"), at("10-11 09:20"))
    case.do(services.pause_case, "10-11 06:00", reason="site_closed")
    case.do(services.resume_case, "10-11 08:00")
    assert due(case.case) == {
        "on_site": "10-11 21:20",
        "resolution": "10-11 21:20",
        "admission": "10-11 19:20",
    }
    case.visits(
        visit, "tech", out="10-11 08:02", there="10-11 09:25", found="演示：回流比偏低", done="10-11 10:40",
        sample=("10-11 09:40", "10-11 10:30"),
    )  # fmt: skip
    assert stopped(case.case) == {
        "response": ("10-10 19:45", True),
        "executive": ("10-10 20:40", True),
        "apology": ("10-10 21:00", True),
        "on_site": ("10-11 09:25", True),
        "sample_result": ("10-11 10:30", True),
    }

    assert steps_due(case.investigates("10-11 11:00")) == {
        "d1": "10-12 11:00",
        "d2": "10-13 11:00",
        "d3": "10-12 11:00",
    }
    case.objects(
        "10-11 11:10", received_on=date(2026, 9, 20), product=product_of("α-松油烯", "松油烯"),
        defect="演示：主含量 98.1 %", quantity_claimed=D(5), quantity_delivered=D(20),
    )  # fmt: skip
    case.stage("submitted", "10-11 11:15")
    with refused("Papers are missing"):
        case.stage("admitted", "10-11 11:20")
    case.papers(at("10-11 11:30"))
    case.stage("admitted", "10-11 11:35")
    case.stage("acknowledged", "10-11 11:40", text="演示：已受理")
    case.stage("assessed", "10-11 11:45", severity=1)
    with refused("no joint sample"):
        case.stage("checked", "10-11 11:50")
    sample = case.sample(at("10-11 12:00"))
    case.stage("checked", "10-11 12:10")
    with refused("no result yet"):
        case.stage("liability", "10-11 12:20", shares={"ours": D(100)})
    case.tested(sample, at("10-11 14:00"))
    case.stage("liability", "10-11 14:10", shares={"ours": D(100)})
    case.offer(at("10-11 14:30"), accepted="5", price_reduction="12000")
    with refused("above your limit"):
        case.approve(at("10-11 14:40"), "seller")
    case.offer(at("10-11 14:50"), accepted="5", price_reduction="8000", compensation="2000")
    case.stage("proposal", "10-11 15:00")
    case.approve(at("10-11 15:10"), "seller")
    case.agreement(at("10-11 15:20"))
    case.copy(at("10-11 16:00"))
    case.stage("signed", "10-11 16:10")
    case.stage("settled", "10-11 17:00", "manager")
    assert Order.objects.get().amount == D(-8000)
    assert QualityCost.objects.get().amount == D(10000)
    case.do(services.solve_case, "10-11 18:05", solution="演示：换料复产", cause="演示：回流比偏低")
    assert stopped(case.case)["resolution"] == ("10-11 18:05", True)
    assert due(case.case) == {"call_back": "10-14 18:05"}

    with refused("objection .* is open, at stage Settled"):
        case.do(services.close_case, "10-12 09:00", reason="演示")
    with refused("number from 1 to 5"):
        case.do(services.call_back, "10-14 16:00", satisfaction=6)
    case.do(services.miss_call_back, "10-13 10:00", text="演示：无人接听")
    case.do(services.call_back, "10-14 17:30", satisfaction=4)
    assert stopped(case.case)["call_back"] == ("10-14 17:30", True)

    case.eight_d(
        {"d1": "10-11 18:10", "d2": "10-11 18:20", "d3": "10-11 18:30", "d4": "10-20 09:00", "d5": "10-22 09:00",
         "d6": "10-26 17:00", "d7": "10-30 17:00"}, "演示：回流比设定无复核",
    )  # fmt: skip
    assert steps_due(case.eight) == {"d8": "01-24 17:00"}
    case.stage("corrected", "10-27 09:00")
    with refused("later data"):
        case.stage("effective", "10-31 09:00")
    case.proves("12-01 09:00")
    case.stage("effective", "12-01 10:00")
    case.stage("closed", "12-01 10:10")
    assert case.do(services.close_case, "12-01 10:20").status == "closed"
    assert all(met for _at, met in stopped(case.case).values()) and due(case.case) == {}


def test_acid_a_small_buyers_complaint_turns_out_to_have_stopped_a_core_customers_works() -> None:
    """Reported on Friday, 6 November, 19:30, by a small buyer; core and critical the next morning; not solved at first."""
    company = company_of("sulfuric_acid", "long_tail")
    for day in ("10-12 09:00", "10-30 09:00"):
        opened(company, at(day), kind="complaint", text="演示：铁含量超标，酸色发黄", severity=2)
    case = Course(
        company, "11-06 19:30", kind="complaint", text="演示：铁含量超标，酸色发黄浑浊", channel="phone"
    )
    assert due(case.case) == {"response": "11-07 09:30", "resolution": "11-08 19:30"}
    assert {(one.by, one.count) for one in repeats_for(case.actor(), case.case)} == {
        ("defect", 3),
        ("customer", 3),
    }
    case.do(services.respond, "11-07 08:50", text="演示：请留样")
    Standing.objects.filter(customer=company.customer).update(tier="core")
    services.follow_tiers(now=at("11-07 10:00"), customer_ids=[company.customer.pk])
    case.do(services.change_case, "11-07 10:00", severity=1, urgency="critical", kind="quality_objection")
    case.heard("11-07 10:00")
    assert due(case.case) == {
        "resolution": "11-08 19:30",
        "on_site": "11-07 19:30",
        "workaround": "11-07 19:30",
        "admission": "11-07 19:30",
        "executive": "11-07 12:00",
    }
    assert set(GreenRequest.objects.values_list("request", "to")) == {
        ("hold_goods", "salesperson"), ("hold_capacity", "production"), ("hold_vehicles", "logistics"),
    }  # fmt: skip
    case.kept("executive", "11-07 11:00", "director")
    # Raised on the eighteenth day, of seven: without a reason it is not admitted.
    case.objects(
        "11-07 11:10", received_on=date(2026, 10, 20), product=product_of("98% 硫酸", "工业硫酸"), defect="演示：铁超标",
        quantity_claimed=D(28),
    )  # fmt: skip
    case.stage("submitted", "11-07 11:15")
    case.papers(at("11-07 11:20"))
    with refused("after the objection window"):
        case.stage("admitted", "11-07 11:25")
    stages.refuse_objection(
        actor=case.actor(), objection=case.row, reason="outside_window", text="演示：超过异议期，仍按投诉处理",
        now=at("11-07 11:30"),
    )  # fmt: skip
    assert stopped(case.case)["admission"] == ("11-07 11:30", True)

    site = site_of(company)
    sent_out(company, "bare", kit="acid", skills=["acid_handling"])
    assert [one.lacks[0].kind for one in suggested(case.case_again(), at("11-07 11:40"), site).unfit] == [
        "certificate"
    ]
    sent_out(company, "tech", kit="acid", skills=["acid_handling"], certificates=["hazmat"])
    visit = case.sends("11-07 12:00", site=site)
    assert (visit.leaves_at, visit.starts_at) == (at("11-07 12:00"), at("11-07 13:50"))
    case.visits(
        visit, "tech", out="11-07 12:05", there="11-07 14:00", found="演示：槽车残留", done="11-07 17:00"
    )
    case.do(services.work_around, "11-07 19:00", text="演示：调运 30 t 顶上")
    case.do(services.pause_case, "11-08 08:00", reason="waiting_for_sample")
    case.do(services.resume_case, "11-08 14:00")
    assert due(case.case) == {"resolution": "11-09 01:30"}
    case.do(services.solve_case, "11-08 22:00", solution="演示：换酸", cause="演示：槽车未清洗")
    assert due(case.case) == {"call_back": "11-11 22:00"}
    case.do(services.reopen_case, "11-10 15:00", reason="演示：仍发黄")
    case.do(services.solve_case, "11-10 18:00", solution="演示：清槽后换酸")
    assert stopped(case.case)["resolution"] == ("11-10 18:00", True)
    assert due(case.case) == {"call_back": "11-13 18:00"}
    with refused("call-back was not made"):
        case.do(services.close_case, "11-11 09:00")
    case.do(services.call_back, "11-13 17:00", satisfaction=5)
    assert case.do(services.close_case, "11-13 17:10").satisfaction == 5
    assert all(met for _at, met in stopped(case.case).values())


def test_cosmetics_a_strategic_brand_finds_a_contaminated_lot_before_spring_festival(
    make_channel: Callable[..., Any],  # noqa: F811
    office: Any,  # noqa: F811
    imap: Any,  # noqa: F811
) -> None:
    """By mail on Friday, 13 February, 17:00; critical the next morning; the holiday is 15-23 February."""
    company = company_of("daily_chemical", "strategic")
    Contact.objects.filter(pk=company.contact.pk).update(email=BUYER)
    desk = Desk(company, make_channel(smtp=office.port, imap=imap.port), office, imap)
    desk.opens("quality_objection")
    desk.arrive(mail("演示：菌落总数超标，已下架", subject="整批微生物超标"), at=at("02-13 17:00"))
    case = Course.of(company, Case.objects.get())
    assert due(case.case) == {
        "response": "02-13 19:00",
        "plan": "02-14 17:00",
        "corrective_plan": "02-14 17:00",
        "admission": "02-14 17:00",
        "resolution": "02-27 18:00",  # five working days: the make-up Saturday, then 24 to 27 February
    }
    case.do(services.reassign_case, "02-13 17:05", owner=company.people["agent"])
    case.do(services.respond, "02-13 17:40", text="演示：已封存同批")
    case.do(services.change_case, "02-14 08:15", severity=1, urgency="critical")
    case.heard("02-14 08:15")
    assert due(case.case) == {
        "plan": "02-15 08:15",
        "executive": "02-14 10:15",
        "corrective_plan": "02-14 17:00",
        "emergency": "02-14 17:00",
        "admission": "02-14 17:00",
        "resolution": "02-16 17:00",
    }
    shares = dict(GreenRequest.objects.values_list("request", "capacity_share"))
    assert shares == {"hold_goods": None, "hold_capacity": D("0.1"), "flexible_capacity": D("0.15")}
    case.kept("executive", "02-14 09:30", "director")
    case.kept("emergency", "02-14 09:40")
    case.objects(
        "02-14 10:00", received_on=date(2026, 1, 20), product=product_of("婴儿润肤乳", "母婴", "支"),
        defect="演示：菌落总数超标", quantity_claimed=D(3000), unit="支",
    )  # fmt: skip
    case.papers(at("02-14 10:10"))
    case.stage("submitted", "02-14 10:20")
    case.stage("admitted", "02-14 10:30")
    assert case.row.raised_on == date(2026, 2, 13)
    case.stage("acknowledged", "02-14 10:40", text="演示：已受理")
    case.stage("assessed", "02-14 10:50", severity=1)
    case.kept("corrective_plan", "02-14 16:00")
    case.kept("plan", "02-14 20:00")
    case.take("checked", at("02-14 20:10"), no_check_reason="演示：第三方已复检")
    case.stage("liability", "02-14 20:20", shares={"ours": D(70), "supplier": D(30)})
    case.offer(at("02-14 20:30"), accepted="3000", rework="4800")
    case.stage("proposal", "02-14 20:40")
    case.approve(at("02-14 20:50"), "seller")
    case.do(services.pause_case, "02-14 21:00", reason="waiting_for_customer")
    case.do(services.resume_case, "02-16 09:00")
    assert due(case.case) == {"resolution": "02-18 05:00"}
    case.agreement(at("02-16 10:00"))
    case.copy(at("02-17 09:00"))
    case.stage("signed", "02-17 09:10")
    case.stage("settled", "02-17 09:20", "manager")
    assert not Order.objects.exists(), "rework lowers no price"
    case.do(services.solve_case, "02-17 20:00", solution="演示：返工后放行", cause="演示：灌装间换气不足")
    assert due(case.case) == {"call_back": "02-20 20:00"}
    case.stage("corrected", "02-18 09:00", correction="演示：换气次数复核")
    with refused("at stage Corrective action taken"):
        case.do(services.close_case, "02-18 09:10", reason="演示")
    case.stage("effective", "02-18 09:20", effect_text="演示：返工后五批合格")
    case.stage("closed", "02-18 09:30")
    with refused("call-back was not made"):
        case.do(services.close_case, "02-18 09:40")
    case.do(services.call_back, "02-20 19:00", satisfaction=4)
    case.do(services.close_case, "02-24 10:00")
    assert stopped(case.case)["call_back"] == ("02-20 19:00", True)
    assert all(met for _at, met in stopped(case.case).values())
