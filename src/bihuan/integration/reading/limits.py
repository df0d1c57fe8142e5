"""How much of a file is believed. Each limit is far above honest tables and far below what hurts the machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in characters, bytes, rows and cells."""

    field_chars: int = 131_072  # Excel's own limit is 32,767
    line_chars: int = 1_000_000
    chunk_chars: int = 16_000_000  # of 200 rows together
    record_lines: int = 2_000  # line breaks within one quoted record
    columns: int = 16_384  # Excel's own limit
    rows: int = 20_000_000
    text_bytes: int = 8_000_000_000  # after gunzip
    workbook_bytes: int = 2_000_000_000  # all members of the archive, unpacked
    strings_bytes: int = 300_000_000  # shared strings are held in memory at once
    pack_ratio: int = 300  # sheets of numbers pack about 10 to 60 times
    cells: int = 25_000_000  # a sheet is held as a dense rectangle while it is read
    header_rows: int = 30  # how far down a header is looked for


DEFAULT_LIMITS = Limits()
