"""What people decide about mail: whether a held one is the customer's, and what becomes of one that nobody took."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.customers.models import Contact, Customer
from bihuan.kernel.actor import Actor
from bihuan.messaging import services as messaging
from bihuan.messaging.errors import MessagingError
from bihuan.messaging.models import InMessage

from ..errors import CaseError
from ..models import Case, CaseMail
from ..records import CASE
from ..services.step import live_case
from .matching import on_case
from .newcomers import hold_threads, join_threads
from .taking import open_by_mail, receive

Standing = CaseMail.Standing


def held_on(case: Case) -> list[CaseMail]:
    """The mails on a case that wait for somebody to say whether they are the customer's, oldest first."""
    rows = CaseMail.objects.filter(on_case(case), standing=Standing.HELD).select_related("incoming")
    return list(rows.order_by("id")[:50])


@transaction.atomic
def confirm_mail(*, actor: Actor, mail: CaseMail, now: datetime) -> Case:
    """It is the customer's: it becomes part of the conversation now, with what follows from it. Twice is once."""
    case, row = _held(actor, mail)
    if row.standing == Standing.TAKEN or row.incoming is None:
        return case
    return receive(case, row.incoming, now, decided_by=actor.name)


@transaction.atomic
def refuse_mail(*, actor: Actor, mail: CaseMail, now: datetime) -> Case:
    """It is not the customer's. It stays kept, and changes nothing."""
    case, row = _held(actor, mail)
    if row.standing == Standing.TAKEN:
        raise CaseError(_("Somebody has taken this mail in already."))
    row.standing, row.decided_by, row.decided_at = Standing.REFUSED, actor.name[:150], now
    row.save(update_fields=["standing", "decided_by", "decided_at"])
    return case


def _held(actor: Actor, mail: CaseMail) -> tuple[Case, CaseMail]:
    assert mail.case is not None
    case = live_case(actor, mail.case)
    row = CaseMail.objects.select_for_update(of=("self",)).select_related("incoming").get(pk=mail.pk)
    return case, row


@transaction.atomic
def make_case(
    *,
    actor: Actor,
    message: InMessage,
    customer: Customer,
    kind: str,
    now: datetime,
    severity: int | None = None,
    contact: Contact | None = None,
) -> Case:
    """A case out of a mail that waits in the inbox. What waits of the same conversation by the same sender goes with it."""
    row = InMessage.objects.select_for_update().get(pk=message.pk)
    if row.state == InMessage.State.ROUTED:
        raise CaseError(_("Somebody has taken this message already."))
    threads = hold_threads(row)
    case = open_by_mail(
        actor,
        row,
        now,
        customer=customer,
        kind=kind,
        severity=severity,
        contact=contact,
        decided_by=actor.name,
    )
    join_threads(threads, case)
    _hand_on(actor, row, case, now)
    waiting = CaseMail.objects.filter(
        standing=Standing.WAITING, thread__in=threads, incoming__sender=row.sender, incoming__state="waiting"
    )
    for one in waiting.exclude(incoming=row).select_related("incoming").order_by("id"):
        if one.incoming is not None:
            _hand_on(actor, one.incoming, case, now)
    return case


def add_to_case(*, actor: Actor, message: InMessage, number: str, now: datetime) -> Case:
    """A mail that waits in the inbox belongs to a case that is there: the actor says so by its number."""

    case: Case | None = CASE.visible_to(actor, "edit").filter(number=number.strip()).first()
    if case is None:
        raise CaseError(_("There is no case with this number."), "number")
    with transaction.atomic():
        _hand_on(actor, message, case, now)
        taken = CaseMail.objects.select_related("case").get(incoming=message).case
    return taken or case


def _hand_on(actor: Actor, message: InMessage, case: Case, now: datetime) -> None:
    try:
        messaging.hand_on(actor=actor, message=message, about=f"case:{case.pk}", now=now)
    except MessagingError as refusal:
        raise CaseError(str(refusal), refusal.field) from refusal
