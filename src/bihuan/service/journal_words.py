"""Words for what is written into the journal, beside those of `wording` and of dispatch.

What happens to cases, visits, investigations and objections is called as on their own pages, with what it happened to before it: in the
journal's choice of actions "Closed" alone would not tell what was.
"""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions, name_objects

from .dispatch.wording import VISIT_WORDS
from .investigation_wording import HAPPENED, STEP_WORDS
from .objection.wording import EVENT_WORDS
from .wording import EVENT_WORDS as CASE_EVENTS

OF_INVESTIGATION = pgettext_lazy("journal", "Investigation: {what}")
STEP_DONE = pgettext_lazy("journal", "Investigation, step done: {what}")
OF_OBJECTION = pgettext_lazy("journal", "Objection: {what}")
OF_CASE = pgettext_lazy("journal", "Case: {what}")
OF_VISIT = pgettext_lazy("journal", "Visit: {what}")

name_objects(
    {
        "casetemplate": pgettext_lazy("journal", "Templates of cases"),
        "investigation": pgettext_lazy("journal", "Investigations"),
        "quality_cost": pgettext_lazy("journal", "Quality costs"),
        "objection": pgettext_lazy("journal", "Quality objections"),
        "review": pgettext_lazy("journal", "Monthly reviews"),
        "visit": pgettext_lazy("journal", "Visits"),
        "station": pgettext_lazy("journal", "Stations"),
        "kit": pgettext_lazy("journal", "Kits"),
        "technician": pgettext_lazy("journal", "Technicians"),
    }
)
name_actions(
    {
        "service_matrix.changed": pgettext_lazy("journal", "Changed the service matrix"),
        "quality_cost.entered": pgettext_lazy("journal", "Entered a quality cost"),
        "quality_cost.reversed": pgettext_lazy("journal", "Reversed a quality cost"),
        "review.minutes_written": pgettext_lazy("journal", "Wrote minutes of a review"),
        "review.decided": pgettext_lazy("journal", "Decided something in a review"),
        "review.decision_done": pgettext_lazy("journal", "Carried out a decision of a review"),
        "review.signed_off": pgettext_lazy("journal", "Signed off a review"),
    }
    | {f"investigation.{kind}": format_lazy(OF_INVESTIGATION, what=word) for kind, word in HAPPENED.items()}
    | {f"investigation.{step}_done": format_lazy(STEP_DONE, what=word) for step, word in STEP_WORDS.items()}
    | {f"objection.{kind}": format_lazy(OF_OBJECTION, what=word) for kind, word in EVENT_WORDS.items()}
    | {f"case.{kind}": format_lazy(OF_CASE, what=word) for kind, word in CASE_EVENTS.items()}
    | {f"visit.{kind}": format_lazy(OF_VISIT, what=word) for kind, word in VISIT_WORDS.items()}
    # Not the investigation itself.
    | {"investigation.withdrawn": pgettext_lazy("journal", "Withdrew a finding of an investigation")}
)
