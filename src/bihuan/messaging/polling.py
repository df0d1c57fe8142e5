"""Fetching mail: each mail of a folder is taken in once, whatever happens in between.

For each mail a `Pickup` row is written before it is read. Message, files, pickup and the folder's mark are one transaction;
only afterwards the mail is flagged or moved on the server. Killed before that transaction, the mail is read again; killed
after it, only the flag is made good. A server that numbers anew brings all mails again: their Message-IDs tell that they are known.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import F, Q

from . import store
from .channel_settings import MailSettings, password_of, settings_of
from .errors import MessagingError
from .events import log
from .imap import Folder, Gone, TooLarge, opened
from .intake import keep_unreadable, take_in
from .mail.message import Mail
from .mail.parse import parse
from .models import Channel, Mailbox, Pickup
from .routing import route_message
from .sending import rest_after
from .smtp import Unreachable

LEASE = timedelta(minutes=10)
EVERY = timedelta(seconds=60)
MOST_DEATHS = 3  # a mail at which the process died that often is not read a further time
Clock = Callable[[], datetime]


def due_polls(now: datetime) -> list[int]:
    """The channels whose folder should be looked into at this moment."""
    rows = (
        Channel.objects.filter(enabled=True, kind=Channel.Kind.MAIL)
        .exclude(in_rests_until__gt=now)
        .exclude(polled_until__gt=now)
        .exclude(in_worked_at__gt=now - EVERY, in_worked_at__lte=now)
    )
    return [one.pk for one in rows if settings_of(one).receives]


def poll(channel_id: int, *, clock: Clock, most: int = 200, stopping: Callable[[], bool] = bool) -> int:
    """Take in what is new in the channel's folder; how many mails were taken. Others keep away meanwhile."""
    token = secrets.token_hex(12)
    if not _lease(channel_id, token, clock()):
        return 0
    channel = Channel.objects.get(pk=channel_id)
    settings = settings_of(channel)
    taken = 0
    try:
        with opened(settings, password_of(channel, "imap")) as folder:
            for uid in _numbers(channel, folder, most, clock()):
                if stopping() or not _lease(channel_id, token, clock()):
                    break
                taken += take_one(channel, settings, folder, uid, clock)
    except (Unreachable, MessagingError) as error:
        _could_not(channel, str(error), clock())
    else:
        Channel.objects.filter(pk=channel_id).update(
            in_worked_at=clock(), in_failures=0, in_error="", in_rests_until=None
        )
    finally:
        Channel.objects.filter(pk=channel_id, polled_by=token).update(polled_by="", polled_until=None)
    return taken


def _lease(channel_id: int, token: str, now: datetime) -> bool:
    """Keep the folder to oneself for some minutes, or go on keeping it."""
    free = Q(polled_until__isnull=True) | Q(polled_until__lt=now) | Q(polled_by=token)
    rows = Channel.objects.filter(free, pk=channel_id, enabled=True)
    return bool(rows.update(polled_by=token, polled_until=now + LEASE))


def _numbers(channel: Channel, folder: Folder, most: int, now: datetime) -> list[int]:
    """What is to be read. Unfinished tidying of an earlier round is made good first."""
    box, since = _mailbox(channel, folder, now)
    untidied = Pickup.objects.filter(
        channel=channel, folder=box.folder, uidvalidity=box.uidvalidity, tidied=False
    ).exclude(state=Pickup.State.STARTED)
    for one in untidied[:500]:
        _tidy(folder, one)
    return folder.uids(box.last_uid, most, since)


def _mailbox(channel: Channel, folder: Folder, now: datetime) -> tuple[Mailbox, date | None]:
    name = folder.settings.folder
    known = list(Mailbox.objects.filter(channel=channel, folder=name).order_by("id"))
    only_new = folder.settings.read_from == "new"
    since = known[0].started_at.date() - timedelta(days=1) if known and only_new else None
    for one in known:
        if one.uidvalidity == folder.uidvalidity:
            return one, since if one is not known[0] else None
    box = Mailbox.objects.create(
        channel=channel,
        folder=name,
        uidvalidity=folder.uidvalidity,
        # What lay there before the channel was set up is somebody's past, not our post.
        last_uid=folder.uidnext - 1 if only_new and not known else 0,
        started_at=now,
    )
    if known:
        log(now, channel, "folder_renumbered", note=name)
    return box, since


def take_one(channel: Channel, settings: MailSettings, folder: Folder, uid: int, clock: Clock) -> int:
    """Take one mail in. A mail that cannot be read is kept raw and told; the next ones are read all the same."""
    pickup, _new = Pickup.objects.get_or_create(
        channel=channel,
        folder=settings.folder,
        uidvalidity=folder.uidvalidity,
        uid=uid,
        defaults={"started_at": clock()},
    )
    if pickup.state != Pickup.State.STARTED:
        _advance(channel, pickup)
        _tidy(folder, pickup)
        return 0
    Pickup.objects.filter(pk=pickup.pk).update(attempts=F("attempts") + 1)
    try:
        message_pk = _fetch_and_keep(channel, settings, folder, pickup, clock)
    except Gone:
        with transaction.atomic():
            Pickup.objects.filter(pk=pickup.pk).update(state=Pickup.State.DUPLICATE, tidied=True)
            _advance(channel, pickup)
        return 0
    except (Unreachable, OperationalError):
        # Not the mail's fault: it is read again next time, as if it had not been tried.
        Pickup.objects.filter(pk=pickup.pk).update(attempts=F("attempts") - 1)
        raise
    pickup.refresh_from_db()
    _tidy(folder, pickup)
    if message_pk is not None:
        route_message(message_pk, now=clock())
    return 1


def _fetch_and_keep(
    channel: Channel, settings: MailSettings, folder: Folder, pickup: Pickup, clock: Clock
) -> int | None:
    """The key of the message that is to be routed; nothing for one that is known or cannot be read."""
    if pickup.attempts >= MOST_DEATHS + 2:
        _unreadable(channel, pickup, "", 0, "the program ended while fetching this mail", clock())
        return None
    raw, size, headers = _fetch(settings, folder, pickup.uid)
    if pickup.attempts >= MOST_DEATHS:
        _unreadable(channel, pickup, raw, size, "the program ended while reading this mail", clock())
        return None
    try:
        mail = read_mail(raw, size, headers)
        with transaction.atomic():
            row, is_new = take_in(channel, mail, raw=raw, size=size, now=clock())
            state = Pickup.State.TAKEN if is_new else Pickup.State.DUPLICATE
            Pickup.objects.filter(pk=pickup.pk).update(state=state, message=row)
            if not is_new:
                log(clock(), channel, "duplicate", came=row, code=str(pickup.uid))
            _advance(channel, pickup)
        return row.pk if is_new else None
    except (Unreachable, OperationalError):
        raise
    except (
        Exception
    ) as error:  # whatever a sender may have written: this mail is told, the next ones are read
        logging.getLogger(__name__).exception("mail %s of %s cannot be read", pickup.uid, channel.name)
        _unreadable(channel, pickup, raw, size, f"{type(error).__name__}: {error}", clock())
        return None


def _fetch(settings: MailSettings, folder: Folder, uid: int) -> tuple[str, int, bytes | None]:
    """The mail in the store, its size, and its headers alone where it is larger than the limit."""
    try:
        with store.writing() as (stream, done):
            size = folder.save(uid, stream, settings.largest_mail)
    except TooLarge as error:
        return "", error.size, folder.headers(uid)
    return done[0], size, None


def read_mail(raw: str, size: int, headers: bytes | None) -> Mail:
    """Read a mail out of the store, or of one that is too large what its headers say."""
    if headers is None:
        return parse(store.read(raw))
    mail = parse(headers, headers_only=True)
    mail.notes.append("mail_too_large")
    return mail


def _unreadable(channel: Channel, pickup: Pickup, raw: str, size: int, error: str, now: datetime) -> None:
    with transaction.atomic():
        key = f"{pickup.channel_id}-{pickup.uidvalidity}-{pickup.uid}"
        row = keep_unreadable(channel, key=key, raw=raw, size=size, error=error, now=now)
        Pickup.objects.filter(pk=pickup.pk).update(state=Pickup.State.UNREADABLE, message=row)
        _advance(channel, pickup)


def _advance(channel: Channel, pickup: Pickup) -> None:
    Mailbox.objects.filter(
        channel=channel, folder=pickup.folder, uidvalidity=pickup.uidvalidity, last_uid__lt=pickup.uid
    ).update(last_uid=pickup.uid)


def _tidy(folder: Folder, pickup: Pickup) -> None:
    if not pickup.tidied:
        if pickup.state != Pickup.State.UNREADABLE:  # a mail that we could not read stays as it was
            folder.tidy(pickup.uid)
        Pickup.objects.filter(pk=pickup.pk).update(tidied=True)


def _could_not(channel: Channel, error: str, now: datetime) -> None:
    with transaction.atomic():
        failures = Channel.objects.filter(pk=channel.pk).values_list("in_failures", flat=True)[0] + 1
        Channel.objects.filter(pk=channel.pk).update(
            in_failures=failures, in_error=error[:2000], in_rests_until=now + rest_after(failures)
        )
        log(now, channel, "channel_failed", code="imap", note=error)
