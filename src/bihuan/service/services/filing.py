"""Files of cases: photos, films and documents are attached, and withdrawn where they were attached by mistake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed
from bihuan.kernel.files import FileRefused, Kept, keep_upload
from bihuan.kernel.files.pictures import small_picture

from ..errors import CaseError
from ..models import Case, CaseFile
from .step import append, journal, live_case, settle

MOST_AT_ONCE = 20
MOST_OF_CASE = 500


def attach(
    actor: Actor,
    case: Case,
    uploads: Sequence[Any],
    now: datetime,
    *,
    is_internal: bool = False,
    field_class: FieldClass = FieldClass.PUBLIC,
    about: str = "",
) -> list[CaseFile]:
    """Attach uploaded files (Django's `UploadedFile`) to the case that counts: all of them or, where one is refused, none.

    `CaseError` beside the field `files`, `NotAllowed` where the actor may not write on the case.
    """
    if not uploads:
        raise CaseError(_("Pick a file or take a photo."), "files")
    if len(uploads) > MOST_AT_ONCE:
        raise CaseError(_("At most %(most)s files at once.") % {"most": MOST_AT_ONCE}, "files")
    live_case(actor, case, "note")  # before anything is written to the disk for somebody who may not
    try:
        kept = [keep_upload(one) for one in uploads]
    except FileRefused as refusal:
        raise CaseError(str(refusal), "files") from refusal
    return attach_kept(actor, case, kept, now, is_internal=is_internal, field_class=field_class, about=about)


@transaction.atomic
def attach_kept(
    actor: Actor,
    case: Case,
    kept: Iterable[Kept],
    now: datetime,
    *,
    is_internal: bool = False,
    field_class: FieldClass = FieldClass.PUBLIC,
    about: str = "",
) -> list[CaseFile]:
    """Attach what lies in the store already. What is attached in that place already stays as it is, and is given back."""
    row = live_case(actor, case, "note")
    if field_class is not FieldClass.PUBLIC and not actor.may("case", "note", field_class):
        raise NotAllowed("case", "note")
    wanted = list({one.sha256: one for one in kept}.values())
    present = {one.sha256: one for one in _shown(row).filter(about=about)}
    if _shown(row).count() + len(wanted) > MOST_OF_CASE:
        raise CaseError(_("A case holds at most %(most)s files.") % {"most": MOST_OF_CASE}, "files")
    fresh = CaseFile.objects.bulk_create(
        CaseFile(
            case=row,
            about=about,
            sha256=one.sha256,
            small=small_picture(one.sha256) if one.is_image else "",
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            is_internal=is_internal,
            field_class=field_class.value,
            actor=actor.key,
            actor_name=actor.name[:150],
            at=now,
        )
        for one in wanted
        if one.sha256 not in present
    )
    if fresh:
        told = {"files": [{"id": one.pk, "name": one.name} for one in fresh], "about": about}
        append(row, actor, "attached", now, told, is_internal=is_internal, field_class=field_class)
        journal(row, actor, now, "attached", after={"files": [one.name for one in fresh]})
        settle(row, now)
    made = {one.sha256: one for one in fresh}
    return [made.get(one.sha256) or present[one.sha256] for one in wanted]


@transaction.atomic
def withdraw_file(actor: Actor, case: Case, file: CaseFile, reason: str, now: datetime) -> CaseFile:
    """Hand the file out no more: the wrong customer's certificate, say. Who attached it, when and why it went stays."""
    row = live_case(actor, case)
    reason = reason.strip()[:500]
    if not reason:
        raise CaseError(_("Say why it is withdrawn."), "reason")
    there = CaseFile.objects.select_for_update().filter(pk=file.pk, case_id__in=(case.pk, row.pk)).first()
    if there is None:
        raise Http404("file")
    if there.withdrawn_at is not None:
        return there
    there.withdrawn_at = now
    there.save(update_fields=["withdrawn_at"])
    append(
        row, actor, "detached", now, {"reason": reason, "files": [{"id": there.pk, "name": there.name}]},
        is_internal=there.is_internal, field_class=FieldClass(there.field_class),
    )  # fmt: skip
    journal(row, actor, now, "detached", before={"file": there.name}, after={"reason": reason})
    settle(row, now)
    return there


def _shown(case: Case) -> Any:
    return CaseFile.objects.filter(case=case, withdrawn_at=None)
