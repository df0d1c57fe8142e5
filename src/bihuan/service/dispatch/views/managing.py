"""Stations with their kits, technicians with what they may do, and how far the stations reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import local_date, now

from ...errors import CaseError
from ...forms import put_error
from ...models import Kit, Technician
from .. import managing, queries
from ..coverage import coverage_of
from ..forms import (
    AbsenceForm,
    CertificateForm,
    KitForm,
    StationForm,
    TechnicianForm,
    TrainingForm,
    calendar_choices,
)
from ..records import TECHNICIAN
from ..store import dispatching_now


def _ask(
    request: PageRequest, title: str, form: Any, url: str, save: Callable[[dict[str, Any]], object], back: str,
    icon: str = "edit",
) -> HttpResponse:  # fmt: skip
    """A dialog that calls one service and goes back; what was refused is said beside its field."""
    if form.is_bound and form.is_valid():
        try:
            save(form.cleaned_data)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, back)
    return dialog(request, title, form, url, icon=icon)


def _sent(request: PageRequest) -> Any:
    return request.POST if request.method == "POST" else None


@page("station")
def station_list(request: PageRequest) -> HttpResponse:
    document = dispatching_now()
    calendars = dict(calendar_choices())
    stations = queries.stations_of(request.actor)
    names = {who.pk: who.user.name for one in stations for who in one.technicians.all()}
    context = {
        "stations": [
            {
                "row": one,
                "calendar": calendars.get(one.calendar, one.calendar),
                "people": list(one.technicians.all()),
                "kits": [
                    (
                        kit,
                        document.kit(kit.kind),
                        document.kit_tests(kit.kind),
                        names.get(kit.carrier_id or 0, ""),
                    )
                    for kit in one.kits.all()
                ],
            }
            for one in stations
        ],
        "may_edit": request.actor.may("station", "edit"),
        "sees_people": request.actor.may("technician"),
    }
    return render(request, "service/dispatch/stations.html", context)


@page("station", "edit", methods=("GET", "POST"))
def station_new(request: PageRequest) -> HttpResponse:
    form = StationForm(_sent(request))
    return _ask(
        request, _("New service station"), form, reverse("station_new"),
        lambda given: managing.save_station(actor=request.actor, now=now(), **given), reverse("stations"),
        "building-store",
    )  # fmt: skip


@page("station", "edit", methods=("GET", "POST"))
def station_save(request: PageRequest, identity: int) -> HttpResponse:
    row = queries.get_station(request.actor, identity, "edit")
    form = StationForm(_sent(request), initial={name: getattr(row, name) for name in StationForm.base_fields})
    return _ask(
        request, row.name, form, reverse("station_save", args=[row.pk]),
        lambda given: managing.save_station(actor=request.actor, station=row, now=now(), **given),
        reverse("stations"), "building-store",
    )  # fmt: skip


@page("station", "edit", methods=("GET", "POST"))
def kit_new(request: PageRequest, identity: int) -> HttpResponse:
    row = queries.get_station(request.actor, identity, "edit")
    form = KitForm(_sent(request), actor=request.actor, document=dispatching_now(), station=row)
    return _ask(
        request, _("New kit: %(station)s") % {"station": row.name}, form, reverse("kit_new", args=[row.pk]),
        lambda given: managing.save_kit(actor=request.actor, station=row, now=now(), **given),
        reverse("stations"), "briefcase",
    )  # fmt: skip


@page("station", "edit", methods=("GET", "POST"))
def kit_save(request: PageRequest, identity: int) -> HttpResponse:
    kit = Kit.objects.select_related("station").filter(pk=identity).first()
    if kit is None:
        raise Http404(identity)
    row = queries.get_station(request.actor, kit.station_id, "edit")
    start = {"code": kit.code, "kind": kit.kind, "carrier": kit.carrier_id, "status": kit.status}
    form = KitForm(
        _sent(request), initial=start, actor=request.actor, document=dispatching_now(), station=row
    )
    return _ask(
        request, kit.code, form, reverse("kit_save", args=[kit.pk]),
        lambda given: managing.save_kit(actor=request.actor, station=row, kit=kit, now=now(), **given),
        reverse("stations"), "briefcase",
    )  # fmt: skip


@page("station")
def coverage(request: PageRequest) -> HttpResponse:
    document = dispatching_now()
    context = {
        "found": coverage_of(request.actor, document),
        "hours": f"{document.circle.total_seconds() / 3600:g}",
        "wanted": f"{document.circle_share * 100:.0f}",
        "tiers": ", ".join(document.circle_tiers),
        "kmh": f"{document.travel.kmh:g}",
        "factor": f"{document.travel.road_factor:g}",
    }
    return render(request, "service/dispatch/coverage.html", context)


@page("technician")
def technician_list(request: PageRequest) -> HttpResponse:
    """All that one sees, with what is wanting: certificates that ran out, hours of training."""
    document, today = dispatching_now(), local_date(now())
    rows = list(
        TECHNICIAN.visible_to(request.actor)
        .select_related("user", "station")
        .prefetch_related("certificates", "trainings")
        .order_by("-is_active", "station__name", "user__name")[:500]
    )
    needed = max((one.need.training_hours for one in document.rules), default=0)
    context = {
        "rows": [_line(one, today, document, needed) for one in rows],
        "needed": needed,
        "may_edit": request.actor.may("technician", "edit"),
    }
    return render(request, "service/dispatch/technicians.html", context)


def _line(one: Technician, today: Any, document: Any, needed: float) -> dict[str, Any]:
    hours = _hours(one, today, document.training_days)
    return {
        "row": one,
        "skills": [document.skill(str(code)) for code in one.skills],
        "certificates": [
            (document.certificate(each.kind), each.valid_until, _holds(each, today))
            for each in one.certificates.all()
        ],
        "hours": f"{hours:g}",
        "enough": hours >= needed,
    }


def _holds(each: Any, today: Any) -> bool:
    return each.valid_from <= today and (each.valid_until is None or today <= each.valid_until)


def _hours(one: Technician, today: Any, days: int) -> float:
    return float(sum(each.hours for each in one.trainings.all() if 0 <= (today - each.held_on).days < days))


@page("technician")
def technician_page(request: PageRequest, identity: int) -> HttpResponse:
    row = queries.get_technician(request.actor, identity)
    document, today = dispatching_now(), local_date(now())
    needed = max((one.need.training_hours for one in document.rules), default=0)
    context = {
        "row": row,
        "line": _line(row, today, document, needed),
        "needed": f"{needed:g}" if needed else "",
        "days": document.training_days,
        "calendar": dict(calendar_choices()).get(row.calendar or row.station.calendar, row.calendar),
        "certificates": [
            (document.certificate(each.kind), each, _holds(each, today))
            for each in row.certificates.order_by("kind", "-valid_from")
        ],
        "trainings": list(row.trainings.order_by("-held_on", "-id")[:50]),
        "absences": list(row.absences.order_by("-first_on")[:50]),
        "sees_reasons": FieldClass.CONTACT in request.actor.classes("technician"),
        "kits": [(kit, document.kit(kit.kind)) for kit in row.kits.all()],
        "may_edit": TECHNICIAN.visible_to(request.actor, "edit").filter(pk=row.pk).exists(),
    }
    return render(request, "service/dispatch/technician.html", context)


@page("technician", "edit", methods=("GET", "POST"))
def technician_new(request: PageRequest) -> HttpResponse:
    form = TechnicianForm(_sent(request), actor=request.actor, document=dispatching_now(), technician=None)
    return _ask(
        request, _("New technician"), form, reverse("technician_new"),
        lambda given: managing.save_technician(actor=request.actor, now=now(), **given), reverse("technicians"),
        "user-plus",
    )  # fmt: skip


@page("technician", "edit", methods=("GET", "POST"))
def technician_save(request: PageRequest, identity: int) -> HttpResponse:
    row = queries.get_technician(request.actor, identity, "edit")
    start = {
        "station": row.station_id, "skills": row.skills, "calendar": row.calendar, "is_active": row.is_active,
    }  # fmt: skip
    form = TechnicianForm(
        _sent(request), initial=start, actor=request.actor, document=dispatching_now(), technician=row
    )
    return _ask(
        request, row.user.name, form, reverse("technician_save", args=[row.pk]),
        lambda given: managing.save_technician(
            actor=request.actor, user=row.user, technician=row, now=now(), **given
        ),
        reverse("technician", args=[row.pk]), "user-cog",
    )  # fmt: skip


@page("technician", "edit", methods=("GET", "POST"))
def technician_add(request: PageRequest, identity: int, what: str) -> HttpResponse:
    """A certificate, hours of training, an absence; or `no-absence`, which takes one back (`?of=`)."""
    row = queries.get_technician(request.actor, identity, "edit")
    known: dict[str, Any] = {"actor": request.actor, "technician": row}
    url, back = reverse("technician_add", args=[row.pk, what]), reverse("technician", args=[row.pk])
    match what:
        case "certificate":
            form: Any = CertificateForm(_sent(request), document=dispatching_now())
            title, icon = _("New certificate"), "certificate"
            return _ask(request, title, form, url, lambda given: managing.add_certificate(now=now(), **known, **given), back, icon)  # fmt: skip
        case "training":
            form = TrainingForm(_sent(request), initial={"held_on": local_date(now())})
            title, icon = _("Hours of training"), "book"
            return _ask(request, title, form, url, lambda given: managing.add_training(now=now(), **known, **given), back, icon)  # fmt: skip
        case "absence":
            form = AbsenceForm(_sent(request))
            title, icon = _("Absence"), "calendar-due"
            return _ask(request, title, form, url, lambda given: managing.add_absence(now=now(), **known, **given), back, icon)  # fmt: skip
        case "no-absence" if request.method == "POST":
            of = request.POST.get("of", "")
            if not (of.isascii() and of.isdigit() and len(of) < 19):
                raise Http404(of)
            managing.remove_absence(absence=int(of), now=now(), **known)
            return go(request, back)
    raise Http404(what)
