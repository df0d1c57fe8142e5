"""Forms of the second signature."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.customers.forms import LookForm


class SecondForm(LookForm):
    """Who signed as the second, and the page."""

    name = forms.CharField(label=_("Inspector"), max_length=80)
    organisation = forms.CharField(
        label=_("On whose behalf"), max_length=120, help_text=_("The purchaser, or the inspection body.")
    )
    reference = forms.CharField(label=_("Inspection reference"), max_length=80)
    inspected_on = forms.DateField(
        label=_("Inspected on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    page = forms.FileField(
        label=_("The page that the inspector signed"), help_text=_("PDF or photo, 25 MB at most."),
        widget=forms.ClearableFileInput({"accept": "application/pdf,image/*"}),
    )  # fmt: skip


class DeclineForm(LookForm):
    reason = forms.CharField(
        label=_("Why it is declined"), max_length=300, widget=forms.Textarea({"rows": 3})
    )
