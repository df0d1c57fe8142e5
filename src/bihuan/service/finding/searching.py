"""Cases by what people type: number, words of what was said, order, product or lot, customer."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from bihuan.customers.queries import customers_visible_to
from bihuan.customers.search import searched
from bihuan.kernel.actor import Actor, Scope
from bihuan.kernel.search_index import FEW
from bihuan.kernel.search_text import phrases

from ..access import from_reach
from ..models import Case
from .index import INDEX, circles

MOST_MIXED = 3
"""Of so many parts one may name the customer while the others are of the case: `宏远 结疤`."""


def search_cases(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those of the rows that hold everything in `text`, as far as the actor may read it; or whose customer does; or of which
    one part is the customer's and the others the case's. None for a text without letters or digits."""
    parts = [one for one in text.split() if phrases(one)]
    if not parts:
        return rows.none()
    found = _said(actor, parts) | _of_customer(actor, text)
    if 1 < len(parts) <= MOST_MIXED:
        for place, part in enumerate(parts):
            found |= _of_customer(actor, part) & _said(actor, parts[:place] + parts[place + 1 :])
    if actor.scope("case") in (Scope.ALL, Scope.NONE):
        return rows.filter(found)
    # What is found in many cases may be in few or none that one reaches: to see so in the list's order is to walk all of it.
    reached = from_reach(actor, Case.objects.filter(found)).order_by().values_list("pk", flat=True)
    few = list(reached[: FEW + 1])
    return rows.filter(pk__in=few) if len(few) <= FEW else rows.filter(found)


def _said(actor: Actor, parts: list[str]) -> Q:
    return INDEX.holding(phrases(" ".join(parts)), circles(actor))


def _of_customer(actor: Actor, text: str) -> Q:
    customers = searched(actor, customers_visible_to(actor), text)
    return Q(customer__in=customers.order_by().values("pk"))
