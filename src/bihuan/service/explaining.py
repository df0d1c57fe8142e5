"""What a clock and an event say to people: remaining, paused or late, and the rule, calendar and pauses behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.clocks import Clock
from bihuan.kernel.pages.values import write_moment

from .models import CaseEvent, GreenRequest
from .promised import Promised
from .rules import runs_on
from .wording import EVENT_ICONS, EVENT_WORDS, REFUSAL_WORDS, say_length, say_working_length

NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Explained:
    """One clock as its chip and what opens behind it. `state`: runs, waits, late, met, missed."""

    kind: str
    label: str
    state: str
    text: str
    tone: str
    icon: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    target: str
    used: str
    calendar: str
    is_business: bool
    is_provisional: bool
    promises: list[tuple[str, datetime, bool]] = field(default_factory=list)
    pauses: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    paused: str = ""
    first: str = ""


def explain(clocks: tuple[Clock, ...], promised: Promised, now: datetime) -> list[Explained]:
    """The clocks, those that run first, by what is due; then those that wait; then what is over."""
    order = {"late": 0, "runs": 0, "waits": 1, "met": 2, "missed": 2}
    found = [_explained(one, promised, one.stopped_at or now) for one in clocks]
    return sorted(found, key=lambda one: (order[one.state], one.due_at))


def _explained(clock: Clock, promised: Promised, at: datetime) -> Explained:
    said = say_length if clock.unit == "elapsed" else say_working_length
    state, text, tone, icon = _state(clock, said)
    first = ""
    if clock.first is not None and clock.first.stopped_at is not None:
        first = _("First solved %(moment)s, %(used)s used") % {
            "moment": write_moment(clock.first.stopped_at), "used": said(clock.first.used),
        }  # fmt: skip
    return Explained(
        kind=clock.kind,
        label=promised.clock_label(clock.kind),
        state=state,
        text=text,
        tone=tone,
        icon=icon,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        target=said(clock.target),
        used=said(clock.used),
        calendar=_calendar(clock),
        is_business=clock.unit != "elapsed",
        is_provisional=clock.provisional,
        promises=[(promised.promise_label("due_at", at), clock.due_at, True)]
        if clock.track.fixed
        else [
            (promised.promise_label(one.promise, at), one.due_at, one.promise == clock.promise)
            for one in sorted(clock.promises, key=lambda one: one.due_at)
        ],
        pauses=[(since, until, promised.pause_label(reason)) for since, until, reason in clock.pauses],
        paused=said(clock.paused) if clock.paused else "",
        first=first,
    )


def _calendar(clock: Clock) -> str:
    """The calendar's name, without its versions."""
    return clock.calendar.partition("@")[0]


def _state(clock: Clock, said: Any) -> tuple[str, str, str, str]:
    left = clock.remaining
    if clock.stopped_at is not None:
        if clock.breached:
            return "missed", _("%(length)s late") % {"length": said(left)}, "red", "alert-triangle"
        return "met", _("kept"), "ok", "check"
    if not runs_on(clock):
        return "waits", _("waits, %(length)s left") % {"length": said(max(left, NONE))}, "", "player-pause"
    if left < NONE:
        return "late", _("%(length)s overdue") % {"length": said(left)}, "red", "alert-triangle"
    share = clock.share_used
    tone = "orange" if share >= Fraction(9, 10) else "yellow" if share >= Fraction(3, 4) else ""
    return "runs", _("%(length)s left") % {"length": said(left)}, tone, "clock"


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a case's timeline."""

    at: datetime
    who: str
    icon: str
    title: str
    detail: str
    text: str
    is_internal: bool
    is_technical: bool


def tell(event: CaseEvent, promised: Promised) -> Told:
    """An event in words."""
    data = event.data
    # What a matrix added says its clock; the rest has a word of its own.
    title = str(EVENT_WORDS.get(event.kind) or promised.clock_label(str(data.get("clock", event.kind))))
    return Told(
        at=event.at,
        who=event.actor_name,
        icon=EVENT_ICONS.get(event.kind, "check"),
        title=title,
        detail=_detail(event.kind, data, promised),
        text=str(data.get("text") or ""),
        is_internal=event.is_internal,
        is_technical=event.field_class == "technical",
    )


def _detail(kind: str, data: dict[str, Any], promised: Promised) -> str:
    if kind == "paused":
        return promised.pause_label(str(data.get("reason", "")))
    if kind == "called_back":
        return _("satisfaction %(score)s of 5") % {"score": data.get("satisfaction")}
    if kind == "reassigned":
        before, after = (_whom(data.get(name) or {}) for name in ("from", "to"))
        return " → ".join((before or "–", after or "–"))
    if kind in ("changed", "staged"):
        return _changes(data, promised) or str(data.get("reason") or "")
    if kind == "referred":
        return " ".join(
            [
                *(f"+{one}" for one in data.get("added") or []),
                *(f"−{one}" for one in data.get("removed") or []),
            ]
        )
    if kind == "refused":
        return str(REFUSAL_WORDS.get(str(data.get("code")), ""))
    if kind in ("merged", "took_in", "split_off", "split_from"):
        return " ".join(str(data[name]) for name in ("number", "title") if data.get(name))
    if kind == "green_answered":
        answer = dict(GreenRequest.Answer.choices).get(str(data.get("answer")), "")
        return _("; ").join(str(one) for one in (data.get("what"), answer, data.get("reason")) if one)
    if kind.startswith("visit_"):
        return _visit(data)
    if kind in ("sampled", "result_disputed", "retest_result"):
        return str(data.get("number") or "")
    if kind in ("attached", "detached"):
        names = _(", ").join(str(one.get("name", "")) for one in data.get("files") or [])
        return _("; ").join(one for one in (names, str(data.get("reason") or "")) if one)
    return str(data.get("reason") or "")


def _visit(data: dict[str, Any]) -> str:
    """Who comes when, and why so."""
    at = str(data.get("starts_at") or "")
    when = write_moment(datetime.fromisoformat(at)) if at else ""
    return " · ".join(str(one) for one in (data.get("technician"), when, data.get("reason")) if one)


def _whom(one: dict[str, str]) -> str:
    return " · ".join(name for name in (one.get("owner"), one.get("team")) if name)


def _changes(data: dict[str, Any], promised: Promised) -> str:
    before, after = data.get("before") or {}, data.get("after") or {}
    if isinstance(after, str):  # a status
        labels = promised.stage_labels()
        return f"{labels.get(str(before), before)} → {labels.get(after, after)}"
    if not after and "matrix" in data:
        return _("The service matrix was changed.")
    deadlines = [
        _("%(clock)s by contract until %(moment)s")
        % {"clock": promised.clock_label(kind), "moment": write_moment(datetime.fromisoformat(text))}
        for kind, text in (data.get("due") or {}).items()
    ]
    words: dict[str, dict[Any, str]] = {
        "severity": dict(promised.severity_labels()),
        "urgency": dict(promised.urgency_labels()),
        "kind": dict(promised.kind_labels()),
    }
    parts = [
        f"{words.get(name, {}).get(before.get(name), before.get(name) or '–')} → "
        f"{words.get(name, {}).get(value, value or '–')}"
        for name, value in after.items()
    ]
    return _("; ").join([*parts, *deadlines, *([data["reason"]] if data.get("reason") else [])])
