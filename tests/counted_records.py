"""Records that pages are counted with: so many of each kind, on one customer, one case, one lot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bihuan.catalog.models import Characteristic, Product
from bihuan.customers.models import Customer
from bihuan.customers.search import reindex_customers
from bihuan.kernel.actor import SYSTEM
from bihuan.people.models import User
from bihuan.people.services import actor_for
from bihuan.quality.models import (
    Certificate,
    CertificateDraft,
    CertificateVersion,
    EpcisCapture,
    EpcisEvent,
    EpcisLink,
    EpcisTerm,
    Lot,
    LotReservation,
    LotShipment,
    Movement,
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
from bihuan.sales.models import Order, OrderLine
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

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def add_customers(start: int, count: int) -> list[Customer]:
    made = Customer.objects.bulk_create(
        Customer(name=f"演示{number:03d}化工", external_id=f"K{number:03d}", created_at=NOON, updated_at=NOON)
        for number in range(start, start + count)
    )
    reindex_customers([one.pk for one in made])
    return made


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


def add_reservations(customer: Customer, lot: Lot, start: int, count: int) -> Order:
    """That many orders with some of the lot reserved; the first has as many lines, and as many shipments of it."""
    first = None
    product = lot.product
    for number in range(start, start + count):
        order = Order.objects.create(
            number=f"V{number}", customer=customer, ordered_at=NOON, ordered_on=NOON.date(), created_at=NOON, updated_at=NOON
        )  # fmt: skip
        first = first or Order.objects.get(number="V0")
        for whose, ordinal in ((order, 1), (first, number + 2)):
            line = OrderLine.objects.create(
                order=whose, ordinal=ordinal, customer=customer, ordered_on=NOON.date(), product=product, quantity=1, price=1,
                amount=1,
            )  # fmt: skip
            given = {
                "lot": lot,
                "customer": customer,
                "order": whose,
                "line": line,
                "quantity": Decimal("0.001"),
            }
            LotReservation.objects.create(
                **given, key=f"{number}-{ordinal}", actor_name="演示", created_at=NOON, updated_at=NOON
            )
            movement = Movement.objects.create(
                number=f"V{number}-{ordinal}", kind="ship", at=NOON, created_at=NOON, updated_at=NOON
            )
            LotShipment.objects.create(**given, movement=movement, shipped_at=NOON, arrival="way")
    assert first is not None
    return first


def add_certificates(customer: Customer, count: int) -> Certificate:
    """That many certificates, each of a lot of its own; the first gets as many versions. Of each lot a next one waits as a draft."""
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
        CertificateDraft.objects.create(
            kind="mill_32", lot=lot, customer=customer, signer=User.objects.earliest("pk"), signer_name="演示", signed_at=NOON,
            said={"rows": []}, digest="",
        )  # fmt: skip
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
    """That many events of others that name the lot, each declared wrong; the first names as many lots. And as many captures."""
    for number in range(start, start + count):
        EpcisCapture.objects.create(
            key=f"k{number}", created_at=NOON, via="api", actor_name="x", document="", is_success=True, events=1, left=1,
            reasons=[{"path": "$", "message": "x"}],
        )  # fmt: skip
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
