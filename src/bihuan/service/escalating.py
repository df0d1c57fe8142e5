"""Who is told when a clock comes to a moment: the parties of an escalation as people who are here now.

Whoever is away is represented: by the deputy, else by who is on duty for the team; the notice says in whose stead.
Out of working hours who is on duty hears what the owner hears. A warning is never lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from bihuan.people.duty import absent_at, on_duty_at
from bihuan.people.models import Team, User, UserRole

# Who hears of it where nobody holds the post.
INSTEAD = {
    "owner": "on_duty", "on_duty": "manager", "account_owner": "manager", "salesperson": "account_owner",
    "manager": "director", "executive": "director", "production": "manager", "logistics": "manager",
    "finance": "manager", "service_agent": "owner", "technical": "manager", "quality": "manager",
    "dispatcher": "manager",
}  # fmt: skip
POSTS = ("manager", "director", "technical", "quality", "dispatcher", "production", "logistics")
Told = dict[int, int | None]
"""The persons to tell, each with the one in whose stead, if so."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """What is late, as the escalation asks of it: who leads it, of which team. `account_owner`: the customer's owner A, if
    there is one."""

    owner_id: int | None
    team_id: int | None
    account_owner: int | None = None


@dataclass
class People:
    """Who is there to be told, read once a batch: the tree of teams, holders of posts by team, who is away or left, deputies,
    who is on duty."""

    parents: dict[int, int | None]
    holders: dict[str, dict[int | None, set[int]]] = field(default_factory=dict)
    away: set[int] = field(default_factory=set)
    deputies: dict[int, int] = field(default_factory=dict)
    on_duty: dict[int, set[int]] = field(default_factory=dict)
    is_working_time: bool = True

    @classmethod
    def present(cls, now: datetime, *, is_working_time: bool = True) -> People:
        found = cls(dict(Team.objects.values_list("id", "parent_id")), is_working_time=is_working_time)
        posts = UserRole.objects.filter(role__in=POSTS, user__is_active=True)
        for person, role, team in posts.values_list("user_id", "role", "user__team_id"):
            found.holders.setdefault(role, {}).setdefault(team, set()).add(person)
        is_absent = Exists(absent_at(now).filter(user=OuterRef("pk")))
        few = User.objects.annotate(is_absent=is_absent).filter(
            Q(is_active=False) | Q(deputy__isnull=False) | Q(is_absent=True)
        )
        for person, is_active, deputy, is_away in few.values_list(
            "id", "is_active", "deputy_id", "is_absent"
        ):
            if is_away or not is_active:
                found.away.add(person)
            if deputy is not None:
                found.deputies[person] = deputy
        found.on_duty = on_duty_at(now)
        return found

    def told(self, one: Concerned, parties: Iterable[str]) -> Told:
        """The persons for these parties. Who is told for themselves is not told in somebody's stead, too."""
        found: Told = {}
        for party in parties:
            people = self._of(one, party)
            while not people and party in INSTEAD:
                party = INSTEAD[party]
                people = self._of(one, party)
            for person, absent in people.items():
                if person not in found or absent is None:
                    found[person] = absent
        return found

    def _of(self, one: Concerned, party: str) -> Told:
        match party:
            case "owner":
                found = self._here(one.owner_id, one.team_id)
                if not self.is_working_time:
                    found = {**dict.fromkeys(self._duty(one.team_id), one.owner_id), **found}
                return found
            case "deputy":
                deputy = self.deputies.get(one.owner_id or 0)
                return {} if deputy is None or deputy in self.away else {deputy: None}
            case "account_owner":
                return self._here(one.account_owner, None)
            case "on_duty":
                return dict.fromkeys(self._duty(one.team_id), one.owner_id)
            case "director":
                return self._all_here(set().union(*self.holders.get("director", {}).values()))
            case "manager" | "technical" | "quality" | "dispatcher":
                return self._nearest(one.team_id, party)
            case "production" | "logistics":  # works of their own, seldom below or above the case's team
                return self._nearest(one.team_id, party) or self._all_here(
                    set().union(*self.holders.get(party, {}).values())
                )
        return {}

    def _here(self, person: int | None, team: int | None) -> Told:
        """The person; of one who is away or left the deputy, else who is on duty."""
        if person is None:
            return {}
        if person not in self.away:
            return {person: None}
        deputy = self._deputy_of(person)
        return {deputy: person} if deputy is not None else dict.fromkeys(self._duty(team), person)

    def _deputy_of(self, person: int) -> int | None:
        """The deputy, or the deputy's one, who is here; deputies may stand in for each other."""
        seen = {person}
        while (deputy := self.deputies.get(person)) is not None and deputy not in seen:
            if deputy not in self.away:
                return deputy
            seen.add(deputy)
            person = deputy
        return None

    def _all_here(self, people: Iterable[int]) -> Told:
        found: Told = {}
        for one in sorted(people):
            for person, absent in self._here(one, None).items():
                if person not in found or absent is None:
                    found[person] = absent
        return found

    def _duty(self, team: int | None) -> set[int]:
        """Who is on duty for the team, or for the nearest above it that has somebody."""
        for above in self._upwards(team):
            if people := self.on_duty.get(above, set()) - self.away:
                return people
        return set()

    def _nearest(self, team: int | None, post: str) -> Told:
        """Who holds the post in the team, or in the nearest team above that has somebody who is here or represented."""
        for above in self._upwards(team):
            if people := self._all_here(self.holders.get(post, {}).get(above, ())):
                return people
        return {}

    def _upwards(self, team: int | None) -> list[int]:
        found: list[int] = []
        while team is not None and team not in found:
            found.append(team)
            team = self.parents.get(team)
        return found
