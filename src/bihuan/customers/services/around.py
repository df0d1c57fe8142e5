"""What hangs on one customer: contacts, sites, relations, tags, competitors, facts of its file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, FieldClass, NotAllowed, require
from bihuan.kernel.analytics.changes import mark_changed
from bihuan.kernel.records import RecordSpec
from bihuan.kernel.time import local_date

from ..errors import CustomerError
from ..facts_catalogue import CATALOGUE, fact_class
from ..models import (
    Competitor,
    Contact,
    Customer,
    CustomerCompetitor,
    CustomerFact,
    CustomerRelation,
    CustomerTag,
    Site,
    Tag,
)
from ..records import CONTACT, CUSTOMER, SITE
from .customer import locked
from .settling import apply_changes, checked, differences, plain, settle, tidy


@transaction.atomic
def add_contact(*, actor: Actor, customer: Customer, values: Mapping[str, Any], now: datetime) -> Contact:
    """Add a person at a customer. Whoever is the first contact takes that from the one before."""
    row = Contact(customer=_seen(actor, customer), created_at=now, updated_at=now)
    _add(CONTACT, actor, row, values)
    _one_primary(row, now)
    settle([row.customer_id], now=now, index=True)
    record(actor, now, "contact.created", row, after=_written(row, values))
    return row


@transaction.atomic
def edit_contact(
    *, actor: Actor, contact: Contact, changes: Mapping[str, Any], now: datetime, version: int | None = None
) -> Contact:
    row = _locked(CONTACT, actor, contact.pk)
    _edit(CONTACT, actor, row, changes, version, now)
    _one_primary(row, now)
    return row


@transaction.atomic
def set_contact_active(*, actor: Actor, contact: Contact, is_active: bool, now: datetime) -> Contact:
    """Say that a person has left, or is back. Somebody who left is not the first contact."""
    row = _locked(CONTACT, actor, contact.pk)
    values = {"is_active": is_active} if is_active else {"is_active": False, "is_primary": False}
    before, after = differences(row, values)
    if after:
        apply_changes(row, values, version=None, now=now)
        settle([row.customer_id], now=now)
        action = "contact.reactivated" if is_active else "contact.deactivated"
        record(actor, now, action, row, before=before, after=after)
    return row


def _one_primary(row: Contact, now: datetime) -> None:
    if row.is_primary:
        others = Contact.objects.filter(customer=row.customer_id, is_primary=True).exclude(pk=row.pk)
        for other in others:
            apply_changes(other, {"is_primary": False}, version=None, now=now)


@transaction.atomic
def add_site(*, actor: Actor, customer: Customer, values: Mapping[str, Any], now: datetime) -> Site:
    row = Site(customer=_seen(actor, customer), created_at=now, updated_at=now)
    _add(SITE, actor, row, values)
    settle([row.customer_id], now=now)
    record(actor, now, "site.created", row, after=_written(row, values))
    return row


@transaction.atomic
def edit_site(
    *, actor: Actor, site: Site, changes: Mapping[str, Any], now: datetime, version: int | None = None
) -> Site:
    row = _locked(SITE, actor, site.pk)
    _edit(SITE, actor, row, changes, version, now)
    return row


def _seen(actor: Actor, customer: Customer) -> Customer:
    """The customer, if the actor sees it: adding around it needs the right for what is added, not for the customer."""
    row: Customer | None = CUSTOMER.visible_to(actor).filter(pk=customer.pk, merged_into=None).first()
    if row is None:
        raise Http404("customer")
    return row


def _add(spec: RecordSpec, actor: Actor, row: Any, values: Mapping[str, Any]) -> None:
    require(actor, spec.name, "create")
    _refuse_hidden(spec, actor, values, "create")
    for name, value in _named(row, checked(row, values)).items():
        setattr(row, name, value)
    row.save(force_insert=True)
    # Whether the actor reaches the customer for this action, the row itself tells.
    if not spec.visible_to(actor, "create").filter(pk=row.pk).exists():
        raise NotAllowed(spec.name, "create")


def _edit(
    spec: RecordSpec, actor: Actor, row: Any, changes: Mapping[str, Any], version: int | None, now: datetime
) -> None:
    _refuse_hidden(spec, actor, changes, "edit")
    values = _named(row, checked(row, changes))
    before, after = differences(row, values)
    if after:
        apply_changes(row, values, version=version, now=now)
        settle([row.customer_id], now=now, index=spec is CONTACT)
        record(actor, now, f"{spec.name}.edited", row, before=before, after=after)


def _named(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    if not values.get("name", row.name):
        raise CustomerError(_("A name is needed."), "name")
    return values


def _written(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: plain(getattr(row, name)) for name in values}
    return {
        "customer": row.customer_id,
        **{name: value for name, value in found.items() if value not in (None, "", False)},
    }


def _refuse_hidden(spec: RecordSpec, actor: Actor, values: Mapping[str, Any], action: str) -> None:
    classes = actor.classes(spec.name, action)
    for name in values:
        one = spec.by_name[name]
        if not one.editable or one.field_class not in classes:
            raise NotAllowed(spec.name, action)


def _locked(spec: RecordSpec, actor: Actor, identity: int) -> Any:
    row = spec.visible_to(actor, "edit").select_for_update(of=("self",)).filter(pk=identity).first()
    if row is not None:
        return row
    if spec.visible_to(actor).filter(pk=identity).exists():
        raise NotAllowed(spec.name, "edit")
    raise Http404(spec.name)


@transaction.atomic
def add_relation(
    *, actor: Actor, customer: Customer, other: Customer, kind: str, now: datetime, note: str = ""
) -> CustomerRelation:
    """Say that a customer is the … of another; both must be seen. Twice the same is kept once."""
    row = locked(actor, customer.pk)
    far = _seen(actor, other)
    if row.pk == far.pk:
        raise CustomerError(_("A customer has no relation to itself."), "other")
    if kind not in CustomerRelation.Kind.values:
        raise CustomerError(_("This choice does not exist."), "kind")
    note = checked(CustomerRelation(), {"note": note})["note"]
    turned = CustomerRelation.objects.filter(customer=far, other=row, kind=kind)
    if kind == CustomerRelation.Kind.PARENT and turned.exists():
        raise CustomerError(_("It is the other way round already."), "kind")
    if kind == CustomerRelation.Kind.SAME_OWNER and (known := turned.first()) is not None:
        return known
    found, made = CustomerRelation.objects.get_or_create(
        customer=row, other=far, kind=kind, defaults={"note": note}
    )
    if made:
        settle([row.pk], now=now)
        record(
            actor,
            now,
            "customer.relation_added",
            row,
            after={"kind": kind, "other": far.pk, "name": far.name},
        )
    return found


@transaction.atomic
def remove_relation(*, actor: Actor, relation_id: int, now: datetime) -> Customer:
    """Remove a relation; from which of its two customers the actor does it, does not matter."""
    relation = CustomerRelation.objects.select_related("customer", "other").filter(pk=relation_id).first()
    if relation is None:
        raise Http404("relation")
    ends = (relation.customer, relation.other)
    mine = CUSTOMER.visible_to(actor, "edit").filter(pk__in=[one.pk for one in ends]).first()
    if mine is None or CUSTOMER.visible_to(actor).filter(pk__in=[one.pk for one in ends]).count() < 2:
        raise Http404("relation")
    other = relation.other if mine.pk == relation.customer_id else relation.customer
    record(
        actor,
        now,
        "customer.relation_removed",
        mine,
        before={"kind": relation.kind, "other": other.pk, "name": other.name},
    )
    relation.delete()
    settle([mine.pk], now=now)
    found: Customer = mine
    return found


@transaction.atomic
def set_tags(*, actor: Actor, customer: Customer, tags: Iterable[Tag], now: datetime) -> Customer:
    """The tags that a person gives; those that a rule gave stay what the rule says."""
    row = locked(actor, customer.pk)
    wanted = {one.pk: one for one in tags}
    held = {one.tag_id: one for one in CustomerTag.objects.filter(customer=row).select_related("tag")}
    gone = [one for key, one in held.items() if key not in wanted and not one.by_rule]
    new = [one for key, one in wanted.items() if key not in held]
    if not gone and not new:
        return row
    CustomerTag.objects.filter(pk__in=[one.pk for one in gone]).delete()
    CustomerTag.objects.bulk_create(CustomerTag(customer=row, tag=one) for one in new)
    settle([row.pk], now=now)
    record(
        actor,
        now,
        "customer.tagged",
        row,
        before={"tags": sorted(one.tag.code for one in gone)},
        after={"tags": sorted(one.code for one in new)},
    )
    return row


@transaction.atomic
def record_competitor(
    *,
    actor: Actor,
    customer: Customer,
    name: str,
    now: datetime,
    products: str = "",
    share_percent: Decimal | None = None,
    as_of: date | None = None,
    note: str = "",
) -> CustomerCompetitor:
    """Note what a competitor has at a customer; the newest word replaces the one before."""
    row = locked(actor, customer.pk)
    require(actor, "customer", "edit", FieldClass.COMMERCIAL)
    text = checked(Competitor(), {"name": name})["name"]
    if not text:
        raise CustomerError(_("A name is needed."), "name")
    if share_percent is not None and not (share_percent.is_finite() and 0 <= share_percent <= 100):
        raise CustomerError(_("A share lies between 0 and 100."), "share_percent")
    competitor = Competitor.objects.filter(name__iexact=text).first() or Competitor.objects.create(name=text)
    values = checked(CustomerCompetitor(), {"products": products, "note": note})
    found, _made = CustomerCompetitor.objects.update_or_create(
        customer=row,
        competitor=competitor,
        defaults={**values, "share_percent": share_percent, "as_of": as_of or local_date(now)},
    )
    settle([row.pk], now=now)
    record(
        actor, now, "customer.competitor_recorded", row,
        after={"competitor": competitor.name, "share_percent": plain(share_percent), **values},
    )  # fmt: skip
    return found


@transaction.atomic
def remove_competitor(*, actor: Actor, entry_id: int, now: datetime) -> Customer:
    entry = CustomerCompetitor.objects.select_related("competitor").filter(pk=entry_id).first()
    if entry is None:
        raise Http404("competitor")
    row = locked(actor, entry.customer_id)
    require(actor, "customer", "edit", FieldClass.COMMERCIAL)
    entry.delete()
    settle([row.pk], now=now)
    record(actor, now, "customer.competitor_removed", row, before={"competitor": entry.competitor.name})
    return row


@transaction.atomic
def record_fact(
    *,
    actor: Actor,
    customer: Customer,
    name: str,
    value: str,
    now: datetime,
    section: str = "",
    as_of: date | None = None,
    source: str = "",
) -> CustomerFact:
    """Note a fact of the customer's file as of a day; an earlier value of another day is kept.

    `section` counts only for facts that the catalogue does not know. Numbers and scores must be such.
    """
    row = locked(actor, customer.pk)
    name = checked(CustomerFact(), {"name": name})["name"]
    if not name:
        raise CustomerError(_("A name is needed."), "name")
    known = CATALOGUE.get(name)
    section = known.section if known else section
    require(actor, "customer", "edit", fact_class(section, name))
    day = as_of or local_date(now)
    if day > local_date(now):
        raise CustomerError(_("This day is in the future."), "as_of")
    written = _fact_value(known.kind if known else "text", tidy(value))
    values = checked(CustomerFact(), {"section": section or "market_position", "source": source})
    before = (
        CustomerFact.objects.filter(customer=row, name=name, as_of=day)
        .values_list("value", flat=True)
        .first()
    )
    fact, _made = CustomerFact.objects.update_or_create(
        customer=row, name=name, as_of=day, defaults={**values, "value": written}
    )
    settle([row.pk], now=now)
    mark_changed("customer_facts", None, now=now)
    # The journal says that it changed; a secret value itself stays in the file.
    secret = fact_class(section, name) is FieldClass.SECRET
    record(
        actor, now, "customer.fact_recorded", row,
        before=None if before is None or secret else {name: before},
        after={name: "•••" if secret else written, "as_of": day.isoformat()},
    )  # fmt: skip
    return fact


def _fact_value(kind: str, text: str) -> Any:
    if not text:
        raise CustomerError(_("A value is needed."), "value")
    if len(text) > 500:
        raise CustomerError(_("At most %(count)d characters.") % {"count": 500}, "value")
    if kind in ("number", "score"):
        try:
            number = Decimal(text.replace(",", "").rstrip("%"))
        except InvalidOperation as error:
            raise CustomerError(_("This is no number."), "value") from error
        if not number.is_finite() or abs(number) > 10**15:
            raise CustomerError(_("This is no number."), "value")
        if kind == "score" and not 0 <= number <= 100:
            raise CustomerError(_("A score lies between 0 and 100."), "value")
        return int(number) if number == math.floor(number) else float(number)
    return text
