from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .scopes import known_scopes

DAYS = (30, 90, 180, 365)


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("For which program"), max_length=80, error_messages={"required": _("Say which program it is for.")}, help_text=_("As others will know it, for instance the carrier's system.")
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("What it opens"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose what it opens.")}
    )  # fmt: skip
    days = forms.TypedChoiceField(label=_("Good for"), coerce=int, initial=90)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["scopes"].choices = [(one.name, one.label) for one in known_scopes().values()]  # type: ignore[attr-defined]
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (one, ngettext("%(count)s day", "%(count)s days", one) % {"count": one}) for one in DAYS
        ]
