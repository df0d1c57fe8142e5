"""Which tables hold facts: what the company knows, as opposed to what the program notes about itself."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import Model

# Rooms that own facts, lowest first. Derived values, the journal, queues, sessions and the imports themselves are
# no facts: they may differ before and after an import that was undone.
FACT_ROOMS = ("catalog", "customers", "sales", "quality", "service")


def fact_models() -> Iterator[type[Model]]:
    """Every stored model of the rooms that own facts, unless it says `is_fact = False` of itself."""
    for room in FACT_ROOMS:
        for model in apps.get_app_config(room).get_models():
            if model._meta.managed and not model._meta.proxy and getattr(model, "is_fact", True):
                yield model


def is_ruled(model: type[Model]) -> bool:
    """Whether some of its rows are made by a rule: those are derived and no facts."""
    return any(one.name == "by_rule" for one in model._meta.concrete_fields)


def count_facts() -> dict[str, int]:
    """Rows of every table of facts, by table."""
    counts = {}
    with connection.cursor() as cursor:
        for model in sorted(fact_models(), key=lambda one: one._meta.db_table):
            table = model._meta.db_table
            cursor.execute(f'SELECT COUNT(*) FROM "{table}"{" WHERE NOT by_rule" if is_ruled(model) else ""}')
            counts[table] = int(cursor.fetchone()[0])
    return counts
