"""`bihuan customer show EXTERNAL_ID`."""

from __future__ import annotations

import argparse
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.analytics.processes import AnalyticsFailed
from bihuan.kernel.console import CommandRefused, say, write_object
from bihuan.kernel.time import local_date, now
from bihuan.people.console import actor_of_command

from .access import decisions_visible_to
from .deciding.evidence import read_outcome
from .deciding.reasons import readable_reasons
from .models import Standing
from .queries import current_values, metric_definitions, shown_value
from .refreshing import ensure_fresh
from .scoring.queries import health_of


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    customer = subparsers.add_parser("customer", help="one customer · 单个客户")
    words = customer.add_subparsers(dest="customer_word", required=True)
    show = words.add_parser(
        "show", help="who it is, its tier and why, its metrics · 客户档案、等级依据与指标"
    )
    show.add_argument("external_id", metavar="EXTERNAL_ID")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=run_show)


def run_show(options: argparse.Namespace) -> int:
    actor, moment = actor_of_command(options), now()
    customer = find_customer(actor, options.external_id)
    if customer is None:
        raise CommandRefused(_("There is nothing called “%(name)s”.") % {"name": options.external_id})
    try:
        ensure_fresh(actor=actor, now=moment)
    except AnalyticsFailed as failure:
        say(_("The metrics could not be computed; the values stay as they were. %(why)s") % {"why": failure})
    health = health_of(actor, customer, local_date(moment))
    answer = {
        "external_id": customer.external_id,
        "name": customer.name,
        "owners": {"a": named(customer.owner_a), "b": named(customer.owner_b)},
        **standing_of(actor, customer, Q(valid_from__lte=local_date(moment))),
        "health": health.score if health else None,
        "metrics": metrics_of(actor, customer),
    }
    if options.json:
        write_object(answer)
        return 0
    tier = answer["tier"]["value"] or "-"
    print(f"{customer.external_id}  {customer.name}  {tier}")
    width = max(map(len, answer["metrics"]), default=0)
    for name, value in answer["metrics"].items():
        if value is not None:
            print(f"  {name:<{width}}  {value}")
    return 0


def find_customer(actor: Actor, external_id: str) -> Customer | None:
    """The customer of that number within the actor's scope; of a merged one the survivor."""
    rows = customers_within(actor, "customer", "view").select_related("owner_a", "owner_b")
    found = rows.filter(external_id=external_id).first()
    while found is not None and found.merged_into_id is not None:
        found = rows.filter(pk=found.merged_into_id).first()
    return found


def named(person: Any) -> str | None:
    return None if person is None else (person.name or person.get_username())


def standing_of(actor: Actor, customer: Customer, in_force: Q) -> dict[str, Any]:
    """Tier with the reasons that the actor may read."""
    empty: dict[str, Any] = {"tier": {"value": None, "since": None, "reasons": []}}
    if not customers_within(actor, "decision", "view").filter(pk=customer.pk).exists():
        return empty
    decisions = decisions_visible_to(actor).filter(in_force, customer=customer, kind="tier")
    decision = decisions.order_by("-valid_from", "-id").first()
    standing = Standing.objects.filter(customer=customer).first()
    if decision is None and standing is None:
        return empty
    since = standing.tier_since if standing else None
    return {
        "tier": {
            "value": (standing.tier if standing and standing.tier else decision.value if decision else None),
            "since": since or (decision.valid_from if decision else None),
            "reasons": reasons_of(actor, decision.outcome) if decision else [],
        },
    }


def reasons_of(actor: Actor, outcome: str) -> list[dict[str, Any]]:
    if not outcome:
        return []
    wanted = ("metric", "value", "threshold", "points", "role", "met")
    return [{key: one.get(key) for key in wanted} for one in readable_reasons(actor, read_outcome(outcome))]


def metrics_of(actor: Actor, customer: Customer) -> dict[str, Any]:
    """Every metric that the actor may see, by name; null where the customer has none."""
    values = current_values(actor, customer)
    return {one.name: shown_value(one, values.get(one.name)) for one in metric_definitions(actor)}
