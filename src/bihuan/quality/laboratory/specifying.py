"""Setting a product's limits, in general or for one customer, and what it asks of its results. The past stays as it was."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.catalog.models import Characteristic, Product
from bihuan.catalog.records import PRODUCT
from bihuan.customers.models import Customer
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor, NotAllowed, require
from bihuan.kernel.fields import plain
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date

from ..certificates.changes import notice_limits
from ..errors import LotError
from ..models import LotRule, Specification
from ..naming import said_limits
from ..records import LOT_TEST
from .again import judge_again

MOST_CHECKS = 2


def product_to_specify(actor: Actor, product: Product) -> Product:
    """The product, locked, for who sets its limits."""
    require(actor, "lot_test", "specify")
    if not LOT_TEST.may_read(actor, "said", "specify"):
        raise NotAllowed("lot_test", "specify")
    if not PRODUCT.visible_to(actor).filter(pk=product.pk).exists():
        raise Http404("product")
    rows = Product.objects.filter(pk=product.pk)
    return (rows.select_for_update() if connection.features.has_select_for_update else rows).get()


def check_limits(lower: Decimal | None, upper: Decimal | None) -> None:
    """``LotError`` with code limits where they make no sense."""
    if lower is None and upper is None:
        raise LotError(_("Give a lower or an upper limit."), "limits", "lower")
    if lower is not None and upper is not None and lower > upper:
        raise LotError(_("The lower limit lies above the upper one."), "limits", "lower")


@transaction.atomic
def set_limits(
    *, actor: Actor, product: Product, characteristic: Characteristic, customer: Customer | None, lower: Decimal | None,
    upper: Decimal | None, valid_from: date, now: datetime,
) -> Specification:  # fmt: skip
    """Limits from a day on, today at the earliest; the period before ends on that day.

    Raises ``Http404``, ``NotAllowed``, ``LotError`` with code limits, past, overlap.
    """
    row = product_to_specify(actor, product)
    if customer is not None and not CUSTOMER.visible_to(actor).filter(pk=customer.pk).exists():
        raise Http404("customer")
    check_limits(lower, upper)
    if valid_from < local_date(now):
        raise LotError(_("Limits of the past stay as they were. Begin today or later."), "past", "valid_from")
    rows = Specification.objects.filter(product=row, customer=customer, characteristic=characteristic)
    later = (
        rows.filter(Q(valid_from__gte=valid_from) | Q(valid_to__gt=valid_from)).order_by("valid_from").first()
    )
    if later is not None:
        said = {
            "from": later.valid_from.isoformat(),
            "to": later.valid_to.isoformat() if later.valid_to else "…",
        }
        raise LotError(
            _("This overlaps with limits that are set already: %(from)s – %(to)s.") % said, "overlap", "valid_from"
        )  # fmt: skip
    rows.filter(valid_to=None).update(valid_to=valid_from)
    try:
        with transaction.atomic():
            made = Specification.objects.create(
                product=row, customer=customer, characteristic=characteristic, lower=lower, upper=upper, valid_from=valid_from
            )  # fmt: skip
    except IntegrityError as error:
        raise LotError(
            _("Limits that begin on this day are set already."), "overlap", "valid_from"
        ) from error
    after = {
        "characteristic": characteristic.code,
        "lower": "" if lower is None else plain(lower),
        "upper": "" if upper is None else plain(upper),
        "valid_from": valid_from.isoformat(),
    }
    if customer is not None:
        after["customer"] = str(customer.pk)
    record(actor, now, "specification.set", row, after=after)
    publish("specification.set", {"product": row.pk, "specification": made.pk}, now=now)
    if customer is None and valid_from == local_date(now):  # also of what was tested today already
        judge_again(
            actor=actor, product=row, characteristic=characteristic.pk, since=valid_from, reason=said_limits(lower, upper), now=now
        )  # fmt: skip
    if valid_from == local_date(now):
        notice_limits(
            product=row, characteristic=characteristic.pk, customer=customer.pk if customer else None, now=now
        )
    return made


@transaction.atomic
def set_rule(
    *,
    actor: Actor,
    product: Product,
    checks: int,
    refuses_own_limits: bool,
    must_be_tested: bool,
    now: datetime,
) -> LotRule:
    """How many people verify its results from now on, whether a lot that breaks a customer's own limits may go there, and whether
    one may go on that is not tested for all limits.

    Raises ``Http404``, ``NotAllowed``, ``LotError`` with code choice.
    """
    row = product_to_specify(actor, product)
    if not 0 <= checks <= MOST_CHECKS:
        raise LotError(_("None, one or two people verify a result."), "choice", "checks")
    rule, _made = LotRule.objects.get_or_create(product=row)
    after = {
        "checks": checks, "refuses_own_limits": refuses_own_limits, "must_be_tested": must_be_tested,
    }  # fmt: skip
    before = {name: getattr(rule, name) for name in after}
    if before == after:
        return rule
    for name, value in after.items():
        setattr(rule, name, value)
    rule.save(update_fields=list(after))
    record(actor, now, "lot_rule.set", row, before=before, after=after)
    publish("lot_rule.set", {"product": row.pk}, now=now)
    return rule
