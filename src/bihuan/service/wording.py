"""Words of the room: faults of calendars and targets, kinds of clocks, statuses under the company's names, lengths of
time, what happened, and the journal's actions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.audit.wording import name_actions
from bihuan.kernel.clocks import MESSAGES, ClockFault
from bihuan.kernel.settings_store import get_setting

STATUS_NAMES = "service.status_names"
MINUTE = timedelta(minutes=1)

CLOCK_WORDS: dict[str, Any] = {
    "response": gettext_lazy("First response"),
    "on_site": gettext_lazy("On site"),
    "workaround": gettext_lazy("Workaround"),
    "resolution": gettext_lazy("Solution"),
    "call_back": gettext_lazy("Call-back"),
}
EVENT_WORDS: dict[str, Any] = {
    "opened": pgettext_lazy("case event", "Opened"),
    "responded": pgettext_lazy("case event", "Answered"),
    "noted": pgettext_lazy("case event", "Noted"),
    "paused": pgettext_lazy("case event", "Paused"),
    "resumed": pgettext_lazy("case event", "Went on"),
    "on_site": pgettext_lazy("case event", "Was on site"),
    "worked_around": pgettext_lazy("case event", "Worked around"),
    "solved": pgettext_lazy("case event", "Solved"),
    "called_back": pgettext_lazy("case event", "Called back"),
    "closed": pgettext_lazy("case event", "Closed"),
    "reopened": pgettext_lazy("case event", "Reopened"),
    "reassigned": pgettext_lazy("case event", "Reassigned"),
    "changed": pgettext_lazy("case event", "Changed"),
    "merged": pgettext_lazy("case event", "Merged"),
    "took_in": pgettext_lazy("case event", "Took in"),
}
EVENT_ICONS = {
    "opened": "inbox",
    "responded": "send",
    "noted": "note",
    "paused": "player-pause",
    "resumed": "player-play",
    "on_site": "map-pin",
    "worked_around": "tool",
    "solved": "circle-check",
    "called_back": "phone",
    "closed": "archive",
    "reopened": "refresh",
    "reassigned": "user-check",
    "changed": "adjustments",
    "merged": "git-merge",
    "took_in": "arrow-merge",
}
name_actions({f"case.{kind}": word for kind, word in EVENT_WORDS.items()})


def clock_labels() -> dict[str, str]:
    return {kind: str(word) for kind, word in CLOCK_WORDS.items()}


def clock_word(kind: str) -> str:
    """A kind of clock; one that a company's matrix brings keeps its own name."""
    return str(CLOCK_WORDS.get(kind, kind))


def status_labels() -> dict[str, str]:
    """The five categories, each under the company's own name where it gave one (`service.status_names`)."""
    from .models import Case

    return {code: str(label) for code, label in Case.Status.choices} | (get_setting(STATUS_NAMES) or {})


def say_fault(fault: ClockFault) -> str:
    """“week.mon[0]: …”, translated."""
    text = _(MESSAGES[fault.code]) % fault.params
    return f"{fault.path}: {text}" if fault.path else text


def say_length(length: timedelta) -> str:
    """“2 h 05 min”; whole minutes, rounded down, without a sign."""
    minutes = abs(length) // MINUTE
    hours, rest = divmod(minutes, 60)
    days, hours = (hours // 24, hours % 24) if hours >= 72 else (0, hours)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours and rest:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(minutes)d min") % {"minutes": rest}


def say_working_length(length: timedelta) -> str:
    """Working time: hours and minutes, for a day of it is not 24 hours."""
    minutes = abs(length) // MINUTE
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    return _("%(hours)d h") % {"hours": hours} if hours else _("%(minutes)d min") % {"minutes": rest}
