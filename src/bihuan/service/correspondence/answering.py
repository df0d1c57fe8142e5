"""Answering a customer by mail.

The answer counts from the moment at which it is queued, in one transaction with the mail: that is when our person had done
the work, and from then on the mail is kept whatever happens. If it cannot be delivered, the owner is told and the case shows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.messaging.channel_settings import settings_of
from bihuan.messaging.errors import MessagingError
from bihuan.messaging.models import Channel, InMessage, OutMessage
from bihuan.messaging.queueing import default_channel, queue_message

from ..errors import CaseError
from ..models import Case, CaseFile, CaseMail, CaseNews
from ..services.step import append, journal, live_case, refuse_closed, settle, text_given
from .files import references_to, sendable
from .matching import on_case
from .taking import key_of
from .telling import tell

APART = re.compile(r"[\s,;，；、]+")
MOST_SUBJECT = 300
FIELDS = {"to": "to", "attachments": "attached", "answers": "text"}


def addresses_in(text: str) -> list[str]:
    """The addresses of a field, each once, as they were written."""
    found = [one for one in APART.split(text) if one]
    return list({one.lower(): one for one in found}.values())


def last_received(case: Case) -> InMessage | None:
    """The customer's last mail on the case: what an answer answers."""
    row = (
        CaseMail.objects.filter(on_case(case), standing=CaseMail.Standing.TAKEN, incoming__isnull=False)
        .select_related("incoming__channel")
        .order_by("-id")
        .first()
    )
    return row.incoming if row else None


def channel_for(case: Case) -> Channel | None:
    """The channel by which the customer wrote, if it sends; else the one by which mail leaves."""
    last = last_received(case)
    if last is not None and last.channel.enabled and settings_of(last.channel).sends:
        return last.channel
    return default_channel()


@transaction.atomic
def answer_by_mail(
    *,
    actor: Actor,
    case: Case,
    subject: str,
    text: str,
    to: Sequence[str],
    now: datetime,
    cc: Sequence[str] = (),
    file_ids: Sequence[int] = (),
    once: str = "",
) -> Case:
    """Queue an answer and note it on the case; the first answer stops the first-response clock.

    Sent twice with the same `once`, it is one mail. What leaves is the text as given and files that are for the customer: no note
    of colleagues, and nothing that was quoted. `CaseError` beside the field.
    """
    row = live_case(actor, case)
    if once and OutMessage.objects.filter(once=f"answer:{once}").exists():
        return row
    refuse_closed(row)
    text = text_given(text, "text", _("Write what the customer is told."))
    subject = " ".join(subject.split())[:MOST_SUBJECT]
    if not subject:
        raise CaseError(_("A mail needs a subject."), "subject")
    files = _files(row, file_ids)
    channel = channel_for(row)
    if channel is None:
        raise CaseError(
            _("No channel that sends mail is set up; an administrator adds one under Messages."), "to"
        )
    try:
        sent = queue_message(
            actor=actor, channel=channel, to=list(to), cc=list(cc), subject=subject, text=text, now=now,
            about=key_of(row), attachments=references_to(files), answers=last_received(row),
            once=f"answer:{once}" if once else None,
        )  # fmt: skip
    except MessagingError as refusal:
        raise CaseError(str(refusal), FIELDS.get(refusal.field, "")) from refusal
    event = append(row, actor, "responded", now, {"text": text, "out": sent.pk})
    CaseMail.objects.create(case=row, outgoing=sent, event=event, at=now)
    journal(row, actor, now, "responded", after={"subject": subject, "files": [one.name for one in files]})
    return settle(row, now)


def _files(case: Case, file_ids: Sequence[int]) -> list[CaseFile]:
    free = {one.pk: one for one in sendable(case)}
    if any(one not in free for one in file_ids):
        raise CaseError(_("One of the files is not for the customer, or was withdrawn."), "attached")
    return [free[one] for one in dict.fromkeys(file_ids)]


@transaction.atomic
def tell_undelivered(*, out_id: int, now: datetime) -> bool:
    """A mail of ours on a case was given up: it is shown there, and whoever handles the case is told. Once for each mail;
    one that somebody sent again and that failed again is told again."""
    row = CaseMail.objects.filter(outgoing=out_id).select_related("outgoing", "case__customer").first()
    if row is None or row.case is None or row.outgoing is None or row.outgoing.state != OutMessage.State.DEAD:
        return False
    case = live_case(SYSTEM, row.case)
    data = {
        "out": row.outgoing.pk,
        "attempt": row.outgoing.attempts,
        "at": row.outgoing.claimed_at.isoformat() if row.outgoing.claimed_at else "",
        "reason": row.outgoing.last_error[:500],
    }
    said = case.events.filter(kind="undelivered").order_by("-id").first()
    if said is not None and said.data == {key: one for key, one in data.items() if one not in (None, "")}:
        return False
    event = append(case, SYSTEM, "undelivered", now, data, is_internal=True)
    settle(case, now)
    tell(case, event, CaseNews.Kind.UNDELIVERED, now)
    return True
