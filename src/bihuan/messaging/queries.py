"""Reading channels, queue, inbox and the delivery log for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Model, QuerySet
from django.http import Http404

from bihuan.kernel.actor import Actor, NotAllowed

from .access import messages_within, require_all, require_messages
from .channel_settings import MailSettings, settings_of
from .models import Channel, DeliveryEvent, InAttachment, InMessage, OutMessage
from .wordings import Template, templates, wording

PAGE = 50


@dataclass(frozen=True)
class ChannelLine:
    """A channel with what it is doing."""

    channel: Channel
    settings: MailSettings
    waiting: int
    dead: int
    unrouted: int
    out_rests: bool
    in_rests: bool


def channel_lines(actor: Actor, now: datetime) -> list[ChannelLine]:
    require_all(actor, "channel")
    out: dict[tuple[int, str], int] = {
        (key, state): count
        for key, state, count in OutMessage.objects.filter(state__in=("queued", "failed", "dead"))
        .values_list("channel_id", "state")
        .annotate(n=Count("id"))
        .order_by()
    }
    came = InMessage.objects.filter(state="waiting").values_list("channel_id").annotate(n=Count("id"))
    unrouted = dict(came.order_by())
    return [
        ChannelLine(
            channel=one,
            settings=settings_of(one),
            waiting=out.get((one.pk, "queued"), 0) + out.get((one.pk, "failed"), 0),
            dead=out.get((one.pk, "dead"), 0),
            unrouted=unrouted.get(one.pk, 0),
            out_rests=bool(one.out_rests_until and one.out_rests_until > now),
            in_rests=bool(one.in_rests_until and one.in_rests_until > now),
        )
        for one in Channel.objects.order_by("name")
    ]


def get_channel(actor: Actor, identity: int) -> Channel:
    require_all(actor, "channel", "administer")
    row = Channel.objects.filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def _page(rows: QuerySet[Any], before: int | None) -> tuple[list[Any], int | None]:
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def queue_page(actor: Actor, state: str, before: int | None) -> tuple[list[OutMessage], int | None]:
    """Messages out in a state, newest first, fifty a page; and where the next page begins."""
    require_messages(actor)
    rows = messages_within(actor, OutMessage.objects.select_related("channel"))
    return _page(rows.filter(state=state) if state else rows, before)


def inbox_page(actor: Actor, state: str, before: int | None) -> tuple[list[InMessage], int | None]:
    require_messages(actor)
    rows = messages_within(actor, InMessage.objects.select_related("channel").defer("text", "quoted"))
    return _page(rows.filter(state=state) if state else rows, before)


def get_out(actor: Actor, identity: int, action: str = "view") -> OutMessage:
    return _one(actor, OutMessage.objects.select_related("channel"), identity, action)


def get_in(actor: Actor, identity: int, action: str = "view") -> InMessage:
    return _one(actor, InMessage.objects.select_related("channel"), identity, action)


def _one[M: Model](actor: Actor, rows: QuerySet[M], identity: int, action: str) -> M:
    require_messages(actor, action)
    row: M | None = messages_within(actor, rows).filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    if action != "view" and not messages_within(actor, rows, action).filter(pk=identity).exists():
        raise NotAllowed("message", action)
    return row


def get_attachment(actor: Actor, message_id: int, ordinal: int) -> InAttachment:
    row = InAttachment.objects.filter(message=get_in(actor, message_id), ordinal=ordinal).first()
    if row is None or not row.sha256:
        raise Http404(ordinal)
    return row


def events_of(*, out: OutMessage | None = None, came: InMessage | None = None) -> list[DeliveryEvent]:
    rows = DeliveryEvent.objects.order_by("id")
    found = rows.filter(out_id=out.pk) if out is not None else rows.filter(in_id=came.pk if came else 0)
    return list(found[:200])


def messages_about(about: str) -> tuple[QuerySet[OutMessage], QuerySet[InMessage]]:
    """All messages about an object, for the room that owns it; that room asks who may see them."""
    return OutMessage.objects.filter(about=about), InMessage.objects.filter(about=about, state="routed")


@dataclass(frozen=True)
class WordingLine:
    template: Template
    subject: str
    is_own: bool


def wording_lines(actor: Actor, language: str) -> list[WordingLine]:
    require_all(actor, "setting")
    lines = []
    for template in templates().values():
        found = wording(template.key, language)
        lines.append(WordingLine(template, found.subject, found.is_own))
    return lines
