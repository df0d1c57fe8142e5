"""Rows out of separated text, in bounded memory whatever the file does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from bihuan.integration.reading.errors import refused
from bihuan.integration.reading.limits import DEFAULT_LIMITS, Limits
from bihuan.integration.reading.sniff import Source, open_bytes

Row = list[str]


END = "\x1eend of file\x1e"
CHUNK_ROWS = 200


class _Lines:
    """Physical lines for the csv module, counted since the last complete rows.

    The csv module itself would gather a record without end: a quotation mark that is never closed, or ten million
    columns. The counts tell how much it has taken without giving rows back. After the last line comes a line of its
    own: if that does not come back as a row of its own, a quotation mark was open.
    """

    def __init__(self, text: io.TextIOBase, limits: Limits) -> None:
        self.text = text
        self.limits = limits
        self.lines = 0
        self.chars = 0
        self.records = 0

    def __iter__(self) -> Iterator[str]:
        limits = self.limits
        limit = limits.line_chars
        readline = self.text.readline
        while line := readline(limit):
            size = len(line)
            self.lines += 1
            self.chars += size
            if size >= limit or self.chars > limits.chunk_chars:
                raise refused("line_too_long", row=self.records, limit=limit)
            if self.lines > limits.record_lines + CHUNK_ROWS:
                raise refused("open_quote", row=self.records + 1)
            yield line if "\x00" not in line else line.replace("\x00", "")
        yield END

    def took(self, rows: int) -> None:
        self.records += rows
        self.lines = 0
        self.chars = 0


def read_rows(source: Source, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Row]:
    """Each record as a list of strings, blank ones included, so that row numbers agree with the file.

    Raises ``ImportRefused``: field_too_large, line_too_long, open_quote, too_many_columns, too_many_rows,
    decode_error, damaged_gzip.
    """
    csv.field_size_limit(limits.field_chars)
    with open_bytes(source.path, source.gzipped) as binary:
        text = io.TextIOWrapper(binary, encoding=source.encoding, newline="")
        for _ in range(source.skip_lines):
            text.readline(limits.line_chars)
        lines = _Lines(text, limits)
        reader = csv.reader(lines, delimiter=source.delimiter)
        try:
            while rows := list(islice(reader, CHUNK_ROWS)):
                is_last = _take_end(rows, lines)
                lines.took(len(rows))
                if rows and max(map(len, rows)) > limits.columns:
                    raise refused("too_many_columns", limit=limits.columns)
                if lines.records > limits.rows:
                    raise refused("too_many_rows", limit=limits.rows)
                yield from rows
                if is_last:
                    return
        except csv.Error as error:
            if "field limit" in str(error):
                raise refused("field_too_large", row=lines.records + 1, limit=limits.field_chars) from error
            raise refused("open_quote", row=lines.records + 1) from error
        except UnicodeDecodeError as error:
            raise refused("decode_error", row=lines.records + 1, encoding=source.encoding) from error
        finally:
            text.detach()


def _take_end(rows: list[Row], lines: _Lines) -> bool:
    """Remove the line after the last one; refuse if it was swallowed by a cell."""
    last = rows[-1]
    if not last or not last[-1].endswith(END):
        return False
    if last != [END]:
        raise refused("open_quote", row=lines.records + len(rows))
    rows.pop()
    return True
