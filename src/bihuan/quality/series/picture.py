"""The picture of a series: a line through its shape, set-point and limits, points outside. Pure: geometry in user units of an SVG."""

from __future__ import annotations

from dataclasses import dataclass

from ..models import ReadingSeries

WIDTH, HEIGHT, EDGE = 600.0, 120.0, 6.0


@dataclass(slots=True)
class Picture:
    """`line`, `outside`: paths; `set_point`, `lower`, `upper`: heights, None where there is none. `top`, `bottom`: values at the edges."""

    line: str
    outside: str
    set_point: float | None
    lower: float | None
    upper: float | None
    top: float
    bottom: float


def draw(row: ReadingSeries) -> Picture | None:
    """None where every point is blank."""
    if not row.shape:
        return None
    values = [float(value) for _at, value in row.shape]
    told = [one for one in (row.set_point, row.lower, row.upper) if one is not None]
    bottom, top = min(*values, *told, values[0]), max(*values, *told, values[0])
    span = max((row.last_at - row.first_at).total_seconds() * 1_000_000, 1.0)
    # Halved first: the difference of two doubles may be more than a double holds.
    tall = (top / 2 - bottom / 2) or 1.0

    def height(value: float) -> float:
        share = (value / 2 - bottom / 2) / tall if top > bottom else 0.5
        return HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE)

    places = [
        (at / span * WIDTH, height(value), value)
        for (at, _value), value in zip(row.shape, values, strict=True)
    ]
    broken = [
        (x, y)
        for x, y, value in places
        if (row.lower is not None and value < row.lower) or (row.upper is not None and value > row.upper)
    ]
    return Picture(
        line="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _value in places),
        outside="".join(f"M{x:.1f} {y:.1f}h0" for x, y in broken),
        set_point=None if row.set_point is None else height(row.set_point),
        lower=None if row.lower is None else height(row.lower),
        upper=None if row.upper is None else height(row.upper),
        top=top,
        bottom=bottom,
    )
