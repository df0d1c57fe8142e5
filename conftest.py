"""For all tests: tables can be emptied between cases although the journal refuses it; files that take long begin first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.backends.postgresql.base import DatabaseWrapper as Postgres
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite


def _with_journal_open(vendor: str, sql_flush: Callable[..., list[str]]) -> Callable[..., list[str]]:
    def flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        from bihuan.audit import protection as journal
        from bihuan.messaging import protection as deliveries

        statements = sql_flush(self, style, tables, **options)
        for kept in (journal, deliveries):
            if kept.TABLE in tables:
                statements = [*kept.unprotect(vendor), *statements, *kept.protect(vendor)]
        return statements

    return flush


for backend in (Sqlite, Postgres):
    backend.ops_class.sql_flush = _with_journal_open(backend.vendor, backend.ops_class.sql_flush)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file that takes minutes and comes last keeps one core busy while the other has nothing left to do."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)
