"""A lot's history as a document for others: what was posted here, what was decided about it, and what was captured of it.

History is how the lot and all that is in it came to be, and what became of the lot itself; what was made of its sources besides is not
part of it. What the actor may not see is not in it. Customers, suppliers and reasons are never in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from bihuan.kernel.actor import Actor
from bihuan.kernel.fields import plain
from bihuan.kernel.time import company_zone
from bihuan.quality.epcis import times
from bihuan.quality.epcis.context import Namespaces
from bihuan.quality.epcis.events import Correction, Event, ObjectEvent, Quantity, TransformationEvent
from bihuan.quality.epcis.hashing import hash_id, pre_hash
from bihuan.quality.epcis.writing import to_json, write_event
from bihuan.quality.models import EpcisEvent, EpcisLink, EpcisProduct, Lot, LotEvent, Movement, MovementLine
from bihuan.quality.posting import TOLD
from bihuan.quality.records import LOT, LOT_SHIPMENT
from bihuan.quality.tracing import trace

from .classes import NAMESPACE, lot_uri, place_uri, unit_code
from .contexts import lifted
from .records import told_to
from .telling import key_of

K = Movement.Kind
# kind of posting → business step and disposition that come nearest to it
STEPS: dict[str, tuple[str, str]] = {
    K.RECEIVE: ("receiving", "in_progress"),
    K.PRODUCE: ("creating_class_instance", "in_progress"),
    K.BLEND: ("creating_class_instance", "in_progress"),
    K.SPLIT: ("repackaging", "in_progress"),
    K.MERGE: ("repackaging", "in_progress"),
    K.REWORK: ("repairing", "in_progress"),
    K.TRANSFER: ("storing", "in_progress"),
    K.SHIP: ("shipping", "in_transit"),
    K.ADJUST: ("stock_taking", "in_progress"),
    K.LOSS: ("destroying", "destroyed"),
    K.RETURN: ("receiving", "returned"),
}
DECISIONS: dict[str, tuple[str, str]] = {
    "held": ("holding", "unavailable"),
    "released": ("inspecting", "conformant"),
    "rejected": ("inspecting", "non_conformant"),
}
_NAMES = Namespaces().within({"bihuan": NAMESPACE})


def export_lot(actor: Actor, lot: Lot, now: datetime) -> bytes:
    """An EPCISDocument in UTF-8, events by time. The same history gives the same events with the same hash ids.

    Raises ``Http404`` for a lot that the actor does not see.
    """
    seen = trace(actor, lot, down=False).nodes  # none that the actor does not see
    lots = {one.pk: one for one in Lot.objects.filter(pk__among=seen).select_related("product")}
    captured = _captured(actor, lot, lots)
    events = {key: body for key, (_at, body) in captured.items()}
    at = {key: moment for key, (moment, _body) in captured.items()}
    for event in (*_postings(actor, lot, lots), *_decisions(lot, lots)):
        written = write_event(event)
        identity = hash_id(pre_hash(written, _NAMES, "CBV2.0"), "CBV2.0")
        if identity not in events:
            events[identity] = {"eventID": identity} | written
            at[identity] = event.time
    in_order = [events[key] for key in sorted(events, key=lambda one: (at[one], one))]
    context, listed = lifted(in_order, {"bihuan": NAMESPACE})
    document = {
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": times.write(now),
        "epcisBody": {"eventList": listed},
    }
    return to_json(document).encode("utf-8")


def _captured(actor: Actor, lot: Lot, lots: dict[int, Lot]) -> dict[str, tuple[datetime, dict[str, Any]]]:
    """Events of others as they were, as far as the actor may see them."""
    about = Q(lot=lot) | Q(lot__among=lots, role__in=["output", "parent", "object"])
    wanted = told_to(actor).filter(pk__in=EpcisLink.objects.filter(about).values("event"))
    hashes = dict(wanted.values_list("hash_id", "body"))
    found: dict[str, tuple[datetime, dict[str, Any]]] = {}
    # A declaration as wrong says all that the event said, and comes after it.
    rows = EpcisEvent.objects.filter(hash_id__in=wanted.values("hash_id")).order_by("is_error", "pk")
    for identity, moment, body in rows.values_list("hash_id", "at", "body"):
        if identity in hashes:
            found[identity] = (moment, json.loads(body, parse_float=Decimal))
    return found


def _postings(actor: Actor, lot: Lot, lots: dict[int, Lot]) -> Iterable[Event]:
    about = Q(lot=lot) | Q(lot__among=lots, is_output=True)
    chosen = MovementLine.objects.filter(about, movement__reverses=None).values("movement")
    movements = {
        one.pk: one
        for one in Movement.objects.filter(pk__in=chosen).select_related("reversed_by").order_by("at", "pk")
    }
    told = {one.number.removeprefix(TOLD) for one in movements.values() if one.number.startswith(TOLD)}
    stored = {key_of(one) for one in EpcisEvent.objects.filter(links__lot__among=lots).values_list("hash_id", flat=True)} if told else set()  # fmt: skip
    shipped = {pk for pk, one in movements.items() if one.kind in (K.SHIP, K.RETURN)}
    seen = set(LOT_SHIPMENT.visible_to(actor).filter(movement__among=shipped).values_list("movement", flat=True))  # fmt: skip
    lines: dict[int, list[MovementLine]] = {}
    rows = MovementLine.objects.filter(movement__among=movements, lot__in=LOT.visible_to(actor).values("pk"))  # fmt: skip
    for line in rows.select_related("lot__product").order_by("id"):
        lines.setdefault(line.movement_id, []).append(line)
    names = _names(line.lot for several in lines.values() for line in several)
    with_place = LOT.may_read(actor, "place")
    for pk, movement in movements.items():
        if movement.number.startswith(TOLD) and movement.number.removeprefix(TOLD) in stored:
            continue
        if pk in lines and (pk not in shipped or pk in seen):
            yield _event(movement, lines[pk], names, with_place)


def _names(lots: Iterable[Lot]) -> dict[int, str]:
    """The lots' URIs: as events that were captured call them, else by the product's GTIN, else by a name of ours."""
    rows = {one.pk: one for one in lots}
    products: dict[int, str] = {}
    known = EpcisProduct.objects.filter(product__among={one.product_id for one in rows.values()})
    for product, uri in known.order_by("-pk").values_list("product", "uri"):
        products[product] = uri
    found = {
        pk: lot_uri(products.get(one.product_id, ""), one.product.code, one.number)
        for pk, one in rows.items()
    }
    told = EpcisLink.objects.filter(lot__among=rows).order_by("-pk")
    return found | dict(told.values_list("lot", "uri"))


def _event(movement: Movement, lines: list[MovementLine], names: dict[int, str], with_place: bool) -> Event:
    step, disposition = STEPS[movement.kind]
    ins = tuple(one for one in lines if not one.is_output)
    outs = tuple(one for one in lines if one.is_output)
    mixes = bool(ins and outs) or movement.kind in (
        K.PRODUCE,
        K.BLEND,
        K.SPLIT,
        K.MERGE,
        K.REWORK,
        K.TRANSFER,
    )
    roles = [(one, ("output" if one.is_output else "input") if mixes else "object") for one in lines]
    places = {one.lot.place for one in outs} if with_place else set()
    place = places.pop() if len(places) == 1 else ""
    posting = {"number": movement.number, "kind": movement.kind}
    if movement.lost:
        posting["lost"] = plain(movement.lost)
    opposite = getattr(movement, "reversed_by", None)
    common: dict[str, Any] = {
        "time": movement.at,
        "zone_offset": _offset(movement.at),
        "step": step,
        "disposition": disposition,
        "read_point": place_uri(place) if place else None,
        "correction": None if opposite is None else Correction(opposite.created_at, "did_not_occur"),
        "extensions": {
            "bihuan:posting": posting,
            "bihuan:lots": [_lot(one, role, names[one.lot_id]) for one, role in roles],
        },
    }
    if mixes:
        # One that has lost a side, because the reader may not see it, is one of several events of its transformation.
        half = None if ins and outs else f"{NAMESPACE}posting:{_hex(movement)}"
        return TransformationEvent(
            **common,
            transformation=half,
            input_quantities=_told(ins, names),
            output_quantities=_told(outs, names),
        )
    action = "DELETE" if movement.kind == K.LOSS else "OBSERVE"
    return ObjectEvent(**common, action=action, quantities=_told((*ins, *outs), names))


def _hex(movement: Movement) -> str:
    return movement.number.encode("utf-8").hex()


def _told(lines: Iterable[MovementLine], names: dict[int, str]) -> tuple[Quantity, ...]:
    """Amounts whose unit the standard has a code for; the others stand in our own field. A lot stands once."""
    found: dict[str, Quantity] = {}
    for one in lines:
        code = unit_code(one.lot.unit)
        amount = None if one.quantity is None or code is None else abs(one.quantity)
        name = names[one.lot_id]
        found[name] = Quantity(name, amount, None if amount is None else code) if name not in found else replace(found[name], amount=None, unit=None)  # fmt: skip
    return tuple(found.values())


def _lot(line: MovementLine, role: str, name: str) -> dict[str, Any]:
    lot = line.lot
    found: dict[str, Any] = {
        "class": name, "role": role, "product": lot.product.code, "name": lot.product.name, "kind": lot.kind,
    }  # fmt: skip
    if lot.unit:
        found["unit"] = lot.unit
    if line.quantity is not None:
        found["amount"] = plain(abs(line.quantity))
    if line.weight is not None:
        found["weight"] = plain(abs(line.weight))
    if line.is_heel:
        found["heel"] = True
    return found


def _decisions(lot: Lot, lots: dict[int, Lot]) -> Iterable[Event]:
    names = _names([lots[lot.pk]])
    rows = LotEvent.objects.filter(lot=lot, kind__in=DECISIONS).order_by("id")
    for one in rows:
        step, disposition = DECISIONS[one.kind]
        yield ObjectEvent(
            time=one.at, zone_offset=_offset(one.at), action="OBSERVE", step=step, disposition=disposition,
            quantities=(Quantity(names[lot.pk]),),
        )  # fmt: skip


def _offset(moment: datetime) -> str:
    text = moment.astimezone(company_zone()).strftime("%z")
    return f"{text[:3]}:{text[3:]}"
