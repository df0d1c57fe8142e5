"""Reading cases; every read starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import Http404

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor

from .finding.searching import search_cases
from .models import Case, CaseClock, CaseEvent, CaseFile, CaseNotice, GreenRequest
from .records import CASE

MOST_EVENTS = 500
_LAST = "\U0010ffff"


def get_case(actor: Actor, identity: int) -> Case:
    """The case with what its page's head needs; 404 where it is not the actor's to see."""
    row: Case | None = (
        CASE.visible_to(actor)
        .select_related("customer", "contact", "owner", "team", "merged_into")
        .filter(pk=identity)
        .first()
    )
    if row is None:
        raise Http404(identity)
    return row


def may_on(actor: Actor, case: Case, action: str) -> bool:
    """Whether the actor may do that on a case that is seen; asks the database only where the action reaches less far."""
    if actor.scope("case", action) >= actor.scope("case"):
        return True
    return CASE.visible_to(actor, action).filter(pk=case.pk).exists()


def happened_at(case: Case) -> list[CaseEvent]:
    """All that happened, oldest first: what the clocks are folded from."""
    return list(CaseEvent.objects.filter(case=case).order_by("id"))


def readable(actor: Actor, events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Of these the ones whose class the actor may read, newest first."""
    classes = actor.classes("case")
    return [one for one in reversed(events) if one.field_class in classes][:MOST_EVENTS]


def with_taken_in(actor: Actor, case: Case) -> QuerySet[Case]:
    """A case and those that it took in, as far as the actor sees them."""
    taken_in = Q(pk=case.pk) | Q(merged_into=case.pk) | Q(merged_into__merged_into=case.pk)
    rows: QuerySet[Case] = CASE.visible_to(actor).filter(taken_in).order_by()
    return rows


def files_of(actor: Actor, case: Case) -> list[CaseFile]:
    """The files of a case and of those that it took in, newest first, as far as the actor may read them."""
    return list(_files(actor).filter(case__in=with_taken_in(actor, case).values("pk")).order_by("-id"))


def said_in_taken_in(actor: Actor, case: Case, events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """What happened in the cases that this one took in, oldest first, each event with its case; of what the actor may read.
    Asked where there are any."""
    if not any(one.kind == "took_in" for one in events):
        return []
    cases = with_taken_in(actor, case).exclude(pk=case.pk)
    rows = CaseEvent.objects.filter(case__in=cases.values("pk"), field_class__in=list(actor.classes("case")))
    return list(rows.select_related("case__contact", "case__customer").order_by("-id")[:MOST_EVENTS])[::-1]


def get_file(actor: Actor, case_id: int, identity: int) -> CaseFile:
    """A file of a case that the actor sees; 404 for one of a class that is not theirs, or withdrawn."""
    case = get_case(actor, case_id)
    found = _files(actor).filter(pk=identity, case_id=case.pk).first()
    if found is None:
        raise Http404(identity)
    return found


def _files(actor: Actor) -> QuerySet[CaseFile]:
    return CaseFile.objects.filter(field_class__in=list(actor.classes("case")), withdrawn_at=None)


def open_cases_of(actor: Actor, customer: Customer, limit: int = 8) -> list[Case]:
    """A customer's open cases, what is due first on top."""
    rows = CASE.visible_to(actor).filter(customer=customer, closed_at=None).select_related("owner")
    found = list(rows[:200])
    return sorted(found, key=lambda one: (one.next_due_at is None, one.next_due_at or one.opened_at, one.pk))[
        :limit
    ]


def late_case_of(actor: Actor, customer: Customer, moment: Any) -> Case | None:
    """The customer's case that is overdue for longest."""
    rows = CASE.visible_to(actor).filter(customer=customer, closed_at=None, next_due_at__lt=moment)
    return rows.order_by("next_due_at", "id").first()


def cases_of(actor: Actor, customer: Customer, before: Any, limit: int) -> list[Case]:
    """A customer's cases opened before a moment, newest first."""
    rows = CASE.visible_to(actor).filter(customer=customer, opened_at__lt=before)
    return list(rows.order_by("-opened_at", "-id")[:limit])


def splits_of(actor: Actor, case: Case, events: Sequence[CaseEvent]) -> list[Case]:
    """The case that this one was split from and those split off it, as far as the actor sees them. Asked where there are any."""
    if case.split_from_id is None and not any(one.kind == "split_off" for one in events):
        return []
    related = Q(pk=case.split_from_id) | Q(split_from=case.pk)
    return list(CASE.visible_to(actor).filter(related).order_by("id"))


def others_of(actor: Actor, case: Case) -> list[Case]:
    """The customer's other open cases: what a case may be merged into."""
    rows = CASE.visible_to(actor, "edit").filter(customer=case.customer_id, closed_at=None)
    return list(rows.exclude(pk=case.pk).order_by("-opened_at")[:50])


def my_due_cases(actor: Actor, limit: int = 8) -> list[Case]:
    """The cases that I handle, by what is due next; not those of which nothing is due."""
    rows = CASE.visible_to(actor).filter(owner_id=actor.user_id, closed_at=None).select_related("customer")
    return list(rows.filter(next_due_at__isnull=False).order_by("next_due_at", "id")[:limit])


def my_call_backs(actor: Actor, limit: int = 8) -> list[CaseClock]:
    """The call-backs that I promised and have not made, what is due first on top; `tries`: how often nobody was reached."""
    seen = CASE.visible_to(actor).filter(owner_id=actor.user_id, status=Case.Status.SOLVED)
    missed = CaseEvent.objects.filter(case=OuterRef("case"), kind="not_reached").order_by().values("case")
    rows = CaseClock.objects.filter(kind="call_back", stopped_at=None, case__in=seen.order_by().values("pk"))
    rows = rows.annotate(tries=Coalesce(Subquery(missed.annotate(n=Count("*")).values("n")), 0))
    return list(rows.select_related("case__customer", "case__contact").order_by("due_at", "id")[:limit])


def live_notices(actor: Actor) -> QuerySet[CaseNotice]:
    """What I was told of clocks that still run and have not put aside."""
    running = CaseClock.objects.filter(case=OuterRef("case"), kind=OuterRef("kind"), stopped_at=None)
    asked = GreenRequest.objects.filter(case=OuterRef("case"), answer="")
    asked = asked.annotate(told_as=Concat(Value("green."), Cast("pk", CharField()))).filter(
        told_as=OuterRef("kind")
    )
    is_live = Exists(running) | (Q(kind__startswith="green.") & Exists(asked))
    return CaseNotice.objects.filter(is_live, recipient_id=actor.user_id, read_at=None)


def my_notices(actor: Actor, limit: int = 8) -> list[CaseNotice]:
    """Of those, of each clock the last, newest first; of open cases that are mine to see."""
    rows = live_notices(actor)
    last: dict[tuple[int, str], CaseNotice] = {}
    for one in rows.select_related("case__customer", "instead_of").order_by("-at", "-id")[: limit * 5]:
        last.setdefault((one.case_id, one.kind), one)
    if not last:
        return []
    # Of these few, rather than of all cases: what was told may be of a case that is not one's to see any more.
    visible = CASE.visible_to(actor).filter(pk__in={one.case_id for one in last.values()}, closed_at=None)
    seen = set(visible.values_list("pk", flat=True))
    return [one for one in last.values() if one.case_id in seen][:limit]


def numbered(text: str) -> Q:
    """Numbers that begin so; a range, which an index serves on both databases."""
    return Q(number__gte=text, number__lt=text + _LAST)


def find_cases(actor: Actor, text: str, limit: int = 8) -> list[Case]:
    """The newest cases that hold what is typed."""
    rows = search_cases(actor, CASE.visible_to(actor), text)
    return list(rows.select_related("customer").order_by("-opened_at", "-id")[:limit])
