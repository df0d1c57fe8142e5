"""The hardest case of steel and building materials through the real parts: report, clocks, people sent, investigation, objection, settlement, call-back.

`test_service_scenarios` says what the matrices promise; here people do the work, and every step is asked to the minute. Times are
Shanghai's, 2026. All names are made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import translation

from bihuan.messaging.tests.conftest import imap, make_channel, office, one_imap  # noqa: F401
from bihuan.service import services
from bihuan.service.models import ObjectionOffer
from bihuan.service.objection import stages
from bihuan.service.objection.intake import change_intake
from bihuan.service.objection.sampling import dispute_result
from bihuan.service.tests.desk import at
from bihuan.service.tests.fleet import SHANGHAI

from .hardest import Course, D, company_of, due, product_of, refused, sent_out, site_of, stopped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_steel_a_strategic_users_line_stands_still_over_a_cracked_heat() -> None:
    """Reported on Saturday, 19 September, 22:10; Sunday is worked, 25-27 September and 1-7 October are free."""
    company = company_of("steel", "strategic")
    case = Course(
        company, "09-19 22:10", kind="quality_objection", severity=1, channel="portal", text="演示：整炉开裂"
    )
    twin = Course(
        company, "09-19 22:30", kind="quality_objection", severity=2, channel="phone", text="演示：同炉另一卷"
    )
    assert due(case.case) == {
        "response": "09-19 23:10",
        "diagnosis": "09-20 22:10",
        "admission": "09-20 22:10",
        "on_site": "09-21 22:10",
        "workaround": "09-22 22:10",
        "proposal": "10-09 18:00",
        "resolution": "10-22 18:00",
    }
    case.do(services.respond, "09-19 22:50", text="演示：已通知厂里")
    case.kept("diagnosis", "09-20 10:00")
    case.objects(
        "09-20 11:00", received_on=date(2026, 8, 1), product=product_of("Q690D", "中厚板"), defect="演示：纵向裂纹",
        quantity_claimed=D(62), quantity_delivered=D(120), specification="30×2200", remedy_wanted="退货",
        resale_chain="演示经销商", is_use_stopped=True, are_tags_kept=False,
    )  # fmt: skip
    with refused("tags have to stay"):
        case.stage("submitted", "09-20 11:10")
    change_intake(actor=case.actor(), objection=case.row, now=at("09-20 11:20"), are_tags_kept=True)
    case.stage("submitted", "09-20 11:30")
    case.papers(at("09-20 15:00"))
    case.stage("admitted", "09-20 16:00")
    # Two objections of the one heat: neither is lost by merging while it is open.
    twin.objects("09-20 16:10", product=case.row.product)
    with refused("Both cases have a quality objection"):
        twin.do(services.merge_cases, "09-20 16:20", into=case.case)
    stages.withdraw_objection(
        actor=twin.actor(), objection=twin.row, text="演示：并入前一件", now=at("09-20 16:30")
    )
    twin.do(services.merge_cases, "09-20 16:40", into=case.case)
    case.heard("09-20 16:40")
    case.stage("acknowledged", "09-20 17:00", text="演示：已受理，请保留吊牌")
    case.stage("assessed", "09-20 17:10", severity=1)
    with refused("Nobody was on site"):
        case.stage("checked", "09-20 17:20")

    sent_out(company, "tech", kit="spectrum", skills=["surface"], certificates=["ndt"])
    visit = case.sends("09-21 10:30", site=site_of(company))
    assert (visit.leaves_at, visit.starts_at, visit.ends_at) == (
        at("09-21 10:30"), at("09-21 11:50"), at("09-21 15:50"),
    )  # fmt: skip
    case.visits(
        visit, "tech", out="09-21 10:40", there="09-21 14:00", found="演示：裂纹沿轧向", done="09-21 16:00"
    )
    sample = case.sample(at("09-21 15:00"))
    case.stage("checked", "09-21 16:30")
    case.do(services.work_around, "09-22 20:00", text="演示：调库存 30 t 顶上")
    case.do(services.pause_case, "09-23 09:00", reason="waiting_for_referee")
    case.do(services.resume_case, "09-29 09:00")
    assert due(case.case) == {"proposal": "10-13 18:00", "resolution": "10-27 18:00"}
    case.tested(sample, at("09-29 09:10"))
    # The user does not accept it: the retained sample decides, within seven working days.
    dispute_result(
        actor=case.actor("quality"),
        objection=case.row,
        sample=sample.pk,
        text="演示：用户不认可",
        now=at("09-29 10:00"),
    )
    assert due(case.case)["retest"] == "10-14 18:00"
    with refused("retained sample has to be tested first"):
        case.stage("liability", "10-08 15:00", shares={"ours": D(100)})
    case.tested(sample, at("10-08 16:00"))
    case.stage("liability", "10-09 10:00", shares={"ours": D(100)})
    case.offer(at("10-12 16:00"), accepted="62", **{"return": "186000"})
    with refused("above your limit"):
        case.approve(at("10-12 16:30"), "manager")
    case.stage("proposal", "10-12 17:00")
    with refused("Nobody with the limit"):
        case.agreement(at("10-12 17:10"))
    case.approve(at("10-12 17:30"), "director")
    case.agreement(at("10-13 09:00"))
    with refused("signed copy is not here"):
        case.stage("signed", "10-13 09:30")
    case.copy(at("10-14 14:00"))
    case.stage("signed", "10-14 15:00")
    case.stage("settled", "10-15 09:00", "manager")
    case.do(services.solve_case, "10-15 10:00", solution="演示：退货补料", cause="演示：铸坯内裂")
    assert due(case.case) == {"call_back": "10-18 10:00"}
    case.do(services.call_back, "10-16 10:00", satisfaction=3, text="演示：希望更快")
    with refused("at stage Settled"):
        case.do(services.close_case, "10-16 10:30")
    case.investigates("10-16 11:00")
    case.eight_d(
        {"d1": "10-16 15:00", "d2": "10-17 09:00", "d3": "10-17 10:00", "d4": "10-26 09:00", "d5": "10-28 09:00",
         "d6": "11-02 17:00", "d7": "11-10 17:00"}, "演示：二冷水喷嘴堵塞",
    )  # fmt: skip
    case.stage("corrected", "11-03 09:00")
    case.proves("12-10 09:00")
    case.stage("effective", "12-10 10:00")
    case.stage("closed", "12-10 10:10")
    case.do(services.close_case, "12-10 10:20")
    assert stopped(case.case) == {
        "response": ("09-19 22:50", True),
        "diagnosis": ("09-20 10:00", True),
        "admission": ("09-20 16:00", True),
        "on_site": ("09-21 14:00", True),
        "workaround": ("09-22 20:00", True),
        "retest": ("10-08 16:00", True),
        "proposal": ("10-12 17:00", True),
        "resolution": ("10-15 10:00", True),
        "call_back": ("10-16 10:00", True),
    }


def test_building_materials_a_vips_site_stands_still_at_closing_time() -> None:
    """Tiles lack on Sunday, 4 October, 17:50; the market is open 06:00-18:00 every day."""
    company = company_of("building_materials", "vip", city="上海市")
    case = Course(
        company, "10-04 17:50", kind="quality_objection", severity=1, channel="phone", text="演示：少送 40 箱"
    )
    assert due(case.case) == {
        "response": "10-05 06:05",  # ten minutes before closing, five after opening
        "on_site": "10-05 09:50",
        "admission": "10-05 09:50",
        "resolution": "10-05 17:50",
    }
    case.do(services.respond, "10-04 17:58", text="演示：明早补货")
    sent_out(company, "tech", kit="site", skills=["measuring"])
    visit = case.sends("10-04 20:05", site=site_of(company, (SHANGHAI[0] + 0.09, SHANGHAI[1])))
    assert visit.leaves_at == at("10-05 08:00") and visit.starts_at <= at("10-05 08:30")
    case.objects(
        "10-05 07:00", received_on=date(2026, 10, 4), product=product_of("抛釉砖", "瓷砖与石材", "箱"), about="quantity",
        defect="演示：少 40 箱", quantity_claimed=D(40), quantity_delivered=D(400), unit="箱",
    )  # fmt: skip
    case.papers(at("10-05 07:10"))
    case.stage("submitted", "10-05 07:20")
    case.stage("admitted", "10-05 07:30")
    case.visits(
        visit, "tech", out="10-05 08:00", there="10-05 09:30", found="演示：实收 360 箱", done="10-05 09:50"
    )
    case.do(services.pause_case, "10-05 10:00", reason="waiting_for_customer")
    case.do(services.resume_case, "10-05 13:30")
    assert due(case.case) == {"resolution": "10-05 21:20"}
    case.stage("acknowledged", "10-05 13:40", text="演示：今天补齐")
    case.stage("assessed", "10-05 13:45", severity=1)
    with refused("no joint sample"):
        case.stage("checked", "10-05 13:50")
    case.stage("checked", "10-05 13:55", no_check_reason="演示：数量差异，现场清点即可")
    case.stage("liability", "10-05 14:00", shares={"carrier": D(100)})
    with refused("More is accepted"):
        case.offer(at("10-05 14:10"), accepted="41", replacement="480")
    case.offer(at("10-05 14:20"), accepted="40", replacement="600")
    with refused("above your limit"):
        case.approve(at("10-05 14:25"), "seller")
    case.offer(at("10-05 14:30"), accepted="40", replacement="480")
    case.stage("proposal", "10-05 14:40")
    case.approve(at("10-05 14:45"), "seller")
    assert ObjectionOffer.objects.get(version=2).approvals.get().party == "salesperson"
    case.agreement(at("10-05 15:00"))
    case.copy(at("10-05 16:00"))
    case.stage("signed", "10-05 16:10")
    case.stage("settled", "10-05 16:20", "manager")
    case.do(services.solve_case, "10-05 20:00", solution="演示：补送 40 箱", cause="演示：装车漏点")
    assert due(case.case) == {"call_back": "10-08 20:00"}
    with refused("at stage Settled"):
        case.do(services.close_case, "10-06 09:00", reason="演示")
    case.stage("corrected", "10-08 09:00", correction="演示：装车双人清点")
    case.stage("effective", "10-08 09:10", effect_text="演示：三天内无短少")
    case.stage("closed", "10-08 09:20")
    case.do(services.call_back, "10-08 20:01", satisfaction=2, text="演示：耽误一天")
    case.do(services.close_case, "10-08 20:05")
    assert stopped(case.case) == {
        "response": ("10-04 17:58", True),
        "admission": ("10-05 07:30", True),
        "on_site": ("10-05 09:30", True),
        "resolution": ("10-05 20:00", True),
        "call_back": ("10-08 20:01", False),  # a minute too late
    }
