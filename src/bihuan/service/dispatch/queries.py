"""Reading visits, technicians and stations; every read starts from what the actor may see. That a technician is busy is no
secret from who sees the technician, the visit is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404

from bihuan.customers.models import Site
from bihuan.customers.records import SITE
from bihuan.kernel.actor import Actor
from bihuan.kernel.clocks import Calendar, packaged_calendar
from bihuan.kernel.time import local_date

from ..models import (
    Absence,
    Case,
    CaseClock,
    CaseFile,
    Kit,
    Station,
    Technician,
    TechnicianCertificate,
    Training,
    Visit,
)
from ..records import CASE
from .document import Dispatching, Need
from .journeys import Stay
from .places import Point, point_of
from .records import STATION, TECHNICIAN, VISIT
from .rules import Candidate, Held, Job, KitAt, Span

USUAL_CALENDAR = "cn-office-9x5"
OPEN = (Visit.Status.PLANNED, Visit.Status.UNDER_WAY, Visit.Status.ON_SITE)
STILL_THERE = timedelta(hours=1)
"""Who is on the way or on site after the planned end is taken to need this much longer."""


def calendar_of(technician: Technician) -> Calendar:
    """The technician's own calendar, else the station's; one that no longer exists is the usual one."""
    for name in (technician.calendar, technician.station.calendar, USUAL_CALENDAR):
        if name and (found := packaged_calendar(name)) is not None:
            return found.latest
    raise LookupError(USUAL_CALENDAR)


def get_visit(actor: Actor, identity: int) -> Visit:
    row: Visit | None = (
        VISIT.visible_to(actor)
        .select_related("case__customer", "technician__user", "technician__station", "kit", "site")
        .filter(pk=identity)
        .first()
    )
    if row is None:
        raise Http404(identity)
    return row


def may_on_visit(actor: Actor, visit: Visit, action: str) -> bool:
    if actor.scope("visit", action) >= actor.scope("visit"):
        return True
    return VISIT.visible_to(actor, action).filter(pk=visit.pk).exists()


def get_technician(actor: Actor, identity: int, action: str = "view") -> Technician:
    row: Technician | None = (
        TECHNICIAN.visible_to(actor, action).select_related("user", "station").filter(pk=identity).first()
    )
    if row is None:
        raise Http404(identity)
    return row


def get_station(actor: Actor, identity: int, action: str = "view") -> Station:
    row: Station | None = STATION.visible_to(actor, action).filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def stations_of(actor: Actor) -> list[Station]:
    """All that one sees, those in use first, with their technicians and kits."""
    kits = Kit.objects.exclude(status=Kit.Status.RETIRED).order_by("code")
    people = TECHNICIAN.visible_to(actor).select_related("user").order_by("-is_active", "user__name")
    rows = STATION.visible_to(actor).distinct().order_by("-is_active", "name")
    return list(rows.prefetch_related(Prefetch("kits", kits), Prefetch("technicians", people)))


def visits_of_case(actor: Actor, case: Case, limit: int = 20) -> list[Visit]:
    """Of the case and of those that it took in, the latest first."""
    taken_in = Q(case=case) | Q(case__merged_into=case)
    rows = VISIT.visible_to(actor).filter(taken_in).select_related("technician__user", "kit")
    return list(rows.order_by("-starts_at", "-id")[:limit])


def my_open_visits(actor: Actor, limit: int = 8) -> list[Visit]:
    """The visits that I am to make, the next first."""
    rows = VISIT.visible_to(actor).filter(technician__user_id=actor.user_id, status__in=OPEN)
    return list(rows.select_related("case__customer", "site").order_by("starts_at", "id")[:limit])


def sees_case(actor: Actor, visit: Visit) -> bool:
    """Whether the visit's case is the actor's to see: who is sent need not see it."""
    return CASE.visible_to(actor).filter(pk=visit.case_id).exists()


def address_of(actor: Actor, visit: Visit) -> str:
    """The address of the site, as far as the actor may read it."""
    if visit.site_id is None or not SITE.may_read(actor, "address"):
        return ""
    found = SITE.visible_to(actor).filter(pk=visit.site_id).values_list("region", "city", "address").first()
    return " ".join(one for one in found if one) if found else ""


def photos_of(actor: Actor, visit: Visit) -> list[CaseFile]:
    """The files that were attached on the visit, signatures apart, of a case that the actor sees."""
    rows = CaseFile.objects.filter(
        case__in=CASE.visible_to(actor).filter(_case_or_survivor(visit)).order_by().values("pk"),
        about=f"visit:{visit.pk}", withdrawn_at=None, field_class__in=list(actor.classes("case")),
    )  # fmt: skip
    return list(rows.order_by("-id"))


def _case_or_survivor(visit: Visit) -> Q:
    """What is attached for a case that was merged lies with the one that took it in."""
    return Q(pk=visit.case_id) | Q(merged_from=visit.case_id)


def sites_of_case(actor: Actor, case: Case) -> list[Site]:
    return list(SITE.visible_to(actor).filter(customer=case.customer_id).order_by("pk")[:50])


def place_of(case: Case, site: Site | None) -> Point | None:
    """Where the visit goes: the site itself, its city, or the customer's city."""
    customer = case.customer
    if site is not None:
        found = point_of(site.latitude, site.longitude, site.city, site.region)
        if found is not None:
            return found
    return point_of(None, None, customer.city, customer.region)


def need_of(case: Case, document: Dispatching) -> Need:
    return document.need_of(
        {
            "kind": case.kind,
            "severity": str(case.severity),
            "tier": case.tier,
            "industry": case.customer.industry,
        }
    )


def job_of(case: Case, site: Site | None, document: Dispatching, earliest: datetime) -> Job:
    """What is to be done, and by when the case's on-site clock wants somebody there."""
    due = CaseClock.objects.filter(case=case, kind="on_site", stopped_at=None).values_list(
        "due_at", flat=True
    )
    return Job(
        place=place_of(case, site),
        need=need_of(case, document),
        earliest=earliest,
        deadline=due.first(),
        unknown_way=document.unknown_way,
    )


def candidates(
    actor: Actor,
    document: Dispatching,
    now: datetime,
    only: int | None = None,
    without_visit: int | None = None,
) -> list[Candidate]:
    """The technicians whom the actor sees and who can be sent, as the rules see them; of one alone with `only`. Their other
    visits count whoever sees those. Six queries, however many."""
    rows = TECHNICIAN.visible_to(actor).filter(is_active=True, user__is_active=True, station__is_active=True)
    if only is not None:
        rows = rows.filter(pk=only)
    people = list(rows.select_related("user", "station").order_by("pk"))
    keys = [one.pk for one in people]
    today = local_date(now)
    since = today - timedelta(days=document.training_days + 31)
    certificates = _by(TechnicianCertificate.objects.filter(technician__in=keys))
    trainings = _by(Training.objects.filter(technician__in=keys, held_on__gte=since))
    absences = _by(Absence.objects.filter(technician__in=keys, last_on__gte=today - timedelta(days=1)))
    of_people, of_kits, stays = _busy(now, without_visit)
    kits: dict[int, list[Kit]] = defaultdict(list)
    for kit in Kit.objects.filter(status=Kit.Status.READY).order_by("pk"):
        kits[kit.station_id].append(kit)
    carried = {kit.pk: kit for found in kits.values() for kit in found if kit.carrier_id is not None}
    return [
        Candidate(
            key=one.pk,
            name=one.user.name,
            home=Point(one.station.latitude, one.station.longitude),
            calendar=calendar_of(one),
            skills=frozenset(map(str, one.skills)),
            kits=tuple(
                KitAt(kit.pk, kit.kind, kit.carrier_id == one.pk, tuple(of_kits[kit.pk]))
                for kit in (
                    *(each for each in carried.values() if each.carrier_id == one.pk),
                    *(each for each in kits[one.station_id] if each.carrier_id is None),
                )
            ),
            certificates=tuple(
                Held(each.kind, each.valid_from, each.valid_until) for each in certificates[one.pk]
            ),
            trainings=tuple((each.held_on, float(each.hours)) for each in trainings[one.pk]),
            absences=tuple((each.first_on, each.last_on) for each in absences[one.pk]),
            busy=tuple(of_people[one.pk]),
            stays=tuple(stays[one.pk]),
        )
        for one in people
    ]


def _by(rows: QuerySet[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for one in rows:
        found[one.technician_id].append(one)
    return found


def _busy(
    now: datetime, without_visit: int | None
) -> tuple[dict[int, list[Span]], dict[int, list[Span]], dict[int, list[Stay]]]:
    """When technicians and kits are taken by visits that are not over; and where technicians are then, or were of late."""
    people: dict[int, list[Span]] = defaultdict(list)
    kits: dict[int, list[Span]] = defaultdict(list)
    stays: dict[int, list[Stay]] = defaultdict(list)
    counting = Q(status__in=OPEN) | Q(status=Visit.Status.DONE, done_at__gte=now - timedelta(days=1))
    rows = Visit.objects.filter(counting).exclude(pk=without_visit or 0)
    for one in rows.select_related("case__customer", "site"):
        span = span_of(one, now)
        if one.done_at is None:
            people[one.technician_id].append(span)
            if one.kit_id is not None:
                kits[one.kit_id].append(span)
        if (place := place_of(one.case, one.site)) is not None:
            starts_at = one.starts_at if one.done_at is None else min(one.starts_at, one.done_at)
            stays[one.technician_id].append(Stay(starts_at, one.done_at or span[1], place, one.kit_id))
    return people, kits, stays


def span_of(visit: Visit, now: datetime) -> Span:
    end = visit.ends_at
    if visit.status in (Visit.Status.UNDER_WAY, Visit.Status.ON_SITE):
        end = max(end, now + STILL_THERE)
    return visit.leaves_at, end


def names_of(keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Name and station of these technicians."""
    rows = Technician.objects.filter(pk__in=list(keys)).values_list("pk", "user__name", "station__name")
    return {key: (name, station) for key, name, station in rows}


def kit_codes(keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    return {
        key: (code, kind)
        for key, code, kind in Kit.objects.filter(pk__in=list(keys)).values_list("pk", "code", "kind")
    }
