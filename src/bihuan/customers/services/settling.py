"""What follows every change: version, search index, completeness, the lake's mark. In sets, within the change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Case, Exists, F, IntegerField, Model, OuterRef, Q, Value, When
from django.utils.translation import gettext as _

from bihuan.kernel.analytics.changes import mark_changed

from ..errors import CustomerError
from ..models import Contact, Customer, Site
from ..rules import PARTS, Part
from ..search import reindex_customers

CHUNK = 900
# Fields of a customer that the lake knows.
IN_LAKE = frozenset(("external_id", "name", "status", "industry", "kind", "region", "customer_since"))


def settle(
    ids: Iterable[int], *, now: datetime, fields: Iterable[str] = (), index: bool = False, touch: bool = True
) -> None:
    """After a change of these customers: `fields` that changed, whether search must be told, whether to raise the version."""
    keys = list(ids)
    if touch:
        for chunk in batched(keys, CHUNK):
            Customer.objects.filter(pk__in=chunk).update(version=F("version") + 1, updated_at=now)
    refresh_completeness(keys)
    if index:
        reindex_customers(keys)
    if IN_LAKE & set(fields):
        mark_changed("customers", None, now=now)


def refresh_completeness(ids: Iterable[int] | None = None) -> int:
    """Compute the stored completeness anew, of some customers or (None) of all; how many rows were looked at."""
    if ids is None:
        return Customer.objects.update(completeness=_completeness())
    return sum(
        Customer.objects.filter(pk__in=chunk).update(completeness=_completeness())
        for chunk in batched(ids, CHUNK)
    )


def _completeness() -> Any:
    """`rules.completeness` as one expression of the database."""
    total: Any = Value(0)
    for part in PARTS:
        total = total + Case(
            When(_is_there(part), then=Value(part.weight)), default=Value(0), output_field=IntegerField()
        )
    return total


def _is_there(part: Part) -> Any:
    people = Contact.objects.filter(customer=OuterRef("pk"), is_active=True)
    around = {
        "contact": Exists(people),
        "decider": Exists(people.filter(chain_role=Contact.ChainRole.DECIDER)),
        "site": Exists(Site.objects.filter(customer=OuterRef("pk"))),
    }
    if not part.fields:
        return around[part.name]
    condition = Q()
    for one in part.fields:
        condition |= Q(**{f"{one}__isnull": False}) if one.endswith("_id") else ~Q(**{one: ""})
    return condition


# Input -------------------------------------------------------------------------------------------------------------


def tidy(text: str, *, lines: bool = False) -> str:
    """Typed text without control characters and needless blanks; `lines` keeps line breaks."""
    kept = "".join(
        one
        for one in text.replace("\r\n", "\n")
        if (lines and one == "\n") or one == "\t" or unicodedata.category(one)[0] != "C"
    )
    if lines:
        return "\n".join(re.sub(r"[ \t\u3000]+", " ", line).strip() for line in kept.split("\n")).strip()
    return re.sub(r"\s+", " ", kept).strip()


def checked(row: Model, given: Mapping[str, Any], *, multiline: Iterable[str] = ("note",)) -> dict[str, Any]:
    """The values of a form, tidied, and refused where a column cannot hold them."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        column: Any = row._meta.get_field(name)
        if isinstance(value, str):
            value = tidy(value, lines=name in multiline)
            if column.max_length and len(value) > column.max_length:
                message = _("At most %(count)d characters.") % {"count": column.max_length}
                raise CustomerError(message, name)
            if column.choices and value and value not in dict(column.flatchoices):
                raise CustomerError(_("This choice does not exist."), name)
            if name == "email" and value:
                _check_mail(value)
        found[name] = value
    return found


def _check_mail(text: str) -> None:
    try:
        validate_email(text)
    except ValidationError as error:
        raise CustomerError(_("This is no mail address."), "email") from error


def differences(row: Model, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What would change: before and after, as the journal keeps it."""
    before, after = {}, {}
    for name, value in values.items():
        column = row._meta.get_field(name)
        old, new = getattr(row, column.attname), getattr(value, "pk", value)  # type: ignore[union-attr]
        if old != new:
            before[name], after[name] = plain(old), plain(new)
    return before, after


def attname(row: Model, name: str) -> str:
    """The attribute that holds a column's plain value: owner_a is owner_a_id."""
    column: Any = row._meta.get_field(name)
    found: str = column.attname
    return found


def plain(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, date | datetime)
        else value
        if isinstance(value, str | int | bool | None)
        else str(value)
    )


def apply_changes(row: Any, values: Mapping[str, Any], *, version: int | None, now: datetime) -> None:
    """Write changed values; `version` is the one that the form was shown with, and somebody may have been faster."""
    if version is not None and version != row.version:
        raise CustomerError(
            _(
                "Somebody changed this in the meantime. Look at the present state and save again; nothing is lost."
            )
        )
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = now
    row.save()
