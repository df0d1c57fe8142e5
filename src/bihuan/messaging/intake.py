"""A mail that was fetched becomes a message: judged, kept once, with its files. Called inside a transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from . import store
from .channel_settings import loop_mark, settings_of
from .events import log
from .mail import kinds, threads
from .mail.message import Attached, DeliveryReport, Mail
from .mail.quotes import split_quoted
from .models import Channel, InAttachment, InMessage, OutMessage
from .receivers import load_receivers, receiver_by_short
from .sealing import address_keys

RATE_WINDOW = timedelta(minutes=10)


def surroundings(channel: Channel, mail: Mail, now: datetime) -> kinds.Surroundings:
    """What judging this mail needs to know."""
    settings = settings_of(channel)
    own = {one.address for one in Channel.objects.filter(kind=Channel.Kind.MAIL)} - {""}
    lately = InMessage.objects.filter(
        channel=channel, sender=mail.sender.address.lower(), received_at__gt=now - RATE_WINDOW
    )
    return kinds.Surroundings(
        addresses=own | {channel.address},
        domains=settings.domains,
        checked_by=settings.checked_by,
        loop_mark=loop_mark(),
        is_ours=lambda message_id: OutMessage.objects.filter(message_id=message_id).exists(),
        recent_from_sender=lately.count() if mail.sender.address else 0,
        most_from_sender=settings.most_from_sender,
    )


def find_about(channel: Channel, mail: Mail) -> str:
    """The object to which the mail belongs: by its signed address, else by the mails that it answers."""
    load_receivers()
    own = {channel.address, *(one.address for one in Channel.objects.filter(kind=Channel.Kind.MAIL))}
    named = threads.named_by_recipients(mail, own - {""}, address_keys())
    found = receiver_by_short(named.short) if named else None
    if named and found:
        return f"{found.prefix}:{named.identity}"
    answered = threads.answered_ids(mail)[:50]
    known: dict[str, str] = {}
    for model in (InMessage, OutMessage):
        rows = model.objects.filter(message_id__in=answered).exclude(about="")
        known |= dict(rows.values_list("message_id", "about"))
    return next((known[one] for one in answered if one in known), "")


def take_in(channel: Channel, mail: Mail, *, raw: str, size: int, now: datetime) -> tuple[InMessage, bool]:
    """Keep a mail. Gives its message, and whether it is new: the same mail come twice is kept once.

    Some senders use one Message-ID for many mails; what differs in content is another message, and the log says so.
    """
    message_id = mail.message_id[:950]
    before = InMessage.objects.filter(channel=channel, message_id=message_id).first()
    is_reused = before is not None and before.digest != mail.digest
    if is_reused:
        message_id = f"{message_id}#{mail.digest}"
        before = InMessage.objects.filter(channel=channel, message_id=message_id).first()
    if before is not None:
        return before, False
    verdict = kinds.judge(mail, surroundings(channel, mail, now))
    split = split_quoted(mail.text)
    row = InMessage.objects.create(
        channel=channel,
        message_id=message_id,
        digest=mail.digest,
        sender=mail.sender.address.lower(),
        sender_name=mail.sender.name,
        to=[str(one) for one in mail.to][:200],
        cc=[str(one) for one in mail.cc][:200],
        subject=mail.subject,
        text=split.new,
        quoted=split.quoted,
        in_reply_to=list(mail.in_reply_to)[:20],
        references=list(mail.references)[-50:],
        written_at=mail.sent_at,
        received_at=now,
        size=size,
        raw=raw,
        notes=list(mail.notes),
        classification=verdict.kind.value,
        trust=verdict.trust.value,
        reason=verdict.reason,
        about="" if verdict.kind is kinds.Kind.LOOP else find_about(channel, mail),
    )
    for ordinal, one in enumerate(mail.attachments, start=1):
        keep_attachment(row, ordinal, one)
    log(now, channel, "received", came=row, code=verdict.kind.value, note=verdict.reason)
    if is_reused:
        log(now, channel, "message_id_reused", came=row)
    if verdict.kind is kinds.Kind.BOUNCE:
        note_bounce(channel, row, mail, now)
    return row, True


def keep_attachment(row: InMessage, ordinal: int, one: Attached) -> InAttachment:
    """Keep a file's content in the store and its name here; the type is what the content says."""
    return InAttachment.objects.create(
        message=row,
        ordinal=ordinal,
        name=one.name[:200],
        declared_type=one.declared_type[:120],
        content_type=store.type_of(one.data, one.name, one.declared_type)
        if one.data is not None
        else store.CLOSED,
        size=one.size,
        sha256=store.keep(one.data) if one.data is not None else "",
        note=one.note,
        content_id=one.content_id,
    )


def note_bounce(channel: Channel, row: InMessage, mail: Mail, now: datetime) -> None:
    """Write at the message that came back who did not get it, and why."""
    reports = [one for one in kinds.reports_of(mail) if one.is_final]
    returned = kinds.returned_ids(mail)
    sent = OutMessage.objects.filter(message_id__in=returned).first()
    for one in reports or [DeliveryReport("")]:
        log(
            now, channel, "bounced", out=sent, came=row,
            recipient=one.recipient, code=one.status, note=one.diagnostic,
        )  # fmt: skip
    if sent is None:
        return
    if sent.bounced_at is None:
        OutMessage.objects.filter(pk=sent.pk).update(bounced_at=now)
    if not row.about and sent.about:
        row.about = sent.about
        row.save(update_fields=["about"])


def keep_unreadable(
    channel: Channel, *, key: str, raw: str, size: int, error: str, now: datetime
) -> InMessage:
    """A mail that could not be read: kept raw, with what went wrong, where a person sees it."""
    row = InMessage.objects.create(
        channel=channel,
        message_id=f"<{key}@unreadable.invalid>",
        digest=key[:40],
        received_at=now,
        size=size,
        raw=raw,
        notes=["unreadable"],
        classification=InMessage.Classification.UNREADABLE,
        state=InMessage.State.WAITING,
        route_error=error[:2000].replace("\0", ""),
    )
    log(now, channel, "unreadable", came=row, note=error)
    return row
