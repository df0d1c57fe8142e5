"""Rows out of XLSX and XLS. The archive is inspected before the reader is allowed to unpack it."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from bihuan.integration.reading.errors import refused
from bihuan.integration.reading.limits import DEFAULT_LIMITS, Limits

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
_FAR_PLACE = re.compile(rb'r="(?:([A-Z]{2,4})\d|[A-Z]{1,4}(\d{7,9})")')
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row [^>]{0,200}?\br="(\d{1,9})"')

_ROW_STARTS, _CELL_STARTS = (b"<row ", b"<row>", b"<row/"), (b"<c ", b"<c>", b"<c/")
_ROW, _CELL = re.compile(rb"<(?:\w{1,40}:)?row[ >/]"), re.compile(rb"<(?:\w{1,40}:)?c[ >/]")


@dataclass(slots=True)
class Sheet:
    """A sheet as a rectangle starting at its first used cell; `first_row` counts from 1 as the spreadsheet does."""

    name: str
    first_row: int
    width: int
    height: int
    merged: list[tuple[tuple[int, int], tuple[int, int]]]  # relative to the rectangle, inclusive
    source: CalamineSheet = field(repr=False)

    def rows(self) -> Iterator[list[Cell]]:
        return iter(self.source.iter_rows()) if self.height else iter(())


class Workbook:
    """An opened workbook: its sheets by name, and whether it counts days from 1904."""

    def __init__(self, path: Path, kind: str, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.from_1904 = False
        if kind == "xlsx":
            self.from_1904 = inspect_archive(path, limits=limits)
        try:
            # By its path the reader would believe the name's ending; a workbook is often named wrongly.
            if path.suffix.lower() == f".{kind}":
                self._book = CalamineWorkbook.from_path(str(path))
            else:
                self._file = path.open("rb")
                self._book = CalamineWorkbook.from_filelike(self._file)
            metadata = self._book.sheets_metadata
        except PasswordError as error:
            raise refused("password") from error
        except (CalamineError, OSError, ValueError) as error:
            raise refused("damaged_workbook") from error
        except BaseException as error:  # a panic inside the reader is not an Exception
            if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
                raise
            raise refused("damaged_workbook") from error
        tables = [one for one in metadata if one.typ == SheetTypeEnum.WorkSheet]
        shown = [one.name for one in tables if one.visible == SheetVisibleEnum.Visible]
        self.sheet_names = shown or [one.name for one in tables]

    def sheet(self, name: str) -> Sheet:
        """Raises ``ImportRefused``: no_sheet, damaged_workbook, too_many_cells."""
        if name not in self._book.sheet_names:
            raise refused("no_sheet", sheet=name, sheets=", ".join(self.sheet_names))
        try:
            sheet = self._book.get_sheet_by_name(name)
            merged = sheet.merged_cell_ranges or []
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
                raise
            raise refused("damaged_workbook") from error
        top, left = sheet.start or (0, 0)
        if sheet.width > self.limits.columns:
            raise refused("too_many_columns", limit=self.limits.columns)
        shifted = [((a - top, b - left), (c - top, d - left)) for (a, b), (c, d) in merged]
        return Sheet(name, top + 1, sheet.width, sheet.height, shifted, sheet)

    def close(self) -> None:
        self._book.close()


def inspect_archive(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Unpack every part once, keeping nothing, and refuse what the reader could choke on.

    The sizes that the archive declares are not believed. A sheet with two far-apart cells is refused too, because
    the reader holds it as a dense rectangle. Returns whether the workbook counts days from 1904.
    """
    from_1904 = False
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = member.filename.lower()
                if member.flag_bits & 0x1:
                    raise refused("password")
                member.file_size = limits.workbook_bytes  # read to the real end, not to the declared one
                unpacked = 0
                watch = _CellWatch(limits) if name.startswith("xl/worksheets/") else None
                start = b""
                with archive.open(member) as stream:
                    while chunk := stream.read(1 << 20):
                        unpacked += len(chunk)
                        total += len(chunk)
                        _check_growth(name, unpacked, total, member.compress_size, limits)
                        if watch:
                            watch.feed(chunk)
                        elif name == "xl/workbook.xml" and len(start) < 1 << 20:
                            start += chunk
                if watch:
                    watch.finish()
                if start:
                    from_1904 = bool(re.search(rb'date1904="(1|true)"', start))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise refused("damaged_workbook") from error
    return from_1904


def _check_growth(name: str, unpacked: int, total: int, packed: int, limits: Limits) -> None:
    if unpacked > 20_000_000 and unpacked > packed * limits.pack_ratio:
        raise refused("zip_bomb")
    if name.endswith("sharedstrings.xml") and unpacked > limits.strings_bytes:
        raise refused("too_big", limit=limits.strings_bytes // 1_000_000)
    if total > limits.workbook_bytes:
        raise refused("too_big", limit=limits.workbook_bytes // 1_000_000)


class _CellWatch:
    """Follows the furthest row and column of a sheet while its text goes by."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.tail = b""
        self.row = 0
        self.column = 26
        self.rows = 0
        self.cells = 0
        self.in_row = 0

    def feed(self, chunk: bytes) -> None:
        text = self.tail + chunk
        cut = text.rfind(b"<")
        text, self.tail = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
        if len(self.tail) > 1 << 20:
            self.tail = b""
        self._count_unplaced(text)
        for letters, number in set(_FAR_PLACE.findall(text)):
            self.column = max(self.column, _column_number(letters))
            self.row = max(self.row, int(number or 0))
        # Rows come in order, so the last of a chunk is the furthest.
        place = text.rfind(b"<row ")
        last = _ROW_NUMBER.match(text, place) if place >= 0 else None
        if last:
            self.row = max(self.row, int(last[1]))
        self.check()

    def _count_unplaced(self, text: bytes) -> None:
        """Rows and cells need not say where they are: then only their number tells how far the sheet reaches."""
        prefixed = b":c" in text
        cells = len(_CELL.findall(text)) if prefixed else sum(map(text.count, _CELL_STARTS))
        self.cells += cells
        self.rows += len(_ROW.findall(text)) if prefixed else sum(map(text.count, _ROW_STARTS))
        self.row = max(self.row, self.rows)
        if cells <= text.count(b'<c r="'):
            return
        first, *others = [len(_CELL.findall(part)) for part in _ROW.split(text)]
        ended = self.in_row + first
        self.in_row = others[-1] if others else ended
        self.column = max(self.column, ended, *others)

    def check(self) -> None:
        if self.column > self.limits.columns:
            raise refused("too_many_columns", limit=self.limits.columns)
        if self.row * self.column > self.limits.cells:
            raise refused("too_many_cells", cells=self.row * self.column, limit=self.limits.cells)
        if self.cells > self.limits.cells:
            raise refused("too_many_cells", cells=self.cells, limit=self.limits.cells)

    def finish(self) -> None:
        tail, self.tail = self.tail, b""
        if tail:
            self.feed(tail + b"<")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
