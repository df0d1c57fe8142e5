"""Files that come and go with a case's mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bihuan.kernel.actor import SYSTEM, Actor, FieldClass
from bihuan.kernel.files import Kept
from bihuan.kernel.files.uploads import tidy_name
from bihuan.messaging.models import InAttachment, InMessage

from ..errors import CaseError
from ..models import Case, CaseFile
from ..services.filing import attach_kept

# Pictures that stand within the text and are no larger are a signature's.
SMALL_PICTURE = 8 * 1024


def about_mail(message_id: int) -> str:
    return f"mail:{message_id}"


def keep_files(case: Case, message: InMessage, writer: Actor, now: datetime) -> list[CaseFile]:
    """The mail's files become files of the case, by reference: their content lies in the store already.

    Left with the mail alone: what was too large to be taken, a winmail.dat whose contents stand beside it, the pictures of a
    signature; and all of them where the case is full, which is no reason to lose the mail.
    """
    wanted = [one for one in message.attachments.order_by("ordinal") if _is_kept(one)]
    if not wanted:
        return []
    kept = [Kept(one.sha256, tidy_name(one.name), one.content_type, one.size) for one in wanted]
    try:
        return attach_kept(replace(SYSTEM, name=writer.name), case, kept, now, about=about_mail(message.pk))
    except CaseError:
        return []


def _is_kept(one: InAttachment) -> bool:
    if not one.sha256 or one.note == "tnef_unpacked":
        return False
    return not (one.content_id and one.content_type.startswith("image/") and one.size <= SMALL_PICTURE)


def sendable(case: Case) -> list[CaseFile]:
    """The files of a case that may leave the house: not withdrawn, not for colleagues, not of a class of its own."""
    rows = CaseFile.objects.filter(
        case=case, withdrawn_at=None, is_internal=False, field_class=FieldClass.PUBLIC.value
    )
    return list(rows.order_by("-id")[:100])


def references_to(files: Iterable[CaseFile]) -> list[dict[str, Any]]:
    """Files as a queued message refers to them."""
    return [
        {"name": one.name, "type": one.content_type, "size": one.size, "sha256": one.sha256} for one in files
    ]
