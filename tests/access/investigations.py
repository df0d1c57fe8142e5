"""Investigations and quality costs: one for each post as own, team's and another's, and every way to look at them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.customers.models import Customer
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.pages.lists import lists
from bihuan.kernel.settings_store import change_setting
from bihuan.people.models import User
from bihuan.service.matrix_store import SERVICE_MATRIX
from bihuan.service.models import (
    Case,
    Finding,
    Investigation,
    InvestigationAction,
    InvestigationCase,
    InvestigationEvent,
    QualityCost,
    Verification,
)
from bihuan.service.promised import default_document

from . import world as planting
from .company import plant
from .doors import client_of, neighbours, ordered, page, panels, panels_bare, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

ALIKE = "alpha beta gamma delta epsilon"
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
    plant_alike(world, filler, whose, customer, row)
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
            "reverses": None, "incurred_on": date(2026, 2, 12 + sum(name == "quality_cost" for name, _whose in world.rows)),
        },
    ).save()  # fmt: skip
    world.rows["quality_cost", whose] = cost


def plant_alike(world: World, filler: Filler, whose: str, customer: Customer, row: Investigation) -> None:
    """Complaints that sound alike all over the company: the case of that person, and one that is investigated already."""
    case = world.rows["case", whose]
    case.kind, case.title = "complaint", f"{case.title} {ALIKE}"
    case.save()
    joined = Case()
    given = {
        "customer": customer, "contact": None, "owner": case.owner, "team": case.team, "merged_into": None,
        "closed_at": None, "kind": "complaint", "title": f"{filler.word()} {ALIKE}",
    }  # fmt: skip
    filler.fill(joined, given).save()
    InvestigationCase.objects.create(investigation=row, case=joined, joined_at=planting.NOON)
    for name in ("number", "title"):
        plant(world, "case", f"joined.{name}", FieldClass.PUBLIC, getattr(joined, name), joined.pk, whose)


def lay_down_repeats() -> None:
    """Two that sound alike within ten years are enough."""
    rule = {"by": "defect", "count": 2, "days": 3650, "kinds": ["complaint"], "source": "-"}
    document = {**default_document(), "repeats": [rule]}
    change_setting(SERVICE_MATRIX, [{"valid_from": None, "document": document}], now=planting.NOON)


def investigation_doors(world: World) -> list[Door]:
    return [
        Door("page investigation", "page", "investigation", page("investigation"),
             promises=frozenset({"number", "title", "owner", "defect", "finding", "action", "event", "data"})),
        Door("lessons", "page", "investigation", page("investigation_lessons"), promises=frozenset({"finding", "event"})),
        Door("entries of investigation", "page", "investigation", entries, action="edit"),
        Door("form investigation", "page", "investigation", page("investigation_create"), action="create", many=True),
        Door("panels case", "panel", "case", panels("case")),
        Door("panels case, bare", "panel", "case", panels_bare("case")),
        Door("panels case, investigated", "panel", "case", of_investigated),
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


def of_investigated(user: User, row: Any) -> str:
    """The panels of the same customer's case that is investigated."""
    return panels("case")(user, Case.objects.get(customer=row.customer, joined__isnull=False))


def of_case(user: User, row: Any) -> str:
    return read(client_of(user).get(f"{reverse('investigation_create')}?cases={row.pk}"))


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
A_BUTTON = "decides whether a button is drawn; the change asks again"
ADDS_UP = "counts and sums, whose parts no page shows; its room's tests know the sums"
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
SECOND_WALLS = {
    ("service/forms_investigation.py", "_products", "visible_to"): "whoever enters here sees all products",
    ("service/queries_investigation.py", "may_work_on", "scope"): A_BUTTON,
    ("service/queries_investigation.py", "may_work_on", "visible_to"): A_BUTTON,
    ("service/queries_investigation.py", "my_investigations", "visible_to"): "what one leads is one's own",
    ("service/queries_quality_cost.py", "_sales", "visible_to"): ADDS_UP,
    ("service/queries_quality_cost.py", "pareto_of_causes", "classes"): ADDS_UP,
    ("service/queries_quality_cost.py", "pareto_of_causes", "visible_to"): ADDS_UP,
    ("service/queries_quality_cost.py", "repeat_rate", "visible_to"): ADDS_UP,
    ("service/queries_quality_cost.py", "sees_sales", "scope"): ADDS_UP,
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE = {
    ("service/queries_quality_cost.py", "find_customer", "customers_visible_to"): A_WRITE,
    ("service/services/costing.py", "enter_cost", "customers_visible_to"): A_WRITE,
    ("service/services/costing.py", "enter_cost", "visible_to"): A_WRITE,
    ("service/services/costing.py", "post_case_cost", "visible_to"): A_WRITE,
    ("service/services/costing.py", "reverse_cost", "visible_to"): A_WRITE,
    ("service/services/investigating.py", "_join", "visible_to"): A_WRITE,
    ("service/services/investigating.py", "open_investigation", "visible_to"): A_WRITE,
    ("service/services/investigating.py", "part_cases", "visible_to"): A_WRITE,
    ("service/services/investigation_step.py", "live_investigation", "visible_to"): A_WRITE,
}
