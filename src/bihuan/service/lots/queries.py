"""Which lots cases are about, and which cases are about a lot. Every read starts from what the actor may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import Upper

from bihuan.kernel.actor import Actor
from bihuan.kernel.references import tidy_key
from bihuan.quality.lots.queries import lots_called
from bihuan.quality.lots.references import lots_in_shipments, lots_meant
from bihuan.quality.models import Lot, LotShipment

from ..models import Case, CaseReference, Investigation, Objection
from ..objection.records import OBJECTION
from ..records import CASE

MOST = 12
BETWEEN = "/:-| "


def named_by(actor: Actor, case: Case) -> tuple[dict[str, list[Lot]], list[Lot]]:
    """What each lot number of the case may mean, and the lots of the shipments that it names. As far as the actor may see lots."""
    keys: dict[str, None] = {}
    shipments = []
    for kind, key in CaseReference.objects.filter(case=case, kind__in=("lot", "shipment")).values_list(
        "kind", "key"
    ):
        if kind == "lot":
            keys[key] = None
        else:
            shipments.append(key)
    if case.kind == Case.Kind.QUALITY_OBJECTION and OBJECTION.may_read(actor, "lot"):
        rows = OBJECTION.visible_to(actor).filter(case=case).exclude(lot="")
        keys |= dict.fromkeys(tidy_key(one) for one in rows.values_list("lot", flat=True))
    meant = lots_meant(actor, keys, case.customer_id) if keys and actor.may("lot") else {}
    return meant, lots_in_shipments(actor, shipments, case.customer_id)


def cases_about(actor: Actor, lot: Lot, most: int = MOST) -> list[Case]:
    """The cases that name the lot, one of its shipments, or its bare number; newest first, one more than `most`.

    `is_sure` is false where only the number is named, which lots of other products may bear too. One query.
    """
    full = [tidy_key(f"{lot.product.code}{sign}{lot.number}") for sign in BETWEEN]
    bare = tidy_key(lot.number)
    references = CaseReference.objects.order_by()
    sent = LotShipment.objects.filter(lot=lot).order_by()
    documents = sent.annotate(upper=Upper("movement__number")).values("upper")
    found = references.filter(kind="lot", key__in=[*full, bare]).values("case")
    of_shipments = references.filter(
        kind="shipment", key__in=documents, case__customer__in=sent.values("customer")
    ).values("case")
    branches: list[Any] = [of_shipments]
    claims = Objection.objects.none()
    if OBJECTION.may_read(actor, "lot"):
        claims = OBJECTION.visible_to(actor).order_by()
        said = {*full, bare, lot.number, *(f"{lot.product.code}{sign}{lot.number}" for sign in BETWEEN)}
        branches.append(claims.filter(lot__in=said).values("case"))
    named = Exists(CaseReference.objects.filter(case=OuterRef("pk"), kind="lot", key__in=full)) | Exists(
        CaseReference.objects.filter(case=OuterRef("pk"), kind="shipment", key__in=documents)
    )
    rows = CASE.visible_to(actor).filter(pk__in=found.union(*branches)).annotate(is_sure=named)
    return list(rows.select_related("customer").order_by("-opened_at", "-id")[: most + 1])


def lots_of_investigation(actor: Actor, row: Investigation) -> list[tuple[Lot, int]]:
    """The lots that its cases name without doubt, with the customer of the case; of cases that the actor sees."""
    if not actor.may("lot"):
        return []
    seen = CASE.visible_to(actor).filter(joined__investigation=row).order_by().values("pk")
    named: dict[int, list[str]] = {}
    rows = CaseReference.objects.filter(case__in=seen, kind="lot").order_by("id")
    for customer, key in rows.values_list("case__customer", "key")[:200]:
        named.setdefault(customer, []).append(key)
    meant = lots_called(actor, {key for keys in named.values() for key in keys}) if named else {}
    found: dict[int, tuple[Lot, int]] = {}
    for customer, keys in named.items():
        for key in keys:
            if len(meant[key]) == 1:
                found.setdefault(meant[key][0].pk, (meant[key][0], customer))
    return list(found.values())[:MOST]
