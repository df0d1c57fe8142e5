"""A figure of a customer, explained to an actor."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import Http404

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor

from ..models import MetricRow
from ..queries import FACTS, Definition, Value, current_values, find_definition, metric_rows_visible_to
from .arithmetic import ARITHMETIC
from .figures import Figure, Input, Row
from .ranks import RANKS
from .rows import CustomerRows

SHOWN_ROWS = 30


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows behind a figure are found: documents of the customer in (start, end]."""

    customer_id: int
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a figure means and how it came about.

    `value` is the stored one, `recomputed` what the database gives for the same day now: they differ where facts
    changed since (`is_stale`). The window is (start, end]; `n` rows went in, of which `rows` are the newest.
    """

    metric: Definition
    as_of: date
    value: Value
    recomputed: Value
    inputs: tuple[Input, ...]
    start: date | None
    end: date | None
    n: int
    rows: tuple[Row, ...]
    source: Source

    @property
    def is_stale(self) -> bool:
        return not same(self.value, self.recomputed)


def same(left: Value, right: Value) -> bool:
    """Equal as values: 3, 3.0 and 3.000000 are; a number and a text are not."""
    if isinstance(left, (int, Decimal)) and isinstance(right, (int, Decimal)):
        return Decimal(left) == Decimal(right)
    return left == right


def explain_metric(actor: Actor, customer: Customer, name: str) -> Explanation:
    """The arithmetic of a current metric value. Raises Http404 where the actor may not see metric or customer."""
    definition = find_definition(actor, name)
    row = metric_rows_visible_to(actor).filter(customer=customer).first()
    if definition is None or row is None:
        raise Http404(name)
    stored = current_values(actor, customer).get(name)
    figure = figure_of(customer, row, name, stored)
    return Explanation(
        metric=definition,
        as_of=row.as_of,
        value=stored,
        recomputed=figure.value,
        inputs=figure.inputs,
        start=figure.start,
        end=figure.end,
        n=figure.n,
        rows=figure.rows[::-1][:SHOWN_ROWS],
        source=Source(customer.pk, figure.start, figure.end),
    )


def figure_of(customer: Customer, row: MetricRow, name: str, stored: Value = None) -> Figure:
    """The value computed anew, with what went into it. Raises Http404 for a metric without arithmetic."""
    if name.startswith(FACTS):
        return fact_figure(CustomerRows(customer, row.as_of), name.removeprefix(FACTS), stored)
    if name in RANKS:
        return RANKS[name](row)
    if name not in ARITHMETIC:
        raise Http404(name)
    return ARITHMETIC[name](CustomerRows(customer, row.as_of))


def fact_figure(rows: CustomerRows, name: str, stored: Value) -> Figure:
    """A fact is its newest value. Where all customers' values of a fact are numbers, a text that is one counts."""
    known = rows.fact(name)
    if known is None:
        return Figure(None, (), None, rows.as_of)
    value, on = known
    shown: str | int | Decimal
    if isinstance(value, str) and not isinstance(stored, (int, Decimal)):
        shown = value
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        shown = Decimal(str(value))
    else:
        shown = json.dumps(value)
    return Figure(shown, (), on, rows.as_of, 1)
