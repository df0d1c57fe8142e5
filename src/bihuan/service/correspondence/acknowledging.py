"""Telling a sender that the mail came, under which number, and until when somebody answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import policy
from email.parser import BytesHeaderParser

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.pages.values import write_moment
from bihuan.messaging import store
from bihuan.messaging.channel_settings import settings_of
from bihuan.messaging.models import InMessage
from bihuan.messaging.queueing import queue_message
from bihuan.messaging.wordings import render
from bihuan.people.company import company_name

from ..models import Case, CaseClock, CaseMail, MailThread
from ..services.step import append, settle
from . import rules

MOST_A_DAY = 3
HEAD = 256 * 1024
LISTS = ("list-id", "list-unsubscribe", "list-post")


def acknowledge(case: Case, message: InMessage, thread: MailThread, now: datetime) -> bool:
    """Queue an acknowledgement; whether it was. Never to machines and lists, once for a conversation, and to one sender at
    most three times in 24 hours: whoever forges many senders, or loops in a new way, gets no more out of us."""
    if message.classification != InMessage.Classification.MESSAGE or not settings_of(message.channel).sends:
        return False
    if thread.acknowledged_at is not None or not rules.takes_acknowledgement(
        message.sender, _list_headers(message)
    ):
        return False
    lately = MailThread.objects.filter(
        acknowledged_to=message.sender, acknowledged_at__gt=now - timedelta(days=1)
    )
    if lately.count() >= MOST_A_DAY:
        return False
    due = CaseClock.objects.filter(case=case, kind="response").values_list("due_at", flat=True).first()
    said = render(
        "message_received" if due else "message_received_open",
        {
            "reference": case.number,
            "subject": rules.title_of(message.subject, message.text) or case.title,
            "company": sender_name(message),
            "respond_by": write_moment(due) if due else "",
        },
    )
    sent = queue_message(
        actor=SYSTEM, channel=message.channel, to=[message.sender], subject=said.subject, text=said.body, now=now,
        about=f"case:{case.pk}", answers=message, automatic="auto-replied", once=f"acknowledge:{thread.pk}",
    )  # fmt: skip
    thread.acknowledged_at, thread.acknowledged_to = now, message.sender
    thread.save(update_fields=["acknowledged_at", "acknowledged_to"])
    event = append(case, SYSTEM, "acknowledged", now, {"text": said.body, "out": sent.pk})
    CaseMail.objects.get_or_create(outgoing=sent, defaults={"case": case, "event": event, "at": now})
    settle(case, now)
    return True


def sender_name(message: InMessage) -> str:
    return settings_of(message.channel).sender_name or company_name()


def _list_headers(message: InMessage) -> list[str]:
    """What the raw mail says of lists; a mail that cannot be read any more is taken for one."""
    if not message.raw:
        return []
    try:
        with store.path_of(message.raw).open("rb") as stream:
            head = BytesHeaderParser(policy=policy.compat32).parsebytes(stream.read(HEAD))
    except (OSError, ValueError):
        return ["unreadable"]
    return [str(head[name]) for name in LISTS if head[name]]
