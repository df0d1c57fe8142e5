"""Changes to the tree of teams. Reached through `services`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, require

from .actors import renew_stamp
from .errors import PeopleError
from .models import Team


@transaction.atomic
def create_team(*, actor: Actor, name: str, now: datetime, parent: Team | None = None) -> Team:
    require(actor, "staff", "administer")
    name = _free_team_name(name)
    team = Team.objects.create(name=name, parent=parent)
    renew_stamp(now)
    record(actor, now, "team.created", team, after={"name": name, "parent": parent and parent.name})
    return team


@transaction.atomic
def rename_team(*, actor: Actor, team: Team, name: str, now: datetime) -> Team:
    require(actor, "staff", "administer")
    if name.strip() == team.name:
        return team
    before = team.name
    team.name = _free_team_name(name, team)
    team.save(update_fields=["name"])
    record(actor, now, "team.renamed", team, before={"name": before}, after={"name": team.name})
    return team


@transaction.atomic
def move_team(*, actor: Actor, team: Team, parent: Team | None, now: datetime) -> Team:
    """Hang a team, with all below it, under another; a team cannot come to stand below itself."""
    require(actor, "staff", "administer")
    teams = {one.pk: one for one in Team.objects.select_for_update()}
    above = parent
    while above is not None:
        if above.pk == team.pk:
            raise PeopleError(_("A team cannot stand below itself."), "parent")
        above = teams[above.parent_id] if above.parent_id is not None else None
    before = team.parent
    if (before and before.pk) == (parent and parent.pk):
        return team
    team.parent = parent
    team.save(update_fields=["parent"])
    renew_stamp(now)
    record(
        actor, now, "team.moved", team,
        before={"parent": before and before.name}, after={"parent": parent and parent.name},
    )  # fmt: skip
    return team


@transaction.atomic
def change_team(*, actor: Actor, team: Team, name: str, parent: Team | None, now: datetime) -> Team:
    """Rename and move in one step: both, or neither."""
    return move_team(
        actor=actor, team=rename_team(actor=actor, team=team, name=name, now=now), parent=parent, now=now
    )


def _free_team_name(name: str, besides: Team | None = None) -> str:
    name = name.strip()
    if not name:
        raise PeopleError(_("A team needs a name."), "name")
    same = Team.objects.filter(name__iexact=name)
    if besides is not None:
        same = same.exclude(pk=besides.pk)
    if same.exists():
        raise PeopleError(_("There is a team “%(name)s” already.") % {"name": name}, "name")
    return name
