"""What the customer and we said to each other, as one conversation: theirs and ours, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.messaging.models import InAttachment, OutMessage
from bihuan.messaging.wording import NOTES, OUT_STATES, OUT_TONES

from ..explaining import Told, tell
from ..models import Case, CaseEvent, CaseFile, CaseMail
from ..promised import Promised
from ..queries import said_in_taken_in
from .files import about_mail

THEIRS = frozenset({"opened", "received", "auto_replied"})
OURS = frozenset({"responded", "acknowledged"})
BY_MACHINES = frozenset({"auto_replied", "acknowledged"})
MOST = 300


@dataclass(frozen=True)
class Said:
    """One turn. `state`: what became of a mail of ours, with its tone; `files` with their rows where they are the case's;
    `origin`: the case that was merged into this one, where it was said there."""

    at: datetime
    who: str
    is_ours: bool
    text: str
    is_mail: bool = False
    is_machine: bool = False
    address: str = ""
    subject: str = ""
    quoted: str = ""
    via: str = ""
    state: Any = ""
    tone: str = ""
    may_have_arrived: bool = False
    came_back: bool = False
    files: list[CaseFile] = field(default_factory=list)
    names: list[tuple[str, Any]] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)
    origin: Case | None = None


def is_said(event: CaseEvent) -> bool:
    """Whether an event's words belong to the conversation; the timeline then need not repeat them."""
    if event.kind == "noted":
        return not event.is_internal
    return event.kind in THEIRS | OURS


def told_without_words(event: CaseEvent, promised: Promised) -> Told:
    """A line of the timeline for what stands in the conversation."""
    return replace(tell(event, promised), text="")


def conversation(
    actor: Actor, case: Case, events: Sequence[CaseEvent], files: Sequence[CaseFile]
) -> list[Said]:
    """The turns of the events given and of those in the cases that were merged into this one, oldest first. `files`: those
    that the actor may read. One query more where mail came or went, two where it brought files, one where cases were merged."""
    theirs = said_in_taken_in(actor, case, events)
    said = [one for one in (*events, *theirs) if is_said(one)]
    said = sorted(said, key=lambda one: (one.at, one.pk))[-MOST:]
    mails = _mails([case, *(one.case for one in theirs)], said)
    names = _names([one for one in mails.values() if one.incoming_id is not None])
    sees_addresses = FieldClass.CONTACT in actor.classes("case")
    by_mail: dict[str, list[CaseFile]] = {}
    for one in reversed(files):
        by_mail.setdefault(one.about, []).append(one)
    turns = []
    for event in said:
        mail = mails.get(event.pk)
        if mail is not None and mail.incoming is not None:
            turn = _theirs(event, mail, sees_addresses, by_mail, names)
        elif mail is not None and mail.outgoing is not None:
            turn = _ours(event, mail.outgoing, sees_addresses)
        else:
            turn = _spoken(case if event.case_id == case.pk else event.case, event)
        turns.append(turn if event.case_id == case.pk else replace(turn, origin=event.case))
    return turns


def _mails(cases: Sequence[Case], events: Sequence[CaseEvent]) -> dict[int, CaseMail]:
    by_mail = any(one.channel == "mail" for one in cases)
    if not by_mail and not any(one.data.get("mail") or one.data.get("out") for one in events):
        return {}
    rows = CaseMail.objects.filter(event__in=[one.pk for one in events]).exclude(
        standing=CaseMail.Standing.HELD
    )
    found: dict[int, CaseMail] = {}
    for one in rows.select_related("incoming", "outgoing", "case__contact").order_by("-id"):
        if one.event_id is not None:
            found[one.event_id] = one
    return found


def _names(mails: Sequence[CaseMail]) -> dict[int, list[tuple[str, str, str]]]:
    """Of each mail its files as they came: name, digest, note."""
    if not mails:
        return {}
    rows = InAttachment.objects.filter(message__in=[one.incoming_id for one in mails]).order_by("ordinal")
    found: dict[int, list[tuple[str, str, str]]] = {}
    for message_id, name, sha256, note in rows.values_list("message_id", "name", "sha256", "note"):
        found.setdefault(message_id, []).append((name, sha256, note))
    return found


def _theirs(
    event: CaseEvent,
    mail: CaseMail,
    sees_addresses: bool,
    by_mail: dict[str, list[CaseFile]],
    names: dict[int, list[tuple[str, str, str]]],
) -> Said:
    message = mail.incoming
    assert message is not None
    files = by_mail.get(about_mail(message.pk), [])
    shown = {one.sha256 for one in files}
    left = [
        (name, NOTES.get(note, note))
        for name, sha256, note in names.get(message.pk, [])
        if sha256 not in shown and note not in ("tnef_unpacked",)
    ]
    who = event.actor_name
    if event.kind == "opened":
        who = (
            (mail.case.contact.name if mail.case and mail.case.contact else "") or message.sender_name or who
        )
    return Said(
        at=event.at,
        who=who,
        is_ours=False,
        text=message.text.strip() or str(event.data.get("text") or ""),  # the event may hold less
        is_mail=True,
        is_machine=event.kind in BY_MACHINES,
        address=message.sender if sees_addresses else "",
        subject=message.subject,
        quoted=message.quoted,
        files=files,
        names=left,
        notes=[NOTES.get(one, one) for one in message.notes],
    )


def _ours(event: CaseEvent, sent: OutMessage, sees_addresses: bool) -> Said:
    to = ", ".join([*sent.to, *sent.cc])
    return Said(
        at=event.at,
        who=_("automatic") if event.kind in BY_MACHINES else event.actor_name,
        is_ours=True,
        text=str(event.data.get("text") or ""),
        is_mail=True,
        is_machine=event.kind in BY_MACHINES,
        address=to if sees_addresses else "",
        subject=sent.subject,
        state=OUT_STATES[sent.state],
        tone=OUT_TONES.get(sent.state, ""),
        may_have_arrived=sent.may_have_arrived,
        came_back=sent.bounced_at is not None,
        names=[(str(one["name"]), "") for one in sent.attachments],
    )


def _spoken(case: Case, event: CaseEvent) -> Said:
    """What was said by telephone or elsewhere and written down here."""
    if event.kind == "opened":
        who = case.contact.name if case.contact else case.customer.name
        return Said(event.at, who, False, str(event.data.get("text") or ""), via=event.actor_name)
    return Said(event.at, event.actor_name, True, str(event.data.get("text") or ""))
