"""Reading investigations; every read starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from bihuan.kernel.actor import Actor
from bihuan.kernel.time import local_date

from .investigation_rules import ActionFacts, Facts, steps_done, written_in
from .models import (
    Case,
    Finding,
    Investigation,
    InvestigationAction,
    InvestigationClock,
    InvestigationEvent,
    InvestigationNotice,
    Verification,
)
from .records import CASE
from .records_investigation import INVESTIGATION


def get_investigation(actor: Actor, identity: int) -> Investigation:
    """The investigation with what its page's head needs; 404 where it is not the actor's to see."""
    row: Investigation | None = (
        INVESTIGATION.visible_to(actor).select_related("owner", "team", "product").filter(pk=identity).first()
    )
    if row is None:
        raise Http404(identity)
    return row


def may_work_on(actor: Actor, row: Investigation) -> bool:
    if actor.scope("investigation", "edit") >= actor.scope("investigation"):
        return True
    return INVESTIGATION.visible_to(actor, "edit").filter(pk=row.pk).exists()


def investigation_events(row: Investigation) -> list[InvestigationEvent]:
    return list(InvestigationEvent.objects.filter(investigation=row).order_by("id"))


def findings_of(row: Investigation) -> list[Finding]:
    return list(Finding.objects.filter(investigation=row, withdrawn_at=None).order_by("id"))


def actions_of(row: Investigation) -> list[InvestigationAction]:
    return list(InvestigationAction.objects.filter(investigation=row).select_related("owner").order_by("id"))


def verifications_of(row: Investigation) -> list[Verification]:
    return list(Verification.objects.filter(investigation=row).order_by("observed_on", "id"))


def facts_of(row: Investigation) -> Facts:
    """What the guards ask of an investigation."""
    return facts_from(
        row, investigation_events(row), findings_of(row), actions_of(row), verifications_of(row),
        row.members.count(),
    )  # fmt: skip


def facts_from(
    row: Investigation,
    events: Sequence[InvestigationEvent],
    findings: Sequence[Finding],
    actions: Sequence[InvestigationAction],
    verifications: Sequence[Verification],
    members: int,
) -> Facts:
    reopened = [one.at for one in events if one.kind == "reopened"]
    return Facts(
        has_owner=row.owner_id is not None,
        members=members,
        written=frozenset(written_in(events)),
        parts=frozenset(one.part for one in findings),
        actions=tuple(ActionFacts(one.kind, one.done_on, one.is_effective) for one in actions),
        good_on=tuple(one.observed_on for one in verifications if one.is_good),
        bad_on=tuple(one.observed_on for one in verifications if not one.is_good),
        done=steps_done(events),
        reopened_on=local_date(reopened[-1]) if reopened else None,
    )


def joined_cases(actor: Actor, row: Investigation) -> tuple[list[Case], int]:
    """The customers' cases that the actor sees, and how many there are in all."""
    seen = CASE.visible_to(actor).filter(joined__investigation=row).select_related("customer")
    return list(seen.order_by("opened_at", "id")[:100]), row.joined.count()


def investigation_of(actor: Actor, case: Case) -> Investigation | None:
    """The investigation that a case points to, if the actor sees it."""
    found: Investigation | None = INVESTIGATION.visible_to(actor).filter(joined__case=case).first()
    return found


def is_joined(case: Case) -> bool:
    return Investigation.objects.filter(joined__case=case).exists()


def open_investigations(actor: Actor, limit: int = 50) -> list[Investigation]:
    """Those that cases may be joined to, the newest first."""
    rows = INVESTIGATION.visible_to(actor, "edit").filter(closed_at=None)
    return list(rows.order_by("-opened_at", "-id")[:limit])


def my_investigations(actor: Actor, limit: int = 8) -> list[Investigation]:
    """Those that I lead, by what is due next."""
    rows = INVESTIGATION.visible_to(actor).filter(
        owner_id=actor.user_id, closed_at=None, next_due_at__isnull=False
    )
    return list(rows.order_by("next_due_at", "id")[:limit])


def live_step_notices(actor: Actor) -> QuerySet[InvestigationNotice]:
    """What I was told of steps that still run and have not put aside."""
    running = InvestigationClock.objects.filter(
        investigation=OuterRef("investigation"), kind=OuterRef("kind"), stopped_at=None
    )
    return InvestigationNotice.objects.filter(Exists(running), recipient_id=actor.user_id, read_at=None)


def my_step_notices(actor: Actor, limit: int = 8) -> list[InvestigationNotice]:
    """Of those, of each step the last, newest first; of open investigations that are mine to see."""
    rows = live_step_notices(actor)
    last: dict[tuple[int, str], InvestigationNotice] = {}
    for one in rows.select_related("investigation", "instead_of").order_by("-at", "-id")[: limit * 5]:
        last.setdefault((one.investigation_id, one.kind), one)
    if not last:
        return []
    keys = {one.investigation_id for one in last.values()}
    visible = INVESTIGATION.visible_to(actor).filter(pk__in=keys, closed_at=None)
    seen = set(visible.values_list("pk", flat=True))
    return [one for one in last.values() if one.investigation_id in seen][:limit]


def search_investigations(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(Q(number__startswith=text.upper()) | Q(title__contains=text))


def picked_cases(actor: Actor, text: str, limit: int = 50) -> list[Case]:
    """Cases named by their keys, as an address carries them: `3,4,7`. What is not the actor's is not there."""
    keys = {int(one) for one in text.split(",") if one.isascii() and one.isdigit() and len(one) < 19}
    rows = CASE.visible_to(actor).filter(pk__in=keys).select_related("customer")
    return list(rows.order_by("opened_at", "id")[:limit])
