"""The tier on the customer's page, proposals on Today, and the menu's entries for deciding."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, Scope
from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.pages.registry import Happening, menu_item, panel, timeline_source, today_section
from bihuan.kernel.pages.values import said_name
from bihuan.kernel.time import local_date, now
from bihuan.rulebook.queries import policy_of_kind_in_force

from .access import decisions_visible_to
from .deciding import queries
from .panels_columns import tier_labels

menu_item(
    gettext_lazy("Proposals"),
    "proposals",
    "gavel",
    object="decision",
    action="propose",
    section="decide",
    order=40,
)
menu_item(gettext_lazy("Policies"), "policies", "adjustments", object="policy", section="decide", order=50)


@panel(
    "customer",
    title=gettext_lazy("Why this tier"),
    template="segmentation/panels/tier.html",
    object="decision",
    name="tier",
    icon="rosette",
    order=10,
    place="side",
)
def tier_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any]:
    """The decision in force with its reasons, and what is decided for later; without one, what the policy would say."""
    today = local_date(now())
    history = queries.tier_history(actor, customer, today)
    explained = None
    if history.now is not None:
        decision = history.now[0]
        if decision.policy_version:
            explained = queries.explain_stored(actor, decision.outcome, decision.policy_version.document)
    elif not history.coming:
        version = policy_of_kind_in_force("tier", today)
        if version is not None:
            explained = queries.explain_now(actor, customer, version.document, today)
    return {"history": history, "explained": explained}


@today_section(
    title=gettext_lazy("Proposals that wait"),
    template="segmentation/panels/proposals_today.html",
    name="proposals",
    object="decision",
    action="propose",
    icon="gavel",
    order=20,
)
def proposals_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = queries.find_open_proposals(actor)
    lines = [{"row": row, "title": in_language(row.policy_version.document["title"])} for row in rows]
    return {"lines": lines} if lines else None


@timeline_source("customer", name="decisions", label=gettext_lazy("Tier decisions"), object="decision")
def decision_happenings(actor: Actor, customer: Customer, before: datetime, limit: int) -> list[Happening]:
    rows = decisions_visible_to(actor).filter(customer=customer, valid_from__lt=_day_of(before))
    rows = rows.exclude(valid_to=F("valid_from"))  # replaced before it held for a day
    found = []
    for row in rows.select_related("policy_version").order_by("-valid_from", "-id")[:limit]:
        label = (
            queries.tier_label(row.policy_version.document, row.value) if row.policy_version else row.value
        )
        found.append(
            Happening(
                at=row.valid_from,
                title=_("Tier %(tier)s") % {"tier": label},
                icon="rosette",
                detail=said_name(row.decided_by),
                url=reverse("decision", args=[row.pk]),
                kind="decisions",
            )
        )
    return found


def _day_of(moment: datetime) -> date:
    return local_date(moment)


@today_section(
    title=gettext_lazy("Customers by tier"),
    template="segmentation/panels/tiers_today.html",
    name="tiers",
    object="decision",
    icon="rosette",
    order=40,
    place="side",
)
def tiers_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    """For who sees more than own customers: who they are by tier, and what each tier brings."""
    if actor.scope("decision") < Scope.TEAM:
        return None
    held = queries.tiers_held(actor)
    customers = sum(one.customers for one in held)
    revenue = sum((one.revenue or Decimal(0) for one in held), Decimal(0))
    lines = [
        {
            "tier": one.tier,
            "label": tier_labels().get(one.tier, one.tier),
            "customers": one.customers,
            "customer_share": Decimal(one.customers) / customers,
            "revenue": one.revenue or Decimal(0),
            "revenue_share": (one.revenue or Decimal(0)) / revenue if revenue else None,
        }
        for one in held
    ]
    return {"lines": lines, "sees_revenue": any(one.revenue is not None for one in held)} if lines else None
