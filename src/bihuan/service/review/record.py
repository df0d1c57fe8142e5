"""Who sees which reviews: those of one's teams, or all. Nobody has one alone."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from ..models import Review


def restrict_reviews(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Team: those of the actor's teams. The company's are for who reaches all; nobody has one alone."""
    return rows.filter(team_id__in=actor.team_ids) if scope is Scope.TEAM else rows.none()


REVIEW = register_record(
    RecordSpec(
        name="review",
        model=Review,
        restrict=restrict_reviews,
        title_field="month",
        fields=(
            FieldSpec("month", _("Month"), FieldClass.PUBLIC, kind="date"),
            FieldSpec("team", _("Team"), FieldClass.PUBLIC, path="team__name"),
            FieldSpec("signed_at", _("Signed off at"), FieldClass.PUBLIC, kind="moment"),
            FieldSpec("signed_by", _("Signed off by"), FieldClass.PUBLIC),
        ),
    )
)
