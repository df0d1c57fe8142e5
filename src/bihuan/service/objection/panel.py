"""Objections on shared pages: the menu, and the rail of stages on the case's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import menu_item, panel
from bihuan.kernel.pages.values import write

from ..models import Case, Objection
from . import lists
from .facts import stands
from .queries import objection_of, objections_of_customer
from .records import OBJECTION
from .showing import rail, what_next

menu_item(lists.OBJECTIONS.title, "objections", "scale", object="objection", section="work", order=26)


@panel(
    "case",
    title=pgettext_lazy("objection", "Quality objection"),
    template="service/objection/panel.html",
    name="objection",
    object="objection",
    icon="scale",
    order=5,
    place="side",
)
def objection_panel(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    """Where the case's objection stands; the way to one, where the case is of that kind and has none."""
    if case.kind != Case.Kind.QUALITY_OBJECTION and not hasattr(case, "objection"):
        return None
    row = objection_of(actor, case)
    if row is None:
        may_create = (
            actor.may("objection", "create") and not case.closed_at and not hasattr(case, "objection")
        )
        return {"may_create": True} if may_create else None
    found = stands(row)
    amount = row.amount_accepted if OBJECTION.may_read(actor, "amount_accepted") else None
    return {
        "row": row,
        "rail": rail(found),
        "next": what_next(actor, found),
        "amount": "" if amount is None else write("money", amount),
    }


@panel(
    "customer",
    title=lists.OBJECTIONS.title,
    template="service/objection/customer_panel.html",
    name="objections",
    object="objection",
    icon="scale",
    order=25,
)
def customer_objections_panel(
    actor: Actor, customer: Customer, request: HttpRequest
) -> dict[str, Any] | None:
    """Open and closed ones, with what was claimed and agreed for who reads amounts."""
    rows = objections_of_customer(actor, customer)
    sees_claimed, sees_agreed = (
        OBJECTION.may_read(actor, name) for name in ("amount_claimed", "amount_accepted")
    )
    return {"lines": [_line(row, sees_claimed, sees_agreed) for row in rows]} if rows else None


def _line(row: Objection, sees_claimed: bool, sees_agreed: bool) -> dict[str, Any]:
    agreed = row.amount_accepted if sees_agreed else None
    claimed = row.amount_claimed if sees_claimed else None
    return {
        "row": row,
        "agreed": "" if agreed is None else write("money", agreed),
        "claimed": "" if claimed is None else write("money", claimed),
    }
