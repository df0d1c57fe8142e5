"""Paging by position instead of by number: the next page starts after the last row's key, however far down it is.

The order is (column, primary key), both in the same direction, so that one index serves rising and falling. Rows without
a value come last, in both directions, as a second segment, so that SQLite and PostgreSQL agree.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.constants import LOOKUP_SEP


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ends: the row's segment (1 is the rows without a value), its value and its primary key."""

    segment: int
    value: Any
    key: int

    def token(self) -> str:
        text = json.dumps(
            [self.segment, _plain(self.value), self.key], ensure_ascii=False, separators=(",", ":")
        )
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def read_position(token: str) -> Position | None:
    """A position out of an address; None when it is none."""
    try:
        padded = token + "=" * (-len(token) % 4)
        segment, value, key = json.loads(base64.urlsafe_b64decode(padded.encode()))
        return Position(int(segment), value, int(key))
    except (ValueError, TypeError, binascii.Error):
        return None


@dataclass(frozen=True, slots=True)
class Order:
    """By which ORM path rows are ordered. `nullable`: some rows may lack a value."""

    path: str
    descending: bool = False
    nullable: bool = False

    def position(self, value: Any, key: int) -> Position:
        return Position(int(value is None), value, key)


def is_nullable(model: Any, path: str) -> bool:
    """Whether a path can end in nothing: a field that may be null, or a relation on the way that may be absent."""
    for part in path.split(LOOKUP_SEP):
        if part == "pk":
            return False
        one = model._meta.get_field(part)
        if one.is_relation and (one.auto_created or one.null):
            return True
        if getattr(one, "null", False):
            return True
        if one.is_relation:
            model = one.related_model
    return False


def segment_rows(rows: QuerySet[Any], order: Order, segment: int, backwards: bool) -> QuerySet[Any]:
    """One segment in reading order, or against it."""
    if segment:
        return rows.filter(**{f"{order.path}__isnull": True}).order_by("-pk" if backwards else "pk")
    if order.nullable:
        rows = rows.filter(**{f"{order.path}__isnull": False})
    sign = "-" if order.descending is not backwards else ""
    return rows.order_by(f"{sign}{order.path}", f"{sign}pk")


def after(order: Order, position: Position, backwards: bool) -> Q:
    """The condition for what comes after a position within its segment."""
    falling = backwards if position.segment else order.descending is not backwards
    beyond_key = Q(**{"pk__lt" if falling else "pk__gt": position.key})
    if position.segment:
        return beyond_key
    here, beyond = ("lte", "lt") if falling else ("gte", "gt")
    return Q(**{f"{order.path}__{here}": position.value}) & (
        Q(**{f"{order.path}__{beyond}": position.value}) | beyond_key
    )


def take(
    rows: QuerySet[Any],
    order: Order,
    size: int,
    position: Position | None,
    backwards: bool,
    paths: tuple[str, ...],
) -> tuple[list[tuple[Any, ...]], bool]:
    """At most `size` rows after a position (before it, when backwards), and whether there are more that way.

    Each row is a tuple of primary key, the value it is ordered by, and `paths`. Usually one query; two where a page
    holds the border between rows with and without a value.
    """
    segments = [0, 1] if order.nullable else [0]
    if backwards:
        segments.reverse()
    found: list[tuple[Any, ...]] = []
    for segment in segments:
        part = segment_rows(rows, order, segment, backwards)
        if position is not None:
            if segment != position.segment:
                if (segment < position.segment) is not backwards:
                    continue
            else:
                try:
                    part = part.filter(after(order, position, backwards))
                except (ValidationError, ValueError, TypeError):
                    pass  # a position of another order: begin at the segment's start
        found += part.values_list("pk", order.path, *paths)[: size + 1 - len(found)]
        if len(found) > size:
            break
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    return found, more
