"""Telling people in time: the sweep over clocks that have come to a moment of which nobody was told.

It asks for due rows only, by their index, folds nothing, and tells each moment once: a clock remembers how far it was
told, and the table of notices refuses the same notice twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

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
        for case in Case.objects.filter(pk__in={row.case_id for row in due}).only(
            "id", "owner_id", "team_id", "told_share"
        )
    }
    escalation = promised_now().escalation
    people = _People.present()
    by_case: dict[int, list[CaseClock]] = {}
    for row in due:
        by_case.setdefault(row.case_id, []).append(row)
    notices: list[CaseNotice] = []
    for key, clocks in by_case.items():
        notices += _tell(cases[key], clocks, escalation, people, now)
    CaseClock.objects.bulk_update(due, ["told_share", "next_moment_at"], batch_size=250)
    raised = [case for case in cases.values() if case.told_share]
    Case.objects.bulk_update(raised, ["told_share"], batch_size=400)
    CaseNotice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)
    return Swept(len(due), len(notices))


def _tell(
    case: Case,
    clocks: list[CaseClock],
    escalation: Mapping[int, tuple[str, ...]],
    people: _People,
    now: datetime,
) -> list[CaseNotice]:
    """The notices about one case; its clocks and itself remember how far they were told."""
    told_of_case = case.told_share
    known = []
    for row in clocks:
        moments = moments_kept(row)
        share = reached(moments, now)
        known.append((row.kind, row.told_share, share))
        row.told_share = max(row.told_share, share)
        row.next_moment_at = first_after(moments, row.told_share)
        case.told_share = max(case.told_share, row.told_share)
    by_kind = {row.kind: row for row in clocks}
    notices = []
    for news in tellings(told_of_case, known):
        row = by_kind[news.kind]
        before = next(told for kind, told, _share in known if kind == news.kind)
        # Several moments may have come at once, after a night without a worker: all their people hear of the last.
        posts = {post for share, to in escalation.items() if before < share <= news.share for post in to}
        notices += [
            CaseNotice(
                case=case, recipient_id=person, kind=row.kind, run=row.run, share=news.share, due_at=row.due_at, at=now
            )
            for person in sorted(people.told(case, posts))
        ]  # fmt: skip
    return notices


@dataclass
class _People:
    """Who is there to be told, read once a batch: the tree of teams, managers by team, directors, who works here."""

    parents: dict[int, int | None]
    managers: dict[int | None, set[int]] = field(default_factory=dict)
    directors: set[int] = field(default_factory=set)
    gone: dict[int, int | None] = field(default_factory=dict)

    @classmethod
    def present(cls) -> _People:
        found = cls(dict(Team.objects.values_list("id", "parent_id")))
        posts = UserRole.objects.filter(role__in=("manager", "director"), user__is_active=True)
        for person, role, team in posts.values_list("user_id", "role", "user__team_id"):
            if role == "director":
                found.directors.add(person)
            else:
                found.managers.setdefault(team, set()).add(person)
        found.gone = dict(User.objects.filter(is_active=False).values_list("id", "deputy_id"))
        return found

    def told(self, case: Case, posts: Iterable[str]) -> set[int]:
        """The persons for these posts. Where nobody holds one, the next one up hears of it: a warning is never lost."""
        found: set[int] = set()
        for post in posts:
            chain = ("owner", "manager", "director")
            for up in chain[chain.index(post) if post in chain else 0 :]:
                people = self._of(case, up)
                if people:
                    found |= people
                    break
        return found

    def _of(self, case: Case, post: str) -> set[int]:
        if post == "director":
            return self.directors
        if post == "manager":
            return self._managers_of(case.team_id)
        owner = case.owner_id
        if owner in self.gone:
            owner = self.gone[owner]
        return set() if owner is None or owner in self.gone else {owner}

    def _managers_of(self, team: int | None) -> set[int]:
        """The managers of the team, or of the nearest team above that has some."""
        seen: set[int] = set()
        while team is not None and team not in seen:
            if self.managers.get(team):
                return self.managers[team]
            seen.add(team)
            team = self.parents.get(team)
        return set()
