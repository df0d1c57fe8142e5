"""Refused rows as a workbook: the rows as they came, and a second sheet with the reason for each cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from rustpy_xlsxwriter import write_worksheets

from bihuan.integration.importing.rows import Refusal, RowReader
from bihuan.integration.models import ImportChange
from bihuan.integration.reading.errors import Problem, refused
from bihuan.integration.reading.headers import Header, column_letter
from bihuan.integration.reading.numbers import parse_number
from bihuan.integration.reading.parsers import to_text

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST = 32_000  # a spreadsheet's cell holds 32,767 characters


def neutral(text: str) -> str:
    """A text that no spreadsheet will run, now or after the next export: what could start a formula is quoted."""
    text = text[:LONGEST]
    if text.startswith(DANGEROUS) and not isinstance(parse_number(text), int):
        return "'" + text
    return text


def write_refused(path: Path, headers: Sequence[Header], refusals: Sequence[Refusal]) -> None:
    """Write the workbook, whole or not at all. The first sheet can be corrected and imported again as it is.

    Raises ``ImportRefused`` disk_full.
    """
    names = _unique([neutral(one.text) for one in headers])
    row_label, why_label = _("Row in the file"), _("Why it was refused")
    place_label = _("Place in the document")
    rows = []
    reasons = []
    for one in refusals:
        row: dict[str, Any] = {
            name: neutral(to_text(cell)) for name, cell in zip(names, one.cells, strict=False)
        }
        told = []
        for column, field, problem in one.reasons:
            heading = headers[column].text if 0 <= column < len(headers) else field
            told.append(f"{heading}: {problem.message()}" if heading else problem.message())
            value = to_text(one.cells[column]) if 0 <= column < len(one.cells) else ""
            reasons.append(
                {
                    row_label: one.number,
                    _("Cell"): f"{column_letter(column)}{one.number}" if column >= 0 else "",
                    _("Column"): neutral(heading),
                    _("Value"): neutral(value),
                    _("Reason"): neutral(problem.message()),
                }
            )
        row[row_label] = one.number
        row[why_label] = neutral("; ".join(told))
        if one.place:
            row[place_label] = neutral(one.place)
        rows.append(row)
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_worksheets(
            [(_("Refused rows"), rows), (_("Reasons"), reasons)],
            str(part),
            bold_headers=True,
            freeze_panes={"general": {"row": 1, "col": 0}},
        )
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise refused("disk_full") from error


# --- across interruptions ----------------------------------------------------------------------------------------------------

_LATE = "refused rows"  # in the place of a table's name: version 0 restores nothing


def keep_late_refusals(import_id: int, at: int, reader: RowReader) -> None:
    """Note, in the batch's transaction, which rows were refused only when they were planned.

    After an interruption that cannot be found out again: the batches since have changed whom a name means.
    """
    late, reader.late = reader.late, []
    if late:
        told = [
            [number, [[name, one.code, list(one.params)] for name, one in reasons]]
            for number, reasons in late
        ]
        ImportChange.objects.create(
            source_id=import_id, table=_LATE, object_id=at, before={"rows": told}, version=0
        )


def late_refusals(import_id: int) -> dict[int, list[tuple[str, Problem]]]:
    """What the committed batches noted, by row number."""
    noted = ImportChange.objects.filter(source_id=import_id, table=_LATE).values_list("before", flat=True)
    return {
        number: [
            (name, Problem(code, tuple((left, right) for left, right in params)))
            for name, code, params in reasons
        ]
        for one in noted
        for number, reasons in one["rows"]
    }


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique
