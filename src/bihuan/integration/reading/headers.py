"""Where the header is: below titles, above data, perhaps in two rows of which the upper is merged."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bihuan.integration.reading.fields import KINDS, header_key, without_unit
from bihuan.integration.reading.text import clean, is_blank

Row = Sequence[object]
Merged = list[tuple[tuple[int, int], tuple[int, int]]]
_LIKE_VALUE = re.compile(r"[-+(]?[¥$€£]?\d[\d,.:/\s-]*[%)]?\Z|\d{4}年.*\Z")


@dataclass(frozen=True, slots=True)
class Header:
    """One column's heading. `text` is unique in the file; `parent` is the merged cell above it."""

    index: int
    text: str
    parent: str = ""
    repeated: bool = False


def all_words() -> frozenset[str]:
    """Every word that any kind calls a field by, as compared."""
    return frozenset(word for fields in KINDS.values() for one in fields for word in one.keys)


_WORDS = all_words()


def is_heading(text: str) -> bool:
    """Whether a cell is a word by which people call a column."""
    return header_key(text) in _WORDS or header_key(without_unit(text)[0]) in _WORDS


def find_header(
    rows: Sequence[Row], merged: Merged, is_known: Callable[[str], bool] = is_heading
) -> tuple[int, int] | None:
    """First and last row (counted in `rows`) of the header, or None where nothing looks like one.

    The row with most known words wins; without any, the first row of plain words that is followed by something.
    """
    texts = [[_text(cell) for cell in row] for row in rows]
    known = [sum(1 for text in row if text and is_known(text)) for row in texts]
    best = max(range(len(rows)), key=lambda index: (known[index], -index), default=None)
    if best is None:
        return None
    if not known[best]:
        best = _first_words(texts)
        if best is None:
            return None
    last = best
    if best + 1 < len(rows) and _continues(texts[best], texts[best + 1], best, merged):
        last = best + 1
    first = best
    if last == best and best > 0 and _stands_above(texts[best - 1], texts[best], best - 1, merged):
        first = best - 1
    return first, last


def _first_words(texts: list[list[str]]) -> int | None:
    width = max((sum(1 for text in row if text) for row in texts), default=0)
    for index, row in enumerate(texts):
        filled = [text for text in row if text]
        if (
            filled
            and len(filled) >= max(1, width * 0.6)
            and not any(_LIKE_VALUE.match(text) for text in filled)
        ):
            return index
    return None


def _continues(upper: list[str], lower: list[str], at: int, merged: Merged) -> bool:
    """Whether the row below still belongs to the header: it fills what a merged cell left open, with words."""
    words = [text for text in lower if text]
    if not words or any(_LIKE_VALUE.match(text) for text in words):
        return False
    spans = [(a, b, c, d) for (a, b), (c, d) in merged if a <= at <= c]
    wide = [(b, d) for a, b, c, d in spans if d > b and a == c == at]
    tall = any(c == at + 1 for _, _, c, _ in spans)
    if wide or tall:
        under = [col for b, d in wide for col in range(b, d + 1) if col < len(lower) and lower[col]]
        return len(under) >= 2 or (tall and bool(under))
    # Separated text does not know of merged cells: they show as a name followed by blanks.
    fills = [i for i, text in enumerate(lower) if text and (i >= len(upper) or not upper[i])]
    leaves = [i for i, text in enumerate(upper) if text and (i >= len(lower) or not lower[i])]
    return (
        bool(fills) and bool(leaves) and all(i == 0 or (i - 1 < len(lower) and lower[i - 1]) for i in fills)
    )


def _stands_above(upper: list[str], lower: list[str], at: int, merged: Merged) -> bool:
    """Whether the row above names groups of columns, and is not a title."""
    words = [text for text in upper if text]
    if any(_LIKE_VALUE.match(text) for text in words) or not words:
        return False
    wide = [1 for (a, b), (c, d) in merged if a <= at <= c and 0 < d - b + 1 < len(lower)]
    tall = [1 for (a, _), (c, _) in merged if a <= at and c > at]
    if tall or len(wide) >= 2:
        return True
    if merged and not wide:
        return False
    fills = any(text and i < len(upper) and upper[i] for i, text in enumerate(lower))
    gaps = any(not text and i < len(upper) and upper[i] for i, text in enumerate(lower))
    return len(words) >= 2 and (gaps or (fills and len(words) <= len([t for t in lower if t]) * 0.6))


def build_headers(rows: Sequence[Row], first: int, last: int, merged: Merged, width: int) -> list[Header]:
    """The headings of columns; unnamed columns are called by their letter, repeated ones are numbered."""
    lower = _padded(rows[last], width)
    upper = _padded(rows[first], width) if last > first else [""] * width
    if last > first:
        upper = _spread(upper, lower, first, merged)
    seen: dict[str, int] = {}
    base = [low or high for low, high in zip(lower, upper, strict=True)]
    counts = {text: base.count(text) for text in set(base)}
    headers = []
    for index, (low, high) in enumerate(zip(lower, upper, strict=True)):
        text = low or high
        parent = high if low and high != low else ""
        if not text:
            headers.append(Header(index, f"[{column_letter(index)}]"))
            continue
        repeated = counts[text] > 1
        shown = f"{parent} {text}" if repeated and parent else text
        seen[shown] = seen.get(shown, 0) + 1
        if seen[shown] > 1:
            shown = f"{shown} ({seen[shown]})"
        headers.append(Header(index, shown, parent, repeated))
    return headers


def _spread(upper: list[str], lower: list[str], at: int, merged: Merged) -> list[str]:
    """A merged heading holds for every column below it."""
    spread = list(upper)
    wide = [(b, d) for (a, b), (c, d) in merged if a <= at <= c and d > b]
    if wide:
        for left, right in wide:
            for column in range(max(0, left), min(right, len(spread) - 1) + 1):
                spread[column] = upper[left]
        return spread
    for column in range(1, len(spread)):
        if not spread[column] and lower[column]:
            spread[column] = spread[column - 1]
    return spread


def _padded(row: Row, width: int) -> list[str]:
    texts = [_text(cell) for cell in row][:width]
    return texts + [""] * (width - len(texts))


def _text(cell: object) -> str:
    if isinstance(cell, str):
        text = clean(cell)
        return "" if is_blank(text) and text not in ("空", "无") else text
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return "" if cell is None else str(cell)


def column_letter(index: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
