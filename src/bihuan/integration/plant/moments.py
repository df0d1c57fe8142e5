"""Columns of moments and numbers, whole columns at once: what is not written in the plain way is read cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bihuan.integration.reading.dates import DateStyle, parse_moment
from bihuan.integration.reading.parsers import to_text
from bihuan.integration.reading.text import clean, is_blank

from .rows import measured

if TYPE_CHECKING:
    import numpy as np

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
QUARTER = 900_000_000  # no zone changes its offset within a quarter of an hour
STYLE = DateStyle("ymd")
NOT_A_NUMBER = frozenset({"nan", "-nan", "+nan"})


def moments(cells: Sequence[Any], zone: ZoneInfo) -> tuple[np.ndarray, np.ndarray]:
    """(microseconds since 1970 in UTC, which of them are moments).

    Times without a zone are those of `zone`; an hour that comes twice, when clocks are put back, is taken as the first.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        texts = pc.utf8_trim_whitespace(pa.array(cells, pa.string()))
        local = texts.cast(pa.timestamp("us"))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        found = [_moment(one, zone) for one in cells]
        good = np.array([one is not None for one in found], bool)
        return np.array([one or 0 for one in found], np.int64), good
    good = np.asarray(pc.is_valid(local))
    times = pc.fill_null(local.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    quarters, place = np.unique(times // QUARTER, return_inverse=True)
    return times - np.array([_offset(int(one), zone) for one in quarters], np.int64)[place], good


def _offset(quarter: int, zone: ZoneInfo) -> int:
    """Microseconds that the zone's clocks are ahead of UTC when they show the beginning of that quarter of an hour."""
    try:
        shown = (NAIVE + timedelta(microseconds=quarter * QUARTER)).replace(tzinfo=zone)
    except OverflowError:
        return 0
    return (shown.utcoffset() or timedelta()) // MICROSECOND


def _moment(cell: Any, zone: ZoneInfo) -> int | None:
    text = clean(to_text(cell))
    try:
        found: Any = datetime.fromisoformat(text)
    except ValueError:
        found = parse_moment(text, STYLE)
    if not isinstance(found, datetime):
        return None
    aware = found if found.tzinfo is not None else found.replace(tzinfo=zone)
    try:
        return (aware - EPOCH) // MICROSECOND
    except OverflowError:
        return None


def doubles(cells: Sequence[Any]) -> tuple[np.ndarray, int]:
    """(doubles with NaN where there is none, how many cells are something else than a number or blank)."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        texts = pc.utf8_trim_whitespace(pa.array(cells, pa.string()))
        values = pc.if_else(pc.equal(texts, ""), None, texts).cast(pa.float64())
        found = values.to_numpy(zero_copy_only=False).copy()
        odd = np.isinf(found)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        known: dict[Any, tuple[float, bool]] = {}
        read = [known.get(one) or known.setdefault(one, _double(one)) for one in cells]
        found = np.array([one[0] for one in read], np.float64)
        odd = np.array([one[1] for one in read], bool)
    found[odd] = np.nan
    return found, int(odd.sum())


def _double(cell: Any) -> tuple[float, bool]:
    text = clean(to_text(cell))
    if is_blank(text) or text.casefold() in NOT_A_NUMBER:
        return float("nan"), False
    value, below = measured(text)
    return (float("nan"), True) if value is None or below else (value, False)
