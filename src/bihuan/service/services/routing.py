"""Which team a case goes to that nobody handles yet."""

from __future__ import annotations

from bihuan.people.models import Team, UserRole


def desk_for(team_id: int | None) -> int | None:
    """The service agents' team nearest to a customer's team: in or below it, else below the next one up. Without any agents
    the customer's own team."""
    desks = UserRole.objects.filter(role="service_agent", user__is_active=True, user__team__isnull=False)
    manned = set(desks.values_list("user__team_id", flat=True))
    if not manned:
        return team_id
    parents: dict[int, int | None] = dict(Team.objects.values_list("id", "parent_id"))
    above = team_id
    while above is not None:
        below = [desk for desk in manned if above in _line(desk, parents)]
        if below:
            return min(below)
        above = parents.get(above)
    return min(manned)


def _line(team: int, parents: dict[int, int | None]) -> list[int]:
    """A team and those above it."""
    found = [team]
    while (up := parents.get(found[-1])) is not None and up not in found:
        found.append(up)
    return found
