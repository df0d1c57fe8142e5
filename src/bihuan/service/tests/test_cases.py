"""From report to call-back: what a case promises, and what each step does to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from bihuan.audit.models import Entry
from bihuan.customers.duplicates.merging import merge_records
from bihuan.customers.duplicates.undoing import undo_merge
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import run_job, take_next_job
from bihuan.kernel.models import OutboxEvent
from bihuan.kernel.outbox import deliver_due
from bihuan.kernel.settings_store import change_setting, get_setting
from bihuan.people.models import Team, UserRole
from bihuan.segmentation.models import Standing
from bihuan.service import services
from bihuan.service.keeping import fold
from bihuan.service.matrix_store import SERVICE_MATRIX as MATRIX
from bihuan.service.models import Case, CaseClock, CaseEvent
from bihuan.service.promised import default_document, promised_now
from bihuan.service.sweeping import sweep

from .desk import NINE, Company, at, customer_of, opened

pytestmark = pytest.mark.django_db
SAID = {"zh-Hans": "演示", "en": "Made up"}


def put_in_force(changes: dict[str, Any], since: datetime | None = None) -> None:
    """Our matrix with changes, as one more version."""
    document = {**default_document(), **changes}
    fresh = {"valid_from": None if since is None else since.isoformat(), "document": document}
    change_setting(MATRIX, [*get_setting(MATRIX, []), fresh], now=since or NINE)


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [one for one in default_document()["promises"] if one["kind"] == kind]


def clock(case: Case, kind: str) -> CaseClock:
    return CaseClock.objects.get(case=case, kind=kind)


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_a_standstill_is_promised_an_answer_within_the_hour(company: Company):
    case = opened(company)
    assert (case.title, case.status, case.tier) == ("演示：反应釜内结晶，整线停产", "new", "A")
    assert case.owner == company.people["agent"]
    assert case.team == company.desk
    assert clock(case, "response").due_at == at("03-02 10:00")
    assert (case.next_due_at, case.next_due_kind) == (at("03-02 10:00"), "response")


def test_from_report_to_call_back(company: Company):
    actor = company.actor("agent")
    case = opened(company, kind="complaint")
    services.respond(actor=actor, case=case, text="已收到，正在核查批次", now=at("03-02 09:20"))
    assert clock(case, "response").stopped_at == at("03-02 09:20")
    assert not clock(case, "response").is_breached
    assert (again(case).status, again(case).next_due_kind) == ("open", "on_site")
    services.set_on_site(actor=actor, case=case, now=at("03-02 15:00"))
    services.work_around(actor=actor, case=case, text="换用备罐", now=at("03-02 16:00"))
    services.solve_case(
        actor=actor, case=case, solution="清罐并更换批次", cause="罐底残液", now=at("03-03 11:00")
    )
    solved = again(case)
    assert (solved.status, solved.solved_at, solved.cause) == ("solved", at("03-03 11:00"), "罐底残液")
    assert (solved.next_due_kind, solved.next_due_at) == ("call_back", at("03-06 18:00"))
    services.call_back(actor=actor, case=case, satisfaction=5, now=at("03-06 10:00"))
    services.close_case(actor=actor, case=case, now=at("03-06 10:05"))
    closed = again(case)
    assert (closed.status, closed.satisfaction, closed.next_due_at) == ("closed", 5, None)
    assert not CaseClock.objects.filter(case=case, stopped_at=None).exists()
    happened = list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))
    assert happened == [
        "opened", "responded", "on_site", "worked_around", "solved", "called_back", "closed",
    ]  # fmt: skip


def test_what_is_kept_of_clocks_is_what_the_events_say(company: Company):
    """Whatever was done in whatever order: folding all events anew gives the rows that are there."""
    actor = company.actor("agent")
    case = opened(company, kind="complaint", severity=2)
    steps: list[tuple[Callable[..., Case], dict[str, Any]]] = [
        (services.pause_case, {"reason": "waiting_for_customer"}),
        (services.respond, {"text": "好"}),
        (services.change_case, {"severity": 1, "urgency": "critical"}),
        (services.resume_case, {}),
        (services.set_on_site, {}),
        (services.solve_case, {"solution": "好", "cause": "残液"}),
        (services.reopen_case, {"reason": "复发"}),
        (services.pause_case, {"reason": "waiting_for_others"}),
        (services.work_around, {"text": "备罐"}),
        (services.resume_case, {}),
        (services.change_case, {"severity": 3}),
        (services.solve_case, {"solution": "好"}),
        (services.call_back, {"satisfaction": 3}),
        (services.close_case, {}),
    ]
    for number, (step, given) in enumerate(steps, 1):
        moment = NINE + timedelta(hours=5 * number)
        step(actor=actor, case=case, now=moment, **given)
        sweep(moment + timedelta(minutes=1))
        kept = {row.kind: (row.due_at, row.stopped_at, row.is_breached) for row in case.clocks.all()}
        anew = fold(list(case.events.order_by("id")), promised_now(), moment)
        assert kept == {one.kind: (one.due_at, one.stopped_at, one.breached) for one in anew}
        running = [one.due_at for one in anew if one.stopped_at is None and not one.waiting]
        assert again(case).next_due_at == min(running, default=None)


def test_each_step_stands_in_the_journal_and_is_news(company: Company):
    case = opened(company)
    services.respond(actor=company.actor("agent"), case=case, text="好", now=at("03-02 09:20"))
    assert list(Entry.objects.filter(object_type="case").order_by("id").values_list("action", flat=True)) == [
        "case.opened", "case.responded",
    ]  # fmt: skip
    topics = OutboxEvent.objects.filter(topic__startswith="case.").values_list("topic", flat=True)
    assert sorted(topics) == ["case.opened", "case.responded"]


def test_while_the_customer_is_waited_for_the_solution_waits_and_the_answer_does_not(company: Company):
    actor = company.actor("agent")
    case = opened(company)
    due = clock(case, "resolution").due_at
    services.pause_case(actor=actor, case=case, reason="waiting_for_customer", now=at("03-02 09:30"))
    assert again(case).status == "waiting"
    assert clock(case, "resolution").next_moment_at is None
    assert again(case).next_due_kind == "response"
    services.respond(actor=actor, case=case, text="请补发照片", now=at("03-02 09:40"))
    assert (again(case).status, again(case).next_due_at) == ("waiting", None)
    services.resume_case(actor=actor, case=case, now=at("03-02 12:30"))
    assert clock(case, "resolution").due_at == due + timedelta(hours=3)
    assert again(case).status == "open"


def test_a_machine_whose_clock_is_behind_writes_nothing_before_what_happened(company: Company):
    case = opened(company)
    services.respond(actor=company.actor("agent"), case=case, text="好", now=at("03-02 08:58"))
    answered = CaseEvent.objects.get(case=case, kind="responded")
    assert answered.at == NINE
    assert clock(case, "response").stopped_at == NINE


def test_a_solution_ends_what_was_still_promised_of_visit_and_makeshift(company: Company):
    case = opened(company, kind="complaint")
    services.solve_case(
        actor=company.actor("agent"), case=case, solution="电话指导恢复", now=at("03-02 09:50")
    )
    open_kinds = set(CaseClock.objects.filter(case=case, stopped_at=None).values_list("kind", flat=True))
    assert open_kinds == {"call_back"}


def test_a_reopened_case_keeps_its_first_solution_and_runs_on(company: Company):
    actor = company.actor("agent")
    case = opened(company)
    services.solve_case(actor=actor, case=case, solution="重启", now=at("03-02 19:00"))
    services.reopen_case(actor=actor, case=case, reason="又停了", now=at("03-03 09:00"))
    row = clock(case, "resolution")
    assert (row.run, row.stopped_at) == (2, None)
    # 10 of 72 hours were used; the night between does not count.
    assert row.due_at == at("03-03 09:00") + timedelta(hours=62)
    assert (again(case).status, again(case).solved_at) == ("open", None)


def test_a_higher_severity_asks_for_more_from_the_start(company: Company):
    actor = company.actor("agent")
    case = opened(company, severity=3)
    assert clock(case, "response").due_at == at("03-02 18:00")
    services.change_case(actor=actor, case=case, severity=1, now=at("03-02 09:30"), reason="停产")
    assert clock(case, "response").due_at == at("03-02 10:00")
    services.change_case(actor=actor, case=case, severity=3, now=at("03-02 09:40"))
    assert clock(case, "response").due_at == at("03-02 18:00")
    assert not CaseClock.objects.filter(case=case, kind="workaround").exists()


def test_promises_follow_the_tier_that_was_decided_meanwhile(company: Company):
    by_tier = [
        {
            "name": tier,
            "kind": "response",
            "when": {"tier": tier},
            "hours": hours,
            "label": SAID,
            "source": "-",
        }
        for tier, hours in (("A", 1), ("B", 4))
    ]
    put_in_force({"tiers": ["A", "B"], "untiered": "B", "promises": [*of_kind("resolution"), *by_tier]})
    case = opened(company)
    done = opened(company)
    services.solve_case(actor=company.actor("agent"), case=done, solution="好", now=at("03-02 09:10"))
    services.close_case(actor=company.actor("agent"), case=done, now=at("03-02 09:11"))
    assert clock(case, "response").due_at == at("03-02 10:00")
    Standing.objects.update(tier="B")
    assert services.follow_tiers(now=at("03-02 09:30")) == 1
    assert clock(case, "response").due_at == at("03-02 14:00")  # an hour for lunch
    assert again(case).tier == "B"
    assert clock(done, "response").due_at == at("03-02 10:00")
    assert services.follow_tiers(now=at("03-02 09:31")) == 0


def test_a_new_wording_of_the_matrix_counts_from_when_it_came(company: Company):
    actor = company.actor("agent")
    put_in_force({})
    assert services.notice_matrix(now=NINE)
    case = opened(company)
    answered = opened(company)
    services.respond(actor=actor, case=answered, text="好", now=at("03-02 09:10"))
    slower = [one | {"hours": 2} if one["name"] == "grave-response" else one for one in of_kind("response")]
    without = [{"clock": "resolution", "reason": SAID, "source": "-"}]
    put_in_force({"promises": slower, "without": without}, since=at("03-02 09:20"))
    assert services.notice_matrix(now=at("03-02 09:20"))
    job = take_next_job(at("03-02 09:21"))
    assert job is not None
    done = run_job(job, clock=lambda: at("03-02 09:21"))
    assert (done.state, done.result) == ("done", {"cases": 2})
    assert clock(case, "response").due_at == at("03-02 11:00")
    # What had stopped keeps its figures.
    assert clock(answered, "response").due_at == at("03-02 10:00")
    assert not CaseClock.objects.filter(case=case, kind="resolution").exists()
    assert not services.notice_matrix(now=at("03-02 09:30"))


def test_what_nobody_handles_waits_at_the_nearest_service_desk(company: Company):
    assert opened(company, by="seller").team == company.desk
    south = customer_of(company.other, company.people["rival"], "演示南海材料")
    assert opened(company, by="rival", customer=south).team == company.other
    lonely = customer_of(Team.objects.create(name="演示西北"), company.people["rival"], "演示西部矿业")
    assert opened(company, by="rival", customer=lonely).team == company.desk
    UserRole.objects.filter(role="service_agent").delete()
    assert opened(company, by="seller").team == company.region


def test_a_company_has_statuses_of_its_own_in_fixed_categories(company: Company):
    statuses = [*default_document()["statuses"]]
    statuses.insert(2, {"id": "testing", "category": "open", "label": SAID})
    put_in_force({"statuses": statuses})
    actor, case = company.actor("agent"), opened(company)
    assert case.stage == "new"
    services.respond(actor=actor, case=case, text="好", now=at("03-02 09:10"))
    assert again(case).stage == "in_progress"
    services.set_stage(actor=actor, case=case, stage="testing", now=at("03-02 09:11"))
    services.add_note(actor=actor, case=case, text="送检", now=at("03-02 09:12"))
    assert (again(case).status, again(case).stage) == ("open", "testing")
    services.pause_case(actor=actor, case=case, reason="waiting_for_others", now=at("03-02 09:13"))
    assert (again(case).status, again(case).stage) == ("waiting", "waiting_for_others")


def test_promises_of_a_company_s_own_are_kept_by_their_own_step(company: Company):
    clocks = default_document()["clocks"] | {
        "plan": {"label": SAID, "stop": ["plan_given", "plan_agreed", "solved"]},
        "plan_agreed": {"label": SAID, "stop": ["plan_agreed", "solved"]},
    }
    plans = [
        {"name": kind, "kind": kind, "hours": 24, "unit": "elapsed", "label": SAID, "source": "-"}
        for kind in ("plan", "plan_agreed")
    ]
    put_in_force({"clocks": clocks, "promises": [*default_document()["promises"], *plans]})
    case = opened(company)
    services.keep_promise(actor=company.actor("agent"), case=case, kind="plan", now=at("03-02 12:00"))
    assert clock(case, "plan").stopped_at == at("03-02 12:00")
    assert clock(case, "plan_agreed").stopped_at is None  # giving a plan is not agreeing on it
    assert again(case).status == "open"


def test_the_database_refuses_to_rewrite_what_happened(company: Company):
    opened(company)
    for attempt in (
        lambda: CaseEvent.objects.update(kind="closed"),
        lambda: CaseEvent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert CaseEvent.objects.filter(kind="opened").count() == 1


def test_what_comes_for_a_merged_case_belongs_to_the_one_that_took_it_in(company: Company):
    actor = company.actor("agent")
    kept, twin = opened(company), opened(company, text="演示：同一问题，另一人来电")
    survivor = services.merge_cases(actor=actor, case=twin, into=kept, now=at("03-02 09:10"))
    assert survivor == kept
    merged = again(twin)
    assert (merged.status, merged.merged_into, merged.next_due_at) == ("closed", kept, None)
    assert not CaseClock.objects.filter(case=twin, stopped_at=None).exists()
    assert services.respond(actor=actor, case=twin, text="已答复", now=at("03-02 09:20")) == kept
    services.solve_case(actor=actor, case=kept, solution="好", now=at("03-02 10:00"))
    # The customer answers the old mail: the survivor is reopened, the merged case is not.
    assert services.reopen_case(actor=actor, case=twin, reason="又来了", now=at("03-03 09:00")) == kept
    assert (again(kept).status, again(twin).status) == ("open", "closed")
    assert not CaseEvent.objects.filter(case=twin, kind__in=("responded", "reopened")).exists()


def test_cases_of_merged_customers_are_the_survivor_s_with_its_tier_until_the_undo(company: Company):
    by_tier = [
        {
            "name": tier,
            "kind": "response",
            "when": {"tier": tier},
            "hours": hours,
            "label": SAID,
            "source": "-",
        }
        for tier, hours in (("A", 1), ("B", 4))
    ]
    put_in_force({"tiers": ["A", "B"], "untiered": "B", "promises": [*of_kind("resolution"), *by_tier]})
    twin = customer_of(company.region, company.people["seller"], "演示宏远化工厂")
    case = opened(company, customer=twin)
    assert (again(case).tier, clock(case, "response").due_at) == ("", at("03-02 14:00"))
    merge = merge_records(
        actor=SYSTEM,
        profile="company",
        winner_id=company.customer.pk,
        loser_ids=[twin.pk],
        now=at("03-02 09:10"),
    )
    deliver_due(at("03-02 09:11"))
    assert (again(case).customer, again(case).tier) == (company.customer, "A")
    assert clock(case, "response").due_at == at("03-02 10:00")
    undo_merge(actor=SYSTEM, merge_id=merge.pk, now=at("03-02 09:20"))
    deliver_due(at("03-02 09:21"))
    assert (again(case).customer, clock(case, "response").due_at) == (twin, at("03-02 14:00"))
