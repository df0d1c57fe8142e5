"""Who sees which staff: own is oneself, team is one's teams and those below."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from .models import User


def restrict_staff(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    own = Q(pk=actor.user_id)
    return rows.filter(own if scope is Scope.OWN else own | Q(team_id__in=actor.team_ids))


STAFF = register_record(
    RecordSpec(
        name="staff",
        model=User,
        restrict=restrict_staff,
        fields=(
            FieldSpec("name", pgettext_lazy("person", "Name"), FieldClass.PUBLIC, in_search=True),
            FieldSpec("username", _("Sign-in name"), FieldClass.CONTACT, in_search=True),
            FieldSpec("team", _("Team"), FieldClass.PUBLIC, path="team__name"),
            FieldSpec("deputy", _("Deputy"), FieldClass.PUBLIC, path="deputy__name"),
            FieldSpec("phone", _("Telephone"), FieldClass.CONTACT),
            FieldSpec("email", _("Mail"), FieldClass.CONTACT),
            FieldSpec("is_active", _("Works here"), FieldClass.PUBLIC, kind="bool"),
            FieldSpec("left_on", _("Left on"), FieldClass.CONTACT, kind="date"),
            FieldSpec("last_login", _("Last sign-in"), FieldClass.SECRET, kind="moment"),
        ),
    )
)
