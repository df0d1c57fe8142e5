"""Documents of an order file: fetched or opened when the first of their lines comes by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from bihuan.integration.importing.heads import Head, Heads, aware
from bihuan.integration.importing.lookups import Customers, orders_by_number
from bihuan.integration.importing.rows import Rows
from bihuan.integration.importing.store import Row, Store, plain_value, rows_where, stored_moment
from bihuan.integration.importing.tables import LINES, ORDERS
from bihuan.integration.reading.errors import Problem, problem

ORDER = "order"
_LINE_SELECT = f"SELECT {', '.join(LINES.columns)} FROM {LINES.name}"
_ORDER_SELECT = f"SELECT {', '.join(ORDERS.columns)} FROM {ORDERS.name}"


@dataclass(slots=True)
class Document:
    """A document while its lines go by. `lines` are those that the database already has and no row has met yet."""

    id: int
    customer_id: int | None
    ordered_on: str
    amount: int = 0
    count: int = 0
    kind: str = ""
    lines: dict[Any, Row] = field(default_factory=dict)
    free: int = 0  # the last place that is taken, in a file whose lines have numbers of their own


@dataclass(slots=True)
class Documents:
    """All documents met so far, by number."""

    store: Store
    customers: Customers
    heads: Heads
    zone: ZoneInfo
    now: dt.datetime
    has_ids: bool  # lines have ids of their own
    by_number: dict[str, Document] = field(default_factory=dict)
    months: set[str] = field(default_factory=set)
    opened: list[tuple[str, Head, int | None, str, str, str]] = field(default_factory=list)

    def load(self, numbers: list[str], rows: Rows) -> None:
        """Fetch or open the documents that this batch is the first to mention."""
        fresh = [number for number in dict.fromkeys(numbers) if number not in self.by_number]
        if not fresh:
            return
        found = {row[1]: row for row in rows_where(_ORDER_SELECT, "number", fresh)}
        first: dict[str, int] = {}
        for place, number in enumerate(numbers):
            if number not in first:
                first[number] = place
        for number, row in found.items():
            self.by_number[number] = self._known_document(number, row, rows, first[number])
        self._load_lines([self.by_number[number] for number in found])
        new = [number for number in fresh if number not in found]
        currencies, notes, moments = rows.column("currency"), rows.column("note"), rows.values["ordered_at"]
        made = []
        for row_id, number in zip(self.store.ids(ORDERS, len(new)), new, strict=True):
            place = first[number]
            head = self.heads.documents.get(number) or Head(
                aware(moments[place], self.zone), (None, None), None
            )
            customer = self.head_customer(head)
            day = head.moment.astimezone(self.zone).date().isoformat()
            self.by_number[number] = Document(row_id, customer, day)
            made.append((number, head, customer, day, currencies[place] or "", notes[place] or ""))
        self.opened = made

    def beyond_reach(self, numbers: list[str]) -> dict[int, list[tuple[str, Problem]]]:
        """Rows whose document is of a customer that the importer does not reach: naming its number changes nothing."""
        if self.customers.within is None:
            return {}
        known = orders_by_number(set(numbers) - self.by_number.keys())
        others = self.customers.others(customer for _id, customer in known.values())
        return {
            place: [("number", problem("others_record", value=number))]
            for place, number in enumerate(numbers)
            if number in known and known[number][1] in others
        }

    def head_customer(self, head: Head) -> int | None:
        found = self.customers.find(*head.customer)
        return None if isinstance(found, Problem) else found

    def _known_document(self, number: str, row: Row, rows: Rows, place: int) -> Document:
        """A document that the database has, brought to what the file says of it."""
        old = dict(zip(ORDERS.columns, map(plain_value, row), strict=True))
        document = Document(
            old["id"], old["customer_id"], old["ordered_on"], old["amount"], old["line_count"], old["kind"],
        )  # fmt: skip
        head = self.heads.documents.get(number)
        if head is None:
            return document
        new: dict[str, Any] = {
            "ordered_at": stored_moment(head.moment),
            "ordered_on": head.moment.astimezone(self.zone).date().isoformat(),
            "customer_id": self.head_customer(head),
            "country": head.country,
            "currency": rows.column("currency")[place],
            "note": rows.column("note")[place],
        }
        changed = {name: value for name, value in new.items() if value is not None and value != old[name]}
        document.customer_id = changed.get("customer_id", document.customer_id)
        document.ordered_on = changed.get("ordered_on", document.ordered_on)
        if changed:
            changed["updated_at"] = stored_moment(self.now)
            before = {name: old[name] for name in changed}
            self.store.change(ORDERS, [(document.id, changed, before, old["version"])])
            self.months |= {old["ordered_on"][:7], document.ordered_on[:7]}
        return document

    def _load_lines(self, documents: list[Document]) -> None:
        by_id = {document.id: document for document in documents}
        number, place = LINES.place("external_id"), LINES.place("ordinal")
        for row in rows_where(_LINE_SELECT, "order_id", by_id):
            document = by_id[row[1]]
            by_place = not self.has_ids or row[number] is None
            document.lines[row[place] if by_place else row[number]] = row
            document.free = max(document.free, row[place])

    def insert_opened(self, touched: dict[int, Document]) -> None:
        """Write the documents that this batch opened, with the sums of their lines so far."""
        opened, self.opened = self.opened, []
        now = stored_moment(self.now)
        made = []
        for number, head, customer, day, currency, note in opened:
            document = self.by_number[number]
            touched.pop(document.id, None)
            made.append(
                (
                    document.id,
                    number,
                    document.kind or ORDER,
                    customer,
                    stored_moment(head.moment),
                    day,
                    currency,
                    head.country or "",
                    document.amount,
                    document.count,
                    note,
                    1,
                    self.store.import_id,
                    now,
                    now,
                )
            )
        self.store.insert(ORDERS, made)

    def write_sums(self, touched: dict[int, Document]) -> None:
        """Write the sums of documents that gained or changed lines."""
        rows = [(one.amount, one.count, one.kind or ORDER, one.id) for one in touched.values()]
        self.store.set_values(ORDERS, ("amount", "line_count", "kind"), rows)
