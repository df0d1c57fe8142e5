"""Stations, kits and technicians for tests, by the terpene producer's rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bihuan.customers.models import Site
from bihuan.kernel.actor import SYSTEM
from bihuan.packs.pack import read_pack
from bihuan.service.dispatch import managing
from bihuan.service.dispatch.queries import candidates, job_of
from bihuan.service.dispatch.rules import Offer, Suggestions, suggest
from bihuan.service.dispatch.store import dispatching_now, put_dispatching_in_force
from bihuan.service.matrix_store import put_matrix_in_force
from bihuan.service.models import Case, Kit, Station, Technician

from .desk import NINE, Company, person

SHANGHAI, SUZHOU, GUANGZHOU = (31.23, 121.47), (31.30, 120.58), (23.13, 113.26)
EVERYTHING: dict[str, Any] = {
    "skills": ["sampling", "gas_chromatography", "application"], "certificates": ["pharma"], "hours": 210,
}  # fmt: skip


def terpene(company: Company) -> Company:
    """The terpene producer's matrix and needs; the customer is a pharmaceutical one of class A in Suzhou."""
    pack = read_pack("terpene")
    put_matrix_in_force(actor=SYSTEM, document=pack.service, from_start=True, now=NINE)
    put_dispatching_in_force(actor=SYSTEM, document=pack.dispatch, now=NINE)
    company.customer.industry, company.customer.city = "医药", "苏州市"
    company.customer.save()
    return company


def site_of(company: Company, place: tuple[float, float] = SUZHOU) -> Site:
    return Site.objects.create(
        customer=company.customer, name="演示·苏州工厂", city="苏州市", latitude=place[0], longitude=place[1],
        created_at=NINE, updated_at=NINE,
    )  # fmt: skip


def station(name: str = "演示·上海站", place: tuple[float, float] = SHANGHAI, kits: int = 1) -> Station:
    row = managing.save_station(
        actor=SYSTEM, name=name, latitude=place[0], longitude=place[1], calendar="7x12", now=NINE
    )
    for number in range(kits):
        managing.save_kit(actor=SYSTEM, code=f"{name}-{number}", kind="purity", station=row, now=NINE)
    return row


def technician(
    company: Company, name: str, at: Station, *, skills: list[str], certificates: list[str], hours: float
) -> Technician:
    user = company.people[name] = person(name, "technical", company.desk)
    row = managing.save_technician(actor=SYSTEM, user=user, station=at, skills=skills, now=NINE)
    for kind in certificates:
        managing.add_certificate(
            actor=SYSTEM, technician=row, kind=kind, valid_from=date(2025, 1, 1), valid_until=date(2026, 12, 31),
            now=NINE,
        )  # fmt: skip
    if hours:
        managing.add_training(
            actor=SYSTEM, technician=row, held_on=date(2026, 1, 10), hours=Decimal(str(hours)), subject="演示",
            now=NINE,
        )  # fmt: skip
    return row


def suggested(case: Case, now: datetime, site: Site | None = None) -> Suggestions:
    document = dispatching_now()
    return suggest(job_of(case, site, document, now), candidates(SYSTEM, document, now), document.travel)


def first_offer(case: Case, now: datetime, site: Site | None = None) -> Offer:
    return suggested(case, now, site).fit[0]


def kit_of(row: Station) -> Kit:
    return Kit.objects.get(station=row)


HOUR = timedelta(hours=1)
