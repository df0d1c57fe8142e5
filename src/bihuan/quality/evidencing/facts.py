"""Canonical events of rows. The same row gives the same event for ever: what changes lawfully (a name, a status) is not in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from bihuan.kernel.fields import plain

from ..evidence.events import MOST_LISTED
from ..models import CertificateLot, CertificateVersion, LotEvent, LotShipment, MovementLine, TestResult

_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]")


@dataclass(frozen=True, slots=True)
class Told:
    """An event and what is sealed in it: field → value. `lasting` are the sealed values that the row keeps as they were, so that
    they are checked, too; others (a customer's name may change, a customer be merged) are checked by who holds value and salt."""

    event: dict[str, Any]
    lot: int | None
    sealed: Mapping[str, Any] = field(default_factory=dict)
    lasting: frozenset[str] = frozenset()


OF_LOT = ("lot__number", "lot__product__code")
"""What names a lot; of the rows of a fact no more is read than its event says."""
Make = Callable[[list[int]], dict[int, Told]]
_sources: dict[str, Make] = {}


def source(name: str) -> Callable[[Make], Make]:
    """Register how rows of a kind become events: given ids, what each tells; rows that are gone or tell nothing are left out."""

    def register(make: Make) -> Make:
        _sources[name] = make
        return make

    return register


def told_by(name: str, rows: Iterable[int]) -> dict[int, Told]:
    return _sources[name](list(rows)) if name in _sources else {}


def as_sealed(value: Any) -> Any:
    """What is sealed of a value: a text in normal form C."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def code_of(text: str) -> str:
    """The text as a code of an event: normal form C, no control characters, no blanks at the ends, 100 characters at most."""
    return _CONTROL.sub("?", unicodedata.normalize("NFC", text)).strip()[:100].strip()


def moment_of(at: datetime) -> str:
    """UTC with Z, no zero at the end of the fraction."""
    text = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return f"{text}Z"


def event_of(kind: str, row: int, at: datetime, **more: Any) -> dict[str, Any]:
    """An event; what is empty is left out."""
    given = {key: value for key, value in more.items() if value not in ("", None)}
    return {"v": 1, "kind": kind, "id": f"{kind}:{row}", "at": moment_of(at), **given}


def lot_of(lot: Any) -> dict[str, str]:
    return {"product": code_of(lot.product.code), "lot": code_of(lot.number)}


def _amount(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


@source("made")
def made(rows: list[int]) -> dict[int, Told]:
    """Lots that came out of postings, with what went in. A list of more than 500 inputs is left out whole. A posting that was taken
    back stands there again with quantities below zero."""
    known = MovementLine.objects.select_related("movement", "lot__product").only(
        "is_output",
        "quantity",
        "movement__number",
        "movement__at",
        "movement__actor_name",
        "lot__unit",
        *OF_LOT,
    )
    lines = known.filter(pk__in=rows, is_output=True)
    inputs: dict[int, list[MovementLine]] = {}
    movements = {one.movement_id for one in lines}
    for one in known.filter(movement__in=movements, is_output=False).order_by("id"):
        inputs.setdefault(one.movement_id, []).append(one)
    found = {}
    for one in lines:
        took = [
            {
                key: value
                for key, value in {
                    **lot_of(line.lot),
                    "quantity": _amount(None if line.quantity is None else -line.quantity),
                    "unit": code_of(line.lot.unit),
                }.items()
                if value
            }
            for line in inputs.get(one.movement_id, ())
        ]
        event = event_of(
            "lot_made", one.pk, one.movement.at, **lot_of(one.lot), quantity=_amount(one.quantity), unit=code_of(one.lot.unit),
            inputs=took if 0 < len(took) <= MOST_LISTED else None, order=code_of(one.movement.number),
        )  # fmt: skip
        found[one.pk] = Told(event, one.lot_id, {"by": one.movement.actor_name}, frozenset({"by"}))
    return found


@source("tested")
def tested(rows: list[int]) -> dict[int, Told]:
    found = {}
    results = (
        TestResult.objects.verified().filter(pk__in=rows).select_related("lot__product", "characteristic")
    )
    for one in results.only(
        "tested_at", "method", "said", "unit", "laboratory", "entered_by", "characteristic__code", *OF_LOT
    ):
        event = event_of(
            "lot_tested", one.pk, one.tested_at, **lot_of(one.lot), characteristic=code_of(one.characteristic.code),
            method=code_of(one.method), value=code_of(one.said), unit=code_of(one.unit), laboratory=code_of(one.laboratory),
        )  # fmt: skip
        sealed = {"by": one.entered_by} if one.entered_by else {}
        found[one.pk] = Told(event, one.lot_id, sealed, frozenset(sealed))
    return found


@source("decided")
def decided(rows: list[int]) -> dict[int, Told]:
    """Releases, holds, rejections, and results declared invalid."""
    found = {}
    events = LotEvent.objects.filter(pk__in=rows).select_related("lot__product")
    for one in events.only("at", "kind", "reason", "actor_name", *OF_LOT):
        event = event_of("lot_released", one.pk, one.at, **lot_of(one.lot), decision=code_of(one.kind))
        sealed = {"by": one.actor_name, "reason": one.reason}
        found[one.pk] = Told(event, one.lot_id, sealed, frozenset(sealed))
    return found


@source("shipped")
def shipped(rows: list[int]) -> dict[int, Told]:
    found = {}
    shipments = LotShipment.objects.filter(pk__in=rows).select_related(
        "lot__product", "movement", "order", "customer"
    )
    for one in shipments.only(
        "shipped_at", "quantity", "unit", "movement__number", "movement__actor_name", "order__number", "customer__name",
        *OF_LOT,
    ):  # fmt: skip
        event = event_of(
            "lot_shipped", one.pk, one.shipped_at, **lot_of(one.lot), quantity=_amount(one.quantity), unit=code_of(one.unit),
            shipment=code_of(one.movement.number), order=code_of(one.order.number) if one.order else "",
        )  # fmt: skip
        sealed = {"by": one.movement.actor_name, "customer": one.customer.name}
        found[one.pk] = Told(event, one.lot_id, sealed, frozenset({"by"}))
    return found


@source("certified")
def certified(rows: list[int]) -> dict[int, Told]:
    found = {}
    versions = CertificateVersion.objects.filter(pk__in=rows).select_related("certificate__lot__product")
    beside = Prefetch(
        "certificate__lots", CertificateLot.objects.select_related("lot__product").order_by("lot")
    )
    for one in versions.prefetch_related(beside):
        row = one.certificate
        said = one.said
        lots = [each.lot for each in row.lots.all()] or [row.lot]
        event = event_of(
            "certificate_issued", one.pk, one.issued_at, certificate=code_of(row.number), version=one.version, type=row.kind,
            lots=[lot_of(each) for each in lots], document=one.sha256,
            supersedes=code_of(f"{row.number}-{one.version - 1}") if one.version > 1 else "",
        )  # fmt: skip
        sealed = {"signer": one.signer_name}
        if said.get("customer"):
            sealed["recipient"] = said["customer"]
        found[one.pk] = Told(event, row.lot_id, sealed, frozenset(sealed))
    return found
