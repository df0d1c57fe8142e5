"""Forms of absences and shifts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor, Scope

from .access import STAFF
from .models import Team, User

MOMENT = "%Y-%m-%dT%H:%M"


class AbsenceForm(forms.Form):
    user = forms.ModelChoiceField(
        User.objects.none(), label=pgettext_lazy("absence", "Who"), empty_label=None
    )
    first_on = forms.DateField(
        label=_("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label=_("Last day, if known"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        theirs = STAFF.visible_to(actor, "hand_over").order_by().values("pk")
        people = STAFF.visible_to(actor).filter(Q(pk=actor.user_id) | Q(pk__in=theirs), is_active=True)
        self.fields["user"].queryset = people.order_by("name")  # type: ignore[attr-defined]
        self.fields["user"].initial = actor.user_id


class ShiftForm(forms.Form):
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), empty_label=None)
    user = forms.ModelChoiceField(User.objects.none(), label=_("On duty"), empty_label="–")
    starts_at = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT)
    )
    ends_at = forms.DateTimeField(
        label=_("Until"), widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT)
    )
    days = forms.IntegerField(label=_("On how many days"), initial=1, min_value=1, max_value=92)

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, **more)
        teams = Team.objects.order_by("name")
        if actor.scope("staff", "hand_over") is not Scope.ALL:
            teams = teams.filter(pk__in=actor.team_ids)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        people = STAFF.visible_to(actor).filter(is_active=True).order_by("name")
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
