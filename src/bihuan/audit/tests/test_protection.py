"""The journal is only ever added to: the database refuses anything else."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from bihuan.audit.models import Entry
from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def entry(db):
    return record(SYSTEM, NOON, "customer.edited", object_type="customer", object_id=7, before={"a": 1})


@pytest.mark.parametrize(
    "attempt",
    [
        lambda one: Entry.objects.filter(pk=one.pk).update(action="nothing.happened"),
        lambda one: Entry.objects.filter(pk=one.pk).delete(),
        lambda one: one.delete(),
        lambda one: one.save(),
        lambda one: _sql("DELETE FROM audit_entry"),
        lambda one: _sql("UPDATE audit_entry SET note = 'x'"),
    ],
)
def test_no_entry_can_be_changed_or_removed(entry, attempt):
    with pytest.raises(DatabaseError), transaction.atomic():
        attempt(entry)
    assert Entry.objects.get(pk=entry.pk).action == "customer.edited"


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_nor_can_the_whole_journal_be_emptied(entry):
    with pytest.raises(DatabaseError), transaction.atomic():
        _sql("TRUNCATE audit_entry")
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("_time", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_tables_are_emptied_between_tests_that_commit(_time):
    assert not Entry.objects.exists()
    written = record(SYSTEM, NOON, "customer.edited", object_type="customer", object_id=7)
    with pytest.raises(DatabaseError):
        written.delete()
