"""What is decided about a lot: held, released, rejected, each with its reason; and what follows from a test result.

Who enters and verifies results on pages comes by `laboratory`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record, record_each
from bihuan.catalog.models import Characteristic
from bihuan.catalog.queries import limits_of as catalogue_limits
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed, require
from bihuan.kernel.outbox import publish
from bihuan.kernel.pages.values import said_name
from bihuan.kernel.sets import insert_from
from bihuan.kernel.time import local_date

from .errors import LotError
from .laboratory.untested import Untested, look, require_reason
from .lots.notices import tell_of_hold
from .models import Lot, LotEdge, LotEvent, LotRule, Movement, RecallLot, Specification, TestResult
from .naming import said_limits
from .posting import settle
from .records import LOT, LOT_TEST

S = Lot.Status
# decision → (what it is called as an event, from which dispositions it may be taken)
DECISIONS = {
    S.HELD: ("held", {S.QUARANTINE, S.RELEASED}),
    S.RELEASED: ("released", {S.QUARANTINE, S.HELD}),
    S.REJECTED: ("rejected", {S.QUARANTINE, S.HELD, S.RELEASED}),
}


@transaction.atomic
def decide(
    *, actor: Actor, lot: Lot, to: str, reason: str, now: datetime, seen: str = "", untested: str = ""
) -> Lot:
    """Hold, release or reject a lot. Deciding again what is decided changes nothing.

    `seen`: the disposition that the actor decides upon; where somebody decided otherwise meanwhile, it is refused. `untested`:
    why a lot is released that was not tested for all limits in force (`untested_at_release`).
    Raises ``Http404``, ``NotAllowed``, ``LotError`` with code reason, decision, changed, recalled, unverified, untested.
    """
    row = _locked(actor, lot)
    if seen and row.disposition != seen:
        raise LotError(_since(row), "changed")
    if not reason.strip():
        raise LotError(_("Say why."), "reason", "reason")
    if row.disposition == to:
        return row
    if to == S.RELEASED and is_recalled(row):
        raise LotError(
            _("This lot is being recalled. It can be released once the recall is closed."), "recalled"
        )
    if to == S.RELEASED and TestResult.objects.awaiting().filter(lot=row).exists():
        raise LotError(_("Results of this lot are still to be verified."), "unverified")
    if to not in DECISIONS or row.disposition not in DECISIONS[S(to)][1]:
        raise LotError(_("This cannot be decided about a lot that is rejected."), "decision")
    left = untested_at_release(row, now) if to == S.RELEASED else Untested()
    require_reason(actor, left, untested)
    data = {"untested": left.names, "without": untested.strip()[:300]} if left else {}
    return _set(row, actor, to, reason.strip(), now, **data)


def untested_at_release(lot: Lot, now: datetime) -> Untested:
    """Limits of the product in force today for which the lot has no result that stands. A product that needs no release is not
    asked, unless it says that its lots must be fully tested."""
    rule = LotRule.objects.filter(product=lot.product_id).first() or LotRule()
    if not rule.needs_release and not rule.must_be_tested:
        return Untested()
    return look(lot, general_limits(lot, now), rule.must_be_tested)


def is_recalled(lot: Lot) -> bool:
    """Whether it is called back, or came back of a lot that is."""
    came_back = LotEdge.objects.filter(target=lot, movement__kind=Movement.Kind.RETURN).values("source")
    rows = RecallLot.objects.filter(Q(lot=lot) | Q(lot__in=came_back), recall__closed_at=None)
    return rows.exists()


def _locked(actor: Actor, lot: Lot) -> Lot:
    if not LOT.visible_to(actor).filter(pk=lot.pk).exists():
        raise Http404("lot")
    if not LOT.visible_to(actor, "edit").filter(pk=lot.pk).exists():
        raise NotAllowed("lot", "edit")
    return locked_row(lot)


def _since(row: Lot) -> str:
    last = row.events.filter(kind__in=[name for name, _from in DECISIONS.values()]).order_by("-id").first()
    said = {"status": S(row.disposition).label}
    if last is None:
        return _("Meanwhile the lot is: %(status)s. Look at it again before you decide.") % said
    return _("Meanwhile %(name)s decided: %(status)s (%(reason)s). Look at it again before you decide.") % (
        said | {"name": said_name(last.actor_name), "reason": last.reason}
    )


def locked_row(lot: Lot) -> Lot:
    """The lot as it stands, locked: what is decided and tested of it goes one after another."""
    rows = Lot.objects.filter(pk=lot.pk)
    return (rows.select_for_update() if connection.features.has_select_for_update else rows).get()


def _set(row: Lot, actor: Actor, to: str, reason: str, now: datetime, **data: Any) -> Lot:
    before = row.disposition
    row.disposition = to
    kind = Movement.Kind.SHIP if row.status == S.SHIPPED else Movement.Kind.ADJUST
    settle(row, kind, now)
    row.save(update_fields=["disposition", "status", "version", "updated_at"])
    event = LotEvent.objects.create(
        lot=row, at=now, kind=DECISIONS[S(to)][0], reason=reason[:300], actor=actor.key, actor_name=actor.name[:150],
        data={"from": before, **data},
    )  # fmt: skip
    publish(f"lot.{event.kind}", {"lot": row.pk, "event": event.pk}, now=now)
    more = (
        {"after": {"untested": list(data["untested"]), "without": data["without"]}}
        if "untested" in data
        else {}
    )
    record(actor, now, f"lot.{event.kind}", row, note=reason[:300], **more)
    if to in (S.HELD, S.REJECTED):
        tell_of_hold([row.pk], now=now)
    return row


def hold_all(*, actor: Actor, lots: Iterable[int], reason: str, now: datetime) -> int:
    """Hold many lots at once, also those of which nothing is left: what comes back of them is on hold, too. By sets.

    For whoever may decide about all of them, which the caller has asked; inside the caller's transaction. Those held or
    rejected stay as they are. Says how many were not on hold before.

    What follows from holding one follows from these, too. Owners of customers who wait for some are told here, as they are of
    one; the evidence log hears of the events by `lots.held`, one piece of news however many they are, instead of `lot.held` of each.
    """
    rows = Lot.objects.filter(pk__among=lots, disposition__in=[S.QUARANTINE, S.RELEASED]).order_by("id")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    found: dict[str, list[int]] = {}
    for key, before in rows.values_list("pk", "disposition"):
        found.setdefault(before, []).append(key)
    reason, mark = reason[:300], _last_event()
    for before, keys in found.items():
        # Statements that make a row of each lot: there may be a hundred thousand of them.
        these = Lot.objects.filter(pk__among=keys).order_by("id")
        event = {
            "lot": F("pk"), "at": now, "kind": "held", "reason": reason, "actor": actor.key,
            "actor_name": actor.name[:150], "data": {"from": before},
        }  # fmt: skip
        insert_from(LotEvent, these, event)
        record_each(actor, now, "lot.held", these, name="number", note=reason)
    all_of_them = [key for keys in found.values() for key in keys]
    gone = When(status__in=[S.CONSUMED, S.SHIPPED], then=F("status"))
    Lot.objects.filter(pk__among=all_of_them).update(
        disposition=S.HELD, status=Case(gone, default=Value(S.HELD)), version=F("version") + 1, updated_at=now
    )
    tell_of_hold(all_of_them, now=now)
    if all_of_them:
        # Ids grow, so that all of these lie between; those of others which do, too, are heard of twice, which changes nothing.
        publish("lots.held", {"after": mark, "last": _last_event()}, now=now)
    return len(all_of_them)


def _last_event() -> int:
    return LotEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@transaction.atomic
def enter_result(
    *,
    actor: Actor,
    lot: Lot,
    characteristic: Characteristic,
    said: str,
    value: float | None = None,
    is_below_detection: bool = False,
    at: datetime,
    retest_of: TestResult | None = None,
    uncertainty: float | None = None,
    now: datetime,
    **more: str,
) -> TestResult:
    """Keep a result. What somebody enters is a draft until as many verified it as its product wants; what the system brings
    counts at once (see `take_into_account`).

    `value` is the limit of detection where the result lies below it. `more`: unit, method, instrument, laboratory, sample,
    verified_by, entry_key. Raises ``Http404``, ``NotAllowed``, ``LotError`` with code value, retest.
    """
    require(actor, "lot_test", "create")
    if not LOT.visible_to(actor).filter(pk=lot.pk).exists():
        raise Http404("lot")
    row = locked_row(lot)
    if not said.strip() or len(said) > 80:
        raise LotError(_("A result has at least one and at most 80 characters."), "value", "said")
    if retest_of is not None and (
        retest_of.invalid_at is None
        or (retest_of.lot_id, retest_of.characteristic_id) != (row.pk, characteristic.pk)
    ):
        raise LotError(_("A retest is of an invalid result of the same lot and characteristic."), "retest")
    wanted = checks_wanted(actor, row.product_id)
    result = TestResult.objects.create(
        lot=row, characteristic=characteristic, value=value, said=said.strip(), tested_at=at, uncertainty=uncertainty,
        is_below_detection=is_below_detection, retest_of=retest_of, entered_by=actor.name[:150], entered_key=actor.key,
        is_draft=wanted > 0, checks_wanted=wanted,
        **({"unit": characteristic.unit, "method": characteristic.method} | more),
    )  # fmt: skip
    record(actor, now, "lot_test.entered", row, after={"count": 1})
    if result.is_draft:
        publish("lot.result_entered", {"lot": row.pk, "result": result.pk}, now=now)
    else:
        take_into_account(row, result, now)
    return result


def checks_wanted(actor: Actor, product: int) -> int:
    """How many people verify what the actor enters of a lot of the product; one, unless the product says otherwise."""
    if actor.kind == "system":
        return 0
    rule = LotRule.objects.filter(product=product).first()
    return (rule or LotRule()).checks


def take_into_account(row: Lot, result: TestResult, now: datetime) -> None:
    """The result counts from now on. One outside the product's limits puts the lot on hold at once, by the system, and the
    outbox says so. `row`: the lot, locked."""
    publish("lot.tested", {"lot": row.pk, "result": result.pk}, now=now)
    if row.disposition in (S.QUARANTINE, S.RELEASED):
        hold_if_outside(row, result, general_limits(row, result.tested_at).get(result.characteristic_id), now)


def hold_if_outside(row: Lot, result: TestResult, limits: Limited | None, now: datetime) -> bool:
    """Put a lot, locked, on hold by the system where this result of it breaks these limits."""
    breaks = limits is not None and in_units_of(result, result.characteristic) and is_outside(result, limits)
    if limits is not None and breaks:
        reason = _("%(name)s is outside the specification: %(said)s (limits %(limits)s)") % {
            "name": result.characteristic.name, "said": f"{result.said} {result.unit}".rstrip(),
            "limits": said_limits(limits.lower, limits.upper),
        }  # fmt: skip
        _set(row, SYSTEM, S.HELD, reason, now, result=result.pk)
    return breaks


@transaction.atomic
def invalidate(*, actor: Actor, result: TestResult, reason: str, now: datetime) -> TestResult:
    """Declare a result invalid: it counts no longer, stays readable, and its test is to be done again (`lot.retest_wanted`)."""
    require(actor, "lot_test", "create")
    if not LOT_TEST.visible_to(actor).filter(pk=result.pk).exists():
        raise Http404("lot_test")
    if not reason.strip():
        raise LotError(_("Say why."), "reason", "reason")
    locked_row(result.lot)  # whoever verifies it meanwhile waits
    if not TestResult.objects.filter(pk=result.pk, invalid_at=None).update(
        invalid_at=now, invalid_reason=reason.strip()[:300], version=result.version + 1
    ):
        raise LotError(_("This result was declared invalid already."), "invalid")
    result.refresh_from_db()
    LotEvent.objects.create(
        lot_id=result.lot_id, at=now, kind="result_invalid", reason=reason.strip()[:300], actor=actor.key,
        actor_name=actor.name[:150], data={"result": result.pk},
    )  # fmt: skip
    record(actor, now, "lot_test.invalid", result.lot, note=reason.strip()[:300])
    publish("lot.retest_wanted", {"lot": result.lot_id, "characteristic": result.characteristic_id}, now=now)
    return result


def limits_for(lot: Lot, at: datetime, customer: int | None = None) -> dict[int, Specification]:
    """By characteristic what is in force for the lot's product on that day; a customer's own limits come before the general."""
    day = local_date(at)
    rows = Specification.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), Q(customer=None) | Q(customer=customer), product=lot.product_id,
        valid_from__lte=day,
    )  # fmt: skip
    # General ones first, older ones first: what is more particular and newer overwrites.
    ordered = sorted(rows, key=lambda one: (one.customer_id is not None, one.valid_from))
    return {one.characteristic_id: one for one in ordered}


def general_limits(lot: Lot, at: datetime) -> dict[int, Limited]:
    """By characteristic the product's limits on that day; those of the catalogue where quality specified none."""
    found: dict[int, Limited] = {
        one.characteristic_id: one for one in catalogue_limits(lot.product, local_date(at))
    }
    return found | limits_for(lot, at)


def in_units_of(result: TestResult, about: Characteristic) -> bool:
    """Whether a result can be held against limits, which are in the characteristic's unit."""
    return not result.unit or not about.unit or result.unit == about.unit


class Measured(Protocol):
    @property
    def value(self) -> float | None: ...
    @property
    def is_below_detection(self) -> bool: ...


class Limited(Protocol):
    @property
    def lower(self) -> Decimal | None: ...
    @property
    def upper(self) -> Decimal | None: ...


def is_outside(result: Measured, limits: Limited) -> bool:
    """Whether a result certainly breaks a limit. Below a limit of detection it may be anything down to zero."""
    if result.value is None:
        return False
    if result.is_below_detection:
        return limits.lower is not None and result.value <= float(limits.lower)
    return (limits.lower is not None and result.value < float(limits.lower)) or (
        limits.upper is not None and result.value > float(limits.upper)
    )
