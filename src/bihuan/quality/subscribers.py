"""What this room does when there is news. Heard more than once, it does the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.outbox import publish, subscriber

from .certificates.changes import notice_changes
from .certificates.telling import send
from .evidencing.entering import enter
from .lots.notices import tell_owners
from .models import LotEvent, LotShipment, MovementLine
from .series import telling as series_telling  # noqa: F401  (registers)

AT_ONCE = 500  # events of a hold of many, entered in one transaction


@subscriber("lot.moved")
def movements_go_into_the_log(payload: dict[str, Any], now: datetime) -> None:
    movement = payload["movement"]
    if payload["kind"] not in ("adjust", "loss", "ship"):
        enter(
            "made",
            MovementLine.objects.filter(movement=movement, is_output=True).values_list("pk", flat=True),
        )
    shipped = LotShipment.objects.filter(movement=movement)
    enter("shipped", shipped.values_list("pk", flat=True))
    notice_changes(lots=set(shipped.values_list("lot", flat=True)), now=now, of_order=True)


@subscriber("lot.reserved")
@subscriber("lot.reservation_ended")
def certificates_of_an_order_follow_its_lots(payload: dict[str, Any], now: datetime) -> None:
    notice_changes(lots=[payload["lot"]], now=now, of_order=True)


@subscriber("lot.tested")
def results_go_into_the_log(payload: dict[str, Any], now: datetime) -> None:
    enter("tested", [payload["result"]])
    notice_changes(lots=[payload["lot"]], now=now)


@subscriber("lot.retest_wanted")
def invalid_results_go_into_the_log(payload: dict[str, Any], now: datetime) -> None:
    rows = LotEvent.objects.filter(lot=payload["lot"], kind="result_invalid")
    enter("decided", rows.values_list("pk", flat=True))
    notice_changes(lots=[payload["lot"]], now=now)


@subscriber("lot.held")
@subscriber("lot.released")
@subscriber("lot.rejected")
def decisions_go_into_the_log(payload: dict[str, Any], now: datetime) -> None:
    enter("decided", [payload["event"]])


@subscriber("lots.held")
def holds_of_many_go_into_the_log(payload: dict[str, Any], now: datetime) -> None:
    """Some at a time: what is left is news again, so that nobody who writes has to wait for a hundred thousand."""
    rows = LotEvent.objects.filter(pk__gt=payload["after"], pk__lte=payload["last"], kind="held")
    some = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    enter("decided", some)
    if len(some) == AT_ONCE:
        publish("lots.held", payload | {"after": some[-1]}, now=now)


@subscriber("certificate.issued")
def certificates_go_into_the_log(payload: dict[str, Any], now: datetime) -> None:
    enter("certified", [payload["version"]])
    send(version_id=payload["version"], now=now)


@subscriber("lot.dispatch_refused")
def owners_hear_of_a_blocked_dispatch(payload: dict[str, Any], now: datetime) -> None:
    tell_owners(payload, now=now)
