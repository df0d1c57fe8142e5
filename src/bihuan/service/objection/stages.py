"""Taking an objection through its stages. What a stage needs, `rules.lacks` says; what it does besides stands here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor

from ..errors import CaseError
from ..models import Case, CaseClock, Objection
from ..services.steering import change_case
from ..services.step import text_given
from ..services.working import respond, set_on_site
from .facts import Stands, matrix_now, stands
from .rules import STAGES, Facts, lacks, next_stage
from .settling import post_settlement, reverse_settlement
from .step import append_to, keep_if_promised, live_objection, open_to_work, settle_objection, tell_case
from .wording import REFUSALS

LINE = 500


@transaction.atomic
def finish_stage(*, actor: Actor, objection: Objection, stage: str, now: datetime, **given: Any) -> Objection:
    """Call a stage done, with what its dialog gives: reasons for setting a rule aside, the customer's text, a severity, shares,
    what was done. Refused with the words of what `lacks` says, and nothing is changed."""
    row = open_to_work(actor, objection, "settle" if stage == "settled" else "edit")
    if stage not in STAGES:
        raise CaseError(_("There is no such choice."))
    found = stands(row)
    facts, told = _with(found.facts, given)
    if stage == "settled" and not lacks("settled", replace(facts, is_posted=True)):
        # Posting is what the stage does; it is asked like the others once that is done.
        post_settlement(actor, row, now)
        facts = replace(facts, is_posted=True)
    if missing := lacks(stage, facts):
        raise CaseError(REFUSALS[missing], _field_of(missing))
    match stage:
        case "admitted":
            keep_if_promised(actor, row.case, "admission", now)
            told |= _judged_by(found)
        case "acknowledged":
            respond(actor=actor, case=row.case, text=str(given.get("text", "")), now=now)
        case "assessed" if given.get("severity") not in (None, row.case.severity):
            change_case(actor=actor, case=row.case, severity=int(given["severity"]), now=now)
        case "liability" if "shares" in given:
            append_to(row, actor, "shares", now, {"shares": told.pop("shares"), "text": told.pop("text", "")})
        case "proposal":
            keep_if_promised(actor, row.case, "proposal", now)
    if stage == "acknowledged":
        told.pop("text", None)  # it stands in the case, as what the customer was told
    append_to(row, actor, stage, now, told)
    return settle_objection(row, now, "settlement", "cost")


def _judged_by(found: Stands) -> dict[str, Any]:
    """The rule that admission was judged by, as it was in force: the matrix may say something else tomorrow."""
    window, last_day = found.window, found.facts.last_day
    return {
        "window_days": window.days,
        "last_day": last_day.isoformat() if last_day else "",
        "tolerance": str(window.tolerance) if window.tolerance is not None else "",
        "source": window.source,
    }


def _with(facts: Facts, given: Mapping[str, Any]) -> tuple[Facts, dict[str, Any]]:
    """The facts with what the dialog adds, and what the event keeps of it."""
    names = ("late_reason", "small_reason", "no_check_reason", "correction", "effect_text")
    told: dict[str, Any] = {
        name: str(given[name]).strip()[:LINE]
        for name in (*names, "text")
        if str(given.get(name) or "").strip()
    }
    said: dict[str, Any] = {name: told[name] for name in names if name in told}
    facts = replace(facts, **said)
    if (shares := given.get("shares")) is not None:
        facts = replace(facts, shares=_shares(shares))
        told["shares"] = {name: str(share) for name, share in facts.shares.items()}
    if given.get("severity") is not None:
        told["severity"] = int(given["severity"])
    return facts, told


def _shares(shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The shares in percent that are not nothing; of those whom the matrix knows."""
    known = {one.id for one in matrix_now().objections.liabilities}
    found = {name: share for name, share in shares.items() if share}
    for name, share in found.items():
        if name not in known:
            raise CaseError(_("There is no such choice."))
        if not share.is_finite() or not 0 < share <= 100:
            raise CaseError(_("A share is between 0 and 100 %."), f"share_{name}")
    return found


def _field_of(missing: str) -> str:
    return {
        "outside_window": "late_reason",
        "within_tolerance": "small_reason",
        "no_sample": "no_check_reason",
        "not_on_site": "no_check_reason",
        "no_correction": "correction",
        "no_effect": "effect_text",
    }.get(missing, "")


@transaction.atomic
def refuse_objection(
    *, actor: Actor, objection: Objection, reason: str, text: str, now: datetime
) -> Objection:
    """Do not admit it: a reason of the matrix, and what the customer is told."""
    row = open_to_work(actor, objection)
    if missing := lacks("refused", stands(row).facts):
        raise CaseError(REFUSALS[missing])
    if reason not in {one.id for one in matrix_now().objections.refusal_reasons}:
        raise CaseError(_("Pick why it is refused."), "reason")
    told = text_given(text, "text", _("Write what the customer is told."))
    respond(actor=actor, case=row.case, text=told, now=now)
    keep_if_promised(actor, row.case, "admission", now)
    append_to(row, actor, "refused", now, {"reason": reason})
    return settle_objection(row, now)


@transaction.atomic
def withdraw_objection(*, actor: Actor, objection: Objection, text: str, now: datetime) -> Objection:
    """The customer takes it back: `text` says how we know. Refused once the agreement is signed."""
    row = open_to_work(actor, objection)
    if missing := lacks("withdrawn", stands(row).facts):
        raise CaseError(REFUSALS[missing])
    told = text_given(text, "text", _("Say how the customer withdrew it."))
    append_to(row, actor, "withdrawn", now, {"text": told[:LINE]})
    if CaseClock.objects.filter(case=row.case, kind="retest", stopped_at=None).exists():
        tell_case(row, actor, "retest_dropped", now, {})
    return settle_objection(row, now)


@transaction.atomic
def go_on_site(*, actor: Actor, objection: Objection, now: datetime, text: str = "") -> Objection:
    """Somebody of ours is with the goods: a step of the case, whose on-site clock it stops."""
    row = open_to_work(actor, objection)
    set_on_site(actor=actor, case=row.case, now=now, text=text)
    return row


@transaction.atomic
def reopen_objection(
    *, actor: Actor, objection: Objection, stage: str, reason: str, now: datetime
) -> Objection:
    """Begin again with a stage that was done; a settlement that was posted is reversed if it is undone by that. Refused while
    the case is closed: that is reopened first."""
    row = live_objection(actor, objection)
    reason = reason.strip()[:LINE]
    if not reason:
        raise CaseError(_("Say why it is open again."), "reason")
    case = row.case.merged_into or row.case
    if case.status in (Case.Status.CLOSED, Case.Status.REFUSED):
        raise CaseError(_("%(number)s is closed; reopen it first.") % {"number": case.number})
    facts = stands(row).facts
    if facts.is_refused:
        stage = "admitted"
    elif facts.is_withdrawn:
        # Nothing is undone: it goes on where it stood.
        stage = next_stage(replace(facts, is_withdrawn=False))
    elif stage not in facts.done:
        raise CaseError(_("Only a stage that is done is begun again."), "stage")
    if facts.is_posted and STAGES.index(stage) <= STAGES.index("settled"):
        live_objection(actor, row, "settle")
        reverse_settlement(actor, row, reason, now)
    append_to(row, actor, "reopened", now, {"from": stage, "reason": reason})
    return settle_objection(row, now, "settlement", "cost")
