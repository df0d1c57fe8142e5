"""Forms of dispatch. They ask and read; what is right, the services say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.kernel.actor import Actor
from bihuan.kernel.clocks import packaged_calendars
from bihuan.people.access import STAFF
from bihuan.people.access_table import ROLES
from bihuan.people.actors import present_table
from bihuan.people.models import User

from ..models import Kit, Station, Technician
from .document import Dispatching
from .records import STATION, TECHNICIAN

CALENDARS = {
    "24x7": _("Around the clock"),
    "7x12": _("Daily 08:00-20:00"),
    "market": _("Daily 06:00-18:00"),
    "cn-office": _("Office hours, with an hour for lunch"),
    "cn-office-9x5": _("Working days 09:00-18:00"),
}


def calendar_choices() -> list[tuple[str, Any]]:
    return [(name, CALENDARS.get(name, name)) for name in packaged_calendars()]


def _date(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


class StationForm(LookForm):
    name = forms.CharField(label=pgettext_lazy("place", "Name"), max_length=80)
    city = forms.CharField(
        label=_("City"), max_length=60, required=False,
        help_text=_("Without a position the middle of the city counts."),
    )  # fmt: skip
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    latitude = forms.FloatField(label=_("Latitude (degrees north)"), required=False)
    longitude = forms.FloatField(label=_("Longitude (degrees east)"), required=False)
    calendar = forms.ChoiceField(label=pgettext_lazy("dispatch", "Working hours"), choices=calendar_choices)
    is_active = forms.BooleanField(label=pgettext_lazy("dispatch", "In use"), required=False, initial=True)


class KitForm(LookForm):
    code = forms.CharField(label=_("Number"), max_length=40)
    kind = forms.ChoiceField(label=_("Kind"))
    carrier = forms.ModelChoiceField(
        Technician.objects.none(), label=_("Carried by"), required=False, empty_label=_("lies at the station")
    )
    status = forms.ChoiceField(label=_("Status"), choices=Kit.Status.choices)

    def __init__(
        self, *args: Any, actor: Actor, document: Dispatching, station: Station, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].choices = [(one, document.kit(one)) for one in document.kits]  # type: ignore[attr-defined]
        people = TECHNICIAN.visible_to(actor).filter(station=station).select_related("user")
        self.fields["carrier"].queryset = people  # type: ignore[attr-defined]


class TechnicianForm(LookForm):
    user = forms.ModelChoiceField(User.objects.none(), label=pgettext_lazy("person", "Name"))
    station = forms.ModelChoiceField(Station.objects.none(), label=_("Service station"))
    skills = forms.MultipleChoiceField(label=_("Skills"), required=False, widget=forms.CheckboxSelectMultiple)
    calendar = forms.ChoiceField(label=pgettext_lazy("dispatch", "Working hours"), required=False)
    is_active = forms.BooleanField(
        label=pgettext_lazy("dispatch", "Can be sent"), required=False, initial=True
    )

    def __init__(
        self, *args: Any, actor: Actor, document: Dispatching, technician: Technician | None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        if technician is None:
            able = [role for role in ROLES if present_table().grant(role, "visit", "edit").scope]
            people = STAFF.visible_to(actor).filter(is_active=True, roles__role__in=able, technician=None)
            self.fields["user"].queryset = people.distinct().order_by("name")  # type: ignore[attr-defined]
        else:
            del self.fields["user"]
        stations = STATION.visible_to(actor).filter(is_active=True)
        self.fields["station"].queryset = stations.distinct().order_by("name")  # type: ignore[attr-defined]
        self.fields["skills"].choices = [(one, document.skill(one)) for one in document.skills]  # type: ignore[attr-defined]
        self.fields["calendar"].choices = [("", _("as the station")), *calendar_choices()]  # type: ignore[attr-defined]


class CertificateForm(LookForm):
    kind = forms.ChoiceField(label=_("Kind"))
    number = forms.CharField(label=_("Number"), max_length=60, required=False)
    valid_from = _date(_("Valid from"))
    valid_until = _date(_("Valid until"), required=False)

    def __init__(self, *args: Any, document: Dispatching, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (one, document.certificate(one)) for one in document.certificates
        ]


class TrainingForm(LookForm):
    held_on = _date(_("Date"))
    hours = forms.DecimalField(label=_("Hours"), max_digits=5, decimal_places=1)
    subject = forms.CharField(label=pgettext_lazy("training", "Subject"), max_length=120)


class AbsenceForm(LookForm):
    first_on = _date(_("First day"))
    last_on = _date(_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=120, required=False)


class ReasonForm(LookForm):
    reason = forms.CharField(label=_("Reason"), max_length=300)
