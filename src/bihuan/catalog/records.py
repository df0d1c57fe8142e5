"""Products as records: fields with their classes. Everybody whose post sees products sees all of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from .models import Product


def restrict_products(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Products have no owner: less than all of them means none."""
    return rows.none()


PRODUCT = register_record(
    RecordSpec(
        name="product",
        model=Product,
        restrict=restrict_products,
        fields=(
            FieldSpec("code", _("Code"), FieldClass.PUBLIC, in_search=True),
            FieldSpec("name", _("Name"), FieldClass.PUBLIC, in_search=True),
            FieldSpec("name_en", _("English name"), FieldClass.PUBLIC),
            FieldSpec("family", _("Family"), FieldClass.PUBLIC),
            FieldSpec("grade", _("Grade"), FieldClass.PUBLIC),
            FieldSpec("unit", _("Unit"), FieldClass.PUBLIC, kind="unit"),
            FieldSpec("list_price", _("List price"), FieldClass.COMMERCIAL, kind="money"),
            FieldSpec("is_active", _("On sale"), FieldClass.PUBLIC, kind="bool"),
            FieldSpec("description", _("Description"), FieldClass.PUBLIC, in_list=False),
        ),
    )
)
