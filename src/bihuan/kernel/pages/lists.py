"""A list, declared: which records, columns, filters, order and actions; rights are asked here and nowhere else.

`ListPage` is one declaration a list; higher rooms add columns, filters and actions to it. `ListState` is what an
address asks of it, after everything the actor may not see was dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec

from .filters import Filter
from .keyset import Order, Position, is_nullable, read_position, take
from .values import NOTHING, NUMERIC, write

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import _StrPromise

PAGE_SIZE = 50
COUNT_CAP = 10_000
# Whoever searches refines rather than reads on; what is found nearly everywhere costs a look-up for each row counted.
FOUND_CAP = 1_000
RESERVED = ("after", "before", "view")


@dataclass(frozen=True)
class Column:
    """A column. `path` is an ORM path; `also` are further paths that `draw(value, *also)` gets and turns into HTML.

    `object` is the record whose field class counts, when it is not the list's own (a tier is of `decision`).
    """

    name: str
    label: str | _StrPromise
    path: str = ""
    kind: str = "text"
    field_class: FieldClass = FieldClass.PUBLIC
    object: str = ""
    sortable: bool = True
    falls_first: bool = False  # the first click sorts downwards: money, dates
    shown: bool = True  # among the columns one sees without choosing
    order: int = 50
    also: tuple[str, ...] = ()
    draw: Callable[..., str] | None = None
    export: Callable[..., Any] | None = None  # value for a file; gets what `draw` gets
    choices: Callable[[], dict[str, Any]] | None = None
    nullable: bool | None = None
    may: Callable[[Actor], bool] | None = None  # what else must hold, beyond the table

    @classmethod
    def of(cls, one: FieldSpec, **more: Any) -> Column:
        """The column of a declared field."""
        given = {
            "kind": one.kind,
            "field_class": one.field_class,
            "path": one.source,
            "choices": one.choices,
        } | more
        return cls(one.name, one.label, **given)

    @property
    def source(self) -> str:
        return self.path or self.name

    def allows(self, actor: Actor, list_object: str, action: str = "view") -> bool:
        own = self.object or list_object
        # A column of another object is shown only to whoever reaches that object as far as the list's own.
        reaches = actor.scope(own, action) >= actor.scope(list_object, action)
        granted = reaches and self.field_class in actor.classes(own, action)
        return granted and (self.may is None or self.may(actor))


@dataclass(frozen=True)
class BulkAction:
    """An action over picked rows or the whole filter; runs as a job in batches, each with its way back.

    `apply(actor, ids, values, now)` changes one batch and returns what `undo(actor, undo, now)` needs (JSON); it is
    one domain call and checks the rows' rights itself. `form(actor, data)` asks for `values`.
    """

    name: str
    label: str | _StrPromise
    icon: str
    action: str
    apply: Callable[[Actor, list[int], Mapping[str, Any], datetime], Any]
    undo: Callable[[Actor, Any, datetime], int]
    form: Callable[[Actor, Any], forms.Form] | None = None


@dataclass
class ListPage:
    name: str
    title: str | _StrPromise
    record: RecordSpec
    url_name: str
    columns: list[Column]
    filters: list[Filter] = field(default_factory=list)
    actions: list[BulkAction] = field(default_factory=list)
    row_url: str = ""  # a route with the primary key as its only argument
    default_sort: str = ""  # "name" or "-revenue_12m"
    search: Callable[[Actor, QuerySet[Any], str], QuerySet[Any]] | None = None
    # The same among the first so many that the index names: what is found everywhere need not be counted to its end.
    search_within: Callable[[Actor, QuerySet[Any], str, int], QuerySet[Any]] | None = None
    search_hint: str | _StrPromise = ""
    count_cap: int = COUNT_CAP
    base: Callable[[Actor, QuerySet[Any]], QuerySet[Any]] | None = None
    # The same rows, put so that they are quickly counted, which is seldom how they are quickly had in order.
    count_base: Callable[[Actor, QuerySet[Any]], QuerySet[Any]] | None = None
    empty_title: str | _StrPromise = ""
    empty_text: str | _StrPromise = ""
    empty_template: str = ""
    template: str = "pages/list.html"
    icon: str = "list"
    presets: tuple[tuple[Any, str], ...] = ()  # (label, query) shown as views to everybody

    def __post_init__(self) -> None:
        if self.name in lists:
            raise ValueError(f"list {self.name} is registered twice")
        lists[self.name] = self

    @property
    def has_search(self) -> bool:
        """For templates, which would call `search`."""
        return self.search is not None

    def add_column(self, column: Column) -> None:
        self.columns.append(column)
        self.columns.sort(key=lambda one: one.order)

    def add_filter(self, one: Filter) -> None:
        self.filters.append(one)

    def add_action(self, action: BulkAction) -> None:
        self.actions.append(action)

    def state(self, actor: Actor, query: QueryDict, action: str = "view") -> ListState:
        return ListState(self, actor, query, action)

    @cached_property
    def row_link(self) -> tuple[str, str]:
        before, _zero, behind = reverse(self.row_url, args=[0]).rpartition("0")
        return before, behind


lists: dict[str, ListPage] = {}


class ListState:
    """What an address asks of a list, for one actor."""

    def __init__(self, page: ListPage, actor: Actor, query: QueryDict, action: str = "view") -> None:
        self.page, self.actor, self.action = page, actor, action
        self.query = query.copy()
        self.notices: list[str] = []
        own = page.record.name
        self.possible = [one for one in page.columns if one.allows(actor, own, action)]
        self.columns = self._columns()
        self.sort, self.descending = self._sort()
        self.filters = [one for one in page.filters if one.allows(actor, own)]
        self.values = self._values()
        self.text = query.get("q", "").strip()[:100] if page.search else ""
        self.backwards = "before" in query
        self.position = read_position(query.get("before") or query.get("after") or "")

    def _columns(self) -> list[Column]:
        wanted = [one for one in self.query.get("columns", "").split(",") if one]
        if wanted:
            by_name = {one.name: one for one in self.possible}
            chosen = [by_name[one] for one in dict.fromkeys(wanted) if one in by_name]
            if chosen:
                return chosen
        return [one for one in self.possible if one.shown]

    def _sort(self) -> tuple[Column | None, bool]:
        for text in (self.query.get("sort", ""), self.page.default_sort):
            name = text.removeprefix("-")
            for one in self.possible:
                if one.name == name and one.sortable:
                    return one, text.startswith("-")
        return None, False

    def _values(self) -> dict[str, Any]:
        found = {}
        for one in self.filters:
            try:
                value = one.read(self.query)
            except ValueError:
                self.notices.append(
                    _("The filter “%(name)s” was not understood and was left out.") % {"name": one.label}
                )
                continue
            if value is not None:
                found[one.name] = value
        return found

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """All rows of the filter, not ordered."""
        rows = self._filtered
        if self.text and self.page.search is not None:
            rows = self.page.search(self.actor, rows, self.text)
        return rows.order_by()

    @cached_property
    def _filtered(self) -> QuerySet[Any]:
        rows = self.page.record.visible_to(self.actor, self.action)
        if self.page.base is not None:
            rows = self.page.base(self.actor, rows)
        for one in self.filters:
            if one.name in self.values:
                rows = one.apply(rows, self.values[one.name], self.actor)
        return rows

    @property
    def order(self) -> Order:
        if self.sort is None:
            return Order("pk")
        nullable = self.sort.nullable
        if nullable is None:
            nullable = is_nullable(self.page.record.model, self.sort.source)
        return Order(self.sort.source, self.descending, nullable)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for one in self.columns:
            found[one.source] = None
            found.update(dict.fromkeys(one.also))
        return tuple(found)

    def take(self, size: int = PAGE_SIZE) -> tuple[list[tuple[Any, ...]], bool]:
        return take(self.rows, self.order, size, self.position, self.backwards, self.paths)

    @property
    def count_cap(self) -> int:
        return min(FOUND_CAP, self.page.count_cap) if self.text else self.page.count_cap

    def count(self) -> int:
        """How many rows, counted up to one more than the cap."""
        most = self.count_cap + 1
        if self.text and self.page.search_within is not None:
            some = self.page.search_within(self.actor, self._filtered, self.text, 2 * most).order_by()
            if some.values("pk")[:most].count() == most:
                return most
        rows = self.rows if self.page.count_base is None else self.page.count_base(self.actor, self.rows)
        return rows.values("pk")[:most].count()

    def address(self, **changes: str | None) -> str:
        """The list's address with changes; the position is dropped unless it is among them."""
        query = self.query.copy()
        for name in RESERVED[:2]:
            query.pop(name, None)
        for name, value in changes.items():
            if value is None:
                query.pop(name, None)
            else:
                query[name] = value
        return "?" + query.urlencode()

    @property
    def kept_query(self) -> str:
        """The query that finds these rows again: without position and view."""
        query = self.query.copy()
        for name in RESERVED:
            query.pop(name, None)
        return query.urlencode()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.values or self.text)

    def cells(self, row: tuple[Any, ...]) -> list[Any]:
        """The row's values in the order of the columns, as (value, *also)."""
        at = {path: number for number, path in enumerate(self.paths, start=2)}
        return [[row[at[one.source]], *(row[at[path]] for path in one.also)] for one in self.columns]

    def neighbour(self, key: int, backwards: bool) -> int | None:
        """The next record after one with that key, or the one before it, in this list's order."""
        order = self.order
        value = self.rows.filter(pk=key).values_list(order.path, flat=True).first()
        if value is None and not order.nullable:
            return None
        found, _more = take(self.rows, order, 1, order.position(value, key), backwards, ())
        return found[0][0] if found else None


def row_address(state: ListState, key: int) -> str:
    before, behind = state.page.row_link
    return f"{before}{key}{behind}?in={quote(state.kept_query, safe='')}"


def file_value(column: Column, values: list[Any]) -> Any:
    """A cell for a file: numbers and dates stay what they are, labels are written out."""
    if column.export is not None:
        return column.export(*values)
    value = values[0]
    if value is None or value == "":
        return None
    if column.choices is not None:
        return str(column.choices().get(value, value))
    if column.kind == "moment" or column.kind == "bool":
        return write(column.kind, value)
    return value


def is_numeric(column: Column) -> bool:
    return column.kind in NUMERIC


__all__ = ["NOTHING", "BulkAction", "Column", "Filter", "ListPage", "ListState", "Position", "lists"]
