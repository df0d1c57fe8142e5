"""A first look at an uploaded file: its columns with examples, and what they are guessed to be. For the mapping page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bihuan.integration.importing.preparation import Preparation, prepare
from bihuan.integration.models import Import
from bihuan.integration.reading.columns import ColumnEvidence
from bihuan.integration.reading.errors import Problem
from bihuan.integration.reading.fields import KINDS
from bihuan.integration.reading.parsers import ColumnParser, Style, to_text
from bihuan.integration.reading.table import Batch
from bihuan.integration.reading.text import is_blank

EXAMPLES = 3
MOST_WORDS = 40


def inspect_import(row: Import) -> dict[str, Any]:
    """Columns, examples, guesses. Raises ``ImportRefused``."""
    hints = {
        name: row.mapping[name]
        for name in ("sheet", "header_row", "encoding", "delimiter")
        if row.mapping.get(name)
    }
    preparation = prepare(Path(row.path), row.kind, hints if hints else None)
    table = preparation.table
    sample = table.sample()
    fields = {index: name for name, index in preparation.mapping.columns.items()}
    return {
        "columns": [
            {
                "index": one.index,
                "text": one.text,
                "examples": _examples(sample, one.index),
                "field": fields.get(one.index, ""),
            }
            for one in table.headers
        ],
        "origin": preparation.mapping.origin,
        "missing": preparation.mapping.missing(),
        "header_row": table.header_rows[1],
        "file": table.source.kind,
        "encoding": table.source.encoding,
        "delimiter": table.source.delimiter,
        "sheet": table.sheet.name if table.sheet else "",
        "sheets": table.sheet_names,
        "values": preparation.mapping.values,
        "unknown_words": _unknown_words(preparation, sample),
        "open_dates": _open_dates(preparation, sample),
    }


def _examples(sample: Batch, index: int) -> list[str]:
    found: dict[str, None] = {}
    for cell in sample.columns[index]:
        text = to_text(cell).strip()
        if not is_blank(text):
            found[text[:60]] = None
        if len(found) == EXAMPLES:
            break
    return list(found)


def _unknown_words(preparation: Preparation, sample: Batch) -> dict[str, dict[str, Any]]:
    """Words in columns of choice that nobody knows, for the person to say what they mean."""
    found = {}
    for one in KINDS[preparation.kind]:
        index = preparation.mapping.columns.get(one.name)
        if one.type != "choice" or index is None:
            continue
        cells = dict.fromkeys(sample.columns[index])
        parsed = ColumnParser(one, Style(), preparation.mapping.values.get(one.name)).parse(list(cells))
        words = [to_text(cell) for cell, value in zip(cells, parsed, strict=True) if type(value) is Problem]
        if words:
            found[one.name] = {"words": words[:MOST_WORDS], "choices": [value for value, _ in one.choices]}
    return found


def _open_dates(preparation: Preparation, sample: Batch) -> bool:
    """Whether some date leaves open which number is the month."""
    for one in KINDS[preparation.kind]:
        index = preparation.mapping.columns.get(one.name)
        if one.type in ("date", "moment") and index is not None:
            evidence = ColumnEvidence(one)
            evidence.add(sample.columns[index])
            if evidence.dates.open_cells:
                return True
    return False
