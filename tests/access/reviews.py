"""The monthly review: its page, its paper and its forms show of cases, investigations and costs what the table grants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.people.models import User
from bihuan.service.models import Review, ReviewDecision, ReviewMinutes

from . import world as planting
from .company import plant
from .doors import ONLY_THE_LIST, client_of, guessed, page, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, Planted, World

PERIODS = ("2026-01", "2026-02", "2026-03", "2026-Q1")
MONTH = date(1990, 3, 1)  # found nowhere else


def plant_reviews(world: World, filler: Filler) -> None:
    """A signed review of a team of the posts' persons and one of another's, with minutes and a decision."""
    for whose, team in (("team", "shanghai"), ("other", "west")):
        row = Review(team=world.teams[team], month=MONTH, signed_at=planting.NOON, figures={"lines": []})
        filler.fill(
            row, {"team": row.team, "month": MONTH, "signed_at": planting.NOON, "figures": row.figures}
        ).save()
        said = [filler.word() for _two in range(2)]
        ReviewMinutes.objects.create(
            review=row, number=1, at=planting.NOON, author_name="x", topics={"service": said[0]}
        )
        ReviewDecision.objects.create(
            review=row,
            text=said[1],
            owner=world.people["mate"],
            due_on=date(2026, 3, 1),
            created_at=planting.NOON,
        )
        world.rows["review", whose] = row
        for name, text in zip(("minutes", "decision"), said, strict=True):
            plant(world, "review", name, FieldClass.PUBLIC, text, row.pk, whose)


def of_its_team(user: User, row: Any) -> str:
    """The page of a review, asked for by month and team."""
    return read(client_of(user).get(reverse("review"), {"period": f"{row.month:%Y-%m}", "team": row.team_id}))


def behind(figure: str) -> Callable[[User, Any, Planted], bool]:
    """Whether the bar of this cause in the review leads to the case."""

    def listed(user: User, row: Any, label: str) -> bool:
        month = row.solved_at if figure == "cause" else planting.NOON.replace(month=2)
        asked = {"figure": f"{month:%Y-%m}:{figure}:={label}"}
        body = read(client_of(user).get(reverse("cases"), asked, headers=ONLY_THE_LIST))
        return f"{reverse('case', args=[row.pk])}?" in body

    def found(user: User, row: Any, one: Planted) -> bool:
        return listed(user, row, one.text) and not listed(user, row, "nothing like it")

    return found


def review_doors(world: World) -> list[Door]:
    code = next(row.code for (name, _whose), row in world.rows.items() if name == "product")
    return [
        Door("review of a product", "page", "product", page("review", query=f"?period=2026-02&product={code}"), many=True),
        Door("guess by cause behind review", "search", "case", guessed(world, "case", behind("cause"))),
        Door("guess by cost behind review", "search", "case", guessed(world, "case", behind("cause_cost"))),
        Door("page review", "page", "review", of_its_team, promises=frozenset({"signed_by", "minutes", "decision"})),
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
EITHER = "whether one may ask for a product and what it is called are asked for apart"
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
    ("service/review/figures.py", "on_time", "scope"): "counts, whose parts no page shows; its room's tests know them",
    ("service/review/reading.py", "_may_ask_products", "scope"): EITHER,
    ("service/review/reading.py", "_may_ask_products", "classes"): EITHER,
    ("service/review/reading.py", "_name_of", "visible_to"): EITHER,
}  # fmt: skip
ELSEWHERE = {
    (
        "service/review/behind.py",
        "_costs",
        "visible_to",
    ): "nobody planted reads costs and is kept from a cause; its room's tests ask",
    ("service/review/queries.py", "get_decision", "visible_to"): A_WRITE,
    ("service/review/services.py", "_review", "visible_to"): A_WRITE,
    ("service/review/services.py", "finish_decision", "visible_to"): A_WRITE,
}
