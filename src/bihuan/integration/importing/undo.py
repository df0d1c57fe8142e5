"""Undoing an import as one set: what it made goes, what it changed returns; what was touched since stays and is listed.

The rows to go are gathered in a temporary table, and everything that still needs one of them takes it out again:
a later edit, a merge, a row of another import that refers to it. What is taken out is kept together with what it
refers to itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import ForeignKey

from bihuan.audit.services import record as journal
from bihuan.customers.search import reindex_customers
from bihuan.integration.importing import undo_series
from bihuan.integration.importing.facts import fact_models
from bihuan.integration.importing.lock import only_import
from bihuan.integration.importing.run import Progress, told_by_database
from bihuan.integration.importing.store import rows_where
from bihuan.integration.models import Import, ImportChange
from bihuan.integration.reading.errors import ImportRefused
from bihuan.integration.records import IMPORT
from bihuan.integration.services import IMPORTED, WrongMoment, require_import
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.analytics.changes import mark_all_changed
from bihuan.kernel.outbox import publish

# What an import can have made, whatever refers to others first.
MADE = (
    "quality_testresult", "quality_processreading", "quality_readingseries", "quality_movementline", "quality_movement", "quality_lot",
    "catalog_characteristic",
    "sales_orderline", "sales_payment", "sales_receivable", "sales_order",
    "customers_contact", "customers_customertag", "customers_customer", "customers_tag", "catalog_product",
)  # fmt: skip
NOTED = (
    "customers_customertag",
    "customers_tag",
    "catalog_characteristic",
)  # tables without a place for the import's number
# Rows that a rule set: they follow from the facts, hold nothing and go with what they are about.
DERIVED = {"customers_customertag": ("customer_id", "customers_customer", "by_rule")}
LISTED = 5000


@dataclass(slots=True)
class Kept:
    """What stays, and why: the first reason found for each row. Of what an earlier undo left, that undo has told."""

    reasons: dict[tuple[str, int], str] = field(default_factory=dict)
    told: set[tuple[str, int]] = field(default_factory=set)

    def add(self, table: str, ids: Iterable[int], reason: str) -> None:
        for row_id in ids:
            if (table, row_id) not in self.told:
                self.reasons.setdefault((table, row_id), reason)


def undo_import(
    *, actor: Actor, import_id: int, now: datetime, progress: Progress | None = None
) -> dict[str, Any]:
    """Undo an import, whole or interrupted, in one transaction.

    Gives ``{"id", "removed", "restored", "kept": [{"object", "reason"}]}``. Raises ``ImportRefused`` (not_found_import,
    already_undone, wrong_moment, disk_full_undo, …), ``NotAllowed``.
    """
    require(actor, "import", "undo")
    row = IMPORT.visible_to(actor).filter(pk=import_id).first()
    if row is None:
        raise ImportRefused("not_found_import", {"id": import_id})
    require_import(actor, import_id, "undo")
    if row.kind in IMPORTED:
        require(actor, IMPORTED[row.kind], "import")
    progress = progress or Progress()
    with only_import(progress.waiting):
        row.refresh_from_db()
        if row.state == Import.State.UNDONE:
            raise ImportRefused("already_undone", {"id": import_id})
        if row.state in (Import.State.UPLOADED, Import.State.PREVIEWED):
            raise WrongMoment
        try:
            with transaction.atomic():
                return _undo(row, actor, now)
        except DatabaseError as error:
            told = told_by_database(error)
            raise (ImportRefused("disk_full_undo") if told.code == "disk_full" else told) from error


def _undo(row: Import, actor: Actor, now: datetime) -> dict[str, Any]:
    kept = Kept()
    restored, touched_orders = _restore(row, kept)
    tables = list(MADE)
    with connection.cursor() as cursor:
        kept.told = _gather(cursor, row.pk, tables)
        _take_out_edited(cursor, tables, kept)
        sealed = undo_series.sealed(cursor, MADE.index(undo_series.TABLE))
        kept.add(undo_series.TABLE, sealed, "sealed")
        _take_out(cursor, MADE.index(undo_series.TABLE), sealed)
        _take_out_merged(cursor, kept)
        _take_out_needed(cursor, tables, kept)
        touched_orders |= _orders_that_stay(cursor)
        searched = _searched(cursor, row)
        undo_series.let_files_go(cursor, MADE.index(undo_series.TABLE))
        removed = _remove(cursor, tables)
        cursor.execute("DROP TABLE import_undo")
    reindex_customers(searched)
    _sum_orders(touched_orders)
    mark_all_changed(("order_lines", "payments", "receivables", "customers", "products"), now=now)
    listed = _listed(kept)
    result: dict[str, Any] = {"id": row.pk, "removed": removed, "restored": restored, "kept": listed}
    row.state = Import.State.UNDONE
    row.undone_at = now
    row.undo_result = {"removed": removed, "restored": restored, "kept": listed[:LISTED]}
    row.save(update_fields=["state", "undone_at", "undo_result"])
    journal(
        actor, now, "import.undo", row, object_name=row.filename,
        after={"removed": removed, "restored": restored, "kept": len(listed)},
    )  # fmt: skip
    publish("import.undone", {"import": row.pk, "kind": row.kind}, now=now)
    return result


# --- what it changed -------------------------------------------------------------------------------------------------------


def _restore(row: Import, kept: Kept) -> tuple[int, set[int]]:
    """Give back before-images, latest first, where nobody has changed the row since. Also the orders concerned."""
    changes: dict[str, list[tuple[int, dict[str, Any], int]]] = defaultdict(list)
    for table, object_id, before, version in (
        ImportChange.objects.filter(source=row, version__gt=0)
        .order_by("-pk")
        .values_list("table", "object_id", "before", "version")
    ):
        changes[table].append((object_id, before, version))
    restored = 0
    orders: set[int] = set()
    overtaken: list[tuple[str, int, dict[str, Any], int]] = []
    for table, several in changes.items():
        ids = {one[0] for one in several}
        present = {one[0]: one[1] for one in rows_where(f"SELECT id, version FROM {table}", "id", ids)}
        for object_id, before, version in several:
            if object_id not in present:
                kept.add(table, [object_id], "removed_since")
            elif present[object_id] != version:
                kept.add(table, [object_id], "changed_since")
                overtaken.append((table, object_id, before, version))
            else:
                _put_back(table, object_id, before)
                present[object_id] = before["version"]
                restored += 1
                if table == "sales_orderline":
                    orders.add(object_id)
    _hand_on(row, overtaken)
    if orders:
        lines = rows_where("SELECT DISTINCT order_id FROM sales_orderline", "id", orders)
        return restored, {order for (order,) in lines}
    return restored, set()


def _hand_on(row: Import, overtaken: list[tuple[str, int, dict[str, Any], int]]) -> None:
    """What another import has changed right after this one goes back to before both when that one is undone."""
    ids = sorted({one[1] for one in overtaken})
    later: dict[tuple[str, int, int], ImportChange] = {}
    for chunk in batched(ids, 900):
        found = ImportChange.objects.filter(object_id__in=chunk, version__gt=0).exclude(source=row)
        for one in found.exclude(source__state=Import.State.UNDONE):
            later[one.table, one.object_id, one.before["version"]] = one
    changed: dict[int, ImportChange] = {}
    for table, object_id, before, version in overtaken:
        image = later.pop((table, object_id, version), None)
        if image is not None:
            image.before = image.before | before
            later[table, object_id, before["version"]] = changed[image.pk] = image
    ImportChange.objects.bulk_update(changed.values(), ["before"], batch_size=400)


def _put_back(table: str, object_id: int, before: dict[str, Any]) -> None:
    sets = ", ".join(f"{column} = %s" for column in before)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {sets} WHERE id = %s", [*before.values(), object_id])


# --- what it made ----------------------------------------------------------------------------------------------------------


def _gather(cursor: Any, import_id: int, tables: list[str]) -> set[tuple[str, int]]:
    """Fill the set of rows to go; those among them that an earlier undo had to leave are given back."""
    left: set[tuple[str, int]] = set()
    earlier = _let_go(import_id)
    cursor.execute("DROP TABLE IF EXISTS import_undo")
    cursor.execute("CREATE TEMPORARY TABLE import_undo (tab integer, id bigint, PRIMARY KEY (tab, id))")
    for number, table in enumerate(tables):
        if table in NOTED:
            # These tables have no place for the import's number: it was noted which rows it made.
            cursor.execute(
                f"INSERT INTO import_undo SELECT {number}, t.id FROM {table} t JOIN integration_importchange c"
                ' ON c.object_id = t.id AND c.source_id = %s AND c."table" = %s AND c.version = 0',
                [import_id, table],
            )
        else:
            cursor.execute(
                f"INSERT INTO import_undo SELECT {number}, id FROM {table} WHERE import_id = %s", [import_id]
            )
            for one in earlier:
                cursor.execute(f"SELECT id FROM {table} WHERE import_id = %s", [one])
                left |= {(table, row_id) for (row_id,) in cursor.fetchall()}
                cursor.execute(
                    f"INSERT INTO import_undo SELECT {number}, id FROM {table} WHERE import_id = %s", [one]
                )
    return left


def _let_go(import_id: int) -> list[int]:
    """Undone imports of which rows stayed that only this one needed: all others since have been undone as well."""
    gone = (Import.State.UNDONE, Import.State.FAILED)
    standing = Import.objects.filter(checkpoint__gt=0).exclude(state__in=gone).exclude(pk=import_id)
    last = standing.order_by("-pk").values_list("pk", flat=True).first() or 0
    undone = Import.objects.filter(state=Import.State.UNDONE, pk__gt=last)
    return list(undone.order_by("pk").values_list("pk", flat=True))


def _take_out(cursor: Any, number: int, ids: list[int]) -> None:
    cursor.executemany("DELETE FROM import_undo WHERE tab = %s AND id = %s", [(number, one) for one in ids])


def _take_out_edited(cursor: Any, tables: list[str], kept: Kept) -> None:
    for number, table in enumerate(tables):
        if table in NOTED:
            continue
        cursor.execute(
            f"SELECT t.id FROM {table} t JOIN import_undo u ON u.tab = %s AND u.id = t.id WHERE t.version > 1",
            [number],
        )
        ids = [one for (one,) in cursor.fetchall()]
        kept.add(table, ids, "changed_since")
        _take_out(cursor, number, ids)


def _take_out_merged(cursor: Any, kept: Kept) -> None:
    """Both sides of a merge stay: the pointer, and the survivor that it points to."""
    number = MADE.index("customers_customer")
    cursor.execute("SELECT id, merged_into_id FROM customers_customer WHERE merged_into_id IS NOT NULL")
    pairs = cursor.fetchall()
    if not pairs:
        return
    either = {one for pair in pairs for one in pair}
    cursor.execute("SELECT id FROM import_undo WHERE tab = %s", [number])
    ids = [one for (one,) in cursor.fetchall() if one in either]
    for one in ids:
        if ("customers_customer", one) not in kept.told:
            kept.reasons["customers_customer", one] = "merged_since"
    _take_out(cursor, number, ids)


def _take_out_needed(cursor: Any, tables: list[str], kept: Kept) -> None:
    """Keep what a row outside the set refers to, until nothing more is needed."""
    numbers = {table: number for number, table in enumerate(tables)}
    references = list(_references(tables))
    again = True
    while again:
        again = False
        for table, column, target in references:
            inside = (
                f"AND r.id NOT IN (SELECT id FROM import_undo WHERE tab = {numbers[table]})"
                if table in numbers
                else ""
            )
            if table in DERIVED and column == DERIVED[table][0]:
                inside += f" AND NOT r.{DERIVED[table][2]}"
            cursor.execute(
                f"SELECT DISTINCT r.{column} FROM import_undo u JOIN {table} r ON r.{column} = u.id"
                f" WHERE u.tab = %s {inside}",
                [numbers[target]],
            )
            ids = [one for (one,) in cursor.fetchall()]
            if ids:
                kept.add(target, ids, f"needed_by:{table}")
                _take_out(cursor, numbers[target], ids)
                again = True


def _references(tables: list[str]) -> Iterable[tuple[str, str, str]]:
    """(table, column, table referred to) for every fact that can hold on to something an import makes."""
    facts = set(fact_models()) | {
        model for model in apps.get_models() if getattr(model, "holds_customers", False)
    }
    for model in facts:
        for one in model._meta.concrete_fields:
            if isinstance(one, ForeignKey) and one.related_model is not None:
                target = one.remote_field.model._meta.db_table
                # A line that is cancelled by another goes all the same: the pointer is emptied.
                if target in tables and one.name not in ("cancels", "merged_into"):
                    yield model._meta.db_table, one.column, target


def _orders_that_stay(cursor: Any) -> set[int]:
    """Documents that lose lines and stay themselves."""
    cursor.execute(
        "SELECT DISTINCT l.order_id FROM import_undo u JOIN sales_orderline l ON l.id = u.id"
        " WHERE u.tab = %s AND l.order_id NOT IN (SELECT id FROM import_undo WHERE tab = %s)",
        [MADE.index("sales_orderline"), MADE.index("sales_order")],
    )
    return {one for (one,) in cursor.fetchall()}


def _searched(cursor: Any, row: Import) -> set[int]:
    """Customers that search must look at again: gone, given back, or with contacts that are."""
    contact, customer = MADE.index("customers_contact"), MADE.index("customers_customer")
    cursor.execute(
        "SELECT id FROM import_undo WHERE tab = %s UNION SELECT c.customer_id FROM customers_contact c"
        " JOIN import_undo u ON u.tab = %s AND u.id = c.id"
        " UNION SELECT object_id FROM integration_importchange WHERE source_id = %s AND version > 0"
        " AND \"table\" = 'customers_customer'"
        " UNION SELECT c.customer_id FROM integration_importchange i JOIN customers_contact c ON c.id = i.object_id"
        " WHERE i.source_id = %s AND i.version > 0 AND i.\"table\" = 'customers_contact'",
        [customer, contact, row.pk, row.pk],
    )
    return {one for (one,) in cursor.fetchall()}


def _remove(cursor: Any, tables: list[str]) -> int:
    removed = 0
    line = tables.index("sales_orderline")
    cursor.execute(
        "UPDATE sales_orderline SET cancels_id = NULL WHERE cancels_id IN (SELECT id FROM import_undo WHERE tab = %s)"
        " AND id NOT IN (SELECT id FROM import_undo WHERE tab = %s)",
        [line, line],
    )
    for table, (column, target, by_rule) in DERIVED.items():
        cursor.execute(
            f"DELETE FROM {table} WHERE {by_rule} AND {column} IN (SELECT id FROM import_undo WHERE tab = %s)",
            [tables.index(target)],
        )
    for number, table in enumerate(tables):
        for model, column in _followers(table):
            # What is derived from a row goes with it.
            cursor.execute(
                f"DELETE FROM {model} WHERE {column} IN (SELECT id FROM import_undo WHERE tab = %s)", [number]
            )
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM import_undo WHERE tab = %s)", [number]
        )
        removed += cursor.rowcount
    return removed


def _followers(table: str) -> Iterable[tuple[str, str]]:
    """Tables outside the facts that refer to this one."""
    facts = {model._meta.db_table for model in fact_models()}
    for model in apps.get_models():
        if model._meta.db_table in facts or getattr(model, "holds_customers", False):
            continue
        for one in model._meta.concrete_fields:
            if isinstance(one, ForeignKey) and one.remote_field.model._meta.db_table == table:
                yield model._meta.db_table, one.column


def _sum_orders(orders: set[int]) -> None:
    """Documents that lost or regained lines get their sums anew."""
    if not orders:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE sales_order SET"
            " amount = COALESCE((SELECT SUM(amount) FROM sales_orderline WHERE order_id = sales_order.id), 0),"
            " line_count = (SELECT COUNT(*) FROM sales_orderline WHERE order_id = sales_order.id) WHERE id = %s",
            [(one,) for one in orders],
        )


# --- what is told ------------------------------------------------------------------------------------------------------------


def _listed(kept: Kept) -> list[dict[str, Any]]:
    """Kept rows by name, with the reason as a sentence."""
    from bihuan.integration.importing.undo_texts import object_names, reason_text

    by_table: dict[str, list[int]] = defaultdict(list)
    for table, row_id in kept.reasons:
        by_table[table].append(row_id)
    names = {
        (table, row_id): name for table, ids in by_table.items() for row_id, name in object_names(table, ids)
    }
    return [
        {"object": names.get(one, f"{one[0]} {one[1]}"), "reason": reason_text(reason)}
        for one, reason in sorted(kept.reasons.items())
    ]
