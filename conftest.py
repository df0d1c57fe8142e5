"""For all tests: tables can be emptied between cases although the journal refuses it; files that take long begin first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper as Postgres
from django.db.backends.sqlite3.base import DatabaseWrapper as Sqlite

from bihuan.config import testing_database


def _opened(
    sql_flush: Callable[..., list[str]], triggers: Callable[[Any], list[tuple[str, str, str]]]
) -> Any:
    """`sql_flush` with what keeps the tables taken off before and laid on again after."""

    def flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        statements = sql_flush(self, style, tables, **options)
        kept = [one for one in triggers(self.connection) if one[1] in tables]
        off = [
            f"DROP TRIGGER {name}" + ON[self.connection.vendor] % {"table": table}
            for name, table, _sql in kept
        ]
        return [*off, *statements, *(sql for _name, _table, sql in kept)]

    return flush


ON = {"sqlite": "", "postgresql": " ON %(table)s"}


def _of_sqlite(connection: Any) -> list[tuple[str, str, str]]:
    """Every trigger that refuses, whichever room laid it on: name, table, what makes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'"
        )
        return list(cursor.fetchall())


def _of_postgres(connection: Any) -> list[tuple[str, str, str]]:
    """The same; those of single rows do not mind that a table is emptied as a whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgtype & 1 = 0"
        )
        return list(cursor.fetchall())


for backend, found in ((Sqlite, _of_sqlite), (Postgres, _of_postgres)):
    backend.ops_class.sql_flush = _opened(backend.ops_class.sql_flush, found)


testing_database.begin_with_the_kept_one()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database, kept for the next run."""
    with django_db_blocker.unblock():
        testing_database.keep(connection)


@pytest.fixture(scope="session")
def migrated(django_db_setup: None) -> Callable[[Path], Path]:
    """Homes for programs of their own: `migrated(home)` lays the migrated database into it, so that they need not migrate."""

    def lay(home: Path) -> Path:
        testing_database.lay_into(home)
        return home

    return lay


class Marked:
    """Marks what asks the database, before marks are selected by: `-m database` leaves out what cannot differ between databases."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            asked = set(getattr(item, "fixturenames", ()))
            # `migrated` lays a file of SQLite into a home of the test's own, whatever the others run on.
            by_fixture = "db" in asked if "migrated" in asked else "django_db_setup" in asked
            if by_fixture or item.get_closest_marker("django_db"):
                item.add_marker("database")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Marked())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file that takes minutes and comes last keeps one core busy while the other has nothing left to do."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)
