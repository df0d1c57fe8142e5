"""The list of certificates."""

from __future__ import annotations

from html import escape
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage
from bihuan.kernel.pages.values import chip

from ..models import Certificate
from .queries import search_certificates
from .records import CERTIFICATE

FIELDS = CERTIFICATE.by_name


def draw_number(number: str, changed_at: Any) -> str:
    mark = f" {chip(_say('Changed since it was signed'), 'orange')}" if changed_at else ""
    return f'<span class="nowrap">{escape(number)}</span>{mark}'


def say_lot(number: str, further: str) -> str:
    """The first lot, and how many stand beside it."""
    return f"{number} +{len(further.split(','))}" if further else number


def draw_lot(number: str, further: str) -> str:
    return escape(say_lot(number, further))


def _state(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    return rows.filter(changed_at__isnull="changed" not in wanted)


CERTIFICATES = ListPage(
    name="certificates",
    title=pgettext_lazy("certificate", "Certificates"),
    record=CERTIFICATE,
    url_name="certificates",
    row_url="certificate",
    template="quality/certificates/list.html",
    default_sort="-issued_at",
    icon="certificate",
    search=search_certificates,
    search_hint=_("Number, lot, product, customer"),
    columns=[
        Column.of(
            FIELDS["number"], order=10, also=("changed_at",), draw=draw_number, sortable=False,
            export=lambda number, changed: number,
        ),
        Column.of(FIELDS["kind"], order=12, sortable=False),
        Column.of(FIELDS["lot"], order=14, also=("further",), draw=draw_lot, sortable=False, export=say_lot),
        Column.of(FIELDS["product"], order=16, sortable=False),
        Column.of(FIELDS["customer"], order=18, sortable=False),
        Column.of(FIELDS["version"], order=20, sortable=False),
        Column.of(FIELDS["issued_at"], order=22, falls_first=True),
        Column.of(FIELDS["changed_at"], order=24, sortable=False, shown=False),
    ],
    filters=[
        Filter("kind", _("Kind"), choices=lambda actor: Certificate.Kind.choices),
        Filter(
            "state", _("Status"), narrow=_state,
            choices=lambda actor: (
                ("valid", pgettext_lazy("certificate", "As signed")), ("changed", _("Changed since it was signed")),
            ),
        ),
        Filter("issued_at", pgettext_lazy("certificate", "Issued at"), kind="date"),
    ],
    empty_title=_("No certificates yet"),
    empty_text=_("Issue one for a released lot: its results are held against the specification first."),
)  # fmt: skip
