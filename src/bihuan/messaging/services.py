"""What people do: channels, dead letters, mail that nobody took, wordings. Each with its line in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor
from bihuan.people.models import Team

from .channel_settings import MailSettings, bound_to
from .errors import MessagingError
from .events import log
from .models import Channel, InMessage, MessageTemplate, OutMessage
from .receivers import known_prefixes, receiver
from .routing import hand_over
from .sealing import seal
from .wordings import Wording, declared, unknown_variables

Out = OutMessage.State
CHANGED_BY_PEOPLE = [
    "name", "enabled", "per_minute", "team", "settings", "out_rests_until", "in_rests_until", "out_failures", "in_failures",
    "out_error", "in_error",
]  # fmt: skip


@transaction.atomic
def save_channel(
    *,
    actor: Actor,
    channel: Channel | None,
    name: str,
    settings: Mapping[str, Any],
    passwords: Mapping[str, str],
    per_minute: int,
    enabled: bool,
    now: datetime,
    team: Team | None = None,
) -> Channel:
    """Set a channel up, or change it. A password that is not given stays; the journal never sees one.

    What went wrong before is forgotten: the channel is tried again at once.
    """
    is_new = channel is None
    row = Channel(created_at=now) if channel is None else channel
    if Channel.objects.filter(name=name).exclude(pk=row.pk or 0).exists():
        raise MessagingError(_("Another channel has this name."), "name")
    before = None if is_new else _facts(row)
    row.name, row.enabled, row.per_minute, row.team = name, enabled, per_minute, team
    row.settings = dict(settings)
    _check_settings(MailSettings.of(row.settings), row)
    row.out_rests_until = row.in_rests_until = None
    row.out_failures = row.in_failures = 0
    row.out_error = row.in_error = ""
    if is_new:
        row.save()
    else:  # not the columns that a worker is writing meanwhile
        row.save(update_fields=CHANGED_BY_PEOPLE)
    given = {key: text for key, text in passwords.items() if text}
    if given:
        row.sealed = {**row.sealed, **{key: seal(text, bound_to(row, key)) for key, text in given.items()}}
        row.save(update_fields=["sealed"])
    record(
        actor, now, "channel.created" if is_new else "channel.changed", row,
        before=before, after=_facts(row) | ({"passwords_set": sorted(given)} if given else {}),
    )  # fmt: skip
    return row


def _facts(row: Channel) -> dict[str, Any]:
    return {
        "name": row.name,
        "enabled": row.enabled,
        "per_minute": row.per_minute,
        "settings": row.settings,
        "team": row.team.name if row.team else "",
    }


def _check_settings(settings: MailSettings, row: Channel) -> None:
    if not settings.address or "@" not in settings.address:
        raise MessagingError(_("A mail channel needs its address."), "address")
    if "+" in settings.address.partition("@")[0]:
        raise MessagingError(
            _("Give the address without a part after “+”: that part is ours to sign."), "address"
        )
    if settings.afterwards == "move" and not settings.move_to:
        raise MessagingError(_("Say into which folder mails are moved."), "move_to")
    others = Channel.objects.exclude(pk=row.pk or 0).filter(enabled=True)
    if settings.receives and any(
        one.address == settings.address.lower() and MailSettings.of(one.settings).receives for one in others
    ):
        raise MessagingError(_("Another channel reads this mailbox already."), "address")


@transaction.atomic
def retry_message(*, actor: Actor, message: OutMessage, now: datetime) -> OutMessage:
    """Send a dead letter again; it keeps its Message-ID."""
    row = OutMessage.objects.select_for_update().get(pk=message.pk)
    if row.state not in (Out.DEAD, Out.FAILED):
        raise MessagingError(_("Only a message that waits or was given up can be sent again."))
    row.state, row.attempts, row.next_attempt_at = Out.QUEUED, 0, now
    row.claim, row.handed_at, row.may_have_arrived = "", None, False
    row.save()
    log(now, row.channel_id, "retried", out=row, note=actor.name)
    record(actor, now, "message.retried", row, object_name=row.message_id)
    return row


@transaction.atomic
def drop_message(*, actor: Actor, message: OutMessage, now: datetime) -> OutMessage:
    """Give a message up for good. It stays readable."""
    row = OutMessage.objects.select_for_update().get(pk=message.pk)
    if row.state not in (Out.DEAD, Out.FAILED, Out.QUEUED):
        raise MessagingError(_("This message is under way or was sent."))
    row.state = Out.DROPPED
    row.save(update_fields=["state"])
    log(now, row.channel_id, "dropped", out=row, note=actor.name)
    record(actor, now, "message.dropped", row, object_name=row.message_id)
    return row


@transaction.atomic
def hand_on(*, actor: Actor, message: InMessage, about: str, now: datetime) -> InMessage:
    """Give a message that nobody took to an object that the actor reaches, by its key (`case:12`)."""
    row = InMessage.objects.select_for_update().get(pk=message.pk)
    if row.state == InMessage.State.ROUTED:
        raise MessagingError(_("Somebody has taken this message already."))
    about = about.strip().lower()
    taken = hand_over(row, about, now) if _reaches(actor, about) else None
    if taken is None:
        raise MessagingError(
            _("Nothing takes mail under “%(key)s”. Known kinds: %(kinds)s.")
            % {"key": about[:60], "kinds": ", ".join(known_prefixes()) or "–"},
            "about",
        )
    row.state, row.about, row.route_error = InMessage.State.ROUTED, taken[:60], ""
    row.save(update_fields=["state", "about", "route_error"])
    log(now, row.channel_id, "handed_on", came=row, note=f"{actor.name}: {taken}")
    record(actor, now, "message.handed_on", row, object_name=row.message_id, after={"about": taken})
    return row


def _reaches(actor: Actor, about: str) -> bool:
    prefix, _colon, identity = about.partition(":")
    known_prefixes()
    found = receiver(prefix)
    if found is None or found.rows_within is None or not identity.isdecimal():
        return True  # the answer is the same for everybody
    rows = found.rows_within(actor, "edit")
    return rows is None or rows.filter(pk=int(identity)).exists()


@transaction.atomic
def put_away(*, actor: Actor, message: InMessage, now: datetime) -> InMessage:
    """Lay a message aside that needs nobody. It is kept."""
    row = InMessage.objects.select_for_update().get(pk=message.pk)
    if row.state == InMessage.State.ROUTED:
        raise MessagingError(_("Somebody has taken this message already."))
    row.state = InMessage.State.DROPPED
    row.save(update_fields=["state"])
    log(now, row.channel_id, "put_away", came=row, note=actor.name)
    record(actor, now, "message.put_away", row, object_name=row.message_id)
    return row


@transaction.atomic
def save_wording(
    *, actor: Actor, key: str, language: str, subject: str, body: str, now: datetime
) -> MessageTemplate:
    """Keep the company's own wording of a message. Words in braces that nobody fills are refused."""
    template = declared(key)
    unknown = unknown_variables(template, Wording(subject, body))
    if unknown:
        raise MessagingError(
            _("Nobody fills {{ %(name)s }}. Known: %(known)s.")
            % {"name": unknown[0], "known": ", ".join(template.variables)},
            "body",
        )
    row, _created = MessageTemplate.objects.update_or_create(
        key=key,
        language=language,
        defaults={"subject": subject, "body": body, "updated_at": now, "updated_by": actor.name[:150]},
    )
    record(actor, now, "wording.changed", row, after={"subject": subject, "body": body})
    return row


@transaction.atomic
def restore_wording(*, actor: Actor, key: str, language: str, now: datetime) -> None:
    """Go back to the delivered wording."""
    rows = MessageTemplate.objects.filter(key=key, language=language)
    for row in rows:
        record(actor, now, "wording.restored", row, before={"subject": row.subject, "body": row.body})
    rows.delete()
