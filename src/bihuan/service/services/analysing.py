"""What an investigation finds and does about it: lines of the analysis, actions, data observed afterwards."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.people.models import User

from ..errors import CaseError
from ..investigation_rules import CHAINS, ROOTS
from ..models import Factor, Finding, Investigation, InvestigationAction, Verification
from .investigation_step import append_to, line_given, not_later, open_to_work, settle_investigation


@transaction.atomic
def add_finding(
    *,
    actor: Actor,
    investigation: Investigation,
    part: str,
    text: str,
    now: datetime,
    factor: str = "",
    evidence: str = "",
) -> Finding:
    """Add a line to the analysis. A root cause needs its branch, its evidence, and the chain of whys that leads to it."""
    row = open_to_work(actor, investigation)
    if part not in Finding.Part.values:
        raise CaseError(_("There is no such choice."), "part")
    text = line_given(text, "text", _("Write something."))
    if part in (*ROOTS, Finding.Part.FISHBONE):
        if factor not in Factor.values:
            raise CaseError(_("Say to which branch it belongs."), "factor")
    else:
        factor = ""
    if part in ROOTS:
        evidence = line_given(evidence, "evidence", _("A root cause needs evidence."))
        if not row.findings.filter(part=CHAINS[part], withdrawn_at=None).exists():
            raise CaseError(_("A root cause comes at the end of a chain of whys: begin with the first why."))
    found = Finding.objects.create(
        investigation=row, part=part, factor=factor, text=text, evidence=evidence.strip()[:500]
    )
    append_to(row, actor, "found", now, {"finding": found.pk, "part": part, "text": text})
    settle_investigation(row, now)
    return found


@transaction.atomic
def withdraw_finding(*, actor: Actor, investigation: Investigation, finding: int, now: datetime) -> Finding:
    """What turned out wrong counts no more; it stays in what happened."""
    row = open_to_work(actor, investigation)
    found = Finding.objects.filter(pk=finding, investigation=row).first()
    if found is None:
        raise Http404("finding")
    if found.withdrawn_at is None:
        found.withdrawn_at = now
        found.save(update_fields=["withdrawn_at"])
        append_to(row, actor, "withdrawn", now, {"finding": found.pk, "text": found.text})
        settle_investigation(row, now)
    return found


@transaction.atomic
def plan_action(
    *,
    actor: Actor,
    investigation: Investigation,
    kind: str,
    text: str,
    owner: User | None,
    due_on: date | None,
    now: datetime,
) -> InvestigationAction:
    """Plan a correction, a corrective or a preventive action, with who does it by when."""
    row = open_to_work(actor, investigation)
    if kind not in InvestigationAction.Kind.values:
        raise CaseError(_("There is no such choice."), "kind")
    text = line_given(text, "text", _("Say what is to be done."))
    if owner is None or not owner.is_active:
        raise CaseError(_("An action needs somebody who does it."), "owner")
    if due_on is None:
        raise CaseError(_("An action needs a day by which it is done."), "due_on")
    made = InvestigationAction.objects.create(
        investigation=row, kind=kind, text=text, owner=owner, due_on=due_on
    )
    append_to(
        row, actor, "planned", now,
        {"action": made.pk, "kind": kind, "text": text, "owner": owner.name, "due_on": due_on.isoformat()},
    )  # fmt: skip
    settle_investigation(row, now)
    return made


def _action(row: Investigation, key: int) -> InvestigationAction:
    found = InvestigationAction.objects.filter(pk=key, investigation=row).first()
    if found is None:
        raise Http404("action")
    return found


@transaction.atomic
def carry_out(
    *, actor: Actor, investigation: Investigation, action: int, done_on: date, now: datetime
) -> InvestigationAction:
    """An action was done."""
    row = open_to_work(actor, investigation)
    found = _action(row, action)
    if found.done_on is not None:
        raise CaseError(_("This action is done already."))
    found.done_on = not_later(done_on, now, "done_on")
    found.save(update_fields=["done_on"])
    append_to(
        row, actor, "carried_out", now, {"action": found.pk, "text": found.text, "on": done_on.isoformat()}
    )
    settle_investigation(row, now)
    return found


@transaction.atomic
def check_effect(
    *,
    actor: Actor,
    investigation: Investigation,
    action: int,
    is_effective: bool,
    effect: str,
    checked_on: date,
    now: datetime,
) -> InvestigationAction:
    """Whether an action worked, and what shows it. Whoever carried it out may not be the only judge of D8: data follows."""
    row = open_to_work(actor, investigation)
    found = _action(row, action)
    if found.done_on is None:
        raise CaseError(_("Only an action that is done can be checked."))
    if checked_on < found.done_on:
        raise CaseError(_("The check comes after the action was done."), "checked_on")
    found.effect = line_given(effect, "effect", _("Say what shows the effect."))
    found.is_effective, found.checked_on = is_effective, not_later(checked_on, now, "checked_on")
    found.save(update_fields=["is_effective", "checked_on", "effect"])
    append_to(
        row, actor, "checked", now,
        {"action": found.pk, "text": found.effect, "is_effective": str(is_effective), "on": checked_on.isoformat()},
    )  # fmt: skip
    settle_investigation(row, now)
    return found


@transaction.atomic
def add_verification(
    *,
    actor: Actor,
    investigation: Investigation,
    observed_on: date,
    text: str,
    is_good: bool,
    now: datetime,
) -> Verification:
    """Data observed: tests, returns, complaints since. Only what is later than the actions closes D8."""
    row = open_to_work(actor, investigation)
    made = Verification.objects.create(
        investigation=row,
        observed_on=not_later(observed_on, now, "observed_on"),
        text=line_given(text, "text", _("Say what was observed.")),
        is_good=is_good,
    )
    append_to(
        row, actor, "observed", now,
        {"text": made.text, "on": observed_on.isoformat(), "is_good": str(is_good)},
    )  # fmt: skip
    settle_investigation(row, now)
    return made
