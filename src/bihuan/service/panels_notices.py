"""What the bell says of cases and investigations: deadlines one was warned of, mails, mentions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.notices import Notice, NoticeSource, register_notices

from .correspondence.panels import ICONS, NAMES_WRITER, WORDS
from .correspondence.telling import put_news_aside
from .investigation_clocks import step_labels
from .models import CaseNews, CaseNotice
from .panels import clock_said, said
from .promised import promised_now
from .queries import live_notices
from .queries_investigation import live_step_notices
from .records import CASE
from .records_investigation import INVESTIGATION
from .rules import BREACH
from .services.telling import put_notices_aside, put_step_notices_aside

LOOKED_AT = 5
"""So many times what is shown: of one case there are several notices."""


def _news(actor: Actor, since: datetime) -> QuerySet[CaseNews]:
    return CaseNews.objects.filter(recipient_id=actor.user_id, read_at=None, at__gte=since)


def unread_of_cases(actor: Actor, since: datetime) -> Sequence[QuerySet[Any, Any]]:
    told = (live_notices(actor).filter(at__gte=since), _news(actor, since))
    return [rows.annotate(key=F("case_id")).values("key") for rows in told]


def newest_of_cases(actor: Actor, since: datetime, limit: int) -> list[Notice]:
    most = limit * LOOKED_AT
    warned = live_notices(actor).filter(at__gte=since).order_by("-at", "-id")[:most]
    told: list[CaseNotice | CaseNews] = list(warned)
    told += _news(actor, since).select_related("event").order_by("-at", "-id")[:most]
    rows = CASE.visible_to(actor).filter(pk__in={one.case_id for one in told}).select_related("customer")
    cases = {one.pk: one for one in rows}
    classes, promised = actor.classes("case"), promised_now()
    found: dict[int, Notice] = {}
    for one in sorted(told, key=lambda one: one.at, reverse=True):
        case = cases.get(one.case_id)
        if case is None or case.pk in found:
            continue
        text: Any
        if isinstance(one, CaseNotice):
            icon, text = "clock", said(one, clock_said(one, promised))
            tone = "red" if one.level >= BREACH else ""
        elif one.event.field_class in classes:
            icon, text, tone = ICONS[CaseNews.Kind(one.kind)], WORDS[one.kind], ""
            if one.kind in NAMES_WRITER:
                text = f"{one.event.actor_name} {text}"
        else:
            continue
        found[case.pk] = Notice(one.at, "case", case.pk, case.title, text, icon, case.customer.name, tone)
    return list(found.values())[:limit]


def read_cases(actor: Actor, now: datetime, key: int | None) -> None:
    put_notices_aside(actor=actor, case_id=key, now=now)
    put_news_aside(actor=actor, case_id=key, now=now)


def unread_of_investigations(actor: Actor, since: datetime) -> Sequence[QuerySet[Any, Any]]:
    rows = live_step_notices(actor).filter(at__gte=since)
    return [rows.annotate(key=F("investigation_id")).values("key")]


def newest_of_investigations(actor: Actor, since: datetime, limit: int) -> list[Notice]:
    told = list(live_step_notices(actor).filter(at__gte=since).order_by("-at", "-id")[: limit * LOOKED_AT])
    seen = INVESTIGATION.visible_to(actor).filter(pk__in={one.investigation_id for one in told})
    rows = {one.pk: one for one in seen}
    labels = step_labels(promised_now()) if rows else {}
    found: dict[int, Notice] = {}
    for one in told:
        row = rows.get(one.investigation_id)
        if row is not None and row.pk not in found:
            text, tone = said(one, labels.get(one.kind, one.kind)), "red" if one.level >= BREACH else ""
            found[row.pk] = Notice(
                one.at, "investigation", row.pk, row.title, text, "stethoscope", row.number, tone
            )
    return list(found.values())[:limit]


def read_investigations(actor: Actor, now: datetime, key: int | None) -> None:
    put_step_notices_aside(actor=actor, now=now, investigation_id=key)


register_notices(NoticeSource("case", "case", "case", unread_of_cases, newest_of_cases, read_cases))
register_notices(
    NoticeSource(
        "investigation", "investigation", "investigation", unread_of_investigations, newest_of_investigations,
        read_investigations,
    )
)  # fmt: skip
