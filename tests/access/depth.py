"""The green channel, notices of steps, absences and duty: planted for each post as own, team's and another's, and their doors."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.people.models import Absence, DutyShift, User
from bihuan.service.models import (
    Case,
    CaseReference,
    GreenRequest,
    Investigation,
    InvestigationClock,
    InvestigationNotice,
)

from . import world as planting
from .doors import client_of, page, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World


def plant_green(world: World, filler: Filler, whose: str, case: Case) -> None:
    """Each case refers to a lot. Everybody whom records name is asked for each case, as if by mistake; one is answered.
    Not so production, whose own a case becomes by that."""
    from .company import plant

    label = filler.word()
    CaseReference.objects.create(case=case, kind="lot", key=label.upper(), label=label)
    plant(world, "case", "reference", FieldClass.PUBLIC, label, case.pk, whose)
    asked = [
        person
        for name, person in world.people.items()
        if name not in ("clerk", "outsider", *({"production"} - {whose}))
    ]
    for place, person in enumerate(asked):
        what, reason = filler.word(), filler.word()
        is_answered = place == 0
        GreenRequest.objects.create(
            case=case, to="production", what=what, asked=person, asked_by="x", asked_at=planting.NOON,
            due_at=planting.NOON, answer="refused" if is_answered else "", reason=reason if is_answered else "",
            answered_by="x" if is_answered else "", answered_at=planting.NOON if is_answered else None,
        )  # fmt: skip
        plant(world, "case", f"green.what.{place}", FieldClass.PUBLIC, what, case.pk, whose)
        if is_answered:
            plant(world, "case", "green.reason", FieldClass.PUBLIC, reason, case.pk, whose)


def plant_step_notices(world: World, row: Investigation) -> None:
    """Everybody was warned of a step of each investigation, as if by mistake."""
    InvestigationClock.objects.create(
        investigation=row, kind="d8", promise="x", started_at=planting.NOON, due_at=planting.NOON
    )
    InvestigationNotice.objects.bulk_create(
        InvestigationNotice(
            investigation=row, recipient=person, kind="d8", level=100, due_at=planting.NOON, at=planting.NOON
        )
        for person in world.people.values()
    )


def plant_duty(world: World) -> None:
    """Everybody is away and on duty for the own team."""
    until = planting.NOON + timedelta(days=3650)
    for person in world.people.values():
        Absence.objects.create(user=person, starts_at=planting.NOON, ends_at=until, entered_by="x")
        if person.team is not None:
            DutyShift.objects.create(
                user=person, team=person.team, starts_at=planting.NOON, ends_at=until, entered_by="x"
            )


def depth_doors(world: World) -> list[Door]:
    return [
        Door("page duty", "page", "staff", page("duty"), many=True),
        Door("ask for case", "page", "case", page("green_ask"), action="edit"),
        Door("answers of case", "page", "case", answers),
        Door("page today, asked", "page", "case", page("today"), many=True),
    ]


def answers(user: User, row: Any) -> str:
    """The dialogs in which requests of the case are answered."""
    rows = GreenRequest.objects.filter(case=row).order_by("pk")
    return "\n".join(
        read(client_of(user).get(reverse("green_answer", args=[row.pk, one.pk]))) for one in rows
    )


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
A_BUTTON = "decides whether a button is drawn or a name is offered; the change asks again"
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
SECOND_WALLS = {
    ("people/duty.py", "shifts_ahead", "scope"): "who is seen is of a team that is seen, as planted",
    ("people/duty_changes.py", "may_plan_for", "scope"): A_BUTTON,
    ("people/forms_duty.py", "AbsenceForm.__init__", "visible_to"): "acting reaches no further than viewing, and both are asked",
    ("people/views/duty.py", "_shown", "visible_to"): A_BUTTON,
    ("service/queries.py", "my_call_backs", "visible_to"): "what one handles is one's own",
}  # fmt: skip
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE = {
    ("people/duty_changes.py", "_whose", "visible_to"): A_WRITE,
    ("people/duty_changes.py", "put_on_duty", "visible_to"): A_WRITE,
    ("people/duty_changes.py", "take_off_duty", "visible_to"): A_WRITE,
    ("service/green/asking.py", "answer_request", "visible_to"): A_WRITE,
    ("service/green/queries.py", "asked_of_me", "visible_to"): "whom the matrix looks as is asked nothing; its room's tests ask",
    ("service/queries.py", "splits_of", "visible_to"): "nothing planted is split; its room's tests ask as others",
    ("service/references/kinds.py", "_order", "visible_to"): A_WRITE,
    ("service/references/kinds.py", "_order_urls", "visible_to"): "leads to a page that asks again; only lots are planted",
    ("service/references/kinds.py", "_product", "visible_to"): A_WRITE,
    ("service/references/kinds.py", "_product_urls", "visible_to"): "leads to a page that asks again; only lots are planted",
}  # fmt: skip
