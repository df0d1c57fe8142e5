"""A customer's own limits: what a lot breaks of them or was not tested for, and whether it may be shipped there all the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.customers.models import Customer
from bihuan.kernel.time import local_date

from ..deciding import general_limits, in_units_of, is_outside, limits_for
from ..errors import LotError
from ..models import Lot, LotRule, Specification, TestResult
from .untested import Untested, look

NOT_FOR = "own_limits"


def broken(lot: Lot, customer: Customer) -> list[TestResult]:
    """Standing results of the lot that lie outside the customer's own limits of the day on which they were tested."""
    own = Specification.objects.filter(product=lot.product_id, customer=customer).order_by("valid_from")
    by_characteristic: dict[int, list[Specification]] = {}
    for one in own:
        by_characteristic.setdefault(one.characteristic_id, []).append(one)
    if not by_characteristic:
        return []
    rows = TestResult.objects.standing().filter(lot=lot, characteristic__in=by_characteristic)
    return [
        one
        for one in rows.select_related("characteristic").order_by("id")
        if in_units_of(one, one.characteristic) and _breaks(one, by_characteristic[one.characteristic_id])
    ]


def _breaks(result: TestResult, periods: Iterable[Specification]) -> bool:
    day = local_date(result.tested_at)
    inside = [
        one for one in periods if one.valid_from <= day and (one.valid_to is None or one.valid_to > day)
    ]
    return bool(inside) and is_outside(result, inside[-1])


def refuse_what_breaks_them(lots: Iterable[Lot], customer: Customer) -> None:
    """Where the product says so, a lot that breaks the customer's own limits does not go there. `LotError` with code own_limits."""
    wanted = list(lots)
    strict = set(
        LotRule.objects.filter(product__in={one.product_id for one in wanted}, refuses_own_limits=True).values_list(
            "product_id", flat=True
        )
    )  # fmt: skip
    for lot in wanted:
        outside = broken(lot, customer) if lot.product_id in strict else []
        if outside:
            said = {
                "lot": lot.number,
                "customer": customer.name,
                "name": outside[0].characteristic.name,
                "said": outside[0].said,
            }
            raise LotError(
                _("Lot %(lot)s is not for %(customer)s: %(name)s %(said)s is outside their own limits.") % said, NOT_FOR
            )  # fmt: skip


def untested_for(lots: Iterable[Lot], customer: Customer, at: datetime) -> list[tuple[Lot, Untested]]:
    """Of lots that go to a customer what they were not tested for on that day: the customer's own limits; all that count for
    them where the product says that its lots must be fully tested."""
    wanted = list(lots)
    strict = set(
        LotRule.objects.filter(product__in={one.product_id for one in wanted}, must_be_tested=True).values_list(
            "product_id", flat=True
        )
    )  # fmt: skip
    found = []
    for lot in wanted:
        own = {
            key: one for key, one in limits_for(lot, at, customer.pk).items() if one.customer_id is not None
        }
        must = lot.product_id in strict
        left = look(lot, general_limits(lot, at) | own if must else own, must)
        if left:
            found.append((lot, left))
    return found
