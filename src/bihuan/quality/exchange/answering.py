"""Answering a query with those captured events that the actor may see, in the order asked for (newest first), page by page.

Events stand as they were told, with two fields of ours: `recordTime`, when they were captured here (EPCIS 2.0 §7.4.1 wants it in
every answer, and has a sender's own ignored), and their hash id as `eventID` where they came without one. Neither is in the hash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.keyset import Order, Position, read_position, take
from bihuan.quality.epcis import times
from bihuan.quality.epcis.writing import CONTEXT, to_json

from ..models import EpcisEvent, EpcisTerm
from .asking import Query, QueryRefused, QueryTooLarge
from .records import events_seen

FIELDS = ("body", "event_id", "hash_id", "recorded_at", "captured_at")
_TOKEN = re.compile(r"(event|record)(Up|Down)(\d{0,9})\.(.+)")


def answer_query(actor: Actor, query: Query, now: datetime) -> tuple[bytes, str]:
    """An EPCISQueryDocument in UTF-8 and the token of the next page, "" on the last.

    Raises ``QueryRefused`` for a token that is none or belongs to another order, ``QueryTooLarge``.
    """
    order = Order(query.order, descending=not query.is_rising)
    position, left = _from_token(query)
    wanted = asked(events_seen(actor), query)
    if query.most is not None and wanted.order_by()[: query.most + 1].count() > query.most:
        raise QueryTooLarge
    size = query.per_page if left is None else min(query.per_page, left)
    rows, more = take(wanted, order, size, position, False, FIELDS)
    body = _document((row[2:] for row in rows), now)
    left = None if left is None else left - len(rows)
    more = more and left != 0
    said = "" if left is None else left
    token = f"{_name(query)}{said}.{order.position(rows[-1][1], rows[-1][0]).token()}" if more else ""
    return body, token


def answer_event(actor: Actor, identity: str, now: datetime) -> bytes | None:
    """The event of that `eventID` or hash id and what declared it wrong, as an EPCISQueryDocument; None where none may be seen."""
    named = EpcisEvent.objects.filter(Q(event_id=identity) | Q(hash_id=identity)).values("hash_id")
    rows = events_seen(actor).filter(hash_id__in=named).order_by("is_error", "pk").values_list(*FIELDS)
    found = list(rows)
    return _document(found, now) if found else None


def _document(rows: Iterable[tuple[Any, ...]], now: datetime) -> bytes:
    head = to_json(
        {"@context": [CONTEXT], "type": "EPCISQueryDocument", "schemaVersion": "2.0", "creationDate": times.write(now)}
    )  # fmt: skip
    listed = ",".join(_told(*row) for row in rows)
    text = (
        f'{head[:-1]},"epcisBody":{{"queryResults":{{"queryName":"SimpleEventQuery","resultsBody":'
        f'{{"eventList":[{listed}]}}}}}}}}'
    )
    return text.encode("utf-8")


def _told(body: str, event_id: str, hash_id: str, recorded_at: datetime | None, captured_at: datetime) -> str:
    ours = {"recordTime": times.write(captured_at)} | ({} if event_id else {"eventID": hash_id})
    if recorded_at is not None:  # the sender's own stands there
        return to_json(json.loads(body, parse_float=Decimal) | ours)
    comma = "," if len(body) > len("{}") else ""
    return f"{body[:-1]}{comma}{to_json(ours)[1:]}"  # it is JSON already, digit for digit


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
        found is None or position is None or position.segment or not is_moment(position.value)
        or found[1] + found[2] != _name(query) or (left is None) != (query.limit is None) or left == 0
    ):  # fmt: skip
        raise QueryRefused(_("“%(name)s” is not one that was given out here.") % {"name": "nextPageToken"})
    return position, None if left is None or query.limit is None else min(left, query.limit)


def is_moment(value: Any) -> bool:
    """Whether a position's value is a time, as all that is given out here are ordered by one."""
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
