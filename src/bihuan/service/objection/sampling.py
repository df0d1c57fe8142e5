"""Joint samples: taken with both sides present, a twin sealed and countersigned, tested, perhaps by a referee; a result that is
disputed lets the twin be tested, by a time of its own."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.time import local_date

from ..errors import CaseError
from ..models import Objection, ObjectionSample
from .rules import stages_done
from .step import append_to, open_to_work, settle_objection, tell_case

TECHNICAL = FieldClass.TECHNICAL


@transaction.atomic
def add_sample(
    *,
    actor: Actor,
    objection: Objection,
    number: str,
    place: str,
    taken_on: date,
    ours_present: str,
    theirs_present: str,
    retained_number: str,
    is_sealed: bool,
    now: datetime,
    countersigned_by_us: str = "",
    countersigned_by_them: str = "",
    laboratory: str = "",
    is_referee: bool = False,
) -> ObjectionSample:
    """Write down a sample that both sides took. Refused: a day that has not come, a number twice, a side that was not there."""
    row = open_to_work(actor, objection, "edit", TECHNICAL)
    if "admitted" not in {one.kind for one in row.events.all()}:
        raise CaseError(_("Samples are taken once the objection is admitted."))
    given = {
        "number": (number, 60, _("A sample has a number.")),
        "place": (place, 200, _("Say where it was taken.")),
        "ours_present": (ours_present, 200, _("Say who of ours was present.")),
        "theirs_present": (theirs_present, 200, _("Say who of the customer was present.")),
        "retained_number": (retained_number, 60, _("The retained sample has a number.")),
    }
    tidy = {}
    for name, (text, most, message) in given.items():
        if not text.strip():
            raise CaseError(message, name)
        tidy[name] = text.strip()[:most]
    if taken_on > local_date(now):
        raise CaseError(_("This day has not come yet."), "taken_on")
    if ObjectionSample.objects.filter(objection=row, number=tidy["number"]).exists():
        raise CaseError(_("There is a sample of this number already."), "number")
    if is_referee and not laboratory.strip():
        raise CaseError(_("Say which laboratory is the referee."), "laboratory")
    made = ObjectionSample.objects.create(
        objection=row, taken_on=taken_on, is_sealed=is_sealed,
        countersigned_by_us=countersigned_by_us.strip()[:100],
        countersigned_by_them=countersigned_by_them.strip()[:100],
        laboratory=laboratory.strip()[:120], is_referee=is_referee, **tidy,
    )  # fmt: skip
    told = {"sample": made.number, "retained": made.retained_number, "laboratory": made.laboratory}
    append_to(row, actor, "sampled", now, told, TECHNICAL)
    settle_objection(row, now)
    return made


@transaction.atomic
def enter_result(
    *,
    actor: Actor,
    objection: Objection,
    sample: int,
    result: str,
    is_conforming: bool,
    result_on: date,
    now: datetime,
    laboratory: str = "",
    is_referee: bool | None = None,
) -> ObjectionSample:
    """What a laboratory found. A later result, of the referee perhaps, takes its place; the events keep both. Of a disputed one it
    is what the retained sample showed: that stops the clock of the re-test and stands."""
    row = open_to_work(actor, objection, "edit", TECHNICAL)
    found = ObjectionSample.objects.filter(objection=row, pk=sample).first()
    if found is None:
        raise Http404("sample")
    if not result.strip():
        raise CaseError(_("Say what was found."), "result")
    if result_on > local_date(now):
        raise CaseError(_("This day has not come yet."), "result_on")
    if result_on < found.taken_on:
        raise CaseError(_("A sample is taken before it is tested."), "result_on")
    if found.retested_at is not None:
        raise CaseError(_("The retained sample was tested; its result stands."), "result")
    is_retest = found.disputed_at is not None
    if is_retest and found.result_on is not None and result_on < found.result_on:
        raise CaseError(_("The retained sample is tested after the first one."), "result_on")
    found.first_result = found.result if is_retest else ""
    found.retested_at = now if is_retest else None
    found.result, found.is_conforming, found.result_on = result.strip()[:500], is_conforming, result_on
    found.laboratory = laboratory.strip()[:120] or found.laboratory
    found.is_referee = found.is_referee if is_referee is None else is_referee
    found.save()
    told = {
        "sample": found.number, "result": found.result, "conforms": is_conforming, "laboratory": found.laboratory,
        "referee": found.is_referee,
    }  # fmt: skip
    append_to(row, actor, "retested" if is_retest else "result", now, told, TECHNICAL)
    if is_retest and not _disputed(row).exists():
        tell_case(row, actor, "retest_result", now, {"number": found.retained_number})
    settle_objection(row, now)
    return found


@transaction.atomic
def dispute_result(
    *, actor: Actor, objection: Objection, sample: int, text: str, now: datetime
) -> ObjectionSample:
    """A side does not accept the result: the retained sample is to be tested, by when the matrix says. `text`: who, and why.

    Refused: no result yet, disputed already, a retained sample that was not sealed and countersigned by both, liability settled.
    """
    row = open_to_work(actor, objection, "edit", TECHNICAL)
    found = ObjectionSample.objects.filter(objection=row, pk=sample).first()
    if found is None:
        raise Http404("sample")
    if found.result_on is None:
        raise CaseError(_("This sample has no result yet."), "sample")
    if found.retested_at is not None:
        raise CaseError(_("The retained sample was tested; its result stands."), "sample")
    if found.disputed_at is not None:
        raise CaseError(_("This result is disputed already."), "sample")
    if not (found.is_sealed and found.countersigned_by_us and found.countersigned_by_them):
        raise CaseError(
            _("Its retained sample is not sealed and countersigned by both: it proves nothing."), "sample"
        )
    if "liability" in stages_done(row.events.order_by("id")):
        raise CaseError(_("Liability is settled. Reopen the objection to dispute a result."), "sample")
    if not text.strip():
        raise CaseError(_("Say who disputes it, and why."), "text")
    found.disputed_at, found.dispute = now, text.strip()[:300]
    found.save(update_fields=["disputed_at", "dispute"])
    append_to(row, actor, "disputed", now, {"sample": found.number, "text": found.dispute}, TECHNICAL)
    tell_case(row, actor, "result_disputed", now, {"number": found.retained_number})
    settle_objection(row, now)
    return found


def _disputed(row: Objection) -> QuerySet[ObjectionSample]:
    """The samples whose retained one is still to be tested."""
    return ObjectionSample.objects.filter(objection=row, disputed_at__isnull=False, retested_at=None)
