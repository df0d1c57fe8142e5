"""What a certificate would say of a lot, or of several, and what stands against issuing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.catalog.models import Characteristic
from bihuan.catalog.queries import limits_of
from bihuan.customers.models import Customer
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor, NotAllowed, Scope
from bihuan.kernel.fields import plain
from bihuan.kernel.time import local_date
from bihuan.sales.models import Order

from ..deciding import limits_for
from ..models import Certificate, Lot, TestResult
from ..records import LOT_TEST
from ..tracing import trace
from . import rules
from .papers import Paper, paper_for
from .rules import Limits, Measured
from .several.choosing import named_before, together, went, why_not_together
from .several.rules import orders_named, pivot

Kind = Certificate.Kind
S = Lot.Status


@dataclass(slots=True)
class Prepared:
    """`rows` and `origins` are what the paper lists, `reasons` what stands against it, in words. Frozen as it is when signed.

    `lots` are all of them, `lot` the first. `orders` (id and number) are those that it names: for which its lots are reserved.
    """

    lot: Lot
    kind: str
    customer: Customer | None
    paper: Paper
    on: date
    lots: list[Lot]
    rows: list[dict[str, Any]] = field(default_factory=list)
    origins: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    unknown_share: str = ""
    reasons: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The table of several lots; empty for one."""
        return pivot(self.rows, [one.pk for one in self.lots]) if len(self.lots) > 1 else []


def prepare(
    *,
    actor: Actor,
    lot: Lot,
    kind: str,
    customer: Customer | None,
    now: datetime,
    more: Iterable[Lot] = (),
    orders: Sequence[int] | None = None,
) -> Prepared:
    """`more`: the lots that stand on it beside `lot`. `orders`: ids of those that a draft of it names; without one those of the
    version before are named again, as long as its lots are theirs. Raises ``Http404`` for a lot or a customer that the actor does not see,
    ``NotAllowed`` for who may not sign.

    The specification is the one in force on the day on which the certificate is made out.
    """
    lots = together(actor, lot, more)
    if kind not in Kind.values:
        raise Http404("lot")
    if customer is not None and not CUSTOMER.visible_to(actor).filter(pk=customer.pk).exists():
        raise Http404("customer")
    if not actor.may("certificate", "sign"):
        raise NotAllowed("certificate", "sign")
    if kind != Kind.ORIGIN and not _sees_results(actor, lots):
        raise NotAllowed("lot_test", "view")
    found = Prepared(lots[0], kind, customer, paper_for(kind, customer), local_date(now), lots)
    asks = len(lots) > 1 or (customer is not None and kind != Kind.ORIGIN)
    places = went(actor, lots, customer, found.on) if asks else []
    if refusal := why_not_together(kind, places, customer):
        found.reasons.append(refusal)
        return found
    if places:
        wanted = named_before(kind, lots, customer) if orders is None else orders
        keys = orders_named(places, customer.pk if customer else None, wanted)
        numbers = Order.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "number") if keys else ()
        found.orders = [{"id": key, "number": number} for key, number in numbers]
    for one in lots:
        found.reasons += _state(one)
    if kind == Kind.ORIGIN:
        _origins(actor, found)
    else:
        _results(found, now)
    return found


def _sees_results(actor: Actor, lots: Sequence[Lot]) -> bool:
    """Whether the actor may read all results of the lots; signing what one may not see is no signing."""
    rows = TestResult.objects.filter(lot__in=[one.pk for one in lots])
    hidden = rows.exclude(pk__in=LOT_TEST.visible_to(actor, rows=rows).values("pk"))
    return LOT_TEST.may_read(actor, "said") and not hidden.exists()


def _state(lot: Lot) -> list[str]:
    name = {"lot": lot.number}
    if lot.disposition == S.HELD:
        return [_("Lot %(lot)s is on hold.") % name]
    if lot.disposition == S.REJECTED:
        return [_("Lot %(lot)s is rejected.") % name]
    if lot.disposition != S.RELEASED:
        return [_("Lot %(lot)s has not been released.") % name]
    return []


# Results -------------------------------------------------------------------------------------------------------------


def tested_of(*lots: int) -> list[Measured]:
    """All verified results of lots, also those that do not count any more, oldest first."""
    rows = TestResult.objects.verified().filter(lot__in=lots).select_related("retest")
    return [
        Measured(
            one.pk, one.characteristic_id, one.said, one.value, one.is_below_detection, one.invalid_at is None,
            hasattr(one, "retest"), one.lot_id,
        )
        for one in rows.order_by("tested_at", "id")
    ]  # fmt: skip


def limits_in_force(lot: Lot, customer: Customer | None, now: datetime) -> dict[int, Limits]:
    """The customer's own limits before the product's; those of the catalogue where quality specified none."""
    found = {
        one.characteristic_id: Limits(one.lower, one.upper) for one in limits_of(lot.product, local_date(now))
    }
    own = limits_for(lot, now, customer.pk if customer else None)
    return found | {key: Limits(one.lower, one.upper) for key, one in own.items()}


def _results(found: Prepared, now: datetime) -> None:
    """Lot by lot; the limits are those of the one product."""
    limits = limits_in_force(found.lot, found.customer, now)
    codes = found.paper.characteristics
    named = Characteristic.objects.filter(code__in=codes) if codes else ()
    by_code = {one.code: one.pk for one in named}
    wanted = [by_code[one] for one in codes if one in by_code]
    judged = [(lot, tested, *rules.judge(tested, limits, wanted)) for lot, tested in _by_lot(found.lots)]
    about = {one.characteristic for _l, _t, listed, _a in judged for one in listed}
    about |= {one.characteristic for _l, _t, _i, against in judged for one in against}
    names = {one.pk: one for one in Characteristic.objects.filter(pk__in=about)}
    ids = [one.id for _l, _t, listed, _a in judged for one in listed]
    rows = {one.pk: one for one in TestResult.objects.filter(pk__in=ids)}
    is_one = len(found.lots) == 1
    for lot, tested, listed, against in judged:
        said = {one.id: one.said for one in tested}
        reasons = [
            _words(one, names[one.characteristic].name, said.get(one.result or 0, "")) for one in against
        ]
        if not tested:
            reasons.append(_("No result of this lot is known."))
        found.reasons += reasons if is_one else [_of_lot(lot, one) for one in reasons]
        lines = [
            _line(rows[one.id], names[one.characteristic], limits.get(one.characteristic)) for one in listed
        ]
        found.rows += lines if is_one else [one | {"lot": lot.pk} for one in lines]


def _by_lot(lots: Sequence[Lot]) -> list[tuple[Lot, list[Measured]]]:
    tested: dict[int, list[Measured]] = {one.pk: [] for one in lots}
    for one in tested_of(*tested):
        tested[one.lot].append(one)
    return [(lot, tested[lot.pk]) for lot in lots]


def _of_lot(lot: Lot, reason: str) -> str:
    return _("Lot %(lot)s: %(reason)s") % {"lot": lot.number, "reason": reason}


def _words(one: rules.Objection, name: str, said: str) -> str:
    words = {
        rules.MISSING: _("%(name)s has no result."),
        rules.INVALID: _(
            "%(name)s: the result %(said)s was declared invalid and the test was not done again."
        ),
        rules.OUTSIDE: _("%(name)s: %(said)s is outside the specification."),
        rules.UNCERTAIN: _(
            "%(name)s: %(said)s does not show that the limit is kept; the limit of detection is too high."
        ),
        rules.NO_NUMBER: _("%(name)s: %(said)s is no number that could be held against the limits."),
    }
    return words[one.code] % {"name": name, "said": said}


def edge(value: Any) -> str:
    """A limit as a paper lists it."""
    return "" if value is None else plain(value)


def _line(result: TestResult, about: Characteristic, limits: Limits | None) -> dict[str, Any]:
    return {
        "result": result.pk,
        "characteristic": about.pk,
        "code": about.code,
        "name": about.name,
        "name_en": about.name_en or about.name,
        "said": result.said,
        "unit": result.unit,
        "method": result.method,
        "sample": result.sample,
        "tested_on": local_date(result.tested_at).isoformat(),
        "lower": edge(limits.lower) if limits else "",
        "upper": edge(limits.upper) if limits else "",
    }


# Origins -------------------------------------------------------------------------------------------------------------


def _origins(actor: Actor, found: Prepared) -> None:
    """The raw lots in it with origin and share. Suppliers are not named."""
    if actor.scope("lot") is not Scope.ALL:
        raise NotAllowed("lot", "view")  # what one does not see would be missing from the report
    traced = trace(actor, found.lot, down=False)
    shares = {
        key: node.share
        for key, node in traced.nodes.items()
        if node.kind == Lot.Kind.RAW and key != found.lot.pk
    }
    rows = Lot.objects.filter(pk__in=shares).select_related("product").order_by("product__code", "number")
    if not shares:
        found.reasons.append(_("No raw lot is known that went into this lot."))
    if traced.is_cut_short:
        found.reasons.append(_("The genealogy of this lot is too large for a whole report."))
    for one in rows:
        if not one.origin:
            found.reasons.append(
                _("The origin of raw lot %(lot)s is not known.") % {"lot": f"{one.product.code}/{one.number}"}
            )
        found.origins.append(
            {
                "lot": one.number, "product": one.product.name, "product_en": one.product.name_en or one.product.name,
                "code": one.product.code, "origin": one.origin, "received_on": local_date(one.made_at).isoformat(),
                "share": said_share(shares[one.pk]),
            }
        )  # fmt: skip
    found.unknown_share = said_share(traced.cut_share) if traced.cut_share else ""


def said_share(share: float | None) -> str:
    """In per cent with two decimals; "" where amounts are not known."""
    return "" if share is None else f"{share * 100:.2f} %"
