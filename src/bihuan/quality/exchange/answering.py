"""Answering a query with those captured events that the actor may see, newest first, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.keyset import Order, read_position, take
from bihuan.quality.epcis import times
from bihuan.quality.epcis.writing import CONTEXT, to_json

from ..models import EpcisTerm
from .asking import Query, QueryRefused
from .records import events_seen

ORDER = Order("at", descending=True)


def answer_query(actor: Actor, query: Query, now: datetime) -> tuple[bytes, str]:
    """An EPCISQueryDocument in UTF-8 and the token of the next page, "" on the last. Events stand as they were told.

    Raises ``QueryRefused`` for a token that is none.
    """
    position = None
    if query.token:
        position = read_position(query.token)
        if position is None or position.segment or not _is_moment(position.value):
            raise QueryRefused(
                _("“%(name)s” is not one that was given out here.") % {"name": "nextPageToken"}
            )
    rows, more = take(asked(events_seen(actor), query), ORDER, query.per_page, position, False, ("body",))
    head = to_json(
        {"@context": [CONTEXT], "type": "EPCISQueryDocument", "schemaVersion": "2.0", "creationDate": times.write(now)}
    )  # fmt: skip
    listed = ",".join(body for _key, _at, body in rows)  # each is JSON already, digit for digit
    text = (
        f'{head[:-1]},"epcisBody":{{"queryResults":{{"queryName":"SimpleEventQuery","resultsBody":'
        f'{{"eventList":[{listed}]}}}}}}}}'
    )
    token = ORDER.position(rows[-1][1], rows[-1][0]).token() if more else ""
    return text.encode("utf-8"), token


def _is_moment(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def asked(rows: QuerySet[Any], query: Query) -> QuerySet[Any]:
    """Those of the rows that a query asks for."""
    if query.types:
        rows = rows.filter(kind__in=query.types)
    for path, (start, end) in (("at", query.at), ("captured_at", query.captured)):
        if start is not None:
            rows = rows.filter(**{f"{path}__gte": start})
        if end is not None:
            rows = rows.filter(**{f"{path}__lt": end})
    if query.ids:
        rows = rows.filter(Q(event_id__in=query.ids) | Q(hash_id__in=query.ids))
    if query.is_error:
        rows = rows.filter(is_error=True)
    for fields, values in query.terms:
        rows = rows.filter(
            pk__in=EpcisTerm.objects.filter(value__in=values, field__in=fields).values("event")
        )
    return rows
