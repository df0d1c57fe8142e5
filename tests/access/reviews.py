"""The monthly review: its page, its paper and its forms show of cases, investigations and costs what the table grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .doors import page
from .matrix import Door

if TYPE_CHECKING:
    from .world import World

PERIODS = ("2026-02", "2026-03", "2026-Q1")


def review_doors(world: World) -> list[Door]:
    return [
        *(
            Door(f"review of {period}, {subject}", "page", subject, page("review", query=f"?period={period}"), many=True)
            for period in PERIODS
            for subject in ("case", "investigation", "quality_cost")
        ),
        Door("minutes of review", "page", "case", page("review_minutes", query="?period=2026-02"), many=True),
        Door("decision of review", "page", "case", page("review_decision", query="?period=2026-02"), many=True),
    ]  # fmt: skip


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
# As in `removing`: (file, function, guard) → why the matrix stays green without it, and why no door comes by.
SECOND_WALLS: dict[tuple[str, str, str], str] = {}
ELSEWHERE = {
    ("service/review/queries.py", "get_decision", "visible_to"): A_WRITE,
    ("service/review/services.py", "_review", "visible_to"): A_WRITE,
    ("service/review/services.py", "finish_decision", "visible_to"): A_WRITE,
}
