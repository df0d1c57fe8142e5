"""The picture of a trace: boxes in columns by generation and lines between them. Pure: geometry in user units of an SVG.

A generation is the least number of steps from the traced lot. Each shows so many lots, the weightiest first, and says how
many more there are. On a narrow page generations lie below each other instead, two boxes a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..tracing import Node, Trace

BOX_W, BOX_H = 176, 54
GAP_X, GAP_Y, HEAD = 58, 14, 26
WIDE_MOST, NARROW_MOST = 9, 6
CUSTOMERS = 8
LABELS = 48  # more shares than these on lines are only noise


@dataclass(slots=True)
class Box:
    x: float
    y: float
    node: Node | None = None
    shipped: Mapping[str, Any] | None = None
    more: int = 0
    generation: int = 0

    @property
    def right(self) -> float:
        return self.x + BOX_W

    @property
    def middle(self) -> float:
        return self.y + BOX_H / 2

    @property
    def centre(self) -> float:
        return self.x + BOX_W / 2


@dataclass(slots=True)
class Line:
    path: str
    width: float
    label: str
    x: float
    y: float


@dataclass(slots=True)
class Column:
    generation: int
    title: str
    x: float
    y: float
    count: int


@dataclass(slots=True)
class Picture:
    width: float
    height: float
    boxes: list[Box]
    lines: list[Line]
    columns: list[Column]
    left_out: int = 0
    beyond: int = 0
    box_width: int = BOX_W
    box_height: int = BOX_H


@dataclass(slots=True)
class Layers:
    """Lots by generation (negative: sources), the weightiest first; `beyond`: how many lie further than the depth asked for."""

    of: dict[int, list[Node]] = field(default_factory=dict)
    generation: dict[int, int] = field(default_factory=dict)
    beyond: int = 0


def layers(found: Trace, depth: int | None, marked: Collection[int] = ()) -> Layers:
    """`marked`: lots that deviate, which come first in their generation."""
    made = Layers({0: [found.nodes[found.lot]]}, {found.lot: 0})
    upward: dict[int, list[int]] = {}
    downward: dict[int, list[int]] = {}
    for link in found.links:
        upward.setdefault(link.target, []).append(link.source)
        downward.setdefault(link.source, []).append(link.target)
    for sign, following, side in ((-1, upward, -1), (1, downward, 1)):
        row, step = [found.lot], 0
        while row:
            step += 1
            fresh = []
            for here in row:
                for other in following.get(here, ()):
                    if other not in made.generation and found.nodes[other].side == side:
                        made.generation[other] = sign * step
                        fresh.append(other)
            row = fresh
    for one, generation in made.generation.items():
        if generation and (depth is None or abs(generation) <= depth):
            made.of.setdefault(generation, []).append(found.nodes[one])
        elif generation:
            made.beyond += 1
    for several in made.of.values():
        several.sort(key=lambda one: (one.id not in marked, -(one.share or 0.0), one.product, one.number))
    return made


def draw(
    found: Trace,
    made: Layers,
    customers: Sequence[Mapping[str, Any]],
    titles: Mapping[int, str],
    *,
    is_wide: bool,
    shipped_title: str = "",
) -> Picture:
    """`customers`: whom the lots went to (`page.shipped_sums`), `titles`: of each generation."""
    most = WIDE_MOST if is_wide else NARROW_MOST
    rows: list[tuple[int, str, list[Any], int]] = []
    for generation in sorted(made.of):
        several = made.of[generation]
        rows.append((generation, titles[generation], list(several[:most]), max(len(several) - most, 0)))
    if customers:
        rows.append(
            (max(made.of) + 1, shipped_title, list(customers[:CUSTOMERS]), max(len(customers) - CUSTOMERS, 0))
        )
    boxes, columns = _wide(rows) if is_wide else _narrow(rows)
    at = {box.node.id: box for box in boxes if box.node is not None}
    lines = _lines(found, at, [box for box in boxes if box.shipped is not None], is_wide)
    return Picture(
        width=max((box.right for box in boxes), default=BOX_W) + 8,
        height=max((box.y for box in boxes), default=0) + BOX_H + 8,
        boxes=boxes,
        lines=lines,
        columns=columns,
        left_out=sum(more for *_row, more in rows),
        beyond=made.beyond,
    )


def _box(one: Any, generation: int, x: float, y: float) -> Box:
    if isinstance(one, Node):
        return Box(x, y, node=one, generation=generation)
    return Box(x, y, shipped=one, generation=generation)


def _wide(rows: Sequence[tuple[int, str, list[Any], int]]) -> tuple[list[Box], list[Column]]:
    tallest = max(len(several) + bool(more) for _g, _t, several, more in rows)
    boxes, columns = [], []
    for place, (generation, title, several, more) in enumerate(rows):
        x = 8.0 + place * (BOX_W + GAP_X)
        columns.append(Column(generation, title, x, 16, len(several) + more))
        count = len(several) + bool(more)
        # Every other generation half a row lower, so that lines that skip one pass beside its boxes.
        y = HEAD + (tallest - count + place % 2) * (BOX_H + GAP_Y) / 2
        for one in several:
            boxes.append(_box(one, generation, x, y))
            y += BOX_H + GAP_Y
        if more:
            boxes.append(Box(x, y, more=more, generation=generation))
    return boxes, columns


def _narrow(rows: Sequence[tuple[int, str, list[Any], int]]) -> tuple[list[Box], list[Column]]:
    boxes, columns = [], []
    y, gap = 0.0, 10
    for generation, title, several, more in rows:
        columns.append(Column(generation, title, 4, y + 16, len(several) + more))
        y += HEAD
        cells: list[Box] = [_box(one, generation, 0, 0) for one in several]
        if more:
            cells.append(Box(0, 0, more=more, generation=generation))
        alone = len(cells) == 1
        for place, box in enumerate(cells):
            box.x = 4 + (BOX_W + gap) / 2 if alone else 4 + (place % 2) * (BOX_W + gap)
            box.y = y + place // 2 * (BOX_H + GAP_Y)
            boxes.append(box)
        y += (len(cells) + 1) // 2 * (BOX_H + GAP_Y) + 26
    return boxes, columns


def _lines(found: Trace, at: Mapping[int, Box], shipped: Sequence[Box], is_wide: bool) -> list[Line]:
    links = [one for one in found.links if one.source in at and one.target in at]
    labelled = is_wide and len(links) <= LABELS
    lines = [_line(at[one.source], at[one.target], one.part, is_wide, labelled) for one in links]
    for box in shipped:
        assert box.shipped is not None
        for lot in box.shipped["lots"]:
            if lot in at:
                lines.append(_line(at[lot], box, None, is_wide, False))
    return lines


def _line(source: Box, target: Box, part: float | None, is_wide: bool, labelled: bool) -> Line:
    """A curve from one box to the next; within one generation, or back, it bows out."""
    if is_wide:
        x, y, to_x, to_y = source.right, source.middle, target.x, target.middle
        bend = max(abs(to_x - x) / 2, 24.0)
        path = f"M{x:.0f} {y:.0f}C{x + bend:.0f} {y:.0f} {to_x - bend:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
    else:
        x, y, to_x, to_y = source.centre, source.y + BOX_H, target.centre, target.y
        bend = max(abs(to_y - y) / 2, 12.0)
        path = f"M{x:.0f} {y:.0f}C{x:.0f} {y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y:.0f}"
    label = percent(part) if labelled and part is not None and part < 0.9995 else ""
    width = 1.2 if part is None else 1.0 + 3.0 * max(0.0, min(part, 1.0))
    # Beside the target: there lines of one source have parted already.
    x, y = x + (to_x - x) * 0.68, y + (to_y - y) * 0.68
    return Line(path, round(width, 1), label, round(x), round(y - 3))


def percent(part: float) -> str:
    """A part of one, to three figures: small shares count."""
    return f"{part * 100:.3g}%"
