"""Verifying results: by others than who entered them, each of them once. What was verified stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.outbox import publish
from bihuan.kernel.pages.values import said_name

from ..deciding import locked_row, take_into_account
from ..errors import LotError
from ..models import Lot, ResultCheck, TestResult
from ..records import LOT_TEST
from .queries import lot_seen


@transaction.atomic
def verify(*, actor: Actor, lot: Lot, results: Collection[int], now: datetime) -> list[TestResult]:
    """Verify results of a lot, all of them or none. One that has enough of it counts from then on (`take_into_account`).

    Raises ``Http404``, ``NotAllowed``, ``LotError`` with code choice, own, twice, verified, invalid.
    """
    require(actor, "lot_test", "verify")
    lot_seen(actor, lot.pk)
    if not results:
        raise LotError(_("Choose at least one result."), "choice")
    row = locked_row(lot)
    rows = LOT_TEST.visible_to(actor, "verify").filter(lot=row, pk__in=set(results))
    found = list(rows.select_related("characteristic").order_by("id"))
    if len(found) != len(set(results)):
        raise Http404("lot_test")
    for one in found:
        _check(actor, one)
    ResultCheck.objects.bulk_create(
        ResultCheck(result=one, at=now, actor=actor.key, actor_name=actor.name[:150]) for one in found
    )
    record(actor, now, "lot_test.verified", row, after={"count": len(found)})
    for one in found:
        names = list(one.checks.order_by("id").values_list("actor_name", flat=True))
        one.verified_by = ", ".join(names)[:150]
        one.is_draft = len(names) < one.checks_wanted
        one.version += 1
        one.save(update_fields=["verified_by", "is_draft", "version"])
        if one.is_draft:
            publish("lot.result_checked", {"lot": row.pk, "result": one.pk}, now=now)
        else:
            take_into_account(row, one, now)
    return found


def _check(actor: Actor, one: TestResult) -> None:
    said = {"name": one.characteristic.name, "said": one.said, "who": said_name(one.verified_by)}
    if one.invalid_at is not None:
        raise LotError(_("%(name)s %(said)s was declared invalid meanwhile.") % said, "invalid")
    if not one.is_draft:
        raise LotError(_("%(name)s %(said)s is verified already: %(who)s.") % said, "verified")
    if one.entered_key == actor.key:
        raise LotError(_("You entered %(name)s %(said)s yourself. Somebody else verifies it.") % said, "own")
    if one.checks.filter(actor=actor.key).exists():
        raise LotError(_("You verified %(name)s %(said)s already. Somebody else comes next.") % said, "twice")
