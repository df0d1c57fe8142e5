"""The first reading of a file: how its columns are written, and the last word on each document and record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bihuan.integration.reading.columns import ColumnEvidence, assumed_orders, decide_styles
from bihuan.integration.reading.fields import KINDS, Field
from bihuan.integration.reading.mapping import Mapping as ColumnMapping
from bihuan.integration.reading.parsers import ColumnParser, Style
from bihuan.integration.reading.table import Table

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
    identity = [mapping.columns[name] for name in survey.identity]
    identified = 0
    for batch in table.batches():
        survey.rows += len(batch)
        for name, index in mapping.columns.items():
            evidence[name].add(batch.columns[index])
        if heads:
            survey.heads.update(dict.fromkeys(zip(*(batch.columns[index] for index in heads), strict=True)))
        if identity:
            named = zip(*(batch.columns[index] for index in identity), strict=True)
            survey.last_rows.update(zip(named, batch.numbers, strict=True))
            identified += len(batch)
        progress(survey.rows)
    from_1904 = table.from_1904 if mapping.from_1904 is None else mapping.from_1904
    headers = {name: table.headers[index].text for name, index in mapping.columns.items()}
    survey.styles = decide_styles(
        evidence, headers, from_1904=from_1904, order=mapping.date_order, comma=mapping.comma
    )
    survey.assumed = {} if mapping.date_order else assumed_orders(evidence)
    survey.repeats = identified - len(survey.last_rows)
    if identity and not survey.repeats:
        survey.last_rows.clear()  # nothing is superseded: no need to ask again for each row
    return survey


def make_parsers(mapping: ColumnMapping, styles: Mapping[str, Style]) -> dict[str, ColumnParser]:
    """A parser per mapped field."""
    fields: dict[str, Field] = {one.name: one for one in KINDS[mapping.kind]}
    return {
        name: ColumnParser(fields[name], styles.get(name, Style()), mapping.values.get(name))
        for name in mapping.columns
    }
