"""Repeated complaints: which cases, by the matrix's windows, ask for an investigation and a special team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from bihuan.kernel.actor import Actor

from .finding.likeness import is_alike, words_in
from .matrix import Past, repeats_of
from .models import Case, Investigation, InvestigationCase
from .promised import Promised, promised_now
from .records import CASE
from .records_investigation import INVESTIGATION
from .references.reading import lots_of

MOST_EARLIER = 400
NO_LOTS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Repeat:
    """A rule that is fulfilled: by customer, lot or defect, how many within how many days; the cases; and, if one of them is
    in an open investigation already, that."""

    by: str
    count: int
    days: int
    cases: list[Case]
    investigation: Investigation | None = None


def repeats_for(actor: Actor, case: Case) -> list[Repeat]:
    """What a complaint repeats, of what the actor sees."""
    promised = promised_now()
    kinds = frozenset().union(*(one.kinds for one in promised.matrix.repeats))
    if case.kind not in kinds or case.merged_into_id is not None:
        return []
    earlier = _complaints(actor, kinds, _since(promised, case.opened_at), case.opened_at, case)
    return _repeats(
        actor, case, earlier, promised, _alike([case, *earlier])[case.pk], _lots(promised, [case, *earlier])
    )


def repeats_lately(actor: Actor, now: datetime, limit: int = 5) -> list[tuple[Case, Repeat]]:
    """The newest complaints that repeat others and are in no investigation yet; of each customer or defect one."""
    promised = promised_now()
    kinds = frozenset().union(*(one.kinds for one in promised.matrix.repeats))
    if not kinds:
        return []
    rows = _complaints(actor, kinds, _since(promised, now), now)
    found: list[tuple[Case, Repeat]] = []
    told: set[int] = set()
    joined = _joined(actor, rows)
    alike = _alike(rows)
    lots = _lots(promised, rows)
    for place, case in enumerate(rows):
        if case.pk in told or case.pk in joined:
            continue
        for one in _repeats(actor, case, rows[place + 1 :], promised, alike[case.pk], lots, joined):
            told.update(other.pk for other in one.cases)
            found.append((case, one))
            break
        if len(found) == limit:
            break
    return found


def _since(promised: Promised, moment: datetime) -> datetime:
    return moment - timedelta(days=max((one.days for one in promised.matrix.repeats), default=0))


def _complaints(
    actor: Actor, kinds: Iterable[str], since: datetime, until: datetime, besides: Case | None = None
) -> list[Case]:
    """Complaints in a window, the newest first."""
    rows = CASE.visible_to(actor).filter(
        kind__in=list(kinds), merged_into=None, opened_at__gte=since, opened_at__lte=until
    )
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    return list(rows.select_related("customer").order_by("-opened_at", "-id")[:MOST_EARLIER])


def _joined(actor: Actor, cases: Iterable[Case]) -> dict[int, int]:
    """Which of these cases are in an investigation, and in which; of all, also of those that the actor does not see."""
    through = InvestigationCase.objects.filter(case__in=[one.pk for one in cases])
    return dict(through.values_list("case_id", "investigation_id"))


def _lots(promised: Promised, cases: Sequence[Case]) -> dict[int, frozenset[str]]:
    """The lots of these cases; asked for only where a rule counts by lot."""
    return lots_of(one.pk for one in cases) if any(one.by == "lot" for one in promised.matrix.repeats) else {}


def _alike(cases: Sequence[Case]) -> dict[int, set[int]]:
    """For each case those behind it in the row that sound like it. By an index of words: most pairs share none."""
    words = {one.pk: words_in(f"{one.title}\n{one.text}") for one in cases}
    having: dict[str, list[int]] = {}
    found: dict[int, set[int]] = {}
    for case in reversed(cases):
        own = words[case.pk]
        shared = Counter(key for word in own for key in having.get(word, ()))
        found[case.pk] = {key for key, count in shared.items() if is_alike(count, len(own), len(words[key]))}
        for word in own:
            having.setdefault(word, []).append(case.pk)
    return found


def _repeats(
    actor: Actor,
    case: Case,
    earlier: list[Case],
    promised: Promised,
    alike: Set[int],
    lots: dict[int, frozenset[str]],
    joined: dict[int, int] | None = None,
) -> list[Repeat]:
    # A second problem that was split off is no complaint that came again.
    earlier = [one for one in earlier if _origin(one) != _origin(case)]
    own_lots = lots.get(case.pk, NO_LOTS)
    same_lot = {one.pk for one in earlier if own_lots & lots.get(one.pk, NO_LOTS)}
    if not alike and not same_lot and not any(one.customer_id == case.customer_id for one in earlier):
        return []
    past = [
        Past(
            one.kind,
            one.opened_at,
            _marks(str(one.customer_id), one.pk in alike, lots.get(one.pk, NO_LOTS)),
        )
        for one in earlier
    ]
    own = Past(case.kind, case.opened_at, _marks(str(case.customer_id), True, own_lots))
    fulfilled = repeats_of(promised.matrix, own, past)
    if not fulfilled:
        return []
    joined = _joined(actor, [case, *earlier]) if joined is None else joined
    found = []
    for rule, mark, count in fulfilled:
        since = case.opened_at - timedelta(days=rule.days)
        cases = [
            one
            for one in earlier
            if one.kind in rule.kinds
            and since <= one.opened_at <= case.opened_at
            and _is_same(rule.by, one, case, alike, mark in lots.get(one.pk, NO_LOTS))
        ]
        keys = {joined[one.pk] for one in cases if one.pk in joined}
        there = INVESTIGATION.visible_to(actor).filter(pk__in=keys, closed_at=None).order_by("-pk").first()
        found.append(Repeat(rule.by, count, rule.days, [case, *cases], there))
    return found


def _origin(case: Case) -> int:
    return case.split_from_id or case.pk


def _is_same(by: str, one: Case, case: Case, alike: Set[int], has_lot: bool) -> bool:
    if by == "lot":
        return has_lot
    return one.customer_id == case.customer_id if by == "customer" else one.pk in alike


def _marks(customer: str, is_alike: bool, lots: frozenset[str]) -> dict[str, frozenset[str]]:
    return {
        "customer": frozenset([customer]),
        "defect": frozenset(["alike"]) if is_alike else frozenset(),
        "lot": lots,
    }
