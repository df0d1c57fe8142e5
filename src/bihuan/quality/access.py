"""Who sees which lots: whoever works on quality sees all; who has customers sees the lots that were shipped to them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from bihuan.customers.access import reach
from bihuan.kernel.actor import Actor, Scope

from .models import CertificateLot, LotShipment


def restrict_lots(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own, team: lots of which something was shipped to a customer within that scope."""
    mine = LotShipment.objects.filter(reach(actor, scope, "customer__"), lot=OuterRef("pk"))
    return rows.filter(Exists(mine))


def restrict_by_lot(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """For rows with a `lot`."""
    mine = LotShipment.objects.filter(reach(actor, scope, "customer__"), lot=OuterRef("lot"))
    return rows.filter(Exists(mine))


def restrict_certificates(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those for customers within the scope; those for nobody in particular, of lots that went to such customers.

    Of several lots, each has to have gone to customers within the scope: the paper shows them all.
    """
    within = reach(actor, scope, "customer__")
    mine = LotShipment.objects.filter(within, lot=OuterRef("lot"))
    hidden = CertificateLot.objects.filter(~Exists(mine), certificate=OuterRef("pk"))
    return rows.filter(within | Q(Exists(mine), customer=None)).exclude(Exists(hidden))
