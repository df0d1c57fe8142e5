"""A customer's other names: former, short, trade and Latin ones. Search and the duplicate warning know them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.customers.matching.normalise import name_keys
from bihuan.kernel.actor import Actor
from bihuan.kernel.time import local_date

from ..errors import CustomerError
from ..models import Customer, CustomerName
from .customer import locked
from .settling import checked, plain, settle


@transaction.atomic
def add_name(
    *, actor: Actor, customer: Customer, kind: str, name: str, now: datetime, valid_to: date | None = None
) -> CustomerName:
    """Note another name of a customer. Twice the same is kept once; `valid_to`: until when it was called so."""
    row = locked(actor, customer.pk)
    if kind not in CustomerName.Kind.values:
        raise CustomerError(_("This choice does not exist."), "kind")
    text = checked(CustomerName(), {"name": name})["name"]
    if not text:
        raise CustomerError(_("A name is needed."), "name")
    if text == row.name:
        raise CustomerError(_("It is called so already."), "name")
    if valid_to is not None and valid_to > local_date(now):
        raise CustomerError(_("This day is in the future."), "valid_to")
    found, made = CustomerName.objects.update_or_create(
        customer=row,
        kind=kind,
        name=text,
        defaults={"name_key": name_keys([text])[0][:200], "valid_to": valid_to},
    )
    if made:
        settle([row.pk], now=now, index=True)
        record(
            actor, now, "customer.name_added", row,
            after={"kind": kind, "name": text, "valid_to": plain(valid_to)},
        )  # fmt: skip
    return found


@transaction.atomic
def remove_name(*, actor: Actor, name_id: int, now: datetime) -> Customer:
    found = CustomerName.objects.filter(pk=name_id).first()
    if found is None:
        raise Http404("name")
    row = locked(actor, found.customer_id)
    found.delete()
    settle([row.pk], now=now, index=True)
    record(
        actor, now, "customer.name_removed", row,
        before={"kind": found.kind, "name": found.name, "valid_to": plain(found.valid_to)},
    )  # fmt: skip
    return row
