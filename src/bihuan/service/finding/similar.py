"""Cases like another one, and cases that may be the one that is being written down; of what the actor may see.

Who comes into question is asked of the database in sets (the words' index, the same lot or order, the customer's newest); only
those few are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.references import tidy_key

from ..models import Case, CaseReference, InvestigationCase
from ..records import CASE
from ..records_investigation import INVESTIGATION
from ..references.reading import pieces_of
from .index import INDEX
from .likeness import (
    SAME_GOODS,
    Likeness,
    Traits,
    is_likely_the_same,
    is_similar,
    likeness,
    said_words,
    words_in,
)

MOST_WORDS = 40
NEWEST_OF_WORD = 200
MOST_ASKED = 200
MOST_OF_CUSTOMER = 100
MOST_NAMED = 30
RECENT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Similar:
    """A case that is like another, and why; `said`: the words that both have."""

    case: Case
    likeness: Likeness
    said: list[str]


def text_of(case: Case) -> str:
    return f"{case.title}\n{case.text}"


def similar_cases(actor: Actor, case: Case, limit: int = 5) -> list[Similar]:
    """The cases most like this one, the likest first, of equal ones the newest. Merged ones speak through their survivor."""
    text = text_of(case)
    words = words_in(text)
    own = list(CaseReference.objects.filter(case=case).values_list("kind", "key"))
    asked = set(INDEX.newest_with(list(words)[:MOST_WORDS], NEWEST_OF_WORD, MOST_ASKED))
    near = [_of_customer(case.customer_id), _of_investigation(actor, case)]
    if (goods := _with_goods(own)) is not None:
        near.append(goods.values_list("case_id", flat=True)[:MOST_ASKED])
    asked |= _keys(near)
    asked -= {case.pk, case.split_from_id, case.merged_into_id}
    rows = list(
        CASE.visible_to(actor)
        .filter(pk__in=asked, merged_into=None)
        .exclude(split_from=case.pk)
        .select_related("customer")
    )
    if not rows:
        return []
    things = _things(actor, [case, *rows])
    traits = Traits(case.customer_id, words, things[case.pk])
    found = []
    for one in rows:
        like = likeness(traits, Traits(one.customer_id, words_in(text_of(one)), things[one.pk]))
        if is_similar(like):
            found.append(Similar(one, like, said_words(text, like.words)))
    return _likest(found, limit)


def likely_the_same(
    actor: Actor, customer: int | None, text: str, references: str, now: datetime, limit: int = 3
) -> list[Similar]:
    """Open cases, and those of the last two months, that what is being written may be about: of the same lot, order or
    shipment, or of the same customer in like words. None as long as neither is known."""
    goods = _goods_named(references)
    asked = {key for key, _kind, _name in goods}
    if customer is not None:
        asked |= set(_of_customer(customer))
    if not asked:
        return []
    rows = list(
        CASE.visible_to(actor)
        .filter(Q(closed_at=None) | Q(opened_at__gte=now - RECENT), pk__in=asked, merged_into=None)
        .select_related("customer")
    )
    by_case: dict[int, dict[str, frozenset[str]]] = defaultdict(dict)
    named: dict[str, frozenset[str]] = {}
    for key, kind, name in goods:
        for things in (by_case[key], named):
            things[kind] = things.get(kind, frozenset()) | {name}
    words = words_in(text)
    draft = Traits(customer, words, named)
    found = []
    for one in rows:
        like = likeness(draft, Traits(one.customer_id, words_in(text_of(one)), by_case[one.pk]))
        if is_likely_the_same(like, len(words)) and (one.closed_at is None or like.points > LEAST_OF_CLOSED):
            found.append(Similar(one, like, said_words(text, like.words)))
    return _likest(found, limit)


LEAST_OF_CLOSED = 10
"""A closed case must have more in common with what is written than its customer."""


def _likest(found: list[Similar], limit: int) -> list[Similar]:
    return sorted(
        found, key=lambda one: (one.likeness.points, one.case.opened_at, one.case.pk), reverse=True
    )[:limit]


def _with_goods(wanted: Iterable[tuple[str, str]]) -> QuerySet[CaseReference] | None:
    """The references to these, the newest first; products are too common to ask by."""
    named = [Q(kind=kind, key=key) for kind, key in wanted if kind in SAME_GOODS]
    if not named:
        return None
    any_of = Q()
    for one in named:
        any_of |= one
    return CaseReference.objects.filter(any_of).order_by("-case_id")


def _goods_named(line: str) -> list[tuple[int, str, str]]:
    keys = sorted({tidy_key(one) for one in pieces_of(line)})[:MOST_NAMED]
    rows = _with_goods((kind, key) for key in keys for kind in sorted(SAME_GOODS))
    return [] if rows is None else list(rows.values_list("case_id", "kind", "key")[:MOST_ASKED])


def _of_customer(customer: int) -> QuerySet[Any, Any]:
    rows = Case.objects.filter(customer=customer).order_by("-opened_at")
    return rows.values_list("pk", flat=True)[:MOST_OF_CUSTOMER]


def _of_investigation(actor: Actor, case: Case) -> QuerySet[Any, Any]:
    """The cases of the same investigation and of those into the same defect, as far as the actor sees them."""
    seen = INVESTIGATION.visible_to(actor).order_by()
    alike = Q(joined__case=case)
    if FieldClass.TECHNICAL in actor.classes("investigation"):
        defects = seen.filter(joined__case=case).exclude(defect="")
        alike |= Q(defect__in=defects.values("defect"))
    rows = InvestigationCase.objects.filter(investigation__in=seen.filter(alike).values("pk"))
    return rows.order_by("-pk").values_list("case_id", flat=True)[:MOST_ASKED]


def _keys(parts: Sequence[QuerySet[Any, Any]]) -> set[int]:
    """The keys of all these; one query. Each is cut off on its own, which SQLite takes only a layer further in."""
    rows = [Case.objects.filter(pk__in=one).order_by().values_list("pk", flat=True) for one in parts]
    return set(rows[0].union(*rows[1:], all=True))


def _things(actor: Actor, cases: Sequence[Case]) -> dict[int, dict[str, frozenset[str]]]:
    """Of each case what it refers to, its investigation and that one's defect, as far as the actor sees them. Two queries."""
    kept: dict[int, dict[str, set[str]]] = {one.pk: defaultdict(set) for one in cases}
    for key, kind, name in CaseReference.objects.filter(case__in=kept).values_list("case_id", "kind", "key"):
        kept[key][kind].add(name)
    joined: Any = INVESTIGATION.visible_to(actor).filter(joined__case__in=kept)
    is_technical = FieldClass.TECHNICAL in actor.classes("investigation")
    for key, number, defect in joined.values_list("joined__case", "pk", "defect"):
        kept[key]["investigation"].add(str(number))
        if defect and is_technical:
            kept[key]["defect"].add(tidy_key(defect))
    return {key: {kind: frozenset(names) for kind, names in things.items()} for key, things in kept.items()}
