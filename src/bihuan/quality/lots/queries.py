"""Reading lots for their pages. Every read starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Upper
from django.http import Http404

from bihuan.catalog.models import Product, ProductCharacteristic
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor

from ..models import (
    Lot,
    LotEvent,
    LotNotice,
    LotReservation,
    LotShipment,
    Movement,
    MovementLine,
    ProcessReading,
    Specification,
    TestResult,
)
from ..records import LOT, LOT_READING, LOT_SHIPMENT, LOT_TEST
from ..shipping.reserved import holding
from .judging import Limits

OUTWARD = (Movement.Kind.SHIP, Movement.Kind.RETURN)  # postings that tell of customers
MOST_RESULTS = 20_000
MOST_LINES = 30
_LAST = "\U0010ffff"


def get_lot(actor: Actor, identity: int) -> Lot:
    """The lot with its product and what was last decided about it (`decided_why`, `_at`, `_by`, `_data`); 404 where it is not the actor's to see."""
    last = LotEvent.objects.filter(lot=OuterRef("pk")).exclude(kind="result_invalid").order_by("-id")
    row: Lot | None = (
        LOT.visible_to(actor)
        .select_related("product")
        .annotate(
            decided_why=Subquery(last.values("reason")[:1]),
            decided_at=Subquery(last.values("at")[:1]),
            decided_by=Subquery(last.values("actor_name")[:1]),
            decided_data=Subquery(last.values("data")[:1]),
        )
        .filter(pk=identity)
        .first()
    )
    if row is None:
        raise Http404(identity)
    return row


class Decided(NamedTuple):
    """What was last decided about a lot."""

    reason: str
    at: datetime
    by: str
    data: Mapping[str, Any]


def decided_of(lot: Any) -> Decided | None:
    """Of a lot that `get_lot` gave."""
    if lot.decided_at is None:
        return None
    return Decided(lot.decided_why, lot.decided_at, lot.decided_by, lot.decided_data or {})


def may_decide(actor: Actor, lot: Lot) -> bool:
    """Asks the database only where deciding reaches less far than seeing."""
    if actor.scope("lot", "edit") >= actor.scope("lot"):
        return True
    return LOT.visible_to(actor, "edit").filter(pk=lot.pk).exists()


def sees_results(actor: Actor) -> bool:
    return LOT_TEST.may_read(actor, "said")


def sees_origin(actor: Actor) -> bool:
    return LOT.may_read(actor, "origin")


def results_of(actor: Actor, lots: Iterable[int]) -> list[TestResult]:
    """Results of the lots, also those that were declared invalid; none for whom results are withheld."""
    if not sees_results(actor):
        return []
    rows = LOT_TEST.visible_to(actor).filter(lot__in=list(lots)).select_related("characteristic")
    return list(rows.order_by("lot_id", "id")[:MOST_RESULTS])


def limits_of(actor: Actor, products: Iterable[int]) -> dict[int, list[Limits]]:
    """All limits that the products ever had, by product, of customers that the actor sees. One query."""
    if not sees_results(actor):
        return {}
    wanted = list(products)
    shared = (
        "characteristic_id", "characteristic__code", "characteristic__name", "characteristic__unit",
        "lower", "upper", "valid_from", "valid_to", "pk", "product_id",
    )  # fmt: skip
    # Names of customers are fetched where they are shown: the two tables must have the same columns.
    own = Specification.objects.filter(
        Q(customer=None) | Q(customer__in=CUSTOMER.visible_to(actor).order_by().values("pk")),
        product__in=wanted,
    )
    plain = ProductCharacteristic.objects.filter(product__in=wanted)
    nobody = Cast(Value(None), BigIntegerField())
    rows = own.values_list("customer_id", "customer__name", *shared).union(
        plain.annotate(whose=nobody, called=Value("")).values_list("whose", "called", *shared), all=True
    )
    found: dict[int, list[Limits]] = {}
    for customer, called, *said, product in rows:
        rank = 2 if customer is not None else 0 if called == "" else 1
        found.setdefault(product, []).append(Limits(rank, customer, called or "", *said))
    return found


def readings_of(actor: Actor, lot: Lot) -> list[ProcessReading]:
    """What the steps of its making read; nothing for whom that is withheld."""
    if not LOT_READING.may_read(actor, "said"):
        return []
    return list(LOT_READING.visible_to(actor).filter(lot=lot).order_by("id")[:MOST_RESULTS])


def particulars_of(actor: Actor, lots: Iterable[int]) -> dict[int, Lot]:
    """Where those lots come from, which the actor sees already; nothing for whom that is withheld."""
    if not sees_origin(actor):
        return {}
    rows = Lot.objects.filter(pk__in=list(lots)).order_by()
    return {one.pk: one for one in rows.only("supplier", "origin", "made_at", "made_said", "number")}


def postings_of(actor: Actor, lot: Lot) -> list[MovementLine]:
    """The lot's lines in postings, newest first, one more than are shown; `lot` is one that the actor sees. Of shipments those
    to customers whose shipments the actor sees."""
    theirs = LOT_SHIPMENT.visible_to(actor).filter(movement=OuterRef("movement"))
    rows = MovementLine.objects.filter(~Q(movement__kind__in=OUTWARD) | Exists(theirs), lot=lot)
    rows = rows.select_related("movement", "movement__reverses")
    return list(rows.order_by("-movement__at", "-id")[: MOST_LINES + 1])


def decisions_of(actor: Actor, lot: Lot) -> list[LotEvent]:
    """What was decided about it, newest first; `lot` is one that the actor sees."""
    return list(LotEvent.objects.filter(lot=lot).order_by("-id")[:MOST_LINES])


def shipped_to(actor: Actor, customer: Any, most: int = 12) -> list[LotShipment]:
    """The newest shipments of lots to a customer, as far as the actor may see them."""
    rows = LOT_SHIPMENT.visible_to(actor).filter(customer=customer)
    return list(
        rows.select_related("lot__product", "order", "movement").order_by("-shipped_at", "-id")[:most]
    )


def search_lots(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """By lot number or product code from its beginning, or by both as in `A/12`."""
    upper = text.upper()
    rows = rows.alias(upper=Upper("number"))
    begins = Q(upper__gte=upper, upper__lt=upper + _LAST)
    found = begins | Q(product__in=Product.objects.filter(code__istartswith=text).order_by().values("pk"))
    code, slash, number = upper.partition("/")
    if slash and code:
        found |= Q(
            product__code__iexact=code.strip(), upper__gte=number.strip(), upper__lt=number.strip() + _LAST
        )
    return rows.filter(found)


def lots_called(actor: Actor, texts: Iterable[str]) -> dict[str, list[Lot]]:
    """For each text the lots it may mean: product code and number, else the number alone. Case does not matter. One query.

    Code and number may be parted by a slash, a colon, a blank or a hyphen, and may hold such characters themselves.
    """
    wanted = {text: _splits(text.upper()) for text in texts}
    numbers = {number for splits in wanted.values() for _code, number in splits}
    rows = LOT.visible_to(actor).alias(upper=Upper("number")).filter(upper__in=numbers)
    by_number: dict[str, list[Lot]] = {}
    for lot in rows.select_related("product").order_by("id")[:500] if numbers else ():
        by_number.setdefault(lot.number.upper(), []).append(lot)
    found = {}
    for text, splits in wanted.items():
        named = [
            lot
            for code, number in splits
            if code
            for lot in by_number.get(number, ())
            if lot.product.code.upper() == code
        ]
        found[text] = named or by_number.get(text.upper().strip(), [])
    return found


def _splits(text: str) -> list[tuple[str, str]]:
    from ..naming import PARTS

    found = [(text[: at.start()].strip(), text[at.end() :].strip()) for at in PARTS.finditer(text)]
    return [("", text.strip()), *((code, number) for code, number in found if code and number)]


def my_notices(actor: Actor, day: date) -> list[LotNotice]:
    """What I was told of lots that may not leave, of customers that I still see. Newest first.

    What was held while it was reserved or on the way stands here only as long as both is so.
    """
    rows = LotNotice.objects.filter(
        recipient_id=actor.user_id, read_at=None, customer__in=CUSTOMER.visible_to(actor).order_by().values("pk")
    )  # fmt: skip
    kept = LotReservation.objects.filter(
        holding(day),
        lot=OuterRef("lot"),
        order=OuterRef("order"),
        line__delivered_on=None,
        line__cancelled_by=None,
    )
    way = LotShipment.objects.filter(
        lot=OuterRef("lot"), movement__number=OuterRef("document"), arrival=LotShipment.Arrival.ON_WAY
    )
    blocked = Q(lot__disposition__in=[Lot.Status.HELD, Lot.Status.REJECTED])
    rows = rows.filter(
        Q(kind=LotNotice.Kind.REFUSED)
        | blocked & Q(Exists(kept), kind=LotNotice.Kind.RESERVED)
        | blocked & Q(Exists(way), kind=LotNotice.Kind.ON_WAY)
    )
    seen = LOT.visible_to(actor).filter(pk=OuterRef("lot"))
    return list(
        rows.annotate(sees_lot=Exists(seen))
        .select_related("lot__product", "customer", "order")
        .order_by("-at")[:20]
    )
