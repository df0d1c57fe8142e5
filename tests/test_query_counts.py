"""How many queries each page asks: held to `query_counts.json`, and the same however many records there are.

When a page rightly asks more or fewer, write the file anew with `BIHUAN_WRITE_QUERY_COUNTS=1` and say why in the commit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bihuan.catalog.models import Characteristic, Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.pages.registry import load_pages
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_team, create_user
from bihuan.quality.models import (
    Certificate,
    CertificateVersion,
    EpcisEvent,
    EpcisLink,
    EpcisTerm,
    Lot,
    ProcessReading,
    ReadingSeries,
    Recall,
    RecallEntry,
    RecallEvent,
    RecallShipment,
    Specification,
    TestResult,
)
from bihuan.quality.moving import ship
from bihuan.quality.posting import post
from bihuan.quality.postings import Make, Take
from bihuan.service.models import (
    Case,
    CaseReference,
    Investigation,
    Kit,
    Objection,
    ObjectionEvent,
    ObjectionSample,
    Station,
    Technician,
    TechnicianCertificate,
    Training,
    Visit,
    VisitSample,
)
from bihuan.service.objection.intake import open_objection
from bihuan.service.services import (
    add_finding,
    add_note,
    enter_cost,
    join_cases,
    open_case,
    open_investigation,
)
from bihuan.service.sweeping import sweep

BASELINE = Path(__file__).with_name("query_counts.json")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT_MOST = 8
# Why a page may ask more than eight.
EXEMPT = {
    "case": "what happened, files, duties, mails, templates, the bell: each one query, and the sign-in's",
    "certificate, looked at": "lot, rights, wording, limits of two rooms, results, customers: each one query",
    "duty": "two lists, and the choices of people and teams of two forms: each one query",
    "investigation": "what happened, findings, actions, data, members, cases: each one query",
    "quality_cost_report": "sums by line, category and in all, sales, causes, repeat rate: each one query",
    "review": "each figure one query, of the period and of the one before; minutes and decisions",
    "lot panels, middle": "what waits to be verified or tested, good lots, what they were made of step by step, results, readings, limits, series: each one query",
    "objection": "what happened, samples, offers, agreements, investigation, rights: each one query",
    "case panels": "as the side of a customer: one query a panel, and the sign-in's",
    "case panels, objection": "one query a panel, and those of an objection",
    "visit": "the visit, what happened, samples, photos, the case's clock and who may see it: each one query",
    "visit plan": "case, sites, clock, rules, technicians with papers, absences, visits and kits: each one query",
    "technician": "the person, papers, training, absences, kits, rules: each one query",
    "lot": "a lot with sources, readings, results, limits, shipments, what else was made of the same, cases: at most 15",
    "lot results": "the lot, limits, results, tests to be done again, characteristics, the last entered: each one query",
    "lot trace": "both ways, lots, shipments with names, results and limits: each one query",
    "recall": "entries, contacts, shipments, lots, events, what was answered, the lot: each one query",
    "today": "one query a section, and the sign-in's",
    "customer panels main": "as the side",
    "customer panels side": "one answer for all panels of a column: one query a panel, and the sign-in's",
}
pytestmark = pytest.mark.django_db


def add_customers(start: int, count: int) -> list[Customer]:
    return Customer.objects.bulk_create(
        Customer(name=f"演示{number:03d}化工", external_id=f"K{number:03d}", created_at=NOON, updated_at=NOON)
        for number in range(start, start + count)
    )


def add_cases(customer: Customer, owner: User, count: int) -> Case:
    """That many cases of the customer, and the first of them answered and noted on as often."""
    actor = actor_for(owner)
    cases = [
        open_case(actor=actor, customer=customer, text="演示：包装破损", owner=owner, now=NOON)
        for _number in range(count)
    ]
    for _number in range(count):
        add_note(actor=actor, case=Case.objects.earliest("pk"), text="演示", now=NOON)
    sweep(NOON + timedelta(days=1))
    return cases[0]


def add_investigations(owner: User, customer: Customer, first: Investigation, count: int) -> None:
    """That many investigations and costs; the first gets as many cases and lines, and each of its customer's cases a cost."""
    actor = actor_for(owner)
    for _number in range(count):
        open_investigation(actor=actor, title="演示：粉尘", now=NOON)
        add_finding(actor=actor, investigation=first, part="is", text="演示", now=NOON)
        enter_cost(
            actor=actor,
            category="external",
            amount=Decimal(5),
            incurred_on=NOON.date(),
            customer=customer,
            now=NOON,
        )
    free = Case.objects.filter(joined=None).order_by("-pk")[:count]
    join_cases(actor=actor, investigation=first, cases=free, now=NOON)


def add_objections(owner: User, customer: Customer, first: Objection, count: int) -> None:
    """That many objections; the first gets as many samples, and as much has happened to it."""
    actor = actor_for(owner)
    for number in range(first.samples.count(), first.samples.count() + count):
        case = open_case(
            actor=actor, customer=customer, text="演示：结疤", kind="quality_objection", now=NOON
        )
        open_objection(actor=actor, case=case, now=NOON)
        ObjectionSample.objects.create(
            objection=first, number=f"演示{number}", place="演示", taken_on=NOON.date(), is_sealed=True
        )
        ObjectionEvent.objects.create(objection=first, at=NOON, kind="sampled", actor="x", actor_name="x")


def add_visits(owner: User, case: Case, start: int, count: int) -> Visit:
    """That many technicians, each with papers and a visit to the case in the week of `NOON`."""
    station = Station.objects.get_or_create(
        name="演示站",
        defaults={"latitude": 31.2, "longitude": 121.5, "created_at": NOON, "updated_at": NOON},
    )[0]
    for number in range(start, start + count):
        user = owner
        if number:
            user = User.objects.create_user(f"t{number}", name=f"演示技师{number}")
        row = Technician.objects.create(user=user, station=station, created_at=NOON, updated_at=NOON)
        Kit.objects.create(
            code=f"K{number}", kind="x", station=station, carrier=row, created_at=NOON, updated_at=NOON
        )
        TechnicianCertificate.objects.create(technician=row, kind="x", valid_from=NOON.date())
        Training.objects.create(technician=row, held_on=NOON.date(), hours=1, subject="演示")
        leaves = NOON + timedelta(minutes=number)
        for at in range(2 if number else 1 + count):
            visit = Visit.objects.create(
                case=case, technician=row, purpose="演示", leaves_at=leaves + timedelta(hours=at),
                starts_at=leaves + timedelta(hours=at), ends_at=leaves + timedelta(hours=at, minutes=30),
                created_at=NOON, updated_at=NOON,
            )  # fmt: skip
            VisitSample.objects.create(visit=visit, number="1", taken_at=NOON)
    return Visit.objects.earliest("pk")


def add_lots(customer: Customer, case: Case, start: int, count: int) -> Lot:
    """That many raw lots, each in the first finished lot and in one more; all of these tested, read and sent to the customer."""
    raw, made = (
        Product.objects.get_or_create(
            code=code, defaults={"name": "演示", "unit": "kg", "created_at": NOON, "updated_at": NOON}
        )[0]
        for code in ("R", "F")
    )
    characteristic = Characteristic.objects.get_or_create(code="x", defaults={"name": "演示"})[0]
    Specification.objects.get_or_create(
        product=made, customer=customer, characteristic=characteristic, upper=1, valid_from=NOON.date()
    )
    cases = list(Case.objects.order_by("-pk")[:50])
    for number in range(start, start + count):
        takes = [Make(raw, f"r{number}", Decimal(10), kind="raw", is_released=True)]
        post(actor=SYSTEM, number=f"R{number}", kind="receive", at=NOON, makes=takes, now=NOON)
        source = Lot.objects.get(product=raw, number=f"r{number}")
        for target, document in (("f", f"P{number}"), (f"f{number}", f"Q{number}")):
            post(
                actor=SYSTEM, number=document, kind="produce", at=NOON, takes=[Take(source, Decimal(2))],
                makes=[Make(made, target, Decimal(2), is_released=True)], now=NOON,
            )  # fmt: skip
        lot = Lot.objects.get(product=made, number=f"f{number}")
        first = Lot.objects.get(product=made, number="f")
        for one in (first, lot):
            sent = f"S{one.pk}-{number}"
            ship(
                actor=SYSTEM, number=sent, at=NOON, takes=[Take(one, Decimal(1))], customer=customer, now=NOON
            )
            TestResult.objects.create(
                lot=one, characteristic=characteristic, value=2, said="2", sample=str(number), tested_at=NOON
            )
            ProcessReading.objects.create(lot=one, parameter=f"p{number}", value=1, said="1")
            ReadingSeries.objects.create(
                lot=one,
                parameter=f"p{number}",
                first_at=NOON,
                last_at=NOON,
                count=1,
                shape=[[0, 1.0]],
                sealed_at=NOON,
            )
        given = {"lot": first, "characteristic": characteristic, "said": "2", "tested_at": NOON}
        TestResult.objects.create(**given, is_draft=True, checks_wanted=1)
        TestResult.objects.create(**given, invalid_at=NOON, invalid_reason="演示")
        Lot.objects.create(
            product=made, number=f"q{number}", kind="finished", made_at=NOON, created_at=NOON, updated_at=NOON
        )
        CaseReference.objects.get_or_create(
            case=cases[number % len(cases)], kind="lot", key="F/F", label="F/f"
        )
    CaseReference.objects.get_or_create(case=case, kind="lot", key="F/F", label="F/f")
    return Lot.objects.get(product=made, number="f")


def add_certificates(customer: Customer, count: int) -> Certificate:
    """That many certificates, each of a lot of its own; the first gets as many versions."""
    product = Product.objects.get_or_create(code="演示", defaults={"created_at": NOON, "updated_at": NOON})[0]
    start = Certificate.objects.count()
    for number in range(start, start + count):
        lot = Lot.objects.create(
            product=product, number=str(number), kind="finished", disposition="released", status="released", made_at=NOON,
            created_at=NOON, updated_at=NOON,
        )  # fmt: skip
        row = Certificate.objects.create(
            number=f"演示{number}",
            kind="coa",
            lot=lot,
            customer=customer,
            issued_at=NOON,
            created_at=NOON,
            updated_at=NOON,
        )
        first = Certificate.objects.earliest("pk")
        CertificateVersion.objects.bulk_create(
            CertificateVersion(
                certificate=one, version=version, issued_at=NOON, signer_name="演示", reason="演示", language="zh",
                said={"rows": [], "log": {}}, sha256="", log_size=0, log_root="",
            )
            for one, version in {(row, 1), (first, number + 1)}
        )  # fmt: skip
    return first


def add_recall_entries(lot: Lot, count: int) -> Recall:
    """A running recall of the lot, with so many more customers to tell, each with a shipment and an event."""
    given = {"created_at": NOON, "updated_at": NOON}
    recall = Recall.objects.get_or_create(
        lot=lot, defaults={"number": "R", "level": "1", "asked": "stop", "started_at": NOON, **given}
    )[0]
    known = RecallEntry.objects.filter(recall=recall).values("customer")
    for customer in Customer.objects.exclude(pk__in=known).order_by("pk")[:count]:
        entry = RecallEntry.objects.create(recall=recall, customer=customer, quantity=1, **given)
        RecallShipment.objects.create(entry=entry, lot=lot, quantity=1, shipped_at=NOON)
        RecallEvent.objects.create(
            recall=recall, entry=entry, at=NOON, kind="told", actor="x", actor_name="x"
        )
    return recall


def add_events(lot: Lot, start: int, count: int) -> EpcisEvent:
    """That many events of others that name the lot, each declared wrong; the first names as many lots."""
    for number in range(start, start + count):
        for is_error in (False, True):
            row = EpcisEvent.objects.create(
                hash_id=f"h{number}", is_error=is_error, kind="ObjectEvent", at=NOON, body="{}", document="", captured_at=NOON,
                actor="x", actor_name="x",
            )  # fmt: skip
            EpcisTerm.objects.create(event=row, field="step", value="receiving")
        first = EpcisEvent.objects.earliest("pk")
        EpcisLink.objects.get_or_create(
            event=EpcisEvent.objects.get(hash_id=f"h{number}", is_error=False), lot=lot, role="object"
        )
        EpcisLink.objects.get_or_create(
            event=first, lot=Lot.objects.order_by("pk")[number % Lot.objects.count()], role="input"
        )
    return EpcisEvent.objects.earliest("pk")


def count_all(client: Client, addresses: dict[str, str]) -> dict[str, int]:
    """Queries of each page, asked for before. The fewer of two times: what is read anew each half minute is not the page's."""
    counts = {}
    for name, address in addresses.items():
        assert client.get(address).status_code == 200, address
        counts[name] = min(count_one(client, address) for _twice in range(2))
    return counts


def asked_by(client: Client, addresses: dict[str, str], names: Iterable[str]) -> dict[str, list[str]]:
    """What these pages ask, for whoever must find out what they ask too much."""
    found = {}
    for name in names:
        with CaptureQueriesContext(connection) as asked:
            client.get(addresses[name])
        found[name] = [one["sql"] for one in asked]
    return found


def count_one(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len([one for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))])


def test_pages_ask_no_more_than_they_did_and_no_more_for_more_records():
    team = create_team(
        actor=SYSTEM, name="演示部", now=NOON
    )  # a company as it is used: the access table is kept
    user = create_user(actor=SYSTEM, username="d", name="演示总监", roles=["director"], team=team, now=NOON)
    customer = add_customers(0, 20)[0]
    case = add_cases(customer, user, 3)
    investigation = open_investigation(actor=actor_for(user), title="演示：粉尘", cases=[case], now=NOON)
    disputed = open_case(
        actor=actor_for(user), customer=customer, text="演示：结疤", kind="quality_objection", now=NOON
    )
    objection = open_objection(actor=actor_for(user), case=disputed, now=NOON)
    visit = add_visits(user, case, 0, 3)
    lot = add_lots(customer, case, 0, 2)
    client = Client()
    client.force_login(user)
    addresses = {item.url_name: reverse(item.url_name) for item in load_pages().menu_for(actor_for(user))}
    addresses |= {
        "customer": reverse("customer", args=[customer.pk]),
        "customer panels main": reverse("panels", args=["customer", customer.pk]) + "?place=main",
        "customer panels side": reverse("panels", args=["customer", customer.pk]) + "?place=side",
        "customer timeline": reverse("timeline", args=["customer", customer.pk]),
        "case": reverse("case", args=[case.pk]),
        "case panels": reverse("panels", args=["case", case.pk]) + "?place=side",
        "investigation": reverse("investigation", args=[investigation.pk]),
        "objection": reverse("objection", args=[objection.pk]),
        "case panels, objection": reverse("panels", args=["case", disputed.pk]) + "?place=side",
        "quality cost entries": reverse("quality_costs"),
        "cases, mine": reverse("cases") + "?whose=me&status=in_work",
        "visit": reverse("visit", args=[visit.pk]),
        "visit plan": reverse("visit_plan", args=[case.pk]),
        "technician": reverse("technician", args=[visit.technician_id]),
        "dispatch week": reverse("dispatch_board") + f"?week={NOON.date()}",
        "coverage": reverse("coverage"),
        "lot": reverse("lot", args=[lot.pk]),
        "lot panels": reverse("panels", args=["lot", lot.pk]) + "?place=main",
        "lot panels, middle": reverse("panels", args=["lot", lot.pk]) + "?place=middle",
        "lot results": reverse("lot_results", args=[lot.pk]),
        "lot verify": reverse("lot_verify", args=[lot.pk]),
        "specifications": reverse("specifications", args=[lot.product_id]),
        "product": reverse("product", args=[lot.product_id]),
        "product panels": reverse("panels", args=["product", lot.product_id]) + "?place=main",
        "charts, product": reverse("charts") + f"?product={lot.product_id}",
        "chart": reverse("chart", args=[lot.product_id]) + "?parameter=p0&statistic=value",
        "lot ship": reverse("lot_ship", args=[lot.pk]),
        "lot trace": reverse("lot_trace", args=[lot.pk]) + "?depth=all",
        "certificate": reverse("certificate", args=[add_certificates(customer, 2).pk]),
        "certificate, looked at": reverse("certificate_issue") + "?lot=演示/1",
        "recall": reverse("recall", args=[add_recall_entries(lot, 2).pk]),
        "recalls": reverse("recalls"),
        "recall entries": reverse("recall_entries"),
        "events": reverse("epcis"),
        "event": reverse("epcis_event", args=[add_events(lot, 0, 2).pk]),
        "events asked for": reverse("epcis_query") + "?EQ_bizStep=receiving&perPage=1000",
        "palette": reverse("palette") + "?q=演示",
        "customers searched": reverse("customers") + "?q=化工&sort=-name",
    }
    add_investigations(user, customer, investigation, 2)
    add_objections(user, customer, objection, 2)
    few = count_all(client, addresses)
    add_lots(customer, case, 2, 60)
    add_customers(20, 60)
    add_cases(customer, user, 60)
    add_investigations(user, customer, investigation, 55)
    add_objections(user, customer, objection, 55)
    add_visits(user, case, 3, 60)
    add_certificates(customer, 60)
    add_recall_entries(lot, 60)
    add_events(lot, 2, 60)
    more = count_all(client, addresses)
    # A list that no longer fits its first page has to be counted: one query.
    assert {
        name
        for name in more
        if more[name]
        > few[name]
        + any(
            one in name
            for one in (
                "customers",
                "cases",
                "investigations",
                "entries",
                "objections",
                "visits",
                "lots",
                "certificates",
                "events",
            )
        )
    } == set()
    if os.environ.get("BIHUAN_WRITE_QUERY_COUNTS") == "1":
        BASELINE.write_text(
            json.dumps(more, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    known = json.loads(BASELINE.read_text(encoding="utf-8"))
    assert set(more) == set(known), "pages came or went: write the baseline anew"
    worse = {name: (known[name], count) for name, count in more.items() if count > known[name]}
    assert not worse, f"more queries than before (before, now): {worse}; {asked_by(client, addresses, worse)}"
    assert {name for name, count in more.items() if count > AT_MOST} <= set(EXEMPT)
