"""What only a whole column can tell: the order of day and month, the decimal sign, codes that became floats."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Any

from bihuan.integration.reading.dates import ORDERS, DateStyle, parse_moment, possible_orders, separator
from bihuan.integration.reading.errors import Problem
from bihuan.integration.reading.fields import Field, without_unit
from bihuan.integration.reading.numbers import comma_evidence
from bihuan.integration.reading.parsers import Style, plain_cells
from bihuan.integration.reading.text import is_blank

UNIT_FACTORS = {
    "万元": 10_000,
    "万": 10_000,
    "千元": 1_000,
    "百万元": 1_000_000,
    "百万": 1_000_000,
    "亿元": 100_000_000,
    "亿": 100_000_000,
}
REMEMBERED = 200_000


@dataclass(slots=True)
class DateEvidence:
    """Which orders the open dates of a column allow."""

    votes: dict[str, int] = with_default(default_factory=lambda: dict.fromkeys(ORDERS, 0))
    open_cells: int = 0
    signs: set[str] = with_default(default_factory=set)
    examples: list[str] = with_default(default_factory=list)

    def add(self, cells: Iterable[Any]) -> None:
        for cell in cells:
            orders = possible_orders(cell)
            if orders:
                self.open_cells += 1
                for order in orders:
                    self.votes[order] += 1
                if len(self.signs) < 3:
                    self.signs.add(separator(cell))
                if len(self.examples) < 400:
                    self.examples.append(cell)

    def decide(self) -> tuple[str, bool]:
        """The order, and whether it is only assumed.

        Most cells win. Where all orders fit equally, that in which the column runs most evenly (exports are sorted,
        and their dates lie close together), then what the sign suggests: 1/2/2010 American, 1.2.2010 European.
        """
        best = max(self.votes.values())
        left = [order for order in ORDERS if self.votes[order] == best]
        if not self.open_cells:
            return "mdy", False
        if len(left) == 1:
            return left[0], False
        smooth = [(self._unevenness(order), order) for order in left]
        smooth.sort()
        if smooth[0][0] < smooth[1][0] * 0.5:
            return smooth[0][1], True
        preferred = "mdy" if self.signs == {"/"} else "dmy"
        return preferred if preferred in left else left[0], True

    def _unevenness(self, order: str) -> float:
        moments = [parse_moment(cell, DateStyle(order)) for cell in self.examples]
        days = [
            moment.toordinal() for moment in moments if moment is not None and not isinstance(moment, Problem)
        ]
        return sum(abs(after - before) for before, after in itertools.pairwise(days)) + 1.0


@dataclass(slots=True)
class ColumnEvidence:
    """Gathers over all batches; ``style`` decides at the end."""

    field: Field
    dates: DateEvidence = with_default(default_factory=DateEvidence)
    commas: int = 0
    points: int = 0
    point_zeros: int = 0
    others: int = 0
    seen: set[Any] = with_default(default_factory=set)

    def add(self, cells: Sequence[Any]) -> None:
        if self.field.type not in ("date", "moment", "number", "code"):
            return
        fresh = dict.fromkeys(plain_cells(cells))
        if self.seen:
            for cell in self.seen & fresh.keys():
                del fresh[cell]
        if self.field.type in ("date", "moment"):
            self.dates.add(fresh)
        elif self.field.type == "number":
            for cell in fresh:
                if self.points and isinstance(cell, str) and "," not in cell and "，" not in cell:
                    continue  # once a point was sure, only a comma can tell something new
                sign = comma_evidence(cell)
                if sign > 0:
                    self.commas += 1
                elif sign < 0:
                    self.points += 1
        elif self.field.type == "code":
            for cell in fresh:
                if isinstance(cell, str) and cell and not is_blank(cell):
                    if cell.endswith(".0") and cell[:-2].strip().isdigit():
                        self.point_zeros += 1
                    else:
                        self.others += 1
        if len(self.seen) < REMEMBERED:
            self.seen.update(fresh)

    def style(self, header: str, *, from_1904: bool, order: str = "", comma: bool | None = None) -> Style:
        """``order`` and ``comma`` given by a mapping override what the values say."""
        if self.field.type in ("date", "moment"):
            return Style(dates=DateStyle(order or self.dates.decide()[0], from_1904))
        if self.field.type == "number":
            decided = comma if comma is not None else self.commas > self.points
            return Style(comma=decided, factor=UNIT_FACTORS.get(without_unit(header)[1], 1))
        if self.field.type == "code":
            return Style(point_zero=self.point_zeros > 0 and self.others == 0)
        return Style()


def decide_styles(
    evidence: Mapping[str, ColumnEvidence],
    headers: Mapping[str, str],
    *,
    from_1904: bool = False,
    order: str = "",
    comma: bool | None = None,
) -> dict[str, Style]:
    """A style per field. A number column that does not say follows the file's other columns."""
    numbers = [one for one in evidence.values() if one.field.type == "number"]
    if comma is None and any(one.commas for one in numbers) and not any(one.points for one in numbers):
        comma = True
    return {
        name: one.style(headers.get(name, ""), from_1904=from_1904, order=order, comma=comma)
        for name, one in evidence.items()
    }


def assumed_orders(evidence: Mapping[str, ColumnEvidence]) -> dict[str, str]:
    """Date fields whose order was assumed, not proven: to be told to the reader."""
    found = {}
    for name, one in evidence.items():
        if one.field.type in ("date", "moment") and one.dates.open_cells:
            order, assumed = one.dates.decide()
            if assumed:
                found[name] = order
    return found
