"""Words of dispatch: what is wanting, what happened to a visit, how far and how long."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions

from .document import Dispatching
from .rules import Lack

VISIT_WORDS: dict[str, Any] = {
    "planned": pgettext_lazy("visit", "Planned"),
    "replanned": pgettext_lazy("visit", "Planned anew"),
    "cancelled": pgettext_lazy("visit", "Cancelled"),
    "set_out": pgettext_lazy("visit", "Set out"),
    "checked_in": pgettext_lazy("visit", "Checked in"),
    "reported": pgettext_lazy("visit", "Findings written"),
    "sampled": pgettext_lazy("visit", "Sample taken"),
    "result_given": pgettext_lazy("visit", "Result of the sample"),
    "signed": pgettext_lazy("visit", "Signed by the customer"),
    "finished": pgettext_lazy("visit", "Done"),
}
CASE_WORDS: dict[str, Any] = {
    "visit_planned": pgettext_lazy("case event", "Visit planned"),
    "visit_replanned": pgettext_lazy("case event", "Visit planned anew"),
    "visit_cancelled": pgettext_lazy("case event", "Visit cancelled"),
    "visit_done": pgettext_lazy("case event", "Visit done"),
    "sampled": pgettext_lazy("case event", "Sample taken on site"),
    "sample_result": pgettext_lazy("case event", "Result of the sample"),
}
CASE_ICONS = {
    "visit_planned": "calendar-event",
    "visit_replanned": "calendar-event",
    "visit_cancelled": "circle-x",
    "visit_done": "clipboard-check",
    "sampled": "test-pipe",
    "sample_result": "flask",
}
name_actions(
    {
        "dispatching.changed": pgettext_lazy("dispatch", "Dispatch rules changed"),
        "station.changed": pgettext_lazy("dispatch", "Station changed"),
        "kit.changed": pgettext_lazy("dispatch", "Kit changed"),
        "technician.changed": pgettext_lazy("dispatch", "Technician changed"),
    }
)


def say_lack(lack: Lack, document: Dispatching) -> str:
    """One thing that is wanting, in words."""
    match lack.kind:
        case "certificate":
            return _("no valid certificate: %(what)s") % {"what": document.certificate(lack.what)}
        case "skill":
            return _("lacks the skill: %(what)s") % {"what": document.skill(lack.what)}
        case "kit":
            return _("no free kit: %(what)s") % {"what": document.kit(lack.what)}
        case "training":
            return _("training: %(held)s of %(needed)s h in a year") % {
                "held": lack.what, "needed": f"{lack.amount:g}",
            }  # fmt: skip
    return _("no free time in the next 14 days")


def say_distance(metres: int) -> str:
    return _("%(km)s km") % {"km": f"{metres / 1000:.1f}"} if metres >= 1000 else _("%(m)s m") % {"m": metres}
