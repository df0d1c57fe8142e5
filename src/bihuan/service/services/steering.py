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
from .step import append, journal, live_case, refuse_closed, settle


@transaction.atomic
def reassign_case(
    *, actor: Actor, case: Case, now: datetime, owner: User | None = None, team: Team | None = None, reason: str = ""
) -> Case:
    """Give a case to somebody, or back to a team. The team follows the person unless one is named."""
    row = live_case(actor, case)
    refuse_closed(row)
    if owner is None and team is None:
        raise CaseError(_("Name a person or a team."), "owner")
    if owner is not None and not owner.is_active:
        raise CaseError(_("%(name)s does not work here any more.") % {"name": owner.name}, "owner")
    team = team or (owner.team if owner else None) or row.team
    if row.owner_id == (owner.pk if owner else None) and row.team_id == (team.pk if team else None):
        raise CaseError(_("It is there already."), "owner")
    before = {"owner": row.owner.name if row.owner else "", "team": row.team.name if row.team else ""}
    row.owner, row.team = owner, team
    after = {"owner": owner.name if owner else "", "team": team.name if team else ""}
    append(row, actor, "reassigned", now, {"from": before, "to": after, "reason": reason.strip()[:500]}, is_internal=True)
    journal(row, actor, now, "reassigned", before=before, after=after)
    return settle(row, now, "owner", "team")


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
) -> Case:
    """Change severity, urgency or kind. Promises follow as the matrix says: kept, counted from the start, or anew."""
    row = live_case(actor, case)
    refuse_closed(row)
    wanted: dict[str, Any] = {"severity": severity, "urgency": urgency, "kind": kind}
    for name, choices in (("severity", Case.Severity), ("urgency", Case.Urgency), ("kind", Case.Kind)):
        if wanted[name] is not None and wanted[name] not in choices.values:
            raise CaseError(_("There is no such choice."), name)
    after = {name: value for name, value in wanted.items() if value not in (None, getattr(row, name))}
    if not after:
        raise CaseError(_("Nothing would change."))
    before = {name: getattr(row, name) for name in after}
    for name, value in after.items():
        setattr(row, name, value)
    append(row, actor, "changed", now, {"attributes": after, "before": before, "reason": reason.strip()[:500]})
    journal(row, actor, now, "changed", before=before, after=after)
    return settle(row, now, *after)
