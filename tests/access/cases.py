"""Cases: one for each post as own, team's and another's, and every way to look at them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.customers.models import Customer
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.files import keep
from bihuan.kernel.pages.lists import lists
from bihuan.people.models import User
from bihuan.service.models import Case, CaseClock, CaseEvent, CaseFile, CaseNotice
from bihuan.service.views.steps import STEPS

from . import world as planting
from .company import plant
from .doors import client_of, neighbours, ordered, page, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World


def plant_case(world: World, filler: Filler, whose: str, customer: Customer) -> None:
    """An open case with an answer, a note and a technical note. Everybody was warned of it, as if by mistake."""
    case = Case()
    given: dict[str, Any] = {
        "customer": customer,
        "contact": world.rows["contact", whose],
        "owner": world.people.get(whose) or world.people["mate" if whose == "team" else "stranger"],
        "team": world.teams["shanghai" if whose == "team" else "west"],
        "merged_into": None,
        "closed_at": None,
        # Each on a day of its own in one month, so that its review names all causes.
        "kind": "complaint",
        "solved_at": datetime(
            2026, 1, 5 + sum(name == "case" for name, _whose in world.rows), 12, tzinfo=UTC
        ),
    }
    filler.fill(case, given).save()
    world.rows["case", whose] = case
    plant(world, "decision", "case.tier", FieldClass.PUBLIC, case.tier, case.pk, whose)
    for kind, field_class, is_internal in (
        ("responded", FieldClass.PUBLIC, False),
        ("noted", FieldClass.PUBLIC, True),
        ("noted", FieldClass.TECHNICAL, True),
    ):
        said = filler.word()
        CaseEvent.objects.create(
            case=case, at=planting.NOON, kind=kind, actor="staff:0", actor_name="x", data={"text": said},
            is_internal=is_internal, field_class=field_class.value,
        )  # fmt: skip
        plant(world, "case", f"event.{kind}.{field_class}", field_class, said, case.pk, whose)
    for field_class in (FieldClass.PUBLIC, FieldClass.TECHNICAL):
        name, content = filler.word(), filler.word()
        CaseFile.objects.create(
            case=case, sha256=keep(content.encode()), name=name, content_type="text/plain", size=len(content),
            actor="staff:0", actor_name="x", at=planting.NOON, field_class=field_class.value,
        )  # fmt: skip
        plant(world, "case", f"file.{field_class}", field_class, name, case.pk, whose)
        plant(world, "case", f"file.content.{field_class}", field_class, content, case.pk, whose)
    CaseClock.objects.create(
        case=case, kind="response", promise="x", started_at=planting.NOON, due_at=planting.NOON
    )
    CaseNotice.objects.bulk_create(
        CaseNotice(
            case=case, recipient=person, kind="response", level=100, due_at=planting.NOON, at=planting.NOON
        )
        for person in world.people.values()
    )


def case_doors(world: World) -> list[Door]:
    from .finding import finding_doors

    return [
        *finding_doors(world),
        Door("page case", "page", "case", page("case"),
             promises=frozenset({"number", "title", "customer", "contact", "solution", "cause", "opened_at"})),
        Door("note of case", "page", "case", page("case_note"), action="note"),
        Door("steps of case", "page", "case", case_steps, action="edit"),
        Door("files of case", "page", "case", case_files),
        Door("form case", "page", "case", page("case_create"), action="create", many=True),
        Door("form case of customer", "page", "customer", new_case),
        Door("neighbours of case", "search", "case", neighbours(lists["cases"])),
        Door("guess by order of cases", "search", "case", ordered(world, lists["cases"]), many=True),
    ]  # fmt: skip


def case_steps(user: User, row: Any) -> str:
    """The dialogs of all steps."""
    return "\n".join(
        read(client_of(user).get(reverse("case_step", args=[row.pk, step]))) for step in sorted(STEPS)
    )


def case_files(user: User, row: Any) -> str:
    """The content of every file of the case, asked for by its address."""
    client, found = client_of(user), []
    for file in CaseFile.objects.filter(case=row).order_by("pk"):
        answer = client.get(reverse("case_file", args=[row.pk, file.pk]))
        if answer.status_code == 200:
            found.append(read(answer))
    return "\n".join(found)


def new_case(user: User, row: Any) -> str:
    return read(client_of(user).get(f"{reverse('case_create')}?customer={row.pk}"))
