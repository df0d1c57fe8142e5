"""Mail that belongs to a case: taken in, held for a person, or kept as a machine's word.

Called by messaging inside the transaction in which the message is handed on; called again, it finds its own row.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.messaging.models import DeliveryEvent, InMessage
from bihuan.people.actors import actor_for

from ..models import Case, CaseEvent, CaseMail, CaseNews
from ..promised import promised_now
from ..rules import waits_for
from ..services.opening import open_case
from ..services.step import MOST_TEXT, append, journal, settle
from . import rules
from .files import keep_files
from .matching import contact_of, is_known, writer_of
from .telling import tell

Kind = InMessage.Classification
Standing = CaseMail.Standing
ENDED = (Case.Status.SOLVED, Case.Status.CLOSED, Case.Status.REFUSED)


def key_of(case: Case) -> str:
    return f"case:{case.pk}"


def surviving(identity: int) -> Case | None:
    """The case that counts, locked: of a merged one the case that took it in. None where there is none, or a circle."""
    seen: set[int] = set()
    following: int | None = identity
    while following is not None and following not in seen:
        seen.add(following)
        rows = Case.objects.filter(pk=following)
        if connection.features.has_select_for_update:
            rows = rows.select_for_update()
        row = rows.first()
        if row is None or row.merged_into_id is None:
            return row
        following = row.merged_into_id
    return None


def take(message: InMessage, identity: int, now: datetime) -> str | None:
    """Take a mail about a case; the key of the case that took it. What a person hands on counts as the customer's."""
    case = surviving(identity)
    if case is None:
        return None
    known = CaseMail.objects.filter(incoming=message).exclude(standing=Standing.WAITING).first()
    if known is not None and known.case is not None:
        return key_of(known.case)
    is_handed_on = message.state != InMessage.State.NEW
    if message.classification == Kind.BOUNCE:
        return note_bounce(case, message, now)
    if message.classification == Kind.AUTO_REPLY and not is_handed_on:
        return note_machine(case, message, now)
    if not is_handed_on and not is_known(case, message.sender):
        return hold(case, message, now)
    return key_of(receive(case, message, now))


def enter(
    case: Case, message: InMessage, event: CaseEvent, standing: str, now: datetime, decided_by: str = ""
) -> CaseMail:
    """Say what a mail is to a case; a row that waited, or was held, is that row."""
    row, _created = CaseMail.objects.update_or_create(
        incoming=message,
        defaults={
            "case": case,
            "event": event,
            "standing": standing,
            "at": now,
            "decided_by": decided_by[:150],
            "decided_at": now if decided_by else None,
        },
    )
    return row


def receive(case: Case, message: InMessage, now: datetime, decided_by: str = "") -> Case:
    """The customer's words become part of the case, and it goes on as the matrix says; gives the case that has them now."""
    again = _taken_already(case, message)
    if again is not None and again.event is not None:
        enter(case, message, again.event, Standing.NOTED, now)
        return case
    case, what = _where_to(case, message, now)
    if what == "follow":
        return _follow(case, message, now, decided_by)
    writer = writer_of(case, message)
    event = append(case, writer, "received", now, {"text": words_of(message), "mail": message.pk})
    enter(case, message, event, Standing.TAKEN, now, decided_by)
    journal(case, writer, now, "received", after={"subject": message.subject})
    fields = []
    if what == "reopen":
        case.solved_at = case.closed_at = case.satisfaction = None
        fields = ["solved_at", "closed_at", "satisfaction"]
        append(case, writer, "reopened", now, {"mail": message.pk})
        journal(case, writer, now, "reopened", after={"mail": message.pk})
    elif case.status == Case.Status.WAITING and _waits_for_customer(case):
        append(case, writer, "resumed", now, {"mail": message.pk})
        journal(case, writer, now, "resumed")
    settle(case, now, *fields)
    keep_files(case, message, writer, now)
    tell(case, event, CaseNews.Kind.RECEIVED, now)
    return case


def words_of(message: InMessage) -> str:
    """What the sender added; a mail that is nothing but files says so."""
    return message.text.strip()[:MOST_TEXT] or _("(no text)")


def _taken_already(case: Case, message: InMessage) -> CaseMail | None:
    """The same mail, come by another channel as well."""
    same = CaseMail.objects.filter(
        case=case,
        standing=Standing.TAKEN,
        incoming__message_id=message.message_id,
        incoming__digest=message.digest,
    )
    return same.exclude(incoming=message).select_related("event").first()


def _waits_for_customer(case: Case) -> bool:
    pauses = CaseEvent.objects.filter(case=case, kind="paused").order_by("id")
    return waits_for(pauses) in promised_now().matrix.mail.resumes


def _where_to(case: Case, message: InMessage, now: datetime) -> tuple[Case, str]:
    """The case that a mail goes to, and what it does there. One that was followed by another hands it to that one."""
    is_thanks = rules.is_mere_thanks(message.text) and not message.attachments.exists()
    seen = {case.pk}
    while case.status in ENDED:
        ended_at = case.solved_at or case.closed_at
        what = rules.on_ended(case.status, ended_at, now, promised_now().matrix.mail, is_thanks=is_thanks)
        if what != "follow":
            return case, what
        last = CaseEvent.objects.filter(case=case, kind="followed").order_by("-id").first()
        later = surviving(int(last.data["case"])) if last else None
        if later is None or later.pk in seen:
            return case, what
        seen.add(later.pk)
        case = later
    return case, "add"


def _follow(case: Case, message: InMessage, now: datetime, decided_by: str) -> Case:
    """A new case for what comes long after the end of an old one."""
    owner = case.owner
    if owner is not None and not (owner.is_active and actor_for(owner).may("case", "edit")):
        owner = None
    made = open_by_mail(
        SYSTEM, message, now, customer=case.customer.merged_into or case.customer,
        contact=contact_of(case, message.sender), kind=case.kind, owner=owner, team=case.team, decided_by=decided_by,
    )  # fmt: skip
    told = f"{case.number} {case.title}"
    append(made, SYSTEM, "follows", now, {"case": case.pk, "reason": told}, is_internal=True)
    append(
        case,
        SYSTEM,
        "followed",
        now,
        {"case": made.pk, "reason": f"{made.number} {made.title}"},
        is_internal=True,
    )
    settle(made, now)
    settle(case, now)
    return made


def open_by_mail(
    actor: Actor, message: InMessage, now: datetime, *, decided_by: str = "", **given: object
) -> Case:
    """A case whose first word is this mail."""
    text = words_of(message)
    case = open_case(
        actor=actor, text=text, title=rules.title_of(message.subject, text), channel="mail", now=now, **given,  # type: ignore[arg-type]
    )  # fmt: skip
    event = CaseEvent.objects.filter(case=case, kind="opened").latest("id")
    enter(case, message, event, Standing.TAKEN, now, decided_by)
    keep_files(case, message, writer_of(case, message), now)
    case.refresh_from_db()
    return case


def hold(case: Case, message: InMessage, now: datetime) -> str:
    """A mail on a case whose sender the case does not know: kept, shown, and a person says whether it is the customer's."""
    writer = writer_of(case, message)
    event = append(
        case, SYSTEM, "mail_held", now, {"mail": message.pk, "reason": writer.name}, is_internal=True
    )
    enter(case, message, event, Standing.HELD, now)
    settle(case, now)
    tell(case, event, CaseNews.Kind.HELD, now)
    return key_of(case)


def note_machine(case: Case, message: InMessage, now: datetime) -> str:
    """An automatic reply: kept, and nothing else happens."""
    event = append(
        case, writer_of(case, message), "auto_replied", now, {"text": words_of(message), "mail": message.pk},
        is_internal=True,
    )  # fmt: skip
    enter(case, message, event, Standing.NOTED, now)
    settle(case, now)
    return key_of(case)


def note_bounce(case: Case, message: InMessage, now: datetime) -> str:
    """A mail of ours that came back: shown on the case, and told. Who did not get it stands in the delivery log."""
    said = DeliveryEvent.objects.filter(in_id=message.pk, kind="bounced").order_by("id").first()
    data = {
        "mail": message.pk,
        "out": said.out_id if said else None,
        "reason": (said.note if said else "")[:500],
    }
    event = append(case, SYSTEM, "returned", now, data, is_internal=True)
    enter(case, message, event, Standing.NOTED, now)
    settle(case, now)
    tell(case, event, CaseNews.Kind.RETURNED, now)
    return key_of(case)
