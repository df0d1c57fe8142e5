"""The made company's cases are what the services would have left, repeatable, visibly made up, and quiet about the past."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import company_zone
from bihuan.packs.pack import PACKS
from bihuan.packs.services import install_pack
from bihuan.packs.simulation.cases import read_words
from bihuan.packs.simulation.run import simulate
from bihuan.sales.models import OrderLine, Receivable
from bihuan.service.keeping import COLUMNS, events_of, fold
from bihuan.service.models import (
    Case,
    CaseClock,
    CaseEvent,
    CaseNotice,
    Investigation,
    Objection,
    QualityCost,
)
from bihuan.service.promised import promised_now
from bihuan.service.rules import MUST_NAME_CAUSE, next_due, status_after
from bihuan.service.sweeping import sweep

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


def make(pack: str = "terpene", customers: int = 70, truths: Path | None = None) -> None:
    install_pack(pack, now=NOW)
    simulate(
        actor=SYSTEM,
        pack=pack,
        customers=customers,
        years=2,
        seed=3,
        until=NOW.date(),
        now=NOW,
        truths=truths,
    )


@pytest.mark.parametrize("pack", PACKS)
def test_what_is_kept_of_a_case_is_what_its_events_say(pack: str):
    make(pack)
    promised = promised_now()
    cases = list(Case.objects.order_by("pk"))
    assert len(cases) > 80
    events = events_of(one.pk for one in cases)
    clocks: dict[int, dict[str, CaseClock]] = {}
    for row in CaseClock.objects.all():
        clocks.setdefault(row.case_id, {})[row.kind] = row
    for case in [*cases[::7], *(one for one in cases if one.status not in ("closed", "solved"))]:
        happened = events[case.pk]
        assert [one.at for one in happened] == sorted(one.at for one in happened)
        assert happened[0].kind == "opened" and happened[0].at == case.opened_at
        assert case.updated_at == happened[-1].at <= NOW
        folded = fold(happened, promised, NOW)
        assert case.status == status_after(one.kind for one in happened)
        assert (case.next_due_at, case.next_due_kind) == next_due(folded)
        kept = clocks.get(case.pk, {})
        assert set(kept) == {one.kind for one in folded}
        for clock in folded:
            row = kept[clock.kind]
            assert (row.started_at, row.due_at, row.stopped_at) == (
                clock.started_at,
                clock.due_at,
                clock.stopped_at,
            )
            assert (row.is_breached, row.is_waiting, row.promise) == (
                clock.breached,
                clock.waiting,
                clock.promise,
            )
        last_solved = max((one.at for one in happened if one.kind == "solved"), default=None)
        assert case.solved_at == (last_solved if case.status in ("solved", "closed") else None)
        if case.status == "closed" and case.kind in MUST_NAME_CAUSE:
            assert case.cause
    assert COLUMNS  # the columns that a cache of clocks has
    see_objections()


def see_objections() -> None:
    """One at each stage that a new user should see, about goods that the customer bought; what is settled is credited."""
    rows = list(Objection.objects.select_related("case", "product", "settlement"))
    assert Counter(one.stage for one in rows) == Counter(
        [
            "submitted",
            "admitted",
            "assessed",
            "refused",
            "proposal",
            "signed",
            "withdrawn",
            "settled",
            "closed",
            "closed",
        ]
        + ["checked"] * 2  # one of them waits for its retained sample
    )
    assert CaseClock.objects.filter(kind="retest", stopped_at=None).count() == 1
    for one in rows:
        bought = OrderLine.objects.filter(
            customer=one.case.customer_id, product=one.product, order__number=one.contract
        )
        assert bought.exists() and one.defect.startswith("演示")
        assert Decimal(0) < (one.quantity_claimed or Decimal(0)) <= (one.quantity_delivered or Decimal(0))
        if one.stage in ("settled", "closed"):
            assert one.settlement is not None and one.settlement.amount + (one.amount_accepted or 0) == 0
            assert Receivable.objects.get(order=one.settlement).amount == one.settlement.amount
    assert {one.case.status for one in rows if one.stage in ("closed", "withdrawn")} == {"closed"}


def test_nobody_is_told_of_what_is_long_past():
    make()
    assert not CaseClock.objects.filter(stopped_at__isnull=False, next_moment_at__isnull=False).exists()
    told = CaseNotice.objects.all()
    assert not told.filter(case__closed_at__isnull=False).exists()
    before = told.count()
    assert before < 200
    assert sweep(NOW).clocks == 0 and told.count() == before
    assert not CaseClock.objects.filter(next_moment_at__lte=NOW).exists()


def test_people_report_by_day_some_are_served_late_and_costs_follow():
    make(customers=250)
    local = [one.astimezone(company_zone()) for one in Case.objects.values_list("opened_at", flat=True)]
    hours, days = Counter(one.hour for one in local), Counter(one.weekday() for one in local)
    assert sum(hours[hour] for hour in range(6)) < len(local) * 0.05
    assert hours[12] < min(hours[10], hours[15])
    assert (days[5] + days[6]) / 2 < min(days[day] for day in range(5))
    for kind in ("response", "resolution"):
        ended = CaseClock.objects.filter(kind=kind, stopped_at__isnull=False)
        late = ended.filter(is_breached=True).count() / ended.count()
        assert 0.02 < late < 0.35, (kind, late)
    assert Investigation.objects.filter(closed_at__isnull=False).exists()
    assert Investigation.objects.filter(closed_at__isnull=True).exists()
    assert QualityCost.objects.exists()
    open_ones = QualityCost.objects.exclude(case__closed_at__isnull=False)
    assert not open_ones.exclude(case__objection__stage="settled").exists()
    assert not QualityCost.objects.exclude(customer=F("case__customer")).exists()


def test_the_same_seed_gives_the_same_cases():
    def facts() -> list[Any]:
        # Files are named by their keys, which a database does not give twice.
        rows = CaseEvent.objects.exclude(kind="attached").order_by("pk")
        return list(rows.values_list("case__number", "at", "kind", "data"))

    from django.db import transaction

    found = []
    for _twice in range(2):
        try:
            with transaction.atomic():
                make(customers=40)
                found.append([(at, kind, data) for _number, at, kind, data in facts()])
                raise RuntimeError
        except RuntimeError:
            pass
    assert found[0] == found[1] and found[0]


def test_causes_fall_like_a_pareto_and_repeats_are_told_to_the_file_only(tmp_path: Path):
    make(customers=200, truths=tmp_path / "truths.jsonl")
    words = read_words("terpene")
    causes = Counter(Case.objects.exclude(cause="").values_list("cause", flat=True))
    assert causes.most_common(1)[0][0].startswith(words["defects"][0]["cause"])
    assert sum(count for _cause, count in causes.most_common(3)) > sum(causes.values()) * 0.7
    truths = [
        json.loads(line) for line in (tmp_path / "truths.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    planted = [one for one in truths[1:] if one["truth"] == "repeats"]
    assert len(planted) >= 3
    for one in planted:
        rows = list(Case.objects.filter(number__in=one["cases"]).order_by("opened_at"))
        assert len(rows) == len(one["cases"]) >= 3
        assert rows[-1].opened_at - rows[0].opened_at < timedelta(days=30)
        if one["by"] == "customer":
            assert len({row.customer_id for row in rows}) == 1
        if one["by"] == "lot":
            assert all(one["lot"] in row.text for row in rows)
    assert all("（演示）" in one for one in Case.objects.values_list("text", flat=True))
    assert all(one.startswith("演示") for one in Case.objects.values_list("title", flat=True))
