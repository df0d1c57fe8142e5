"""Solving, calling back, closing, and opening again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed

from ..errors import CaseError
from ..models import Case, CaseClock
from ..objection.holding import refuse_open_objection
from ..rules import MUST_NAME_CAUSE
from .costing import post_case_cost
from .step import append, journal, live_case, refuse_ended, settle, text_given


@transaction.atomic
def solve_case(*, actor: Actor, case: Case, solution: str, now: datetime, cause: str = "") -> Case:
    """The customer's matter is settled. `cause`: why it happened, a technical field; it may follow until closing."""
    row = live_case(actor, case)
    refuse_ended(row)
    solution = text_given(solution, "solution", _("Say how it was solved."))
    _set_cause(row, actor, cause)
    row.solution, row.solved_at = solution, now
    append(row, actor, "solved", now, {"text": solution})
    journal(row, actor, now, "solved")
    return settle(row, now, "solution", "solved_at", "cause")


def _set_cause(case: Case, actor: Actor, cause: str) -> None:
    if cause.strip():
        if not actor.may("case", "edit", FieldClass.TECHNICAL):
            raise NotAllowed("case", "edit")
        case.cause = text_given(cause, "cause", _("Name the cause."))


@transaction.atomic
def call_back(*, actor: Actor, case: Case, satisfaction: int, now: datetime, text: str = "") -> Case:
    """The customer was asked, some days after solving, and is satisfied from 1 (not at all) to 5 (fully)."""
    row = live_case(actor, case)
    if row.status not in (Case.Status.SOLVED, Case.Status.CLOSED) or row.solved_at is None:
        raise CaseError(_("Call back after the case is solved."))
    if satisfaction not in range(1, 6):
        raise CaseError(_("Satisfaction is a number from 1 to 5."), "satisfaction")
    row.satisfaction = satisfaction
    append(row, actor, "called_back", now, {"satisfaction": satisfaction, "text": text.strip()[:2000]})
    journal(row, actor, now, "called_back", after={"satisfaction": satisfaction})
    return settle(row, now, "satisfaction")


@transaction.atomic
def miss_call_back(*, actor: Actor, case: Case, now: datetime, text: str = "") -> Case:
    """The customer was called and not reached. The promised call-back stays open; how often it was tried is known."""
    row = live_case(actor, case)
    if row.status != Case.Status.SOLVED:
        raise CaseError(_("Call back after the case is solved."))
    append(row, actor, "not_reached", now, {"text": text.strip()[:2000]}, is_internal=True)
    journal(row, actor, now, "not_reached")
    return settle(row, now)


@transaction.atomic
def close_case(
    *,
    actor: Actor,
    case: Case,
    now: datetime,
    reason: str = "",
    cause: str = "",
    cost: Decimal | None = None,
    cost_text: str = "",
) -> Case:
    """Put a solved case away. Refused: one that is not solved; one whose objection is open; a complaint without its cause;
    and, unless a reason is given, one whose promised call-back was not made.
    `cost`: what it cost outside, posted as external failure in the same transaction."""
    row = live_case(actor, case)
    if row.status == Case.Status.CLOSED:
        raise CaseError(_("This case is closed already."))
    if row.status != Case.Status.SOLVED:
        raise CaseError(_("Only a solved case can be closed."))
    refuse_open_objection(row)
    _set_cause(row, actor, cause)
    if row.kind in MUST_NAME_CAUSE and not row.cause:
        raise CaseError(_("A complaint is closed with its cause: name it."), "cause")
    is_promised = CaseClock.objects.filter(case=row, kind="call_back", stopped_at=None).exists()
    if is_promised and not reason.strip():
        raise CaseError(_("The promised call-back was not made: say why it is left out."), "reason")
    row.closed_at = now
    append(row, actor, "closed", now, {"reason": reason.strip()[:500]})
    journal(row, actor, now, "closed")
    done = settle(row, now, "closed_at", "cause")
    if cost is not None:
        post_case_cost(actor=actor, case=done, amount=cost, text=cost_text, now=now)
    return done


@transaction.atomic
def reopen_case(*, actor: Actor, case: Case, reason: str, now: datetime) -> Case:
    """It was not solved after all. The resolution runs on; first and total resolution both stay known. What comes for a
    merged case reopens the one that took it in."""
    row = live_case(actor, case)
    if row.status not in (Case.Status.SOLVED, Case.Status.CLOSED, Case.Status.REFUSED):
        raise CaseError(_("The case is open."))
    reason = text_given(reason, "reason", _("Say why it is open again."))
    row.solved_at = row.closed_at = row.satisfaction = None
    append(row, actor, "reopened", now, {"reason": reason})
    journal(row, actor, now, "reopened", after={"reason": reason})
    return settle(row, now, "solved_at", "closed_at", "satisfaction")
