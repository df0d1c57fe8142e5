"""Joining what another company told to our lots: lots that they had, and postings of what became of them elsewhere.

What happened elsewhere moves no stock of ours: lines carry weights and no amounts, so that shares follow and what lies here stays
as it was counted here. A document is joined in sets: its queries do not grow with its events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from bihuan.catalog.models import Unit
from bihuan.kernel.actor import Actor
from bihuan.kernel.fields import from_fixed, to_fixed
from bihuan.quality.genealogy.balance import balance
from bihuan.quality.models import EpcisLink, Lot, LotEdge, Movement, MovementLine, UnitWeight
from bihuan.quality.posting import TOLD, Line, edges_of, settle, told_elsewhere
from bihuan.quality.postings import weigh

from .classes import MASSES, is_unit, read_class, unit_name
from .products import CHUNK, products_of
from .telling import KINDS, Part, Told, amount_of, text_of

S = Lot.Status
BATCH = 500
Key = tuple[int, str]  # product, number


@dataclass(slots=True)
class Joined:
    """`links`: (event's key, lot, role, URI). `left`: why an event is not joined, by its key."""

    lots_made: int = 0
    postings: int = 0
    links: list[tuple[str, Lot, str, str]] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def join(actor: Actor, events: list[Told], *, enter_products: bool, now: datetime) -> Joined:
    """Make what the events tell into lots and postings, once: what is joined already stays as it is."""
    joined = Joined()
    parts = [part for one in events for part in one.parts]
    uris = {part.named.product for part in parts}
    products = products_of(uris, parts, actor=actor, enter=enter_products, now=now)
    lots = _lots_of({_key(one, products) for one in parts if one.named.product in products})
    strange = _called_otherwise(lots, parts, products)
    steps = []
    for one in sorted(_gathered(events), key=lambda step: (step.at, step.key)):
        reason = _why_not(one, products, strange)
        if reason:
            joined.left[one.key] = reason
        else:
            steps.append(one)
    steps = _unposted(steps, lots, products, joined)
    new = _new_lots(steps, lots, products, now)
    joined.lots_made = len(new)
    joined.postings = _post([one for one in steps if one.moves], lots, new, products, actor, now)
    for one in events:
        for part in one.parts:
            lot = lots.get(_key(part, products)) if part.named.product in products else None
            if lot is not None and part.named.uri not in strange:
                joined.links.append((one.key, lot, part.role, part.named.uri))
    return joined


def _key(part: Part, products: Mapping[str, int]) -> Key:
    return products[part.named.product], part.named.number


def _lots_of(keys: set[Key]) -> dict[Key, Lot]:
    found: dict[Key, Lot] = {}
    numbers = sorted({number for _product, number in keys})
    for at in range(0, len(numbers), CHUNK):
        rows = Lot.objects.filter(number__in=numbers[at : at + CHUNK]).order_by("id")
        if connection.features.has_select_for_update:
            rows = rows.filter(product__in={product for product, _number in keys}).select_for_update()
        found |= {key: one for one in rows if (key := (one.product_id, one.number)) in keys}
    return found


def _called_otherwise(
    lots: Mapping[Key, Lot], parts: Iterable[Part], products: Mapping[str, int]
) -> set[str]:
    """Names that would be a lot which came to us under another product's name: two makers may use one number."""
    known: dict[int, set[str]] = {}
    rows = EpcisLink.objects.filter(lot__among={one.pk for one in lots.values()})
    for pk, uri in rows.values_list("lot", "uri").distinct():
        named = read_class(uri)
        if named is not None:
            known.setdefault(pk, set()).add(named.product)
    strange = set()
    for part in parts:
        lot = lots.get(_key(part, products)) if part.named.product in products else None
        if lot is not None and lot.pk in known and part.named.product not in known[lot.pk]:
            strange.add(part.named.uri)
    return strange


def _gathered(events: Iterable[Told]) -> Iterable[Told]:
    """Events of one transformation that takes longer are one step, under the first one's key."""
    groups: dict[str, list[Told]] = {}
    for one in events:
        if one.group:
            groups.setdefault(one.group, []).append(one)
        else:
            yield one
    for several in groups.values():
        first = min(several, key=lambda one: (one.at, one.key))
        merged: dict[tuple[str, str], Part] = {}
        for one in several:
            for part in one.parts:
                known = merged.get((part.role, part.named.uri))
                if known is None:
                    merged[part.role, part.named.uri] = Part(
                        part.named, part.role, part.amount, part.code, part.hint
                    )
                elif known.amount is None or part.amount is None or known.code != part.code:
                    known.amount = None
                else:
                    known.amount += part.amount
        yield Told(
            first.key, first.at, list(merged.values()), kind=first.kind, lost=first.lost, moves=True, ilmd=first.ilmd,
            others=any(one.others for one in several),
        )  # fmt: skip


def _why_not(one: Told, products: Mapping[str, int], strange: set[str]) -> str:
    if not one.parts:
        return _("Names no lot: single items and whole products have none.")
    for part in one.parts:
        if part.named.product not in products:
            return _("No product is known as %(product)s.") % {"product": part.named.product}
        if part.named.uri in strange:
            return _("Lot %(lot)s is known here from another maker.") % {"lot": part.named.number}
        if not 0 < len(part.named.number) <= 60:
            return _("A lot needs a number of at most 60 characters.")
    if one.moves and not (one.of("input", "child") and one.of("output", "parent")):
        return _("Tells no lot that went in, or none that came out.")
    return ""


def _unposted(
    steps: list[Told], lots: Mapping[Key, Lot], products: Mapping[str, int], joined: Joined
) -> list[Told]:
    """Those that are not posted yet, and do not say of a lot that was made here how it was made."""
    keys = {one.key for one in steps if one.moves}
    posted = set()
    wanted = sorted(keys)
    for at in range(0, len(wanted), CHUNK):
        numbers = [TOLD + key for key in wanted[at : at + CHUNK]]
        rows = Movement.objects.filter(number__in=numbers)
        posted |= {number.removeprefix(TOLD) for number in rows.values_list("number", flat=True)}
    outs = {lots[key].pk for one in steps if one.moves for part in one.of("output", "parent") if (key := _key(part, products)) in lots}  # fmt: skip
    edges = LotEdge.objects.filter(target__among=outs).exclude(movement__number__startswith=TOLD)
    own = set(edges.values_list("target", flat=True))
    found = []
    for one in steps:
        made = [lots.get(_key(part, products)) for part in one.of("output", "parent")]
        ours = next((lot for lot in made if lot is not None and lot.pk in own), None) if one.moves else None
        if ours is not None:
            joined.left[one.key] = _("Lot %(lot)s was made here, and how is known here.") % {
                "lot": ours.number
            }
        elif not one.moves or one.key not in posted:
            found.append(one)
    return found


def _new_lots(
    steps: list[Told], lots: dict[Key, Lot], products: Mapping[str, int], now: datetime
) -> dict[Key, Lot]:
    """Not saved yet. Lots that are only known from what was told: nothing of them lies here. What was made of a held lot is on hold."""
    new: dict[Key, Lot] = {}
    used = {_key(part, products) for one in steps if one.moves for part in one.of("input", "child")}
    for one in steps:
        held = any(
            lot.disposition in (S.HELD, S.REJECTED)
            for part in one.of("input", "child")
            if (lot := lots.get(_key(part, products))) is not None
        )
        for part in one.parts if one.makes else ():
            key = _key(part, products)
            made = one.moves and part.role in ("output", "parent")
            if key in lots:
                if made and key in new:
                    new[key].made_at = one.at
                continue
            kind = "intermediate" if key in used else "finished"
            kind = part.hint.get("kind") if part.hint.get("kind") in KINDS else kind if made else "raw"  # type: ignore[assignment]
            state = S.HELD if held and made else S.QUARANTINE
            new[key] = lots[key] = Lot(
                product_id=key[0], number=key[1], kind=kind, quantity=None, inflow=Decimal(0), made_at=one.at,
                unit=text_of(part.hint.get("unit"), 20) or (unit_name(part.code) if part.amount is not None else ""),
                disposition=state, status=state, expires_on=_expiry(one.ilmd) if made or part.role == "object" else None,
                created_at=now, updated_at=now,
            )  # fmt: skip
    return new


def _expiry(ilmd: Mapping[str, Any]) -> date | None:
    for name in ("itemExpirationDate", "bestBeforeDate", "sellByDate"):
        for prefix in ("cbvmda:", "gs1:", ""):
            value = ilmd.get(prefix + name)
            try:
                if isinstance(value, str):
                    return date.fromisoformat(value[:10])
            except ValueError:
                continue
    return None


def _post(
    steps: list[Told],
    lots: Mapping[Key, Lot],
    new: Mapping[Key, Lot],
    products: Mapping[str, int],
    actor: Actor,
    now: datetime,
) -> int:
    """Save the new lots, with what went into them, and the postings."""
    factors = {
        (one.product_id, one.unit): to_fixed(one.weight)
        for one in UnitWeight.objects.filter(product__among=set(products.values()))
    }
    general = {one.code: to_fixed(one.in_base_units) for one in Unit.objects.all()}
    sides = [_sides(one, lots, products, factors, general) for one in steps]
    for lot, weight in ((line[0], line[2]) for _ins, outs in sides for line in outs):
        if (lot.product_id, lot.number) in new:
            before: Decimal | None = lot.inflow
            lot.inflow = None if before is None or weight is None else before + from_fixed(weight)
    Lot.objects.bulk_create(new.values(), batch_size=BATCH)
    movements, lines, edges = [], [], []
    for one, (ins, outs) in zip(steps, sides, strict=True):
        gap = balance([line[2] for line in ins], [line[2] for line in outs], to_fixed(one.lost)).gap
        movement = Movement(
            number=TOLD + one.key, kind=one.kind, at=one.at, digest=one.key, lost=one.lost, is_flagged=gap != 0,
            gap=None if gap is None else from_fixed(gap), actor=actor.key, actor_name=actor.name[:150],
            created_at=now, updated_at=now,
        )  # fmt: skip
        movements.append(movement)
        for sign, side in ((-1, ins), (1, outs)):
            for lot, _told, weight, heel in side:
                signed = None if weight is None else from_fixed(sign * weight)
                lines.append(
                    MovementLine(movement=movement, lot=lot, is_output=sign > 0, is_heel=heel, weight=signed)
                )
        edges.append((movement, ins, outs, to_fixed(one.lost) + max(gap or 0, 0)))
    Movement.objects.bulk_create(movements, batch_size=BATCH)
    for line in lines:
        line.movement_id = line.movement.pk
    MovementLine.objects.bulk_create(lines, batch_size=BATCH)
    LotEdge.objects.bulk_create([edge for one in edges for edge in edges_of(*one)], batch_size=BATCH)
    fresh = {one.pk for one in new.values()}
    settle_inflow(
        {line.lot.pk: line.lot for line in lines if line.is_output and line.lot.pk not in fresh}.values(), now
    )
    return len(movements)


def _sides(
    one: Told,
    lots: Mapping[Key, Lot],
    products: Mapping[str, int],
    factors: Mapping[tuple[int, str], int],
    general: Mapping[str, int],
) -> tuple[list[Line], list[Line]]:
    """What went in and what came out, in each lot's unit and in the common one."""
    heads = [(lots[_key(part, products)], part) for part in one.of("input", "child")]
    rows = heads + [(lots[_key(part, products)], part) for part in one.of("output", "parent")]
    amounts = [(lot.product_id, lot.unit, _amount(lot, part, factors, general)) for lot, part in rows]
    weights = _weights(rows, amounts, factors, general)
    ins: list[Line] = []
    outs: list[Line] = []
    for at, ((lot, part), (_p, _u, amount), weight) in enumerate(zip(rows, amounts, weights, strict=True)):
        if at < len(heads):
            ins.append((lot, amount, None if one.others else weight, part.hint.get("heel") is True))
        else:
            outs.append((lot, amount, weight, False))
    return ins, outs


def _amount(
    lot: Lot, part: Part, factors: Mapping[tuple[int, str], int], general: Mapping[str, int]
) -> int | None:
    """In the lot's own unit, millionths; None where it was not told or its unit cannot be converted."""
    said = amount_of(part.hint.get("amount"))
    if said is not None and text_of(part.hint.get("unit"), 20) == lot.unit:
        return to_fixed(said)
    if part.amount is None:
        return None
    if is_unit(part.code, lot.unit):
        return to_fixed(part.amount)
    unit = unit_name(part.code)
    told, own = (factors.get((lot.product_id, one), general.get(one)) for one in (unit, lot.unit))
    if told is None or own is None:
        told, own = MASSES.get(unit), MASSES.get(lot.unit)
    return to_fixed(part.amount * told / own) if told and own and part.amount * told < 10**24 else None


def _weights(
    rows: list[tuple[Lot, Part]],
    amounts: list[tuple[int, str, int | None]],
    factors: Mapping[tuple[int, str], int],
    general: Mapping[str, int],
) -> list[int | None]:
    """In the common unit of whoever exported it, where that was added for every lot; else in ours, or by mass."""
    said = [amount_of(part.hint.get("weight")) for _lot, part in rows]
    if None not in said:
        return [to_fixed(one) for one in said if one is not None]
    found = weigh(amounts, factors, general)
    if None in found and all(unit in MASSES for _product, unit, _amount in amounts):
        return weigh(amounts, {}, MASSES)
    return found


def settle_inflow(lots: Iterable[Lot], now: datetime) -> None:
    """What ever went into these lots, from their standing postings; of one whose making was told, receipts are no part."""
    rows = {one.pk: one for one in lots}
    told = set()
    ids = sorted(rows)
    for at in range(0, len(ids), CHUNK):
        told |= told_elsewhere(ids[at : at + CHUNK])
    standing = Q(movement__reverses=None, movement__reversed_by=None, is_output=True)
    sums = MovementLine.objects.filter(standing, lot__among=rows).order_by()
    total: dict[int, Decimal | None] = dict.fromkeys(rows, Decimal(0))
    grouped = sums.values("lot", "movement__kind").annotate(
        weight_sum=Sum("weight"), unknown=Count("id", filter=Q(weight=None))
    )
    for row in grouped:
        if row["movement__kind"] == Movement.Kind.RECEIVE and row["lot"] in told:
            continue
        known = total[row["lot"]]
        if row["unknown"] or known is None:
            total[row["lot"]] = None
        else:
            total[row["lot"]] = known + row["weight_sum"]
    for pk, lot in rows.items():
        lot.inflow = total[pk]
        settle(lot, Movement.Kind.ADJUST if lot.status != S.SHIPPED else Movement.Kind.SHIP, now)
    Lot.objects.bulk_update(rows.values(), ["inflow", "status", "version", "updated_at"], batch_size=200)


def take_back(keys: Iterable[str], actor: Actor, now: datetime) -> int:
    """Undo the postings of events that were declared wrong: the opposite beside them, and no edge is left."""
    numbers = [TOLD + key for key in sorted(keys)]
    movements: dict[int, Movement] = {}
    for at in range(0, len(numbers), CHUNK):
        rows = Movement.objects.filter(number__in=numbers[at : at + CHUNK], reversed_by=None)
        movements |= {one.pk: one for one in rows}
    opposites = {
        pk: Movement(
            number=f"-{one.number}", kind=one.kind, at=one.at, digest=one.digest, lost=-one.lost, reverses=one,
            gap=None if one.gap is None else -one.gap, actor=actor.key, actor_name=actor.name[:150],
            created_at=now, updated_at=now,
        )
        for pk, one in movements.items()
    }  # fmt: skip
    Movement.objects.bulk_create(opposites.values(), batch_size=BATCH)
    lines = list(MovementLine.objects.filter(movement__among=movements).select_related("lot"))
    MovementLine.objects.bulk_create(
        (
            MovementLine(
                movement=opposites[one.movement_id], lot_id=one.lot_id, is_output=one.is_output, is_heel=one.is_heel,
                weight=None if one.weight is None else -one.weight,
            )
            for one in lines
        ),
        batch_size=BATCH,
    )  # fmt: skip
    LotEdge.objects.filter(movement__among=movements).delete()
    settle_inflow({one.lot_id: one.lot for one in lines if one.is_output}.values(), now)
    return len(movements)
