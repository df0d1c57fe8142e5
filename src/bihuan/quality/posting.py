"""Posting movements of lots: one transaction takes lots, makes lots, and says how much of which is in which.

Every posting has a document number. The same document twice is one posting; the same number with other contents is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.fields import from_fixed, plain, to_fixed
from bihuan.kernel.outbox import publish
from bihuan.kernel.sets import add_rows, update_rows
from bihuan.kernel.time import local_date

from .before_posting import Rule, said_of
from .errors import LotError
from .genealogy.balance import apportion, balance, part_among
from .models import Lot, LotEdge, LotRule, Movement, MovementLine
from .postings import BALANCED, KEPT_FOR_ORDERS, SHAPES, USABLE_WHEN_HELD, Make, Take, digest_of, weigh
from .shipping.reserved import refuse_what_is_kept

S = Lot.Status
NONE = Decimal(0)
TOLD = "EPCIS "  # begins the document numbers of what happened elsewhere (see `exchange.joining`)
Line = tuple[Lot, int | None, int | None, bool]  # lot, millionths in its unit, in the common unit, heel


@transaction.atomic
def post(
    *,
    actor: Actor,
    number: str,
    kind: str,
    at: datetime,
    takes: Sequence[Take] = (),
    makes: Sequence[Make] = (),
    lost: Decimal = NONE,
    note: str = "",
    now: datetime,
    more: dict[str, Any] | None = None,
) -> Movement:
    """Post a movement; gives the one already there if this very document was posted before.

    `lost` is in the common unit. Raises ``NotAllowed``, ``LotError`` with code: number, shape, quantity, twice, stock, held,
    expired, balance, other_contents, unit, reserved.
    """
    # Whoever ships need not be let make and use lots as well.
    require(actor, "lot_shipment" if kind == Movement.Kind.SHIP else "lot", "create")
    number = number.strip()
    if not number or len(number) > 80:
        raise LotError(_("A posting needs a document number of at most 80 characters."), "number")
    digest = digest_of(kind, at, takes, makes, lost, more or {})
    _check_shape(kind, takes, makes, lost)
    lots = _locked(takes, makes)
    taken = [lots[one.lot.product_id, one.lot.number] for one in takes]
    amounts = _amounts(taken, takes, makes, lots)
    said = said_of(
        [product for product, _, _ in amounts],
        [unit for _, unit, _ in amounts],
        [one.pk for one in taken],
        number,
    )
    if (
        said.posted is not None
    ):  # asked once the lots are locked: of the same document twice at once, the later finds it
        if said.posted[1] == digest:
            return Movement.objects.get(pk=said.posted[0])
        raise LotError(
            _("Document %(number)s was already posted with other contents.") % {"number": number},
            "other_contents",
        )
    rules = said.rules
    _check_usable(kind, at, taken, [rules.get(one.product_id) for one in taken])
    weights = weigh(amounts, said.own, said.general)
    heads, tails = weights[: len(takes)], weights[len(takes) :]
    gap, flagged = _balanced(kind, heads, tails, lost, makes, rules)
    held = next((one for one in taken if one.disposition in (S.HELD, S.REJECTED)), None)
    if kind == Movement.Kind.RETURN:
        held = taken[0]  # nobody knows what became of it outside, however sound the rest is
    known_lots = [one.pk for one in lots.values()]
    made = _made(makes, lots, rules, at, now, held)
    ins = [
        (lot, _fixed(one.quantity), weight, one.is_heel)
        for lot, one, weight in zip(taken, takes, heads, strict=True)
    ]
    outs = [
        (lot, _fixed(one.quantity), weight, False)
        for lot, one, weight in zip(made, makes, tails, strict=True)
    ]
    _move_stock(kind, ins, outs, now, told_elsewhere(known_lots) if kind == Movement.Kind.RECEIVE else set())
    movement = Movement.objects.create(
        number=number, kind=kind, at=at, digest=digest, lost=lost, gap=None if gap is None else from_fixed(gap),
        is_flagged=flagged, note=note[:300], actor=actor.key, actor_name=actor.name[:150],
        created_at=now, updated_at=now,
    )  # fmt: skip
    _write_lines(movement, ins, outs)
    if said.kept and kind in KEPT_FOR_ORDERS:
        refuse_what_is_kept(actor, [one.pk for one in taken], now=now)
    add_rows(edges_of(movement, ins, outs, to_fixed(lost) + max(gap or 0, 0)))
    record(actor, now, f"lot.{kind}", movement, object_name=number, after={"count": len(ins) + len(outs)})
    publish("lot.moved", {"movement": movement.pk, "kind": kind}, now=now)
    return movement


def _fixed(value: Decimal | None) -> int | None:
    return None if value is None else to_fixed(value)


def _check_shape(kind: str, takes: Sequence[Take], makes: Sequence[Make], lost: Decimal) -> None:
    if kind not in SHAPES:
        raise LotError(_("There is no posting of the kind “%(kind)s”.") % {"kind": kind}, "shape")
    for wanted, rows in zip(SHAPES[kind], (takes, makes), strict=True):
        fits = {"none": not rows, "one": len(rows) == 1, "some": bool(rows), "any": True}[wanted]
        if not fits:
            raise LotError(_("A posting of this kind takes and makes other lots than were given."), "shape")
    if not takes and not makes:
        raise LotError(_("A posting needs at least one lot."), "shape")
    told = [*(one.quantity for one in takes), *(one.quantity for one in makes)]
    if any(one is not None and to_fixed(one) <= 0 for one in told) or lost < 0:
        raise LotError(_("Quantities are above zero."), "quantity")
    for names in (
        [(one.lot.product_id, one.lot.number) for one in takes],
        [(one.product.pk, one.number) for one in makes],
    ):
        if len(set(names)) < len(names):
            raise LotError(_("A lot stands twice in this posting."), "twice")
    if any(not one.number.strip() or len(one.number) > 60 for one in makes):
        raise LotError(_("A lot needs a number of at most 60 characters."), "number")


def _locked(takes: Sequence[Take], makes: Sequence[Make]) -> dict[tuple[int, str], Lot]:
    """The lots that take part and exist, locked in one order so that two postings never wait for each other."""
    wanted = Q(pk__in=[one.lot.pk for one in takes])
    numbers: dict[int, list[str]] = {}
    for made in makes:
        numbers.setdefault(made.product.pk, []).append(made.number)
    for product, several in numbers.items():
        wanted |= Q(product=product, number__in=several)
    rows = Lot.objects.filter(wanted).order_by("id")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    lots = {(one.product_id, one.number): one for one in rows}
    if any((one.lot.product_id, one.lot.number) not in lots for one in takes):
        raise LotError(_("A lot of this posting no longer exists."), "stock")
    return lots


def _check_usable(kind: str, at: datetime, taken: Sequence[Lot], rules: Sequence[Rule | None]) -> None:
    for lot, rule in zip(taken, rules, strict=True):
        name = {"lot": lot.number}
        if lot.disposition in (S.HELD, S.REJECTED) and kind not in USABLE_WHEN_HELD:
            raise LotError(_("Lot %(lot)s is on hold or rejected.") % name, "held")
        unreleased = lot.disposition != S.RELEASED and (rule is None or rule.needs_release)
        if kind == Movement.Kind.SHIP and unreleased:
            raise LotError(_("Lot %(lot)s has not been released.") % name, "held")
        if kind in ("ship", "produce", "blend") and lot.expires_on and lot.expires_on < local_date(at):
            raise LotError(_("Lot %(lot)s is past its shelf life.") % name, "expired")


def _amounts(
    taken: Sequence[Lot], takes: Sequence[Take], makes: Sequence[Make], lots: dict[tuple[int, str], Lot]
) -> list[tuple[int, str, int | None]]:
    """Product, unit and millionths of what goes in and what comes out, in order."""
    units = []
    for make in makes:
        known = lots.get((make.product.pk, make.number))
        unit = make.unit or make.product.unit
        if known is not None and make.unit and known.unit != make.unit:
            raise LotError(
                _("Lot %(lot)s is counted in %(unit)s.") % {"lot": known.number, "unit": known.unit}, "unit"
            )
        units.append(known.unit if known is not None else unit)
    return [
        *((lot.product_id, lot.unit, _fixed(one.quantity)) for lot, one in zip(taken, takes, strict=True)),
        *((one.product.pk, unit, _fixed(one.quantity)) for one, unit in zip(makes, units, strict=True)),
    ]


def _balanced(
    kind: str,
    heads: Sequence[int | None],
    tails: Sequence[int | None],
    lost: Decimal,
    makes: Sequence[Make],
    rules: dict[int, Rule],
) -> tuple[int | None, bool]:
    """The gap, and whether the posting is marked for it. Each product made has its say; the strictest counts."""
    if kind not in BALANCED:
        return 0, False
    found = balance(heads, tails, to_fixed(lost))
    asked = [rules.get(one.product.pk) for one in makes]
    tolerance = min(one.tolerance if one else 0 for one in asked)
    holds = found.holds(tolerance)
    if holds:
        return found.gap, False
    if holds is None:
        # It cannot be told: refused only where the product says in so many words that it wants to be balanced.
        if any(one is not None and one.on_imbalance == LotRule.OnImbalance.REFUSE for one in asked):
            raise LotError(
                _("The quantities cannot be balanced: an amount or a unit's factor is missing."), "balance"
            )
        return None, True
    if any(one is None or one.on_imbalance == LotRule.OnImbalance.REFUSE for one in asked):
        raise LotError(
            _(
                "What goes in and what comes out differ by %(gap)s. Declare what was lost, or correct the quantities."
            )
            % {"gap": plain(from_fixed(found.gap or 0))},
            "balance",
        )
    return found.gap, True


def _made(
    makes: Sequence[Make],
    lots: dict[tuple[int, str], Lot],
    rules: dict[int, Rule],
    at: datetime,
    now: datetime,
    held: Lot | None,
) -> list[Lot]:
    """The lots that come out, in order, new ones not yet written. What was made of a held lot is on hold."""
    for one in makes:
        key = (one.product.pk, one.number)
        rule = rules.get(one.product.pk)
        if key in lots:
            if held is not None and lots[key].disposition == S.RELEASED:
                raise LotError(_("Lot %(lot)s is on hold or rejected.") % {"lot": held.number}, "held")
            continue
        expires = one.expires_on
        if expires is None and rule is not None and rule.shelf_life_days:
            expires = local_date(at) + timedelta(days=rule.shelf_life_days)
        released = one.is_released or (rule is not None and not rule.needs_release)
        disposition = S.HELD if held is not None else S.RELEASED if released else S.QUARANTINE
        lot = Lot(
            product=one.product, number=one.number, kind=one.kind, unit=one.unit or one.product.unit,
            quantity=None if one.quantity is None else NONE, inflow=NONE, version=0, disposition=disposition, status=disposition,
            made_at=at, made_said=one.made_said, expires_on=expires, supplier=one.supplier, origin=one.origin,
            place=one.place, created_at=now, updated_at=now,
        )  # fmt: skip
        lots[key] = lot
    return [lots[one.product.pk, one.number] for one in makes]


def _write_lines(movement: Movement, ins: Sequence[Line], outs: Sequence[Line]) -> None:
    add_rows(
        MovementLine(
            movement=movement, lot=lot, is_output=sign > 0, is_heel=heel,
            quantity=None if amount is None else from_fixed(sign * amount),
            weight=None if weight is None else from_fixed(sign * weight),
        )
        for sign, lines in ((-1, ins), (1, outs))
        for lot, amount, weight, heel in lines
    )  # fmt: skip


def told_elsewhere(lots: Sequence[int]) -> set[int]:
    """Those whose making another company told: receiving them adds to the stock, and nothing to what they were made of."""
    if not lots:
        return set()
    told = LotEdge.objects.filter(target__in=lots, movement__number__startswith=TOLD)
    return set(told.values_list("target", flat=True))


def _move_stock(kind: str, ins: Sequence[Line], outs: Sequence[Line], now: datetime, told: set[int]) -> None:
    """What is left of each lot, written; new ones with it. Nothing can be taken that is not there."""
    touched = {}
    if kind == Movement.Kind.RETURN:
        ins = ()  # it had left the stock when it was shipped
    for lot, amount, weight, _heel in outs:
        if amount is not None:
            lot.quantity = (lot.quantity or NONE) + from_fixed(amount)
        if lot.pk not in told:
            lot.inflow = None if weight is None or lot.inflow is None else lot.inflow + from_fixed(weight)
        touched[lot.product_id, lot.number] = lot
    for lot, amount, _weight, _heel in ins:
        if amount is not None and lot.quantity is not None:
            left = lot.quantity - from_fixed(amount)
            if left < 0:
                raise LotError(
                    _("Of lot %(lot)s only %(left)s %(unit)s are left.")
                    % {"lot": lot.number, "left": plain(lot.quantity), "unit": lot.unit},
                    "stock",
                )
            lot.quantity = left
        touched[lot.product_id, lot.number] = lot
    for lot in touched.values():
        settle(lot, kind, now)
    known = [lot for lot in touched.values() if lot.pk]
    update_rows(("quantity", "inflow", "status", "version", "updated_at"), known)
    if len(known) < len(touched):
        Lot.objects.bulk_create(lot for lot in touched.values() if not lot.pk)


def settle(lot: Lot, kind: str, now: datetime) -> None:
    """The status that follows from what is left and from what was decided."""
    if lot.quantity is not None and lot.quantity == 0:
        lot.status = S.SHIPPED if kind == Movement.Kind.SHIP else S.CONSUMED
    else:
        lot.status = lot.disposition
    lot.version += 1
    lot.updated_at = now


def edges_of(movement: Movement, ins: Sequence[Line], outs: Sequence[Line], lost: int) -> list[LotEdge]:
    """How much of each lot taken is in each lot made: all is mixed, and what was lost took its part.

    `quantity` says where a source's amount went, so that those of one source and its part of the loss add up to what was
    taken; `weight` says what a target consists of, so that those of one target add up to what was made.
    """
    weights = [weight for _, _, weight, _ in outs]
    entered = [weight for _, _, weight, _ in ins]
    amounts: list[list[int | None]]
    if None not in weights:
        amounts = [part_among(amount, weights, lost) for _, amount, _, _ in ins]
    elif not lost and len({lot.unit for lot, _, _, _ in outs}) == 1:
        amounts = [part_among(amount, [one for _, one, _, _ in outs], 0) for _, amount, _, _ in ins]
    else:
        amounts = [[None] * len(outs) for _ in ins]
    known = [one for one in entered if one is not None]
    mixed = len(known) == len(entered) and sum(known) > 0
    parts = [apportion(one, known) if mixed and one is not None else [None] * len(ins) for one in weights]
    # A heel of unknown share is never cut.
    heels = apportion(1_000_000, known) if mixed else [1_000_000] * len(ins)
    return [
        LotEdge(
            source=lot, target=target, movement=movement,
            quantity=_number(amounts[row][column]), weight=_number(parts[column][row]),
            heel=from_fixed(heels[row]) if heel else None,
        )
        for row, (lot, _amount, _weight, heel) in enumerate(ins)
        for column, (target, *_rest) in enumerate(outs)
    ]  # fmt: skip


def _number(amount: int | None) -> Decimal | None:
    return None if amount is None else from_fixed(amount)
