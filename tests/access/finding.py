"""Finding cases again: their words in the index, cases that are alike all over the company, cases taken in, and the bell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.people.models import User
from bihuan.service.finding.index import rebuild_search
from bihuan.service.models import Case, CaseEvent, CaseReference

from . import world as planting
from .company import plant
from .doors import client_of, guessed, page, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, Planted, World

SHARED = "一式三份"


def plant_taken_in(world: World, filler: Filler, whose: str) -> None:
    """Into the case of that person one was merged that is the same person's, and one that is a stranger's."""
    case = world.rows["case", whose]
    said = {one: filler.word() for one in (FieldClass.PUBLIC, FieldClass.TECHNICAL)}
    twin = _merged(filler, case, case)
    for field_class, text in said.items():
        _said(twin, text, field_class)
        plant(world, "case", f"taken_in.{field_class}", field_class, text, case.pk, whose)
    _said(case, "", FieldClass.PUBLIC, "took_in")
    if whose in world.people and ("case", "other") in world.rows:
        stranger = world.rows["case", "other"]
        foreign, text = _merged(filler, case, stranger), filler.word()
        _said(foreign, text, FieldClass.PUBLIC)
        plant(world, "case", "taken_in.foreign", FieldClass.PUBLIC, text, foreign.pk, "other")


def _merged(filler: Filler, into: Case, like: Case) -> Case:
    """A case of the customer and the owner of another one, merged into a third."""
    row = Case()
    given = {
        "customer": like.customer, "contact": None, "owner": like.owner, "team": like.team, "merged_into": into,
        "closed_at": planting.NOON, "status": "closed",
    }  # fmt: skip
    filler.fill(row, given).save()
    return row


def _said(case: Case, text: str, field_class: FieldClass, kind: str = "responded") -> None:
    CaseEvent.objects.create(
        case=case, at=planting.NOON, kind=kind, actor="staff:0", actor_name="x", data={"text": text},
        field_class=field_class.value,
    )  # fmt: skip


def make_findable(world: World, filler: Filler) -> None:
    """Cases are taken in, all cases name the same paper, and all their words are in the index."""
    for whose in [whose for name, whose in world.rows if name == "case"]:
        plant_taken_in(world, filler, whose)
    CaseReference.objects.bulk_create(
        CaseReference(case=case, kind="document", key=SHARED, label=SHARED)
        for case in Case.objects.order_by("pk")
    )
    rebuild_search()


def finding_doors(world: World) -> list[Door]:
    return [
        Door("likely the same", "search", "case", likely_the_same, action="create"),
        Door("guess by likeness", "search", "case", guessed(world, "case", in_likely)),
        Door("guess case by palette", "search", "case", guessed(world, "case", in_palette)),
        Door("bell", "panel", "case", page("notices"), many=True),
        Door("bell of investigations", "panel", "investigation", page("notices"), many=True),
    ]


def likely_the_same(user: User, row: Any) -> str:
    """The warning while a case of that case's customer is being written, naming the paper that all cases name."""
    given = {"other": row.customer_id, "text": "", "references": SHARED}
    return read(client_of(user).post(reverse("case_alike"), given))


def in_likely(user: User, row: Any, one: Planted) -> bool:
    """Whether the warning tells of the case by words that are in it."""
    given = {"other": row.customer_id, "text": f"{one.text} zqa zqb zqc", "references": ""}
    body = read(client_of(user).post(reverse("case_alike"), given))
    return one.text in body


def in_palette(user: User, row: Any, one: Planted) -> bool:
    body = read(client_of(user).get(reverse("palette"), {"q": one.text}))
    return f'"{reverse("case", args=[row.pk])}"' in body


ONLY_THAT = (
    "it says only that two cases, both seen, have it in common, and names nothing; its room's tests ask"
)
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    ("service/finding/similar.py", "_of_investigation", "visible_to"): ONLY_THAT,
    ("service/finding/similar.py", "_of_investigation", "classes"): ONLY_THAT,
    ("service/finding/similar.py", "_things", "visible_to"): ONLY_THAT,
    ("service/finding/similar.py", "_things", "classes"): ONLY_THAT,
    (
        "service/queries.py",
        "find_cases",
        "visible_to",
    ): "the search starts from what one reaches by itself; either keeps back",
    (
        "service/finding/searching.py",
        "search_cases",
        "scope",
    ): "of rows that are restricted already, it says where the database is to start",
    (
        "service/finding/searching.py",
        "_of_customer",
        "customers_visible_to",
    ): "a case's customer is a field of the case",
    (
        "service/panels_notices.py",
        "newest_of_cases",
        "classes",
    ): "tells who wrote, and that stands in the case as well",
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE: dict[tuple[str, str, str], str] = {}
