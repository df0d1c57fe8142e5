"""Tier, health and money in the list of customers; tier and health at the head of a customer's page."""

from __future__ import annotations

import time
from dataclasses import dataclass
from html import escape
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.customers.access import reach
from bihuan.customers.lists import CUSTOMERS
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.pages.lists import Column
from bihuan.kernel.pages.registry import panel
from bihuan.kernel.pages.values import NOTHING, chip, write
from bihuan.kernel.time import local_date, now
from bihuan.policy import Policy
from bihuan.rulebook.queries import parsed_document, policy_of_kind_in_force

from .models import Standing
from .scoring.queries import may_read_health, sees_health, tone_of

KEPT_SECONDS = 30.0
# By language: when it was read, and the labels. A row of a list costs a look-up.
_kept: dict[str, tuple[float, dict[str, str]]] = {}


def tier_labels() -> dict[str, str]:
    """What the policy in force calls its tiers, the best first. A process asks the database at most twice a minute."""
    language = get_language() or ""
    at, labels = _kept.get(language, (float("-inf"), {}))
    if time.monotonic() - at > KEPT_SECONDS or not labels:
        version = policy_of_kind_in_force("tier", local_date(now()))
        tiers = version.document.get("tiers", ()) if version else ()
        labels = {str(one["id"]): in_language(one.get("label") or {}) or str(one["id"]) for one in tiers}
        _kept[language] = (time.monotonic(), labels)
    return labels


def draw_tier(tier: str | None) -> str:
    if not tier:
        return NOTHING
    return f'<span class="chip chip-accent">{escape(tier_labels().get(tier, tier))}</span>'


def export_tier(tier: str | None) -> str | None:
    return tier_labels().get(tier, tier) if tier else None


@dataclass(frozen=True, slots=True)
class HealthWords:
    """The policy of health in force, and what it calls its states, the best first; `tones` are those of chips."""

    policy: Policy
    labels: dict[str, str]
    tones: dict[str, str]


_kept_health: dict[str, tuple[float, HealthWords | None]] = {}


def health_words() -> HealthWords | None:
    """None without such a policy. A process asks the database at most twice a minute."""
    language = get_language() or ""
    at, words = _kept_health.get(language, (float("-inf"), None))
    if time.monotonic() - at > KEPT_SECONDS:
        words = _read_health_words()
        _kept_health[language] = (time.monotonic(), words)
    return words


def _read_health_words() -> HealthWords | None:
    version = policy_of_kind_in_force("health", local_date(now()))
    if version is None:
        return None
    policy = parsed_document(version.document)
    labels = {one.id: in_language(one.label) or one.id for one in policy.tiers}
    return HealthWords(policy, labels, {one.id: tone_of(policy, one.id) for one in policy.tiers})


def forget_policies() -> None:
    """Another policy has come into force, and not by this process."""
    _kept.clear()
    _kept_health.clear()


def _may_read_health(actor: Actor) -> bool:
    words = health_words()
    return words is not None and may_read_health(actor, words.policy)


def _health_states(actor: Actor) -> list[tuple[str, str]]:
    words = health_words()
    return list(words.labels.items()) if words else []


def draw_health(score: Any, state: str | None) -> str:
    words = health_words()
    if score is None or words is None:
        return NOTHING
    key = state or ""
    return f"{write('score', score)} {chip(words.labels.get(key, key), words.tones.get(key, ''))}"


_COMMERCIAL = FieldClass.COMMERCIAL
for column in (
    Column(
        "tier", _("Tier"), path="standing__tier_rank", also=("standing__tier",), object="decision", order=20,
        draw=lambda rank, tier: draw_tier(tier), export=lambda rank, tier: export_tier(tier),
    ),
    Column(
        "health", _("Health"), path="standing__health", also=("standing__health_state",), object="decision", order=22,
        kind="score", shown=False, sortable=False, may=_may_read_health, draw=draw_health,
        export=lambda score, state: score,
    ),
    Column(
        "revenue_12m", _("Revenue 12 months"), path="metrics__revenue_12m", kind="money_whole", object="metric",
        field_class=_COMMERCIAL, falls_first=True, order=40,
    ),
    Column(
        "recency_days", _("Days since last order"), path="metrics__recency_days", kind="days", object="metric",
        falls_first=True, order=42, shown=False, field_class=_COMMERCIAL,
    ),
    Column(
        "overdue_amount", _("Overdue"), path="metrics__overdue_amount", kind="money_whole", object="metric",
        field_class=_COMMERCIAL, falls_first=True, order=44, shown=False, sortable=False,
    ),
):  # fmt: skip
    CUSTOMERS.add_column(column)
for one in (
    Filter(
        "tier", _("Tier"), path="standing__tier", object="decision", choices=lambda actor: tier_labels().items()
    ),
    Filter(
        "health", _("Health"), path="standing__health_state", object="decision", choices=_health_states,
        may=_may_read_health,
    ),
    Filter(
        "revenue_12m", _("Revenue 12 months"), kind="number", path="metrics__revenue_12m", object="metric",
        field_class=_COMMERCIAL,
    ),
    Filter(
        "recency_days", _("Days since last order"), kind="number", path="metrics__recency_days", object="metric",
        field_class=_COMMERCIAL,
    ),
    Filter(
        "overdue_amount", _("Overdue"), kind="number", path="metrics__overdue_amount", object="metric",
        field_class=_COMMERCIAL,
    ),
):  # fmt: skip
    CUSTOMERS.add_filter(one)


@panel(
    "customer",
    title=_("Tier"),
    template="segmentation/panels/standing.html",
    object="decision",
    name="standing",
    order=1,
    place="head",
)
def standing_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any] | None:
    """The tier since when, and the health for whoever may read what it is made of. Whoever does not see this customer's
    decisions gets nothing."""
    scope = actor.scope("decision")
    rows = Standing.objects.filter(customer=customer)
    if scope is not Scope.ALL:
        rows = rows.filter(reach(actor, scope, "customer__"))
    row = rows.first()
    if row is None or not row.tier:
        return None
    health = row.health if row.health is not None and sees_health(actor, local_date(now())) else None
    return {"row": row, "label": tier_labels().get(row.tier, row.tier), "health": health}
