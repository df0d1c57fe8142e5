"""The second reading: cells become values, and rows that cannot be taken are set aside with their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any
from zlib import crc32

from bihuan.integration.importing.survey import Survey, make_parsers
from bihuan.integration.reading.errors import Problem, problem, refused
from bihuan.integration.reading.field import header_key
from bihuan.integration.reading.field_words import LINE_PLACE, REFUSED_ROW, REFUSED_WHY
from bihuan.integration.reading.fields import KINDS, NEEDS, TOTAL_WORDS
from bihuan.integration.reading.mapping import Mapping
from bihuan.integration.reading.parsers import ColumnParser, Style
from bihuan.integration.reading.table import Batch, Table
from bihuan.integration.reading.text import is_blank, key

KEPT_REFUSALS = 200_000
_TOTALS = frozenset(key(word) for word in TOTAL_WORDS)
_CHINESE_TOTALS = frozenset(word for word in _TOTALS if not word.isascii())
_NAMING = ("number", "external_id", "name", "customer_name", "customer_id", "code", "product_name")
_INDEX_HEADINGS = frozenset({"序号", "行号", "no", "no.", "#", "index", "unnamed: 0", "row", "编号序号"})
# Columns that the workbook of refused rows adds.
_OWN_HEADINGS = frozenset(map(header_key, (*REFUSED_ROW, *REFUSED_WHY, *LINE_PLACE)))
_BEYOND = 1_000_000  # places of rows that no document counts: corrected ones whose document is another now


def _is_index(heading: str) -> bool:
    """Whether a column only counts rows: it tells no two of them apart."""
    return heading.casefold() in _INDEX_HEADINGS or header_key(heading) in _OWN_HEADINGS


@dataclass(slots=True)
class Refusal:
    """A row set aside: its number in the file, its cells, and why, by column (-1: the row as a whole)."""

    number: int
    cells: tuple[Any, ...]
    reasons: list[tuple[int, str, Problem]]  # column index, field name, reason
    place: str = (
        ""  # of an order line: its document and its place in it, for the day when it comes back corrected
    )


@dataclass(slots=True)
class Rows:
    """Rows that can be planned, as columns of values. Fields that are not mapped are absent."""

    numbers: list[int]
    values: dict[str, list[Any]]
    repeated: list[bool]  # an identical row came before
    superseded: list[bool]  # a later row speaks of the same record
    places: list[int]  # of order lines: the place in the document, refused rows counted too
    cells: list[tuple[Any, ...]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, name: str) -> list[Any]:
        """The field's values; blanks where it is not mapped."""
        found = self.values.get(name)
        return [None] * len(self.numbers) if found is None else found

    def keep(self, kept: Sequence[bool]) -> Rows:
        """Only the rows so marked."""
        return Rows(
            list(compress(self.numbers, kept)),
            {name: list(compress(column, kept)) for name, column in self.values.items()},
            list(compress(self.repeated, kept)),
            list(compress(self.superseded, kept)),
            list(compress(self.places, kept)),
            list(compress(self.cells, kept)),
        )


class RowReader:
    """Turns batches into rows. Keeps what was refused and what was left out over all batches."""

    def __init__(self, table: Table, mapping: Mapping, survey: Survey) -> None:
        self.mapping = mapping
        self.table = table
        self.parsers = make_parsers(mapping, survey.styles)
        self.constants = self._constants()
        self.survey = survey
        self.required = [one.name for one in KINDS[mapping.kind] if one.required]
        self.groups = [
            [name for name in group if name in self.parsers or name in self.constants]
            for group in NEEDS[mapping.kind]
        ]
        self.refusals: list[Refusal] = []
        self.refused = 0
        self.replaying = False
        self.late: list[tuple[int, list[tuple[str, Problem]]]] = []  # what planning refused in this batch
        self.skipped = {"blank": 0, "totals": 0}
        self._seen: set[int] = set()
        self._lines: Counter[str] = Counter()
        self._taken: set[tuple[str, int]] = set()
        self._compared = [one.index for one in table.headers if not _is_index(one.text)] or list(
            range(table.width)
        )

    def _constants(self) -> dict[str, Any]:
        fields = {one.name: one for one in KINDS[self.mapping.kind]}
        constants = {
            name: ColumnParser(fields[name], Style()).parse([text])[0]
            for name, text in self.mapping.constants.items()
        }
        for name, value in constants.items():
            if type(value) is Problem:
                raise refused("mapping_constant", field=name, reason=value.message())
        return constants

    def read(self, batch: Batch) -> Rows:
        """The rows of a batch that can be taken; the others are noted."""
        size = len(batch)
        values = {
            name: parser.parse(batch.columns[self.mapping.columns[name]])
            for name, parser in self.parsers.items()
        }
        for name, constant in self.constants.items():
            have = values.get(name)
            values[name] = (
                [constant] * size if have is None else [constant if one is None else one for one in have]
            )
        cells = list(zip(*batch.columns, strict=True))
        bad = self._bad(batch, values)
        dropped = self._leave_out(batch, cells, values, bad)
        repeated = self._repeats(batch, cells, dropped)
        superseded = self._superseded(batch)
        places = self._places(batch, values, dropped) if self.mapping.kind == "orders" else [0] * size
        rows = Rows(list(batch.numbers), values, repeated, superseded, places, cells)
        for place, reasons in bad.items():
            if place not in dropped:
                self.refuse(rows, place, reasons)
        if not (bad or dropped):
            return rows
        return rows.keep([place not in bad and place not in dropped for place in range(size)])

    def refuse(self, rows: Rows, place: int, reasons: Iterable[tuple[str, Problem]]) -> None:
        """Set a row aside."""
        self.refused += 1
        if len(self.refusals) >= KEPT_REFUSALS:
            return
        number = rows.numbers[place]
        placed = [(self.mapping.columns.get(name, -1), name, reason) for name, reason in reasons]
        document = ""
        if self.mapping.kind == "orders":
            named = rows.values["number"][place]
            document = f"{named}#{rows.places[place]}" if isinstance(named, str) else f"#{number}"
        self.refusals.append(Refusal(number, rows.cells[place], placed, document))

    def refuse_places(self, rows: Rows, problems: dict[int, list[tuple[str, Problem]]]) -> Rows:
        """Set rows aside that turned out wrong when they were planned; gives the others."""
        if not problems:
            return rows
        for place, reasons in problems.items():
            if not self.replaying:
                self.refuse(rows, place, reasons)
                self.late.append((rows.numbers[place], reasons))
        return rows.keep([place not in problems for place in range(len(rows))])

    def refuse_again(self, rows: Rows, late: dict[int, list[tuple[str, Problem]]]) -> Rows:
        """Set those rows aside that planning refused before the run was interrupted."""
        found = {place: late[number] for place, number in enumerate(rows.numbers) if number in late}
        for place, reasons in found.items():
            self.refuse(rows, place, reasons)
        return rows.keep([place not in found for place in range(len(rows))]) if found else rows

    def _places(self, batch: Batch, values: dict[str, list[Any]], dropped: set[int]) -> list[int]:
        """Each line's place in its document. Refused rows keep theirs, so that they can come back to it."""
        counted, numbers = self._lines, values.get("number", [])
        said = values.get("line_place")
        places = []
        for place, number in enumerate(numbers):
            if type(number) is not str or place in dropped:
                places.append(0)
            elif said is None:
                counted[number] += 1
                places.append(counted[number])
            else:
                places.append(self._said_place(number, said[place], batch.numbers[place]))
        return places

    def _said_place(self, number: str, said: Any, row: int) -> int:
        """What the workbook of refused rows says of a line's place, if the line is still of the same document."""
        document, _sign, ordinal = said.rpartition("#") if isinstance(said, str) else ("", "", "")
        if document == number and ordinal.isdecimal() and len(ordinal) < 10:
            found = int(ordinal)
        else:
            found = _BEYOND + crc32(f"{number}/{said or row}".encode()) % 10**9
        while (number, found) in self._taken:
            found = _BEYOND + crc32(f"{number}/{found}".encode()) % 10**9
        self._taken.add((number, found))
        return found

    def _bad(self, batch: Batch, values: dict[str, list[Any]]) -> dict[int, list[tuple[str, Problem]]]:
        bad: dict[int, list[tuple[str, Problem]]] = {}
        for name, parser in self.parsers.items():
            if parser.problems:
                for place, value in enumerate(values[name]):
                    if type(value) is Problem:
                        bad.setdefault(place, []).append((name, value))
        missing = problem("required")
        for name in self.required:
            column = values.get(name, [])
            if None in column:
                for place, value in enumerate(column):
                    if value is None:
                        bad.setdefault(place, []).append((name, missing))
        for group in self.groups:
            if group and all(None in values[name] for name in group):
                for place, several in enumerate(zip(*(values[name] for name in group), strict=True)):
                    if all(one is None for one in several):
                        bad.setdefault(place, []).append((group[0], missing))
        for place in batch.overfull:
            bad.setdefault(place, []).append(("", problem("extra_cells")))
        return bad

    def _leave_out(
        self,
        batch: Batch,
        cells: list[tuple[Any, ...]],
        values: dict[str, list[Any]],
        bad: dict[int, list[tuple[str, Problem]]],
    ) -> set[int]:
        """Rows that are no records: blank ones in disguise, and sums at the end of a section."""
        dropped = set()
        for place in bad:
            words = [key(cell) for cell in cells[place] if isinstance(cell, str)]
            if any(word.rstrip(":") in _TOTALS for word in words):
                dropped.add(place)
                self.skipped["totals"] += 1
            elif len(words) == len(cells[place]) and all(is_blank(word) for word in words):
                dropped.add(place)
                self.skipped["blank"] += 1
        for name in _NAMING:
            column = values.get(name)
            if column is not None and not _CHINESE_TOTALS.isdisjoint(column):
                for place, value in enumerate(column):
                    if value in _CHINESE_TOTALS and place not in dropped:
                        dropped.add(place)
                        self.skipped["totals"] += 1
        return dropped

    def _repeats(self, batch: Batch, cells: list[tuple[Any, ...]], dropped: set[int]) -> list[bool]:
        seen = self._seen
        if len(self._compared) == len(batch.columns):
            hashes = list(map(hash, cells))
        else:
            columns = [batch.columns[index] for index in self._compared]
            hashes = list(map(hash, zip(*columns, strict=True)))
        repeated = [False] * len(hashes)
        fresh = set(hashes)
        if len(fresh) == len(hashes) and fresh.isdisjoint(seen):
            seen |= fresh
            return repeated
        for place, one in enumerate(hashes):
            if place in dropped:
                continue
            if one in seen:
                repeated[place] = True
            else:
                seen.add(one)
        return repeated

    def _superseded(self, batch: Batch) -> list[bool]:
        last = self.survey.last_rows
        if not last:
            return [False] * len(batch)
        named = self.survey.named(batch, self.mapping)
        return [last.get(one, number) != number for one, number in zip(named, batch.numbers, strict=True)]
