"""Imports as records: each sees one's own, one's teams' or all."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record
from bihuan.people.models import User

from .labels import KIND_LABELS
from .models import Import


def restrict_imports(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own: those that the actor started. Team: those of the team's members, own ones too."""
    own = Q(started_by_id=actor.user_id)
    if scope is Scope.OWN:
        return rows.filter(own)
    members = User.objects.filter(team_id__in=actor.team_ids).values("pk")
    return rows.filter(own | Q(started_by_id__in=members))


IMPORT = register_record(
    RecordSpec(
        name="import",
        model=Import,
        restrict=restrict_imports,
        title_field="filename",
        fields=(
            FieldSpec("filename", _("File"), FieldClass.PUBLIC, in_search=True),
            FieldSpec(
                "kind", _("Rows are"), FieldClass.PUBLIC, kind="choice", choices=lambda: dict(KIND_LABELS)
            ),
            FieldSpec(
                "state",
                _("State"),
                FieldClass.PUBLIC,
                kind="choice",
                choices=lambda: dict(Import.State.choices),
            ),
            FieldSpec("rows", _("Rows"), FieldClass.PUBLIC, kind="number"),
            FieldSpec("started_by", _("Started by"), FieldClass.PUBLIC),
            FieldSpec("created_at", _("Uploaded"), FieldClass.PUBLIC, kind="moment"),
        ),
    )
)
