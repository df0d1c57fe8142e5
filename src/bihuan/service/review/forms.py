"""Forms of the review: minutes topic by topic, and a decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.kernel.actor import Actor

from ..forms_investigation import day, line, person
from .services import MOST_TEXT

TOPICS = {
    "service": _("Volumes, ageing, deadlines"),
    "causes": _("Causes and repeats"),
    "actions": _("Actions and quality cost"),
    "customers": _("Customers and satisfaction"),
    "other": _("Anything else"),
}


class MinutesForm(LookForm):
    attendees = line(_("Attendees"), required=False)
    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, label in TOPICS.items():
            self.fields[name] = forms.CharField(
                label=label,
                required=False,
                max_length=MOST_TEXT,
                widget=forms.Textarea({"rows": 3, "class": "form-control"}),
            )

    def topics(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in TOPICS}


def decision_form(data: Any, actor: Actor) -> forms.Form:
    class DecisionForm(LookForm):
        text = line(_("What is to be done"))
        owner = person(actor, pgettext_lazy("decision", "Who does it"))
        due_on = day(_("By"))

    return DecisionForm(data)
