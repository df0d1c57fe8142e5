"""Entering what was measured of a lot, many characteristics at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bihuan.catalog.models import Characteristic
from bihuan.kernel.actor import Actor

from ..deciding import enter_result
from ..errors import LotError
from ..models import Lot, TestResult
from .queries import lot_seen, retests_of
from .rules import read_result, read_uncertainty


@dataclass(frozen=True, slots=True)
class Line:
    """`said` and `uncertainty` as they were written; an empty method is the characteristic's."""

    characteristic: Characteristic
    said: str
    uncertainty: str = ""
    method: str = ""
    instrument: str = ""


def enter_results(
    *, actor: Actor, lot: Lot, lines: Sequence[Line], tested_at: datetime, laboratory: str = "", sample: str = "",
    key: str, now: datetime,
) -> list[TestResult]:  # fmt: skip
    """Keep all of it or none. A test that was to be done again is done by the first result of its characteristic.

    `key` names the form: sent twice, also at once, it enters everything once. Raises ``Http404``, ``NotAllowed``, ``LotError`` with
    code value, unit, uncertainty, empty, twice, future, key, changed.
    """
    lot_seen(actor, lot.pk)
    if not key or len(key) > 36:
        raise LotError(_("This form is not whole. Open it again."), "key")
    if not lines:
        raise LotError(_("Write at least one result."), "empty")
    if tested_at > now:
        raise LotError(_("A test is not done in the future."), "future", "tested_at")
    if len({one.characteristic.pk for one in lines}) < len(lines):
        raise LotError(_("A characteristic stands here twice."), "twice")
    try:
        with transaction.atomic():
            return _known(lot, key) or _enter(actor, lot, lines, tested_at, laboratory, sample, key, now)
    except IntegrityError as error:  # the same form, or another one's retest, came first
        known = _known(lot, key)
        if known:
            return known
        raise LotError(
            _("Meanwhile somebody entered results of this lot. Look at it again."), "changed"
        ) from error


def _known(lot: Lot, key: str) -> list[TestResult]:
    return list(TestResult.objects.filter(lot=lot, entry_key=key).order_by("id"))


def _enter(
    actor: Actor, lot: Lot, lines: Sequence[Line], tested_at: datetime, laboratory: str, sample: str, key: str, now: datetime
) -> list[TestResult]:  # fmt: skip
    again: dict[int, TestResult] = {}
    for one in retests_of(actor, lot):
        again.setdefault(one.characteristic_id, one)
    made = []
    for line in lines:
        about = line.characteristic
        written = read_result(line.said, about.unit)
        given = {"laboratory": laboratory, "sample": sample, "entry_key": key, "instrument": line.instrument}
        if line.method:
            given["method"] = line.method
        made.append(
            enter_result(
                actor=actor, lot=lot, characteristic=about, said=written.said, value=written.value,
                is_below_detection=written.is_below_detection, uncertainty=read_uncertainty(line.uncertainty, written),
                at=tested_at, retest_of=again.get(about.pk), now=now, **given,
            )
        )  # fmt: skip
    return made
