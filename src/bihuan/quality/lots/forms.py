"""The form of a decision about a lot."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm

from ..models import Lot


class DecideForm(LookForm):
    """Why; `seen` carries what the lot was when the form was opened, for two who decide at once."""

    reason = forms.CharField(
        label=pgettext_lazy("lot", "Reason"),
        max_length=300,
        widget=forms.Textarea({"rows": 3, "autofocus": True}),
    )
    seen = forms.ChoiceField(choices=Lot.Status.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lot: Lot, **more: Any) -> None:
        super().__init__(*args, initial={"seen": lot.disposition}, **more)
