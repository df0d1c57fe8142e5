"""Whether the series in the lake are those that were sealed: what `evidence verify` finds beside the log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from django.db import DatabaseError

from ..evidence import Finding
from ..evidence.checking import MOST_TOLD
from ..models import ReadingSeries
from .content import Parameter, digest_of, shape_of, summary_of
from .files import place_of, read_points


def series_findings() -> list[Finding]:
    """What is missing or altered, by lot, step and parameter; nothing where there is no database. Reads every file once."""
    try:
        found = list(_findings())
    except DatabaseError:
        return []
    told = found[:MOST_TOLD]
    if len(found) > MOST_TOLD:
        told.append(Finding("series", "more", {"count": len(found) - MOST_TOLD}))
    return told


def _findings() -> Iterator[Finding]:
    rows = ReadingSeries.objects.select_related("lot__product").order_by("file", "id").iterator(500)
    for file, several in groupby(rows, key=lambda one: one.file):
        path = place_of(file)
        there = path is not None and path.is_file()
        digest = _sha256(path) if there and path is not None else ""
        for one in several:
            if path is None or not there:
                yield Finding(_name(one), "series_missing", {"file": file})
            elif digest != one.sha256 or not _is_sealed(path, one):
                yield Finding(_name(one), "series_altered", {"file": file})


def _name(one: ReadingSeries) -> str:
    said = "/".join(part for part in (one.step, one.parameter) if part)
    return f"series {one.lot.product.code}/{one.lot.number} {said}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_sealed(path: Path, one: ReadingSeries) -> bool:
    """The points lead to the digest that was logged, and to the figures in the row."""
    import numpy as np
    import pyarrow as pa

    about = Parameter(one.step, one.parameter, one.unit, one.set_point, one.lower, one.upper)
    try:
        times, values = read_points(path, one.parameter)
    except (OSError, KeyError, pa.ArrowException):
        return False
    return (
        digest_of(about, times, values) == one.digest
        and summary_of(about, values)
        == {
            key: value if key == "outside" or value is None else float(value)
            for key, value in one.summary.items()
        }
        # PostgreSQL gives large doubles back as whole numbers.
        and shape_of(times, values) == [[at, float(value)] for at, value in one.shape]
        and int(np.isnan(values).sum()) == one.blank
    )
