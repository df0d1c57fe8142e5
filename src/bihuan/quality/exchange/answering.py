"""Answering a query with those captured events that the actor may see, in the order asked for (newest first), page by page."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.keyset import Order, Position, read_position, take
from bihuan.quality.epcis import times
from bihuan.quality.epcis.writing import CONTEXT, to_json

from ..models import EpcisTerm
from .asking import Query, QueryRefused, QueryTooLarge
from .records import events_seen

_TOKEN = re.compile(r"(event|record)(Up|Down)(\d{0,9})\.(.+)")


def answer_query(actor: Actor, query: Query, now: datetime) -> tuple[bytes, str]:
    """An EPCISQueryDocument in UTF-8 and the token of the next page, "" on the last. Events stand as they were told.

    Raises ``QueryRefused`` for a token that is none or belongs to another order, ``QueryTooLarge``.
    """
    order = Order(query.order, descending=not query.is_rising)
    position, left = _from_token(query)
    wanted = asked(events_seen(actor), query)
    if query.most is not None and wanted.order_by()[: query.most + 1].count() > query.most:
        raise QueryTooLarge
    size = query.per_page if left is None else min(query.per_page, left)
    rows, more = take(wanted, order, size, position, False, ("body",))
    head = to_json(
        {"@context": [CONTEXT], "type": "EPCISQueryDocument", "schemaVersion": "2.0", "creationDate": times.write(now)}
    )  # fmt: skip
    listed = ",".join(body for _key, _at, body in rows)  # each is JSON already, digit for digit
    text = (
        f'{head[:-1]},"epcisBody":{{"queryResults":{{"queryName":"SimpleEventQuery","resultsBody":'
        f'{{"eventList":[{listed}]}}}}}}}}'
    )
    left = None if left is None else left - len(rows)
    more = more and left != 0
    said = "" if left is None else left
    token = f"{_name(query)}{said}.{order.position(rows[-1][1], rows[-1][0]).token()}" if more else ""
    return text.encode("utf-8"), token


def _name(query: Query) -> str:
    """The order that a token goes on in."""
    return ("event" if query.order == "at" else "record") + ("Up" if query.is_rising else "Down")


def _from_token(query: Query) -> tuple[Position | None, int | None]:
    """Where a page begins, and how many events may still be given out."""
    if not query.token:
        return None, query.limit
    found = _TOKEN.fullmatch(query.token)
    position = read_position(found[4]) if found else None
    left = int(found[3]) if found and found[3] else None
    if (
        found is None or position is None or position.segment or not _is_moment(position.value)
        or found[1] + found[2] != _name(query) or (left is None) != (query.limit is None) or left == 0
    ):  # fmt: skip
        raise QueryRefused(_("“%(name)s” is not one that was given out here.") % {"name": "nextPageToken"})
    return position, None if left is None or query.limit is None else min(left, query.limit)


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
