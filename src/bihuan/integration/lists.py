"""The list of imports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage

from .labels import KIND_LABELS
from .models import Import
from .records import IMPORT

IMPORTS = ListPage(
    name="imports",
    title=_("Imports"),
    record=IMPORT,
    url_name="imports",
    row_url="import",
    default_sort="-created_at",
    icon="database-import",
    columns=[
        Column.of(IMPORT.by_name[name], order=order * 10)
        for order, name in enumerate(("filename", "kind", "state", "rows", "started_by", "created_at"), 1)
    ],
    filters=[
        Filter("kind", _("Rows are"), kind="choice", choices=lambda actor: list(KIND_LABELS.items())),
        Filter("state", _("State"), kind="choice", choices=lambda actor: list(Import.State.choices)),
    ],
    template="integration/pages/imports.html",
    empty_title=_("Nothing was imported yet"),
    empty_text=_(
        "Bring in a spreadsheet of customers, order lines or payments. A dry run first says what will happen, and an import can be undone."
    ),
)
