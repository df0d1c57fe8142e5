"""Who and what a file speaks of: customers and products by number or by name, a set at a time.

Names are compared by their exact words (`name_word`), never by a shortened key: 江苏三木 and 上海三木 are two firms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import batched
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from bihuan.customers.matching.normalise import name_keys
from bihuan.customers.models import Customer
from bihuan.integration.importing.store import rows_where
from bihuan.integration.reading.errors import Problem, problem
from bihuan.integration.reading.text import key

Reference = tuple[str | None, str | None]  # number, name
CHUNK = 900
_BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff()]) (?=[\u3400-\u9fff()])")


@lru_cache(maxsize=50_000)
def name_word(name: str) -> str:
    """The form in which names are equal: narrow, case-folded, without blanks between Chinese characters."""
    return _BETWEEN_CHINESE.sub("", key(name))


@dataclass(slots=True)
class Customers:
    """Finds customers; remembers what it found and what the import made.

    `within`: whom the importer reaches, None for everybody. Others are not found by name; their numbers are a problem,
    because a number cannot be given twice.
    """

    within: QuerySet[Customer] | None = None
    reached: dict[int, bool] = field(default_factory=dict)
    by_number: dict[str, int] = field(default_factory=dict)
    by_name: dict[str, set[int]] = field(default_factory=dict)
    unnumbered: set[int] = field(default_factory=set)  # customers that have no number of their own yet
    asked: set[Reference] = field(default_factory=set)
    merged_numbers: set[str] = field(default_factory=set)
    found: dict[Reference, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)  # shortened names

    def load(self, references: Iterable[Reference]) -> None:
        """Ask the database for all of them at once."""
        fresh = {one for one in references if one not in self.asked}
        self.asked |= fresh
        numbers = {number for number, _ in fresh if number and number not in self.by_number}
        select = "SELECT id, external_id, name, merged_into_id FROM customers_customer"
        for row_id, number, _, merged_into in rows_where(select, "external_id", numbers):
            self.by_number[number] = merged_into or row_id
            if merged_into:
                self.merged_numbers.add(number)
        self._judge(self.by_number[number] for number in numbers if number in self.by_number)
        names = {name for number, name in fresh if name and not (number and number in self.by_number)}
        self._load_names({name for name in names if name_word(name) not in self.by_name})

    def _judge(self, ids: Iterable[int | None]) -> None:
        """Ask which of these customers the importer reaches."""
        if self.within is None:
            return
        fresh = sorted({one for one in ids if one is not None and one not in self.reached})
        self.reached.update(dict.fromkeys(fresh, False))
        for chunk in batched(fresh, CHUNK):
            self.reached.update(
                dict.fromkeys(self.within.filter(pk__in=chunk).values_list("pk", flat=True), True)
            )

    def others(self, ids: Iterable[int | None]) -> set[int | None]:
        """Those among the customers that the importer does not reach. What is nobody's stays open to all importers."""
        if self.within is None:
            return set()
        wanted = set(ids)
        self._judge(wanted)
        return {one for one in wanted if one is not None and not self.reached[one]}

    def _load_names(self, names: set[str]) -> None:
        if not names:
            return
        wanted = {name_word(name) for name in names}
        fresh = [name for name in names if name not in self.keys]
        self.keys.update(zip(fresh, name_keys(fresh), strict=True))
        keys = {key for name in names if (key := self.keys[name])}
        select = "SELECT id, external_id, name, merged_into_id FROM customers_customer"
        seen: set[int] = set()
        for column, values in (("name", names), ("name_key", keys)):
            rows = list(rows_where(select, column, values))
            hidden = self.others(row[3] or row[0] for row in rows)
            for row_id, number, name, merged_into in rows:
                if row_id not in seen and (merged_into or row_id) not in hidden:
                    seen.add(row_id)
                    self._add_name(name, merged_into or row_id, wanted)
                    if number is None and not merged_into:
                        self.unnumbered.add(row_id)
        other = (
            "SELECT c.id, c.external_id, n.name, c.merged_into_id FROM customers_customername n"
            " JOIN customers_customer c ON c.id = n.customer_id"
        )
        rows = list(rows_where(other, "n.name_key", keys))
        hidden = self.others(row[3] or row[0] for row in rows)
        for row_id, _, name, merged_into in rows:
            # Another name counts only where nobody bears it as the present one.
            if (
                name_word(name) in wanted
                and name_word(name) not in self.by_name
                and (merged_into or row_id) not in hidden
            ):
                self._add_name(name, merged_into or row_id, wanted)

    def _add_name(self, name: str, row_id: int, wanted: set[str]) -> None:
        word = name_word(name)
        if word in wanted:
            self.by_name.setdefault(word, set()).add(row_id)

    def find(self, number: str | None, name: str | None) -> int | Problem | None:
        """The customer's id; None where there is none yet; a problem where a name means several."""
        hit = self.found.get((number, name))
        if hit is not None:
            return hit
        found = self._find(number, name)
        if isinstance(found, int):
            self.found[number, name] = found
        return found

    def _find(self, number: str | None, name: str | None) -> int | Problem | None:
        if number and (found := self.by_number.get(number)) is not None:
            return found if self.reached.get(found, True) else problem("others_customer", value=number)
        if not name:
            return None
        ids = self.by_name.get(name_word(name))
        if not ids:
            return None
        if number:
            # A number that nobody has belongs to a namesake without one, or to a new customer.
            free = ids & self.unnumbered
            return next(iter(free)) if len(free) == 1 else None
        if len(ids) > 1:
            return problem("ambiguous_customer", value=name, count=len(ids))
        return next(iter(ids))

    def add(self, row_id: int, number: str | None, name: str | None) -> None:
        """Remember a customer that the import made or numbered."""
        if number:
            self.by_number[number] = row_id
            self.unnumbered.discard(row_id)
        else:
            self.unnumbered.add(row_id)
        if name:
            self.by_name.setdefault(name_word(name), set()).add(row_id)


@dataclass(slots=True)
class Products:
    """Finds products by code, else by name."""

    by_code: dict[str, int] = field(default_factory=dict)
    by_name: dict[str, int] = field(default_factory=dict)
    asked: set[Reference] = field(default_factory=set)
    found: dict[Reference, int] = field(default_factory=dict)
    has_all: bool = False

    def load(self, references: Iterable[Reference]) -> None:
        fresh = {one for one in references if one not in self.asked}
        self.asked |= fresh
        if not fresh:
            return
        select = "SELECT id, code, name FROM catalog_product"
        codes = {code for code, _ in fresh if code and code not in self.by_code}
        for row_id, code, _ in rows_where(select, "code", codes):
            self.by_code[code] = row_id
        names = {name for code, name in fresh if name and not code and name_word(name) not in self.by_name}
        for row_id, _, name in rows_where(select, "name", names):
            self.by_name.setdefault(name_word(name), row_id)
        if any(name_word(name) not in self.by_name for name in names):
            self._load_all(select)

    def _load_all(self, select: str) -> None:
        """Every product by the words of its name: how a name is written is no reason for a second product."""
        if self.has_all:
            return
        self.has_all = True
        with connection.cursor() as cursor:
            cursor.execute(f"{select} ORDER BY id")
            rows = cursor.fetchall()
        for row_id, _, name in rows:
            self.by_name.setdefault(name_word(name), row_id)
        # A product made from a name alone has the name as its code.
        for row_id, code, _ in rows:
            self.by_name.setdefault(name_word(code), row_id)

    def find(self, code: str | None, name: str | None) -> int | None:
        hit = self.found.get((code, name))
        if hit is None:
            hit = self.by_code.get(code) if code else self.by_name.get(name_word(name)) if name else None
            if hit is not None:
                self.found[code, name] = hit
        return hit

    def add(self, row_id: int, code: str | None, name: str | None) -> None:
        if name:
            self.by_name.setdefault(name_word(name), row_id)
        if code:
            self.by_code[code] = row_id
            self.by_name.setdefault(name_word(code), row_id)


def orders_by_number(numbers: Iterable[str]) -> dict[str, tuple[int, Any]]:
    """Documents' ids and customers by number."""
    select = "SELECT number, id, customer_id FROM sales_order"
    return {number: (row_id, customer) for number, row_id, customer in rows_where(select, "number", numbers)}
