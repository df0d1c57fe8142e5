"""Visits, stations and technicians as records: fields with their classes.

That somebody comes, when and what for, is public within the company; what they found, read and tested is technical. Why
somebody is away is for who may see how to reach them.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from ..models import Station, Technician, Visit
from .access import restrict_stations, restrict_technicians, restrict_visits

PUBLIC, CONTACT, TECHNICAL = FieldClass.PUBLIC, FieldClass.CONTACT, FieldClass.TECHNICAL
VISIT = register_record(
    RecordSpec(
        name="visit",
        model=Visit,
        restrict=restrict_visits,
        title_field="purpose",
        fields=(
            FieldSpec("purpose", pgettext_lazy("visit", "Purpose"), PUBLIC),
            FieldSpec("case", _("Case"), PUBLIC, path="case__number"),
            # Whoever is sent has to know to whom and where.
            FieldSpec("customer", _("Customer"), PUBLIC, path="case__customer__name"),
            FieldSpec("site", pgettext_lazy("visit", "Where to"), PUBLIC, path="site__name"),
            FieldSpec("technician", _("Technician"), PUBLIC, path="technician__user__name"),
            FieldSpec("kit", pgettext_lazy("dispatch", "Kit"), PUBLIC, path="kit__code"),
            FieldSpec("status", _("Status"), PUBLIC, kind="choice", choices=lambda: dict(Visit.Status.choices)),
            FieldSpec("leaves_at", pgettext_lazy("visit", "Leaves"), PUBLIC, kind="moment"),
            FieldSpec("starts_at", pgettext_lazy("visit", "Arrives"), PUBLIC, kind="moment"),
            FieldSpec("ends_at", pgettext_lazy("visit", "Ends"), PUBLIC, kind="moment"),
            FieldSpec("checked_in_at", pgettext_lazy("visit", "Checked in"), PUBLIC, kind="moment"),
            FieldSpec("done_at", pgettext_lazy("visit", "Done at"), PUBLIC, kind="moment"),
            FieldSpec("findings", pgettext_lazy("visit", "Findings"), TECHNICAL, in_list=False),
            FieldSpec("readings", pgettext_lazy("visit", "Readings"), TECHNICAL, in_list=False),
            FieldSpec("signed_by", pgettext_lazy("visit", "Signed by"), CONTACT),
            FieldSpec("override_reason", _("Why sent all the same"), PUBLIC, in_list=False),
            FieldSpec("cancel_reason", _("Why cancelled"), PUBLIC, in_list=False),
        ),
    )
)  # fmt: skip
STATION = register_record(
    RecordSpec(
        name="station",
        model=Station,
        restrict=restrict_stations,
        fields=(
            FieldSpec("name", pgettext_lazy("place", "Name"), PUBLIC),
            FieldSpec("city", _("City"), PUBLIC),
            FieldSpec("address", _("Address"), PUBLIC),
            FieldSpec("is_active", pgettext_lazy("dispatch", "In use"), PUBLIC, kind="bool"),
        ),
    )
)
TECHNICIAN = register_record(
    RecordSpec(
        name="technician",
        model=Technician,
        restrict=restrict_technicians,
        title_field="user",
        fields=(
            FieldSpec("user", pgettext_lazy("person", "Name"), PUBLIC, path="user__name"),
            FieldSpec("station", _("Service station"), PUBLIC, path="station__name"),
            FieldSpec("is_active", pgettext_lazy("dispatch", "Can be sent"), PUBLIC, kind="bool"),
        ),
    )
)
