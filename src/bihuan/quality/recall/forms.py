"""Forms of recalls. What is right, the services say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm

from ..models import Recall, RecallEntry

LONG = forms.Textarea({"rows": 3})


class StartForm(LookForm):
    reason = forms.CharField(
        label=pgettext_lazy("recall", "Reason"), max_length=300, widget=forms.Textarea({"rows": 3, "autofocus": True})
    )  # fmt: skip
    level = forms.ChoiceField(
        label=pgettext_lazy("recall", "Class"), choices=Recall.Level.choices,
        help_text=_("All customers are to be told within 24, 48 or 72 hours."),
    )  # fmt: skip
    asked = forms.ChoiceField(
        label=pgettext_lazy("recall", "Asked of customers"), choices=Recall.Asked.choices
    )


class _EntryForm(LookForm):
    """`seen` carries the version that the form was opened upon, for two who write at once."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, entry: RecallEntry, may_contact: bool, **more: Any) -> None:
        given: dict[str, Any] = {"seen": entry.version}
        for name in ("found", "returned", "used_up"):
            given[name] = getattr(entry, name)
        given["told_via"] = entry.told_via
        super().__init__(*args, initial=given, **more)
        if not may_contact:
            self.fields.pop("whom", None)


class TellForm(_EntryForm):
    via = forms.ChoiceField(label=pgettext_lazy("recall", "Told by"), choices=RecallEntry.Via.choices)
    whom = forms.CharField(label=pgettext_lazy("recall", "Told whom"), max_length=80, required=False)
    note = forms.CharField(label=pgettext_lazy("recall", "Note"), max_length=500, required=False, widget=LONG)


class AnswerForm(_EntryForm):
    found = forms.DecimalField(
        label=pgettext_lazy("recall", "Found and kept apart"), min_value=0, max_digits=18, decimal_places=6
    )
    returned = forms.DecimalField(
        label=pgettext_lazy("recall", "Returned"), min_value=0, max_digits=18, decimal_places=6
    )
    used_up = forms.DecimalField(
        label=pgettext_lazy("recall", "Used up"), min_value=0, max_digits=18, decimal_places=6
    )
    note = forms.CharField(label=pgettext_lazy("recall", "Note"), max_length=500, required=False, widget=LONG)  # fmt: skip


class UnreachableForm(_EntryForm):
    note = forms.CharField(label=pgettext_lazy("recall", "What was tried"), max_length=500, widget=LONG)


class CloseForm(LookForm):
    summary = forms.CharField(
        label=pgettext_lazy("recall", "What came of it"), max_length=5000, widget=forms.Textarea({"rows": 6, "autofocus": True})
    )  # fmt: skip
