"""What the pages about policies, proposals and decisions read; everything cut to what the actor may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.labels import in_language
from bihuan.policy import run_cases
from bihuan.policy.model import All, AnyOf, Compare, Condition, Not
from bihuan.rulebook.models import PolicyVersion, StoredPolicy
from bihuan.rulebook.queries import find_draft, parsed_document, policies_visible_to, version_in_force
from bihuan.rulebook.wording import KINDS, SCHEDULES

from ..access import decisions_visible_to, items_visible_to
from ..models import Decision, MetricRow, Proposal, ProposalItem, Standing
from ..queries import class_of, metric_rows_visible_to
from .evidence import Seen, outcome_text, read_outcome
from .reasons import ShownReason, Words, readable_score, said_reasons, say_value
from .seeing import inputs_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy as the list shows it."""

    name: str
    title: str
    kind: str
    version: PolicyVersion | None
    draft: PolicyVersion | None
    schedule: str


def policy_lines(actor: Actor, today: date) -> list[PolicyLine]:
    lines = []
    for row in policies_visible_to(actor):
        version = version_in_force(row.name, today)
        wording = version.document if version else {}
        lines.append(
            PolicyLine(
                name=row.name,
                title=in_language(row.title),
                kind=str(KINDS.get(row.kind, row.kind)),
                version=version,
                draft=find_draft(row),
                schedule=str(SCHEDULES.get(wording.get("schedule") or "", "")),
            )
        )
    return lines


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """A named number of a policy, as a field of the form."""

    name: str
    label: str
    value: str
    shown: str
    unit: str
    source: str


def threshold_lines(document: Mapping[str, Any]) -> list[ThresholdLine]:
    policy = parsed_document(document)
    return [
        ThresholdLine(
            name=one.name,
            label=in_language(one.label) or one.name,
            value=format(one.value.normalize(), "f"),
            shown=say_value(one.value, one.unit or "count"),
            unit=one.unit or "",
            source=one.source,
        )
        for one in policy.thresholds.values()
    ]


@dataclass(frozen=True, slots=True)
class TierLine:
    id: str
    label: str
    colour: str
    condition: list[str]
    customers: int
    revenue: Decimal | None


def tier_lines(actor: Actor, document: Mapping[str, Any]) -> list[TierLine]:
    """The tiers with their conditions in words, how many of the customers whose decisions the actor sees hold each, and
    what these bring."""
    policy, words = parsed_document(document), Words(document)
    held = {one.tier: one for one in tiers_held(actor)}
    return [
        TierLine(
            id=tier.id,
            label=in_language(tier.label),
            colour=tier.colour or "",
            condition=[_("everybody else")] if tier.when is None else said_condition(tier.when, words),
            customers=held[tier.id].customers if tier.id in held else 0,
            revenue=held[tier.id].revenue if tier.id in held else None,
        )
        for tier in policy.tiers
    ]


@dataclass(frozen=True, slots=True)
class TierHeld:
    """How many customers hold a tier, and their revenue of twelve months (None for who may not see it)."""

    tier: str
    customers: int
    revenue: Decimal | None


def tiers_held(actor: Actor) -> list[TierHeld]:
    seen = customers_within(actor, "decision", "view").filter(merged_into=None)
    figures: dict[str, Any] = {"n": Count("pk")}
    if class_of("revenue_12m") in actor.classes("metric") and actor.scope("metric") >= actor.scope(
        "decision"
    ):
        figures["revenue"] = Sum("metrics__revenue_12m")
    by_tier: QuerySet[Any] = seen.exclude(standing__tier="").values("standing__tier", "standing__tier_rank")
    return [
        TierHeld(row["standing__tier"], row["n"], row.get("revenue"))
        for row in by_tier.annotate(**figures).order_by("standing__tier_rank")
        if row["standing__tier"]
    ]


SIGNS = {"gte": "≥", "gt": ">", "lte": "≤", "lt": "<", "eq": "=", "in": "∈", "between": "∈"}


def said_condition(condition: Condition, words: Words, depth: int = 0) -> list[str]:
    """A condition as short lines; alternatives are joined with “or”."""
    match condition:
        case Compare(ref=ref, test=test):
            name, unit = words.name(ref.key), words.unit(ref.key)
            if test.operator == "missing":
                return [
                    _("%(name)s not known") % {"name": name}
                    if test.wanted
                    else _("%(name)s known") % {"name": name}
                ]
            values = _(", ").join(say_value(operand.value, unit) for operand in test.operands)
            return [f"{name} {SIGNS[test.operator]} {values}"]
        case All(items=items):
            lines = [line for item in items for line in said_condition(item, words, depth + 1)]
            return [_(" and ").join(lines)] if depth else lines
        case AnyOf(items=items):
            inner = _(" or ").join(_(" and ").join(said_condition(item, words, depth + 1)) for item in items)
            return [f"({inner})" if depth else inner]
        case Not(item=item):
            return [
                _("not: %(condition)s")
                % {"condition": _(" and ").join(said_condition(item, words, depth + 1))}
            ]


@dataclass(frozen=True, slots=True)
class Explained:
    """One customer under one wording of a policy."""

    tier: str
    tier_id: str
    score: str | None
    reasons: list[ShownReason]

    def role(self, *wanted: str) -> list[ShownReason]:
        return [one for one in self.reasons if one.role in wanted]

    @property
    def dimensions(self) -> list[ShownReason]:
        return self.role("dimension")

    @property
    def why(self) -> list[ShownReason]:
        return self.role("holds", "default", "kept")

    @property
    def wanting(self) -> list[ShownReason]:
        return self.role("next")


def explain_stored(actor: Actor, outcome: str, document: Mapping[str, Any]) -> Explained:
    """A stored outcome in words, cut to what the actor may see."""
    content = read_outcome(outcome)
    words = Words(document)
    return Explained(
        tier=words.labels.get(content["tier"], content["tier"] or ""),
        tier_id=content["tier"] or "",
        score=readable_score(actor, content),
        reasons=said_reasons(actor, content, document),
    )


def explain_now(
    actor: Actor, customer: Customer, document: Mapping[str, Any], today: date
) -> Explained | None:
    """What a wording would say of a customer today, from the current metric values; None before the first refresh,
    and for whoever does not reach the customer's metrics, or reaches metrics further than decisions."""
    if actor.scope("decision") < actor.scope("metric"):
        return None
    row = metric_rows_visible_to(actor).filter(customer=customer).first()
    if row is None:
        return None
    policy = parsed_document(document)
    standing = Standing.objects.filter(customer=customer).first()
    seen = Seen(
        values=inputs_of(row.values, policy.inputs),
        current=standing.tier if standing and standing.tier else None,
        since=standing.tier_since if standing else None,
        as_of=row.as_of,
    )
    return explain_stored(actor, outcome_text(Seen.from_text(seen.text()).evaluate(policy)), document)


def tier_label(document: Mapping[str, Any], tier: str) -> str:
    return Words(document).labels.get(tier, tier)


@dataclass(frozen=True, slots=True)
class CandidateLine:
    item: ProposalItem
    before: str
    after: str
    explained: Explained
    revenue: Decimal | None
    is_overtaken: bool


def candidate_lines(
    actor: Actor, proposal: Proposal, *, way: str = "", verdict: str = "", after: int = 0
) -> tuple[list[CandidateLine], int | None]:
    """A page of candidates that the actor may see, and the id to go on from. `way`: up, down."""
    rows = items_visible_to(actor).filter(proposal=proposal, id__gt=after)
    if way in ("up", "down"):
        rows = rows.filter(rises=way == "up")
    if verdict in ("waiting", "yes", "no"):
        rows = rows.filter(verdict="" if verdict == "waiting" else verdict)
    found = list(rows.select_related("customer", "customer__metrics").order_by("id")[: PAGE + 1])
    document = proposal.policy_version.document
    words = Words(document)
    reaches = actor.scope("metric") >= actor.scope("decision")
    may_see_money = reaches and any(one.value == "commercial" for one in actor.classes("metric"))
    late = overtaken([item for item in found if item.verdict == ProposalItem.Verdict.WAITING])
    lines = [
        CandidateLine(
            item=item,
            before=words.labels.get(item.from_tier, item.from_tier),
            after=words.labels.get(item.to_tier, item.to_tier),
            explained=explain_stored(actor, item.outcome, document),
            revenue=item.customer.metrics.revenue_12m
            if may_see_money and hasattr(item.customer, "metrics")
            else None,
            is_overtaken=item.customer_id in late,
        )
        for item in found[:PAGE]
    ]
    return lines, lines[-1].item.pk if len(found) > PAGE else None


def overtaken(items: Collection[ProposalItem]) -> set[int]:
    """The customers among them whose tier was decided since they were proposed: the reasons speak of another tier."""
    last = dict(
        Decision.objects.filter(
            customer_id__in=[item.customer_id for item in items], kind="tier", valid_to__isnull=True
        ).values_list("customer_id", "value")
    )
    return {item.customer_id for item in items if last.get(item.customer_id, "") != item.from_tier}


def verdict_counts(actor: Actor, proposal: Proposal) -> dict[str, int]:
    rows = items_visible_to(actor).filter(proposal=proposal)
    counted: dict[str, int] = rows.aggregate(
        all=Count("id"),
        waiting=Count("id", filter=Q(verdict="")),
        yes=Count("id", filter=Q(verdict="yes")),
        no=Count("id", filter=Q(verdict="no")),
        up=Count("id", filter=Q(rises=True)),
    )
    return counted


def in_force(today: date) -> Q:
    return Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gt=today))


def find_decision_in_force(actor: Actor, customer: Customer, today: date) -> Decision | None:
    rows = decisions_visible_to(actor).filter(in_force(today), customer=customer, kind="tier")
    return rows.order_by("-valid_from", "-id").first()


@dataclass(slots=True)
class TierHistory:
    """A customer's tier decisions with the tiers' labels: the one in force, those to come, and those before, newest first."""

    now: tuple[Decision, str] | None
    coming: list[tuple[Decision, str]]
    earlier: list[tuple[Decision, str]]


def tier_history(actor: Actor, customer: Customer, today: date) -> TierHistory:
    """The last twenty. A decision that was replaced before it held for a day is history, too."""
    rows = decisions_visible_to(actor).filter(customer=customer, kind="tier").select_related("policy_version")
    labelled = [
        (row, tier_label(row.policy_version.document, row.value) if row.policy_version else row.value)
        for row in rows.order_by("-valid_from", "-id")[:20]
    ]
    history = TierHistory(None, [], [])
    for line in labelled:
        row = line[0]
        if row.valid_to is not None and (row.valid_to <= today or row.valid_to == row.valid_from):
            history.earlier.append(line)
        elif row.valid_from > today:
            history.coming.append(line)
        else:
            history.now = line
    return history


def failure_lines(document: Mapping[str, Any]) -> list[str]:
    """The document's own cases that come out otherwise, in words."""
    words = Words(document)

    def said(value: Any) -> str:
        if isinstance(value, list | tuple | set | frozenset):
            return _(", ").join(said(one) for one in value) or "–"
        return "–" if value is None else words.labels.get(str(value), str(value))

    return [
        (
            _("%(case)s: the reason “%(expected)s” is not given")
            if one.what == "reasons"
            else _("%(case)s: expected %(expected)s, comes out as %(got)s")
        )
        % {"case": one.case, "expected": said(one.expected), "got": said(one.got)}
        for one in run_cases(parsed_document(document))
    ]


def versions_of(policy: StoredPolicy) -> list[PolicyVersion]:
    return list(policy.versions.order_by("-number")[:30])


def values_as_of() -> date | None:
    """As of when the current metric values are."""
    latest: date | None = MetricRow.objects.aggregate(latest=Max("as_of"))["latest"]
    return latest


def find_open_proposals(actor: Actor) -> list[Proposal]:
    from ..access import proposals_visible_to

    return list(proposals_visible_to(actor).filter(state=Proposal.State.OPEN)[:10])
