"""A full-text index beside a model's table: FTS5 on SQLite, tsvector with GIN on PostgreSQL, one row a record.

Its columns go from what everybody may find to what fewer may: a reader searches the first few of them. What is written
are the words of `search_text`, ready made, so that Chinese of two characters is found on both databases alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Q
from django.db.models.sql.compiler import SQLCompiler

from .search_text import Phrase

FEW = 900
MOST_PLACES = 16_383
"""PostgreSQL keeps no place beyond it."""


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """`table` with `columns`, widest circle of readers first; `owner` is the table of the records, `key` what the index
    calls their number on PostgreSQL (on SQLite it is the row's own). `prefixes`: how long beginnings are kept ready."""

    table: str
    key: str
    owner: str
    columns: tuple[str, ...]
    prefixes: str = "1 2 3"

    def statements(self, vendor: str) -> list[str]:
        """What makes the table, for a migration."""
        if vendor == "sqlite":
            listed = ", ".join(self.columns)
            how = f"tokenize = \"unicode61 remove_diacritics 0\", prefix = '{self.prefixes}'"
            return [f"CREATE VIRTUAL TABLE {self.table} USING fts5({listed}, {how})"]
        listed = ", ".join(f"{one} tsvector NOT NULL" for one in self.columns)
        made = [f"CREATE TABLE {self.table} ({self.key} bigint PRIMARY KEY, {listed})"]
        for place in range(len(self.columns)):
            made.append(
                f"CREATE INDEX {self.table}_{place} ON {self.table} USING gin ({self._together(place + 1)})"
            )
        return made

    def _together(self, circles: int) -> str:
        return "(" + " || ".join(self.columns[:circles]) + ")"

    @property
    def row_key(self) -> str:
        return "rowid" if connection.vendor == "sqlite" else self.key

    def query(self, wanted: Sequence[Phrase], circles: int) -> tuple[str, list[str]]:
        """SQL for the keys of the records that hold all these phrases in their first `circles` columns."""
        if connection.vendor == "sqlite":
            asked = " AND ".join(
                '"' + " ".join(one.words).replace('"', '""') + '"' + (" *" if one.is_prefix else "")
                for one in wanted
            )
            listed = "{" + " ".join(self.columns[:circles]) + "}"
            return f"SELECT rowid FROM {self.table} WHERE {self.table} MATCH %s", [f"{listed} : ({asked})"]
        asked = " & ".join(
            "("
            + " <-> ".join(
                _lexeme(word) + (":*" if one.is_prefix and place == len(one.words) - 1 else "")
                for place, word in enumerate(one.words)
            )
            + ")"
            for one in wanted
        )
        # The words are ready made: a cast takes them as they are, where to_tsquery would split Chinese anew.
        column = self.columns[0] if circles == 1 else self._together(circles)
        return f"SELECT {self.key} FROM {self.table} WHERE {column} @@ %s::tsquery", [asked]

    def holding(self, wanted: Sequence[Phrase], circles: int) -> Q:
        """The condition that a record of `owner` holds all these phrases; put so that few and many are quick alike."""
        condition, parameters = self.query(wanted, circles)
        with connection.cursor() as cursor:
            cursor.execute(f"{condition} LIMIT {FEW + 1}", parameters)
            few = [row[0] for row in cursor.fetchall()]
        if len(few) <= FEW:
            return Q(pk__in=few)
        # Where every other row is one, each is asked alone, and the few that a page shows are soon together. Else walk the
        # list's own order and look each row up, rather than fetch and sort all of them.
        is_alone = connection.vendor == "sqlite" and self._is_nearly_everywhere(condition, parameters)
        return Q(_Holds(condition, parameters) if is_alone else _Among(condition, parameters))

    def holding_within(self, wanted: Sequence[Phrase], circles: int, most: int) -> Q:
        """As `holding`, but only of the first `most` records in the index, whatever their order."""
        condition, parameters = self.query(wanted, circles)
        return Q(_Among(f"{condition} LIMIT {int(most)}", parameters, near=True))

    def _is_nearly_everywhere(self, condition: str, parameters: Sequence[str]) -> bool:
        """Whether at least every fourth record is found; said after reading so many of the index and no more."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT max(id) / 4 FROM {self.owner}")
            most = int(cursor.fetchone()[0] or 0)
            cursor.execute(f"SELECT count(*) FROM ({condition} LIMIT {most})", parameters)
            return int(cursor.fetchone()[0]) >= most

    def newest_with(self, words: Sequence[str], each: int, most: int) -> list[int]:
        """Keys of the records that share most of these words with the first column, most first; of each word the `each` newest
        records count, so that a word that stands everywhere costs no more than another. One query."""
        if not words:
            return []
        parts, parameters = [], []
        for word in words:
            condition, own = self.query([Phrase((word,), False)], 1)
            parts.append(
                f"SELECT key FROM ({condition.replace(self.row_key, f'{self.row_key} AS key', 1)}"
                f" ORDER BY {self.row_key} DESC LIMIT {int(each)}) AS one"
            )
            parameters += own
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT key, count(*) AS shared FROM ({' UNION ALL '.join(parts)}) AS found "
                f"GROUP BY key ORDER BY shared DESC, key DESC LIMIT {int(most)}",
                parameters,
            )
            return [row[0] for row in cursor.fetchall()]

    def write(self, ids: Sequence[int], rows: Iterable[tuple[Any, ...]]) -> int:
        """Put these records' words (key, then a text for each column) in place of what is written for `ids`."""
        kept = list(rows)
        listed = ", ".join(self.columns)
        with connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(ids))
            cursor.execute(f"DELETE FROM {self.table} WHERE {self.row_key} IN ({marks})", list(ids))
            if connection.vendor == "sqlite":
                places = ", ".join(["%s"] * (1 + len(self.columns)))
                cursor.executemany(f"INSERT INTO {self.table} (rowid, {listed}) VALUES ({places})", kept)
            else:
                places = ", ".join(["%s", *["%s::tsvector"] * len(self.columns)])
                cursor.executemany(
                    f"INSERT INTO {self.table} ({self.key}, {listed}) VALUES ({places})",
                    [(key, *map(_vector, texts)) for key, *texts in kept],
                )
        return len(kept)

    def clear(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table}")


class _Holds(Func):
    """Whether a record's entry in the index holds the words; one look-up by key."""

    output_field = BooleanField()

    def __init__(self, condition: str, parameters: Sequence[str]) -> None:
        super().__init__(F("pk"))
        self.condition, self.parameters = condition, parameters

    def as_sql(
        self, compiler: SQLCompiler, connection: Any, *_: Any, **__: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        key, own = compiler.compile(self.source_expressions[0])
        return f"EXISTS ({self.condition} AND rowid = {key})", (*self.parameters, *own)


class _Among(_Holds):
    """Whether a record is among those of the index. Adding nothing to the key keeps SQLite from starting at the found rows;
    `near`: it may start there.

    PostgreSQL is given no join to plan: where its statistics are old it may ask the words anew for each row, which never ends.
    What stands within `IS TRUE` it finds once and hashes; what stands in an array, once as well.
    """

    def __init__(self, condition: str, parameters: Sequence[str], *, near: bool = False) -> None:
        super().__init__(condition, parameters)
        self.near = near

    def as_sql(
        self, compiler: SQLCompiler, connection: Any, *_: Any, **__: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        key, own = compiler.compile(self.source_expressions[0])
        if connection.vendor == "sqlite":
            text = f"{key} IN ({self.condition})" if self.near else f"({key} + 0) IN ({self.condition})"
        elif self.near:
            text = f"{key} = ANY (ARRAY({self.condition}))"
        else:
            text = f"({key} IN ({self.condition})) IS TRUE"
        return text, (*own, *self.parameters)


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def _vector(text: str) -> str:
    """The words with their places, as PostgreSQL writes a tsvector."""
    return " ".join(
        f"{_lexeme(word)}:{min(place, MOST_PLACES)}" for place, word in enumerate(text.split(), 1)
    )
