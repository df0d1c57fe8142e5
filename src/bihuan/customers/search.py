"""Finding customers by what people type: parts of names, former and short names, pinyin, initials, codes, contacts.

The index has two columns, because not everybody sees contacts: `names` for whoever sees customers, `contacts` (phone
numbers, addresses, persons) for whoever sees that class. It is a table of its own, written in sets: FTS5 on SQLite,
tsvector with GIN on PostgreSQL. Whoever changes names or contacts calls `reindex_customers` in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, F, Func, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler

from bihuan.customers.matching.normalise import key_syllables, name_pinyin, pinyin_initials
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.search_text import Phrase, index_text, phrases

from .models import Contact, Customer, CustomerName

TABLE = "customers_search"
CHUNK = 2000
FEW = 900


def searched(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The customers among `rows` that hold everything in `text`; nobody for a text without letters or digits."""
    wanted = phrases(text)
    if not wanted:
        return rows.none()
    condition, parameters = _condition(wanted, _sees_contacts(actor))
    with connection.cursor() as cursor:
        cursor.execute(f"{condition} LIMIT {FEW + 1}", parameters)
        few = [row[0] for row in cursor.fetchall()]
    if len(few) <= FEW:
        return rows.filter(pk__in=few)
    if connection.vendor == "sqlite" and _is_nearly_everywhere(condition, parameters):
        # Every other row is one: each is asked alone, and the few that a page shows are soon together.
        return rows.filter(_Holds(condition, parameters))
    # Walk the list's own order and look each row up, rather than fetch and sort all of them.
    # Adding nothing to the key keeps the database from starting at the found rows.
    return rows.alias(found_key=F("pk") + 0).filter(found_key__in=RawSQL(condition, parameters))  # noqa: S611


def searched_within(actor: Actor, rows: QuerySet[Any], text: str, most: int) -> QuerySet[Any]:
    """As `searched`, but only of the first `most` customers in the index, whatever their order: enough to know that
    there are many."""
    wanted = phrases(text)
    if not wanted:
        return rows.none()
    condition, parameters = _condition(wanted, _sees_contacts(actor))
    return rows.filter(pk__in=RawSQL(f"{condition} LIMIT {int(most)}", parameters))  # noqa: S611


class _Holds(Func):
    """Whether a customer's entry in the full-text index holds the words; one look-up by key."""

    output_field = BooleanField()

    def __init__(self, condition: str, parameters: Sequence[str]) -> None:
        super().__init__(F("pk"))
        self.condition, self.parameters = condition, parameters

    def as_sql(
        self, compiler: SQLCompiler, connection: Any, *_: Any, **__: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        key, own = compiler.compile(self.source_expressions[0])
        return f"EXISTS ({self.condition} AND rowid = {key})", (*self.parameters, *own)


def _is_nearly_everywhere(condition: str, parameters: Sequence[str]) -> bool:
    """Whether at least every fourth customer is found; said after reading so many of the index and no more."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(id) / 4 FROM {Customer._meta.db_table}")
        most = int(cursor.fetchone()[0] or 0)
        cursor.execute(f"SELECT count(*) FROM ({condition} LIMIT {most})", parameters)
        return int(cursor.fetchone()[0]) >= most


def _sees_contacts(actor: Actor) -> bool:
    """Whether words of contacts count: they are of customers and of contacts, so both must be within reach."""
    both = ("customer", "contact")
    reaches = actor.scope("contact") >= actor.scope("customer")
    return reaches and all(FieldClass.CONTACT in actor.classes(one) for one in both)


def _condition(wanted: Sequence[Phrase], sees_contacts: bool) -> tuple[str, list[str]]:
    if connection.vendor == "sqlite":
        query = " AND ".join(
            '"' + " ".join(one.words).replace('"', '""') + '"' + (" *" if one.is_prefix else "")
            for one in wanted
        )
        columns = "{names contacts}" if sees_contacts else "{names}"
        return f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s", [f"{columns} : ({query})"]
    query = " & ".join(
        "("
        + " <-> ".join(
            _lexeme(word) + (":*" if one.is_prefix and place == len(one.words) - 1 else "")
            for place, word in enumerate(one.words)
        )
        + ")"
        for one in wanted
    )
    # The words are ready made: a cast takes them as they are, where to_tsquery would split Chinese anew.
    column = "(names || contacts)" if sees_contacts else "names"
    return f"SELECT customer_id FROM {TABLE} WHERE {column} @@ %s::tsquery", [query]


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


@transaction.atomic
def reindex_customers(ids: Iterable[int]) -> int:
    """Write these customers' index anew (and drop it for those that are gone); how many were written."""
    written = 0
    for chunk in batched(ids, CHUNK):
        written += _write(chunk)
    return written


def rebuild_search() -> int:
    """Write the whole index anew; how many customers it holds."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE}")
        ids = Customer.objects.order_by("id").values_list("id", flat=True).iterator(CHUNK)
        return reindex_customers(ids)


def _write(ids: Sequence[int]) -> int:
    rows = list(_index_rows(ids))
    key = "rowid" if connection.vendor == "sqlite" else "customer_id"
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(ids))
        cursor.execute(f"DELETE FROM {TABLE} WHERE {key} IN ({marks})", ids)
        if connection.vendor == "sqlite":
            cursor.executemany(f"INSERT INTO {TABLE} (rowid, names, contacts) VALUES (%s, %s, %s)", rows)
        else:
            cursor.executemany(
                f"INSERT INTO {TABLE} (customer_id, names, contacts) VALUES (%s, %s::tsvector, %s::tsvector)",
                [(customer, _vector(names), _vector(contacts)) for customer, names, contacts in rows],
            )
    return len(rows)


def _vector(text: str) -> str:
    """The words with their places, as PostgreSQL writes a tsvector; places end at 16383."""
    return " ".join(f"{_lexeme(word)}:{min(place, 16383)}" for place, word in enumerate(text.split(), 1))


def _index_rows(ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    names: dict[int, list[str]] = defaultdict(list)
    contacts: dict[int, list[str]] = defaultdict(list)
    for customer, name in CustomerName.objects.filter(customer__in=ids).values_list("customer_id", "name"):
        names[customer].append(name)
    people = Contact.objects.filter(customer__in=ids).values_list(
        "customer_id", "name", "phone", "email", "wechat"
    )
    for customer, *parts in people:
        contacts[customer] += [part for part in parts if part]
    # Who was merged into a customer is found as that customer: by its names, its number, its code.
    merged: dict[int, list[str]] = defaultdict(list)
    gone = Customer.objects.filter(merged_into__in=ids).values_list(
        "merged_into_id", "name", "short_name", "name_en", "external_id", "credit_code"
    )
    for customer, name, short, *others in gone:
        names[customer] += [part for part in (name, short) if part]
        merged[customer] += [part for part in others if part]
    fields = (
        "id",
        "name",
        "name_key",
        "initials",
        "short_name",
        "name_en",
        "external_id",
        "credit_code",
        "phone",
        "email",
        "address",
    )
    rows = Customer.objects.filter(id__in=ids).values_list(*fields)
    for key, name, name_key, initials, short, english, external, code, *reach in rows:
        called = [str(part) for part in (short, *names[key]) if part]
        words = [index_text(part) for part in (name, *called, english, external, code, *merged[key]) if part]
        # What is stored beside the name is not worked out once more.
        words += _sounds(
            key_syllables(name_key) or name_pinyin(name or "").split(),
            initials or pinyin_initials(name or ""),
        )
        for part in called:
            words += _sounds(name_pinyin(part).split(), pinyin_initials(part))
        yield (
            key,
            " ".join(words),
            " ".join(index_text(part) for part in (*contacts[key], *(part for part in reach if part))),
        )


def _sounds(syllables: Sequence[str], initials: str) -> Iterator[str]:
    """Pinyin and initials from every syllable on: 三木 gives sanmu, mu and sm, m, each found by its beginning."""
    for place in range(len(syllables)):
        yield "".join(syllables[place:])
    for place in range(min(len(initials) - 1, 12)):
        yield initials[place:]
