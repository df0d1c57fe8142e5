"""Words of the room: faults of calendars, targets and matrices, lengths of time, what happened, and the journal's actions. Kinds,
severities, statuses and clocks are called as the company's matrix calls them (`promised`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions
from bihuan.kernel.clocks import MESSAGES, ClockFault
from bihuan.service.matrix import MESSAGES as OF_MATRIX

from .dispatch.wording import CASE_ICONS, CASE_WORDS

MINUTE = timedelta(minutes=1)

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
    "not_reached": pgettext_lazy("case event", "Called, not reached"),
    "closed": pgettext_lazy("case event", "Closed"),
    "reopened": pgettext_lazy("case event", "Reopened"),
    "reassigned": pgettext_lazy("case event", "Reassigned"),
    "changed": pgettext_lazy("case event", "Changed"),
    "staged": pgettext_lazy("case event", "Status changed"),
    "merged": pgettext_lazy("case event", "Merged"),
    "took_in": pgettext_lazy("case event", "Took in"),
    "attached": pgettext_lazy("case event", "Attached"),
    "detached": pgettext_lazy("case event", "Withdrew a file"),
    "received": pgettext_lazy("case event", "Mail received"),
    "mail_held": pgettext_lazy("case event", "Mail of an unknown sender"),
    "auto_replied": pgettext_lazy("case event", "Automatic reply"),
    "returned": pgettext_lazy("case event", "Mail came back"),
    "undelivered": pgettext_lazy("case event", "Mail not delivered"),
    "acknowledged": pgettext_lazy("case event", "Receipt acknowledged"),
    "follows": pgettext_lazy("case event", "Follows"),
    "followed": pgettext_lazy("case event", "Followed by"),
    "refused": pgettext_lazy("case event", "Refused"),
    "referred": pgettext_lazy("case event", "Refers to"),
    "split_off": pgettext_lazy("case event", "Split off"),
    "split_from": pgettext_lazy("case event", "Split from"),
    "green_asked": pgettext_lazy("case event", "Green channel: asked to hold"),
    "green_answered": pgettext_lazy("case event", "Green channel: answered"),
    "result_disputed": pgettext_lazy("case event", "Result disputed: the retained sample is to be tested"),
    "retest_result": pgettext_lazy("case event", "Retained sample tested"),
    "retest_dropped": pgettext_lazy("case event", "Retained sample need not be tested any more"),
} | CASE_WORDS
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
    "not_reached": "phone-off",
    "closed": "archive",
    "reopened": "refresh",
    "reassigned": "user-check",
    "changed": "adjustments",
    "staged": "flag",
    "merged": "git-merge",
    "took_in": "arrow-merge",
    "attached": "paperclip",
    "detached": "trash",
    "received": "mail",
    "mail_held": "user-question",
    "auto_replied": "mail",
    "returned": "arrow-back-up",
    "undelivered": "alert-triangle",
    "acknowledged": "mail",
    "follows": "link",
    "followed": "link",
    "refused": "ban",
    "referred": "link",
    "split_off": "arrows-split",
    "split_from": "arrows-split",
    "green_asked": "bolt",
    "green_answered": "bolt",
    "result_disputed": "alert-triangle",
    "retest_result": "flask",
    "retest_dropped": "flask",
} | CASE_ICONS
REFUSAL_WORDS: dict[str, Any] = {
    "not_our_goods": _lazy("Not our goods"),
    "not_our_task": _lazy("Not our task"),
    "not_promised": _lazy("Not promised in the contract"),
    "no_basis": _lazy("What is said could not be found"),
    "unsolicited": _lazy("Advertising or nuisance"),
}
name_actions(
    {"service.clocks_recomputed": pgettext_lazy("case event", "Had open clocks reckoned anew")}
    | {"case.kept": pgettext_lazy("case event", "Kept a promise")}
    | {
        "case_template.created": pgettext_lazy("case event", "Added a template"),
        "case_template.changed": pgettext_lazy("case event", "Changed a template"),
        "case_channel.changed": pgettext_lazy("case event", "Changed what mail opens cases"),
        "person.mentions_by_mail": pgettext_lazy("case event", "Mentions by mail"),
    }
)


def say_fault(fault: ClockFault) -> str:
    """“week.mon[0]: …”, translated."""
    text = _(OF_MATRIX.get(fault.code) or MESSAGES[fault.code]) % fault.params
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
