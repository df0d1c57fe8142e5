"""Order lines: what each row of a file would do, and the rows that do it.

A line is identified by its document's number and its place in the document, or by the document's number and the
line's own id where the mapping names one. The document and the customer keep the latest of what the file says.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from bihuan.integration.importing.customer_rows import CustomerMaker
from bihuan.integration.importing.heads import read_heads, who
from bihuan.integration.importing.lookups import Customers, Products, Reference
from bihuan.integration.importing.order_documents import ORDER, Document, Documents
from bihuan.integration.importing.order_figures import code_from, figures, half_even, too_large
from bihuan.integration.importing.rows import RowReader, Rows
from bihuan.integration.importing.store import Row, Store, plain_value, stored_moment
from bihuan.integration.importing.tables import LINES, PRODUCTS
from bihuan.integration.reading.errors import Problem, refused
from bihuan.integration.reading.numbers import LARGEST
from bihuan.integration.reading.parsers import Memo
from bihuan.integration.reading.text import key

SALE, CANCELLATION, ADJUSTMENT = 1, 2, 3
CREDIT_NOTE, ADJUSTING = "credit_note", "adjustment"
_KINDS = {SALE: ORDER, CANCELLATION: CREDIT_NOTE, ADJUSTMENT: ADJUSTING}
_ADJUSTING_WORDS = tuple("adjust|bad debt|write off|write-off|调整|坏账|冲销|核销|調整|壞賬".split("|"))
_COMPARED = ("external_id", "kind", "customer_id", "ordered_on", "product_id", "quantity", "price", "amount")
_OPTIONAL = ("cost", "promised_on", "delivered_on", "delivered_quantity")
_MAY_LACK = frozenset({*_OPTIONAL, "customer_id", "external_id"})


class OrdersPlan:
    """Plans order lines batch by batch into a store."""

    def __init__(
        self, reader: RowReader, store: Store, zone: ZoneInfo, now: dt.datetime, owner_id: int | None
    ) -> None:
        self.reader = reader
        self.store = store
        self.zone = zone
        self.now = stored_moment(now)
        self.customers = Customers()
        self.products = Products()
        self.maker = CustomerMaker(store, self.now, owner_id, self.customers.keys)
        self.heads = read_heads(reader.survey, reader.mapping, reader.parsers, zone)
        self.has_ids = "line_id" in reader.mapping.columns
        self.documents = Documents(store, self.customers, self.heads, zone, now, self.has_ids)
        self.counts: Counter[str] = Counter()
        self.total = 0  # in millionths of millionths: exact
        self.months = self.documents.months
        self.seen_customers: set[Reference] = set()
        self.earlier: set[str] = set()  # documents of rows that were committed before an interruption
        self._days = Memo(lambda day: None if day is None else day.isoformat())
        self._adjusting: dict[str | None, bool] = {}

    # --- reading on after a kill -----------------------------------------------------------------------------------

    def replay(self, rows: Rows) -> None:
        """Count past rows that were committed before the run was interrupted."""
        self.earlier.update(rows.values["number"])
        self._see(rows)

    def _see(self, rows: Rows) -> None:
        self.seen_customers.update(
            set(zip(rows.column("customer_id"), rows.column("customer_name"), strict=True))
        )

    # --- planning --------------------------------------------------------------------------------------------------

    def plan(self, rows: Rows) -> None:
        """Plan and write one batch."""
        rows = self._resolve(self.reader.refuse_places(rows, too_large(rows)))
        if not len(rows):
            return
        self._see(rows)
        numbers = rows.values["number"]
        customers = self._customer_column(rows)
        products = self._product_column(rows)
        quantities, prices, products_exact = figures(rows)
        kinds = self._kinds(rows, quantities, prices, customers)
        self.documents.load(numbers, rows)
        self._lines(rows, customers, products, quantities, prices, products_exact, kinds)

    def _resolve(self, rows: Rows) -> Rows:
        """Find customers and products; rows that name somebody ambiguous, or somebody else's, are set aside."""
        rows = self.reader.refuse_places(rows, self.documents.beyond_reach(rows.values["number"]))
        references = set(zip(rows.column("customer_id"), rows.column("customer_name"), strict=True))
        references |= {
            self.heads.documents[number].customer
            for number in dict.fromkeys(rows.values["number"])
            if number in self.heads.documents
        }
        self.customers.load(references)
        # Numbered ones first: a name alone then means them, or nobody in particular.
        self._make_customers({one for one in references if one[0]})
        unclear = {one: found for one in references if type(found := self.customers.find(*one)) is Problem}
        if unclear:
            pairs = zip(rows.column("customer_id"), rows.column("customer_name"), strict=True)
            bad = {
                place: [("customer_id" if pair[0] else "customer_name", unclear[pair])]
                for place, pair in enumerate(pairs)
                if pair in unclear
            }
            rows = self.reader.refuse_places(rows, bad)
        self._make_customers(references - unclear.keys())
        self._make_products(rows)
        return rows

    def _make_customers(self, references: set[Reference]) -> None:
        missing: dict[Reference, Reference] = {}
        for number, name in sorted(references, key=str):
            if (number or name) and self.customers.find(number, name) is None:
                same = who(number, name)
                if same not in missing or (name and not missing[same][1]):
                    missing[same] = (number, name)
        made = [
            {
                "external_id": number,
                "name": name or number,
                "country": self.heads.countries.get(same, (None, None))[1],
            }
            for same, (number, name) in missing.items()
        ]
        for row_id, (number, name) in zip(self.maker.create(made), missing.values(), strict=True):
            self.customers.add(row_id, number, name)

    def _make_products(self, rows: Rows) -> None:
        pairs = dict.fromkeys(zip(rows.column("product_code"), rows.column("product_name"), strict=True))
        self.products.load(pairs)
        missing: dict[Reference, Reference] = {}
        for code, name in pairs:
            same = who(code, name)
            if (
                same != (None, None)
                and self.products.find(code, name) is None
                and not (missing.get(same) or (None, None))[1]
            ):
                missing[same] = (code, name)
        units = (
            dict(zip(rows.column("product_code"), rows.column("unit"), strict=True))
            if "unit" in rows.values
            else {}
        )
        coded = {code for code, _ in missing.values() if code}
        # A name that is somebody's code is that product's.
        fresh = [
            (code, name) for code, name in missing.values() if code or code_from(name or "") not in coded
        ]
        made = []
        for row_id, (code, name) in zip(self.store.ids(PRODUCTS, len(fresh)), fresh, strict=True):
            word = code or name or ""
            unit = units.get(code) or ""
            named = (row_id, code or code_from(word), name or word, "", "", "", unit, None, True, "")
            made.append((*named, 1, self._import_id, self.now, self.now))
            self.products.add(row_id, code, name)
        self.store.insert(PRODUCTS, made)

    @property
    def _import_id(self) -> int:
        return self.store.import_id

    def _customer_column(self, rows: Rows) -> list[int | None]:
        """The row's own customer, else its document's."""
        pairs = list(zip(rows.column("customer_id"), rows.column("customer_name"), strict=True))
        known: dict[Reference, Any] = {pair: self.customers.find(*pair) for pair in set(pairs)}
        own = [known[pair] for pair in pairs]
        if None not in own:
            return own
        heads, find = self.heads.documents, self.customers.find
        by_number: dict[str, Any] = {}
        for number, customer in zip(rows.values["number"], own, strict=True):
            if customer is None and number not in by_number:
                head = heads.get(number)
                found = find(*head.customer) if head else None
                by_number[number] = None if type(found) is Problem else found
        return [
            by_number[number] if customer is None else customer
            for number, customer in zip(rows.values["number"], own, strict=True)
        ]

    def _product_column(self, rows: Rows) -> list[int | None]:
        pairs = list(zip(rows.column("product_code"), rows.column("product_name"), strict=True))
        known = {pair: self.products.find(*pair) for pair in set(pairs)}
        return [known[pair] for pair in pairs]

    def _kinds(
        self, rows: Rows, quantities: list[int], prices: list[int], customers: list[int | None]
    ) -> list[int]:
        names = rows.column("product_name")
        for name in set(names) - self._adjusting.keys():
            word = key(name) if name else ""
            self._adjusting[name] = any(one in word for one in _ADJUSTING_WORDS)
        adjusting = self._adjusting
        kinds = []
        for number, quantity, price, customer, name in zip(
            rows.values["number"], quantities, prices, customers, names, strict=True
        ):
            if quantity >= 0 and price >= 0:
                kinds.append(ADJUSTMENT if customer is None and adjusting[name] else SALE)
            elif price < 0:
                kinds.append(ADJUSTMENT)
            elif customer is not None or number[:1] in "Cc":
                kinds.append(CANCELLATION)
            else:
                kinds.append(ADJUSTMENT)
        return kinds

    # --- lines -----------------------------------------------------------------------------------------------------

    def _lines(
        self,
        rows: Rows,
        customers: list[int | None],
        products: list[int | None],
        quantities: list[int],
        prices: list[int],
        exact: list[int],
        kinds: list[int],
    ) -> None:
        documents = self.documents.by_number
        self._count(rows, customers, kinds, exact)
        ids = rows.column("line_id")
        optional = [rows.column(name) for name in _OPTIONAL]
        optional[1] = list(map(self._days.__getitem__, optional[1]))
        optional[2] = list(map(self._days.__getitem__, optional[2]))
        import_id = self._import_id
        new: list[list[Any]] = []
        changes: list[tuple[int, dict[str, Any], dict[str, Any], int]] = []
        unchanged = 0
        touched: dict[int, Document] = {}
        for number, line_id, place, kind, customer, product, quantity, price, product_exact, cost, promised, delivered, came, again, old in zip(
            rows.values["number"], ids, rows.places, kinds, customers, products, quantities, prices, exact,
            *optional, rows.repeated, rows.superseded, strict=True,
        ):  # fmt: skip
            if old:
                unchanged += 1  # a later row has this line's last word
                continue
            document = documents[number]
            amount = half_even(product_exact)
            if self.has_ids and line_id is None:
                line_id = f"#{place}"
            known = None
            if document.lines:
                known = document.lines.pop(line_id if self.has_ids else place, None)
                if known is None and self.has_ids:
                    known = document.lines.pop(place, None)  # it came without a number once
            if known is not None:
                values = (
                    line_id,
                    kind,
                    customer,
                    document.ordered_on,
                    product,
                    quantity,
                    price,
                    amount,
                    cost,
                    promised,
                    delivered,
                    came,
                )
                change = self._compare(known, values)
                if change is None:
                    unchanged += 1
                else:
                    changes.append(change)
                    if "amount" in change[1]:
                        document.amount += amount - change[2]["amount"]
                        touched[document.id] = document
                continue
            if self.has_ids:
                document.free = place = document.free + 1
            document.amount += amount
            document.count += 1
            document.kind = _KINDS[kind] if not document.kind or document.kind == _KINDS[kind] else ORDER
            touched[document.id] = document
            new.append(
                [
                    0,
                    document.id,
                    place,
                    line_id,
                    kind,
                    customer,
                    document.ordered_on,
                    product,
                    quantity,
                    price,
                    amount,
                    cost,
                    promised,
                    delivered,
                    came,
                    again,
                    1,
                    import_id,
                ]
            )
        for document in touched.values():
            if abs(document.amount) > LARGEST:
                name = next(name for name, one in documents.items() if one is document)
                raise refused("sum_too_large", document=name)
        self._write(new, changes, touched)
        self.counts["created"] += len(new)
        self.counts["updated"] += len(changes)
        self.counts["unchanged"] += unchanged

    def _count(self, rows: Rows, customers: list[int | None], kinds: list[int], exact: list[int]) -> None:
        kept = [not one for one in rows.superseded]
        self.counts["cancellations"] += sum(
            1 for kind, keep in zip(kinds, kept, strict=True) if keep and kind == CANCELLATION
        )
        self.counts["unassigned"] += sum(
            1 for one, keep in zip(customers, kept, strict=True) if keep and one is None
        )
        self.counts["adjustments"] += sum(
            1 for kind, keep in zip(kinds, kept, strict=True) if keep and kind == ADJUSTMENT
        )
        self.counts["exact_duplicates"] += sum(rows.repeated)
        self.total += sum(one for one, keep in zip(exact, kept, strict=True) if keep)

    def _compare(
        self, known: Row, values: tuple[Any, ...]
    ) -> tuple[int, dict[str, Any], dict[str, Any], int] | None:
        """What differs between a stored line and what the file says; what the file leaves out stays."""
        old = dict(zip(LINES.columns, map(plain_value, known), strict=True))
        new = {
            name: value
            for name, value in zip((*_COMPARED, *_OPTIONAL), values, strict=True)
            if value != old[name] and not (value is None and name in _MAY_LACK)
        }
        if not new:
            return None
        self.months |= {old["ordered_on"][:7], new.get("ordered_on", old["ordered_on"])[:7]}
        return old["id"], new, {name: old[name] for name in new}, old["version"]

    def _write(
        self,
        new: list[list[Any]],
        changes: list[tuple[int, dict[str, Any], dict[str, Any], int]],
        touched: dict[int, Document],
    ) -> None:
        self.documents.insert_opened(touched)
        for row_id, row in zip(self.store.ids(LINES, len(new)), new, strict=True):
            row[0] = row_id
        self.months.update(dict.fromkeys(row[6][:7] for row in new))
        self.store.insert(LINES, new)
        self.store.change(LINES, changes)
        self.documents.write_sums(touched)

    # --- the end ---------------------------------------------------------------------------------------------------

    def notices(self) -> list[dict[str, Any]]:
        """What contradicted itself and how it was settled."""
        heads = self.heads
        told: Iterable[tuple[str, set[Any]]] = (
            ("invoice_two_times", heads.two_times),
            ("invoice_two_countries", heads.two_countries),
            ("invoice_two_customers", heads.two_customers),
            ("customer_two_countries", heads.moved),
        )
        return [
            {
                "code": code,
                "count": len(found),
                "examples": [_shown(one) for one in sorted(found, key=str)[:5]],
            }
            for code, found in told
            if found
        ] + self.maker.notices()

    def summary(self) -> dict[str, Any]:
        """Distinct customers and documents of the rows that were taken."""
        customers = {who(*one) for one in self.seen_customers} - {(None, None)}
        return {
            "customers": len(customers),
            "orders": len(self.documents.by_number.keys() | self.earlier),
        }


def _shown(one: Any) -> str:
    return str(one) if isinstance(one, str) else str(one[0] or one[1])
