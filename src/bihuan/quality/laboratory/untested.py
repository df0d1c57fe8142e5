"""Limits for which nothing was measured: what they are, and what follows where a lot is released or shipped all the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.catalog.models import Characteristic
from bihuan.kernel.actor import Actor

from ..errors import LotError
from ..models import Lot, TestResult
from ..records import LOT_TEST

if TYPE_CHECKING:
    from ..deciding import Limited

CODE = "untested"


def missing(limits: Mapping[int, Limited], tested: Collection[int]) -> set[int]:
    """Of the limits in force, by characteristic, those without a result that stands. Pure."""
    return {
        key
        for key, one in limits.items()
        if key not in tested and (one.lower is not None or one.upper is not None)
    }


@dataclass(frozen=True, slots=True)
class Untested:
    """Names of characteristics, in the order of their codes. `is_barred`: the product says that they must be tested."""

    names: tuple[str, ...] = ()
    is_barred: bool = False

    def __bool__(self) -> bool:
        return bool(self.names)

    def said(self, actor: Actor) -> str:
        """What is not tested, by name for whoever may read results."""
        if LOT_TEST.may_read(actor, "said"):
            return ", ".join(self.names)
        n = len(self.names)
        return ngettext(
            "%(n)s characteristic that has limits", "%(n)s characteristics that have limits", n
        ) % {"n": n}


def look(lot: Lot, limits: Mapping[int, Limited], is_barred: bool) -> Untested:
    """What of these limits the lot was not tested for: whoever asks, results that count decide."""
    rows = TestResult.objects.standing().filter(lot=lot, characteristic__in=list(limits))
    keys = missing(limits, set(rows.order_by().values_list("characteristic_id", flat=True))) if limits else ()
    if not keys:
        return Untested()
    names = Characteristic.objects.filter(pk__in=keys).order_by("code").values_list("name", flat=True)
    return Untested(tuple(names), is_barred)


def require_reason(actor: Actor, found: Untested, why: str, *, field: str = "untested") -> None:
    """Nothing where all was tested. Raises ``LotError`` with code untested where the product bars it, or no reason is given."""
    if found.is_barred:
        raise LotError(
            _("Not tested: %(names)s. The product says that its lots must be fully tested.")
            % {"names": found.said(actor)},
            CODE,
        )
    if found and not why.strip():
        raise LotError(
            _("Not tested: %(names)s. Say why it goes all the same.") % {"names": found.said(actor)},
            CODE, field,
        )  # fmt: skip
