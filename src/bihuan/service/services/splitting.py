"""A case with two problems becomes two cases."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.time import local_date

from ..errors import CaseError
from ..models import Case, CaseFile, CaseReference
from ..promised import promised_now
from .opening import TITLE
from .step import append, attributes_of, journal, live_case, refuse_closed, refuse_unknown, settle, text_given


@transaction.atomic
def split_case(
    *,
    actor: Actor,
    case: Case,
    text: str,
    now: datetime,
    title: str = "",
    kind: str | None = None,
    severity: int | None = None,
    files: Iterable[int] = (),
    came_up_now: bool = False,
) -> Case:
    """Make a case of its own of a second problem; returns it.

    What happened stays where it is, and the two point at each other. The new one is the same customer's, with the same people
    and team. Its promises count from when the first was opened, for the customer has waited since then, unless the problem came
    up only now. Files that go along are attached to both. Refused: a closed case, no text, the same split twice, a file that is
    not of this case or not the actor's to read.
    """
    row = live_case(actor, case)
    refuse_closed(row)
    text = text_given(text, "text", _("Say what the second problem is."))
    title = (title.strip() or text.split("\n", 1)[0])[:TITLE]
    kind = kind or row.kind
    severity = severity or row.severity
    refuse_unknown(kind=kind, severity=severity, urgency=None)
    if Case.objects.filter(split_from=row, title=title, text=text).exists():
        raise CaseError(_("This was split off already."), "text")
    taken = _files(actor, row, files)
    since = now if came_up_now else min(row.opened_at, now)
    made = Case(
        number=f"new-{uuid.uuid4().hex}", kind=kind, title=title, text=text, customer_id=row.customer_id,
        contact_id=row.contact_id, severity=severity, urgency=row.urgency, channel=row.channel, tier=row.tier,
        owner_id=row.owner_id, team_id=row.team_id, opened_at=since, split_from=row, created_at=now, updated_at=now,
    )  # fmt: skip
    made.save(force_insert=True)
    made.number = f"{local_date(now):%y%m}-{made.pk:06d}"
    attributes = promised_now().attributes(**attributes_of(made))
    append(made, actor, "opened", since, {"attributes": attributes, "text": text})
    append(made, actor, "split_from", now, {"case": row.pk, "number": row.number, "title": row.title})
    _refer_alike(row, made)
    copies = CaseFile.objects.bulk_create(_copy(one, made, actor, now) for one in taken)
    for shown, field_class in sorted({(one.is_internal, one.field_class) for one in copies}):
        names = [
            {"id": one.pk, "name": one.name}
            for one in copies
            if (one.is_internal, one.field_class) == (shown, field_class)
        ]
        append(
            made,
            actor,
            "attached",
            now,
            {"files": names},
            is_internal=shown,
            field_class=FieldClass(field_class),
        )
    append(row, actor, "split_off", now, {"case": made.pk, "number": made.number, "title": made.title})
    journal(row, actor, now, "split_off", after={"case": made.number})
    journal(made, actor, now, "split_from", after={"case": row.number, "title": made.title})
    settle(row, now)
    return settle(made, now, "number")


def _files(actor: Actor, case: Case, wanted: Iterable[int]) -> list[CaseFile]:
    keys = set(wanted)
    rows = CaseFile.objects.filter(
        pk__in=keys, case=case, withdrawn_at=None, field_class__in=list(actor.classes("case"))
    )
    found = list(rows.order_by("id"))
    if len(found) != len(keys):
        raise CaseError(_("Pick files of this case."), "files")
    return list({one.sha256: one for one in found}.values())


def _refer_alike(case: Case, made: Case) -> None:
    """The second problem is of the same goods until somebody says otherwise."""
    CaseReference.objects.bulk_create(
        CaseReference(case=made, kind=one.kind, key=one.key, label=one.label)
        for one in CaseReference.objects.filter(case=case).order_by("id")
    )


def _copy(one: CaseFile, case: Case, actor: Actor, now: datetime) -> CaseFile:
    """The same content under the new case; the store keeps it once."""
    return CaseFile(
        case=case, sha256=one.sha256, small=one.small, name=one.name, content_type=one.content_type, size=one.size,
        is_internal=one.is_internal, field_class=one.field_class, actor=actor.key, actor_name=actor.name[:150], at=now,
    )  # fmt: skip
