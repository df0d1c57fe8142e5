"""What a stage of an objection needs before it is done, and which stages are done. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

STAGES = (
    "submitted", "admitted", "acknowledged", "assessed", "checked", "liability", "proposal", "signed", "settled",
    "corrected", "effective", "closed",
)  # fmt: skip
"""In their order; `refused` stands beside `admitted`, `withdrawn` beside all up to `proposal`."""
OVER = ("closed", "refused", "withdrawn")
"""Stages after which nothing more is to come."""
ALWAYS_ASKED = ("received_on", "product", "defect", "quantity_claimed")
WHOLE = Decimal(100)


class Happened(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """A joint sample as the guards ask of it."""

    both_present: bool
    is_sealed: bool
    is_countersigned: bool
    has_result: bool
    waits_for_retest: bool = False


@dataclass(frozen=True)
class Facts:
    """What stands in an objection. `late_reason`, `small_reason`, `no_check_reason`: why a rule was set aside.

    `last_day`: of the window; None while no receipt is known. `lacking`: the part of the delivery (0-1) that is objected
    to by weight or count, `tolerance` what may lack. `effect`: what the investigation that the case points to lacks before its
    effect is proven by later data, as the code of its own guard; "" for nothing. `corrective`: of its corrective
    actions likewise.
    """

    done: frozenset[str] = field(default=frozenset())
    is_refused: bool = False
    is_withdrawn: bool = False
    missing: tuple[str, ...] = ()
    papers_missing: tuple[str, ...] = ()
    raised_on: date | None = None
    last_day: date | None = None
    late_reason: str = ""
    lacking: Fraction | None = None
    tolerance: Fraction | None = None
    small_reason: str = ""
    is_on_site: bool = False
    no_check_reason: str = ""
    samples: tuple[SampleFacts, ...] = ()
    shares: Mapping[str, Decimal] = field(default_factory=dict)
    quantity_claimed: Decimal | None = None
    has_offer: bool = False
    quantity_accepted: Decimal = Decimal(0)
    remedies: int = 0
    is_approved: bool = False
    has_agreement: bool = False
    is_signed: bool = False
    is_posted: bool = False
    has_investigation: bool = False
    corrective: str = ""
    effect: str = ""
    correction: str = ""
    effect_text: str = ""


def stages_done(events: Iterable[Happened]) -> frozenset[str]:
    """The stages that are done; a reopening undoes those from the stage that it names."""
    done: set[str] = set()
    for one in events:
        if one.kind == "reopened":
            done -= set(STAGES[STAGES.index(str(one.data["from"])) :])
        elif one.kind in STAGES:
            done.add(one.kind)
    return frozenset(done)


def is_refused(events: Iterable[Happened]) -> bool:
    """Whether admission was refused, and nobody reopened it since."""
    return _last_of(events, "refused")


def is_withdrawn(events: Iterable[Happened]) -> bool:
    """Whether the customer took it back, and nobody reopened it since."""
    return _last_of(events, "withdrawn")


def _last_of(events: Iterable[Happened], kind: str) -> bool:
    last = [one.kind for one in events if one.kind in (kind, "reopened")]
    return bool(last) and last[-1] == kind


def keeps_case_open(stage: str) -> bool:
    """Whether an objection at that stage keeps its case from being closed: a case is over once all is that it is about."""
    return stage not in OVER


def last_said(events: Iterable[Happened], kind: str) -> Mapping[str, Any]:
    """What the last event of that kind carries."""
    return next((one.data for one in reversed([*events]) if one.kind == kind), {})


def next_stage(facts: Facts) -> str:
    """The first stage that is not done; "" after the last, or once refused or withdrawn."""
    if facts.is_refused or facts.is_withdrawn:
        return ""
    return next((one for one in STAGES if one not in facts.done), "")


def lacks(stage: str, facts: Facts) -> str:
    """What a stage lacks before it can be called done, as the code of a refusal; empty if nothing.

    `refused` and `withdrawn` are asked likewise: an objection is refused instead of being admitted, and withdrawn before an
    agreement binds both sides. The page and the service ask this.
    """
    if facts.is_refused:
        return "is_refused"
    if facts.is_withdrawn:
        return "is_withdrawn"
    if stage in facts.done:
        return "done_already"
    if stage == "withdrawn":
        return "signed_already" if "signed" in facts.done else ""
    if stage == "refused":
        return "admitted_already" if "admitted" in facts.done else _before("admitted", facts)
    return _before(stage, facts) or _OWN[stage](facts)


def _before(stage: str, facts: Facts) -> str:
    place = STAGES.index(stage)
    return "" if place == 0 or STAGES[place - 1] in facts.done else "stage_before"


def _submitted(facts: Facts) -> str:
    return f"no_{facts.missing[0]}" if facts.missing else ""


def _admitted(facts: Facts) -> str:
    if facts.papers_missing:
        return "no_papers"
    if is_late(facts) and not facts.late_reason:
        return "outside_window"
    if is_small(facts) and not facts.small_reason:
        return "within_tolerance"
    return ""


def is_late(facts: Facts) -> bool:
    """Whether it was raised after its window, or nobody can say."""
    return facts.last_day is None or facts.raised_on is None or facts.raised_on > facts.last_day


def is_small(facts: Facts) -> bool:
    """Whether what lacks by weight or count is within the tolerance."""
    return facts.lacking is not None and facts.tolerance is not None and facts.lacking <= facts.tolerance


def _checked(facts: Facts) -> str:
    if facts.no_check_reason:
        return ""
    if not facts.is_on_site:
        return "not_on_site"
    if not facts.samples:
        return "no_sample"
    if not all(one.both_present for one in facts.samples):
        return "not_both_present"
    if not all(one.is_sealed and one.is_countersigned for one in facts.samples):
        return "not_countersigned"
    return ""


def _liability(facts: Facts) -> str:
    if not all(one.has_result for one in facts.samples):
        return "no_result"
    if any(one.waits_for_retest for one in facts.samples):
        return "no_retest"
    if not facts.shares:
        return "no_shares"
    return "" if sum(facts.shares.values()) == WHOLE else "not_whole"


def _proposal(facts: Facts) -> str:
    if not facts.has_offer or not facts.remedies:
        return "no_offer"
    if facts.quantity_claimed is not None and facts.quantity_accepted > facts.quantity_claimed:
        return "more_than_claimed"
    return ""


def _signed(facts: Facts) -> str:
    if not facts.is_approved:
        return "not_approved"
    if not facts.has_agreement:
        return "no_agreement"
    return "" if facts.is_signed else "not_signed"


def _settled(facts: Facts) -> str:
    return "" if facts.is_posted else "not_posted"


def _corrected(facts: Facts) -> str:
    if facts.has_investigation:
        return facts.corrective
    return "" if facts.correction else "no_correction"


def _effective(facts: Facts) -> str:
    if facts.has_investigation:
        return "no_later_data" if facts.effect else ""
    return "" if facts.effect_text else "no_effect"


def _closed(facts: Facts) -> str:
    """Asked again: the investigation may have been joined, or reopened, since."""
    return "no_later_data" if facts.has_investigation and facts.effect else ""


_OWN = {
    "submitted": _submitted,
    "admitted": _admitted,
    "acknowledged": lambda facts: "",
    "assessed": lambda facts: "",
    "checked": _checked,
    "liability": _liability,
    "proposal": _proposal,
    "signed": _signed,
    "settled": _settled,
    "corrected": _corrected,
    "effective": _effective,
    "closed": _closed,
}
