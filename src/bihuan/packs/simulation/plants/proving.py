"""What makes a made plant's lots provable: what their public pages show, certificates, and all that happened in the evidence log.

The same parts do it as for real lots. The log grows in the order in which things happened, and is signed anew before each certificate, so
that each carries the head of its moment; keys and salts are by chance, as they must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

from django.db.models import Max

from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.kernel.time import company_zone, local_date
from bihuan.people.actors import actor_for
from bihuan.people.company import company_name, name_company
from bihuan.people.models import User
from bihuan.quality.certificates.issuing import certificate_of, issue, seen_as
from bihuan.quality.certificates.preparing import prepare
from bihuan.quality.evidencing.entering import enter
from bihuan.quality.evidencing.history import History
from bihuan.quality.evidencing.writing import write_waiting
from bihuan.quality.models import Certificate, Lot, LotReservation, LotShipment, ProductPublication
from bihuan.quality.published.publishing import save_publication
from bihuan.quality.shipping.reserved import holding
from bihuan.service.models import CaseReference

from .model import PlantModel, Published, read_plant

NEWEST = 3
"""Of each published product so many of the newest lots have a certificate for anybody."""
COMPLAINED = 1
"""And so many that an open complaint names."""
POST = "质量管理部"
SIGNED_AFTER = timedelta(hours=2)
APART = timedelta(minutes=7)
OPENS, CLOSES = time(8, 30), time(17)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A certificate to be signed at a moment; `lots`: the first one, and those beside it."""

    at: datetime
    kind: str
    lots: tuple[Lot, ...]
    customer: Customer | None = None


def prove_plant(pack: str, *, now: datetime) -> int:
    """Publish, certify and log what a made company of the pack did, where that is not done yet; how many certificates were signed."""
    model = read_plant(pack)
    if model.company and not company_name():
        name_company(actor=SYSTEM, name=model.company, now=now)
    products = {
        one.code: one for one in Product.objects.filter(code__in=[one.code for one in model.published])
    }
    for shown in model.published:
        if shown.code in products:
            _publish(shown, products[shown.code], now)
    history, signer, signed = History(), _signer(), 0
    if signer is not None:
        for one in sorted(_wanted(model, now), key=lambda each: each.at):
            history.enter(one.at)
            write_waiting(one.at)
            signed += _sign(signer, one)
    history.enter()
    write_waiting(now)
    return signed


def _publish(one: Published, product: Product, now: datetime) -> None:
    if not ProductPublication.objects.filter(product=product).exists():
        save_publication(
            actor=SYSTEM, product=product, gtin=one.gtin, shows_dates=True, shows_storage=True, storage=one.storage,
            storage_en=one.storage_en, shows_certificate=True, shows_origin=one.origin, now=now,
        )  # fmt: skip


def _signer() -> Actor | None:
    """Who signs for the made company: the first of its quality people."""
    people = User.objects.filter(is_active=True, roles__role="quality").order_by("pk")
    return next((actor for one in people if (actor := actor_for(one)).may("certificate", "sign")), None)


def _sign(signer: Actor, one: Wanted) -> int:
    """1, or 0 where something stands against it or it is there already."""
    lot, *more = one.lots
    found = prepare(actor=signer, lot=lot, kind=one.kind, customer=one.customer, more=more, now=one.at)
    if found.reasons or certificate_of(lot, one.kind, one.customer, more) is not None:
        return 0
    version = issue(
        actor=signer, lot=lot, kind=one.kind, customer=one.customer, more=more, seen=seen_as(found, None), post=POST, now=one.at,
    )  # fmt: skip
    enter("certified", [version.pk])
    return 1


def _wanted(model: PlantModel, now: datetime) -> Iterator[Wanted]:
    """Each in order of worth for somebody who looks round: lots of late and those complained of, for anybody; the last of them that
    was shipped, for who got it; lots reserved for one order together."""
    kinds = {one.code: one.certificate for one in model.published}
    for one in model.published:
        lots = _lots(one.code)
        for number, lot in enumerate(lots):
            at = _in_the_office(lot.released_at, number, now)  # type: ignore[attr-defined]
            yield Wanted(at, one.certificate, (lot,))
            if one.origin:
                yield Wanted(min(now, at + APART / 2), str(Certificate.Kind.ORIGIN), (lot,))
        sent = LotShipment.objects.filter(lot__in=[lot.pk for lot in lots], shipped_at__lt=now - SIGNED_AFTER)
        last = sent.select_related("lot__product", "customer").order_by("-shipped_at", "-pk").first()
        if last is not None:
            yield Wanted(_in_the_office(last.shipped_at, 0, now), one.certificate, (last.lot,), last.customer)
    together = _reserved_together(now)
    if together:
        both = tuple(one.lot for one in together)
        at = _in_the_office(max(one.created_at for one in together), 0, now)
        default = next(iter(kinds.values()), str(Certificate.Kind.COA))
        yield Wanted(at, kinds.get(both[0].product.code, default), both, together[0].customer)


def _in_the_office(since: datetime, number: int, now: datetime) -> datetime:
    """Two hours later, where the office is open then, else when it opens; not after now."""
    local = (since + SIGNED_AFTER).astimezone(company_zone())
    if not OPENS <= local.time() <= CLOSES:
        day = local.date() + timedelta(days=local.time() > CLOSES)
        local = datetime.combine(day, OPENS, local.tzinfo)
    return min(now, local + APART * number)


def _lots(code: str) -> list[Lot]:
    """The newest released lots of a product, and the one that the newest open complaint about it names."""
    rows = Lot.objects.filter(
        product__code=code, kind=Lot.Kind.FINISHED, disposition=Lot.Status.RELEASED, events__kind="released"
    ).select_related("product").annotate(released_at=Max("events__at"))  # fmt: skip
    names = CaseReference.objects.filter(kind="lot", case__closed_at=None, label__startswith=f"{code}/")
    numbers = [
        label.partition("/")[2]
        for label in names.order_by("-case__opened_at").values_list("label", flat=True)
    ]
    complained = rows.filter(number__in=numbers[:COMPLAINED])
    found = {one.pk: one for one in [*rows.order_by("-made_at", "-pk")[:NEWEST], *complained]}
    return list(found.values())


def _reserved_together(now: datetime) -> Sequence[LotReservation]:
    """Reservations of several lots of one product for one order, the newest order that has such; of each lot one."""
    rows = LotReservation.objects.filter(holding(local_date(now))).select_related("lot__product", "customer")
    for _key, group in groupby(
        rows.order_by("-order", "lot__product", "lot"), lambda one: (one.order_id, one.lot.product_id)
    ):
        by_lot = {one.lot_id: one for one in group}
        if len(by_lot) > 1:
            return list(by_lot.values())
    return ()
