"""The search index: a table of its own on each database, outside the models."""

from django.db import migrations

SQLITE = [
    "CREATE VIRTUAL TABLE customers_search USING fts5(names, contacts, tokenize = \"unicode61 remove_diacritics 0\", prefix = '1 2 3')",
]
POSTGRESQL = [
    "CREATE TABLE customers_search (customer_id bigint PRIMARY KEY, names tsvector NOT NULL, contacts tsvector NOT NULL)",
    "CREATE INDEX customers_search_names ON customers_search USING gin (names)",
    "CREATE INDEX customers_search_all ON customers_search USING gin ((names || contacts))",
]


def make(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE customers_search")


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_duplicates")]
    operations = [migrations.RunPython(make, drop)]
