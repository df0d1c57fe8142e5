"""Opening an investigation, joining cases to it, its team, its steps, reopening it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.catalog.models import Product
from bihuan.kernel.actor import Actor, NotAllowed, require
from bihuan.kernel.time import local_date
from bihuan.people.models import User

from ..errors import CaseError
from ..investigation_rules import FIRST_AGAIN, STEPS, lacks
from ..investigation_wording import REFUSALS
from ..models import Case, Investigation, InvestigationCase
from ..queries_investigation import facts_of
from ..records import CASE
from ..records_investigation import INVESTIGATION
from .investigation_step import append_to, line_given, live_investigation, open_to_work, settle_investigation
from .step import text_given

TITLE = 120


@transaction.atomic
def open_investigation(
    *,
    actor: Actor,
    title: str,
    now: datetime,
    kind: str = Investigation.Kind.QUALITY,
    severity: int = 2,
    owner: User | None = None,
    members: Iterable[User] = (),
    cases: Iterable[Case] = (),
    product: Product | None = None,
    defect: str = "",
    reason: str = "",
) -> Investigation:
    """Open an investigation, perhaps for cases at once. Without an owner the actor leads it. Its team is the owner's.

    Refused: no title, an owner who left, a case that is in another investigation.
    """
    require(actor, "investigation", "create")
    title = text_given(title, "title", _("Say what is investigated."))[:TITLE]
    _known_choices(kind, severity)
    owner = owner or User.objects.filter(pk=actor.user_id or 0).first()
    people = _working([one for one in (owner, *members) if one is not None])
    row = Investigation.objects.create(
        number=f"new-{uuid.uuid4().hex}", title=title, kind=kind, severity=severity, product=product,
        defect=defect.strip()[:80], owner=owner, team_id=owner.team_id if owner else None,
        opened_at=now, created_at=now, updated_at=now,
    )  # fmt: skip
    row.number = f"8D-{local_date(now):%y%m}-{row.pk:05d}"
    row.save(update_fields=["number"])
    row.members.set([one for one in people if owner is None or one.pk != owner.pk])
    opening = {"attributes": _attributes(severity), "reason": reason.strip()[:500]}
    append_to(row, actor, "opened", now, opening)
    _join(row, actor, cases, now)
    if not INVESTIGATION.visible_to(actor, "create").filter(pk=row.pk).exists():
        raise NotAllowed("investigation", "create")
    return settle_investigation(row, now)


def _working(people: list[User]) -> list[User]:
    for one in people:
        if not one.is_active:
            raise CaseError(_("%(name)s does not work here any more.") % {"name": one.name}, "owner")
    return people


@transaction.atomic
def join_cases(
    *, actor: Actor, investigation: Investigation, cases: Iterable[Case], now: datetime
) -> Investigation:
    """Let customers' cases point to an investigation; what it has already is left as it is."""
    row = open_to_work(actor, investigation)
    _join(row, actor, cases, now)
    return settle_investigation(row, now)


def _join(row: Investigation, actor: Actor, cases: Iterable[Case], now: datetime) -> None:
    wanted = sorted({one.pk for one in cases})
    # Locked, so that of two who join a case to two investigations at once the second is told.
    rows = Case.objects.select_for_update().filter(pk__in=CASE.visible_to(actor).filter(pk__in=wanted))
    seen = {one.pk: one for one in rows.order_by("pk")}
    if len(seen) != len(wanted):
        raise Http404("case")
    there = dict(InvestigationCase.objects.filter(case__in=wanted).values_list("case_id", "investigation_id"))
    for key in wanted:
        if there.get(key, row.pk) != row.pk:
            raise CaseError(
                _("%(number)s is in another investigation already.") % {"number": seen[key].number}, "cases"
            )
        if seen[key].merged_into_id is not None:
            raise CaseError(
                _("%(number)s was merged; join the case that took it in.") % {"number": seen[key].number},
                "cases",
            )
    new = [key for key in wanted if key not in there]
    InvestigationCase.objects.bulk_create(
        InvestigationCase(investigation=row, case_id=key, joined_at=now) for key in new
    )
    for key in new:
        append_to(row, actor, "joined", now, {"case": key, "number": seen[key].number})


@transaction.atomic
def part_cases(
    *, actor: Actor, investigation: Investigation, cases: Iterable[Case], now: datetime
) -> Investigation:
    """Cases that were joined by mistake point to the investigation no more."""
    row = open_to_work(actor, investigation)
    wanted = CASE.visible_to(actor).filter(pk__in=[one.pk for one in cases], joined__investigation=row)
    found = list(wanted.order_by("pk"))
    InvestigationCase.objects.filter(investigation=row, case__in=found).delete()
    for one in found:
        append_to(row, actor, "parted", now, {"case": one.pk, "number": one.number})
    return settle_investigation(row, now)


@transaction.atomic
def set_team(
    *, actor: Actor, investigation: Investigation, owner: User, members: Iterable[User], now: datetime
) -> Investigation:
    """Who leads, and who works on it."""
    row = open_to_work(actor, investigation)
    people = _working([owner, *members])
    row.owner, row.team_id = owner, owner.team_id or row.team_id
    row.members.set([one for one in people if one.pk != owner.pk])
    append_to(
        row, actor, "staffed", now,
        {"owner": owner.name, "members": sorted(one.name for one in people[1:] if one.pk != owner.pk)},
    )  # fmt: skip
    return settle_investigation(row, now, "owner", "team")


@transaction.atomic
def change_investigation(
    *,
    actor: Actor,
    investigation: Investigation,
    now: datetime,
    title: str,
    kind: str,
    severity: int,
    defect: str = "",
    product: Product | None = None,
) -> Investigation:
    """Name it otherwise, or assess it anew: the clocks follow its severity."""
    row = open_to_work(actor, investigation)
    _known_choices(kind, severity)
    row.title = text_given(title, "title", _("Say what is investigated."))[:TITLE]
    row.kind, row.severity, row.product, row.defect = kind, severity, product, defect.strip()[:80]
    append_to(row, actor, "changed", now, {"attributes": _attributes(severity), "text": row.title})
    return settle_investigation(row, now, "title", "kind", "severity", "product", "defect")


def _known_choices(kind: str, severity: int) -> None:
    if kind not in Investigation.Kind.values:
        raise CaseError(_("There is no such choice."), "kind")
    if severity not in (1, 2, 3):
        raise CaseError(_("Severity is 1, 2 or 3."), "severity")


def _attributes(severity: int) -> dict[str, str]:
    """What the matrix may ask of an investigation."""
    return {"kind": "complaint", "severity": str(severity)}


@transaction.atomic
def write_step(
    *, actor: Actor, investigation: Investigation, step: str, text: str, now: datetime
) -> Investigation:
    """Write what a step found; the wording before stays in what happened."""
    row = open_to_work(actor, investigation)
    _known(step)
    append_to(
        row, actor, "written", now, {"step": step, "text": text_given(text, "text", _("Write something."))}
    )
    return settle_investigation(row, now)


def _known(step: str) -> None:
    if step not in STEPS:
        raise CaseError(_("There is no such step."))


@transaction.atomic
def finish_step(*, actor: Actor, investigation: Investigation, step: str, now: datetime) -> Investigation:
    """Call a step done, if it has what it needs (`investigation_rules.lacks`). D8 closes the investigation."""
    row = open_to_work(actor, investigation)
    _known(step)
    if refusal := lacks(step, facts_of(row)):
        raise CaseError(REFUSALS[refusal])
    append_to(row, actor, f"{step}_done", now)
    if step != STEPS[-1]:
        return settle_investigation(row, now)
    row.closed_at = now
    row.first_closed_at = row.first_closed_at or now
    append_to(row, actor, "closed", now)
    return settle_investigation(row, now, "closed_at", "first_closed_at")


@transaction.atomic
def reopen_investigation(
    *, actor: Actor, investigation: Investigation, reason: str, now: datetime, step: str = FIRST_AGAIN
) -> Investigation:
    """It came again. The steps from `step` on are open once more; when it was first closed stays known."""
    row = live_investigation(actor, investigation)
    if row.closed_at is None:
        raise CaseError(_("The investigation is open."))
    _known(step)
    reason = line_given(reason, "reason", _("Say why it is open again."))
    row.closed_at = None
    append_to(row, actor, "reopened", now, {"reason": reason, "from": step})
    return settle_investigation(row, now, "closed_at")
