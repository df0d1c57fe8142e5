"""Reading metric definitions and current values, each as far as the actor may see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext, gettext_lazy

from bihuan.customers.access import reach
from bihuan.customers.facts_catalogue import CATALOGUE, fact_class
from bihuan.customers.models import Customer, CustomerFact
from bihuan.customers.queries import mine
from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.analytics.registry import Family, Metric, load_all
from bihuan.kernel.settings_store import get_setting

from .models import MetricRow

STATE = "metrics.state"
FACTS = "facts."
Value = Decimal | int | str | bool | None
UNITS = {
    "money": gettext_lazy("money"),
    "quantity": gettext_lazy("quantity"),
    "count": gettext_lazy("count"),
    "days": gettext_lazy("days"),
    "years": gettext_lazy("years"),
    "fraction": gettext_lazy("fraction"),
    "score": gettext_lazy("score"),
    "class": gettext_lazy("class"),
    "text": gettext_lazy("text or number"),
}
CLASSES = {
    FieldClass.PUBLIC: gettext_lazy("public"),
    FieldClass.CONTACT: gettext_lazy("contact data"),
    FieldClass.COMMERCIAL: gettext_lazy("commercial"),
    FieldClass.TECHNICAL: gettext_lazy("technical"),
    FieldClass.SECRET: gettext_lazy("secret"),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric as a page or a command shows it, in the reader's language."""

    name: str
    room: str
    unit: str
    title: str
    definition: str
    formula: str
    source: str
    field_class: FieldClass


def definition_of(metric: Metric) -> Definition:
    return Definition(
        metric.name,
        metric.room,
        metric.unit,
        gettext(metric.title),
        gettext(metric.definition),
        gettext(metric.formula),
        metric.source,
        metric.field_class,
    )


def fact_definition(family: Family, name: str) -> Definition:
    return Definition(
        family.prefix + name,
        family.room,
        "text",
        f"{gettext(family.title)}: {name}",
        gettext(family.definition),
        family.formula,
        family.source,
        class_of_fact(family, name),
    )


def metric_definitions(actor: Actor, with_facts: bool = True) -> list[Definition]:
    """All metrics of the classes that the actor sees, with one for each fact that any customer's file has."""
    known = load_all()
    classes = actor.classes("metric")
    found = [definition_of(one) for one in known.metrics.values() if one.field_class in classes]
    family = known.families[FACTS]
    if with_facts:
        found += [
            fact_definition(family, name) for name in fact_names() if class_of_fact(family, name) in classes
        ]
    return found


def fact_names() -> list[str]:
    """The facts that customers have, as the last computation saw them; before the first one, as the files have them."""
    state = get_state()
    if state is None:
        return list(CustomerFact.objects.order_by("name").values_list("name", flat=True).distinct())
    return [name.removeprefix(FACTS) for name in state["coverage"] if name.startswith(FACTS)]


def get_state() -> dict[str, Any] | None:
    """As of when the current values are, from which generation, how many customers have each; None before the first."""
    return get_setting(STATE)


def find_definition(actor: Actor, name: str) -> Definition | None:
    """The metric of that name where the actor may see its class."""
    if class_of(name) not in actor.classes("metric"):
        return None
    known = load_all()
    if name in known.metrics:
        return definition_of(known.metrics[name])
    fact = name.removeprefix(FACTS)
    return fact_definition(known.families[FACTS], fact) if fact != name and fact in fact_names() else None


def class_of(name: str) -> FieldClass:
    """A metric's class by its name; an unknown one is secret."""
    known = load_all()
    if name in known.metrics:
        return known.metrics[name].field_class
    for prefix, family in known.families.items():
        if name.startswith(prefix):
            return class_of_fact(family, name.removeprefix(prefix))
    return FieldClass.SECRET


def class_of_fact(family: Family, fact: str) -> FieldClass:
    """The catalogue's class of a fact. One that it does not know may stand in a secret section of somebody's file, and
    a metric has no section: so it is secret."""
    spec = CATALOGUE.get(fact)
    return FieldClass.SECRET if spec is None else fact_class(spec.section, fact)


def metric_rows_visible_to(actor: Actor) -> QuerySet[MetricRow]:
    """The rows of the customers that the actor reaches for metrics."""
    scope = actor.scope("metric")
    rows = MetricRow.objects.all()
    if scope is Scope.NONE:
        return rows.none()
    return rows if scope is Scope.ALL else rows.filter(reach(actor, scope, "customer__"))


def read_values(stored: str | Mapping[str, Any]) -> dict[str, Value]:
    """Metric values with exact numbers, from the stored JSON text."""
    text = stored if isinstance(stored, str) else json.dumps(stored)
    return json.loads(text, parse_float=Decimal)


@dataclass(frozen=True, slots=True)
class CurrentRow:
    as_of: date
    values: dict[str, Value]


def current_row(actor: Actor, customer: Customer) -> CurrentRow | None:
    """A customer's current metric values, exact, of the classes that the actor sees, and their date. One query."""
    row = (
        metric_rows_visible_to(actor)
        .filter(customer=customer)
        .annotate(text=Cast("values", TextField()))
        .values_list("as_of", "text")
        .first()
    )
    if row is None:
        return None
    classes = actor.classes("metric")
    values = {name: value for name, value in read_values(row[1]).items() if class_of(name) in classes}
    return CurrentRow(row[0], values)


def current_values(actor: Actor, customer: Customer) -> dict[str, Value]:
    """The values alone; empty where there are none."""
    row = current_row(actor, customer)
    return {} if row is None else row.values


def shown_value(definition: Definition, value: Value) -> Decimal | float | int | str | None:
    """A value as commands and exports write it: money and quantities as exact decimals, other figures as numbers."""
    if isinstance(value, str) or value is None:
        return value
    if definition.unit in ("money", "quantity"):
        return Decimal(value)
    return float(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class Debtor:
    """A customer that owes past the due date, and for how many days at most."""

    customer: Customer
    amount: Decimal
    days: Value


def debtors_of(actor: Actor, limit: int) -> list[Debtor]:
    """Those of the actor's customers with the largest overdue sums, as of the last computation."""
    if not {class_of("overdue_amount"), class_of("overdue_days_max")} <= actor.classes("metric"):
        return []
    rows = mine(actor, metric_rows_visible_to(actor), "customer__")
    rows = rows.filter(overdue_amount__gt=0, customer__merged_into=None).select_related("customer")
    return [
        Debtor(row.customer, row.overdue_amount, read_values(row.values).get("overdue_days_max"))
        for row in rows.order_by("-overdue_amount", "-customer")[:limit]
    ]
