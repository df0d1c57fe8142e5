"""What a step of an 8D needs before it is done, and which steps are done. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

STEPS = tuple(f"d{number}" for number in range(9))
FIRST_AGAIN = "d4"
ROOTS = ("root_occurred", "root_escaped")
CHAINS = {"root_occurred": "why_occurred", "root_escaped": "why_escaped"}


class Happened(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action as the guards ask of it."""

    kind: str
    done_on: date | None = None
    is_effective: bool | None = None


@dataclass(frozen=True)
class Facts:
    """What stands in an investigation. `reopened_on`: the last time; what was observed before no longer proves anything."""

    has_owner: bool = False
    members: int = 0
    written: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    actions: tuple[ActionFacts, ...] = ()
    good_on: tuple[date, ...] = ()
    bad_on: tuple[date, ...] = ()
    done: frozenset[str] = field(default=frozenset())
    reopened_on: date | None = None


def steps_done(events: Iterable[Happened]) -> frozenset[str]:
    """The steps that are done; a reopening undoes those from the step that it names."""
    done: set[str] = set()
    for one in events:
        if one.kind == "reopened":
            first = str(one.data.get("from") or FIRST_AGAIN)
            done = {step for step in done if step < first}
        elif one.kind.endswith("_done") and one.kind[:-5] in STEPS:
            done.add(one.kind[:-5])
    return frozenset(done)


def step_waits_for(events: Iterable[Happened]) -> str:
    """The reason of the pause that holds; empty where none does. A reopening begins without one."""
    reason = ""
    for one in events:
        if one.kind == "paused":
            reason = str(one.data.get("reason") or "")
        elif one.kind in ("resumed", "reopened"):
            reason = ""
    return reason


def written_in(events: Iterable[Happened]) -> dict[str, str]:
    """The text of each step as it was written last."""
    return {
        str(one.data["step"]): str(one.data.get("text", ""))
        for one in events
        if one.kind == "written" and one.data.get("step") in STEPS
    }


def lacks(step: str, facts: Facts) -> str:
    """What a step lacks before it can be called done, as the code of a refusal; empty if nothing."""
    if step in facts.done:
        return "done_already"
    asked = {"d1": _team, "d2": _problem, "d3": _containment, "d4": _causes}.get(step)
    if asked is not None:
        return asked(facts)
    before = {"d5": "d4", "d6": "d5", "d7": "d6"}.get(step)
    if before is not None and before not in facts.done:
        return "step_before"
    match step:
        case "d5":
            return "" if _of(facts, "corrective") else "no_corrective"
        case "d6":
            return "actions_open" if any(one.done_on is None for one in _of(facts, "corrective")) else ""
        case "d7":
            return "" if _of(facts, "preventive") else "no_preventive"
        case "d8":
            return _closing(facts)
    return ""


def _of(facts: Facts, kind: str) -> list[ActionFacts]:
    return [one for one in facts.actions if one.kind == kind]


def _team(facts: Facts) -> str:
    return "" if facts.has_owner and facts.members else "no_team"


def _problem(facts: Facts) -> str:
    return "" if {"is", "is_not"} <= facts.parts else "no_problem"


def _containment(facts: Facts) -> str:
    return "" if "d3" in facts.written or _of(facts, "correction") else "no_containment"


def _causes(facts: Facts) -> str:
    for root, chain in CHAINS.items():
        if chain not in facts.parts:
            return f"no_{chain}"
        if root not in facts.parts:
            return f"no_{root}"
    return ""


def last_done(actions: Iterable[ActionFacts]) -> date | None:
    return max((one.done_on for one in actions if one.done_on is not None), default=None)


def _closing(facts: Facts) -> str:
    """An investigation is closed by data from after its actions, and after the last reopening."""
    if not set(STEPS[1:8]) <= facts.done:
        return "steps_open"
    lasting = [*_of(facts, "corrective"), *_of(facts, "preventive")]
    if any(one.done_on is None for one in facts.actions):
        return "actions_open"
    if any(one.is_effective is None for one in lasting):
        return "unchecked"
    if any(not one.is_effective for one in _of(facts, "corrective")) and not any(
        one.is_effective for one in _of(facts, "corrective")
    ):
        return "not_effective"
    since = max((one for one in (last_done(lasting), facts.reopened_on) if one is not None), default=None)
    later = [one for one in facts.good_on if since is None or one > since]
    if not later:
        return "no_later_data"
    if any(one > max(later) for one in facts.bad_on):
        return "bad_data"
    return ""
