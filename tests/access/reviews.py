"""The monthly review: its page, its paper and its forms show of cases, investigations and costs what the table grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .doors import page
from .matrix import Door

if TYPE_CHECKING:
    from .world import World

PERIODS = ("2026-01", "2026-02", "2026-03", "2026-Q1")


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
EACH_OTHER = "whether the part is drawn and what is in it are asked for apart"
OF_THE_TEAM = "the team, the cases counted and the review found are each asked for apart"
# As in `removing`: (file, function, guard) → why the matrix stays green without it, and why no door comes by.
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    ("service/review/figures.py", "causes", "classes"): EACH_OTHER,
    ("service/review/figures.py", "cause_costs", "classes"): EACH_OTHER,
    ("service/review/figures.py", "cases_seen", "visible_to"): "what is in reach is asked for again, for the index",
    ("service/review/queries.py", "due_decisions", "visible_to"): "what one is to do is one's own",
    ("service/review/queries.py", "decisions_for", "visible_to"): OF_THE_TEAM,
    ("service/review/queries.py", "find_review", "visible_to"): OF_THE_TEAM,
    ("service/review/reading.py", "_may_ask_tiers", "classes"): "offers tiers to choose from; whose they are it says of nobody",
    ("service/review/reading.py", "_may_ask_tiers", "scope"): "offers tiers to choose from; whose they are it says of nobody",
    ("service/review/reading.py", "asked_by", "scope"): OF_THE_TEAM,
    ("service/review/reading.py", "read_review", "classes"): EACH_OTHER,
}  # fmt: skip
ELSEWHERE = {
    ("service/review/queries.py", "get_decision", "visible_to"): A_WRITE,
    ("service/review/services.py", "_review", "visible_to"): A_WRITE,
    ("service/review/services.py", "finish_decision", "visible_to"): A_WRITE,
}
