"""Writing an objection down: from a case, its fields, its papers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed, require
from bihuan.kernel.time import local_date

from ..errors import CaseError
from ..models import Case, Objection
from ..services.filing import attach
from ..services.step import live_case, refuse_closed
from .facts import matrix_now
from .holding import objections_of
from .records import OBJECTION
from .step import append_to, open_to_work, settle_objection
from .wording import FIELD_WORDS

INTAKE = tuple(FIELD_WORDS)


@transaction.atomic
def open_objection(*, actor: Actor, case: Case, now: datetime, **fields: Any) -> Objection:
    """Write down the objection of a case of kind quality objection, as a draft. Asked twice, the one that is there.

    `fields`: of the intake, as far as they are known.
    """
    require(actor, "objection", "create")
    row = live_case(actor, case, "note")
    refuse_closed(row)
    if row.kind != Case.Kind.QUALITY_OBJECTION:
        raise CaseError(_("Only a case that is a quality objection has one. Change its kind first."))
    there = objections_of(row).first()
    if there is not None:
        return there
    made = Objection(
        number=f"new-{uuid.uuid4().hex}", case=row, raised_on=local_date(row.opened_at), defect=row.title,
        opened_at=now, created_at=now, updated_at=now,
    )  # fmt: skip
    _fill(made, actor, fields, now, "create")
    made.save(force_insert=True)
    made.number = f"YY-{local_date(now):%y%m}-{made.pk:05d}"
    if not OBJECTION.visible_to(actor, "create").filter(pk=made.pk).exists():
        raise NotAllowed("objection", "create")
    append_to(made, actor, "opened", now, {"case": row.number})
    return settle_objection(made, now, "number")


@transaction.atomic
def change_intake(*, actor: Actor, objection: Objection, now: datetime, **fields: Any) -> Objection:
    """Change what the customer says. Once admitted, what the window and the tolerance were judged by stays as it is."""
    row = open_to_work(actor, objection)
    changed = _fill(row, actor, fields, now, "edit")
    fixed = {
        "raised_on",
        "received_on",
        "about",
        "contract",
        "product",
        "quantity_delivered",
        "quantity_claimed",
    }
    if row.stage not in (Objection.Stage.DRAFT, Objection.Stage.SUBMITTED) and fixed & set(changed):
        name = next(one for one in INTAKE if one in fixed & set(changed))
        raise CaseError(_("It was admitted on this. Reopen the admission to change it."), name)
    if changed:
        told = {name: str(value) for name, value in changed.items() if name != "amount_claimed"}
        append_to(row, actor, "changed", now, {"fields": sorted(changed), "values": told})
    return settle_objection(row, now, *changed)


def _fill(
    row: Objection, actor: Actor, fields: Mapping[str, Any], now: datetime, action: str
) -> dict[str, Any]:
    """Put the fields in; returns those that became another."""
    changed = {}
    for name, value in fields.items():
        if name not in INTAKE:
            raise TypeError(f"an objection has no {name}")
        kept = value.strip() if isinstance(value, str) else value
        if isinstance(kept, str):
            kept = kept[: Objection._meta.get_field(name).max_length]  # type: ignore[union-attr]
        if kept == getattr(row, name):
            continue
        if name == "amount_claimed" and not actor.may("objection", action, FieldClass.COMMERCIAL):
            raise NotAllowed("objection", action)
        setattr(row, name, kept)
        changed[name] = kept
    today = local_date(now)
    for name in ("raised_on", "received_on"):
        if (day := getattr(row, name)) is not None and day > today:
            raise CaseError(_("This day has not come yet."), name)
    if row.received_on is not None and row.raised_on < row.received_on:
        raise CaseError(_("Goods are received before they are objected to."), "received_on")
    for name in ("quantity_claimed", "quantity_delivered"):
        if (quantity := getattr(row, name)) is not None and quantity <= 0:
            raise CaseError(_("The quantity is more than nothing."), name)
    if row.amount_claimed is not None and row.amount_claimed < 0:
        raise CaseError(_("An amount is not negative."), "amount_claimed")
    if (
        row.quantity_claimed is not None
        and row.quantity_delivered is not None
        and row.quantity_claimed > row.quantity_delivered
    ):
        raise CaseError(_("No more can be objected to than was delivered."), "quantity_claimed")
    return changed


def add_paper(
    *, actor: Actor, objection: Objection, paper: str, files: Sequence[Any], now: datetime
) -> Objection:
    """A paper that the objection has to come with, as one or more files of the case."""
    known = {one.id for one in matrix_now().objections.papers}
    if paper not in known:
        raise CaseError(_("There is no such choice."), "paper")
    with transaction.atomic():
        row = open_to_work(actor, objection)
        kept = attach(actor, row.case, files, now, about=f"objection:{row.pk}")
        if paper not in row.papers:
            row.papers = [*row.papers, paper]
        append_to(row, actor, "papers", now, {"paper": paper, "files": [one.name for one in kept]})
        return settle_objection(row, now, "papers")
