"""Changes to many customers at once, in sets, each with its way back.

The way back is JSON: for each row its key, the version that the change left, and the values before. It puts back
only rows that nobody changed since.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.audit.services import entry_for, record, record_many
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.models import BulkRun, BulkStep
from bihuan.people.access import STAFF
from bihuan.people.models import User

from .. import queries
from ..errors import CustomerError
from ..models import Customer, CustomerTag, Tag
from .settling import CHUNK, settle

Undo = dict[str, Any]
COLUMNS = ("owner_a_id", "owner_b_id", "team_id", "status")


@transaction.atomic
def assign_owner(
    *, actor: Actor, ids: Sequence[int], place: str, owner_id: int | None, now: datetime
) -> Undo:
    """Make somebody owner A or B (`place` is `a` or `b`) of customers. The team follows owner A."""
    require(actor, "customer", "hand_over")
    owner = None if owner_id is None else person_for(actor, owner_id)
    column, other = ("owner_a_id", "owner_b_id") if place == "a" else ("owner_b_id", "owner_a_id")
    changes: dict[int, dict[str, Any]] = {}
    for key, row in _rows(actor, ids, "hand_over").items():
        wanted: dict[str, Any] = {column: owner_id}
        if owner is not None and row[other] == owner_id:
            wanted[other] = None
        if place == "a" and owner is not None and owner.team_id is not None:
            wanted["team_id"] = owner.team_id
        changes[key] = {name: value for name, value in wanted.items() if row[name] != value}
    return _write(actor, "customer.handed_over", changes, now)


@transaction.atomic
def change_status(*, actor: Actor, ids: Sequence[int], status: str, now: datetime) -> Undo:
    require(actor, "customer", "edit")
    if status not in Customer.Status.values:
        raise CustomerError(_("This choice does not exist."), "status")
    rows = _rows(actor, ids, "edit")
    changes = {key: {"status": status} for key, row in rows.items() if row["status"] != status}
    return _write(actor, "customer.edited", changes, now)


@transaction.atomic
def hand_over(
    *, actor: Actor, from_id: int, to_ids: Sequence[int], now: datetime, deputy_id: int | None = None
) -> BulkRun:
    """Give all customers of one person to others in one step, as owner A evenly to `to_ids`.

    Where the person is owner B, `deputy_id` becomes that, or the first of `to_ids`. Only customers that the actor may
    hand over. The answer is the run that `bulk_undo` of lists takes back.
    """
    require(actor, "customer", "hand_over")
    people = [person_for(actor, one) for one in dict.fromkeys(to_ids)]
    if not people:
        raise CustomerError(_("Say who takes the customers."), "to")
    if from_id in [one.pk for one in people]:
        raise CustomerError(_("Nobody hands over to oneself."), "to")
    if deputy_id == from_id:
        raise CustomerError(_("Nobody hands over to oneself."), "deputy")
    deputy = people[0] if deputy_id is None else person_for(actor, deputy_id)
    ids = list(queries.customers_of(actor, from_id, "hand_over").order_by("pk").values_list("pk", flat=True))
    changes: dict[int, dict[str, Any]] = {}
    taken = 0
    for key, row in _rows(actor, ids, "hand_over").items():
        wanted: dict[str, Any] = {}
        if row["owner_a_id"] == from_id:
            taker = people[taken % len(people)]
            taken += 1
            wanted = {"owner_a_id": taker.pk}
            if taker.team_id is not None:
                wanted["team_id"] = taker.team_id
        if row["owner_b_id"] == from_id:
            wanted["owner_b_id"] = deputy.pk
        a, b = (wanted.get(name, row[name]) for name in ("owner_a_id", "owner_b_id"))
        if a is not None and a == b:
            wanted["owner_b_id"] = None
        changes[key] = {name: value for name, value in wanted.items() if row[name] != value}
    undo = _write(actor, "customer.handed_over", changes, now)
    run = BulkRun.objects.create(
        page="customers",
        action="owner_a",
        values={"from": from_id, "to": [one.pk for one in people], "deputy": deputy.pk},
        started_by_id=actor.user_id,
        created_at=now,
        changed=len(undo["rows"]),
    )
    BulkStep.objects.create(run=run, ordinal=0, undo=undo)
    leaver = User.objects.filter(pk=from_id).first()
    record(
        actor, now, "customer.all_handed_over", leaver,
        after={"customers": run.changed, "to": [one.name for one in people], "deputy": deputy.name},
    )  # fmt: skip
    return run


def person_for(actor: Actor, user_id: int) -> User:
    """Somebody who is there and to whom the actor may hand over."""
    person: User | None = STAFF.visible_to(actor, "hand_over").filter(pk=user_id, is_active=True).first()
    if person is None:
        raise CustomerError(_("To this person you cannot hand over."), "to")
    return person


def _rows(actor: Actor, ids: Iterable[int], action: str) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for chunk in batched(ids, CHUNK):
        rows = queries.customers_visible_to(actor, action).filter(pk__in=chunk).order_by("pk")
        for row in rows.select_for_update(of=("self",)).values("pk", "name", "version", *COLUMNS):
            found[row["pk"]] = row
    return found


def _write(actor: Actor, action: str, changes: Mapping[int, dict[str, Any]], now: datetime) -> Undo:
    """Write changes that were worked out row by row as one UPDATE for each distinct change."""
    changes = {key: wanted for key, wanted in changes.items() if wanted}
    rows: list[list[Any]] = []
    entries = []
    alike: dict[str, list[int]] = defaultdict(list)
    for key, wanted in changes.items():
        alike[json.dumps(wanted, sort_keys=True)].append(key)
    for text, keys in alike.items():
        wanted = json.loads(text)
        for chunk in batched(keys, CHUNK):
            before = {
                row["pk"]: row
                for row in Customer.objects.filter(pk__in=chunk).values("pk", "name", "version", *wanted)
            }
            Customer.objects.filter(pk__in=chunk).update(**wanted, version=F("version") + 1, updated_at=now)
            for key, row in before.items():
                old = {name: row[name] for name in wanted}
                rows.append([key, row["version"] + 1, old])
                entries.append(
                    entry_for(
                        actor, now, action, object_type="customer", object_id=key, object_name=row["name"],
                        before=old, after=wanted,
                    )
                )  # fmt: skip
    record_many(entries)
    fields = {name for wanted in changes.values() for name in wanted}
    settle(changes, now=now, fields=fields, touch=False)
    return {"rows": rows}


@transaction.atomic
def put_back(actor: Actor, undo: Undo, now: datetime) -> int:
    """Put back what a change of many left, as far as nobody changed the rows since; how many were put back."""
    wanted = {key: (version, old) for key, version, old in undo["rows"]}
    changes: dict[int, dict[str, Any]] = {}
    for chunk in batched(wanted, CHUNK):
        for key, version in Customer.objects.filter(pk__in=chunk).values_list("pk", "version"):
            if version == wanted[key][0]:
                changes[key] = wanted[key][1]
    _write(actor, "customer.put_back", changes, now)
    return len(changes)


@transaction.atomic
def tag_many(*, actor: Actor, ids: Sequence[int], tag_id: int, now: datetime) -> Undo:
    """Give customers a tag; those that have it already are left alone."""
    require(actor, "customer", "edit")
    tag = _tag(tag_id)
    rows = _rows(actor, ids, "edit")
    held = set(CustomerTag.objects.filter(tag=tag, customer__in=rows).values_list("customer_id", flat=True))
    new = [key for key in rows if key not in held]
    CustomerTag.objects.bulk_create([CustomerTag(customer_id=key, tag=tag) for key in new], batch_size=2000)
    _note_tags(actor, rows, new, {"after": {"tags": [tag.code]}}, now)
    return {"tag": tag.pk, "added": new}


@transaction.atomic
def untag_many(*, actor: Actor, ids: Sequence[int], tag_id: int, now: datetime) -> Undo:
    """Take a tag from customers; one that a rule gave stays."""
    require(actor, "customer", "edit")
    tag = _tag(tag_id)
    rows = _rows(actor, ids, "edit")
    links = CustomerTag.objects.filter(tag=tag, customer__in=rows, by_rule=False)
    gone = list(links.values_list("customer_id", flat=True))
    links.delete()
    _note_tags(actor, rows, gone, {"before": {"tags": [tag.code]}}, now)
    return {"tag": tag.pk, "removed": gone}


@transaction.atomic
def put_back_tags(actor: Actor, undo: Undo, now: datetime) -> int:
    """Take back `tag_many` or `untag_many`."""
    tag = Tag.objects.filter(pk=undo["tag"]).first()
    if tag is None:
        return 0
    done = 0
    for chunk in batched(undo.get("added", ()), CHUNK):
        links = CustomerTag.objects.filter(tag=tag, customer__in=chunk, by_rule=False)
        keys = list(links.values_list("customer_id", flat=True))
        links.delete()
        done += len(keys)
        rows = dict(Customer.objects.filter(pk__in=keys).values_list("pk", "name"))
        _note_tags(
            actor,
            {key: {"name": name} for key, name in rows.items()},
            keys,
            {"before": {"tags": [tag.code]}},
            now,
        )
    for chunk in batched(undo.get("removed", ()), CHUNK):
        rows = dict(Customer.objects.filter(pk__in=chunk).exclude(tags__tag=tag).values_list("pk", "name"))
        CustomerTag.objects.bulk_create([CustomerTag(customer_id=key, tag=tag) for key in rows])
        done += len(rows)
        _note_tags(
            actor,
            {key: {"name": name} for key, name in rows.items()},
            list(rows),
            {"after": {"tags": [tag.code]}},
            now,
        )
    return done


def _tag(tag_id: int) -> Tag:
    tag = Tag.objects.filter(pk=tag_id).first()
    if tag is None:
        raise CustomerError(_("This tag is gone."), "tag")
    return tag


def _note_tags(
    actor: Actor,
    rows: Mapping[int, Mapping[str, Any]],
    keys: Sequence[int],
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    record_many(
        entry_for(
            actor,
            now,
            "customer.tagged",
            object_type="customer",
            object_id=key,
            object_name=rows[key]["name"],
            **details,
        )
        for key in keys
    )
    settle(keys, now=now)
