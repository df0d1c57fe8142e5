"""Mail that belongs to nothing yet: found a case by its number or conversation, made a case, or left for a person."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.actor import SYSTEM
from bihuan.messaging.models import InMessage
from bihuan.people.actors import actor_for

from ..models import Case, CaseChannel, CaseMail, MailThread
from . import rules
from .acknowledging import acknowledge
from .matching import is_known, sole_contact
from .taking import key_of, open_by_mail, surviving, take


def take_new(message: InMessage, now: datetime) -> str | None:
    """The key of the case that has the mail now, or None: then it waits in the inbox for somebody."""
    if message.classification != InMessage.Classification.MESSAGE:
        return None
    numbered = _named_in_subject(message)
    if numbered is not None:
        return take(message, numbered.pk, now)
    threads = hold_threads(message)
    case_id = next((one.case_id for one in threads if one.case_id is not None), None)
    if case_id is not None:
        return take(message, case_id, now)
    setting = CaseChannel.objects.filter(channel=message.channel_id, opens=True).first()
    person = sole_contact(message.sender) if setting else None
    if setting is None or person is None:
        CaseMail.objects.update_or_create(
            incoming=message,
            defaults={"thread": threads[0], "standing": CaseMail.Standing.WAITING, "at": now},
        )
        return None
    owner = person.customer.owner_a
    if owner is not None and not (owner.is_active and actor_for(owner).may("case", "edit")):
        owner = None
    case = open_by_mail(
        SYSTEM, message, now, customer=person.customer, contact=person, kind=setting.kind, owner=owner,
        team=message.channel.team if owner is None else None,
    )  # fmt: skip
    join_threads(threads, case)
    if setting.acknowledges:
        acknowledge(case, message, threads[0], now)
    return key_of(case)


def _named_in_subject(message: InMessage) -> Case | None:
    """The case whose number the subject names, if it knows the sender: a number alone is guessed too easily."""
    number = rules.number_in(message.subject)
    row = Case.objects.filter(number=number).values_list("pk", flat=True).first() if number else None
    case = surviving(row) if row is not None else None
    return case if case is not None and is_known(case, message.sender) else None


def hold_threads(message: InMessage) -> list[MailThread]:
    """The rows of this mail's conversation, made where they are not there yet, and locked.

    A second mail of the conversation that is being handed on at this moment waits here until the first has its case.
    """
    keys = rules.thread_keys(message.message_id, message.in_reply_to, message.references)
    for key in keys:
        MailThread.objects.get_or_create(key=key[:1010])
    found = {
        one.key: one for one in MailThread.objects.select_for_update().filter(key__in=keys).order_by("pk")
    }
    return [found[key] for key in keys if key in found]


def join_threads(threads: list[MailThread], case: Case) -> None:
    """From now on this conversation is the case's."""
    MailThread.objects.filter(pk__in=[one.pk for one in threads], case=None).update(case=case)
