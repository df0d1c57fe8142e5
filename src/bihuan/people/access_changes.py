"""Changes to the company's access table. Reached through `services`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, FieldClass, Grant, Scope, require

from .access_table import AccessTableError, check_cell, delivered_table, grant_of
from .actors import present_table, renew_stamp
from .errors import PeopleError
from .models import AccessOverride


@transaction.atomic
def override_access(
    *,
    actor: Actor,
    role: str,
    object_name: str,
    action: str,
    scope: Scope,
    classes: Iterable[str],
    now: datetime,
) -> AccessOverride:
    """Change one cell of the access table for this company. `Scope.NONE` takes the right away.

    An administrator cannot take from administrators the right to change this table.
    """
    require(actor, "setting", "administer")
    try:
        check_cell(delivered_table(), role, object_name, action)
        wanted = grant_of(scope, classes)
    except AccessTableError as error:
        raise PeopleError(str(error)) from None
    if (role, object_name, action) == ("administrator", "setting", "administer") and scope is not Scope.ALL:
        raise PeopleError(_("Administrators must be able to change the access table."))
    if wanted.scope and not wanted.classes:
        raise PeopleError(_("Choose at least one field class."), "classes")
    if wanted.scope and FieldClass.PUBLIC not in wanted.classes:
        raise PeopleError(
            _("Public fields belong to every right: whoever reaches a record sees them."), "classes"
        )
    if role == "auditor" and action not in ("view", "export") and wanted.scope:
        raise PeopleError(_("An auditor reads everything and changes nothing."))
    before = _cell_text(present_table().grant(role, object_name, action))
    row, _created = AccessOverride.objects.update_or_create(
        role=role,
        object_name=object_name,
        action=action,
        defaults={
            "scope": int(scope),
            "classes": sorted(wanted.classes) if wanted.scope else [],
            "updated_at": now,
        },
    )
    renew_stamp(now)
    record(
        actor, now, "access.changed", object_type="access", object_id=row.pk, object_name=str(row),
        before=before, after=_cell_text(wanted),
    )  # fmt: skip
    return row


@transaction.atomic
def remove_override(*, actor: Actor, override: AccessOverride, now: datetime) -> None:
    """Return a cell to what was delivered."""
    require(actor, "setting", "administer")
    delivered = delivered_table().grant(override.role, override.object_name, override.action)
    before = _cell_text(grant_of(override.scope, override.classes))
    record(
        actor, now, "access.restored", object_type="access", object_id=override.pk, object_name=str(override),
        before=before, after=_cell_text(delivered),
    )  # fmt: skip
    override.delete()
    renew_stamp(now)


def _cell_text(grant: Grant) -> dict[str, Any]:
    return {"scope": grant.scope.name.lower(), "classes": sorted(grant.classes)}
