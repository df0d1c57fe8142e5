"""Correcting limits that were entered by mistake, on the day they begin or before. What they judged meanwhile is judged again.

Limits that began on an earlier day stay as they were: who reads an old lot finds what it was judged by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.kernel.actor import Actor
from bihuan.kernel.fields import plain
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date

from ..certificates.changes import notice_limits
from ..certificates.records import CERTIFICATE
from ..errors import LotError
from ..models import CertificateVersion, Specification
from ..naming import said_limits
from .again import Judged, judge_again
from .queries import limits_seen
from .specifying import check_limits, product_to_specify


@dataclass(slots=True)
class Corrected:
    """What followed. `certificates`: those issued today that list the limits before, by number, as far as the actor sees them."""

    lots: Judged
    certificates: list[str]


@transaction.atomic
def correct_limits(
    *, actor: Actor, limits: int, lower: Decimal | None, upper: Decimal | None, is_withdrawn: bool, reason: str, seen: str,
    now: datetime,
) -> Corrected:  # fmt: skip
    """Change limits that begin today or later, or take them back, so that those before them count again.

    `limits`: their id; `seen`: what they were when the actor looked, as `said_limits` writes. Raises ``Http404``, ``NotAllowed``,
    ``LotError`` with code limits, reason, past, changed.
    """
    product = product_to_specify(
        actor, limits_seen(actor, limits).product
    )  # locked: who sets limits meanwhile waits
    row = Specification.objects.select_related("characteristic").filter(pk=limits).first()
    if row is None or said_limits(row.lower, row.upper) != seen:
        raise LotError(_("Meanwhile somebody corrected these limits. Look at them again."), "changed")
    if row.valid_from < local_date(now):
        raise LotError(_("Limits of the past stay as they were. Begin today or later."), "past")
    if not reason.strip():
        raise LotError(_("Say why."), "reason", "reason")
    if not is_withdrawn:
        check_limits(lower, upper)
    _journal(actor, product, row, lower, upper, is_withdrawn, reason, now)
    if is_withdrawn:
        row.delete()
        before = Specification.objects.filter(
            product=product,
            customer=row.customer_id,
            characteristic=row.characteristic,
            valid_to=row.valid_from,
        )
        before.update(valid_to=row.valid_to)
    else:
        row.lower, row.upper = lower, upper
        row.save(update_fields=["lower", "upper"])
    lots = Judged()
    if row.customer_id is None:
        lots = judge_again(
            actor=actor, product=product, characteristic=row.characteristic_id, since=row.valid_from, reason=reason.strip(),
            now=now,
        )  # fmt: skip
    publish(
        "specification.corrected",
        {"product": product.pk, "characteristic": row.characteristic_id, "customer": row.customer_id},
        now=now,
    )
    changed = []
    if row.valid_from == local_date(now):  # what begins later stands on no certificate yet
        changed = notice_limits(
            product=product, characteristic=row.characteristic_id, customer=row.customer_id, now=now
        )
    return Corrected(lots, _named(actor, changed))


def _journal(
    actor: Actor, product: Product, row: Specification, lower: Decimal | None, upper: Decimal | None, is_withdrawn: bool,
    reason: str, now: datetime,
) -> None:  # fmt: skip
    about = {"characteristic": row.characteristic.code, "valid_from": row.valid_from.isoformat()}
    if row.customer_id is not None:
        about["customer"] = str(row.customer_id)
    sides = [
        {"lower": "" if low is None else plain(low), "upper": "" if high is None else plain(high)}
        for low, high in ((row.lower, row.upper), (lower, upper))
    ]
    record(
        actor, now, "specification.withdrawn" if is_withdrawn else "specification.corrected", product, note=reason.strip()[:300],
        before={**about, **sides[0]}, after=None if is_withdrawn else {**about, **sides[1]},
    )  # fmt: skip


def _named(actor: Actor, versions: list[CertificateVersion]) -> list[str]:
    rows = CERTIFICATE.visible_to(actor).filter(pk__in=[one.certificate_id for one in versions])
    seen = set(rows.order_by().values_list("pk", flat=True))
    return sorted(f"{one.certificate.number}-{one.version}" for one in versions if one.certificate_id in seen)
