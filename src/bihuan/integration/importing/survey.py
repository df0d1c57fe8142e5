"""The first reading of a file: how its columns are written, and the last word on each document and record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bihuan.integration.reading.columns import ColumnEvidence, assumed_orders, decide_styles
from bihuan.integration.reading.fields import KINDS, Field
from bihuan.integration.reading.mapping import Mapping as ColumnMapping
from bihuan.integration.reading.parsers import ColumnParser, Memo, Style, plain_cells, to_text
from bihuan.integration.reading.table import Batch, Table
from bihuan.integration.reading.text import is_blank, narrow, unwrap

# Columns that together identify a record, best first; the first that is mapped is used.
IDENTITIES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "orders": (("number", "line_id"),),
    "customers": (("external_id",), ("name",)),
    "contacts": (("external_id",),),
    "products": (("code",),),
    "payments": (("external_id",),),
    "receivables": (("external_id",),),
}
HEAD = ("number", "ordered_at", "customer_id", "customer_name", "country")


@dataclass(slots=True)
class Survey:
    """What one reading told. `heads` are the distinct document headings of an order file, as written, in order."""

    rows: int = 0
    styles: dict[str, Style] = field(default_factory=dict)
    assumed: dict[str, str] = field(default_factory=dict)
    heads: dict[tuple[Any, ...], None] = field(default_factory=dict)
    last_rows: dict[tuple[Any, ...], int] = field(default_factory=dict)
    repeats: int = 0
    identity: tuple[str, ...] = ()
    words: Memo = field(default_factory=lambda: Memo(code_word))

    def named(self, batch: Batch, mapping: ColumnMapping) -> Iterator[tuple[Any, ...]]:
        """What identifies each row, in the form in which codes are compared."""
        columns = (batch.columns[mapping.columns[name]] for name in self.identity)
        return zip(*(map(self.words.__getitem__, plain_cells(cells)) for cells in columns), strict=True)


def code_word(raw: Any) -> str:
    """A code as it is compared within a file, however it was typed; nothing for a blank."""
    text = narrow(unwrap(narrow(to_text(raw))))
    return "" if is_blank(text) else text


def survey_table(
    table: Table, mapping: ColumnMapping, progress: Callable[[int], None] = lambda rows: None
) -> Survey:
    """Read every row once. Raises ``ImportRefused`` where the file turns out to be unreadable further down."""
    fields = {one.name: one for one in KINDS[mapping.kind]}
    evidence = {name: ColumnEvidence(fields[name]) for name in mapping.columns}
    survey = Survey()
    survey.identity = next(
        (one for one in IDENTITIES[mapping.kind] if all(name in mapping.columns for name in one)), ()
    )
    heads = (
        [mapping.columns[name] for name in HEAD if name in mapping.columns]
        if mapping.kind == "orders"
        else []
    )
    identified = 0
    for batch in table.batches():
        survey.rows += len(batch)
        for name, index in mapping.columns.items():
            evidence[name].add(batch.columns[index])
        if heads:
            survey.heads.update(dict.fromkeys(zip(*(batch.columns[index] for index in heads), strict=True)))
        if survey.identity:
            named = zip(survey.named(batch, mapping), batch.numbers, strict=True)
            told = [one for one in named if one[0][-1]]
            survey.last_rows.update(told)
            identified += len(told)
        progress(survey.rows)
    from_1904 = table.from_1904 if mapping.from_1904 is None else mapping.from_1904
    headers = {name: table.headers[index].text for name, index in mapping.columns.items()}
    survey.styles = decide_styles(
        evidence, headers, from_1904=from_1904, order=mapping.date_order, comma=mapping.comma
    )
    survey.assumed = {} if mapping.date_order else assumed_orders(evidence)
    survey.repeats = identified - len(survey.last_rows)
    if survey.identity and not survey.repeats:
        survey.last_rows.clear()  # nothing is superseded: no need to ask again for each row
    return survey


def make_parsers(mapping: ColumnMapping, styles: Mapping[str, Style]) -> dict[str, ColumnParser]:
    """A parser per mapped field."""
    fields: dict[str, Field] = {one.name: one for one in KINDS[mapping.kind]}
    return {
        name: ColumnParser(fields[name], styles.get(name, Style()), mapping.values.get(name))
        for name in mapping.columns
    }
