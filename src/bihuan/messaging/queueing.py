"""Putting a message into its channel's queue, inside the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor

from .channel_settings import settings_of
from .errors import MessagingError
from .events import log
from .mail.compose import PLAIN_LOCAL, one_line
from .mail.threads import plus_address
from .models import Channel, InMessage, OutMessage
from .receivers import short_of
from .sealing import address_keys

MOST_RECIPIENTS = 50
MOST_ATTACHED = 25 * 2**20


def default_channel() -> Channel | None:
    """The channel by which mail leaves when nobody says otherwise: the first one that sends."""
    rows = Channel.objects.filter(enabled=True, kind=Channel.Kind.MAIL).order_by("id")
    return next((one for one in rows if settings_of(one).sends), None)


def reply_address(channel: Channel, about: str) -> str:
    """The signed address under which answers about an object come back; the plain one where no room takes them."""
    prefix, _colon, identity = about.partition(":")
    short = short_of(prefix)
    if not short or not identity.isdecimal():
        return channel.address
    return plus_address(channel.address, address_keys()[0], short, int(identity))


def queue_message(
    *,
    actor: Actor,
    channel: Channel,
    to: Sequence[str],
    subject: str,
    text: str,
    now: datetime,
    about: str = "",
    html: str = "",
    cc: Sequence[str] = (),
    attachments: Sequence[Mapping[str, Any]] = (),
    answers: InMessage | None = None,
    automatic: str = "",
    once: str | None = None,
    send_at: datetime | None = None,
) -> OutMessage:
    """Queue a message. With `once` a second call with the same key gives the first message back.

    `attachments` are references from `store.attach`. `automatic` marks what a machine writes (`auto-generated`, or
    `auto-replied` to a mail), so that no other machine answers; a machine's answer to a machine is refused.
    """
    if once is not None:
        before = OutMessage.objects.filter(once=once).first()
        if before is not None:
            return before
    _check(to, cc, attachments, answers, automatic)
    domain = channel.address.rpartition("@")[2] or "localhost"
    row = OutMessage.objects.create(
        channel=channel,
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
        once=once,
        about=about,
        to=list(to),
        cc=list(cc),
        subject=one_line(subject)[:500],
        text=text,
        html=html,
        attachments=[dict(one) for one in attachments],
        reply_to=reply_address(channel, about) if about else "",
        in_reply_to=answers.reference if answers else "",
        references=[one for one in (*answers.references, answers.reference) if one][-20:] if answers else [],
        automatic=automatic,
        written_by=actor.key,
        written_by_name=actor.name[:150],
        created_at=now,
        next_attempt_at=send_at or now,
    )
    log(now, channel, "queued", out=row)
    return row


def _check(
    to: Sequence[str],
    cc: Sequence[str],
    attachments: Sequence[Mapping[str, Any]],
    answers: InMessage | None,
    automatic: str,
) -> None:
    if not to:
        raise MessagingError(_("A message needs somebody to go to."), "to")
    if len(to) + len(cc) > MOST_RECIPIENTS:
        raise MessagingError(_("A message goes to %(n)s people at most.") % {"n": MOST_RECIPIENTS}, "to")
    wrong = [one for one in (*to, *cc) if not PLAIN_LOCAL.match(one)]
    if wrong:
        raise MessagingError(_("“%(address)s” is no mail address.") % {"address": wrong[0][:100]}, "to")
    if sum(int(one["size"]) for one in attachments) > MOST_ATTACHED:
        raise MessagingError(_("The attachments are larger than 25 MB together."), "attachments")
    if automatic and answers is not None and answers.classification != InMessage.Classification.MESSAGE:
        raise MessagingError(_("A machine does not answer a machine: that is how loops begin."), "answers")
