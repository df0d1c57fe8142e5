"""The queue's worker: claim, send, record.

Each step is a transaction of its own. Killed after the claim: the row is freed when the claim is old, and sent. Killed
between the last byte and the record: `handed_at` is set, the server may or may not have the mail; the row becomes a dead letter that
says so, and only a person sends it again (with the same Message-ID, so that most mailboxes show it once).
"""

from __future__ import annotations

import secrets
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from . import smtp, store
from .channel_settings import MailSettings, loop_mark, password_of, settings_of
from .errors import MessagingError
from .events import log
from .mail.compose import CannotCompose, Draft, Piece, compose
from .mail.message import Address
from .models import Channel, OutMessage

CLAIM_HOLDS = timedelta(minutes=5)
WAITING = (OutMessage.State.QUEUED, OutMessage.State.FAILED)
Clock = Callable[[], datetime]


def pause_after(attempts: int) -> timedelta:
    """How long a refused mail waits: 1, 4, 16, 64 minutes, then four hours each."""
    return timedelta(minutes=min(4 ** (attempts - 1), 240))


def rest_after(failures: int) -> timedelta:
    """How long a channel rests whose server cannot be used: half a minute, doubled up to half an hour."""
    return timedelta(seconds=min(30 * 2 ** (failures - 1), 1800))


def due_channels(now: datetime) -> list[int]:
    """The channels that have something to send at this moment: two queries at most."""
    free_abandoned(now)
    waiting = (
        OutMessage.objects.filter(state__in=WAITING, next_attempt_at__lte=now)
        .filter(channel__enabled=True)
        .exclude(channel__out_rests_until__gt=now)
    )
    return sorted(set(waiting.order_by().values_list("channel_id", flat=True).distinct()))


def free_abandoned(now: datetime) -> int:
    """Take back claims whose worker has not been heard of: what was surely not sent waits again, the rest is told."""
    old = OutMessage.objects.filter(state=OutMessage.State.SENDING, claimed_at__lt=now - CLAIM_HOLDS)
    freed = 0
    for row in list(old[:100]):
        with transaction.atomic():
            held = OutMessage.objects.filter(pk=row.pk, state=OutMessage.State.SENDING, claim=row.claim)
            if held.filter(handed_at__isnull=True).update(
                state=OutMessage.State.FAILED, next_attempt_at=now, claim="", last_error="claim_abandoned"
            ):
                log(now, row.channel_id, "freed", out=row)
                freed += 1
            # The claim stays: a worker that was only slow may still say what became of it.
            elif held.filter(handed_at__isnull=False).update(
                state=OutMessage.State.DEAD, may_have_arrived=True, last_error="interrupted"
            ):
                log(now, row.channel_id, "unsure", out=row, note="interrupted")
                freed += 1
    return freed


def claim_next(channel_id: int, now: datetime) -> OutMessage | None:
    """Take the next due row of a channel, if its limit allows one more in this minute.

    The channel's row is locked meanwhile (SQLite: the database), so that two workers neither take the same row nor
    exceed the limit together.
    """
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        if not channel.enabled or (channel.out_rests_until and channel.out_rests_until > now):
            return None
        if _is_at_limit(channel, now):
            return None
        due = OutMessage.objects.filter(channel=channel, state__in=WAITING, next_attempt_at__lte=now)
        row = due.order_by("next_attempt_at", "id").first()
        if row is None:
            return None
        row.claim, row.claimed_at, row.handed_at = secrets.token_hex(12), now, None
        taken = due.filter(pk=row.pk).update(
            state=OutMessage.State.SENDING,
            claim=row.claim,
            claimed_at=now,
            handed_at=None,
            attempts=F("attempts") + 1,
        )
        row.attempts += 1
        return row if taken else None


def send_due(channel_id: int, *, clock: Clock, most: int = 200, stopping: Callable[[], bool] = bool) -> int:
    """Send what is due on one channel over one connection; how many rows were dealt with."""
    channel = Channel.objects.get(pk=channel_id)
    settings = settings_of(channel)
    server: smtplib.SMTP | None = None
    dealt = 0
    try:
        while dealt < most and not stopping():
            if server is None or server.sock is None:
                if not _has_due(channel, clock()):
                    break
                server = smtp.connect(settings, password_of(channel, "smtp"))
            row = claim_next(channel_id, clock())
            if row is None:
                break
            dealt += 1
            send_claimed(row, channel, settings, server, clock)
        if server is not None:
            _worked(channel, clock())
    except (smtp.Unreachable, MessagingError) as error:
        _could_not(channel, str(error), clock())
    finally:
        if server is not None:
            _quit(server)
    return dealt


def _is_at_limit(channel: Channel, now: datetime) -> bool:
    lately = OutMessage.objects.filter(channel=channel, claimed_at__gt=now - timedelta(minutes=1))
    return lately.count() >= channel.per_minute


def _has_due(channel: Channel, now: datetime) -> bool:
    """Whether connecting is worth while; `claim_next` asks again under the lock."""
    due = OutMessage.objects.filter(channel=channel, state__in=WAITING, next_attempt_at__lte=now)
    return due.exists() and not _is_at_limit(channel, now)


def send_claimed(
    row: OutMessage, channel: Channel, settings: MailSettings, server: smtplib.SMTP, clock: Clock
) -> None:
    """Send one claimed row and record what came of it."""
    try:
        data = compose(draft_of(row, channel, settings))
        refused = smtp.deliver(
            server, channel.address, [*row.to, *row.cc], data, lambda: _mark_handed(row, clock())
        )
    except smtp.Refused as error:
        _record_refused(row, settings, error, clock())
    except smtp.Unsure as error:
        _record(
            row, clock(), "unsure", state=OutMessage.State.DEAD, may_have_arrived=True, last_error=str(error)
        )
    except smtp.Withdrawn:
        pass  # whoever has the row now records it
    except smtp.Unreachable:
        _give_back(row, clock())
        raise
    except (CannotCompose, FileNotFoundError) as error:
        _record(row, clock(), "dead", state=OutMessage.State.DEAD, last_error=str(error))
    else:
        now = clock()
        with transaction.atomic():
            _record(row, now, "sent", state=OutMessage.State.SENT, sent_at=now, last_error="")
            for one in refused:
                log(
                    now, channel, "refused", out=row, recipient=one.address, code=str(one.code), note=one.text
                )


def draft_of(row: OutMessage, channel: Channel, settings: MailSettings) -> Draft:
    pieces = [Piece(one["name"], one["type"], store.read(one["sha256"])) for one in row.attachments]
    return Draft(
        message_id=row.message_id,
        sender=Address(channel.address, settings.sender_name),
        to=row.to,
        cc=row.cc,
        subject=row.subject,
        text=row.text,
        html=row.html,
        written_at=row.created_at,
        reply_to=row.reply_to,
        in_reply_to=row.in_reply_to,
        references=row.references,
        loop_mark=loop_mark(),
        automatic=row.automatic,
        pieces=pieces,
    )


def _mine(row: OutMessage) -> dict[str, object]:
    return {"pk": row.pk, "claim": row.claim}


def _mark_handed(row: OutMessage, now: datetime) -> bool:
    """The last moment: from here on the mail may be with the server. False if the claim is no longer ours."""
    rows = OutMessage.objects.filter(**_mine(row), state=OutMessage.State.SENDING)
    return bool(rows.update(handed_at=now))


def _record(row: OutMessage, now: datetime, kind: str, **changes: object) -> None:
    with transaction.atomic():
        if OutMessage.objects.filter(**_mine(row)).update(**({"may_have_arrived": False} | changes)):
            log(now, row.channel_id, kind, out=row, note=str(changes.get("last_error", "")))


def _record_refused(row: OutMessage, settings: MailSettings, error: smtp.Refused, now: datetime) -> None:
    is_last = error.is_final or row.attempts >= settings.most_attempts
    if is_last:
        _record(row, now, "dead", state=OutMessage.State.DEAD, last_error=str(error))
        return
    _record(
        row, now, "failed", state=OutMessage.State.FAILED, last_error=str(error), handed_at=None,
        next_attempt_at=now + pause_after(row.attempts),
    )  # fmt: skip


def _give_back(row: OutMessage, now: datetime) -> None:
    """The server is to blame: the attempt does not count."""
    OutMessage.objects.filter(**_mine(row)).update(
        state=OutMessage.State.FAILED if row.attempts > 1 else OutMessage.State.QUEUED,
        attempts=F("attempts") - 1,
        next_attempt_at=now,
        claim="",
    )


def _worked(channel: Channel, now: datetime) -> None:
    Channel.objects.filter(pk=channel.pk).update(
        out_worked_at=now, out_failures=0, out_error="", out_rests_until=None
    )


def _could_not(channel: Channel, error: str, now: datetime) -> None:
    with transaction.atomic():
        failures = Channel.objects.filter(pk=channel.pk).values_list("out_failures", flat=True)[0] + 1
        Channel.objects.filter(pk=channel.pk).update(
            out_failures=failures, out_error=error, out_rests_until=now + rest_after(failures)
        )
        log(now, channel, "channel_failed", note=error)


def _quit(server: smtplib.SMTP) -> None:
    try:
        if server.sock is not None:
            server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
