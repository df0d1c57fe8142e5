"""Investigations and quality costs: one for each post as own, team's and another's, and every way to look at them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.customers.models import Customer
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.pages.lists import lists
from bihuan.people.models import User
from bihuan.service.models import (
    Finding,
    Investigation,
    InvestigationAction,
    InvestigationCase,
    InvestigationEvent,
    QualityCost,
    Verification,
)

from . import world as planting
from .company import plant
from .doors import client_of, neighbours, ordered, page, panels, panels_bare, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

WHATS = ("write", "is", "root_occurred", "corrective", "observe", "team", "finish", "reopen")


def plant_investigation(world: World, filler: Filler, whose: str, customer: Customer, product: Any) -> None:
    """An open investigation of the case of the same person, with one of each line; a cost of it."""
    row = Investigation()
    given: dict[str, Any] = {
        "product": product,
        "owner": world.people.get(whose) or world.people["mate" if whose == "team" else "stranger"],
        "team": world.teams["shanghai" if whose == "team" else "west"],
        "closed_at": None,
    }
    filler.fill(row, given).save()
    world.rows["investigation", whose] = row
    InvestigationCase.objects.create(
        investigation=row, case=world.rows["case", whose], joined_at=planting.NOON
    )
    said = [filler.word() for _six in range(6)]
    InvestigationEvent.objects.create(
        investigation=row, at=planting.NOON, kind="written", actor="staff:0", actor_name="x",
        data={"step": "d3", "text": said[0]},
    )  # fmt: skip
    Finding.objects.create(
        investigation=row, part="root_occurred", factor="machine", text=said[1], evidence=said[2]
    )
    InvestigationAction.objects.create(
        investigation=row, kind="corrective", text=said[3], due_on=date(2026, 3, 1),
        done_on=date(2026, 3, 1), checked_on=date(2026, 3, 1), is_effective=True, effect=said[4],
    )  # fmt: skip
    Verification.objects.create(investigation=row, observed_on=date(2026, 3, 1), text=said[5], is_good=True)
    for name, text in zip(("event", "finding", "evidence", "action", "effect", "data"), said, strict=True):
        plant(world, "investigation", name, FieldClass.TECHNICAL, text, row.pk, whose)
    cost = QualityCost()
    filler.fill(
        cost,
        {
            "customer": customer, "product": product, "case": world.rows["case", whose], "investigation": row,
            "reverses": None, "incurred_on": date(2026, 2, 1 + len(world.rows) % 27),
        },
    ).save()  # fmt: skip
    world.rows["quality_cost", whose] = cost


def investigation_doors(world: World) -> list[Door]:
    return [
        Door("page investigation", "page", "investigation", page("investigation"),
             promises=frozenset({"number", "title", "owner", "defect", "finding", "action", "event", "data"})),
        Door("lessons", "page", "investigation", page("investigation_lessons"), promises=frozenset({"finding", "event"})),
        Door("entries of investigation", "page", "investigation", entries, action="edit"),
        Door("form investigation", "page", "investigation", page("investigation_create"), action="create", many=True),
        Door("panels case", "panel", "case", panels("case")),
        Door("panels case, bare", "panel", "case", panels_bare("case")),
        Door("join case", "page", "case", page("investigation_join")),
        Door("form investigation of case", "page", "case", of_case),
        Door("page quality_cost", "page", "quality_cost", page("quality_cost"),
             promises=frozenset({"amount", "customer", "text", "created_by"})),
        *(
            Door(f"report by {by}", "page", "quality_cost", page("quality_cost_report", query=f"?by={by}"), many=True)
            for by in ("month", "product", "customer", "cause")
        ),
        Door("form quality_cost", "page", "quality_cost", page("quality_cost_create"), action="create", many=True),
        Door("reverse quality_cost", "page", "quality_cost", page("quality_cost_reverse"), action="create"),
        Door("cost of case", "page", "case", page("case_cost")),
        Door("neighbours of investigation", "search", "investigation", neighbours(lists["investigations"])),
        Door("guess by order of investigations", "search", "investigation", ordered(world, lists["investigations"]), many=True),
        Door("guess by order of costs", "search", "quality_cost", ordered(world, lists["quality_costs"]), many=True),
    ]  # fmt: skip


def entries(user: User, row: Any) -> str:
    """The forms of an investigation's page."""
    return "\n".join(
        read(client_of(user).get(reverse("investigation_entry", args=[row.pk, what]) + "?of=d3"))
        for what in WHATS
    )


def of_case(user: User, row: Any) -> str:
    return read(client_of(user).get(f"{reverse('investigation_create')}?cases={row.pk}"))
