"""An objection as its page shows it: the rail of stages, what is next and what it lacks, and what may be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.pages.values import write

from ..models import ObjectionSample
from .facts import Stands, matrix_now
from .queries import may_on
from .rules import STAGES, lacks, next_stage
from .wording import DO, EVENT_WORDS, REFUSALS, STAGE_WORDS

TECHNICAL, COMMERCIAL = FieldClass.TECHNICAL, FieldClass.COMMERCIAL
# What there is to do: the right it asks for, the class of what it writes, its icon.
STEPS: dict[str, tuple[str, FieldClass | None, str]] = {
    **dict.fromkeys(STAGES, ("edit", None, "check")),
    "settled": ("settle", COMMERCIAL, "report-money"),
    "refused": ("edit", None, "x"),
    "withdrawn": ("edit", None, "arrow-back-up"),
    "change": ("edit", None, "edit"),
    "paper": ("edit", None, "paperclip"),
    "on-site": ("edit", None, "map-pin"),
    "sample": ("edit", TECHNICAL, "plus"),
    "result": ("edit", TECHNICAL, "pencil"),
    "dispute": ("edit", TECHNICAL, "alert-triangle"),
    "offer": ("edit", COMMERCIAL, "pencil"),
    "approve": ("approve", COMMERCIAL, "checks"),
    "agreement": ("edit", COMMERCIAL, "file-text"),
    "copy": ("edit", COMMERCIAL, "paperclip"),
    "reopen": ("edit", None, "refresh"),
}


def may_take(actor: Actor, found: Stands, what: str) -> bool:
    action, field_class, _icon = STEPS[what]
    return actor.may("objection", action, field_class) and may_on(actor, found.row, action)


def offered(actor: Actor, found: Stands) -> dict[str, bool]:
    """The steps that may be taken out of turn, and whether they make sense now: what its page draws buttons for."""
    done = found.facts.done
    sense = {
        "change": True,
        "paper": True,
        "sample": "admitted" in done,
        "result": any(one.retested_at is None for one in found.samples),
        "dispute": any(may_dispute(one) for one in found.samples) and "liability" not in done,
        "offer": "admitted" in done and "signed" not in done,
        "withdrawn": not lacks("withdrawn", found.facts),
    }
    is_open = found.row.closed_at is None
    return {name: is_open and fits and may_take(actor, found, name) for name, fits in sense.items()}


def may_dispute(one: ObjectionSample) -> bool:
    """Whether its retained sample can still decide: tested once, not disputed, sealed and countersigned by both."""
    kept = one.is_sealed and one.countersigned_by_us and one.countersigned_by_them
    return bool(one.result_on is not None and one.disputed_at is None and kept)


@dataclass(frozen=True)
class Shown:
    """A stage of the rail: `state` is done, next or later."""

    id: str
    number: int
    label: str
    state: str
    at: datetime | None


def rail(found: Stands) -> list[Shown]:
    done_at = {one.kind: one.at for one in found.events if one.kind in STAGES}
    following = next_stage(found.facts)
    return [
        Shown(
            stage,
            number,
            str(STAGE_WORDS[stage]),
            "done" if stage in found.facts.done else "next" if stage == following else "later",
            done_at.get(stage) if stage in found.facts.done else None,
        )
        for number, stage in enumerate(STAGES, start=1)
    ]


@dataclass(frozen=True)
class Next:
    """What comes next: its stage, what it lacks in words, and the steps that bring it on (name, label, icon, primary)."""

    label: str
    lacking: str
    steps: list[tuple[str, str, str, bool]]


# By what a stage lacks: the steps that give it.
BRINGS = {
    "no_papers": ("paper",), "not_on_site": ("on-site", "checked"), "no_sample": ("sample", "checked"),
    "not_countersigned": ("sample",), "no_result": ("result",), "no_retest": ("result",), "no_offer": ("offer",), "more_than_claimed": ("offer",),
    "not_approved": ("approve",), "no_agreement": ("agreement",), "not_signed": ("copy",),
    "outside_window": ("admitted",), "within_tolerance": ("admitted",), "no_shares": ("liability",),
    "no_correction": ("corrected",), "no_effect": ("effective",), "not_posted": ("settled",),
}  # fmt: skip
BESIDE = {
    "submitted": ("change",), "admitted": ("refused",), "checked": ("sample",), "liability": ("dispute",), "proposal": ("offer",),
    "signed": ("offer",),
}  # fmt: skip


def what_next(actor: Actor, found: Stands) -> Next | None:
    stage = next_stage(found.facts)
    if not stage:
        return None
    missing = lacks(stage, found.facts)
    if missing.startswith("no_") and stage == "submitted":
        wanted: tuple[str, ...] = ("change",)
    else:
        wanted = BRINGS.get(missing, (stage,) if not missing else ())
    wanted += tuple(one for one in BESIDE.get(stage, ()) if one not in wanted)
    if not any(may_dispute(one) for one in found.samples):
        wanted = tuple(one for one in wanted if one != "dispute")
    names = [one for one in wanted if may_take(actor, found, one)]
    steps = [(one, str(DO[one]), STEPS[one][2], position == 0) for position, one in enumerate(names)]
    return Next(str(DO[stage]), str(REFUSALS[missing]) if missing else "", steps)


@dataclass(frozen=True)
class Line:
    at: datetime
    who: str
    title: str
    text: str


def told(actor: Actor, found: Stands) -> list[Line]:
    """What happened, the newest first, as far as the actor reads it."""
    classes = actor.classes("objection")
    return [
        Line(one.at, one.actor_name, str(EVENT_WORDS.get(one.kind, one.kind)), _said(one.data))
        for one in reversed(found.events)
        if one.field_class in classes
    ]


def _said(data: Any) -> str:
    """What an event carries, in a line."""
    matrix = matrix_now()
    words = {
        one.id: in_language(one.label)
        for one in (*matrix.objections.refusal_reasons, *matrix.objections.papers)
    }
    found = [
        str(data[name])
        for name in ("late_reason", "small_reason", "no_check_reason", "correction", "effect_text", "text", "sample", "result")
        if data.get(name)
    ]  # fmt: skip
    if reason := data.get("reason"):
        found.append(words.get(reason, reason))
    if paper := data.get("paper"):
        found.append(words.get(paper, paper))
    if amount := data.get("amount"):
        found.append(write("money", Decimal(amount)))
    if shares := data.get("shares"):
        found.append(said_shares(shares))
    return _(", ").join(found)


def said_shares(shares: Any) -> str:
    words = {one.id: in_language(one.label) for one in matrix_now().objections.liabilities}
    return _(", ").join(f"{words.get(name, name)} {share}%" for name, share in shares.items())
