"""Who handles a case, and how grave and how urgent it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.people.models import Team, User

from ..errors import CaseError
from ..models import Case
from ..promised import promised_now
from .step import (
    append,
    attributes_of,
    given_deadlines,
    journal,
    live_case,
    refuse_closed,
    refuse_owner,
    refuse_unknown,
    settle,
)


@transaction.atomic
def reassign_case(
    *,
    actor: Actor,
    case: Case,
    now: datetime,
    owner: User | None = None,
    team: Team | None = None,
    reason: str = "",
) -> Case:
    """Give a case to somebody, or back to a team. The team follows the person unless one is named."""
    row = live_case(actor, case)
    refuse_closed(row)
    if owner is None and team is None:
        raise CaseError(_("Name a person or a team."), "owner")
    refuse_owner(owner)
    team = team or (owner.team if owner else None) or row.team
    if row.owner_id == (owner.pk if owner else None) and row.team_id == (team.pk if team else None):
        raise CaseError(_("It is there already."), "owner")
    before = {"owner": row.owner.name if row.owner else "", "team": row.team.name if row.team else ""}
    row.owner, row.team = owner, team
    after = {"owner": owner.name if owner else "", "team": team.name if team else ""}
    append(
        row,
        actor,
        "reassigned",
        now,
        {"from": before, "to": after, "reason": reason.strip()[:500]},
        is_internal=True,
    )
    journal(row, actor, now, "reassigned", before=before, after=after)
    return settle(row, now, "owner", "team")


@transaction.atomic
def set_stage(*, actor: Actor, case: Case, stage: str, now: datetime) -> Case:
    """Give a case another of the company's statuses within its category: “in testing” instead of “in progress”."""
    row = live_case(actor, case)
    fitting = {one.id for one in promised_now().matrix.statuses if one.category == row.status}
    if stage not in fitting:
        raise CaseError(_("That status does not fit; take the step that leads there."), "stage")
    if stage == row.stage:
        raise CaseError(_("Nothing would change."), "stage")
    before, row.stage = row.stage, stage
    append(row, actor, "staged", now, {"before": before, "after": stage}, is_internal=True)
    journal(row, actor, now, "staged", before={"stage": before}, after={"stage": stage})
    return settle(row, now, "stage")


@transaction.atomic
def change_case(
    *,
    actor: Actor,
    case: Case,
    now: datetime,
    severity: int | None = None,
    urgency: str | None = None,
    kind: str | None = None,
    reason: str = "",
    due_kind: str = "",
    due_at: datetime | None = None,
) -> Case:
    """Change severity, urgency or kind. Promises follow as the matrix says: kept, counted from the start, or anew.
    `due_at`: what a contract gives for the clock `due_kind`, from now on in place of what is promised."""
    row = live_case(actor, case)
    refuse_closed(row)
    wanted: dict[str, Any] = {"severity": severity, "urgency": urgency, "kind": kind}
    refuse_unknown(**wanted)
    after = {name: value for name, value in wanted.items() if value not in (None, getattr(row, name))}
    deadlines = given_deadlines({due_kind: due_at} if due_at else None, now)
    if not after and not deadlines:
        raise CaseError(_("Nothing would change."))
    before = {name: getattr(row, name) for name in after}
    for name, value in after.items():
        setattr(row, name, value)
    attributes: dict[str, Any] = promised_now().attributes(**attributes_of(row))
    if deadlines:
        attributes["due_at"] = deadlines
    append(
        row, actor, "changed", now,
        {"attributes": attributes, "before": before, "after": after, "due": deadlines, "reason": reason.strip()[:500]},
    )  # fmt: skip
    journal(
        row,
        actor,
        now,
        "changed",
        before=before,
        after={**after, **({"due": deadlines} if deadlines else {})},
    )
    return settle(row, now, *after)
