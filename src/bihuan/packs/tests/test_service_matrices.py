"""The five service matrices: whole, in the tiers and families of their pack, and with the hours of the studies."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.clocks import Clock, Desk, Unit
from bihuan.kernel.settings_store import get_setting
from bihuan.packs import queries
from bihuan.packs.pack import PACKS, read_pack
from bihuan.packs.services import install_pack
from bihuan.service.matrix import (
    ServiceMatrix,
    alarms,
    case_attributes,
    cases_of,
    desk_of,
    exemption_for,
    investigation_desk_of,
    objection_window,
    parse_matrix,
)
from bihuan.service.matrix.model import holds
from bihuan.service.matrix_store import SERVICE_MATRIX, find_matrix, matrix_versions, put_matrix_in_force
from bihuan.service.tests.matrices import at, clocks_of

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TUESDAY = "11-03 10:00"


@cache
def matrix_of(pack: str) -> ServiceMatrix:
    return parse_matrix(read_pack(pack).service)


@cache
def desk_for(pack: str) -> Desk:
    return desk_of(matrix_of(pack))


def promised(pack: str, moment: str = TUESDAY, *more: tuple[str, str, None], **case: str) -> dict[str, Clock]:
    """The clocks of a case that has just been opened, by kind."""
    attributes = case_attributes(matrix_of(pack), **case)
    return clocks_of(desk_for(pack), more[-1][0] if more else moment, (moment, "opened", attributes), *more)


def minutes(clock: Clock) -> float:
    return (clock.due_at - clock.started_at) / timedelta(minutes=1)


@pytest.mark.parametrize("pack", PACKS)
def test_every_matrix_knows_the_tiers_of_its_policy_and_the_families_of_its_goods(pack: str) -> None:
    matrix = matrix_of(pack)
    (policy,) = (one for one in read_pack(pack).policies if one["kind"] == "tier")
    assert list(matrix.tiers) == [one["id"] for one in policy["tiers"]]
    families = {one.family for one in read_pack(pack).products}
    assert {one.family for one in matrix.objections.windows if one.family} <= families


@pytest.mark.parametrize("pack", PACKS)
def test_every_sort_of_case_is_promised_an_answer_and_a_solution_or_told_why_not(pack: str) -> None:
    matrix, desk = matrix_of(pack), desk_for(pack)
    count = 0
    for attributes in cases_of(matrix):
        found = clocks_of(desk, TUESDAY, (TUESDAY, "opened", attributes))
        for clock in ("response", "resolution"):
            why = exemption_for(matrix, clock, attributes)
            assert (clock in found) != (why is not None), (attributes, clock)
            assert why is None or why.reason["zh-Hans"]
        for one in found.values():
            assert all(matrix.promise_named(by.promise) for by in one.promises)
            assert alarms(matrix, one, attributes["severity"])
        count += 1
    assert count == len(matrix.tiers) * 3 * 4 * 6


@pytest.mark.parametrize("pack", PACKS)
def test_critical_cases_reach_an_executive_within_two_hours_of_becoming_so(pack: str) -> None:
    matrix = matrix_of(pack)
    assert holds(matrix.green_channel.when, {"urgency": "critical"})
    assert {one.to for one in matrix.green_channel.requests} >= {"salesperson"}
    found = promised(pack, kind="complaint", urgency="critical")
    assert minutes(found[matrix.green_channel.clock]) == 120
    assert matrix.green_channel.clock not in promised(pack, kind="complaint")


@pytest.mark.parametrize("pack", PACKS)
def test_complaints_are_called_back_three_days_after_solving(pack: str) -> None:
    found = promised(pack, TUESDAY, ("11-03 15:00", "solved", None), kind="complaint")
    assert found["call_back"].due_at == at("11-06 15:00")


@pytest.mark.parametrize("pack", PACKS)
def test_a_default_of_ours_says_so(pack: str) -> None:
    """A source is a number of the study, ours, or both."""
    study = {
        "sulfuric_acid": "S",
        "daily_chemical": "D",
        "steel": "T",
        "terpene": "P",
        "building_materials": "B",
    }
    for one in matrix_of(pack).on_cases.promises:
        own = one.source[0] == study[pack] and one.source[1].isdigit()
        assert own or one.source.endswith("[D]"), one.promise.name


# Pack, what the case is, its clock, and the minutes of the study from report to due, on a Tuesday at ten.
HOUR, DAY = 60, 24 * 60
STATED = [
    # S4: two hours at most; core two hours. S5: an ordinary query in one hour, solved in a day; a complaint solved in two.
    ("sulfuric_acid", {"kind": "complaint", "tier": "core"}, "response", 2 * HOUR),
    ("sulfuric_acid", {"kind": "complaint", "tier": "long_tail"}, "response", 2 * HOUR),
    ("sulfuric_acid", {"kind": "order_query", "tier": "core"}, "response", HOUR),
    ("sulfuric_acid", {"kind": "order_query", "tier": "potential"}, "response", HOUR),
    ("sulfuric_acid", {"kind": "order_query"}, "resolution", DAY),
    ("sulfuric_acid", {"kind": "complaint"}, "resolution", 2 * DAY),
    ("sulfuric_acid", {"kind": "quality_objection", "tier": "core"}, "resolution", 2 * DAY),
    # D12, D3, D5.
    ("daily_chemical", {"kind": "question", "tier": "ordinary"}, "response", DAY),
    ("daily_chemical", {"kind": "question", "tier": "strategic"}, "response", 2 * HOUR),
    ("daily_chemical", {"kind": "technical_support", "urgency": "regular"}, "plan", DAY),
    ("daily_chemical", {"kind": "technical_support", "urgency": "urgent"}, "work_start", 8 * HOUR),
    ("daily_chemical", {"kind": "technical_support", "urgency": "urgent"}, "plan_agreed", 3 * DAY),
    ("daily_chemical", {"kind": "technical_support", "urgency": "critical"}, "executive", 2 * HOUR),
    ("daily_chemical", {"kind": "technical_support", "urgency": "strategic"}, "project_team", DAY),
    ("daily_chemical", {"kind": "complaint", "severity": "1"}, "emergency", DAY),
    ("daily_chemical", {"kind": "complaint", "severity": "3"}, "corrective_plan", DAY),
    # T5.
    ("steel", {"kind": "question", "tier": "strategic"}, "response", HOUR),
    ("steel", {"kind": "question", "tier": "key"}, "response", 2 * HOUR),
    ("steel", {"kind": "question", "tier": "general"}, "response", 4 * HOUR),
    ("steel", {"kind": "question", "tier": "potential"}, "response", 8 * HOUR),
    ("steel", {"kind": "quality_objection"}, "admission", DAY),
    ("steel", {"kind": "quality_objection", "tier": "strategic"}, "on_site", 2 * DAY),
    ("steel", {"kind": "quality_objection", "tier": "key"}, "on_site", 2 * DAY),
    ("steel", {"kind": "quality_objection", "tier": "general"}, "on_site", 3 * DAY),
    ("steel", {"kind": "quality_objection", "tier": "potential"}, "on_site", 3 * DAY),
    ("steel", {"kind": "quality_objection"}, "proposal", 14 * DAY + 8 * HOUR),  # 10 working days: to 18:00 on the 17th
    # P3, P12.
    ("terpene", {"kind": "complaint", "tier": "A"}, "response", HOUR),
    ("terpene", {"kind": "complaint", "tier": "A"}, "on_site", DAY),
    ("terpene", {"kind": "question", "tier": "B"}, "response", 2 * HOUR),
    ("terpene", {"kind": "technical_support", "tier": "B"}, "support", 2 * DAY),
    ("terpene", {"kind": "question", "tier": "C"}, "response", 4 * HOUR),
    ("terpene", {"kind": "complaint", "tier": "C", "severity": "1"}, "response", 2 * HOUR),
    ("terpene", {"kind": "complaint", "tier": "C", "severity": "2"}, "response", 4 * HOUR),
    ("terpene", {"kind": "complaint", "severity": "1"}, "resolution", DAY),
    ("terpene", {"kind": "complaint", "severity": "2"}, "resolution", 2 * DAY),
    ("terpene", {"kind": "complaint", "severity": "3"}, "resolution", 3 * DAY),
    ("terpene", {"kind": "complaint", "severity": "1"}, "apology", 2 * HOUR),
    # B5.
    ("building_materials", {"kind": "question", "tier": "vip"}, "response", 15),
    ("building_materials", {"kind": "question", "tier": "regular"}, "response", 30),
    ("building_materials", {"kind": "question", "tier": "occasional"}, "response", 60),
    ("building_materials", {"kind": "question", "tier": "dormant"}, "response", 4 * HOUR),
    ("building_materials", {"kind": "complaint", "tier": "vip"}, "resolution", DAY),
]  # fmt: skip


@pytest.mark.parametrize(("pack", "case", "clock", "expected"), STATED)
def test_the_hours_are_those_of_the_study(pack: str, case: dict[str, str], clock: str, expected: int) -> None:
    assert minutes(promised(pack, **case)[clock]) == expected


def test_small_acid_buyers_are_promised_a_day_at_most_beside_the_two_hours_for_everybody() -> None:
    found = promised("sulfuric_acid", kind="complaint", tier="potential")["response"]
    due = {one.promise: one.due_at - found.started_at for one in found.promises}
    assert due == {"s4-response": timedelta(hours=2), "s4-other-response": timedelta(hours=24)}
    assert found.promise == "s4-response"


def test_a_sample_on_site_has_its_result_within_the_hour_and_the_laboratory_within_twelve() -> None:
    found = promised(
        "terpene", TUESDAY, ("11-04 09:30", "sampled", None), ("11-04 11:00", "lab_started", None), kind="complaint"
    )  # fmt: skip
    assert found["sample_result"].due_at == at("11-04 10:30")
    assert found["laboratory"].due_at == at("11-04 23:00")


def test_the_hot_line_is_open_around_the_clock_for_class_a() -> None:
    (hot_line,) = (one for one in matrix_of("terpene").channels if one.id == "hot_line")
    hours = {tier: matrix_of("terpene").calendars[hot_line.calendar_for(tier) or ""].latest for tier in "ABC"}
    sunday = at("11-01 00:00").date()
    assert hours["A"].hours_on(sunday) == ((0, 24 * 60),)
    assert hours["B"].hours_on(sunday) == hours["C"].hours_on(sunday) == ((8 * 60, 20 * 60),)


def test_daily_chemicals_hold_a_tenth_of_capacity_for_critical_requests() -> None:
    channel = matrix_of("daily_chemical").green_channel
    shares = [float(one.capacity_share) for one in channel.requests if one.capacity_share]
    assert (channel.may_freeze_schedule, shares) == (True, [0.1, 0.15])


@pytest.mark.parametrize("pack", PACKS)
def test_three_cases_of_one_defect_in_a_month_are_typical(pack: str) -> None:
    by_defect = next(one for one in matrix_of(pack).repeats if one.by == "defect")
    assert (by_defect.count, by_defect.days) == (3, 30)


def test_steel_is_weighed_within_a_month_and_three_per_mille() -> None:
    window = objection_window(matrix_of("steel"), "中厚板", "quantity")
    assert window.days == 30 and window.tolerance is not None and float(window.tolerance) == 0.003


@pytest.mark.parametrize("pack", PACKS)
def test_a_complaint_is_called_what_the_pack_calls_it(pack: str) -> None:
    labels = [one.label for one in matrix_of(pack).kinds if one.id in ("complaint", "quality_objection")]
    assert read_pack(pack).vocabulary["complaint"] in labels


# Key figures of a pack that are the mean of what one promise says, in the figure's own unit.
SAME_NUMBER = {
    "sulfuric_acid": {
        "ordinary_answer": "s5-ordinary-response", "ordinary_solved": "s5-ordinary-resolution", "core_answer": "s4-core-response",
        "complex_solved": "s5-complex-resolution", "small_answer": "s4-other-response", "call_back": "s5-call-back",
    },
    "daily_chemical": {"response": "d12-response"},
    "steel": {
        "strategic_answer": "t5-strategic-response", "key_answer": "t5-key-response", "general_answer": "t5-general-response",
        "potential_answer": "t5-potential-response", "objection_admitted": "t5-admission", "onsite_key": "t5-key-on-site",
        "onsite_other": "t5-other-on-site", "settlement": "t5-proposal",
    },
    "terpene": {
        "a_answer": "p3-a-response", "a_on_site": "p3-a-on-site", "b_answer": "p3-b-response", "b_support": "p3-b-support",
        "c_answer": "p3-c-response", "grade1_answer": "p3-grade1-response", "grade1_solved": "p3-grade1-resolution",
        "grade2_answer": "p3-grade2-response", "grade2_solved": "p3-grade2-resolution", "grade3_solved": "p3-grade3-resolution",
    },
    "building_materials": {
        "vip_response": "b5-vip-response", "regular_response": "b5-regular-response", "time_to_solve": "b5-complaint-resolution",
        "occasional_response": "b5-occasional-response", "dormant_response": "b5-dormant-response",
    },
}  # fmt: skip


@pytest.mark.parametrize("pack", PACKS)
def test_what_is_promised_is_what_the_key_figures_aim_at(pack: str) -> None:
    targets = {one["code"]: one for one in read_pack(pack).kpis}
    for code, name in SAME_NUMBER[pack].items():
        found = matrix_of(pack).promise_named(name)
        assert found is not None, name
        unit = {"minutes": 1, "hours": HOUR, "days": DAY}[targets[code]["unit"]]
        working = found.promise.unit is Unit.WORKING_DAYS
        given = found.promise.amount if working else found.promise.amount / (unit * 60 * 10**6)
        assert given == targets[code]["target"], (code, name)


@pytest.mark.parametrize("pack", PACKS)
def test_promises_say_the_hours_that_they_keep(pack: str) -> None:
    """The number in a label is the number that is counted."""
    for one in matrix_of(pack).on_cases.promises:
        promise = one.promise
        if promise.unit is Unit.WORKING_DAYS:
            numbers = {str(promise.amount)}
        else:
            whole = promise.amount // (60 * 10**6)
            numbers = {str(whole), str(whole // 60), str(whole // DAY)}
        for label in (one.label["zh-Hans"], one.label["en"]):
            assert numbers & set(re.findall(r"\d+", label)), label


@pytest.mark.parametrize(("severity", "days"), [("1", (1, 2, 1, 14, 14, 7)), ("3", (1, 2, 3, 28, 28, 28))])
def test_the_steps_of_an_investigation_have_the_times_of_practice(
    severity: str, days: tuple[int, ...]
) -> None:
    desk = investigation_desk_of(matrix_of("steel"))
    steps = [("11-03 10:00", f"d{number}_done", None) for number in range(1, 8)]
    found = clocks_of(desk, TUESDAY, (TUESDAY, "opened", {"severity": severity}), *steps)
    assert [minutes(found[f"d{number}"]) / DAY for number in range(1, 9)] == [*days, 28, 90]


@pytest.mark.django_db
def test_a_pack_brings_its_matrix_and_keeps_what_the_company_changed() -> None:
    queries.forget_installed_pack()
    install_pack("steel", now=NOW)
    found = find_matrix()
    assert found is not None and found.tiers == matrix_of("steel").tiers
    own = {**get_setting(SERVICE_MATRIX)[0]["document"], "untiered": "general"}
    put_matrix_in_force(actor=SYSTEM, document=own, now=NOW + timedelta(hours=1))
    install_pack("steel", now=NOW + timedelta(hours=2))
    found = find_matrix()
    assert found is not None and found.untiered == "general"
    assert len(matrix_versions()) == 2


@pytest.mark.django_db
def test_another_pack_before_there_are_customers_leaves_nothing_of_the_first() -> None:
    install_pack("steel", now=NOW)
    install_pack("terpene", now=NOW + timedelta(hours=1))
    ((since, matrix),) = matrix_versions()
    assert since is None and matrix.tiers == ("A", "B", "C")


@pytest.mark.django_db
def test_another_pack_later_counts_from_then_on() -> None:
    install_pack("steel", now=NOW)
    Customer.objects.create(name="演示客户", created_at=NOW, updated_at=NOW)
    install_pack("terpene", now=NOW + timedelta(hours=1))
    assert [moment for moment, _matrix in matrix_versions()] == [None, NOW + timedelta(hours=1)]
