"""Who is told when: at half the time the owner, at the end the manager, then the director; each thing once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.urls import reverse

from bihuan.kernel import worker
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.clocks import Clock
from bihuan.kernel.jobs import start_job
from bihuan.people.models import Absence, DutyShift, Team, User
from bihuan.service import services, sweeping
from bihuan.service.models import Case, CaseClock, CaseNotice
from bihuan.service.rules import Telling, tellings
from bihuan.service.sweeping import sweep

from .desk import Company, at, opened

pytestmark = pytest.mark.django_db


def told(case: Case | None = None) -> list[tuple[str, str, int]]:
    """Whom, of which clock, at which level."""
    rows = CaseNotice.objects.order_by("at", "id")
    if case is not None:
        rows = rows.filter(case=case)
    return list(rows.values_list("recipient__username", "kind", "level"))


def test_nobody_is_told_before_half_the_time_is_used(company: Company):
    opened(company)
    assert sweep(at("03-02 09:29")).clocks == 0
    assert told() == []


def test_the_owner_then_the_manager_then_the_director(company: Company):
    case = opened(company)
    for minute in range(0, 130):
        sweep(at(f"03-02 {9 + minute // 60:02d}:{minute % 60:02d}"))
    assert told(case) == [
        ("agent", "response", 50),
        ("agent", "response", 75),
        ("agent", "response", 90),
        ("agent", "response", 100),
        ("manager", "response", 100),
        ("director", "response", 160),
    ]


def test_a_moment_is_told_once_however_often_one_sweeps(company: Company):
    opened(company)
    for _again in range(3):
        sweep(at("03-02 09:31"))
    assert told() == [("agent", "response", 50)]
    # Not even by somebody who starts from the same rows.
    CaseClock.objects.filter(kind="response").update(told_level=0, next_moment_at=at("03-02 09:30"))
    sweep(at("03-02 09:31"))
    assert told() == [("agent", "response", 50)]


def test_after_a_night_without_a_worker_only_the_last_moment_is_told(company: Company):
    case = opened(company)
    sweep(at("03-02 10:05"))
    assert told(case) == [("agent", "response", 100), ("manager", "response", 100)]


def test_a_late_case_joined_by_other_late_clocks_makes_no_storm(company: Company):
    """The answer is late; then half and three quarters of the solution's time pass: that is no news. That the solution is
    late, too, is."""
    case = opened(company)
    sweep(at("03-02 10:05"))
    before = len(told(case))
    for moment in ("03-02 21:30", "03-03 03:30", "03-03 07:00", "03-03 09:01", "03-03 15:01", "03-04 22:00"):
        sweep(at(moment))
    assert [one for one in told(case)[before:] if one[1] != "response"] == [
        ("agent", "workaround", 100),
        ("manager", "workaround", 100),
        ("director", "workaround", 160),
    ]
    sweep(at("03-05 09:00"))
    assert told(case)[-2:] == [("agent", "resolution", 100), ("manager", "resolution", 100)]


def test_a_clock_that_becomes_late_by_a_change_is_told_once(company: Company):
    case = opened(company, severity=3)
    sweep(at("03-02 13:30"))
    services.change_case(actor=company.actor("agent"), case=case, severity=1, now=at("03-02 13:31"))
    sweep(at("03-02 13:32"))
    sweep(at("03-02 13:33"))
    kinds = [one for one in told(case) if one[1] == "response" and one[2] >= 100]
    assert kinds == [("agent", "response", 160), ("manager", "response", 160), ("director", "response", 160)]


def test_while_a_case_waits_its_clocks_are_silent(company: Company):
    actor = company.actor("agent")
    case = opened(company)
    services.respond(actor=actor, case=case, text="好", now=at("03-02 09:10"))
    services.pause_case(actor=actor, case=case, reason="waiting_for_customer", now=at("03-02 09:20"))
    sweep(at("03-09 09:00"))
    assert told(case) == []
    services.resume_case(actor=actor, case=case, now=at("03-09 09:00"))
    sweep(at("03-09 21:00"))
    assert told(case) == [("agent", "workaround", 50)]


def test_what_was_told_before_solving_is_not_told_again_after_reopening(company: Company):
    actor = company.actor("agent")
    case = opened(company)
    services.respond(actor=actor, case=case, text="好", now=at("03-02 09:10"))
    services.work_around(actor=actor, case=case, text="备罐", now=at("03-02 09:11"))
    sweep(at("03-03 22:00"))
    services.solve_case(actor=actor, case=case, solution="好", now=at("03-03 22:10"))
    services.reopen_case(actor=actor, case=case, reason="又来", now=at("03-04 09:00"))
    sweep(at("03-04 09:01"))
    assert told(case) == [("agent", "resolution", 50)]
    sweep(at("03-05 05:00"))
    assert told(case) == [("agent", "resolution", 50), ("agent", "resolution", 75)]


def test_a_case_without_an_owner_is_the_managers_warning(company: Company):
    opened(company, by="seller")
    sweep(at("03-02 09:31"))
    assert told() == [("manager", "response", 50)]


def test_somebody_who_left_is_represented(company: Company):
    opened(company)
    User.objects.filter(username="agent").update(is_active=False, deputy=company.people["second"])
    sweep(at("03-02 09:31"))
    assert told() == [("second", "response", 50)]


def test_the_sweep_folds_nothing_and_asks_the_same_for_many(
    company: Company, django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch
):
    for _number in range(20):
        opened(company)

    def fold(*_given: object) -> Clock:
        raise AssertionError("the sweep folded a case")

    monkeypatch.setattr("bihuan.kernel.clocks.Desk.clocks", fold)
    with django_assert_max_num_queries(12):
        assert sweep(at("03-02 09:31")).notices == 20


def test_more_than_one_batch_is_swept_in_one_go(company: Company, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweeping, "BATCH", 3)
    for _number in range(7):
        opened(company)
    assert sweep(at("03-02 09:31")) == sweeping.Swept(7, 7)


def test_what_is_news():
    assert tellings(0, [("response", 0, 50)]) == [Telling("response", 0, 50)]
    assert tellings(50, [("response", 50, 75)]) == [Telling("response", 50, 75)]
    assert tellings(100, [("resolution", 0, 90)]) == []
    assert tellings(100, [("resolution", 90, 100)]) == [Telling("resolution", 90, 100)]
    assert tellings(0, [("response", 75, 100), ("resolution", 0, 50)]) == [Telling("response", 75, 100)]
    assert tellings(100, [("response", 100, 100)]) == []


def test_the_worker_tells_within_seconds_also_while_a_long_job_runs(
    company: Company, monkeypatch: pytest.MonkeyPatch
):
    """A worker's step tells what is due; so does each second of waiting for a job's own process."""
    monkeypatch.setattr(worker, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(worker, "now", lambda: at("03-02 09:31"))
    opened(company)
    worker.Worker().step()
    assert told() == [("agent", "response", 50)]
    monkeypatch.setattr(worker, "now", lambda: at("03-02 10:01"))
    slow = [sys.executable, "-c", "import time; time.sleep(0.5)"]
    monkeypatch.setattr(worker.subprocess, "Popen", lambda _command, start=subprocess.Popen: start(slow))
    worker.Worker().run_in_child(start_job(actor=SYSTEM, kind="long", now=at("03-02 10:00")))
    assert told()[-2:] == [("agent", "response", 100), ("manager", "response", 100)]


# Who is away --------------------------------------------------------------------------------------------------------


def away(company: Company, name: str, since: str = "03-01 00:00", until: str | None = None) -> None:
    Absence.objects.create(
        user=company.people[name], starts_at=at(since), ends_at=at(until) if until else None, entered_by="-"
    )


def on_duty(company: Company, name: str, since: str, until: str, team: Team | None = None) -> None:
    DutyShift.objects.create(
        team=team or company.desk,
        user=company.people[name],
        starts_at=at(since),
        ends_at=at(until),
        entered_by="-",
    )


def stands_in(company: Company, name: str, deputy: str) -> None:
    User.objects.filter(username=name).update(deputy=company.people[deputy])


def told_for() -> list[tuple[str, str | None]]:
    rows = CaseNotice.objects.order_by("at", "recipient__username")
    return list(rows.values_list("recipient__username", "instead_of__username"))


def test_an_absent_owners_warning_goes_to_the_deputy_and_says_so(company: Company):
    opened(company)
    stands_in(company, "agent", "second")
    away(company, "agent", until="03-03 00:00")
    sweep(at("03-02 09:31"))
    assert told_for() == [("second", "agent")]
    page = company.client("second").get(reverse("today")).content.decode()
    assert "代 演示·agent" in page


def test_one_who_is_back_hears_it_oneself(company: Company):
    opened(company)
    stands_in(company, "agent", "second")
    away(company, "agent", until="03-02 09:00")
    sweep(at("03-02 09:31"))
    assert told_for() == [("agent", None)]


def test_without_a_deputy_who_is_on_duty_hears_it_else_the_manager(company: Company):
    opened(company)
    away(company, "agent")
    on_duty(company, "second", "03-02 08:00", "03-02 09:40")
    sweep(at("03-02 09:31"))
    assert told_for() == [("second", "agent")]
    sweep(at("03-02 09:46"))
    assert told_for()[1:] == [("manager", None)]


def test_a_deputy_who_is_away_is_represented_in_turn_and_a_circle_ends(company: Company):
    opened(company)
    stands_in(company, "agent", "second")
    stands_in(company, "second", "quality")
    away(company, "agent")
    away(company, "second")
    sweep(at("03-02 09:31"))
    assert told_for() == [("quality", "agent")]
    stands_in(company, "second", "agent")
    sweep(at("03-02 09:46"))
    assert told_for()[1:] == [("manager", None)]


def test_at_night_who_is_on_duty_hears_what_the_owner_hears(company: Company):
    opened(company, at("03-02 22:00"))
    on_duty(
        company, "second", "03-02 18:00", "03-03 08:00", team=company.region
    )  # the team above answers, too
    sweep(at("03-02 22:31"))
    assert told_for() == [("agent", None), ("second", "agent")]


def test_a_case_that_nobody_handles_is_told_to_who_is_on_duty(company: Company):
    opened(company, by="seller")
    on_duty(company, "second", "03-02 08:00", "03-02 20:00")
    sweep(at("03-02 09:31"))
    assert told_for() == [("second", None)]


def test_an_absent_managers_deputy_hears_it_else_the_manager_above(company: Company):
    opened(company)
    away(company, "manager")
    sweep(at("03-02 10:01"))
    assert sorted(told_for(), key=str) == [("agent", None), ("director", None)]
    stands_in(company, "manager", "quality")
    opened(company)
    CaseNotice.objects.all().delete()
    sweep(at("03-02 10:02"))
    assert sorted(told_for(), key=str) == [("agent", None), ("quality", "manager")]


def test_who_hears_it_for_oneself_is_not_told_in_somebodys_stead(company: Company):
    opened(company)
    stands_in(company, "agent", "manager")
    away(company, "agent")
    sweep(at("03-02 10:01"))
    assert told_for() == [("manager", None)]
