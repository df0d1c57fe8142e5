"""What the technician reports from the phone: setting out, checking in, findings, samples, the customer's signature, the end.

Each step sent twice is taken once. A check-in is the case's own event “on site”, so its clock stops at that moment.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed
from bihuan.kernel.files import FileRefused, keep_upload

from ..errors import CaseError
from ..models import Case, CaseClock, CaseEvent, Visit, VisitSample
from ..rules import has_happened
from ..services.filing import attach, attach_kept
from ..services.step import append, journal, live_case, settle
from ..services.working import set_on_site
from .places import Point, distance_km
from .queries import place_of
from .step import append_visit, live_visit, refuse_over, save_visit

MOST_TEXT = 10_000
MOST_SIGNATURE = 400_000
OVER = (Case.Status.SOLVED, Case.Status.CLOSED, Case.Status.REFUSED)


@transaction.atomic
def set_out(*, actor: Actor, visit: Visit, now: datetime) -> Visit:
    row = live_visit(actor, visit)
    refuse_over(row)
    if row.status != Visit.Status.PLANNED:
        return row
    row.status, row.set_out_at = Visit.Status.UNDER_WAY, now
    append_visit(row, actor, "set_out", now)
    return save_visit(row, now, "status", "set_out_at")


@transaction.atomic
def check_in(
    *,
    actor: Actor,
    visit: Visit,
    now: datetime,
    latitude: float | None = None,
    longitude: float | None = None,
) -> Visit:
    """Arrived. A position (degrees) is optional; of it only the distance to the site is kept, in metres, and only where the
    site's own position is known. Stops the case's on-site clock unless somebody was there before."""
    row = live_visit(actor, visit)
    refuse_over(row)
    if row.status == Visit.Status.ON_SITE:
        return row
    case = live_case(actor, row.case, "note")
    row.status, row.checked_in_at = Visit.Status.ON_SITE, now
    row.distance_m = _distance(row, latitude, longitude)
    append_visit(row, actor, "checked_in", now, {"distance_m": row.distance_m})
    save_visit(row, now, "status", "checked_in_at", "distance_m")
    events = CaseEvent.objects.filter(case=case, kind__in=("on_site", "reopened")).order_by("id")
    if case.status not in OVER and not has_happened(events, "on_site"):
        set_on_site(actor=actor, case=case, text=row.purpose, now=now)
    return row


def _distance(visit: Visit, latitude: float | None, longitude: float | None) -> int | None:
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    place = place_of(visit.case, visit.site)
    if place is None or not place.is_exact:
        return None
    return round(distance_km(Point(latitude, longitude), place) * 1000)


@transaction.atomic
def write_report(*, actor: Actor, visit: Visit, findings: str, readings: str, now: datetime) -> Visit:
    """What was found and read; may be written as often as wanted until the visit is done."""
    row = _technical(actor, live_visit(actor, visit))
    refuse_over(row)
    findings, readings = _tidy(findings, "findings"), _tidy(readings, "readings")
    if not findings and not readings:
        raise CaseError(_("Write what was found."), "findings")
    if (row.findings, row.readings) == (findings, readings):
        return row
    row.findings, row.readings = findings, readings
    append_visit(row, actor, "reported", now, {"findings": findings, "readings": readings})
    return save_visit(row, now, "findings", "readings")


@transaction.atomic
def add_photos(*, actor: Actor, visit: Visit, uploads: Sequence[Any], now: datetime) -> Visit:
    """Photos and files of the visit; they are files of the case."""
    row = live_visit(actor, visit)
    if row.status == Visit.Status.CANCELLED:
        raise CaseError(_("This visit was cancelled."))
    attach(actor, row.case, uploads, now, about=f"visit:{row.pk}")
    return row


@transaction.atomic
def take_sample(*, actor: Actor, visit: Visit, number: str, now: datetime) -> VisitSample:
    """A sample was drawn on site: the clock for its result starts, where the company promises one."""
    row = _technical(actor, live_visit(actor, visit))
    refuse_over(row)
    if row.status != Visit.Status.ON_SITE:
        raise CaseError(_("Check in first: samples are drawn on site."), "number")
    number = number.strip()[:40]
    if not number:
        raise CaseError(_("Write the number of the sample."), "number")
    if (there := VisitSample.objects.filter(visit=row, number=number).first()) is not None:
        return there
    case = live_case(actor, row.case, "note")
    sample = VisitSample.objects.create(visit=row, number=number, taken_at=now)
    append_visit(row, actor, "sampled", now, {"number": number})
    if case.status not in OVER:
        append(case, actor, "sampled", now, {"visit": row.pk, "number": number})
        journal(case, actor, now, "sampled", after={"visit": row.pk, "number": number})
        settle(case, now)
        sample.due_at = _due(case, now)
        sample.save(update_fields=["due_at"])
    return sample


def _due(case: Case, taken_at: datetime) -> datetime | None:
    """As long after the drawing as the clock was given; a clock that ran already for an earlier sample gives its length."""
    clock = CaseClock.objects.filter(case=case, kind="sample_result").first()
    return None if clock is None else taken_at + (clock.due_at - clock.started_at)


@transaction.atomic
def give_result(*, actor: Actor, visit: Visit, sample: int, result: str, now: datetime) -> VisitSample:
    """The result of a sample. The case's clock stops when no sample of the case waits for its result any more."""
    row = _technical(actor, live_visit(actor, visit))
    if row.status == Visit.Status.CANCELLED:
        raise CaseError(_("This visit was cancelled."))
    found = VisitSample.objects.select_for_update().filter(pk=sample, visit=row).first()
    if found is None:
        raise Http404("sample")
    result = result.strip()[:500]
    if not result:
        raise CaseError(_("Write the result."), "result")
    if found.result_at is not None:
        if found.result == result:
            return found
        raise CaseError(_("This sample has its result already: %(result)s") % {"result": found.result})
    found.result, found.result_at = result, max(now, found.taken_at)
    found.save(update_fields=["result", "result_at"])
    append_visit(row, actor, "result_given", now, {"number": found.number, "result": result})
    case = live_case(actor, row.case, "note")
    of_case = Q(visit__case=case) | Q(visit__case__merged_into=case)
    waits = VisitSample.objects.filter(of_case, result_at=None).exclude(visit__status=Visit.Status.CANCELLED)
    if case.status not in OVER and not waits.exists():
        append(
            case, actor, "sample_result", now, {"visit": row.pk, "number": found.number, "text": result},
            field_class=FieldClass.TECHNICAL,
        )  # fmt: skip
        journal(case, actor, now, "sample_result", after={"visit": row.pk, "number": found.number})
        settle(case, now)
    return found


@transaction.atomic
def sign(*, actor: Actor, visit: Visit, signed_by: str, picture: str, now: datetime) -> Visit:
    """The customer's signature, drawn on the phone: `picture` is a PNG as a data address. It becomes a file of the case."""
    row = live_visit(actor, visit)
    refuse_over(row)
    signed_by = signed_by.strip()[:80]
    if not signed_by:
        raise CaseError(_("Write who signs."), "signed_by")
    if row.status != Visit.Status.ON_SITE:
        raise CaseError(_("Check in first: the customer signs on site."))
    if not actor.may("visit", "edit", FieldClass.CONTACT):
        raise NotAllowed("visit", "edit")
    data = drawn(picture)
    name = f"signature-{row.pk}.png"
    try:
        kept = keep_upload(SimpleUploadedFile(name, data, "image/png"))
    except FileRefused as refusal:
        raise CaseError(str(refusal), "picture") from refusal
    if (row.signature, row.signed_by) == (kept.sha256, signed_by):
        return row
    attach_kept(
        actor, row.case, [kept], now, is_internal=True, field_class=FieldClass.CONTACT,
        about=f"visit:{row.pk}:signed",
    )  # fmt: skip
    row.signed_by, row.signed_at, row.signature = signed_by, now, kept.sha256
    append_visit(row, actor, "signed", now, {"sha256": kept.sha256})
    return save_visit(row, now, "signed_by", "signed_at", "signature")


def drawn(picture: str) -> bytes:
    """The PNG of a data address. `CaseError` for what is none, is too large, or shows nothing drawn."""
    head, _comma, body = picture.partition(",")
    if head != "data:image/png;base64" or len(body) > MOST_SIGNATURE:
        raise CaseError(_("Let the customer sign in the box."), "picture")
    try:
        data = base64.b64decode(body, validate=True)
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > 4_000_000:
                raise CaseError(_("Let the customer sign in the box."), "picture")
            grey = image.convert("L").histogram()
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise CaseError(_("Let the customer sign in the box."), "picture") from error
    if sum(1 for count in grey if count) < 2:
        raise CaseError(_("Let the customer sign in the box."), "picture")
    return data


@transaction.atomic
def finish(*, actor: Actor, visit: Visit, now: datetime, unsigned: str = "") -> Visit:
    """The visit is over. It needs findings; where nobody signed, `unsigned` says why."""
    row = live_visit(actor, visit)
    if row.status == Visit.Status.DONE:
        return row
    refuse_over(row)
    if row.status != Visit.Status.ON_SITE:
        raise CaseError(_("Check in first."))
    if not row.findings:
        raise CaseError(_("Write what was found."), "findings")
    unsigned = unsigned.strip()[:300]
    if not row.signature and not unsigned:
        raise CaseError(_("Let the customer sign, or say why nobody did."), "unsigned")
    case = live_case(actor, row.case, "note")
    row.status, row.done_at = Visit.Status.DONE, now
    save_visit(row, now, "status", "done_at")
    append_visit(row, actor, "finished", now, {"reason": "" if row.signature else unsigned})
    append(case, actor, "visit_done", now, {"visit": row.pk, "technician": actor.name[:150]})
    journal(case, actor, now, "visit_done", after={"visit": row.pk})
    settle(case, now)
    return row


def _technical(actor: Actor, visit: Visit) -> Visit:
    if not actor.may("visit", "edit", FieldClass.TECHNICAL):
        raise NotAllowed("visit", "edit")
    return visit


def _tidy(text: str, field: str) -> str:
    tidy = text.replace("\r\n", "\n").strip()
    if len(tidy) > MOST_TEXT:
        raise CaseError(
            _("At most %(most)s characters; here are %(count)s.") % {"most": MOST_TEXT, "count": len(tidy)},
            field,
        )
    return tidy
