"""Events as Python values: what the genealogy will write and read. Identifiers stay URIs, quantities are exact.

`write_event` gives JSON-LD that `check` accepts where the values follow the rules; `read_event` takes an accepted event. Reading what
was written gives the same value. Words of the vocabulary are bare (`receiving`). Times are aware; they are written in UTC with
milliseconds, so that finer parts are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much of a class (a lot, a product). Without a unit, pieces; without an amount, unknown how much."""

    epc_class: str
    amount: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a transfer, or a business transaction: what kind (None: not said), and which."""

    kind: str | None
    id: str


@dataclass(frozen=True, slots=True)
class Correction:
    """Says that the event with this id was wrong, why, and which events stand in its place."""

    declared: datetime
    reason: str | None = None
    corrected_by: tuple[str, ...] = ()
    extensions: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event says. `sensors` and `extensions` are JSON as it stands in the document."""

    TYPE: ClassVar[str] = ""

    time: datetime
    zone_offset: str
    id: str | None = None
    recorded: datetime | None = None
    step: str | None = None
    disposition: str | None = None
    persistent_set: tuple[str, ...] = ()
    persistent_unset: tuple[str, ...] = ()
    read_point: str | None = None
    location: str | None = None
    transactions: tuple[Party, ...] = ()
    sources: tuple[Party, ...] = ()
    destinations: tuple[Party, ...] = ()
    certificates: tuple[str, ...] = ()
    correction: Correction | None = None
    sensors: tuple[Json, ...] = ()
    extensions: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectEvent(Event):
    """Something happened to objects; with action ADD they came to be, and `ilmd` describes them."""

    TYPE: ClassVar[str] = "ObjectEvent"

    action: str
    epcs: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    ilmd: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregationEvent(Event):
    """Children are put on, into or taken off a parent; the parent may be unknown when they are only seen."""

    TYPE: ClassVar[str] = "AggregationEvent"

    action: str
    parent: str | None = None
    children: tuple[str, ...] = ()
    child_quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationEvent(AggregationEvent):
    """As an aggregation, of parts with an asset or a place; the parent is always known."""

    TYPE: ClassVar[str] = "AssociationEvent"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEvent(Event):
    """Objects became, or ceased to be, part of business transactions."""

    TYPE: ClassVar[str] = "TransactionEvent"

    action: str
    parent: str | None = None
    epcs: tuple[str, ...] = ()
    quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformationEvent(Event):
    """Inputs were used up into outputs; `transformation` joins the events of one that takes longer."""

    TYPE: ClassVar[str] = "TransformationEvent"

    inputs: tuple[str, ...] = ()
    input_quantities: tuple[Quantity, ...] = ()
    outputs: tuple[str, ...] = ()
    output_quantities: tuple[Quantity, ...] = ()
    transformation: str | None = None
    ilmd: Json = field(default_factory=dict)


EVENTS: dict[str, type[Event]] = {
    kind.TYPE: kind
    for kind in (ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent, AssociationEvent)
}
