"""The figures of a period: each one statement over what the actor may see, never a loop.

A merged case is not counted: the case that took it in is. A case is solved in the period in which it was solved last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case as Case_
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Upper

from bihuan.kernel.actor import Actor, FieldClass, Scope

from ..access import from_reach
from ..models import Case, CaseClock, CaseEvent, CaseReference, InvestigationAction, QualityCost
from ..promised import promised_now
from ..records import CASE
from ..records_investigation import INVESTIGATION, QUALITY_COST
from ..rules import MUST_NAME_CAUSE
from .micros import Micros
from .period import Period, age_bounds
from .rules import Share, percentile

REPEAT_DAYS = 90
MOST_ACTIONS = 30
MICROS_AN_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the figures are narrowed to; None or empty is all. `teams`: a team and those below it. `product`: the tidied
    code of a product that cases refer to (`kernel.references`)."""

    teams: frozenset[int] | None = None
    kind: str = ""
    tier: str = ""
    product: str = ""

    def on_cases(self, path: str = "") -> Q:
        """A team's cases are those that it handles, and those of its customers."""
        found = Q(
            **{f"{path}{name}": value for name, value in (("kind", self.kind), ("tier", self.tier)) if value}
        )
        if self.product:
            found &= Q(**{f"{path}pk__in": about_product(self.product)})
        if self.teams is None:
            return found
        handled, own = f"{path}team_id__in", f"{path}customer__team_id__in"
        return found & (Q(**{handled: self.teams}) | Q(**{own: self.teams}))

    def __bool__(self) -> bool:
        return bool(self.teams is not None or self.kind or self.tier or self.product)


def about_product(key: str) -> QuerySet[Any]:
    """The keys of the cases that refer to a product."""
    return CaseReference.objects.filter(kind="product", key=key).values("case")


def cases_seen(actor: Actor, narrowed: Narrowed) -> QuerySet[Any]:
    """The cases that count: those in the actor's reach."""
    rows = CASE.visible_to(actor).filter(narrowed.on_cases(), merged_into=None)
    return from_reach(actor, rows).order_by()


def opened_in(period: Period) -> Q:
    return Q(opened_at__gte=period.since_at, opened_at__lt=period.until_at)


def solved_in(period: Period) -> Q:
    return Q(solved_at__gte=period.since_at, solved_at__lt=period.until_at)


def open_at(moment: datetime) -> Q:
    """Open at a past moment, as it was then: opened before, and neither solved nor put away by then. What was solved by
    then and reopened since was not open."""
    reopened_later = CaseEvent.objects.filter(case=OuterRef("pk"), kind="reopened", at__gte=moment)
    reopened_before = CaseEvent.objects.filter(
        case=OuterRef("case"), kind="reopened", at__lt=moment, id__gt=OuterRef("id")
    )
    solved_then = CaseEvent.objects.filter(case=OuterRef("pk"), kind="solved", at__lt=moment).filter(
        ~Exists(reopened_before)
    )
    # Asked alone, this is found by its index; most cases were solved long ago.
    unsolved = Case.objects.filter(Q(solved_at__isnull=True) | Q(solved_at__gte=moment)).order_by()
    return (
        Q(pk__in=unsolved.values("pk"), opened_at__lt=moment)
        & (Q(closed_at__isnull=True) | Q(closed_at__gte=moment))
        & ~(Q(Exists(reopened_later)) & Q(Exists(solved_then)))
    )


@dataclass(frozen=True, slots=True)
class Volumes:
    opened: int
    solved: int
    by_kind: dict[str, int]


def opened_by_kind(rows: QuerySet[Any], period: Period) -> dict[str, int]:
    found = rows.filter(opened_in(period)).values("kind").annotate(n=Count("pk"))
    return dict(found.values_list("kind", "n"))


def ageing(rows: QuerySet[Any], moment: datetime) -> dict[str, int]:
    """Cases open at the moment by how long they had been open, in days of 24 hours."""
    asked = {}
    for name, after, until in age_bounds(moment):
        bounds = Q()
        if after is not None:
            bounds &= Q(opened_at__gt=after)
        if until is not None:
            bounds &= Q(opened_at__lte=until)
        asked[name] = Count("pk", filter=bounds)
    return dict(rows.filter(open_at(moment)).aggregate(**asked))


def ended_in(period: Period) -> Q:
    return Q(stopped_at__gte=period.since_at, stopped_at__lt=period.until_at)


def fell_due_in(period: Period) -> Q:
    """Fell due in the period, and still ran at its end."""
    due = Q(due_at__gte=period.since_at, due_at__lt=period.until_at)
    return due & (Q(stopped_at__isnull=True) | Q(stopped_at__gte=period.until_at))


def on_time(actor: Actor, narrowed: Narrowed, period: Period) -> dict[str, Share]:
    """By kind of clock: of those that ended in the period, or fell due in it and were still running at its end, the kept."""
    clocks = CaseClock.objects.order_by()
    if actor.scope("case") is Scope.ALL and not narrowed:
        # All count but those of the few that were merged: the index of clocks answers, and no case is looked up.
        clocks = clocks.exclude(
            case_id__in=Case.objects.filter(merged_into__isnull=False).order_by().values("pk")
        )
    else:
        clocks = clocks.filter(Exists(cases_seen(actor, narrowed).filter(pk=OuterRef("case_id"))))
    # No clock is in both; apart, each is answered from its own index.
    parts = [
        clocks.filter(found).annotate(is_kept=kept).values("kind", "is_kept").annotate(n=Count("pk"))
        for found, kept in (
            (ended_in(period), Case_(When(is_breached=False, then=1), default=0)),
            (fell_due_in(period), Value(0)),
        )
    ]
    shares: dict[str, Share] = {}
    for kind, is_kept, n in parts[0].union(parts[1], all=True).values_list("kind", "is_kept", "n"):
        known = shares.get(kind, Share(0, 0))
        shares[kind] = Share(known.part + n * is_kept, known.n + n)
    return shares


def causes(actor: Actor, rows: QuerySet[Any], period: Period) -> dict[str, int]:
    """Complaints and objections solved in the period by the cause that was named, in its own words; "" for none yet.

    Causes are technical: nothing for whoever may not read them.
    """
    if FieldClass.TECHNICAL not in actor.classes("case"):
        return {}
    found = rows.filter(solved_in(period), kind__in=sorted(MUST_NAME_CAUSE))
    return dict(found.values("cause").annotate(n=Count("pk")).values_list("cause", "n"))


def cause_costs(actor: Actor, narrowed: Narrowed, period: Period) -> dict[str, Decimal]:
    """Quality cost of cases incurred in the period, by the cause of the case; for who may read both."""
    if FieldClass.TECHNICAL not in actor.classes("case"):
        return {}
    found = _costs(actor, narrowed, period).filter(case__isnull=False)
    seen = found.filter(Exists(cases_seen(actor, narrowed).filter(pk=OuterRef("case_id"))))
    return dict(seen.values("case__cause").annotate(sum=Sum("amount")).values_list("case__cause", "sum"))


def _costs(actor: Actor, narrowed: Narrowed, period: Period) -> QuerySet[Any]:
    if not actor.may("quality_cost", "view", FieldClass.COMMERCIAL):
        return QualityCost.objects.none()
    rows = QUALITY_COST.visible_to(actor).filter(narrowed.on_cases("case__"), incurred_in(period))
    return rows.order_by()


def incurred_in(period: Period) -> Q:
    return Q(incurred_on__gte=period.first, incurred_on__lt=period.until)


def costs(actor: Actor, narrowed: Narrowed, period: Period) -> dict[str, Decimal]:
    """Quality cost of the period by category, reversals taken off; narrowed, only what belongs to a case."""
    sums = _costs(actor, narrowed, period).values("category").annotate(sum=Sum("amount"))
    return dict(sums.values_list("category", "sum"))


def came_before() -> QuerySet[Any]:
    """Of a case: the complaints and objections that its customer had opened within `REPEAT_DAYS` before."""
    return Case.objects.filter(
        Q(opened_at__lt=OuterRef("opened_at")) | Q(opened_at=OuterRef("opened_at"), pk__lt=OuterRef("pk")),
        customer=OuterRef("customer"), kind__in=sorted(MUST_NAME_CAUSE), merged_into=None,
        opened_at__gte=OuterRef("opened_at") - Value(timedelta(days=REPEAT_DAYS)),
    )  # fmt: skip


def reopened() -> QuerySet[Any]:
    """Of a case: how often it was reopened."""
    return CaseEvent.objects.filter(case=OuterRef("pk"), kind="reopened")


def repeats(rows: QuerySet[Any], period: Period) -> Share:
    """Of the complaints and objections opened, those whose customer had opened one within `REPEAT_DAYS` before."""
    found = rows.filter(opened_in(period), kind__in=sorted(MUST_NAME_CAUSE))
    counted = found.aggregate(all=Count("pk"), again=Count("pk", filter=Exists(came_before())))
    return Share(counted["again"], counted["all"])


@dataclass(frozen=True, slots=True)
class Taken:
    """Hours of service from opening to the last solving."""

    median: float | None
    ninety: float | None
    n: int


def time_to_solve(rows: QuerySet[Any], period: Period) -> Taken:
    """Business hours by the calendar of service, pauses included, of the cases solved in the period."""
    matrix = promised_now().matrix
    between = matrix.calendars[matrix.calendar].latest.time.between
    spans = (
        rows.filter(solved_in(period), solved_at__gte=F("opened_at"))
        .annotate(since=Micros("opened_at"), until=Micros("solved_at"))
        .values_list("since", "until")
    )
    hours = [between(since, until) / MICROS_AN_HOUR for since, until in spans.iterator(chunk_size=5_000)]
    return Taken(percentile(hours, 0.5), percentile(hours, 0.9), len(hours))


@dataclass(frozen=True, slots=True)
class Satisfied:
    """`top`: answers of 4 or 5 of all; `mean` on the scale of 1 to 5."""

    top: Share
    mean: Decimal | None


@dataclass(frozen=True, slots=True)
class Solved:
    """Of the cases solved in the period: how many, those never reopened, and what their customers answered."""

    n: int
    first_attempt: Share
    satisfied: Satisfied


def solved(rows: QuerySet[Any], period: Period) -> Solved:
    by_score: dict[int, int] = {}
    n = first = 0
    counted = (
        rows.filter(solved_in(period))
        .values("satisfaction")
        .annotate(n=Count("pk"), first=Count("pk", filter=~Exists(reopened())))
    )
    for score, count, never in counted.values_list("satisfaction", "n", "first"):
        n, first = n + count, first + never
        if score is not None:
            by_score[score] = count
    answers = sum(by_score.values())
    mean = Decimal(sum(score * count for score, count in by_score.items())) / answers if answers else None
    top = Share(by_score.get(4, 0) + by_score.get(5, 0), answers)
    return Solved(n, Share(first, n), Satisfied(top, mean))


@dataclass(frozen=True, slots=True)
class Actions:
    """8D actions not done at the end of the period; `rows`: the ones due first."""

    open: int
    overdue: int
    rows: list[InvestigationAction] = field(default_factory=list)


def actions(actor: Actor, narrowed: Narrowed, until: date, until_at: datetime) -> Actions:
    """Actions of investigations opened before the end of the period, not done by then; overdue: due before then.

    What is to be done is technical: who may not read that gets the counts without the lines.
    """
    seen = INVESTIGATION.visible_to(actor)
    if narrowed.teams is not None:
        seen = seen.filter(team_id__in=narrowed.teams)
    if narrowed.product:
        seen = seen.alias(upper=Upper("product__code")).filter(upper=narrowed.product)
    rows = InvestigationAction.objects.filter(
        Q(done_on__isnull=True) | Q(done_on__gte=until),
        investigation__in=seen.order_by().values("pk"), investigation__opened_at__lt=until_at,
    ).order_by()  # fmt: skip
    counted = rows.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=until)))
    shown: list[InvestigationAction] = []
    if counted["open"] and FieldClass.TECHNICAL in actor.classes("investigation"):
        shown = list(rows.select_related("investigation", "owner").order_by("due_on", "pk")[:MOST_ACTIONS])
    return Actions(counted["open"], counted["overdue"], shown)


@dataclass(frozen=True)
class Figures:
    """All figures of one period."""

    volumes: Volumes
    ageing: dict[str, int]
    on_time: dict[str, Share]
    repeats: Share
    first_attempt: Share
    taken: Taken
    satisfied: Satisfied
    costs: dict[str, Decimal]

    @property
    def open(self) -> int:
        return sum(self.ageing.values())


def figures_of(actor: Actor, narrowed: Narrowed, period: Period, now: datetime) -> Figures:
    """The figures of a period; of one that has not ended, up to now."""
    rows = cases_seen(actor, narrowed)
    by_kind, done = opened_by_kind(rows, period), solved(rows, period)
    return Figures(
        volumes=Volumes(sum(by_kind.values()), done.n, by_kind),
        ageing=ageing(rows, min(period.until_at, now)),
        on_time=on_time(actor, narrowed, period),
        repeats=repeats(rows, period),
        first_attempt=done.first_attempt,
        taken=time_to_solve(rows, period),
        satisfied=done.satisfied,
        costs=costs(actor, narrowed, period),
    )
