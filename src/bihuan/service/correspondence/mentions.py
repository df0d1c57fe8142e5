"""Colleagues named in a note: only those who may read it; each is told, by mail as well if they wish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case as When
from django.db.models import IntegerField, Q, Value
from django.db.models import When as If
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.customers.matching.normalise import name_pinyin, pinyin_initials
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass
from bihuan.messaging.queueing import default_channel, queue_message
from bihuan.messaging.wordings import render
from bihuan.people.access import STAFF
from bihuan.people.actors import actor_for, people_with_access
from bihuan.people.models import User

from ..errors import CaseError
from ..models import Case, CaseEvent, CaseNews, MentionsByMail
from ..records import CASE
from .telling import tell

MOST = 20
LOOKED_AT = 60
MOST_PEOPLE = 2000


def may_read(person: User, case: Case, *, is_technical: bool = False) -> bool:
    """Whether that person sees the case, and notes of that kind on it."""
    reader = actor_for(person)
    if is_technical and FieldClass.TECHNICAL not in reader.classes("case"):
        return False
    return CASE.visible_to(reader).filter(pk=case.pk).exists()


def suggestions(actor: Actor, case: Case, text: str, limit: int = 8) -> list[User]:
    """Colleagues whose name begins or goes on like that and who may see the case: the case's own first, then by name."""
    text = text.strip()[:40]
    rows = people_with_access(STAFF.visible_to(actor).filter(is_active=True).exclude(pk=actor.user_id))
    if text:
        rows = rows.filter(
            Q(name__icontains=text) | Q(username__istartswith=text) | Q(pk__in=_sounding(text))
        )
    near = [If(pk=case.owner_id, then=Value(0))] if case.owner_id else []
    near += [If(team=case.team_id, then=Value(1))] if case.team_id else []
    rows = rows.annotate(near=When(*near, default=Value(2), output_field=IntegerField()))
    found: list[User] = []
    for one in rows.order_by("near", "name", "pk")[:LOOKED_AT]:
        if may_read(one, case):
            found.append(one)
        if len(found) == limit:
            break
    return found


def _sounding(text: str) -> list[int]:
    """Whose name is typed by its sounds: zhangwei or zw for 张伟."""
    if not text.isascii():
        return []
    typed = text.lower().replace(" ", "")
    people = User.objects.filter(is_active=True).values_list("pk", "name")[:MOST_PEOPLE]
    return [
        key
        for key, name in people
        if typed in pinyin_initials(name).lower() or typed in name_pinyin(name).replace(" ", "")
    ]


def mentioned(
    actor: Actor, case: Case, ids: Iterable[int], text: str, *, is_technical: bool = False
) -> list[User]:
    """The persons of these numbers whose names the text still holds. Refused: one who may not read what is written."""
    wanted = list(dict.fromkeys(ids))[:MOST]
    if not wanted:
        return []
    people = people_with_access(STAFF.visible_to(actor).filter(pk__in=wanted, is_active=True))
    found = [one for one in people if f"@{one.name}" in text]
    for one in found:
        if not may_read(one, case, is_technical=is_technical):
            raise CaseError(_("%(name)s may not read this note.") % {"name": one.name}, "text")
    return sorted(found, key=lambda one: wanted.index(one.pk))


def tell_mentioned(case: Case, event: CaseEvent, people: Sequence[User], now: datetime) -> None:
    """News for each of them. What the note says leaves the house in no mail."""
    if not people:
        return
    tell(case, event, CaseNews.Kind.MENTIONED, now, {one.pk for one in people})
    wish = set(MentionsByMail.objects.filter(person__in=people).values_list("person_id", flat=True))
    channel = default_channel() if wish else None
    if channel is None:
        return
    said = render("case_mention", {"reference": case.number, "writer": event.actor_name})
    for one in people:
        if one.pk in wish and one.email:
            queue_message(
                actor=SYSTEM, channel=channel, to=[one.email], subject=said.subject, text=said.body, now=now,
                automatic="auto-generated", once=f"mention:{event.pk}:{one.pk}",
            )  # fmt: skip


def wishes_mail(actor: Actor) -> bool:
    return MentionsByMail.objects.filter(person=actor.user_id).exists()


@transaction.atomic
def wish_mail(*, actor: Actor, wanted: bool, now: datetime) -> None:
    """Whether the actor wants to be told of mentions by mail as well. Refused without an address to send it to."""
    person = User.objects.get(pk=actor.user_id or 0)
    if wanted and not person.email:
        raise CaseError(_("No mail address of yours is kept; an administrator enters it."))
    if wanted:
        MentionsByMail.objects.get_or_create(person=person, defaults={"since": now})
    else:
        MentionsByMail.objects.filter(person=person).delete()
    record(actor, now, "person.mentions_by_mail", person, after={"wanted": wanted})
