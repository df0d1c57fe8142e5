"""Planning visits: sending somebody, planning anew, calling it off. Two who plan at once cannot give one person two visits:
the technician's and the kit's rows are locked before their visits are read."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.customers.models import Site
from bihuan.kernel.actor import Actor, NotAllowed, require

from ..errors import CaseError
from ..models import Case, Kit, Technician, Visit
from ..services.step import append, journal, live_case, refuse_ended, settle
from . import queries
from .records import TECHNICIAN, VISIT
from .rules import Offer, offer
from .step import append_visit, live_visit, save_visit
from .store import dispatching_now
from .wording import say_lack

BACK = timedelta(hours=1)
"""How long a suggestion may lie on a screen before its start is too long ago."""


@transaction.atomic
def plan_visit(
    *,
    actor: Actor,
    case: Case,
    technician: int,
    leaves_at: datetime,
    now: datetime,
    site: Site | None = None,
    purpose: str = "",
    reason: str = "",
) -> Visit:
    """Send a technician who leaves at that moment. The same sent twice is one visit.

    `CaseError` where that time is not free any more, where a certificate is missing, where anything else is missing and no
    `reason` is given, and for a case that is over; 404 for a case, site or technician that the actor does not see.
    """
    require(actor, "visit", "create")
    row = live_case(actor, case, "note")
    refuse_ended(row)
    site = _site(actor, row, site)
    _lock(actor, technician)
    same = Visit.objects.filter(case=row, technician=technician, leaves_at=leaves_at, status__in=queries.OPEN)
    if (there := same.first()) is not None:
        return there
    found = _checked(actor, row, site, technician, leaves_at, now, reason)
    assert found.slot is not None
    visit = Visit.objects.create(
        case=row, technician_id=technician, kit_id=found.kit.key if found.kit else None, site=site,
        purpose=_purpose(purpose, row), leaves_at=found.slot.leaves_at, starts_at=found.slot.starts_at,
        ends_at=found.slot.ends_at, override_reason=reason.strip()[:300] if found.lacks else "",
        created_at=now, updated_at=now,
    )  # fmt: skip
    if not VISIT.visible_to(actor, "create").filter(pk=visit.pk).exists():
        raise NotAllowed("visit", "create")
    _tell(visit, row, actor, "planned", now, found)
    return visit


@transaction.atomic
def replan_visit(
    *, actor: Actor, visit: Visit, technician: int, leaves_at: datetime, reason: str, now: datetime
) -> Visit:
    """Another time or another technician, with why. Only before anybody has set out."""
    row = live_visit(actor, visit, "create")
    if row.status != Visit.Status.PLANNED:
        raise CaseError(_("Somebody has set out already; cancel this visit and plan another."))
    reason = reason.strip()[:300]
    if not reason:
        raise CaseError(_("Say why it is planned anew."), "reason")
    case = live_case(actor, row.case, "note")
    refuse_ended(case)
    _lock(actor, technician)
    found = _checked(actor, case, row.site, technician, leaves_at, now, reason, row.pk)
    assert found.slot is not None
    before = {"technician": row.technician_id, "leaves_at": row.leaves_at.isoformat()}
    if (row.technician_id, row.leaves_at) == (technician, leaves_at):
        raise CaseError(_("Nothing would change."))
    row.technician_id = technician
    row.kit_id = found.kit.key if found.kit else None
    row.leaves_at, row.starts_at, row.ends_at = found.slot.leaves_at, found.slot.starts_at, found.slot.ends_at
    row.override_reason = reason if found.lacks else ""
    save_visit(row, now, "technician", "kit", "leaves_at", "starts_at", "ends_at", "override_reason")
    _tell(row, case, actor, "replanned", now, found, reason, before)
    return row


@transaction.atomic
def cancel_visit(*, actor: Actor, visit: Visit, reason: str, now: datetime) -> Visit:
    """Call a visit off, with why. Twice is once."""
    row = live_visit(actor, visit, "create")
    if row.status == Visit.Status.CANCELLED:
        return row
    if row.status == Visit.Status.DONE:
        raise CaseError(_("This visit is done."))
    reason = reason.strip()[:300]
    if not reason:
        raise CaseError(_("Say why it is cancelled."), "reason")
    case = live_case(actor, row.case, "note")
    row.status, row.cancel_reason = Visit.Status.CANCELLED, reason
    save_visit(row, now, "status", "cancel_reason")
    append_visit(row, actor, "cancelled", now, {"reason": reason})
    append(case, actor, "visit_cancelled", now, {"visit": row.pk, "reason": reason})
    journal(case, actor, now, "visit_cancelled", after={"visit": row.pk, "reason": reason})
    settle(case, now)
    return row


def _site(actor: Actor, case: Case, site: Site | None) -> Site | None:
    if site is None:
        return None
    found = next((one for one in queries.sites_of_case(actor, case) if one.pk == site.pk), None)
    if found is None:
        raise Http404("site")
    return found


def _lock(actor: Actor, technician: int) -> None:
    """Whoever plans for the same technician, or with a kit of the same station, waits here for the other."""
    seen = TECHNICIAN.visible_to(actor).filter(pk=technician).order_by().values("pk")
    row = Technician.objects.select_for_update().filter(pk__in=seen).first()
    if row is None:
        raise Http404("technician")
    list(Kit.objects.select_for_update().filter(station=row.station_id).order_by("pk").values_list("pk"))
    list(Kit.objects.select_for_update().filter(carrier=row.pk).order_by("pk").values_list("pk"))


def _checked(
    actor: Actor, case: Case, site: Site | None, technician: int, leaves_at: datetime, now: datetime, reason: str,
    without_visit: int | None = None,
) -> Offer:  # fmt: skip
    """By the rule that suggested: the slot is still free, and what is wanting may be overridden and was."""
    if leaves_at < now - BACK:
        raise CaseError(_("That time has passed; look at the suggestions again."))
    document = dispatching_now()
    people = queries.candidates(actor, document, now, only=technician, without_visit=without_visit)
    if not people:
        raise CaseError(_("This technician cannot be sent at present."))
    job = queries.job_of(case, site, document, leaves_at)
    found = offer(job, people[0], document.travel)
    if any(one.is_final and one.kind != "time" for one in found.lacks):
        raise CaseError(
            _("%(name)s may not be sent: %(lacks)s.")
            % {"name": people[0].name, "lacks": _("; ").join(say_lack(one, document) for one in found.lacks)}
        )
    if found.slot is None or found.slot.leaves_at != leaves_at:
        raise CaseError(
            _("%(name)s is not free at that time any more; look at the suggestions again.")
            % {"name": people[0].name}
        )
    if found.lacks and not reason.strip():
        raise CaseError(
            _("Say why %(name)s is sent although there is wanting: %(lacks)s.")
            % {"name": people[0].name, "lacks": _("; ").join(say_lack(one, document) for one in found.lacks)},
            "reason",
        )
    return found


def _purpose(purpose: str, case: Case) -> str:
    return (purpose.strip() or case.title)[:200]


def _tell(
    visit: Visit, case: Case, actor: Actor, kind: str, now: datetime, found: Offer, reason: str = "",
    before: dict[str, object] | None = None,
) -> None:  # fmt: skip
    name = queries.names_of([visit.technician_id])[visit.technician_id][0]
    told = {
        "visit": visit.pk,
        "technician": name,
        "starts_at": visit.starts_at.isoformat(),
        "reason": reason or visit.override_reason,
    }
    lacks = [asdict(one) for one in found.lacks]
    append_visit(visit, actor, kind, now, {**told, "lacks": lacks, "before": before or {}})
    append(case, actor, f"visit_{kind}", now, told)
    journal(case, actor, now, f"visit_{kind}", before=before, after=told)
    settle(case, now)
