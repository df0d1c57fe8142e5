"""An investigation as its page shows it: nine steps, each with its clock, its text and what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .explaining import Explained, explain
from .investigation_clocks import step_clocks, step_labels
from .investigation_rules import STEPS, Facts, lacks, written_in
from .investigation_wording import HAPPENED, REFUSALS, STEP_HINTS, STEP_WORDS
from .models import Finding, InvestigationAction, InvestigationEvent
from .promised import Promised, promised_now

PARTS = {
    "d2": ("is", "is_not"),
    "d4": ("fishbone", "why_occurred", "root_occurred", "why_escaped", "root_escaped"),
}
ACTIONS = {"d3": "correction", "d5": "corrective", "d7": "preventive"}
CHAIN = ("why_occurred", "why_escaped")


@dataclass(frozen=True)
class Group:
    """Findings of one part, under its name."""

    part: str
    label: str
    lines: list[Finding]

    @property
    def is_chain(self) -> bool:
        return self.part in CHAIN


@dataclass(frozen=True)
class ShownStep:
    """`refusal`: what it lacks before it is done. `actions_kind`: which actions are planned here."""

    id: str
    label: str
    hint: str
    done_at: datetime | None
    text: str
    clock: Explained | None
    refusal: str
    groups: list[Group] = field(default_factory=list)
    actions_kind: str = ""
    actions: list[InvestigationAction] = field(default_factory=list)

    @property
    def short(self) -> str:
        return self.id.upper()

    @property
    def title(self) -> str:
        return self.label.partition(" ")[2] or self.label


def shown_steps(
    events: Sequence[InvestigationEvent],
    findings: Sequence[Finding],
    actions: Sequence[InvestigationAction],
    facts: Facts,
    promised: Promised,
    now: datetime,
) -> list[ShownStep]:
    """The nine steps. What was found is left out by giving none, where it is not to be read."""
    labels = step_labels(promised)
    clocks = {
        one.kind: replace(one, label=labels.get(one.kind, one.kind))
        for one in explain(step_clocks(events, promised, now), promised, now)
    }
    texts = written_in(events)
    done_at = {one.kind[:-5]: one.at for one in events if one.kind.endswith("_done")}
    parts = dict(Finding.Part.choices)
    found = []
    for step in STEPS:
        missing = lacks(step, facts)
        found.append(
            ShownStep(
                id=step,
                label=str(STEP_WORDS[step]),
                hint=str(STEP_HINTS[step]),
                done_at=done_at.get(step) if step in facts.done else None,
                text=texts.get(step, ""),
                clock=clocks.get(step),
                refusal="" if step in facts.done or not missing else str(REFUSALS[missing]),
                groups=[
                    Group(part, str(parts[part]), [one for one in findings if one.part == part])
                    for part in PARTS.get(step, ())
                ],
                actions_kind=ACTIONS.get(step, ""),
                actions=[one for one in actions if one.kind == ACTIONS.get(step)],
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    who: str
    title: str
    text: str


def told(events: Sequence[InvestigationEvent], *, technical: bool) -> list[Line]:
    """What happened, the newest first."""
    found = []
    for one in reversed(events):
        data: dict[str, Any] = one.data
        step = one.kind[:-5] if one.kind.endswith("_done") else ""
        title = str(STEP_WORDS[step]) if step in STEPS else str(HAPPENED.get(one.kind, one.kind))
        text = str(data.get("reason") or "")
        if one.kind == "paused":
            text = promised_now().pause_label(text)
        if technical and one.kind not in ("joined", "parted"):
            text = text or str(data.get("text") or "")
            if one.kind == "written":
                title = f"{title} {str(data.get('step', '')).upper()}"
        found.append(Line(one.at, one.actor_name, title, text))
    return found
