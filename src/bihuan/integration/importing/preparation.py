"""Before anything is read in full: the file opened, its header found, its columns mapped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bihuan.integration.models import SourceMapping
from bihuan.integration.reading.errors import ImportRefused, refused
from bihuan.integration.reading.fields import KINDS
from bihuan.integration.reading.mapping import Mapping as ColumnMapping
from bihuan.integration.reading.mapping import guess_mapping, hints_of, read_mapping, signature
from bihuan.integration.reading.table import Table, open_table


@dataclass(slots=True)
class Preparation:
    """An opened file and its mapping. `said` is what the mapping was read from, when it was given."""

    path: Path
    kind: str
    table: Table
    mapping: ColumnMapping
    signature: str
    said: dict[str, Any]

    def as_given(self) -> dict[str, Any]:
        """The mapping in full, as a person could write it."""
        hints = {
            name: self.said[name]
            for name in ("sheet", "header_row", "encoding", "delimiter")
            if self.said.get(name)
        }
        return hints | self.mapping.as_given(self.table.headers)


def prepare(path: Path, kind: str, said: Mapping[str, Any] | None = None) -> Preparation:
    """Open a file for a kind of record: with the given mapping, else the remembered one, else a guess.

    The mapping may be incomplete (`Preparation.mapping.missing`); the file is not. Raises ``ImportRefused``.
    """
    if kind not in KINDS:
        raise refused("unknown_kind", kind=kind, kinds=", ".join(KINDS))
    given = dict(said or {})
    hints = hints_of(given)
    table = open_table(
        path,
        sheet=hints.sheet,
        header_row=hints.header_row,
        encoding=hints.encoding,
        delimiter=hints.delimiter,
    )
    mark = signature(kind, table.headers)
    return Preparation(path, kind, table, _mapping(kind, table, given, mark), mark, given)


def _mapping(kind: str, table: Table, given: dict[str, Any], mark: str) -> ColumnMapping:
    guess = guess_mapping(kind, table)
    if given:
        mapping = read_mapping(given, kind, table.headers)
        if not mapping.columns:
            # Only values, constants or the date order were given: the columns are guessed as ever.
            mapping.columns = guess.columns
        return mapping
    remembered = SourceMapping.objects.filter(signature=mark).values_list("mapping", flat=True).first()
    if remembered:
        try:
            mapping = read_mapping(remembered, kind, table.headers)
        except ImportRefused:
            return guess  # a field was renamed since
        mapping.origin = "remembered"
        return mapping
    return guess


def file_digest(path: Path) -> str:
    """SHA-256 of the file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
