"""Cases of the made company: written after its customers, with the clocks that the services would have kept.

The courses are drawn first, folded by the matrix in force, and written in sets. Journal and outbox stay empty, as for all
that is loaded; so do notices of moments long past: only what runs now is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import batched
from typing import Any

import numpy as np
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max, Sum

from bihuan.customers.models import Contact, Customer
from bihuan.kernel.clocks import Event
from bihuan.kernel.references import tidy_key
from bihuan.kernel.time import company_zone, local_date
from bihuan.packs.pack import read_yaml
from bihuan.people.actors import actor_for
from bihuan.people.models import User
from bihuan.sales.models import Order
from bihuan.service.keeping import keep_clocks
from bihuan.service.models import Case, CaseEvent, CaseReference, QualityCost
from bihuan.service.promised import Promised, promised_once
from bihuan.service.rules import MUST_NAME_CAUSE
from bihuan.service.services.routing import desk_for
from bihuan.service.sweeping import sweep

from .case_course import Step, Words, course_of, reported
from .case_investigations import make_investigations
from .case_objections import make_objections
from .plan import Plan
from .plants.making import FRESH, MadePlant

A_CUSTOMER_YEAR = 0.8
MOST = 2_000
RECENT = 48
RECENT_DAYS = 3
REPEATS = 5
FRESH_DAYS = 1
AT_ONCE = 500
MARK = "（演示）"


@dataclass
class Draft:
    """A case before it is written: who reports what when, and what came of it."""

    at: datetime
    customer: int
    kind: str
    defect: int = -1
    ask: int = 0
    lot: str = ""
    group: int = -1
    steps: list[Step] = field(default_factory=list)


def make_cases(plan: Plan, plant: MadePlant, *, now: datetime, tell: Callable[[dict[str, Any]], None]) -> int:
    """Write the cases of a plan's customers; returns how many. Complaints refer to lots that the customer had from the plant.
    `tell` takes the planted truths."""
    words = read_words(plan.pack)
    rng = plan.rng("cases", 0)
    with promised_once() as promised:
        people = _People.of(plan)
        if not people.customers or not people.agents:
            return 0
        drafts = _drafts(rng, plan, words, people, plant, now)
        first = (Case.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        cases: list[Case] = []
        for chunk in batched(enumerate(drafts, first), AT_ONCE):
            cases += _write(rng, chunk, words, promised, people, now)
        _continue_numbering()
        _post_costs(rng, cases, drafts, words, people, now)
        groups: dict[int, list[Case]] = {}
        for draft, case in zip(drafts, cases, strict=True):
            if draft.group >= 0:
                groups.setdefault(draft.group, []).append(case)
        for group, members in groups.items():
            draft = next(one for one in drafts if one.group == group)
            tell({
                "truth": "repeats", "by": ("lot", "customer", "defect")[group % 3], "lot": draft.lot,
                "defect": words["defects"][draft.defect]["title"], "cause": words["defects"][draft.defect]["cause"],
                "cases": [one.number for one in members],
            })  # fmt: skip
        make_investigations(groups, {one.group: words["defects"][one.defect] for one in drafts}, now=now)
        objections = make_objections(
            plan.rng("objections", 0),
            people.customers,
            people.weights / people.weights.sum(),
            words["defects"],
            now=now,
        )
        sweep(now)
    return len(cases) + objections


def read_words(pack: str) -> dict[str, Any]:
    """The pack's words for cases."""
    found: dict[str, Any] = read_yaml(pack, "cases.yaml")
    return found


@dataclass
class _People:
    """Customers with their weight, team and rank; who may handle cases."""

    customers: list[int]
    weights: np.ndarray
    rank: Mapping[int, float]
    team: Mapping[int, int | None]
    seller: Mapping[int, User]
    contact: Mapping[int, int]
    agents: list[User]
    desk: Mapping[int | None, int | None]

    @classmethod
    def of(cls, plan: Plan) -> _People:
        prefix = Customer.objects.filter(merged_into=None).order_by("-pk")[: plan.customers]
        rows = list(prefix.values_list("pk", "team_id", "owner_a_id"))[::-1]
        bought = dict(
            Order.objects.filter(customer__gte=rows[0][0] if rows else 0)
            .order_by().values_list("customer").annotate(Sum("amount"))
        )  # fmt: skip
        customers = [pk for pk, *_rest in rows if pk in bought]
        order = sorted(customers, key=lambda pk: (-bought[pk], pk))
        rank = {pk: place / max(1, len(order)) for place, pk in enumerate(order)}
        users = User.objects.filter(is_active=True, roles__role__in=("service_agent", "technical", "quality"))
        agents = [one for one in users.order_by("pk").distinct() if actor_for(one).may("case", "edit")]
        sellers = {
            one.pk: one for one in User.objects.filter(pk__in={owner for *_rest, owner in rows if owner})
        }
        contacts = Contact.objects.filter(customer__gte=rows[0][0] if rows else 0)
        teams = {pk: team for pk, team, _owner in rows}
        return cls(
            customers,
            np.array([1.6 - rank[pk] for pk in customers]),
            rank,
            teams,
            {pk: sellers[owner] for pk, _team, owner in rows if owner},
            dict(contacts.filter(is_primary=True).values_list("customer_id", "pk")),
            agents,
            {team: desk_for(team) for team in set(teams.values())},
        )


def _drafts(
    rng: np.random.Generator,
    plan: Plan,
    words: Mapping[str, Any],
    people: _People,
    plant: MadePlant,
    now: datetime,
) -> list[Draft]:
    """Who reports what when, with the repeats that are planted; in order of time."""
    zone, start = company_zone(), now - timedelta(days=plan.days)
    size = min(MOST, round(plan.customers * plan.years * A_CUSTOMER_YEAR))
    recent = min(RECENT, max(3, plan.customers // 8))
    moments = reported(rng, zone, start, now, size)
    moments += reported(rng, zone, now - timedelta(days=RECENT_DAYS), now, recent)
    kinds, shares = list(words["shares"]), np.array(list(words["shares"].values()), dtype=float)
    ranks = 1 / np.arange(1, len(words["defects"]) + 1) ** 1.3
    weights = people.weights / people.weights.sum()
    found = []
    for at in moments:
        kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
        defect = int(rng.choice(len(ranks), p=ranks / ranks.sum())) if kind in MUST_NAME_CAUSE else -1
        customer = people.customers[int(rng.choice(len(weights), p=weights))]
        found.append(Draft(at, customer, kind, defect, int(rng.integers(0, 100)), plant.lot_of(customer, at)))
    found += _planted(rng, words, people, plant, start, now)
    found += _fresh(rng, words, plant, now)
    return sorted(found, key=lambda one: (one.at, one.customer))


def groups_of_lots(plan: Plan, now: datetime) -> dict[int, datetime]:
    """The groups of complaints that are to come of one lot, with their beginning: the plant plants a cause for each. The newest
    first, as the first cause of a pack is the one to show."""
    found = {FRESH: now - timedelta(days=FRESH_DAYS)}
    for group in reversed(range(REPEATS)):
        if group % 3 == 0 and (ends := _end_of(group, now)) - timedelta(days=30) >= now - timedelta(
            days=plan.days
        ):
            found[group] = ends - timedelta(days=20)
    return found


def _end_of(group: int, now: datetime) -> datetime:
    return now - timedelta(days=6 + (REPEATS - 1 - group) * 80)


def _planted(
    rng: np.random.Generator,
    words: Mapping[str, Any],
    people: _People,
    plant: MadePlant,
    start: datetime,
    now: datetime,
) -> Iterator[Draft]:
    """Repeats by lot (customers apart), by customer, and by defect, spread over the years; the last is recent."""
    zone = company_zone()
    for group in range(REPEATS):
        ends = _end_of(group, now)
        if ends - timedelta(days=30) < start:
            continue
        defect = int(rng.integers(0, len(words["defects"])))
        by = group % 3
        first = ends - timedelta(days=20)
        same = people.customers[int(rng.integers(0, len(people.customers)))]
        chosen = plant.planted.get(group) if by == 0 else None
        had: list[tuple[int, str]] = []
        if chosen is not None:
            had = plant.receivers([chosen.node.made], first)
            defect = _defect_called(words, chosen.cause.defect)
        for place, at in enumerate(reported(rng, zone, first, ends, 4 if by else 3)):
            customer = same if by == 1 else people.customers[int(rng.integers(0, len(people.customers)))]
            lot = plant.lot_of(customer, at)
            if had:
                customer, lot = had[place % len(had)]
            yield Draft(at, customer, "complaint", defect, 0, lot, group)


def _fresh(
    rng: np.random.Generator, words: Mapping[str, Any], plant: MadePlant, now: datetime
) -> Iterator[Draft]:
    """Complaints of the last hours about a lot with a planted cause: nobody has looked at it yet."""
    chosen = plant.planted.get(FRESH)
    if chosen is None:
        return
    had = plant.receivers([chosen.node.made], now - timedelta(days=FRESH_DAYS))
    for place, (customer, lot) in enumerate(had[:2]):
        at = now - timedelta(minutes=int(rng.integers(5, 40)) + 45 * place)
        yield Draft(at, customer, "complaint", _defect_called(words, chosen.cause.defect), 0, lot)


def _defect_called(words: Mapping[str, Any], title: str) -> int:
    return next(at for at, one in enumerate(words["defects"]) if one["title"] == title)


def _write(
    rng: np.random.Generator,
    chunk: tuple[tuple[int, Draft], ...],
    words: Mapping[str, Any],
    promised: Promised,
    people: _People,
    now: datetime,
) -> list[Case]:
    tiers = list(promised.matrix.tiers)
    channels = [one.id for one in promised.matrix.channels if one.id != "visit"]
    zone = company_zone()
    cases, events = [], []
    for identity, draft in chunk:
        case = _case(rng, identity, draft, words, promised, people, tiers, channels)
        attributes = promised.attributes(
            kind=case.kind, tier=case.tier, severity=case.severity, urgency=case.urgency, channel=case.channel
        )
        clocks = promised.desk.clocks([Event(draft.at, "opened", attributes)], draft.at)
        said = _said(draft, words)
        draft.steps = course_of(
            rng, zone, draft.at, clocks, severity=case.severity, rank=people.rank[draft.customer], words=said,
            stops=promised.event_that_stops, may_wait="waiting_for_customer" in promised.pause_reasons,
        )  # fmt: skip
        draft.steps = [one for one in draft.steps if one[0] <= now]
        handler = case.owner or people.agents[0]
        _carry(case, draft, said)
        opening = (draft.at, "opened", {"attributes": attributes, "text": case.text})
        for at, kind, data in (opening, *draft.steps):
            events.append(
                CaseEvent(
                    case_id=identity,
                    at=at,
                    kind=kind,
                    actor=f"staff:{handler.pk}",
                    actor_name=handler.name,
                    data=data,
                )
            )
        if not draft.steps and rng.random() < 0.3:
            case.owner, case.team_id = None, people.desk[people.team[draft.customer]]
        cases.append(case)
    Case.objects.bulk_create(cases, batch_size=AT_ONCE)
    CaseEvent.objects.bulk_create(events, batch_size=AT_ONCE)
    CaseReference.objects.bulk_create(
        (
            CaseReference(case_id=identity, kind="lot", key=tidy_key(draft.lot), label=draft.lot)
            for identity, draft in chunk
            if draft.lot and draft.defect >= 0
        ),
        batch_size=AT_ONCE,
    )
    keep_clocks(cases, promised, now)
    return cases


def _case(
    rng: np.random.Generator,
    identity: int,
    draft: Draft,
    words: Mapping[str, Any],
    promised: Promised,
    people: _People,
    tiers: list[str],
    channels: list[str],
) -> Case:
    rank = people.rank[draft.customer]
    tier = tiers[min(len(tiers) - 1, int(np.searchsorted((0.08, 0.35, 0.8), rank)))] if tiers else ""
    severity = promised.severity_of(draft.kind)
    if draft.kind in MUST_NAME_CAUSE:
        severity = int(rng.choice((1, 2, 3), p=(0.08, 0.62, 0.30)))
    owner = people.agents[int(rng.integers(0, len(people.agents)))]
    if draft.defect >= 0:
        defect = words["defects"][draft.defect]
        title = defect["title"]
        text = defect["text"] + (f"批号 {draft.lot}。" if draft.lot else "")
    else:
        asks = words["asks"][draft.kind]
        title = asks[draft.ask % len(asks)][0]
        text = f"客户来询：{title}。"
    return Case(
        pk=identity, number=f"{local_date(draft.at):%y%m}-{identity:06d}", kind=draft.kind,
        title=f"演示：{title}", text=text + MARK, customer_id=draft.customer,
        contact_id=people.contact.get(draft.customer), severity=severity,
        urgency=str(rng.choice(("regular", "urgent", "critical"), p=(0.85, 0.13, 0.02))),
        channel=channels[int(rng.integers(0, len(channels)))] if channels else "",
        owner=owner, team_id=owner.team_id or people.desk[people.team[draft.customer]], tier=tier,
        opened_at=draft.at, created_at=draft.at, updated_at=draft.at,
    )  # fmt: skip


def _said(draft: Draft, words: Mapping[str, Any]) -> Words:
    if draft.defect >= 0:
        defect = words["defects"][draft.defect]
        return Words(
            f"已收到，先请保留样品{f'与批号 {draft.lot}' if draft.lot else ''}，我们马上核查{MARK}",
            defect["solution"] + MARK,
            defect["cause"] + MARK,
        )
    asks = words["asks"][draft.kind]
    answer = asks[draft.ask % len(asks)][1] + MARK
    return Words("已收到，正在处理" + MARK, answer)


def _carry(case: Case, draft: Draft, said: Words) -> None:
    """What the services would have left in the case's own columns."""
    for at, kind, data in draft.steps:
        case.updated_at = at
        case.version += 1
        if kind == "solved":
            case.solution, case.solved_at = data["text"], at
        elif kind == "reopened":
            case.solved_at = case.closed_at = case.satisfaction = None
        elif kind == "called_back":
            case.satisfaction = data["satisfaction"]
        elif kind == "closed":
            case.closed_at = at
            case.cause = said.cause


def _post_costs(
    rng: np.random.Generator,
    cases: list[Case],
    drafts: list[Draft],
    words: Mapping[str, Any],
    people: _People,
    now: datetime,
) -> None:
    """What closed complaints cost, to external failure; the commonest cause is not the dearest."""
    cost, rows = words["cost"], []
    for case, draft in zip(cases, drafts, strict=True):
        if case.closed_at is None or draft.defect < 0 or rng.random() > 0.7:
            continue
        dear = 0.6 + 0.5 * ((draft.defect * 2) % 5)
        amount = Decimal(str(round(cost["median"] * dear * float(rng.lognormal(0, cost["spread"])), 2)))
        rows.append(QualityCost(
            category="external", amount=max(amount, Decimal("1")), incurred_on=local_date(case.closed_at), text="折让与处理费" + MARK,
            factor=words["defects"][draft.defect]["factor"], customer_id=draft.customer, case=case,
            created_at=case.closed_at, created_by=people.agents[0].name,
        ))  # fmt: skip
    QualityCost.objects.bulk_create(rows, batch_size=AT_ONCE)


def _continue_numbering() -> None:
    """The cases came with their numbers: PostgreSQL's sequence goes on after them."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Case]):
            cursor.execute(statement)
