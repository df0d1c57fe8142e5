"""Every figure of the review leads to the very cases that it counts, and shows nobody more than the figure does."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from bihuan.catalog.models import Product
from bihuan.kernel.clocks.instants import to_micros
from bihuan.kernel.pages.lists import ListState
from bihuan.service import services
from bihuan.service.lists import CASES
from bihuan.service.lists_investigation import QUALITY_COSTS
from bihuan.service.models import Case
from bihuan.service.records import CASE
from bihuan.service.references.reading import Referred, keep_references
from bihuan.service.review.behind import cases_behind, read_behind
from bihuan.service.review.figures import cases_seen, causes
from bihuan.service.review.links import Links
from bihuan.service.review.micros import Micros
from bihuan.service.review.period import named_period
from bihuan.service.review.rules import causes_by_label

from .desk import ZONE, Company, at, opened
from .test_review import ALL, LATER, MARCH, month, solve

__all__ = ["month"]  # the fixture


def listed(company: Company, address: str, by: str = "director") -> int:
    """How many a list holds behind an address of the review; every filter of the address was understood."""
    path, _mark, given = address.partition("?")
    page = CASES if path == reverse("cases") else QUALITY_COSTS
    query = QueryDict(given)
    state = ListState(page, company.actor(by), query)
    assert not state.notices and {one.partition(".")[0] for one in query} == set(state.values), address
    return state.count()


def test_every_figure_leads_to_the_very_cases_that_it_counts(
    company: Company, month: dict[str, Case], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BIHUAN_NOW", LATER.isoformat())
    about = Product.objects.create(code="p-1", name="演示酸", created_at=LATER, updated_at=LATER)
    keep_references(month["february"], [Referred("product", "P-1", "P-1")])
    for query in ("period=2026-03", "period=2026-04", "period=2026-03&kind=complaint", "period=2026-Q1&product=p-1",
                  f"period=2026-03&team={company.region.pk}"):  # fmt: skip
        answer = company.client("director").get(f"{reverse('review')}?{query}")
        read, one = answer.context["read"], answer.context["read"].present
        shares = {"first_attempt": one.first_attempt, "repeats": one.repeats, "satisfied": one.satisfied.top}
        shares |= {f"on_time.{kind}": share for kind, share in one.on_time.items()}
        for line in (*read.main, *read.on_time, *read.ageing):
            if line.key in shares:
                share = shares[line.key]
                parts = [listed(company, url) for url in (line.said_url, line.rest_url, line.url)]
                assert parts == [share.part, share.n - share.part, share.n], (query, line.key)
            else:
                n = {"median": one.taken.n, "ninety": one.taken.n, "mean": one.satisfied.top.n}
                expected = n[line.key] if line.key in n else int(line.raw)
                assert listed(company, line.url) == expected, (query, line.key)
        assert [listed(company, bar.url) for bar in read.causes] == [
            int(bar.amount) for bar in read.causes
        ], query
        costs = {line.key: listed(company, line.url) for line in read.costs}
        assert costs["cost.external"] == costs["cost.all"] == (one.costs != {}), query
    assert f"{about.code.upper()} {about.name}" in answer.content.decode() or read.asked.team is not None
    before = company.client("director").get(f"{reverse('review')}?period=2026-04").context["read"].main
    for line in before[:3]:
        assert listed(company, line.before_url) == int(line.before)


def test_the_last_bar_leads_to_the_causes_that_have_none(company: Company):
    for number in range(10):
        case = opened(company, at("03-02 09:00"), kind="complaint", severity=3, text=f"演示：{number}")
        solve(company, case, "03-03 10:00", cause=f"原因{min(number, 8)}\n{number}")
    director = company.actor("director")
    bars = Links(MARCH, {}).bars(causes_by_label(causes(director, cases_seen(director, ALL), MARCH)), "cause")
    assert [listed(company, one.url) for one in bars] == [int(one.amount) for one in bars]
    assert (len(bars), bars[0].label, bars[0].amount, bars[-1].amount) == (8, "原因8", 2, 2)
    # Who may not read causes learns nothing by asking for one.
    asked = read_behind("2026-03:cause:=原因8", lambda text: MARCH)
    assert asked is not None
    for by, n in (("director", 2), ("dispatcher", 0)):
        actor = company.actor(by)
        assert cases_behind(CASE.visible_to(actor), asked, actor, LATER).count() == n, by
    cost = read_behind("2026-03:cost:all", lambda text: MARCH)
    assert cost is not None
    first = Case.objects.earliest("pk")
    services.post_case_cost(actor=director, case=first, amount=Decimal(5), now=at("03-12 12:00"))
    for by, n in (("director", 1), ("agent", 0)):
        actor = company.actor(by)
        assert cases_behind(CASE.visible_to(actor), cost, actor, LATER).count() == n, by
    for nonsense in (
        "",
        "2026-03",
        "2026-03:",
        "2026-03:nothing",
        "2026-03:opened:x",
        "2026-03:age",
        "x:opened",
    ):
        assert read_behind(nonsense, lambda text: named_period(text, ZONE)) is None


def test_moments_in_the_database_are_exact(company: Company):
    case = opened(company, at("03-02 09:00"), kind="question", severity=3, text="演示")
    for moment in (
        at("03-02 09:00"),
        at("03-02 09:00") + timedelta(microseconds=120_003),
        datetime(1969, 12, 31, 23, 59, 59, 5, tzinfo=ZONE),
    ):
        Case.objects.filter(pk=case.pk).update(opened_at=moment)
        assert Case.objects.annotate(m=Micros("opened_at")).get(pk=case.pk).m == to_micros(moment)
