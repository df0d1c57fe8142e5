"""The form of a decision about a lot."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm

from ..models import Lot


def why_untested(said: str = "") -> forms.CharField:
    """Asks why a lot goes on that was not tested for all of its limits; `said` names what is not tested, where that is known."""
    return forms.CharField(
        label=pgettext_lazy("lot", "Why, although not all is tested"),
        max_length=300,
        required=bool(said),  # else the service asks for it once it knows
        widget=forms.Textarea({"rows": 2, "class": "form-control"}),
        help_text=_("Not tested: %(names)s") % {"names": said} if said else "",
    )


class DecideForm(LookForm):
    """Why; `seen` carries what the lot was when the form was opened, for two who decide at once. `untested` names what a lot
    that is to be released was not tested for, empty: nothing that a reason is asked for."""

    reason = forms.CharField(
        label=pgettext_lazy("lot", "Reason"),
        max_length=300,
        widget=forms.Textarea({"rows": 3, "autofocus": True}),
    )
    seen = forms.ChoiceField(choices=Lot.Status.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lot: Lot, untested: str = "", **more: Any) -> None:
        super().__init__(*args, initial={"seen": lot.disposition}, **more)
        if untested:
            self.fields["untested"] = why_untested(untested)
