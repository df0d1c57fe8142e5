"""`bihuan customer show EXTERNAL_ID`."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.analytics.processes import AnalyticsFailed
from bihuan.kernel.console import CommandRefused, say, write_object
from bihuan.kernel.time import local_date, now
from bihuan.people.console import actor_of_command

from .deciding.evidence import read_outcome
from .deciding.queries import find_decision_in_force
from .deciding.reasons import readable_reasons
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
    answer: dict[str, Any] = {
        "external_id": customer.external_id,
        "name": customer.name,
        "owners": {"a": named(customer.owner_a), "b": named(customer.owner_b)},
        "tier": tier_of(actor, customer, local_date(moment)),
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


def tier_of(actor: Actor, customer: Customer, today: date) -> dict[str, Any]:
    """The tier that is in force today, with the reasons that the actor may read; no worker need have run."""
    decision = find_decision_in_force(actor, customer, today)
    if decision is None:
        return {"value": None, "since": None, "reasons": []}
    return {
        "value": decision.value,
        "since": decision.valid_from,
        "reasons": reasons_of(actor, decision.outcome),
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
