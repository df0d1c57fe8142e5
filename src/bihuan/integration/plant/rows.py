"""A plant's tables as rows of cells, and what a cell says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from bihuan.integration.reading.errors import refused
from bihuan.integration.reading.parsers import to_text
from bihuan.integration.reading.table import open_table
from bihuan.integration.reading.text import clean, is_blank
from bihuan.kernel.time import company_zone

from .mapping import Made, PlantFile, unspoken

_MONTH = re.compile(r"([^\W\d_]+)\.?\s*[./ -]?\s*(\d{2}|\d{4})\Z")
_BELOW = re.compile(r"[<＜≤]\s*(.+)\Z")


@dataclass(frozen=True, slots=True)
class PlantRow:
    """`cells`: heading → text without padding; blank ones are empty."""

    number: int
    cells: Mapping[str, str]


def read_plant_file(folder: Path, file: PlantFile, lot: Made) -> Iterator[PlantRow]:
    """The rows of one table. Raises ``ImportRefused`` for a file or a mapping that does not fit it."""
    path = folder / file.name
    table = open_table(
        path, delimiter=file.hints.get("delimiter", ""), encoding=file.hints.get("encoding", ""), sheet=file.hints.get("sheet", "")
    )  # fmt: skip
    headings = [one.text for one in table.headers]
    left, missing = unspoken(file, lot, headings)
    if missing:
        raise refused("mapping_unknown_column", column=f"{file.name}: {missing[0]}")
    if left:
        raise refused("mapping_silent", columns=", ".join(left[:8]), file=file.name)
    for batch in table.batches():
        columns = [[_text(cell) for cell in cells] for cells in batch.columns]
        for place, number in enumerate(batch.numbers):
            yield PlantRow(number, {heading: columns[at][place] for at, heading in enumerate(headings)})


def _text(cell: object) -> str:
    text = clean(to_text(cell))
    return "" if is_blank(text) else text


def measured(text: str) -> tuple[float | None, bool]:
    """The number in a result, and whether it is the limit of detection that the result lies below; None for a text."""
    below = _BELOW.match(text)
    try:
        value = float((below[1] if below else text).replace(",", "."))
    except ValueError:
        return None, below is not None
    return (value if value - value == 0 else None), below is not None


def made_at(text: str, months: Mapping[str, int]) -> datetime | None:
    """A day (ISO), or the first of a month that is written with a name (`okt.19`); None where it is neither."""
    zone = company_zone()
    found = _MONTH.match(text)
    if found and found[1].casefold() in months:
        year = int(found[2])
        return datetime(
            year + 2000 if year < 100 else year, months[found[1].casefold()], 1, tzinfo=zone
        ).astimezone(UTC)
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
