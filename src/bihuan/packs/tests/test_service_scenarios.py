"""The hardest case of each industry, from report to call-back, by its matrix and on a fixed clock. Times are Shanghai's, 2026."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bihuan.kernel.clocks import Clock
from bihuan.packs.tests.test_service_matrices import desk_for, matrix_of
from bihuan.service.matrix import (
    Past,
    alarms,
    approver_for,
    case_attributes,
    handled_by,
    is_green,
    last_day_to_object,
    may_approve,
    objection_window,
    repeats_of,
)
from bihuan.service.tests.matrices import at, clocks_of, shown

Told = Sequence[tuple[str, str, dict[str, Any] | None]]


class Story:
    """A case of one pack, told event by event and looked at in between."""

    def __init__(self, pack: str, moment: str, **case: Any) -> None:
        self.matrix, self.desk = matrix_of(pack), desk_for(pack)
        self.attributes = case_attributes(self.matrix, **case)
        self.events: list[tuple[str, str, dict[str, Any] | None]] = [(moment, "opened", self.attributes)]

    def then(self, moment: str, name: str, **data: Any) -> None:
        self.events.append((moment, name, data or None))

    def seen(self, moment: str | None = None) -> dict[str, Clock]:
        return clocks_of(self.desk, moment or self.events[-1][0], *self.events)

    def due(self, moment: str | None = None) -> dict[str, str]:
        return {kind: shown(one.due_at) for kind, one in self.seen(moment).items()}

    def chip(self, kind: str) -> list[tuple[str, str]]:
        """Every promise on a clock with its due time, the strictest first, in Chinese."""
        clock = self.seen()[kind]
        named = sorted((one.due_at, one.promise != clock.promise, one.promise) for one in clock.promises)
        found = [(self.matrix.promise_named(name), due) for due, _other, name in named]
        return [(one.label["zh-Hans"], shown(due)) for one, due in found if one is not None]

    def told(self, kind: str) -> list[tuple[str, tuple[str, ...]]]:
        """Who hears of a clock when."""
        severity = self.attributes["severity"]
        return [(shown(one.at), one.to) for one in alarms(self.matrix, self.seen()[kind], severity)]


def test_a_class_a_customers_production_stands_still_on_the_make_up_saturday_after_national_day() -> None:
    """Terpenes: 10 October is a Saturday that is worked. Grade 1 is counted around the clock all the same."""
    case = Story(
        "terpene",
        "10-10 19:20",
        kind="complaint",
        tier="A",
        severity=1,
        urgency="critical",
        channel="hot_line",
    )
    assert case.due() == {
        "response": "10-10 20:20",
        "on_site": "10-11 19:20",
        "resolution": "10-11 19:20",
        "apology": "10-10 21:20",
        "executive": "10-10 21:20",
    }
    assert case.chip("response") == [
        ("A 类 1 小时响应", "10-10 20:20"),
        ("一级问题 2 小时响应", "10-10 21:20"),
    ]
    assert is_green(case.matrix, case.attributes)
    assert case.told("response") == [
        ("10-10 19:50", ("owner",)),
        ("10-10 20:05", ("owner", "deputy")),
        ("10-10 20:14", ("owner", "deputy")),
        ("10-10 20:20", ("manager",)),
        ("10-10 20:35", ("director",)),
        ("10-10 21:20", ("executive",)),
    ]
    # A class B customer with an ordinary question at that hour: forty minutes of the hot line tonight, eighty tomorrow.
    other = Story("terpene", "10-10 19:20", kind="question", tier="B", channel="hot_line")
    assert other.due()["response"] == "10-11 09:20"

    case.then("10-10 19:45", "responded")
    case.then("10-10 20:40", "executive_joined")
    case.then("10-10 21:00", "apologised")
    case.then("10-11 09:00", "paused", reason="site_closed")
    waiting = case.seen("10-11 10:00")
    assert waiting["on_site"].waiting and waiting["resolution"].waiting
    case.then("10-11 11:00", "resumed")
    assert case.due()["on_site"] == "10-11 21:20"
    case.then("10-11 12:30", "on_site")
    case.then("10-11 12:50", "sampled")
    case.then("10-11 13:40", "sample_result")
    case.then("10-11 18:05", "solved")
    found = case.seen()
    assert all(one.met for kind, one in found.items() if kind != "call_back")
    assert (
        found["resolution"].used.total_seconds() / 60,
        found["resolution"].paused.total_seconds() / 60,
    ) == (
        20 * 60 + 45,
        120,
    )
    assert shown(found["call_back"].due_at) == "10-14 18:05"
    case.then("10-12 10:00", "paused", reason="unreachable")
    case.then("10-13 10:00", "resumed")
    assert case.due()["call_back"] == "10-15 18:05"
    case.then("10-15 09:30", "called_back")
    case.then("10-15 09:35", "closed")
    assert all(one.met for one in case.seen().values())
    assert approver_for(case.matrix, "compensation", Decimal(8000)) == "account_owner"


def test_a_strategic_users_line_stands_still_over_a_cracked_heat_before_the_autumn_festival() -> None:
    """Steel: objection reported on Saturday 19 September; Sunday the 20th is worked, 25-27 September and 1-7 October are free."""
    case = Story(
        "steel", "09-19 22:10", kind="quality_objection", tier="strategic", severity=1, channel="portal"
    )
    window = objection_window(case.matrix, "中厚板", "quality")
    assert last_day_to_object(window, at("08-01 09:00").date()) == at("09-30 00:00").date()
    assert case.due() == {
        "response": "09-19 23:10",
        "diagnosis": "09-20 22:10",
        "admission": "09-20 22:10",
        "on_site": "09-21 22:10",
        "workaround": "09-22 22:10",
        "proposal": "10-09 18:00",  # eight working days in September, then 8 and 9 October
        "resolution": "10-22 18:00",
    }
    case.then("09-19 22:50", "responded")
    case.then("09-20 10:00", "diagnosed")
    case.then("09-20 16:00", "admitted")
    case.then("09-21 14:00", "on_site")
    case.then("09-22 20:00", "worked_around")
    # The referee laboratory has the retained sample: proposal and resolution wait for three working days.
    case.then("09-23 09:00", "paused", reason="waiting_for_referee")
    case.then("09-29 09:00", "resumed")
    assert case.due()["proposal"] == "10-13 18:00"
    case.then("10-12 17:00", "proposed")
    case.then("10-14 15:00", "agreed")
    assert not may_approve(case.matrix, "manager", "price_reduction", Decimal(186000))
    assert approver_for(case.matrix, "price_reduction", Decimal(186000)) == "director"
    case.then("10-15 10:00", "solved")
    assert case.due()["call_back"] == "10-18 10:00"
    case.then("10-16 10:00", "called_back")
    case.then("10-16 10:30", "closed")
    found = case.seen()
    assert all(one.met for one in found.values()), {kind: one.met for kind, one in found.items()}
    together = {party for one in handled_by(case.matrix, case.attributes) for party in one.together}
    assert together >= {"technical", "production", "finance", "quality"}


def test_a_small_acid_buyers_complaint_and_question_meet_the_strictest_of_several_promises() -> None:
    """Sulfuric acid: two hours at most for everybody, one for an ordinary query, a day for small buyers: the earliest counts."""
    case = Story("sulfuric_acid", "11-06 19:30", kind="complaint", tier="long_tail")
    assert case.due() == {"response": "11-07 09:30", "resolution": "11-08 19:30"}
    assert case.chip("response") == [
        ("最迟 2 小时响应", "11-07 09:30"),
        ("中小客户最迟 24 小时响应", "11-07 19:30"),
    ]
    # The same evening a core customer asks where its order is: the core promise runs through the night, the others do not.
    query = Story("sulfuric_acid", "11-06 19:30", kind="order_query", tier="core")
    assert query.chip("response") == [
        ("核心客户 2 小时响应", "11-06 21:30"),
        ("一般咨询 1 小时响应", "11-07 08:30"),
        ("最迟 2 小时响应", "11-07 09:30"),
    ]
    in_the_morning = Story("sulfuric_acid", "11-06 09:00", kind="order_query", tier="core")
    assert in_the_morning.chip("response")[0] == ("一般咨询 1 小时响应", "11-06 10:00")

    case.then("11-07 08:50", "responded")
    # Overnight the acid turns out to have stopped a works, and the buyer to be core: the resolution keeps its start.
    case.then("11-07 10:00", "changed", tier="core", severity="1", urgency="critical")
    assert case.due() == {
        "response": "11-07 09:30",
        "resolution": "11-08 19:30",
        "on_site": "11-07 19:30",
        "workaround": "11-07 19:30",
        "executive": "11-07 12:00",
    }
    assert {one.to for one in case.matrix.green_channel.requests} == {
        "salesperson",
        "production",
        "logistics",
    }
    case.then("11-07 11:00", "executive_joined")
    case.then("11-07 18:00", "on_site")
    case.then("11-07 19:00", "worked_around")
    case.then("11-08 08:00", "paused", reason="waiting_for_sample")
    case.then("11-08 14:00", "resumed")
    assert case.due()["resolution"] == "11-09 01:30"
    case.then("11-08 22:00", "solved")
    assert case.due()["call_back"] == "11-11 22:00"
    case.then("11-10 15:00", "reopened")  # it was not, and the call-back starts anew with the next solution
    assert "call_back" not in case.seen()
    case.then("11-10 18:00", "solved")
    assert (case.due()["resolution"], case.due()["call_back"]) == ("11-10 18:30", "11-13 18:00")
    found = case.seen()["resolution"]
    assert found.met and found.first is not None and shown(found.first.stopped_at) == "11-08 22:00"
    case.then("11-13 17:00", "called_back")
    assert all(one.met for one in case.seen().values())
    # The third complaint on that defect within the month raises a special team.
    marks = {"defect": frozenset({"铁含量超标"}), "customer": frozenset({"演示客户甲"})}
    earlier = [Past("complaint", at(day), marks) for day in ("10-12 09:00", "10-30 09:00")]
    team = repeats_of(case.matrix, Past("complaint", at("11-06 19:30"), marks), earlier)
    assert [(rule.by, count) for rule, _mark, count in team] == [("defect", 3), ("customer", 3)]


def test_a_strategic_brand_makes_its_request_critical_during_spring_festival() -> None:
    """Daily chemicals: an urgent request of 13 February turns critical on the 17th, within the holiday of 15-23 February."""
    case = Story(
        "daily_chemical", "02-13 17:00", kind="technical_support", tier="strategic", urgency="urgent"
    )
    assert case.due() == {
        "response": "02-13 19:00",
        "work_start": "02-14 01:00",
        "plan_agreed": "02-16 17:00",
        "resolution": "02-27 18:00",  # five working days: the make-up Saturday, then 24 to 27 February
    }
    assert case.chip("response")[0] == ("战略客户 7×24 响应（2 小时）", "02-13 19:00")
    # A core customer at that hour has an hour of the office today, three tomorrow, a make-up Saturday.
    assert (
        Story("daily_chemical", "02-13 17:00", kind="question", tier="core").due()["response"]
        == "02-14 12:00"
    )
    # On the eve of the holiday the day for everybody comes first.
    eve = Story("daily_chemical", "02-14 17:00", kind="question", tier="core")
    assert eve.chip("response") == [
        ("24 小时响应", "02-15 17:00"),
        ("核心客户 4 工作小时响应", "02-24 12:00"),
    ]

    case.then("02-13 18:00", "responded")
    case.then("02-13 22:00", "work_started")
    case.then("02-14 10:00", "paused", reason="waiting_for_customer")
    case.then("02-16 10:00", "resumed")
    assert case.due()["plan_agreed"] == "02-18 17:00"
    case.then("02-17 08:15", "changed", urgency="critical")
    found = case.due()
    assert (found["executive"], found["plan"]) == ("02-17 10:15", "02-18 08:15")
    assert "plan_agreed" not in found, "that was promised to urgent requests"
    assert is_green(case.matrix, case.attributes | {"urgency": "critical"})
    assert case.matrix.green_channel.may_freeze_schedule
    assert case.told("executive")[0] == ("02-17 09:15", ("owner",))
    case.then("02-17 10:00", "executive_joined")
    case.then("02-17 20:00", "plan_given")
    case.then("02-25 11:00", "solved")
    assert case.due()["call_back"] == "02-28 11:00"
    case.then("02-28 10:00", "called_back")
    case.then("02-28 10:05", "closed")
    assert all(one.met for one in case.seen().values())


def test_a_vip_of_the_market_lacks_tiles_on_a_building_site_at_closing_time() -> None:
    """Building materials: the market is open 06:00-18:00 on every day of the week, Sundays and holidays too."""
    case = Story(
        "building_materials", "10-04 17:50", kind="complaint", tier="vip", severity=1, channel="phone"
    )
    assert case.due() == {
        "response": "10-05 06:05",  # ten minutes before closing, five after opening
        "on_site": "10-05 09:50",
        "resolution": "10-05 17:50",
    }
    assert [Story("building_materials", "10-04 06:00", kind="question", tier=tier).due()["response"] for tier in case.matrix.tiers] == [
        "10-04 06:15", "10-04 06:30", "10-04 07:00", "10-04 10:00"
    ]  # fmt: skip
    assert (
        Story("building_materials", "10-04 23:00", kind="question", tier="dormant").due()["response"]
        == "10-05 10:00"
    )
    assert case.told("response") == [
        ("10-04 17:57:30", ("owner",)),
        ("10-05 06:01:15", ("owner", "deputy")),
        ("10-05 06:03:30", ("owner", "deputy")),
        ("10-05 06:05", ("manager",)),
        ("10-05 06:20", ("director",)),
        ("10-05 07:05", ("executive",)),
    ]

    case.then("10-04 17:58", "responded")
    case.then("10-05 09:30", "on_site")
    case.then("10-05 10:00", "paused", reason="waiting_for_customer")
    case.then("10-05 13:30", "resumed")
    assert case.due()["resolution"] == "10-05 21:20"
    case.then("10-05 20:00", "solved")
    assert case.due()["call_back"] == "10-08 20:00"
    case.then("10-08 20:01", "called_back")
    found = case.seen()
    assert found["resolution"].met and found["response"].met and found["on_site"].met
    assert found["call_back"].met is False, "a minute too late"
    assert approver_for(case.matrix, "replacement", Decimal(480)) == "salesperson"
    assert approver_for(case.matrix, "compensation", Decimal(480)) == "manager"
