"""What the guards ask of an objection, read from its rows. One place, for the page and for the services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .. import investigation_rules
from ..matrix import ServiceMatrix, last_day_to_object, objection_window
from ..matrix.model import Window
from ..models import (
    Investigation,
    Objection,
    ObjectionAgreement,
    ObjectionEvent,
    ObjectionOffer,
    ObjectionSample,
)
from ..promised import promised_now
from ..queries_investigation import facts_of as facts_of_investigation
from ..rules import has_happened
from .rules import ALWAYS_ASKED, Facts, SampleFacts, is_refused, is_withdrawn, last_said, stages_done


@dataclass(frozen=True)
class Stands:
    """All that stands in an objection, each list read once; `offer` and `agreement` are the ones that count."""

    row: Objection
    events: Sequence[ObjectionEvent]
    samples: Sequence[ObjectionSample]
    offers: Sequence[ObjectionOffer]
    agreements: Sequence[ObjectionAgreement]
    investigation: Investigation | None
    is_on_site: bool
    window: Window
    facts: Facts

    @property
    def offer(self) -> ObjectionOffer | None:
        return self.offers[-1] if self.offers else None

    @property
    def agreement(self) -> ObjectionAgreement | None:
        return next((one for one in self.agreements if one.superseded_at is None), None)


def matrix_now() -> ServiceMatrix:
    return promised_now().matrix


def window_of(matrix: ServiceMatrix, row: Objection) -> Window:
    """The objection window in force for what the objection is about."""
    family = row.product.family if row.product is not None else None
    return objection_window(
        matrix, family or None, row.about, contract=row.contract, customer=row.case.customer.external_id or ""
    )


def asked_for(matrix: ServiceMatrix, row: Objection) -> tuple[str, ...]:
    """The fields of the intake that have to be known, in their order."""
    weight = ("quantity_delivered",) if row.about == Objection.About.QUANTITY else ()
    return (*ALWAYS_ASKED, *weight, *matrix.objections.intake)


def stands(row: Objection) -> Stands:
    """`row` comes with case, customer and product."""
    events = list(ObjectionEvent.objects.filter(objection=row).order_by("id"))
    samples = list(ObjectionSample.objects.filter(objection=row).order_by("id"))
    offers = list(
        ObjectionOffer.objects.filter(objection=row)
        .prefetch_related("remedies", "approvals")
        .order_by("version")
    )
    agreements = list(ObjectionAgreement.objects.filter(objection=row).order_by("version"))
    matrix = matrix_now()
    investigation = Investigation.objects.filter(joined__case=row.case_id).first()
    window = window_of(matrix, row)
    on_site = has_happened(row.case.events.filter(kind__in=("on_site", "reopened")).order_by("id"), "on_site")
    offer = offers[-1] if offers else None
    agreement = next((one for one in agreements if one.superseded_at is None), None)
    corrective, effect = _proven(investigation)
    shares = last_said(events, "shares").get("shares", {})
    done = stages_done(events)
    facts = Facts(
        done=done,
        is_refused=is_refused(events),
        is_withdrawn=is_withdrawn(events),
        missing=tuple(one for one in asked_for(matrix, row) if getattr(row, one) in (None, "", False)),
        papers_missing=tuple(one.id for one in matrix.objections.papers if one.id not in row.papers),
        raised_on=row.raised_on,
        last_day=last_day(window, row.received_on),
        lacking=_lacking(row),
        tolerance=window.tolerance,
        is_on_site=on_site,
        samples=tuple(
            SampleFacts(
                both_present=bool(one.ours_present and one.theirs_present),
                is_sealed=one.is_sealed,
                is_countersigned=bool(one.countersigned_by_us and one.countersigned_by_them),
                has_result=one.result_on is not None,
                waits_for_retest=one.disputed_at is not None and one.retested_at is None,
            )
            for one in samples
        ),
        shares={name: Decimal(share) for name, share in shares.items()},
        quantity_claimed=row.quantity_claimed,
        has_offer=offer is not None,
        quantity_accepted=offer.quantity_accepted if offer else Decimal(0),
        remedies=len(offer.remedies.all()) if offer else 0,
        is_approved=bool(offer and offer.approvals.all()),
        has_agreement=bool(agreement and offer and agreement.offer_id == offer.pk),
        is_signed=bool(
            agreement and offer and agreement.offer_id == offer.pk and agreement.signed_on is not None
        ),
        is_posted=_is_posted(events),
        has_investigation=investigation is not None,
        corrective=corrective,
        effect=effect,
    )
    return Stands(
        row, events, samples, offers, agreements, investigation, on_site, window, facts
    )  # fmt: skip


def _is_posted(events: Sequence[ObjectionEvent]) -> bool:
    """Whether the settlement was posted and not reversed since."""
    last = [one.kind for one in events if one.kind in ("posted", "reversed")]
    return bool(last) and last[-1] == "posted"


def last_day(window: Window, received_on: date | None) -> date | None:
    return None if received_on is None else last_day_to_object(window, received_on)


def _lacking(row: Objection) -> Fraction | None:
    """The part of the delivery that is objected to, where the objection is about weight or count."""
    if row.about != Objection.About.QUANTITY or not row.quantity_delivered or row.quantity_claimed is None:
        return None
    return Fraction(row.quantity_claimed) / Fraction(row.quantity_delivered)


def _proven(investigation: Investigation | None) -> tuple[str, str]:
    """What the investigation lacks of corrective action, and of the proof that it worked: codes of its own guards."""
    if investigation is None:
        return "", ""
    facts = facts_of_investigation(investigation)
    corrective = [one for one in facts.actions if one.kind == "corrective"]
    if not corrective:
        first = "no_corrective"
    else:
        first = "actions_open" if any(one.done_on is None for one in corrective) else ""
    effect = investigation_rules.lacks("d8", facts)
    return first, "" if effect == "done_already" else effect
