"""Working on an open case: answering, noting, pausing, being on site, working around."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed

from ..correspondence.mentions import mentioned, tell_mentioned
from ..errors import CaseError
from ..models import Case, CaseClock, CaseEvent
from ..promised import promised_now
from ..rules import has_happened, waits_for
from .step import append, journal, live_case, refuse_closed, refuse_ended, settle, text_given

OWN_STEPS = frozenset({"response", "resolution", "call_back"})


@transaction.atomic
def respond(*, actor: Actor, case: Case, text: str, now: datetime) -> Case:
    """Answer the customer; the first answer stops the first-response clock. A merged case's answer goes to the survivor."""
    row = live_case(actor, case)
    refuse_closed(row)
    text = text_given(text, "text", _("Write what the customer is told."))
    append(row, actor, "responded", now, {"text": text})
    journal(row, actor, now, "responded")
    return settle(row, now)


@transaction.atomic
def add_note(
    *,
    actor: Actor,
    case: Case,
    text: str,
    now: datetime,
    is_internal: bool = True,
    is_technical: bool = False,
    mentions: Sequence[int] = (),
) -> Case:
    """Write something down: for colleagues, or for the customer to see. A technical note is for whoever reads technical
    fields. Possible on closed cases, too; no clock moves. `mentions`: the numbers of colleagues whom the text names; they are told."""
    row = live_case(actor, case, "note")
    text = text_given(text, "text", _("Write the note."))
    if is_technical:
        if not actor.may("case", "note", FieldClass.TECHNICAL):
            raise NotAllowed("case", "note")
        if not is_internal:
            raise CaseError(_("What the customer sees is not kept from colleagues."), "is_technical")
    people = mentioned(actor, row, mentions, text, is_technical=is_technical) if is_internal else []
    event = append(
        row, actor, "noted", now, {"text": text, "mentions": [one.pk for one in people]}, is_internal=is_internal,
        field_class=FieldClass.TECHNICAL if is_technical else FieldClass.PUBLIC,
    )  # fmt: skip
    tell_mentioned(row, event, people, now)
    journal(row, actor, now, "noted")
    return settle(row, now)


@transaction.atomic
def pause_case(*, actor: Actor, case: Case, reason: str, now: datetime) -> Case:
    """Hold the clocks whose promise pauses for this reason. Refused: no reason that is known, or waiting for it already."""
    row = live_case(actor, case)
    refuse_ended(row)
    if reason not in promised_now().pause_reasons:
        raise CaseError(_("Pick what the case waits for."), "reason")
    if row.status == Case.Status.WAITING and _present_reason(row) == reason:
        raise CaseError(_("The case waits for this already."), "reason")
    append(row, actor, "paused", now, {"reason": reason})
    journal(row, actor, now, "paused", after={"reason": reason})
    return settle(row, now)


def _present_reason(case: Case) -> str:
    return waits_for(CaseEvent.objects.filter(case=case, kind="paused").order_by("id"))


@transaction.atomic
def resume_case(*, actor: Actor, case: Case, now: datetime) -> Case:
    row = live_case(actor, case)
    if row.status != Case.Status.WAITING:
        raise CaseError(_("The case does not wait."))
    append(row, actor, "resumed", now)
    journal(row, actor, now, "resumed")
    return settle(row, now)


@transaction.atomic
def set_on_site(*, actor: Actor, case: Case, now: datetime, text: str = "") -> Case:
    """Somebody of ours is at the customer's."""
    row = live_case(actor, case)
    refuse_ended(row)
    _refuse_twice(row, "on_site", _("Somebody was on site already; write a note instead."))
    append(row, actor, "on_site", now, {"text": text.strip()[:2000]})
    journal(row, actor, now, "on_site")
    return settle(row, now)


@transaction.atomic
def work_around(*, actor: Actor, case: Case, text: str, now: datetime) -> Case:
    """A makeshift keeps the customer going until the solution."""
    row = live_case(actor, case)
    refuse_ended(row)
    _refuse_twice(row, "worked_around", _("There is a workaround already; write a note instead."))
    text = text_given(text, "text", _("Say what keeps the customer going."))
    append(row, actor, "worked_around", now, {"text": text})
    journal(row, actor, now, "worked_around")
    return settle(row, now)


@transaction.atomic
def keep_promise(*, actor: Actor, case: Case, kind: str, now: datetime, text: str = "") -> Case:
    """What was promised on a clock has been done: a plan was given, an executive joined. For the clocks of a company's own;
    answers, solutions and call-backs have their own steps."""
    row = live_case(actor, case)
    refuse_closed(row)
    event = promised_now().event_that_stops(kind)
    is_open = CaseClock.objects.filter(case=row, kind=kind, stopped_at=None).exists()
    if not is_open or not event or kind in OWN_STEPS:
        raise CaseError(_("No such promise is open on this case."), "kind")
    append(row, actor, event, now, {"text": text.strip()[:2000], "clock": kind})
    journal(row, actor, now, "kept", after={"clock": kind})
    return settle(row, now)


def _refuse_twice(case: Case, kind: str, message: str) -> None:
    events = CaseEvent.objects.filter(case=case, kind__in=(kind, "reopened")).order_by("id")
    if has_happened(events, kind):
        raise CaseError(message)
