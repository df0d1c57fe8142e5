"""Words of investigations: steps, refusals, what happened."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STEP_WORDS = {
    "d0": _("D0 Preparation"),
    "d1": _("D1 Team"),
    "d2": _("D2 Problem"),
    "d3": _("D3 Containment"),
    "d4": _("D4 Root causes"),
    "d5": _("D5 Corrective actions chosen"),
    "d6": _("D6 Actions carried out"),
    "d7": _("D7 Recurrence prevented"),
    "d8": _("D8 Effect confirmed, closed"),
}
STEP_HINTS = {
    "d0": _("What is known, and what was done at once."),
    "d1": _("Who leads, and who works on it."),
    "d2": _("What the problem is and what it is not: what, where, when, how much."),
    "d3": _("What keeps further bad goods from customers until the cause is gone."),
    "d4": _("Why it occurred and why it escaped: two chains, each ending in a root cause with evidence."),
    "d5": _("Which actions take the cause away, who does them, by when."),
    "d6": _("The corrective actions are done, and whether they worked was checked."),
    "d7": _("What keeps it from coming again, here and elsewhere."),
    "d8": _("Data from after the actions show that it is gone."),
}
REFUSALS = {
    "done_already": _("This step is done already."),
    "no_team": _("D1 needs somebody who leads and at least one more member."),
    "no_problem": _("D2 needs what the problem is and what it is not: one line each at least."),
    "no_containment": _("D3 needs a containment: describe it, or plan a correction."),
    "no_why_occurred": _("D4 needs the chain of whys for why it occurred."),
    "no_why_escaped": _("D4 needs the chain of whys for why it escaped."),
    "no_root_occurred": _("D4 needs the root cause of the occurrence, with evidence."),
    "no_root_escaped": _("D4 needs the root cause of the escape, with evidence."),
    "step_before": _("The step before is not done yet."),
    "no_corrective": _("D5 needs a corrective action with an owner and a due date. A correction is not one."),
    "actions_open": _("There are actions that are not done yet."),
    "no_preventive": _("D7 needs a preventive action."),
    "steps_open": _("D8 closes the investigation: D1 to D7 have to be done first."),
    "unchecked": _("Check the effect of each corrective and preventive action first."),
    "not_effective": _("No corrective action worked. Plan another one."),
    "no_later_data": _(
        "D8 needs good verification data observed after the last action was done (and after the last reopening)."
    ),
    "bad_data": _("The latest verification data are bad. It is not gone yet."),
}
HAPPENED = {
    "opened": pgettext_lazy("investigation", "Opened"),
    "joined": _("Case joined"),
    "parted": _("Case taken out"),
    "changed": pgettext_lazy("investigation", "Changed"),
    "staffed": _("Team named"),
    "written": _("Written"),
    "found": _("Found"),
    "withdrawn": pgettext_lazy("finding", "Withdrawn"),
    "planned": _("Action planned"),
    "carried_out": _("Action done"),
    "checked": _("Effect checked"),
    "observed": _("Data observed"),
    "paused": pgettext_lazy("investigation", "Paused"),
    "resumed": pgettext_lazy("investigation", "Goes on"),
    "reopened": pgettext_lazy("investigation", "Reopened"),
    "closed": pgettext_lazy("investigation", "Closed"),
}
