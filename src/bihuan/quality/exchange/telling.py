"""What an event tells of lots: which it names, what went into what, and what our own export adds to it. Pure.

An export of ours adds `lots` and `posting` in the namespace `urn:bihuan:epcis:`, because the standard has no word for a lot's kind, a unit
without code, a weight in the common unit, or what had remained in a tank. Whatever stands there from others is only taken
where it has the right form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bihuan.quality.epcis import read_event
from bihuan.quality.epcis.context import Namespaces
from bihuan.quality.epcis.events import (
    AggregationEvent,
    Event,
    ObjectEvent,
    Quantity,
    TransactionEvent,
    TransformationEvent,
)

from .classes import NAMESPACE, Named, read_class

MOST = Decimal(9_000_000_000_000)  # what six decimal places leave room for in the database
KINDS = frozenset("raw intermediate finished retained".split())
POSTINGS = frozenset("produce blend split merge rework transfer adjust".split())


@dataclass(slots=True)
class Part:
    """A lot in an event. `amount` None: not told; `code`: its unit, None for pieces. `hint`: what an export of ours adds."""

    named: Named
    role: str
    amount: Decimal | None = None
    code: str | None = None
    hint: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Told:
    """`others`: something besides the parts went in, so that shares are unknown. `makes`: whether lots came to be or were seen."""

    key: str
    at: datetime
    parts: list[Part]
    group: str = ""
    kind: str = "produce"
    lost: Decimal = Decimal(0)
    others: bool = False
    makes: bool = True
    moves: bool = False
    ilmd: dict[str, Any] = field(default_factory=dict)

    def of(self, *roles: str) -> list[Part]:
        return [one for one in self.parts if one.role in roles]


def told_by(event: dict[str, Any], names: Namespaces, hash_id: str) -> Told | None:
    """None for an event of a type of one's own."""
    try:
        value = read_event(event)
    except KeyError:
        return None
    if "@context" in event:
        names = names.within(event["@context"])
    hints, posting = _hints(value, names)
    told = Told(key_of(hash_id), value.time, [])
    told.kind = posting.get("kind", "") if posting.get("kind") in POSTINGS else "produce"
    told.lost = amount_of(posting.get("lost")) or Decimal(0)
    if isinstance(value, TransformationEvent):
        inputs = _add(told, "input", value.inputs, value.input_quantities, hints)
        _add(told, "output", value.outputs, value.output_quantities, hints)
        told.others = not inputs
        told.moves = True
        told.group = value.transformation or ""
        told.ilmd = value.ilmd
    elif isinstance(value, AggregationEvent):
        told.others = not _add(told, "child", value.children, value.child_quantities, hints)
        parent = read_class(value.parent) if value.parent else None
        if parent is not None:  # lots that were packed into a lot
            told.parts.append(Part(parent, "parent", hint=hints.get(("parent", parent.uri), {})))
            told.moves = value.action == "ADD" and value.TYPE == "AggregationEvent"
            told.kind = "transfer"
        told.makes = value.action != "DELETE"
    elif isinstance(value, ObjectEvent | TransactionEvent):
        _add(told, "object", value.epcs, value.quantities, hints)
        told.makes = value.action != "DELETE"
        told.ilmd = getattr(value, "ilmd", {})
    return told


def key_of(hash_id: str) -> str:
    """The hexadecimal digest in a hash id."""
    return hash_id.partition(";")[2].partition("?")[0]


def _add(
    told: Told, role: str, epcs: tuple[str, ...], quantities: tuple[Quantity, ...], hints: dict[Any, Any]
) -> bool:
    """Whether all that stands there are lots. A lot that stands there twice counts with the sum."""
    found: dict[str, Part] = {}
    whole = True
    for one in (*(Quantity(epc) for epc in epcs), *quantities):
        named = read_class(one.epc_class)
        if named is None:
            whole = False
            continue
        amount = one.amount if one.amount is not None and 0 < one.amount < MOST else None
        known = found.get(named.uri)
        if known is None:
            found[named.uri] = Part(named, role, amount, one.unit, hints.get((role, named.uri), {}))
        elif known.amount is None or amount is None or known.code != one.unit:
            known.amount = None
        else:
            known.amount += amount
    told.parts += found.values()
    return whole


def _hints(value: Event, names: Namespaces) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[str, Any]]:
    lots: dict[tuple[str, str], dict[str, Any]] = {}
    posting: dict[str, Any] = {}
    for key, inner in value.extensions.items():
        name = names.expanded(key)
        if name == f"{{{NAMESPACE}}}posting" and isinstance(inner, dict):
            posting = inner
        elif name == f"{{{NAMESPACE}}}lots":
            for one in inner if isinstance(inner, list) else [inner]:
                if isinstance(one, dict) and isinstance(one.get("class"), str):
                    named = read_class(one["class"])
                    if named is not None:
                        lots[str(one.get("role")), named.uri] = one
    return lots, posting


def amount_of(value: Any) -> Decimal | None:
    """A quantity that an export of ours wrote as text; None for anything else."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < MOST else None


def text_of(value: Any, most: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= most and text.isprintable() else ""
