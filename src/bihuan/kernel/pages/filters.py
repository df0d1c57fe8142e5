"""A list's filters: how each reads the address, narrows the rows and says what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NONE = "-"
Choices = Iterable[tuple[Any, Any]]


@dataclass(frozen=True)
class Filter:
    """`kind`: choice (several of a few), text, number and date (from, to), bool, link (set by links only).

    `choices(actor)` gives (value, label) pairs. `narrow` replaces the plain comparison of `path`. Who may not read
    the field has no such filter: otherwise one could find out its value by asking.
    """

    name: str
    label: str | _StrPromise
    kind: str = "choice"
    path: str = ""
    field_class: FieldClass = FieldClass.PUBLIC
    object: str = ""
    choices: Callable[[Actor], Choices] | None = None
    narrow: Callable[[QuerySet[Any], Any, Actor], QuerySet[Any]] | None = None
    searched: bool = False  # a long choice gets a box to search in
    may: Callable[[Actor], bool] | None = None  # what else must hold, beyond the table

    def allows(self, actor: Actor, list_object: str) -> bool:
        own = self.object or list_object
        granted = actor.scope(own) >= actor.scope(list_object) and self.field_class in actor.classes(own)
        return granted and (self.may is None or self.may(actor))

    def read(self, query: QueryDict) -> Any:
        """The value in the address: None for none, `ValueError` for one that makes no sense."""
        if self.kind in ("number", "date"):
            low, high = (self._end(query.get(f"{self.name}{end}", "")) for end in (".from", ".to"))
            return None if low is None and high is None else (low, high)
        if self.kind == "choice":
            return [one for one in query.getlist(self.name) if one][:200] or None
        text = query.get(self.name, "").strip()
        if self.kind == "bool" and text not in ("", "0", "1"):
            raise ValueError(text)
        return text[:200] or None

    def _end(self, text: str) -> Any:
        text = text.strip().replace(",", "")
        if not text:
            return None
        if self.kind == "date":
            return date.fromisoformat(text)
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise ValueError(text) from error
        if not number.is_finite() or abs(number) > 10**12:
            raise ValueError(text)
        return number

    def apply(self, rows: QuerySet[Any], value: Any, actor: Actor) -> QuerySet[Any]:
        if self.narrow is not None:
            return self.narrow(rows, value, actor)
        path = self.path or self.name
        if self.kind in ("number", "date"):
            low, high = value
            if low is not None:
                rows = rows.filter(**{f"{path}__gte": low})
            return rows if high is None else rows.filter(**{f"{path}__lte": high})
        if self.kind == "choice":
            empty = Q(**{f"{path}__isnull": True}) if NONE in value else Q()
            named = [one for one in value if one != NONE]
            return rows.filter(Q(**{f"{path}__in": named}) | empty if named else empty)
        if self.kind == "bool":
            return rows.filter(**{path: value == "1"})
        return rows.filter(**{f"{path}__icontains": value})

    def options(self, actor: Actor) -> list[tuple[str, str]]:
        found = self.choices(actor) if self.choices else ()
        return [(str(value), str(label)) for value, label in found]

    def said(self, value: Any, options: list[tuple[str, str]]) -> str:
        """The filter in words, for its pill above the list."""
        colon = _(": ")
        if self.kind in ("number", "date"):
            low, high = value
            if low is not None and high is not None:
                return f"{self.label} {low} – {high}"
            return f"{self.label} ≥ {low}" if high is None else f"{self.label} ≤ {high}"
        if self.kind == "choice":
            labels = dict(options)
            return f"{self.label}{colon}" + _(", ").join(labels.get(one, one) for one in value)
        if self.kind == "bool":
            return f"{self.label}{colon}{_('Yes') if value == '1' else _('No')}"
        return f"{self.label}{colon}{value}"

    def names(self) -> tuple[str, ...]:
        """The names this filter uses in the address."""
        return (f"{self.name}.from", f"{self.name}.to") if self.kind in ("number", "date") else (self.name,)
