"""Reading health: the stored score and state, why, and whose health fell; only for those who may read what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.customers.queries import mine
from bihuan.kernel.actor import Actor
from bihuan.policy import Policy
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.queries import parsed_document, policy_of_kind_in_force

from ..deciding.evidence import Seen, outcome_text
from ..deciding.queries import Explained, explain_stored, tier_label
from ..deciding.seeing import inputs_of
from ..models import MetricRow, Standing
from ..queries import class_of

FALLS_SHOWN, FALLS_DAYS = 8, 30


def may_read_health(actor: Actor, policy: Policy) -> bool:
    """Whether the actor sees every metric behind the score, and for all customers whose decisions they see."""
    if not actor.may("decision", "view") or actor.scope("metric") < actor.scope("decision"):
        return False
    classes = actor.classes("metric")
    return all(class_of(name) in classes for name in policy.metrics)


def sees_health(actor: Actor, today: date) -> bool:
    version = policy_of_kind_in_force("health", today)
    return version is not None and may_read_health(actor, parsed_document(version.document))


@dataclass(frozen=True, slots=True)
class Health:
    """A customer's health now. `explained` is None where the reasons cannot be given for the stored score."""

    score: Decimal
    label: str
    tone: str
    since: date | None
    explained: Explained | None


def health_of(actor: Actor, customer: Customer, today: date) -> Health | None:
    """None where there is none, or the actor may not read it."""
    version = policy_of_kind_in_force("health", today)
    standing = Standing.objects.filter(customer=customer, health__isnull=False).first()
    if version is None or standing is None or standing.health is None:
        return None
    policy = parsed_document(version.document)
    reached = customers_within(actor, "decision", "view").filter(pk=customer.pk)
    if not may_read_health(actor, policy) or not reached.exists():
        return None
    return Health(
        score=standing.health,
        label=tier_label(version.document, standing.health_state),
        tone=tone_of(policy, standing.health_state),
        since=standing.health_since,
        explained=_explained(actor, customer, version, policy, standing),
    )


def _explained(
    actor: Actor, customer: Customer, version: PolicyVersion, policy: Policy, standing: Standing
) -> Explained | None:
    row = MetricRow.objects.filter(customer=customer).first()
    if row is None:
        return None
    seen = Seen(
        values=inputs_of(row.values, policy.inputs),
        current=standing.health_state or None,
        since=standing.health_since,
        as_of=row.as_of,
    )
    outcome = Seen.from_text(seen.text()).evaluate(policy)
    if outcome.tier != standing.health_state:
        return None  # the policy has changed since; the next computation of metrics brings its own score
    return explain_stored(actor, outcome_text(outcome), version.document)


def tone_of(policy: Policy, state: str) -> str:
    """The chip's tone for a state's colour."""
    index = policy.tier_index(state)
    colour = policy.tiers[index].colour if index is not None else ""
    return {"green": "ok", "yellow": "yellow", "orange": "orange", "red": "red"}.get(colour or "", "")


@dataclass(frozen=True, slots=True)
class Fall:
    """A customer below the border, since when, in which state now."""

    customer: Customer
    score: Decimal | None
    state: str
    label: str
    since: date | None


def falls_of(actor: Actor, today: date) -> tuple[list[Fall], int]:
    """The actor's customers that came into the policy's lowest state in the last 30 days, largest first, and how many
    there are."""
    version = policy_of_kind_in_force("health", today)
    if version is None or actor.user_id is None:
        return [], 0
    policy = parsed_document(version.document)
    if not may_read_health(actor, policy):
        return [], 0
    lowest = policy.tiers[-1].id
    rows = mine(actor, customers_within(actor, "decision", "view")).filter(
        merged_into=None,
        standing__health_state=lowest,
        standing__health_since__gt=today - timedelta(days=FALLS_DAYS),
    )
    wanted = ["-standing__health_since", "id"]
    if class_of("revenue_12m") in actor.classes("metric"):
        wanted.insert(0, "-metrics__revenue_12m")
    found = rows.select_related("standing").order_by(*wanted)[:FALLS_SHOWN]
    label = tier_label(version.document, lowest)
    lines = [Fall(one, one.standing.health, lowest, label, one.standing.health_since) for one in found]
    return lines, rows.count() if len(lines) == FALLS_SHOWN else len(lines)
