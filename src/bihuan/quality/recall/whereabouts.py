"""Where lots are when a recall begins, by sets: what was made, is there, was shipped, used and lost of each; what is on the way now."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from bihuan.kernel.actor import Actor

from ..models import Lot, LotEdge, Movement, MovementLine, Recall, RecallLot
from ..records import LOT_SHIPMENT
from ..shipping.transit import OnWay, on_the_way
from .rules import NONE, Sums

K = Movement.Kind
GONE = frozenset({K.LOSS, K.ADJUST})


def sums_of(lots: Iterable[int]) -> dict[int, Sums]:
    """The postings of many lots added up. Three queries; a posting and its opposite add up to nothing."""
    wanted = sorted(lots)
    stock = dict(Lot.objects.filter(pk__among=wanted).order_by().values_list("pk", "quantity"))
    made: dict[int, tuple[Decimal | None, Decimal | None]] = {}
    gone: dict[int, dict[str, Decimal]] = {}
    untold: set[int] = set()
    lines = (
        MovementLine.objects.filter(lot__among=wanted)
        .order_by()
        .values_list("lot", "movement__kind", "is_output")
        .annotate(amount=Sum("quantity"), heavy=Sum("weight"), blank=Count("pk", filter=Q(quantity=None)),
                  light=Count("pk", filter=Q(weight=None)))
    )  # fmt: skip
    for lot, kind, is_output, amount, heavy, blank, light in lines:
        if is_output:
            known = made.get(lot, (NONE, NONE))
            both = (None if blank else amount, None if light else heavy)
            made[lot] = (_plus(known[0], both[0]), _plus(known[1], both[1]))
            continue
        what = "shipped" if kind == K.SHIP else "lost" if kind in GONE else "used"
        sums = gone.setdefault(lot, {})
        if kind == K.RETURN:  # no longer with the customer: it went into the lot that came back
            sums["shipped"] = sums.get("shipped", NONE) + (amount or NONE)
        sums[what] = sums.get(what, NONE) - (amount or NONE)
        if blank:
            untold.add(lot)
    passed = {
        lot: (None if blank else amount or NONE)
        for lot, amount, blank in LotEdge.objects.filter(source__among=wanted)
        .order_by()
        .values_list(F("source"))
        .annotate(amount=Sum("quantity"), blank=Count("pk", filter=Q(quantity=None)))
    }
    found = {}
    for lot in wanted:
        amount, heavy = made.get(lot, (None, None))
        out = gone.get(lot, {})
        told = None if lot in untold else amount
        found[lot] = Sums(
            made=told,
            stock=stock.get(lot),
            shipped=out.get("shipped", NONE),
            used=out.get("used", NONE),
            lost=out.get("lost", NONE),
            passed=passed.get(lot, NONE),
            weight=heavy / told if heavy and told else None,
        )
    return found


def on_way_now(actor: Actor, recall: Recall) -> list[OnWay]:
    """What of the recall's lots is on the way at this moment, of shipments that the actor sees: it can still be stopped. One query."""
    lots = RecallLot.objects.filter(recall=recall).order_by().values("lot")
    return on_the_way(LOT_SHIPMENT.visible_to(actor).filter(lot__in=lots))


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
