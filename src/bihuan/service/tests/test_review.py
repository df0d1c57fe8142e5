"""The monthly review: a month worked out by hand, parts that sum to the whole, midnight in the company's zone, minutes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from bihuan.kernel.actor import NotAllowed
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, Review, ReviewMinutes
from bihuan.service.review.figures import (
    Narrowed,
    ageing,
    cases_seen,
    cause_costs,
    causes,
    figures_of,
    open_at,
)
from bihuan.service.review.period import Period, age_bounds, moved, read_period
from bihuan.service.review.queries import decisions_for, with_those_below
from bihuan.service.review.rules import Share, pareto, percentile
from bihuan.service.review.services import decide, finish_decision, sign_off, write_minutes

from .desk import ZONE, Company, at, customer_of, opened

MARCH = Period(date(2026, 3, 1), 1, ZONE)
ALL = Narrowed()
LATER = at("04-20 09:00")


def solve(company: Company, case: Case, when: str, **more: Any) -> None:
    services.solve_case(
        actor=company.actor("quality"), case=case, solution="演示：处理好了", now=at(when), **more
    )


@pytest.fixture
def month(company: Company) -> dict[str, Case]:
    """Five cases: one plain, one reopened, one from February, one at 23:30 of 31 March, one at 00:10 of 1 April."""
    agent = company.actor("agent")
    other = customer_of(company.other, company.people["rival"], "演示别处")
    found = {
        "february": opened(company, at("02-27 10:00"), kind="complaint", severity=3, text="演示：桶漏"),
        "plain": opened(company, at("03-02 09:00"), kind="question", severity=3, text="演示：问"),
        "again": opened(company, at("03-03 09:00"), kind="question", severity=3, customer=other, by="director", text="演示：再"),
        "last_night": opened(company, at("03-31 23:30"), kind="complaint", severity=3, text="演示：桶又漏"),
        "next_month": opened(company, at("04-01 00:10"), kind="complaint", severity=3, text="演示：桶三漏"),
    }  # fmt: skip
    services.respond(actor=agent, case=found["plain"], text="好", now=at("03-02 09:10"))
    solve(company, found["plain"], "03-02 11:00")
    services.respond(actor=company.actor("director"), case=found["again"], text="好", now=at("03-03 09:10"))
    solve(company, found["again"], "03-03 12:00")
    services.reopen_case(
        actor=company.actor("quality"), case=found["again"], reason="没好", now=at("03-04 10:00")
    )
    solve(company, found["again"], "03-05 10:00")
    solve(company, found["february"], "03-10 10:00", cause="垫片老化")
    services.call_back(actor=agent, case=found["february"], satisfaction=4, now=at("03-12 10:00"))
    services.close_case(actor=agent, case=found["february"], now=at("03-12 11:00"))
    services.post_case_cost(
        actor=company.actor("director"),
        case=Case.objects.get(pk=found["february"].pk),
        amount=Decimal(800),
        now=at("03-12 12:00"),
    )
    solve(company, found["last_night"], "04-02 10:00", cause="垫片老化")
    return found


def test_a_month_by_hand(company: Company, month: dict[str, Case]):
    one = figures_of(company.actor("director"), ALL, MARCH, LATER)
    assert (one.volumes.opened, one.volumes.solved) == (3, 3)
    assert one.volumes.by_kind == {"question": 2, "complaint": 1}
    assert one.ageing == {"d1": 1, "d3": 0, "d7": 0, "d30": 0, "older": 0}
    assert one.first_attempt == Share(2, 3)
    assert one.repeats == Share(1, 1)
    assert one.satisfied.top == Share(1, 1) and one.satisfied.mean == 4
    # Two were answered at once; February's was never, and its clock ended with the solution in March.
    assert one.on_time["response"] == Share(2, 3)
    assert one.costs == {"external": Decimal(800)}
    director = company.actor("director")
    assert causes(director, cases_seen(director, ALL), MARCH) == {"垫片老化": 1}
    assert cause_costs(director, ALL, MARCH) == {"垫片老化": Decimal(800)}
    assert one.taken.n == 3 and one.taken.median is not None


def test_a_case_reopened_later_was_not_open_in_between(company: Company, month: dict[str, Case]):
    rows = cases_seen(company.actor("director"), ALL)
    assert set(rows.filter(open_at(at("03-04 00:00")))) == {month["february"]}
    assert set(rows.filter(open_at(at("03-04 12:00")))) == {month["february"], month["again"]}
    assert set(rows.filter(open_at(at("03-03 10:00")))) == {month["february"], month["again"]}


def test_months_meet_at_midnight_of_the_company(company: Company, month: dict[str, Case]):
    director = company.actor("director")
    april = figures_of(director, ALL, MARCH.after, LATER)
    february = figures_of(director, ALL, MARCH.before, LATER)
    assert (february.volumes.opened, april.volumes.opened, april.volumes.solved) == (1, 1, 1)
    quarter = Period(date(2026, 1, 1), 3, ZONE)
    assert figures_of(director, ALL, quarter, LATER).volumes.opened == 4


def test_parts_sum_to_the_whole(company: Company, month: dict[str, Case]):
    director = company.actor("director")
    whole = figures_of(director, ALL, MARCH, LATER)
    kinds = [figures_of(director, Narrowed(kind=kind), MARCH, LATER) for kind in Case.Kind.values]
    for name in ("first_attempt", "repeats"):
        assert sum(getattr(one, name).n for one in kinds) == getattr(whole, name).n
    assert sum(one.volumes.opened for one in kinds) == whole.volumes.opened
    assert sum(one.open for one in kinds) == whole.open
    for clock, share in whole.on_time.items():
        parts = [one.on_time[clock] for one in kinds if clock in one.on_time]
        assert (sum(one.part for one in parts), sum(one.n for one in parts)) == (share.part, share.n)
    rows = cases_seen(director, ALL)
    for moment in (at("03-01 00:00"), at("03-04 11:00"), at("04-01 00:00"), at("04-20 00:00")):
        assert sum(ageing(rows, moment).values()) == rows.filter(open_at(moment)).count()


def test_figures_count_only_what_the_reader_sees(company: Company, month: dict[str, Case]):
    seen = figures_of(company.actor("manager"), ALL, MARCH, LATER)
    assert (seen.volumes.opened, seen.volumes.solved) == (2, 2)
    # The one whose customer is the stranger's team's.
    assert figures_of(company.actor("stranger"), ALL, MARCH, LATER).volumes.by_kind == {"question": 1}
    assert figures_of(company.actor("agent"), ALL, MARCH, LATER).costs == {}
    assert causes(company.actor("dispatcher"), cases_seen(company.actor("dispatcher"), ALL), MARCH) == {}
    region = with_those_below(company.region.pk)
    assert region == {company.region.pk, company.desk.pk}
    assert figures_of(company.actor("director"), Narrowed(region), MARCH, LATER).volumes.opened == 2


@pytest.mark.parametrize(
    ("text", "first", "months"),
    [("2026-03", date(2026, 3, 1), 1), ("2026-Q4", date(2026, 10, 1), 3), ("", date(2026, 3, 1), 1),
     ("2026-13", date(2026, 3, 1), 1), ("٢٠٢٦-03", date(2026, 3, 1), 1), ("0000-01", date(2026, 3, 1), 1)],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_last_month(text: str, first: date, months: int):
    period = read_period(text, date(2026, 4, 20), ZONE)
    assert (period.first, period.months) == (first, months)
    assert read_period(period.text, date(2026, 4, 20), ZONE) == period


@given(st.dates(date(1990, 1, 1), date(2900, 1, 1)), st.integers(-40, 40))
def test_months_move_there_and_back(day: date, count: int):
    first = day.replace(day=1)
    assert moved(moved(first, count), -count) == first


@given(st.integers(0, 10**7))
def test_every_age_lies_in_one_bucket(seconds: int):
    moment = at("04-01 00:00")
    opened_at = moment - timedelta(seconds=seconds)
    hits = [
        name
        for name, after, until in age_bounds(moment)
        if (after is None or opened_at > after) and (until is None or opened_at <= until)
    ]
    assert len(hits) == 1


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 10**6), max_size=20))
def test_pareto_bars_sum_to_the_whole_and_fall(amounts: dict[str, int]):
    bars = pareto(amounts.items(), 8, "others")
    assert sum(one.amount for one in bars) == sum(amounts.values())
    assert len(bars) <= 8
    shares = [one.cumulated for one in bars]
    assert shares == sorted(shares) and (not bars or abs(shares[-1] - 1) < Decimal("1e-20"))
    named = bars[:-1] if len(amounts) > 8 else bars
    assert [one.amount for one in named] == sorted((one.amount for one in named), reverse=True)


def test_percentiles_and_intervals_by_known_values():
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([10], 0.9) == 10 and percentile([], 0.5) is None
    assert percentile(list(range(1, 12)), 0.9) == 10
    # Wilson, 8 of 10: 0.4902 to 0.9433.
    assert Share(8, 10).interval == (Decimal("0.4902"), Decimal("0.9433"))
    assert Share(0, 0).interval is None and Share(0, 0).value is None


# Minutes --------------------------------------------------------------------------------------------------------------


def write(
    company: Company, by: str = "director", after: int = 0, now: datetime = LATER, **more: Any
) -> ReviewMinutes:
    given: dict[str, Any] = {
        "month": date(2026, 3, 1),
        "team": None,
        "attendees": "演示·甲",
        "topics": {"service": "按时"},
    } | more
    return write_minutes(actor=company.actor(by), after=after, now=now, **given)


def test_minutes_are_added_never_overwritten(company: Company):
    write(company)
    with pytest.raises(CaseError):
        write(company, topics={"service": "别人同时写的"})
    write(company, after=1, topics={"service": "改过"})
    assert list(ReviewMinutes.objects.order_by("number").values_list("number", "topics__service")) == [
        (1, "按时"),
        (2, "改过"),
    ]
    with pytest.raises(CaseError):
        write(company, after=2, topics={"service": "  "})
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewMinutes.objects.update(attendees="谁")
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewMinutes.objects.all().delete()


def test_signed_off_the_figures_stay_and_later_words_are_marked(company: Company, month: dict[str, Case]):
    director = company.actor("director")
    key: dict[str, Any] = {
        "actor": director,
        "month": date(2026, 3, 1),
        "team": None,
        "figures": {"lines": []},
    }
    with pytest.raises(CaseError):
        sign_off(**key, now=LATER)  # without minutes
    write(company)
    with pytest.raises(CaseError):
        sign_off(**key, now=at("03-31 23:59"))
    with pytest.raises(NotAllowed):
        sign_off(**{**key, "actor": company.actor("quality")}, now=LATER)
    sign_off(**key, now=at("04-01 00:00"))
    with pytest.raises(CaseError):
        sign_off(**key, now=LATER)
    assert write(company, after=1, topics={"other": "补充"}).is_after_signing


def test_a_decision_is_carried_until_it_is_done(company: Company):
    director = company.actor("director")
    given: dict[str, Any] = {"month": date(2026, 3, 1), "team": None, "owner": company.people["quality"]}
    with pytest.raises(CaseError):
        decide(actor=director, text="过期", due_on=date(2026, 4, 19), now=LATER, **given)
    row = decide(actor=director, text="换垫片", due_on=date(2026, 5, 15), now=LATER, **given)
    for first in (date(2026, 3, 1), date(2026, 4, 1), date(2026, 6, 1)):
        assert decisions_for(director, first, None) == [row]
    assert decisions_for(director, date(2026, 2, 1), None) == []
    finish_decision(actor=company.actor("quality"), decision=row.pk, now=at("05-10 09:00"))
    assert decisions_for(director, date(2026, 5, 1), None) == [row]
    assert decisions_for(director, date(2026, 6, 1), None) == []


def test_a_leader_reviews_the_own_teams_only(company: Company):
    mine = company.region.pk
    write(company, by="manager", team=mine)
    with pytest.raises(Http404):
        write(company, by="manager", team=company.other.pk)
    with pytest.raises(NotAllowed):
        write(company, by="manager")
    assert not Review.objects.filter(team=None).exists()
    with pytest.raises(NotAllowed):
        write(company, by="agent", team=mine)
    row = decide(
        actor=company.actor("director"), month=date(2026, 3, 1), team=None, text="总部的", owner=company.people["quality"],
        due_on=date(2026, 5, 1), now=LATER,
    )  # fmt: skip
    with pytest.raises(Http404):
        finish_decision(actor=company.actor("manager"), decision=row.pk, now=LATER)


# Pages ----------------------------------------------------------------------------------------------------------------


def get(company: Company, name: str, query: str, by: str) -> Any:
    return company.client(by).get(f"{reverse(name)}?{query}")


def test_the_page_and_the_paper(company: Company, month: dict[str, Case], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BIHUAN_NOW", LATER.isoformat())
    answer = get(company, "review", "period=2026-03", "director")
    link = answer.context["read"].main[0].url
    assert link.replace("&", "&amp;") in answer.content.decode()
    shown = company.client("director").get(link).content.decode()
    assert sum(one.number in shown for one in month.values()) == 3 and "2026-03 · 新受理" in shown
    assert b"review-causes" in answer.content and "垫片老化" in answer.content.decode()
    paper = get(company, "review_pdf", "period=2026-03", "director")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")


def test_who_may_not_read_costs_or_causes_finds_neither(
    company: Company, month: dict[str, Case], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BIHUAN_NOW", LATER.isoformat())
    text = get(company, "review", "period=2026-03", "agent").content.decode()
    assert "800.00" not in text and "质量成本" not in text
    assert get(company, "review", "", "seller").status_code == 404
    assert get(company, "review", f"team={company.other.pk}", "manager").status_code == 404
    assert get(company, "review", "period=2026-06", "director").status_code == 404
    assert get(company, "review", "kind=nonsense", "director").status_code == 404


def test_a_change_after_signing_off_shows(
    company: Company, month: dict[str, Case], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BIHUAN_NOW", LATER.isoformat())
    client = company.client("director")
    key = "?period=2026-03"
    client.post(reverse("review_minutes") + key, {"after": 0, "service": "按时"})
    client.post(reverse("review_sign") + key)
    assert Review.objects.get().signed_at == LATER
    before = client.get(reverse("review") + key).context["compared"]
    assert before and not any(one.has_changed for one in before)
    services.reopen_case(actor=company.actor("quality"), case=month["plain"], reason="没好", now=LATER)
    after = client.get(reverse("review") + key).context["compared"]
    assert [one.kept for one in after if one.has_changed] and [one.kept for one in after] == [
        one.kept for one in before
    ]
