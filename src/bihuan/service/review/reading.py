"""What the page, the PDF and the signing read: one review with its figures, as the actor may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models.functions import Upper
from django.http import Http404

from bihuan.catalog.records import PRODUCT
from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.references import tidy_key
from bihuan.kernel.time import company_zone, local_date
from bihuan.people.models import Team, User

from ..models import Review, ReviewDecision, ReviewMinutes
from ..promised import Promised
from ..queries_quality_cost import sees_costs
from . import figures
from .figures import Actions, Figures, Narrowed, figures_of
from .links import Links
from .period import Period, read_period
from .queries import decisions_for, find_review, minutes_of, teams_for, with_those_below
from .rules import Bar, causes_by_label
from .showing import Line, ageing_lines, compared, cost_lines, main_lines, on_time_lines

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Asked:
    """What the reader asks for: the period, a team, a kind of case, a tier, a product (`product_name` "": there is none
    of this code)."""

    period: Period
    teams: list[Team]
    team: Team | None
    kind: str
    tier: str
    tiers: tuple[str, ...]
    product: str = ""
    product_name: str = ""
    may_products: bool = False

    @property
    def has_minutes(self) -> bool:
        """Minutes are of a month and a team (or the company), not of a part of the cases."""
        return self.period.months == 1 and not (self.kind or self.tier or self.product)

    @property
    def product_said(self) -> str:
        return f"{self.product} {self.product_name}".strip()

    @property
    def narrowed(self) -> Narrowed:
        teams = None if self.team is None else with_those_below(self.team.pk)
        return Narrowed(teams, self.kind, self.tier, self.product)

    @property
    def query(self) -> dict[str, str]:
        return {
            "team": str(self.team.pk) if self.team else "",
            "kind": self.kind,
            "tier": self.tier,
            "product": self.product,
        }


def asked_by(actor: Actor, query: Mapping[str, str], promised: Promised, now: datetime) -> Asked:
    """Read the address. 404 for a team that is not the actor's to review, for a kind or tier that there is not, for a
    product to whom sees none.

    Who reaches only teams and names none reviews the own one.
    """
    teams = teams_for(actor)
    by_id = {str(one.pk): one for one in teams}
    wanted = query.get("team", "")
    if wanted and wanted not in by_id:
        raise Http404("team")
    team = by_id.get(wanted)
    if team is None and actor.scope("review") is not Scope.ALL:
        own = User.objects.filter(pk=actor.user_id or 0).values_list("team_id", flat=True).first()
        team = by_id.get(str(own)) or next(iter(teams), None)
        if team is None:
            raise Http404("team")
    tiers = tuple(promised.matrix.tiers) if _may_ask_tiers(actor) else ()
    kind, tier = query.get("kind", ""), query.get("tier", "")
    if (kind and kind not in promised.kind_labels()) or (tier and tier not in tiers):
        raise Http404("choice")
    period = read_period(query.get("period", ""), local_date(now), company_zone())
    if period.first > local_date(now):
        raise Http404("period")
    product, may_products = tidy_key(query.get("product", "")), _may_ask_products(actor)
    if product and not may_products:
        raise Http404("product")
    return Asked(period, teams, team, kind, tier, tiers, product, _name_of(actor, product), may_products)


def _may_ask_tiers(actor: Actor) -> bool:
    return actor.scope("decision") >= actor.scope("case") and FieldClass.PUBLIC in actor.classes("decision")


def _may_ask_products(actor: Actor) -> bool:
    return actor.scope("product") >= actor.scope("case") and FieldClass.PUBLIC in actor.classes("product")


def _name_of(actor: Actor, product: str) -> str:
    """The name of the product of that code; "" where there is none that the actor sees."""
    if not product:
        return ""
    rows = PRODUCT.visible_to(actor).alias(upper=Upper("code")).filter(upper=product)
    return rows.values_list("name", flat=True).first() or ""


@dataclass(frozen=True)
class Read:
    """A review as it is shown."""

    asked: Asked
    present: Figures
    main: list[Line]
    on_time: list[Line]
    ageing: list[Line]
    costs: list[Line]
    causes: list[Bar]
    cause_costs: list[Bar]
    actions: Actions
    review: Review | None
    minutes: list[ReviewMinutes]
    decisions: list[ReviewDecision]
    sees_costs: bool
    sees_causes: bool

    @property
    def sections(self) -> list[list[Line]]:
        return [self.main, self.on_time, self.ageing, self.costs]


def read_review(actor: Actor, asked: Asked, promised: Promised, now: datetime) -> Read:
    """The figures of the period and of the one before, with the minutes."""
    narrowed, period = asked.narrowed, asked.period
    one = figures_of(actor, narrowed, period, now)
    before = figures_of(actor, narrowed, period.before, now)
    rows = figures.cases_seen(actor, narrowed)
    may_costs = sees_costs(actor)
    links = Links(period, asked.query)
    review, decisions = None, []
    if asked.has_minutes:
        team = asked.team.pk if asked.team else None
        review = find_review(actor, period.first, team)
        decisions = decisions_for(actor, period.first, team)
    return Read(
        asked=asked,
        present=one,
        main=links.on(main_lines(one, before)),
        on_time=links.on(on_time_lines(one, before, promised.clock_labels())),
        ageing=links.on(ageing_lines(one, before)),
        costs=links.on(cost_lines(one, before)) if may_costs else [],
        causes=links.bars(causes_by_label(figures.causes(actor, rows, period)), "cause"),
        cause_costs=links.bars(causes_by_label(figures.cause_costs(actor, narrowed, period)), "cause_cost"),
        actions=figures.actions(actor, narrowed, period.until, period.until_at),
        review=review,
        minutes=minutes_of(review),
        decisions=decisions,
        sees_costs=may_costs,
        sees_causes=FieldClass.TECHNICAL in actor.classes("case"),
    )


def document_of(read: Read, promised: Promised, now: datetime, words: Mapping[str, Any]) -> dict[str, Any]:
    """The review as `service/monthly_review` prints it."""
    asked = read.asked

    def rows(lines: list[Line]) -> list[list[str]]:
        return [
            [one.label, one.said, one.before, " · ".join(filter(None, (one.n, one.interval))), one.target]
            for one in lines
        ]

    def bars(found: list[Bar]) -> list[dict[str, Any]]:
        most = max((one.amount for one in found), default=0)
        return [
            {
                "label": one.label,
                "amount": one.amount.quantize(1)
                if one.amount == one.amount.to_integral()
                else one.amount.quantize(CENT),
                "width": int(one.amount * 1000 / most) if most else 0,
                "cumulated": f"{one.cumulated * 100:.1f}%",
            }
            for one in found
        ]

    last = read.minutes[0] if read.minutes else None
    kept = (read.review.figures if read.review else None) or {}
    return {
        "words": dict(words),
        "period": asked.period.text,
        "team": asked.team.name if asked.team else "",
        "narrowed": [
            one for one in (promised.kind_labels().get(asked.kind, ""), asked.tier, asked.product_said) if one
        ],
        "made_at": now.astimezone(company_zone()),
        "main": rows(read.main),
        "on_time": rows(read.on_time),
        "ageing": rows(read.ageing),
        "costs": rows(read.costs),
        "causes": bars(read.causes),
        "cause_costs": bars(read.cause_costs),
        "actions": [
            [one.investigation.number, one.text, one.owner.name if one.owner else "", one.due_on.isoformat()]
            for one in read.actions.rows
        ],
        "open_actions": read.actions.open,
        "overdue_actions": read.actions.overdue,
        "attendees": last.attendees if last else "",
        "minutes": [
            {"topic": str(label), "text": last.topics[name]}
            for name, label in words["topics"].items()
            if last and last.topics.get(name)
        ],
        "decisions": [
            [one.text, one.owner.name, one.due_on.isoformat(), one.done_on.isoformat() if one.done_on else ""]
            for one in read.decisions
        ],
        "changed": [
            [one.label, one.kept, one.now]
            for one in compared(kept, [one for part in read.sections for one in part], read.sees_costs)
            if one.has_changed
        ],
        "signed": (
            {"by": read.review.signed_by, "at": read.review.signed_at.astimezone(company_zone())}
            if read.review and read.review.signed_at
            else None
        ),
    }
