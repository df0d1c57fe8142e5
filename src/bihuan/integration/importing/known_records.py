"""What the database has of the records that a file speaks of, by what identifies them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bihuan.integration.importing.lookups import Customers, name_word
from bihuan.integration.importing.store import Table, plain_value, rows_where
from bihuan.integration.importing.tables import CONTACTS, CUSTOMERS, PAYMENTS, PRODUCTS, RECEIVABLES

Record = dict[str, Any]
Identified = list[tuple[Any, Record]]


@dataclass(frozen=True, slots=True)
class RecordKind:
    """How a kind of record is stored: which fields are columns, and what a new one has where the file is silent."""

    table: Table
    defaults: Record
    flags: tuple[str, ...] = ()


KINDS = {
    "customers": RecordKind(CUSTOMERS, {}),
    "contacts": RecordKind(
        CONTACTS,
        {
            "title": "",
            "chain_role": "",
            "phone": "",
            "email": "",
            "wechat": "",
            "is_primary": False,
            "is_active": True,
            "note": "",
        },
        ("is_primary", "is_active"),
    ),
    "products": RecordKind(
        PRODUCTS,
        {
            "name_en": "",
            "family": "",
            "grade": "",
            "unit": "",
            "list_price": None,
            "is_active": True,
            "description": "",
        },
        ("is_active",),
    ),
    "payments": RecordKind(PAYMENTS, {"currency": "", "method": "", "note": "", "order_id": None}),
    "receivables": RecordKind(RECEIVABLES, {"settled_amount": 0, "settled_on": None, "order_id": None}),
}
MONTH = {"payments": "paid_on", "receivables": "issued_on"}


def said(kind: str, record: Record) -> tuple[Any, ...]:
    """Everything that tells one payment or receivable from another."""
    if kind == "payments":
        names: tuple[str, ...] = (
            "customer_id",
            "paid_on",
            "amount",
            "order_id",
            "currency",
            "method",
            "note",
        )
    else:
        names = ("customer_id", "issued_on", "due_on", "amount", "order_id")
    return tuple(record.get(name) or None for name in names)


@dataclass(slots=True)
class KnownRecords:
    """Records as the database has them, or as the import left them."""

    name: str
    customers: Customers
    by_identity: dict[Any, Record] = field(default_factory=dict)
    made: dict[int, Record] = field(default_factory=dict)  # customers that this run made
    made_by_name: dict[str, list[Record]] = field(default_factory=dict)

    @property
    def kind(self) -> RecordKind:
        return KINDS[self.name]

    def load(self, records: Identified) -> None:
        """What the database has of these records."""
        fresh = [(identity, record) for identity, record in records if identity not in self.by_identity]
        loaders: dict[str, Callable[[Identified], None]] = {
            "customers": self._load_customers,
            "contacts": self._load_contacts,
            "products": self._load_products,
        }
        loaders.get(self.name, self._load_money)(fresh)

    def _fetch(self, column: str, values: set[Any]) -> list[Record]:
        columns = self.kind.table.columns
        select = f"SELECT {', '.join(columns)} FROM {self.kind.table.name}"
        found = [
            dict(zip(columns, map(plain_value, row), strict=True))
            for row in rows_where(select, column, values)
        ]
        for one in found:
            for flag in self.kind.flags:
                one[flag] = bool(one[flag])
        return found

    def _load_customers(self, fresh: Identified) -> None:
        self.customers.load([(one.get("external_id"), one["name"]) for _, one in fresh])
        ids: dict[int, list[Any]] = {}
        for identity, record in fresh:
            found = self.customers.find(record.get("external_id"), record["name"])
            if type(found) is int and found in self.made:
                self.by_identity[identity] = self.made[found]
            elif type(found) is int:
                if record.get("external_id") in self.customers.merged_numbers:
                    self.by_identity[identity] = {"id": found, "is_merged": True}
                else:
                    ids.setdefault(found, []).append(identity)
        for row in self._fetch("id", set(ids)):
            for identity in ids[row["id"]]:
                self.by_identity[identity] = row

    def same_customer(self, identity: Any, record: Record) -> Record | None:
        """The customer that a row means: by its number, else by its name; a number has one bearer."""
        number, known = record.get("external_id"), self.by_identity.get(identity)
        if known is not None:
            other = number and not known.get("is_merged") and known["external_id"] not in (None, number)
            return None if other else known
        namesakes = self.made_by_name.get(name_word(record["name"]), [])
        free = [one for one in namesakes if one["external_id"] is None] if number else namesakes
        return free[0] if len(free) == 1 else None

    def add_customer(self, identity: Any, record: Record) -> None:
        """Remember a customer of this run's, so that later rows find it however they call it."""
        record.setdefault("external_id", None)
        self.by_identity[identity] = record
        self.made_by_name.setdefault(name_word(record["name"]), []).append(record)

    def _load_products(self, fresh: Identified) -> None:
        for row in self._fetch("code", {one["code"] for _, one in fresh}):
            self.by_identity[row["code"]] = row

    def _load_contacts(self, fresh: Identified) -> None:
        self._load_numbered(fresh)
        unnumbered = {one["customer_id"] for identity, one in fresh if identity not in self.by_identity}
        for row in self._fetch("customer_id", unnumbered):
            self.by_identity.setdefault((row["customer_id"], name_word(row["name"])), row)
        for identity, record in fresh:
            # A contact that got its number only now is the namesake without one.
            same = self.by_identity.get((record["customer_id"], name_word(record["name"])))
            if identity not in self.by_identity and same is not None and same["external_id"] is None:
                self.by_identity[identity] = same

    def _load_numbered(self, fresh: Identified) -> None:
        numbers = {one["external_id"] for _, one in fresh if one.get("external_id")}
        for row in self._fetch("external_id", numbers):
            self.by_identity[("#", row["external_id"])] = row

    def _load_money(self, fresh: Identified) -> None:
        self._load_numbered(fresh)
        customers = {one["customer_id"] for identity, one in fresh if identity not in self.by_identity}
        counted: Counter[Any] = Counter()
        wanted = {identity for identity, _ in fresh}
        for row in sorted(self._fetch("customer_id", customers), key=lambda one: one["id"]):
            if row["external_id"] is None:
                words = said(self.name, row)
                counted[words] += 1
                if (words, counted[words]) in wanted:
                    self.by_identity.setdefault((words, counted[words]), row)
