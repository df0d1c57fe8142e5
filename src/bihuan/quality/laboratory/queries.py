"""Reading for the laboratory. Every read starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from bihuan.catalog.models import Characteristic, Product
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor
from bihuan.kernel.time import local_date

from ..lots import judging
from ..lots.queries import limits_of, results_of, sees_results
from ..models import Lot, LotRule, ResultCheck, Specification, TestResult
from ..records import LOT, LOT_TEST

MOST = 100
S = Lot.Status


def lot_seen(actor: Actor, identity: int) -> Lot:
    """The lot; 404 where it is not the actor's to see."""
    row: Lot | None = LOT.visible_to(actor).select_related("product").filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def get_result(actor: Actor, identity: int) -> TestResult:
    rows = LOT_TEST.visible_to(actor).select_related("lot__product", "characteristic")
    row: TestResult | None = rows.filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def limits_seen(actor: Actor, identity: int) -> Specification:
    """Limits of a product in general, or of a customer whom the actor sees; else 404."""
    whose = Q(customer=None) | Q(customer__in=CUSTOMER.visible_to(actor).order_by().values("pk"))
    rows = Specification.objects.filter(whose, pk=identity)
    row = rows.select_related("product", "characteristic", "customer").first()
    if row is None:
        raise Http404(identity)
    return row


def _to_retest(actor: Actor) -> QuerySet[Any]:
    rows = LOT_TEST.visible_to(actor, rows=TestResult.objects.filter(invalid_at__isnull=False))
    return rows.filter(retest=None)


def retests_of(actor: Actor, lot: Lot) -> list[TestResult]:
    """Invalid results of a lot of which the test was not done again, oldest first."""
    return list(_to_retest(actor).filter(lot=lot).select_related("characteristic").order_by("id"))


def _with_own_checks(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.annotate(mine=Exists(ResultCheck.objects.filter(result=OuterRef("pk"), actor=actor.key)))


@dataclass(slots=True)
class Draft:
    """A result that waits. `may_verify`: the actor neither entered it nor verified it before."""

    result: TestResult
    may_verify: bool
    limits: judging.Limits | None = None
    verdict: str = judging.UNLIMITED


def _drafts(actor: Actor, rows: QuerySet[Any]) -> list[Draft]:
    may = actor.may("lot_test", "verify")
    return [
        Draft(one, may and one.entered_key != actor.key and not one.mine)
        for one in _with_own_checks(actor, rows).select_related("characteristic", "lot__product")
    ]


Rows = Sequence[judging.Limits]


def limits_for_lot(actor: Actor, lot: Lot) -> Rows:
    """All limits that the lot's product ever had, of customers that the actor sees."""
    return limits_of(actor, [lot.product_id]).get(lot.product_id, [])


def drafts_of(actor: Actor, lot: Lot, limits: Rows | None = None) -> list[Draft]:
    """Results of a lot that wait to be verified, against the product's limits of that day. `limits`: as `limits_for_lot` gave."""
    if not sees_results(actor):
        return []
    waiting = LOT_TEST.visible_to(actor, rows=TestResult.objects.awaiting()).filter(lot=lot)
    found = _drafts(actor, waiting.order_by("id"))
    rows = limits if limits is not None else limits_for_lot(actor, lot) if found else ()
    for one in found:
        day = local_date(one.result.tested_at)
        one.limits = judging.limits_on(rows, day, None).get(one.result.characteristic_id)
        one.verdict = judging.verdict(one.result, one.limits)
    return found


@dataclass(slots=True)
class Asked:
    """A characteristic to be measured: the product's limits, those of customers, what stands already."""

    characteristic: Characteristic
    limits: judging.Limits | None = None
    own: list[judging.Limits] = field(default_factory=list)
    standing: list[TestResult] = field(default_factory=list)
    retest: TestResult | None = None


@dataclass(slots=True)
class Bench:
    """What there is to be measured of a lot, and what was measured before."""

    lot: Lot
    asked: list[Asked]
    last: TestResult | None


def bench(actor: Actor, lot: Lot, *, now: datetime) -> Bench:
    """Characteristics that the product's limits name today, of whichever customer that the actor sees, and those to be done again."""
    limits = limits_for_lot(actor, lot)
    today = local_date(now)
    running = [
        one for one in limits if one.valid_from <= today and (one.valid_to is None or one.valid_to > today)
    ]
    again = retests_of(actor, lot)
    wanted = {one.characteristic for one in running} | {one.characteristic_id for one in again}
    found = {one.pk: Asked(one) for one in Characteristic.objects.filter(pk__in=wanted).order_by("code")}
    general = judging.limits_on(limits, today, None)
    for one in running:
        if one.customer is not None:
            found[one.characteristic].own.append(one)
    for key, asked in found.items():
        asked.limits = general.get(key)
    for result in again:
        found[result.characteristic_id].retest = found[result.characteristic_id].retest or result
    for result in results_of(actor, [lot.pk]):
        if result.invalid_at is None and result.characteristic_id in found:
            found[result.characteristic_id].standing.append(result)
    last = (
        LOT_TEST.visible_to(actor, rows=TestResult.objects.filter(entered_key=actor.key))
        .order_by("-id")
        .first()
    )
    return Bench(lot, list(found.values()), last)


@dataclass(slots=True)
class NotFor:
    """A customer whose own limits the lot breaks, and by what."""

    customer: int
    name: str
    lines: list[judging.Line]


def not_for(actor: Actor, lot: Lot, limits: Rows, *, now: datetime) -> list[NotFor]:
    """Customers, of those the actor sees, whose own limits the lot's results break. `limits`: as `limits_for_lot` gave."""
    customers = {one.customer: one.customer_name for one in limits if one.customer is not None}
    if not customers:
        return []
    results = results_of(actor, [lot.pk])
    found = []
    for key, name in sorted(customers.items(), key=lambda one: one[1]):
        lines = [one for one in judging.judge(results, limits, key, now) if one.is_outside and one.is_own]
        if lines:
            found.append(NotFor(key, name, lines))
    return found


@dataclass(slots=True)
class Waiting:
    """A lot and what it waits for: `drafts` to be verified, `again` to be tested once more, `missing` never tested."""

    lot: Lot
    drafts: list[Draft] = field(default_factory=list)
    again: list[TestResult] = field(default_factory=list)
    missing: list[judging.Line] = field(default_factory=list)

    @property
    def mine_to_verify(self) -> int:
        return sum(one.may_verify for one in self.drafts)


@dataclass(slots=True)
class Laboratory:
    to_verify: list[Waiting]
    to_test: list[Waiting]
    is_more: bool


def _of_lots_seen(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of results that the actor sees those of lots that the actor sees, which are not rejected."""
    return rows.filter(lot__in=LOT.visible_to(actor).order_by().values("pk")).exclude(
        lot__disposition=S.REJECTED
    )


def laboratory(actor: Actor, *, now: datetime) -> Laboratory:
    """What waits, longest first; of each kind at most a hundred rows. Lots that are rejected wait for nothing."""
    if not sees_results(actor):
        return Laboratory([], [], False)
    awaiting = LOT_TEST.visible_to(actor, rows=TestResult.objects.awaiting())
    drafts = _drafts(actor, _of_lots_seen(actor, awaiting).order_by("id")[: MOST + 1])
    fell = _of_lots_seen(actor, _to_retest(actor)).select_related("lot__product", "characteristic")
    again = list(fell.order_by("id")[: MOST + 1])
    rows = (
        LOT.visible_to(actor).filter(status=S.QUARANTINE).select_related("product").order_by("made_at", "id")
    )
    lots = list(rows[: MOST + 1])
    to_verify: dict[int, Waiting] = {}
    for draft in drafts[:MOST]:
        to_verify.setdefault(draft.result.lot_id, Waiting(draft.result.lot)).drafts.append(draft)
    to_test: dict[int, Waiting] = {}
    for one in again[:MOST]:
        to_test.setdefault(one.lot_id, Waiting(one.lot)).again.append(one)
    for lot, missing in _untested(actor, lots[:MOST], now):
        to_test.setdefault(lot.pk, Waiting(lot)).missing = missing
    is_more = any(len(several) > MOST for several in (drafts, again, lots))
    return Laboratory(list(to_verify.values()), list(to_test.values()), is_more)


def _untested(actor: Actor, lots: Sequence[Lot], now: datetime) -> Iterable[tuple[Lot, list[judging.Line]]]:
    """Of these lots what the product's general limits name and nobody measured, drafts counted as measured."""
    limits = limits_of(actor, {one.product_id for one in lots}) if lots else {}
    tested: set[tuple[int, int]] = set()
    for one in results_of(actor, [lot.pk for lot in lots]) if limits else ():
        if one.invalid_at is None:
            tested.add((one.lot_id, one.characteristic_id))
    for lot in lots:
        lines = judging.judge((), limits.get(lot.product_id, []), None, now)
        missing = [one for one in lines if (lot.pk, one.characteristic) not in tested]
        if missing:
            yield lot, missing


@dataclass(slots=True)
class Period:
    limits: judging.Limits
    is_past: bool
    is_running: bool
    is_correctable: bool


@dataclass(slots=True)
class Compared:
    """A characteristic with its periods, newest first: the product's own, and each customer's."""

    code: str
    name: str
    unit: str
    general: list[Period] = field(default_factory=list)
    own: list[Period] = field(default_factory=list)


@dataclass(slots=True)
class Specified:
    product: Product
    rows: list[Compared]
    rule: LotRule


def specified(actor: Actor, product: Product, today: date) -> Specified:
    """All limits of a product that the actor sees, by characteristic. Its rule is the same for all."""
    rows: dict[int, Compared] = {}
    found = limits_of(actor, [product.pk]).get(product.pk, [])
    for one in sorted(found, key=lambda one: (one.code, one.customer_name, -one.valid_from.toordinal())):
        row = rows.setdefault(one.characteristic, Compared(one.code, one.name, one.unit))
        is_past = one.valid_to is not None and one.valid_to <= today
        is_open = one.valid_from >= today and one.rank > 0  # the catalogue's are the catalogue's to change
        period = Period(one, is_past, one.valid_from <= today and not is_past, is_open)
        (row.general if one.customer is None else row.own).append(period)
    for row in rows.values():
        if any(one.is_running and one.limits.rank for one in row.general):
            row.general = [
                one for one in row.general if one.limits.rank
            ]  # the catalogue's do not count beside them
    rule = LotRule.objects.filter(product=product).first() or LotRule()
    return Specified(product, list(rows.values()), rule)
