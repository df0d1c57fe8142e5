"""Metrics of the customer's file: each structured fact, as known at a date."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.analytics.expressions import days_before
from bihuan.kernel.analytics.registry import Family, Rowset, Tables, registry
from bihuan.kernel.analytics.registry import gettext_noop as _

if TYPE_CHECKING:
    import ibis.expr.types as ir


def latest_facts(tables: Tables, as_of: date) -> ir.Table:
    """The newest value of each fact of each customer dated no later than as_of.

    A customer's industry stands in its record, undated; a dated fact of that name goes before it.
    """
    import ibis

    facts, people = tables["customer_facts"], tables["customers"]
    people = people.filter(people.industry != "")
    stated = people.select(
        customer_id=people.id,
        section=ibis.literal("market_position"),
        name=ibis.literal("industry"),
        value=ibis.literal('"').concat(people.industry.replace('"', ""), '"'),
        as_of=ibis.literal(date(1, 1, 1)),
    )
    facts = facts.filter(facts.as_of <= days_before(as_of, 0)).union(stated)
    newest = ibis.window(group_by=[facts.customer_id, facts.name], order_by=facts.as_of.desc())
    facts = facts.mutate(place=ibis.row_number().over(newest))
    return facts.filter(facts.place == 0).select("customer_id", "section", "name", "value")


registry.add_rowset(Rowset("customers.latest_facts", "customers", latest_facts))
registry.add_family(
    Family(
        prefix="facts.",
        room="customers",
        title=_("Fact from the customer's file"),
        definition=_(
            "The newest value of that fact in the customer's file dated no later than the day; for the industry, without one, what the customer's record says."
        ),
        formula="value(max as_of ≤ D)",
        source="customer_facts.value, as_of",
        field_class=FieldClass.COMMERCIAL,
        rows=lambda tables, as_of: tables["customers.latest_facts"],
    )
)
