"""Customers, contacts, products, payments and receivables: one row, one record.

A record is identified by its own number where the file has one; else by what people would call it: a customer by
its name, a contact by customer and name, a payment by everything that is said of it and how often it was said.
A blank cell leaves what the database has.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import connection

from bihuan.customers.duplicates.derived import derived_columns
from bihuan.customers.search import reindex_customers
from bihuan.integration.importing.customer_rows import CustomerMaker
from bihuan.integration.importing.known_records import KINDS, MONTH, KnownRecords, Record, said
from bihuan.integration.importing.lookups import Customers, name_word, orders_by_number
from bihuan.integration.importing.rows import RowReader, Rows
from bihuan.integration.importing.store import Store, rows_where, stored_moment
from bihuan.integration.importing.tag_links import TagLinks
from bihuan.integration.reading.errors import Problem, problem

Change = tuple[int, Record, Record, int]  # id, new, before, version before


class RecordsPlan:
    """Plans records batch by batch into a store."""

    def __init__(self, reader: RowReader, store: Store, now: dt.datetime, owner_id: int | None) -> None:
        self.reader = reader
        self.store = store
        self.kind_name = reader.mapping.kind
        self.kind = KINDS[self.kind_name]
        self.now = stored_moment(now)
        self.customers = Customers()
        self.maker = CustomerMaker(store, self.now, owner_id, self.customers.keys)
        self.tags = TagLinks(store)
        self.counts: Counter[str] = Counter()
        self.total = 0
        self.months: set[str] = set()
        self.seen_customers: set[Any] = set()
        self.records = KnownRecords(self.kind_name, self.customers)
        self.known = self.records.by_identity
        self.occurrences: Counter[Any] = Counter()
        self.users: dict[str, int | None] = {}
        self.strangers: Counter[str] = Counter()  # people named as owners whom nobody knows

    def replay(self, rows: Rows) -> None:
        """Count past rows that were committed before the run was interrupted."""
        rows, references = self._resolve(rows)
        records = []
        for place in range(len(rows)):
            if not rows.superseded[place]:
                record = self._record(rows, place) | references[rows.numbers[place]]
                records.append((self._identity(record), record))
                self.seen_customers.add(record.get("customer_id"))
        if self.kind_name == "customers":
            self.records.load(records)

    def plan(self, rows: Rows) -> None:
        """Plan and write one batch."""
        rows, references = self._resolve(rows)
        if not len(rows):
            return
        self.counts["exact_duplicates"] += sum(rows.repeated)
        records: list[tuple[Any, Record]] = []
        for place in range(len(rows)):
            if rows.superseded[place]:
                self.counts["unchanged"] += 1
                continue
            record = self._record(rows, place) | references[rows.numbers[place]]
            records.append((self._identity(record), record))
        self.records.load(records)
        self._write(records)

    # --- what a row says ---------------------------------------------------------------------------------------------

    def _record(self, rows: Rows, place: int) -> Record:
        record = {}
        for name, column in rows.values.items():
            value = column[place]
            if value is None:
                continue
            if isinstance(value, dt.date):
                value = value.isoformat()
            record[name] = value
        return record

    def _resolve(self, rows: Rows) -> tuple[Rows, dict[int, Record]]:
        """Find what rows refer to. Gives the rows that can be taken, and what each refers to by row number."""
        if self.kind_name == "products":
            return rows, {key: {} for key in rows.numbers}
        if self.kind_name == "customers":
            return self._resolve_owners(rows)
        pairs = list(zip(rows.column("customer_id"), rows.column("customer_name"), strict=True))
        self.customers.load(pairs)
        orders: dict[str, tuple[int, Any]] = {}
        if "order_number" in rows.values:
            orders = orders_by_number({number for number in rows.values["order_number"] if number})
        bad: dict[int, list[tuple[str, Problem]]] = {}
        found: dict[int, Record] = {}
        hidden = self.customers.others(customer for _id, customer in orders.values())
        known = self._holders(rows)
        for place, (number, name, order_number, own) in enumerate(
            zip(
                rows.column("customer_id"),
                rows.column("customer_name"),
                rows.column("order_number"),
                rows.column("external_id"),
                strict=True,
            )
        ):
            order = orders.get(order_number) if order_number else None
            if order and order[1] in hidden:
                bad[place] = [("order_number", problem("others_record", value=order_number))]
                continue
            if own in known:
                bad[place] = [("external_id", problem("others_record", value=own))]
                continue
            customer = self.customers.find(number, name) if number or name else (order or (None, None))[1]
            column = "customer_id" if number else "customer_name"
            if type(customer) is Problem:
                bad[place] = [(column, customer)]
            elif customer is None:
                bad[place] = [
                    (column, problem("unknown_customer", value=number or name or order_number or ""))
                ]
            else:
                found[rows.numbers[place]] = {"customer_id": customer} | (
                    {"order_id": order[0]} if order else {}
                )
        return self.reader.refuse_places(rows, bad), found

    def _holders(self, rows: Rows) -> set[str]:
        """The numbers in these rows that records of customers beyond the importer's reach bear already."""
        if self.customers.within is None or "external_id" not in rows.values:
            return set()
        select = f"SELECT external_id, customer_id FROM {self.kind.table.name}"
        holders = list(rows_where(select, "external_id", {one for one in rows.values["external_id"] if one}))
        others = self.customers.others(customer for _number, customer in holders)
        return {number for number, customer in holders if customer in others}

    def _resolve_owners(self, rows: Rows) -> tuple[Rows, dict[int, Record]]:
        pairs = list(zip(rows.column("external_id"), rows.column("name"), strict=True))
        self.customers.load(pairs)
        unclear: dict[int, Any] = {place: self.customers.find(*pair) for place, pair in enumerate(pairs)}
        unclear |= self._namesakes(pairs)
        bad = {
            place: [("external_id" if found.code == "others_customer" else "name", found)]
            for place, found in unclear.items()
            if type(found) is Problem
        }
        found: dict[int, Record] = {number: {} for number in rows.numbers}
        for name in ("owner_a", "owner_b"):
            if name not in rows.values:
                continue
            self._load_users({one for one in rows.values[name] if one})
            for place, person in enumerate(rows.values[name]):
                user = self.users.get(name_word(person)) if person else None
                if user is not None:
                    found[rows.numbers[place]][f"{name}_id"] = user
                elif person:
                    self.strangers[person] += 1
        return self.reader.refuse_places(rows, bad), found

    def _namesakes(self, pairs: list[tuple[Any, Any]]) -> dict[int, Problem]:
        """Rows with a name only that several numbers of this very batch bear."""
        fresh: dict[str, set[str]] = {}
        for number, name in pairs:
            if number and number not in self.customers.by_number:
                fresh.setdefault(name_word(name), set()).add(number)
        bad = {}
        for place, (number, name) in enumerate(pairs):
            numbers = fresh.get(name_word(name)) if fresh and not number else None
            if numbers:
                known = self.customers.by_name.get(name_word(name), set())
                taken_over = len(known & self.customers.unnumbered) == 1  # the first new number is its own
                count = len(numbers) + len(known) - taken_over
                if count > 1:
                    bad[place] = problem("ambiguous_customer", value=name, count=count)
        return bad

    def _load_users(self, names: set[str]) -> None:
        wanted = {name_word(one) for one in names} - self.users.keys()
        if not wanted:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, username, name FROM people_user ORDER BY id")
            people = cursor.fetchall()
        by_name: Counter[str] = Counter(name_word(name) for _, _, name in people)
        for row_id, username, name in people:
            if by_name[name_word(name)] == 1:
                self.users[name_word(name)] = row_id
            self.users[name_word(username)] = row_id

    # --- who it is -----------------------------------------------------------------------------------------------------

    def _identity(self, record: Record) -> Any:
        """By what the record is the same the next time; rows without a number of their own are counted."""
        kind = self.kind_name
        if kind == "products":
            return record["code"]
        if record.get("external_id"):
            return ("#", record["external_id"])
        if kind == "customers":
            return ("name", name_word(record["name"]))
        if kind == "contacts":
            return (record.get("customer_id"), name_word(record["name"]))
        words = said(kind, record)
        self.occurrences[words] += 1
        return (words, self.occurrences[words])

    # --- what it does ----------------------------------------------------------------------------------------------------

    def _write(self, records: Sequence[tuple[Any, Record]]) -> None:
        made: dict[Any, Record] = {}
        changes: list[Change] = []
        own_changes: dict[int, Record] = {}
        columns = set(self.kind.table.columns)
        self._load_tags(records)
        tagged: list[tuple[Record, tuple[str, ...]]] = []
        for identity, record in records:
            values = {name: value for name, value in record.items() if name in columns}
            if month := MONTH.get(self.kind_name):
                self.months.add(values[month][:7])
            words = record.get("tags", ())
            is_customer = self.kind_name == "customers"
            known = self.records.same_customer(identity, record) if is_customer else self.known.get(identity)
            if known is None:
                made[identity] = self.known[identity] = known = values | {"id": 0}
                if is_customer:
                    self.records.add_customer(identity, known)
                self.counts["created"] += 1
            else:
                self.known[identity] = known
                making = known if known["id"] == 0 else None
                outcome = self._compare(known, values, making, changes, own_changes)
                if outcome == "unchanged" and words and making is None and self._is_new_tag(known, words):
                    outcome = "updated"
                self.counts[outcome] += 1
            if words and not known.get("is_merged"):
                tagged.append((known, words))
            if "amount" in record:
                self.total += record["amount"]
            if "customer_id" in record:
                self.seen_customers.add(record["customer_id"])
        self._insert(list(made.values()))
        self.store.change(self.kind.table, changes)
        for row_id, values in own_changes.items():
            self.store.set_values(self.kind.table, tuple(values), [(*values.values(), row_id)])
        self._reindex(made, changes, own_changes)
        self.tags.add(link for known, words in tagged for link in self.tags.missing(known["id"], words))

    def _reindex(
        self, made: dict[Any, Record], changes: list[Change], own_changes: dict[int, Record]
    ) -> None:
        """Let search find what changed. New customers are indexed where they are made."""
        if self.store.dry:
            return
        if self.kind_name == "customers":
            reindex_customers({one[0] for one in changes} | own_changes.keys())
        elif self.kind_name == "contacts":
            changed = {one[0] for one in changes} | own_changes.keys()
            customers = {one["customer_id"] for one in made.values()}
            reindex_customers(
                customers | {one["customer_id"] for one in self.known.values() if one["id"] in changed}
            )

    def _load_tags(self, records: Sequence[tuple[Any, Record]]) -> None:
        tagged = [(identity, record["tags"]) for identity, record in records if record.get("tags")]
        if tagged:
            known = [self.known[identity]["id"] for identity, _ in tagged if identity in self.known]
            self.tags.load({word for _, words in tagged for word in words}, known)

    def _is_new_tag(self, known: Record, words: tuple[str, ...]) -> bool:
        own = known.get("import_id") == self.store.import_id
        return not own and bool(self.tags.missing(known["id"], words))

    def _compare(
        self,
        known: Record,
        values: Record,
        making: Record | None,
        changes: list[Change],
        own_changes: dict[int, Record],
    ) -> str:
        """What the row does to a record that is there already: "updated" or "unchanged"."""
        new = {name: value for name, value in values.items() if value != known.get(name)}
        if self.kind_name == "customers" and not values.get("external_id"):
            new.pop("name", None)  # found by a name, present or former: that is no reason to rename it
        if not new or known.get("is_merged"):
            return "unchanged"
        if making is not None:
            making.update(new)  # said twice in one batch: the later word is simply the first that is stored
            return "unchanged"
        if self.kind_name == "customers" and new.keys() & {"name", "phone"}:
            derived = derived_columns(
                str(new.get("name") or known.get("name") or ""),
                str(new.get("phone") or known.get("phone") or ""),
            )
            new |= {name: value for name, value in derived.items() if value != known.get(name)}
        before = {name: known.get(name) for name in new}
        if month := MONTH.get(self.kind_name):
            self.months.add(str(known[month])[:7])
        known.update(new)
        if known.get("import_id") == self.store.import_id and known["id"]:
            own_changes.setdefault(known["id"], {}).update(
                new
            )  # made by an earlier batch of this very import
            return "unchanged"
        before["updated_at"] = known["updated_at"]
        changes.append((known["id"], new | {"updated_at": self.now}, before, known["version"]))
        known["version"] += 1
        return "updated"

    def _insert(self, made: list[Record]) -> None:
        if self.kind_name == "customers":
            for one in made:
                one.pop("id")
            ids = self.maker.create(made)
            for row_id, one in zip(ids, made, strict=True):
                one |= {"id": row_id, "import_id": self.store.import_id, "version": 1}
                self.customers.add(row_id, one.get("external_id"), one["name"])
                self.records.made[row_id] = one
            return
        ids = self.store.ids(self.kind.table, len(made))
        rows = []
        for row_id, one in zip(ids, made, strict=True):
            if self.kind_name == "products":
                one.setdefault("name", one["code"])
            one |= {"id": row_id, "version": 1, "import_id": self.store.import_id}
            values = self.kind.defaults | one | {"created_at": self.now, "updated_at": self.now}
            rows.append(tuple(values.get(column) for column in self.kind.table.columns))
        self.store.insert(self.kind.table, rows)

    # --- the end ---------------------------------------------------------------------------------------------------------

    def notices(self) -> list[dict[str, Any]]:
        """What contradicted itself and how it was settled."""
        repeats = self.reader.survey.repeats
        told = self.maker.notices()
        if repeats:
            told.append({"code": "record_repeated", "count": repeats, "examples": []})
        if self.strangers:
            names = [name for name, _ in self.strangers.most_common(5)]
            told.append({"code": "unknown_person", "count": self.strangers.total(), "examples": names})
        return told

    def summary(self) -> dict[str, Any]:
        """Distinct customers that the file speaks of; no documents."""
        if self.kind_name == "customers":
            return {"customers": len({one["id"] for one in self.known.values()}), "orders": 0}
        return {"customers": len(self.seen_customers), "orders": 0}
