"""Stations, kits and technicians: making and changing them, with certificates, training and absences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, NotAllowed, Scope, require
from bihuan.kernel.clocks import packaged_calendar
from bihuan.people.actors import actor_for
from bihuan.people.models import User

from ..errors import CaseError
from ..models import Absence, Kit, Station, Technician, TechnicianCertificate, Training
from .places import city_point
from .queries import get_station, get_technician
from .store import dispatching_now


@transaction.atomic
def save_station(
    *,
    actor: Actor,
    name: str,
    now: datetime,
    station: Station | None = None,
    city: str = "",
    address: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    calendar: str = "cn-office-9x5",
    is_active: bool = True,
) -> Station:
    """Make or change a station. Without a position its city's is taken; refused where neither is known."""
    _everywhere(actor, "station")
    name = _given(name, "name", _("Write a name."))
    if Station.objects.filter(name=name).exclude(pk=station.pk if station else 0).exists():
        raise CaseError(_("There is a station of this name already."), "name")
    if latitude is None or longitude is None:
        point = city_point(city)
        if point is None:
            raise CaseError(_("Give latitude and longitude; this city is not in our table."), "city")
        latitude, longitude = point.latitude, point.longitude
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise CaseError(_("Latitude goes from -90 to 90, longitude from -180 to 180."), "latitude")
    _known_calendar(calendar)
    given = {
        "name": name, "city": city.strip()[:60], "address": address.strip()[:200], "latitude": latitude,
        "longitude": longitude, "calendar": calendar, "is_active": is_active,
    }  # fmt: skip
    row = Station(created_at=now) if station is None else get_station(actor, station.pk, "edit")
    return _kept(row, given, actor, now, "station.changed")


@transaction.atomic
def save_kit(
    *,
    actor: Actor,
    code: str,
    kind: str,
    station: Station,
    now: datetime,
    kit: Kit | None = None,
    carrier: Technician | None = None,
    status: str = Kit.Status.READY,
) -> Kit:
    """Make or change a kit of a station; who carries it belongs there."""
    _everywhere(actor, "station")
    code = _given(code, "code", _("Write a number."))
    if Kit.objects.filter(code=code).exclude(pk=kit.pk if kit else 0).exists():
        raise CaseError(_("There is a kit of this number already."), "code")
    if kind not in dispatching_now().kits or status not in Kit.Status.values:
        raise CaseError(_("There is no such choice."), "kind")
    if carrier is not None and carrier.station_id != station.pk:
        raise CaseError(_("Who carries it belongs to the same station."), "carrier")
    row = Kit(created_at=now) if kit is None else kit
    given = {
        "code": code[:40], "kind": kind, "station_id": station.pk,
        "carrier_id": carrier.pk if carrier else None, "status": status,
    }  # fmt: skip
    return _kept(row, given, actor, now, "kit.changed")


@transaction.atomic
def save_technician(
    *,
    actor: Actor,
    user: User,
    station: Station,
    now: datetime,
    skills: Iterable[str] = (),
    calendar: str = "",
    is_active: bool = True,
    technician: Technician | None = None,
) -> Technician:
    """Make somebody of the staff a technician, or change one. Who is sent must be able to report."""
    _everywhere(actor, "technician")
    if technician is None and Technician.objects.filter(user=user).exists():
        raise CaseError(_("%(name)s is a technician already.") % {"name": user.name}, "user")
    if not user.is_active:
        raise CaseError(_("%(name)s does not work here any more.") % {"name": user.name}, "user")
    able = actor_for(user)
    if not (able.may("visit", "edit") and able.may("case", "edit")):
        raise CaseError(
            _("%(name)s may not report visits; give them the post of a technician first.")
            % {"name": user.name},
            "user",
        )
    codes = sorted(set(skills))
    if not set(codes) <= set(dispatching_now().skills):
        raise CaseError(_("There is no such choice."), "skills")
    if calendar:
        _known_calendar(calendar)
    row = Technician(created_at=now) if technician is None else get_technician(actor, technician.pk, "edit")
    given = {
        "user_id": user.pk, "station_id": station.pk, "skills": codes, "calendar": calendar,
        "is_active": is_active,
    }  # fmt: skip
    if row.pk and row.station_id != station.pk:
        Kit.objects.filter(carrier=row).update(carrier=None)  # the kits stay at their station
    return _kept(row, given, actor, now, "technician.changed")


@transaction.atomic
def add_certificate(
    *, actor: Actor, technician: Technician, kind: str, valid_from: date, valid_until: date | None,
    now: datetime, number: str = "",
) -> TechnicianCertificate:  # fmt: skip
    """A certificate that was obtained. The same again is not another."""
    row = _technician(actor, technician)
    if kind not in dispatching_now().certificates:
        raise CaseError(_("There is no such choice."), "kind")
    if valid_until is not None and valid_until < valid_from:
        raise CaseError(_("The end comes before the beginning."), "valid_until")
    made, _new = TechnicianCertificate.objects.update_or_create(
        technician=row, kind=kind, valid_from=valid_from,
        defaults={"valid_until": valid_until, "number": number.strip()[:60]},
    )  # fmt: skip
    _journal(actor, row, now, {"certificate": kind, "valid_until": str(valid_until or "")})
    return made


@transaction.atomic
def add_training(
    *, actor: Actor, technician: Technician, held_on: date, hours: Decimal, subject: str, now: datetime
) -> Training:
    """Hours of training on a day; the same day and subject again corrects the hours."""
    row = _technician(actor, technician)
    subject = _given(subject, "subject", _("Write what was taught."))[:120]
    if not hours.is_finite() or not 0 < hours <= 999:
        raise CaseError(_("Hours are more than 0 and 999 at most."), "hours")
    made, _new = Training.objects.update_or_create(
        technician=row, held_on=held_on, subject=subject, defaults={"hours": hours}
    )
    _journal(actor, row, now, {"training": str(hours), "on": held_on.isoformat()})
    return made


@transaction.atomic
def add_absence(
    *, actor: Actor, technician: Technician, first_on: date, last_on: date, now: datetime, reason: str = ""
) -> Absence:
    """Days on which somebody is away. Visits that stand there already stay and are shown; they are to be planned anew."""
    row = _technician(actor, technician)
    if last_on < first_on:
        raise CaseError(_("The end comes before the beginning."), "last_on")
    made, _new = Absence.objects.update_or_create(
        technician=row, first_on=first_on, last_on=last_on, defaults={"reason": reason.strip()[:120]}
    )
    _journal(actor, row, now, {"absent": f"{first_on.isoformat()}/{last_on.isoformat()}"})
    return made


@transaction.atomic
def remove_absence(*, actor: Actor, technician: Technician, absence: int, now: datetime) -> None:
    row = _technician(actor, technician)
    found = Absence.objects.filter(pk=absence, technician=row).first()
    if found is None:
        raise Http404("absence")
    _journal(
        actor, row, now, {"absence_removed": f"{found.first_on.isoformat()}/{found.last_on.isoformat()}"}
    )
    found.delete()


def _technician(actor: Actor, technician: Technician) -> Technician:
    require(actor, "technician", "edit")
    found = get_technician(actor, technician.pk, "edit")
    # Locked, so that whoever plans for them at the same moment sees it or comes first.
    return Technician.objects.select_for_update().get(pk=found.pk)


def _everywhere(actor: Actor, object_name: str) -> None:
    """Stations and technicians are made and moved by who edits all of them."""
    require(actor, object_name, "edit")
    if actor.scope(object_name, "edit") is not Scope.ALL:
        raise NotAllowed(object_name, "edit")


def _known_calendar(name: str) -> None:
    if packaged_calendar(name) is None:
        raise CaseError(_("There is no such calendar."), "calendar")


def _given(text: str, field: str, message: str) -> str:
    tidy = text.strip()
    if not tidy:
        raise CaseError(message, field)
    return tidy[:80]


def _kept[M: models.Model](row: M, given: dict[str, Any], actor: Actor, now: datetime, action: str) -> M:
    before = {name: getattr(row, name) for name in given} if row.pk else {}
    if before == given:
        return row
    for name, value in given.items():
        setattr(row, name, value)
    row.updated_at = now  # type: ignore[attr-defined]
    if before:
        row.version += 1  # type: ignore[attr-defined]
    row.save()
    record(actor, now, action, row, before=before, after=given)
    return row


def _journal(actor: Actor, row: Technician, now: datetime, after: dict[str, str]) -> None:
    record(actor, now, "technician.changed", row, after=after)
