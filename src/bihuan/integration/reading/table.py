"""A table: headings and batches of columns, wherever it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from bihuan.integration.reading.delimited import read_rows
from bihuan.integration.reading.errors import refused
from bihuan.integration.reading.headers import Header, build_headers, find_header, is_heading
from bihuan.integration.reading.limits import DEFAULT_LIMITS, Limits
from bihuan.integration.reading.sniff import Source, sniff
from bihuan.integration.reading.text import is_blank
from bihuan.integration.reading.workbook import Sheet, Workbook

BATCH_ROWS = 20_000


@dataclass(slots=True)
class Batch:
    """Some rows, as columns. `numbers` are the row numbers that a person sees in the file, from 1."""

    numbers: Sequence[int]
    columns: list[Sequence[Any]]
    overfull: set[int] = field(
        default_factory=set
    )  # places in the batch whose rows had more cells than the header

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(slots=True)
class Table:
    """An opened table. May be read several times; each reading starts over."""

    source: Source
    headers: list[Header]
    header_rows: tuple[int, int]  # first and last, from 1, in the file
    limits: Limits
    sheet: Sheet | None = None
    sheet_names: list[str] = field(default_factory=list)
    from_1904: bool = False

    @property
    def width(self) -> int:
        return len(self.headers)

    def batches(self, size: int = BATCH_ROWS) -> Iterator[Batch]:
        """Column batches of at most `size` rows; rows without any content are left out."""
        rows, number = self._body()
        while chunk := list(islice(rows, size)):
            start = number
            number += len(chunk)
            batch = _to_batch(chunk, start, self.width)
            if len(batch):
                yield batch

    def _body(self) -> tuple[Iterator[Any], int]:
        last = self.header_rows[1]
        if self.sheet is None:
            rows: Iterator[Any] = read_rows(self.source, limits=self.limits)
            return islice(rows, last, None), last + 1
        skip = last - self.sheet.first_row + 1
        rows = islice(self.sheet.rows(), skip, None)
        fills = _tall_merges(self.sheet, skip)
        return (_filled(rows, skip, fills) if fills else rows), last + 1

    def sample(self, rows: int = 300) -> Batch:
        """The first rows, for guesses and previews."""
        for batch in self.batches(rows):
            return batch
        return Batch([], [[] for _ in self.headers])


def open_table(
    path: Path,
    *,
    sheet: str = "",
    header_row: int = 0,
    encoding: str = "",
    delimiter: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Recognise, open, find the header. `header_row` (from 1) overrides the search.

    Raises ``ImportRefused`` for whatever is wrong with the file.
    """
    source = sniff(path, limits=limits, encoding=encoding, delimiter=delimiter)
    if source.kind == "csv":
        rows = read_rows(source, limits=limits)
        head = list(islice(rows, max(limits.header_rows, header_row + 1)))
        rows.close()  # type: ignore[attr-defined]
        table = _with_header(source, head, 1, [], header_row, limits)
    else:
        book = Workbook(path, source.kind, limits=limits)
        table = _best_sheet(source, book, sheet, header_row, limits)
    if not len(table.sample(1)):
        raise refused("no_rows")
    return table


def _best_sheet(source: Source, book: Workbook, wanted: str, header_row: int, limits: Limits) -> Table:
    """The named sheet, or the one whose heading says most; instructions and covers come first in many workbooks."""
    best: Table | None = None
    best_score = -1.0
    for name in [wanted] if wanted else book.sheet_names[:20]:
        sheet = book.sheet(name)
        if not sheet.height:
            continue
        head = list(islice(sheet.rows(), max(limits.header_rows, header_row + 1)))
        try:
            table = _with_header(source, head, sheet.first_row, sheet.merged, header_row, limits)
        except Exception:
            if wanted:
                raise
            continue
        table.sheet = sheet
        table.from_1904 = book.from_1904
        known = sum(1 for one in table.headers if is_heading(one.text))
        score = known + (0.5 if sheet.height > 1 else 0)
        if score > best_score:
            best, best_score = table, score
    if best is None:
        raise refused("empty_file")
    best.sheet_names = book.sheet_names
    return best


def _with_header(
    source: Source, head: list[Any], first_row: int, merged: list[Any], header_row: int, limits: Limits
) -> Table:
    if not any(any(not is_blank(str(cell)) for cell in row) for row in head):
        raise refused("empty_file")
    if header_row:
        found: tuple[int, int] | None = (header_row - first_row, header_row - first_row)
        if not 0 <= header_row - first_row < len(head):
            raise refused("no_header")
    else:
        found = find_header(head, merged)
    if found is None:
        raise refused("no_header")
    first, last = found
    width = max(len(head[index]) for index in range(first, last + 1))
    headers = build_headers(head, first, last, merged, width)
    while (
        len(headers) > 1 and headers[-1].text.startswith("[") and _column_empty(head, last, len(headers) - 1)
    ):
        headers.pop()  # separators at the end of each line
    return Table(source, headers, (first_row + first, first_row + last), limits)


def _column_empty(head: list[Any], last: int, column: int) -> bool:
    return all(column >= len(row) or is_blank(str(row[column])) for row in head[last + 1 :])


def _to_batch(rows: list[Any], start: int, width: int) -> Batch:
    numbers: Sequence[int] = range(start, start + len(rows))
    kept = [any(row) for row in rows]
    if not all(kept):
        # A zero is content; an empty text is not.
        kept = [
            has or any(cell != "" and cell is not None for cell in row)
            for has, row in zip(kept, rows, strict=True)
        ]
    if not all(kept):
        numbers = [number for number, keep in zip(numbers, kept, strict=True) if keep]
        rows = [row for row, keep in zip(rows, kept, strict=True) if keep]
    overfull: set[int] = set()
    if set(map(len, rows)) - {width}:
        fitted = []
        for place, row in enumerate(rows):
            size = len(row)
            if size > width and any(not is_blank(str(cell)) for cell in row[width:]):
                overfull.add(place)
            fitted.append(
                row if size == width else row[:width] if size > width else [*row, *[""] * (width - size)]
            )
        rows = fitted
    return Batch(numbers, list(zip(*rows, strict=True)) if rows else [], overfull)


def _tall_merges(sheet: Sheet, skip: int) -> dict[int, list[tuple[int, int]]]:
    """Cells merged over several data rows: (first row → (column, last row)). The value stands in the first only."""
    fills: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged:
        if bottom > top and top >= skip:
            for column in range(left, right + 1):
                fills.setdefault(top, []).append((column, bottom))
    return fills


def _filled(rows: Iterator[Any], number: int, fills: dict[int, list[tuple[int, int]]]) -> Iterator[Any]:
    held: dict[int, tuple[Any, int]] = {}
    for row in rows:
        for column, bottom in fills.get(number, ()):
            if column < len(row):
                held[column] = (row[column], bottom)
        for column, (value, bottom) in list(held.items()):
            if number > bottom:
                del held[column]
            elif row[column] == "" or row[column] is None:
                row[column] = value
        yield row
        number += 1
