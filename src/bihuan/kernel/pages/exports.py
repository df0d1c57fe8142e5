"""Lists as files. Cells that a spreadsheet would run as a formula are made text; each export is journalled."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils.http import content_disposition_header

from bihuan.kernel.fields import plain
from bihuan.kernel.time import local_date, now

from . import journal
from .lists import Column, ListPage, ListState, file_value

LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
XLSX_ROWS = 1_048_575
NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?%?")


def tame(text: str) -> str:
    """The text so that no spreadsheet runs it: an apostrophe before what would begin a formula."""
    return "'" + text if text.startswith(LIVE) and not NUMBER.fullmatch(text) else text


def csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    return tame(value) if isinstance(value, str) else str(value)


class Echo:
    """A file whose write returns what was written, so that rows can be streamed."""

    def write(self, text: str) -> str:
        return text


def file_rows(state: ListState) -> Iterator[list[Any]]:
    """Rows of the whole filter in the list's order, values as they are."""
    order = state.order
    by, key = F(order.path), "-pk" if order.descending else "pk"
    rows = state.rows.order_by(by.desc(nulls_last=True) if order.descending else by.asc(nulls_last=True), key)
    at = {path: number for number, path in enumerate(state.paths)}
    plan: list[tuple[Column, list[int]]] = [
        (one, [at[one.source], *(at[path] for path in one.also)]) for one in state.columns
    ]
    for row in rows.values_list(*state.paths).iterator(chunk_size=2000):
        yield [file_value(column, [row[place] for place in places]) for column, places in plan]


def export_file(request: HttpRequest, declared: ListPage, query: QueryDict) -> HttpResponseBase:
    """`format` csv (UTF-8 with a mark, as Excel wants it) or xlsx."""
    kind = query.get("format", "xlsx")
    if kind not in ("csv", "xlsx"):
        raise Http404(kind)
    moment = now()
    state = ListState(declared, request.actor, query, "export")  # type: ignore[attr-defined]
    heads = [str(one.label) for one in state.columns]
    rows = state.rows.count()
    journal.tell_export(
        request.actor,  # type: ignore[attr-defined]
        moment,
        page=declared.name,
        format=kind,
        columns=[one.name for one in state.columns],
        rows=rows,
        query=state.kept_query,
    )
    name = f"{declared.title}-{local_date(moment).isoformat()}.{kind}"
    if kind == "csv" or rows > XLSX_ROWS:
        writer = csv.writer(Echo())
        lines = (writer.writerow([csv_cell(value) for value in row]) for row in file_rows(state))
        answer = StreamingHttpResponse(_begun(writer, heads, lines), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = content_disposition_header(True, name.replace(".xlsx", ".csv")) or ""
        return answer
    return FileResponse(write_workbook(heads, state), as_attachment=True, filename=name)


def _begun(writer: Any, heads: list[str], lines: Iterator[str]) -> Iterator[str]:
    yield "\ufeff"
    yield writer.writerow([tame(one) for one in heads])
    yield from lines


def write_workbook(heads: list[str], state: ListState) -> Any:
    """A workbook in a temporary file; text is stored as text, so that nothing in it is run."""
    from rustpy_xlsxwriter import write_worksheet

    unique = [f"{head} ({number})" if head in heads[:number] else head for number, head in enumerate(heads)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        records: Iterator[dict[str, Any]] = (
            {head: _sheet(value) for head, value in zip(unique, row, strict=True)} for row in file_rows(state)
        )
        # An empty list still has its heads.
        first = next(records, dict.fromkeys(unique))
        write_worksheet(chain([first], records), str(path), bold_headers=True, freeze_row=1)
        return path.open("rb")


def _sheet(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return value if value is None or isinstance(value, int | float | str | bool) else str(value)
