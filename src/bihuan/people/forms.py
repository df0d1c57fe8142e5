from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .access_table import ROLES
from .models import Team, User
from .wording import ROLE_WORDS


class StaffForm(forms.Form):
    """A person's facts; `username` only where there is none yet."""

    username = forms.CharField(label=_("Sign-in name"), max_length=80)
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=80)
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=_("Team"), required=False, empty_label="–"
    )
    deputy = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("name"),
        label=_("Deputy"),
        required=False,
        empty_label="–",
    )
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email = forms.EmailField(label=_("Mail"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, user: User | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        if user is not None:
            del self.fields["username"]
            deputies = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name")
            self.fields["deputy"].queryset = deputies  # type: ignore[attr-defined]


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        label=_("Posts"),
        choices=[(role, ROLE_WORDS[role]) for role in ROLES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Team"), max_length=80)
    parent = forms.ModelChoiceField(
        Team.objects.order_by("name"), label=_("Stands below"), required=False, empty_label="–"
    )


class CompanyForm(forms.Form):
    name = forms.CharField(label=_("Name of the company"), max_length=120)


class ProfileForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    dark_mode = forms.BooleanField(label=_("Dark look"), required=False)
