"""A released lot with results, a specification, a customer with a contact, and somebody who may sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Contact, Customer
from bihuan.kernel import outbox
from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.kernel.settings_store import change_setting
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality.certificates.issuing import certificate_of, issue, seen_as
from bihuan.quality.certificates.preparing import prepare
from bihuan.quality.deciding import enter_result
from bihuan.quality.evidencing.writing import write_waiting
from bihuan.quality.models import CertificateVersion, Lot, Specification, TestResult

from .plants import NOON, receive


@dataclass
class Plant:
    lot: Lot
    signer: Actor
    user: User
    customer: Customer
    contact: Contact


def make_plant(**specified: Any) -> Plant:
    change_setting("company.name", "演示化工", now=NOON)
    lot = receive("ATP", "260302-1", 100)
    for code, name, lower, said in (("purity", "含量", "99.5", 99.7), ("water", "水分", None, 80.0)):
        about = Characteristic.objects.create(
            code=code, name=name, name_en=code.title(), unit="%", method="GC"
        )
        limits = {"lower": Decimal(lower)} if lower else {"upper": Decimal(200)}
        Specification.objects.create(
            product=lot.product, characteristic=about, valid_from=date(2026, 1, 1), **limits
        )
        result(lot, code, said)
    user = create_user(actor=SYSTEM, username="q", name="演示质检", roles=["quality"], now=NOON)
    customer = Customer.objects.create(name="演示·买方", created_at=NOON, updated_at=NOON)
    contact = Contact.objects.create(
        customer=customer, name="演示收件人", email="zhijian@example.com", created_at=NOON, updated_at=NOON
    )
    Specification.objects.create(
        product=lot.product, characteristic=Characteristic.objects.get(code="purity"), customer=customer,
        lower=Decimal("99.6"), valid_from=date(2026, 1, 1),
    )  # fmt: skip
    return Plant(lot, actor_for(user), user, customer, contact)


def result(lot: Lot, code: str, value: float | None, said: str = "", **more: Any) -> TestResult:
    about = Characteristic.objects.get(code=code)
    return enter_result(
        actor=SYSTEM,
        lot=lot,
        characteristic=about,
        said=said or str(value),
        value=value,
        at=NOON,
        now=NOON,
        **more,
    )


def sign(
    plant: Plant, kind: str = "coa", customer: Customer | None = None, now: Any = NOON, **more: Any
) -> CertificateVersion:
    """Looks, then signs what was seen."""
    seen = look(plant, kind, customer, more.get("more", ()), now)
    given = {"seen": seen, "base": "https://example.com/"} | more
    return issue(actor=plant.signer, lot=plant.lot, kind=kind, customer=customer, now=now, **given)


def look(plant: Plant, kind: str, customer: Customer | None, more: Any = (), now: Any = NOON) -> str:
    """What is given back for having seen what the certificate would say."""
    found = prepare(actor=plant.signer, lot=plant.lot, kind=kind, customer=customer, now=now, more=more)
    return seen_as(found, certificate_of(plant.lot, kind, customer, more))


def work(now: Any = NOON) -> None:
    """What the worker does: news to those who hear it, then what waits into the log."""
    while outbox.deliver_due(now):
        pass
    write_waiting(now)
