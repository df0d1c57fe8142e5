"""Reading drafts: for whoever may sign, as far as lots and customer are theirs to see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import Http404

from bihuan.customers.models import Customer
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor

from ...models import CertificateDraft, Lot
from ...records import LOT
from ..several.rules import further_of

MOST_SHOWN = 20


def drafts_seen(actor: Actor) -> QuerySet[CertificateDraft]:
    """Those that the actor may sign or decline, also those that have ended, by customer and first lot."""
    rows = CertificateDraft.objects.select_related("lot__product", "customer", "second")
    if not actor.may("certificate", "sign"):
        return rows.none()
    mine = Q(customer=None) | Q(customer__in=CUSTOMER.visible_to(actor))
    return rows.filter(mine, lot__in=LOT.visible_to(actor, "view"))


def get_draft(actor: Actor, identity: int) -> CertificateDraft:
    """404 where it is not the actor's to see, or one of its lots is not."""
    rows = _whole(actor, drafts_seen(actor).filter(pk=identity))
    if not rows:
        raise Http404(identity)
    return rows[0]


def _whole(actor: Actor, rows: Iterable[CertificateDraft]) -> list[CertificateDraft]:
    """Those of which the actor sees each lot."""
    listed = list(rows)
    if not listed:
        return []
    wanted = {key for one in listed for key in _keys(one)}
    seen = set(LOT.visible_to(actor, "view").filter(pk__in=wanted).values_list("pk", flat=True))
    return [one for one in listed if seen.issuperset(_keys(one))]


def _keys(row: CertificateDraft) -> list[int]:
    return [row.lot_id, *(int(one) for one in row.further.split(",") if one)]


def lots_of_draft(row: CertificateDraft) -> list[Lot]:
    """All of them, the first in front."""
    return list(Lot.objects.filter(pk__in=_keys(row)).select_related("product").order_by("pk"))


def waiting_draft(lots: Sequence[Lot], customer: Customer | None) -> CertificateDraft | None:
    """The one for just these lots that waits for its second signature."""
    keys = [one.pk for one in lots]
    rows = CertificateDraft.objects.filter(lot=min(keys), further=further_of(keys), customer=customer)
    return rows.filter(second=None).first()


def drafts_waiting(actor: Actor) -> list[CertificateDraft]:
    """The oldest first, at most 20."""
    rows = drafts_seen(actor).filter(second=None)
    return _whole(actor, rows.order_by("signed_at", "pk")[:MOST_SHOWN])


def drafts_of_lot(actor: Actor, lot: Lot) -> list[CertificateDraft]:
    """Those that wait, of the lot alone or with others: for the lot's page."""
    rows = drafts_seen(actor).filter(second=None, lot__product=lot.product_id).order_by("signed_at", "pk")
    return _whole(actor, [one for one in rows if lot.pk in _keys(one)])


def declined_of_mine(actor: Actor, since: datetime) -> list[CertificateDraft]:
    """What the actor signed first and somebody else declined since then; the newest first."""
    rows = drafts_seen(actor).filter(signer=actor.user_id or 0, second__version=None, second__at__gte=since)
    return _whole(actor, rows.exclude(second__person=actor.user_id or 0).order_by("-second__at")[:MOST_SHOWN])
