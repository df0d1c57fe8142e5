"""One customer: adding it, changing it, saying that it is right, noting something about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.customers.matching.normalise import name_keys
from bihuan.kernel.actor import Actor, NotAllowed, Scope, require
from bihuan.kernel.time import local_date
from bihuan.people.models import User

from ..duplicates.derived import derived_columns
from ..duplicates.similar import find_similar
from ..errors import CustomerError
from ..models import Contact, Customer, CustomerName
from ..records import CUSTOMER
from ..rules import compact_code, credit_code_fault
from .settling import apply_changes, attname, checked, differences, plain, settle

OWNERS = ("owner_a", "owner_b")


@transaction.atomic
def create_customer(
    *,
    actor: Actor,
    name: str,
    now: datetime,
    credit_code: str = "",
    contact_name: str = "",
    phone: str = "",
    despite_similar: bool = False,
    **more: Any,
) -> Customer:
    """Add a customer. Whoever reaches only own or team's customers becomes its owner A.

    `more`: further editable fields. The phone is the contact's when one is named. Refused: an empty name, a credit
    code with a wrong check digit, and the code of a customer that the actor sees, unless `despite_similar`.
    """
    require(actor, "customer", "create")
    _refuse_hidden(actor, more, "create")
    values = _checked(Customer(), {"name": name, "credit_code": credit_code, "phone": phone, **more})
    if not despite_similar:
        _refuse_same_code(actor, values)
    row = Customer(status=values.pop("status", "") or Customer.Status.PROSPECT)
    reach_by_phone = values.pop("phone")
    contact = checked(Contact(), {"name": contact_name, "phone": reach_by_phone})
    if not contact["name"]:
        values["phone"] = reach_by_phone
    for field, value in values.items():
        setattr(row, field, value)
    if (
        actor.user_id is not None
        and actor.scope("customer", "create") is not Scope.ALL
        and row.owner_a_id is None
    ):
        row.owner_a_id = actor.user_id
    row.team_id = _team_of(row.owner_a_id or actor.user_id)
    row.created_at = row.updated_at = now
    for column, value in derived_columns(row.name, row.phone).items():
        setattr(row, column, value)
    row.save(force_insert=True)
    if contact["name"]:
        Contact.objects.create(customer=row, is_primary=True, created_at=now, updated_at=now, **contact)
    settle([row.pk], now=now, fields=("name",), index=True, touch=False)
    written = {"name", "credit_code", "status", "owner_a", "team", *more}
    after = {field: plain(getattr(row, attname(row, field))) for field in sorted(written)}
    record(
        actor,
        now,
        "customer.created",
        row,
        after={key: value for key, value in after.items() if value not in (None, "")},
    )
    return row


@transaction.atomic
def edit_customer(
    *, actor: Actor, customer: Customer, changes: Mapping[str, Any], now: datetime, version: int | None = None
) -> Customer:
    """Change fields of a customer. A new name keeps the old one as a former name, from today on.

    Owners may be changed only by whoever may hand over; the team follows owner A. `version`: the one that was shown.
    """
    row = locked(actor, customer.pk)
    _refuse_hidden(actor, changes, "edit")
    values = _checked(row, changes)
    owners = {name: values[name] for name in OWNERS if name in values}
    before, after = differences(row, values)
    if any(name in after for name in owners):
        require(actor, "customer", "hand_over")
        a, b = (owners.get(name, getattr(row, name)) for name in OWNERS)
        if a is not None and a == b:
            raise CustomerError(_("Owner A and owner B are two persons."), "owner_b")
        if "owner_a" in after and after["owner_a"] is not None:
            values["team"] = _team_row(after["owner_a"])
            before, after = differences(row, values)
    if not after:
        return row
    renamed = "name" in after
    if renamed:
        keep_former_name(row, row.name, now)
    values |= derived_columns(values.get("name", row.name), values.get("phone", row.phone))
    apply_changes(row, values, version=version, now=now)
    settle([row.pk], now=now, fields=after, index=True, touch=False)
    record(actor, now, "customer.renamed" if renamed else "customer.edited", row, before=before, after=after)
    return row


def keep_former_name(row: Customer, name: str, now: datetime) -> None:
    CustomerName.objects.update_or_create(
        customer=row,
        kind=CustomerName.Kind.FORMER,
        name=name,
        defaults={"name_key": name_keys([name])[0][:200], "valid_to": local_date(now)},
    )


@transaction.atomic
def verify_customer(*, actor: Actor, customer: Customer, now: datetime) -> Customer:
    """Say that the record is right as of today."""
    row = locked(actor, customer.pk)
    before, after = differences(row, {"verified_on": local_date(now)})
    if after:
        apply_changes(row, {"verified_on": local_date(now)}, version=None, now=now)
        record(actor, now, "customer.verified", row, before=before, after=after)
    return row


@transaction.atomic
def add_note(*, actor: Actor, customer: Customer, text: str, now: datetime) -> Customer:
    """Put a line with its day and author above the customer's note."""
    row = locked(actor, customer.pk)
    _refuse_hidden(actor, {"note": text}, "edit")
    text = checked(row, {"note": text})["note"]
    if not text:
        raise CustomerError(_("Write something first."), "text")
    if len(text) > 4000:
        raise CustomerError(_("At most %(count)d characters.") % {"count": 4000}, "text")
    line = f"{local_date(now).isoformat()} {actor.name}: {text}"
    apply_changes(row, {"note": f"{line}\n{row.note}".strip()}, version=None, now=now)
    record(actor, now, "customer.noted", row, after={"note": text})
    return row


def locked(actor: Actor, identity: int, action: str = "edit") -> Customer:
    """The customer for a change, locked. 404 for one that is not seen, `NotAllowed` for one that may only be read."""
    rows = CUSTOMER.visible_to(actor, action).filter(merged_into=None)
    row: Customer | None = rows.select_for_update(of=("self",)).filter(pk=identity).first()
    if row is not None:
        return row
    if CUSTOMER.visible_to(actor).filter(pk=identity, merged_into=None).exists():
        raise NotAllowed("customer", action)
    raise Http404("customer")


def _refuse_hidden(actor: Actor, changes: Mapping[str, Any], action: str) -> None:
    """Only declared, editable fields of classes that the actor has for the action."""
    classes = actor.classes("customer", action)
    for name in changes:
        spec = CUSTOMER.by_name[name]
        if not spec.editable or spec.field_class not in classes:
            raise NotAllowed("customer", action)


def _checked(row: Customer, given: Mapping[str, Any]) -> dict[str, Any]:
    typed = given.get("credit_code")
    # A code that came in wrong by an import does not keep people from changing the rest.
    code = compact_code(typed) if typed and typed != row.credit_code else None
    if code is not None and code != row.credit_code:
        fault = credit_code_fault(code)
        if fault is not None:
            raise CustomerError(fault, "credit_code")
    values = checked(row, given if code is None else {**given, "credit_code": code})
    if "name" in values and not values["name"]:
        raise CustomerError(_("A customer needs a name."), "name")
    return values


def _refuse_same_code(actor: Actor, values: Mapping[str, Any]) -> None:
    if not values.get("credit_code"):
        return
    for one in find_similar(actor, name=values["name"], credit_code=values["credit_code"], limit=1):
        if "credit_code" in one.reasons:
            message = _("%(name)s has this credit code already.") % {"name": one.customer.name}
            raise CustomerError(message, "credit_code")


def _team_of(user_id: int | None) -> int | None:
    return User.objects.filter(pk=user_id).values_list("team_id", flat=True).first() if user_id else None


def _team_row(user_id: int) -> Any:
    return User.objects.select_related("team").get(pk=user_id).team
