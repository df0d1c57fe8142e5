"""The list of captured events."""

from __future__ import annotations

from html import escape
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage
from bihuan.kernel.pages.values import NOTHING, chip, write_moment
from bihuan.quality.epcis.events import EVENTS
from bihuan.quality.epcis.vocabulary import BIZ_STEPS

from ..lots.queries import lots_called
from ..models import EpcisEvent, EpcisLink, EpcisTerm
from .records import EPCIS_EVENT, TECHNICAL, told_to
from .terms import ANY_CLASS, ANY_EPC, uri

FIELDS = EPCIS_EVENT.by_name


def described(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With step, disposition and read point, the first lot and how many, and whether it was declared wrong."""

    def term(name: str) -> Subquery:
        return Subquery(EpcisTerm.objects.filter(event=OuterRef("pk"), field=name).values("value")[:1])

    # A declaration as wrong names the lots of its event, to whom both are told.
    links = EpcisLink.objects.filter(event__hash_id=OuterRef("hash_id"))
    named = links.order_by("pk").annotate(said=Concat("lot__product__code", Value("/"), "lot__number"))
    counted = links.order_by().values("event__hash_id").annotate(n=Count("lot", distinct=True))
    wrong = EpcisEvent.objects.filter(hash_id=OuterRef("hash_id"), is_error=True)
    return rows.annotate(
        step=term("step"), disposition=term("disposition"), read_point=term("read_point"),
        first_lot=Subquery(named.values("said")[:1]), lot_count=Subquery(counted.values("n")[:1]),
        is_wrong=Exists(wrong), is_declaration=F("is_error"),
    )  # fmt: skip


def _base(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    return described(told_to(actor, rows))


def _struck(text: str, is_wrong: bool) -> str:
    return f"<s>{escape(text)}</s>" if is_wrong else escape(text)


def _at(at: Any, is_wrong: bool) -> str:
    return _struck(write_moment(at), is_wrong)


def _kind(kind: str, is_wrong: bool, is_declaration: bool) -> str:
    mark = pgettext("epcis", "Error declaration") if is_declaration else pgettext("epcis", "Declared wrong")
    said = f" {chip(mark, 'orange')}" if is_wrong else ""
    return _struck(kind, is_wrong) + said


def _lots(first: str | None, count: int | None) -> str:
    return escape(_lots_said(first, count)) or str(NOTHING)


def _lots_said(first: str | None, count: int | None) -> str:
    if not first:
        return ""
    more = (count or 1) - 1
    if not more:
        return first
    said = ngettext("and %(n)d more lot", "and %(n)d more lots", more)
    return f"{first} {said % {'n': more}}"


def _steps(actor: Actor) -> list[tuple[str, str]]:
    return [(one, one) for one in sorted(BIZ_STEPS)]


def _of_steps(rows: QuerySet[Any], values: list[str], actor: Actor) -> QuerySet[Any]:
    return rows.filter(pk__in=EpcisTerm.objects.filter(field="step", value__in=values).values("event"))


def about(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Events that name a lot of ours, by code and number, or an identifier as it stands in the event."""
    lots = [one.pk for one in lots_called(actor, [text])[text]]
    if lots:
        return rows.filter(pk__in=EpcisLink.objects.filter(lot__in=lots).values("event"))
    named = EpcisTerm.objects.filter(value=uri(text), field__in=(*ANY_EPC, *ANY_CLASS))
    return rows.filter(pk__in=named.values("event"))


EVENTS_LIST = ListPage(
    name="epcis_events",
    title=pgettext_lazy("epcis", "EPCIS events"),
    record=EPCIS_EVENT,
    url_name="epcis",
    row_url="epcis_event",
    template="quality/exchange/list.html",
    default_sort="-at",
    icon="arrows-exchange",
    search=about,
    search_hint=_("A lot (A/12), or an identifier as it stands in the event"),
    base=_base,
    columns=[
        Column.of(FIELDS["at"], order=10, also=("is_wrong",), draw=_at, export=lambda at, wrong: at, falls_first=True),
        Column.of(
            FIELDS["kind"], order=20, also=("is_wrong", "is_declaration"), draw=_kind,
            export=lambda kind, wrong, declared: kind, sortable=False,
        ),
        Column(
            "lots", pgettext_lazy("epcis", "Lots"), path="first_lot", field_class=TECHNICAL, order=25, also=("lot_count",),
            draw=_lots, export=_lots_said, sortable=False,
        ),
        Column("step", pgettext_lazy("epcis", "Business step"), field_class=TECHNICAL, order=30, sortable=False),
        Column("disposition", pgettext_lazy("epcis", "Disposition"), field_class=TECHNICAL, order=40, sortable=False),
        Column("read_point", pgettext_lazy("epcis", "Read point"), field_class=TECHNICAL, order=50, sortable=False),
        Column.of(FIELDS["file"], order=70, sortable=False, shown=False),
        Column.of(FIELDS["captured_at"], order=80, sortable=False, shown=False),
        Column.of(FIELDS["actor_name"], order=90, sortable=False, shown=False),
    ],
    filters=[
        Filter("kind", pgettext_lazy("epcis", "Event type"), choices=lambda actor: [(one, one) for one in EVENTS], field_class=TECHNICAL),
        Filter("step", pgettext_lazy("epcis", "Business step"), choices=_steps, narrow=_of_steps, searched=True, field_class=TECHNICAL),
        Filter("at", pgettext_lazy("epcis", "Event time"), kind="date", path="at__date", field_class=TECHNICAL),
        Filter("wrong", pgettext_lazy("epcis", "Declared wrong"), kind="bool", path="is_wrong", field_class=TECHNICAL),
    ],
    empty_title=_("No events of others yet"),
    empty_text=_("Events of a captured document stand here."),
)  # fmt: skip
