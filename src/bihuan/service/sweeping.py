"""Telling people in time: the sweep over clocks that have come to a moment of which nobody was told.

It asks for due rows only, by their index, folds nothing, and tells each moment once: a clock remembers how far it was
told, and the table of notices refuses the same notice twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from bihuan.people.models import Team, User, UserRole

from .keeping import moments_kept
from .models import Case, CaseClock, CaseNotice
from .promised import promised_now
from .rules import first_after, reached, tellings

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: clocks that had come to a moment, notices written."""

    clocks: int
    notices: int


def sweep(now: datetime) -> Swept:
    """Tell of all that is due; called again, it finds nothing."""
    clocks = notices = 0
    while True:
        found = _sweep_batch(now)
        clocks, notices = clocks + found.clocks, notices + found.notices
        if found.clocks < BATCH:
            return Swept(clocks, notices)


@transaction.atomic
def _sweep_batch(now: datetime) -> Swept:
    rows = CaseClock.objects.filter(next_moment_at__lte=now).order_by("next_moment_at")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    due = list(rows[:BATCH])
    if not due:
        return Swept(0, 0)
    cases = {
        case.pk: case
        for case in Case.objects.filter(pk__in={row.case_id for row in due})
        .only("id", "owner_id", "team_id", "severity", "told_level")
        .annotate(account_owner=F("customer__owner_a"))
    }
    parties = promised_now().parties
    people = _People.present()
    by_case: dict[int, list[CaseClock]] = {}
    for row in due:
        by_case.setdefault(row.case_id, []).append(row)
    notices: list[CaseNotice] = []
    for key, clocks in by_case.items():
        notices += _tell(cases[key], clocks, parties[str(cases[key].severity)], people, now)
    _remember(due, cases.values())
    CaseNotice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)
    return Swept(len(due), len(notices))


def _remember(clocks: list[CaseClock], cases: Iterable[Case]) -> None:
    """How far everybody was told; a plain statement many times over, for a clause a row would cost more than the rows."""
    stamp = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {CaseClock._meta.db_table} SET told_level = %s, next_moment_at = %s WHERE id = %s",
            [(row.told_level, row.next_moment_at and stamp(row.next_moment_at), row.pk) for row in clocks],
        )
    by_level: dict[int, list[int]] = {}
    for case in cases:
        by_level.setdefault(case.told_level, []).append(case.pk)
    for level, ids in by_level.items():
        Case.objects.filter(pk__in=ids).update(told_level=level)


def _tell(
    case: Case,
    clocks: list[CaseClock],
    parties: Mapping[int, tuple[str, ...]],
    people: _People,
    now: datetime,
) -> list[CaseNotice]:
    """The notices about one case; its clocks and itself remember how far they were told."""
    told_of_case = case.told_level
    known = []
    for row in clocks:
        moments = moments_kept(row)
        level = reached(moments, now)
        known.append((row.kind, row.told_level, level))
        row.told_level = max(row.told_level, level)
        row.next_moment_at = first_after(moments, row.told_level)
        case.told_level = max(case.told_level, row.told_level)
    by_kind = {row.kind: row for row in clocks}
    notices = []
    for news in tellings(told_of_case, known):
        row = by_kind[news.kind]
        # Several moments may have come at once, after a night without a worker: all their people hear of the last.
        told = {one for level, to in parties.items() if news.before < level <= news.level for one in to}
        notices += [
            CaseNotice(
                case=case, recipient_id=person, kind=row.kind, run=row.run, level=news.level, due_at=row.due_at, at=now
            )
            for person in sorted(people.told(case, told))
        ]  # fmt: skip
    return notices


# Who hears of it where nobody holds the post: a warning is never lost.
INSTEAD = {
    "owner": "manager", "account_owner": "manager", "salesperson": "account_owner", "manager": "director",
    "executive": "director", "production": "manager", "logistics": "manager", "finance": "manager",
    "service_agent": "owner", "technical": "manager", "quality": "manager", "dispatcher": "manager",
}  # fmt: skip
POSTS = ("manager", "director", "technical", "quality", "dispatcher")


@dataclass
class _People:
    """Who is there to be told, read once a batch: the tree of teams, holders of posts by team, who left, deputies."""

    parents: dict[int, int | None]
    holders: dict[str, dict[int | None, set[int]]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    deputies: dict[int, int] = field(default_factory=dict)

    @classmethod
    def present(cls) -> _People:
        found = cls(dict(Team.objects.values_list("id", "parent_id")))
        posts = UserRole.objects.filter(role__in=POSTS, user__is_active=True)
        for person, role, team in posts.values_list("user_id", "role", "user__team_id"):
            found.holders.setdefault(role, {}).setdefault(team, set()).add(person)
        few = User.objects.filter(Q(is_active=False) | Q(deputy__isnull=False))
        for person, is_active, deputy in few.values_list("id", "is_active", "deputy_id"):
            if not is_active:
                found.gone.add(person)
            if deputy is not None:
                found.deputies[person] = deputy
        return found

    def told(self, case: Any, parties: Iterable[str]) -> set[int]:
        """The persons for these parties of a case."""
        found: set[int] = set()
        for party in parties:
            people = self._of(case, party)
            while not people and party in INSTEAD:
                party = INSTEAD[party]
                people = self._of(case, party)
            found |= people
        return found

    def _of(self, case: Any, party: str) -> set[int]:
        match party:
            case "owner":
                return self._here(case.owner_id) if case.owner_id else set()
            case "deputy":
                deputy = self.deputies.get(case.owner_id)
                return {deputy} - self.gone if deputy else set()
            case "account_owner":
                return self._here(case.account_owner) if case.account_owner else set()
            case "director":
                return set().union(*self.holders.get("director", {}).values())
            case "manager" | "technical" | "quality" | "dispatcher":
                return self._nearest(case.team_id, party)
        return set()

    def _here(self, person: int) -> set[int]:
        """The person, or the deputy of one who left."""
        stands_in = self.deputies.get(person) if person in self.gone else person
        return set() if stands_in is None or stands_in in self.gone else {stands_in}

    def _nearest(self, team: int | None, post: str) -> set[int]:
        """Who holds the post in the team, or in the nearest team above that has somebody."""
        seen: set[int] = set()
        while team is not None and team not in seen:
            if people := self.holders.get(post, {}).get(team):
                return people
            seen.add(team)
            team = self.parents.get(team)
        return set()
