"""From three complaints to a closed 8D, and each thing that is refused on the way. All names are made up."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import pytest
import yaml
from django.db import DatabaseError, transaction
from django.http import Http404

from bihuan.audit.models import Entry
from bihuan.kernel.actor import NotAllowed
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.investigation_clocks import step_clocks
from bihuan.service.investigation_lessons import lessons_draft
from bihuan.service.models import Investigation, InvestigationEvent
from bihuan.service.promised import promised_now
from bihuan.service.queries_investigation import (
    actions_of,
    findings_of,
    get_investigation,
    investigation_events,
    joined_cases,
    verifications_of,
)

from .desk import Company, at, customer_of
from .eightd import Work, complaint, investigation
from .test_cases import put_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(company: Company) -> Work:
    return Work(company, investigation(company, [complaint(company, at("03-02 09:00"))]))


def refused(words: str, call: Any) -> None:
    with pytest.raises(CaseError) as error:
        call()
    assert words in str(error.value), error.value


def test_three_complaints_become_one_investigation_that_later_data_close(company: Company):
    cases = [complaint(company, at(f"03-0{day} 09:00")) for day in (2, 4, 6)]
    row = investigation(company, cases[:1])
    services.join_cases(
        actor=company.actor("quality"), investigation=row, cases=cases[1:], now=at("03-10 09:30")
    )
    assert row.number.startswith("8D-2603-")
    assert joined_cases(company.actor("quality"), row) == (cases, 3)
    work = Work(company, row)
    work.as_far_as_prevention()
    work.observe(date(2026, 4, 20), at("04-20 09:00"))
    closed = work.done("d8", at("04-20 10:00"))
    assert (closed.closed_at, closed.first_closed_at) == (at("04-20 10:00"), at("04-20 10:00"))
    kinds = list(InvestigationEvent.objects.filter(investigation=row).values_list("kind", flat=True))
    assert [one for one in kinds if one.endswith("_done")] == [f"d{number}_done" for number in range(1, 9)]
    assert kinds.count("joined") == 3
    assert Entry.objects.filter(action="investigation.closed").count() == 1
    draft = lessons_draft(
        closed, investigation_events(row), findings_of(row), actions_of(row), verifications_of(row)
    )
    for words in ("黑色粉尘", "吨袋没有", "保养计划没有输送带", "更换输送带", "粉尘 0 件"):
        assert words in draft
    assert company.customer.name not in draft


def test_each_step_has_its_clock_from_the_matrix(company: Company, work: Work):
    """Practice: team 24 h, problem 48 h, containment 72 h, root cause 28 days from containment."""
    text = files("bihuan").joinpath("packs/data/service.yaml").read_text(encoding="utf-8")
    put_in_force({"investigation": yaml.safe_load(text)["investigation"]})
    row = investigation(company, [], title="演示：时限", now=at("03-10 09:00"))
    assert (row.next_due_kind, row.next_due_at) == ("d1", at("03-11 09:00"))
    timed = Work(company, row)
    timed.as_far_as_causes()
    clocks = {
        one.kind: one for one in step_clocks(investigation_events(row), promised_now(), at("03-16 09:00"))
    }
    assert clocks["d2"].due_at == at("03-12 09:00")
    assert clocks["d3"].stopped_at == at("03-11 09:00")
    assert not clocks["d3"].breached
    assert clocks["d4"].started_at == at("03-11 09:00")
    assert (timed.again().next_due_kind, timed.again().next_due_at) == (
        "d5",
        at("03-16 09:00") + timedelta(days=28),
    )


def test_a_step_is_not_done_without_what_it_needs(company: Company, work: Work):
    now = at("03-10 10:00")
    refused("D1 需要", lambda: work.done("d1", now))
    refused("D2 需要", lambda: work.done("d2", now))
    work.found("is", "有颗粒", now)
    refused("D2 需要", lambda: work.done("d2", now))
    refused("D3 需要", lambda: work.done("d3", now))
    refused("为什么会发生", lambda: work.done("d4", now))
    work.found("why_occurred", "为什么？", now)
    refused("发生的根本原因", lambda: work.done("d4", now))
    refused("证据", lambda: work.found("root_occurred", "输送带", now, factor="machine"))
    refused("类别", lambda: work.found("root_occurred", "输送带", now, evidence="照片"))
    work.found("root_occurred", "输送带", now, factor="machine", evidence="照片")
    refused("为什么会流出", lambda: work.done("d4", now))
    refused("一连串", lambda: work.found("root_escaped", "抽检少", now, factor="method", evidence="记录"))
    refused("前一步", lambda: work.done("d5", now))
    refused("先完成 D1", lambda: work.done("d8", now))
    refused("没有这一步", lambda: work.done("d9", now))


def test_a_correction_is_no_corrective_action(company: Company, work: Work):
    work.as_far_as_causes()
    now = at("03-17 09:00")
    work.plan("correction", "退换已发货物", date(2026, 3, 20), now)
    refused("纠正措施", lambda: work.done("d5", now))
    action = work.plan("corrective", "更换输送带", date(2026, 3, 28), now)
    work.done("d5", now)
    refused("没有完成的措施", lambda: work.done("d6", now))
    refused("还没有到", lambda: work.carry_out(action, date(2026, 3, 28), now))
    refused("完成的措施才能", lambda: work.check(action, date(2026, 3, 17), now))
    work.carry_out(action, date(2026, 3, 17), now)
    refused("已经完成", lambda: work.carry_out(action, date(2026, 3, 17), now))
    refused("在措施完成之后", lambda: work.check(action, date(2026, 3, 16), now))
    work.done("d6", now)
    refused("预防措施", lambda: work.done("d7", now))


def test_d8_is_not_closed_without_data_from_after_the_actions(company: Company, work: Work):
    work.as_far_as_prevention()
    refused("晚于", lambda: work.done("d8", at("04-11 09:00")))
    work.observe(date(2026, 3, 30), at("04-11 09:00"))  # the very day of the last action is not later
    refused("晚于", lambda: work.done("d8", at("04-11 09:00")))
    work.observe(date(2026, 4, 11), at("04-11 09:00"))
    work.observe(date(2026, 4, 15), at("04-15 09:00"), is_good=False)
    refused("不合格", lambda: work.done("d8", at("04-15 10:00")))
    work.observe(date(2026, 4, 20), at("04-20 09:00"))
    assert work.done("d8", at("04-20 09:30")).closed_at is not None


def test_actions_whose_effect_nobody_checked_close_nothing(company: Company, work: Work):
    work.as_far_as_causes()
    now = at("03-17 09:00")
    for kind in ("corrective", "preventive"):
        action = work.plan(kind, "更换输送带", date(2026, 3, 17), now)
        work.carry_out(action, date(2026, 3, 17), now)
    for step in ("d5", "d6", "d7"):
        work.done(step, now)
    work.observe(date(2026, 4, 1), at("04-01 09:00"))
    refused("先检查", lambda: work.done("d8", at("04-01 09:00")))
    for one in actions_of(work.row):
        work.check(one, date(2026, 4, 1), at("04-01 09:00"), is_effective=False)
    refused("没有一项纠正措施有效", lambda: work.done("d8", at("04-01 09:00")))


def test_a_reopened_investigation_keeps_its_first_closing_and_needs_new_data(company: Company, work: Work):
    work.as_far_as_prevention()
    work.observe(date(2026, 4, 20), at("04-20 09:00"))
    work.done("d8", at("04-20 10:00"))
    refused("先重新打开", lambda: work.write("d3", "再隔离", at("05-01 09:00")))
    actor = company.actor("quality")
    services.reopen_investigation(
        actor=actor, investigation=work.row, reason="演示：又有两起", step="d8", now=at("05-01 09:00")
    )
    assert (work.again().closed_at, work.again().first_closed_at) == (None, at("04-20 10:00"))
    refused("晚于", lambda: work.done("d8", at("05-01 10:00")))
    work.observe(date(2026, 5, 20), at("05-20 09:00"))
    again = work.done("d8", at("05-20 10:00"))
    assert (again.closed_at, again.first_closed_at) == (at("05-20 10:00"), at("04-20 10:00"))
    services.reopen_investigation(actor=actor, investigation=work.row, reason="演示", now=at("06-01 09:00"))
    refused("前一步", lambda: work.done("d5", at("06-01 09:00")))
    refused(
        "是打开的",
        lambda: services.reopen_investigation(
            actor=actor, investigation=work.row, reason="演示", now=at("06-01 09:00")
        ),
    )


def test_the_steps_that_a_reopening_undoes_are_promised_anew(company: Company, work: Work):
    """Ours promises 90 days for the whole; those done in the first round keep their figures."""
    work.as_far_as_prevention()
    work.observe(date(2026, 4, 20), at("04-20 09:00"))
    work.done("d8", at("04-20 10:00"))
    assert work.again().next_due_at is None
    services.reopen_investigation(
        actor=work.actor, investigation=work.row, reason="演示：又有", now=at("05-01 09:00")
    )
    row = work.again()
    assert (row.next_due_kind, row.next_due_at) == ("d8", at("05-01 09:00") + timedelta(days=90))


def test_clocks_follow_severity_and_the_matrix(company: Company):
    text = files("bihuan").joinpath("packs/data/service.yaml").read_text(encoding="utf-8")
    row = investigation(company, [], title="演示：时限", now=at("03-10 09:00"))
    assert row.next_due_kind == "d8"
    put_in_force({"investigation": yaml.safe_load(text)["investigation"]})
    assert services.follow_investigations(now=at("03-10 10:00")) == 1
    assert services.follow_investigations(now=at("03-10 10:00")) == 0
    work = Work(company, row)
    assert work.again().next_due_kind == "d1"
    for step, severity, hours in (("d3", 2, 72), ("d3", 1, 24)):
        services.change_investigation(
            actor=work.actor, investigation=row, title="演示：时限", kind="quality", severity=severity,
            now=at("03-10 11:00"),
        )  # fmt: skip
        clocks = step_clocks(investigation_events(row), promised_now(), at("03-10 11:00"))
        due = {one.kind: one.due_at for one in clocks}
        assert due[step] == at("03-10 09:00") + timedelta(hours=hours)
    # Reopened from D4: D1 to D3 keep their clocks, D4 runs from the reopening.
    work.as_far_as_prevention()
    work.observe(date(2026, 4, 20), at("04-20 09:00"))
    work.done("d8", at("04-20 10:00"))
    services.reopen_investigation(
        actor=work.actor, investigation=row, reason="演示：又有", now=at("05-01 09:00")
    )
    again = {
        one.kind: one for one in step_clocks(investigation_events(row), promised_now(), at("05-01 10:00"))
    }
    assert again["d3"].stopped_at == at("03-11 09:00")
    assert (again["d4"].started_at, again["d4"].stopped_at) == (at("05-01 09:00"), None)
    assert again["d4"].due_at == at("05-01 09:00") + timedelta(days=14)
    assert "d5" not in again


def test_a_case_is_in_one_investigation_only(company: Company, work: Work):
    case = joined_cases(company.actor("quality"), work.row)[0][0]
    other = investigation(company, [], title="演示：另一件")
    refused(
        "另一项调查",
        lambda: services.join_cases(
            actor=company.actor("quality"), investigation=other, cases=[case], now=at("03-10 09:30")
        ),
    )
    services.join_cases(
        actor=company.actor("quality"), investigation=work.row, cases=[case], now=at("03-10 09:30")
    )
    assert InvestigationEvent.objects.filter(kind="joined").count() == 1


def test_of_merged_cases_the_one_that_took_the_other_in_is_investigated(company: Company, work: Work):
    (case,), _count = joined_cases(work.actor, work.row)
    kept = complaint(company, at("03-03 09:00"))
    services.merge_cases(actor=company.actor("agent"), case=case, into=kept, now=at("03-10 11:00"))
    assert services.follow_merge(case_id=case.pk, now=at("03-10 12:00"))
    assert not services.follow_merge(case_id=case.pk, now=at("03-10 12:00"))
    assert joined_cases(work.actor, work.row) == ([kept], 1)
    refused(
        "已被合并",
        lambda: services.join_cases(
            actor=work.actor, investigation=work.row, cases=[case], now=at("03-10 13:00")
        ),
    )


def test_two_at_once_finish_a_step_once(company: Company, work: Work):
    first, second = (Work(company, Investigation.objects.get(pk=work.row.pk)) for _twice in range(2))
    first.write("d3", "隔离", at("03-10 10:00"))
    first.done("d3", at("03-10 10:00"))
    refused("已经完成", lambda: second.done("d3", at("03-10 10:00")))
    assert InvestigationEvent.objects.filter(kind="d3_done").count() == 1


def test_what_turned_out_wrong_counts_no_more(company: Company, work: Work):
    now = at("03-10 10:00")
    line = work.found("is", "有颗粒", now)
    work.found("is_not", "吨袋没有", now)
    services.withdraw_finding(
        actor=company.actor("quality"), investigation=work.row, finding=line.pk, now=now
    )
    refused("D2 需要", lambda: work.done("d2", now))


def test_another_team_s_investigation_does_not_exist(company: Company):
    row = investigation(company, [], actor=company.actor("manager"))
    assert row.team == company.region
    for name in ("agent", "seller", "rival", "stranger"):  # a manager's team lies above the agents'
        with pytest.raises(Http404):
            get_investigation(company.actor(name), row.pk)
        with pytest.raises(Http404):
            Work(company, row, by=name).write("d3", "隔离", at("03-10 10:00"))
    services.set_team(
        actor=company.actor("manager"), investigation=row, owner=company.people["manager"],
        members=[company.people["stranger"]], now=at("03-10 09:30"),
    )  # fmt: skip
    assert get_investigation(company.actor("stranger"), row.pk) == row
    Work(company, row, by="stranger").write("d3", "隔离", at("03-10 10:00"))  # a member works on it
    with pytest.raises(NotAllowed):
        investigation(company, [], actor=company.actor("agent"))


def test_a_case_that_one_does_not_see_cannot_be_joined(company: Company):
    far = complaint(
        company,
        at("03-02 09:00"),
        by="stranger",
        customer=customer_of(company.other, company.people["rival"], "演示南海"),
    )
    with pytest.raises(Http404):
        investigation(company, [far], actor=company.actor("manager"))


def test_the_database_refuses_to_rewrite_what_happened_in_an_investigation(company: Company, work: Work):
    for attempt in (
        lambda: InvestigationEvent.objects.update(kind="closed"),
        lambda: InvestigationEvent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert InvestigationEvent.objects.filter(kind="opened").count() == 1
