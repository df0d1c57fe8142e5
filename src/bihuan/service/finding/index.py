"""The words of cases, kept for search in two circles: what whoever sees a case may read, and what is technical.

Words of other classes are not kept at all, nor mail addresses, nor mails that nobody has taken yet. Customers are not in it:
they are found by their own search. Whoever changes the words of a case calls `reindex_cases` in the same transaction; the
steps on a case do so when they settle it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from django.db import transaction

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.search_index import SearchIndex
from bihuan.kernel.search_text import index_text

from ..models import Case, CaseEvent, CaseReference

INDEX = SearchIndex(
    "service_case_search", "case_id", "service_case", ("everybody", "technical"), prefixes="1 2"
)
CHUNK = 500
MOST = 40_000
"""So many characters of a case are kept, the newest of what was said first."""


def circles(actor: Actor) -> int:
    """How many of the index's columns this reader of cases searches."""
    return 2 if FieldClass.TECHNICAL in actor.classes("case") else 1


@transaction.atomic
def reindex_cases(ids: Iterable[int]) -> int:
    """Write these cases' words anew; how many cases were written."""
    return sum(INDEX.write(chunk, index_rows(chunk)) for chunk in batched(ids, CHUNK))


def rebuild_search() -> int:
    """Write the whole index anew; how many cases it holds."""
    with transaction.atomic():
        INDEX.clear()
        return reindex_cases(Case.objects.order_by("id").values_list("id", flat=True).iterator(CHUNK))


def index_rows(
    ids: Sequence[int], case: Any = Case, event: Any = CaseEvent, reference: Any = CaseReference
) -> Iterator[tuple[int, str, str]]:
    """Of each case its key and the words of both circles. Three queries. The models may be those of a migration."""
    said: dict[int, list[tuple[str, str]]] = defaultdict(list)
    events = event.objects.filter(case__in=ids, field_class__in=("public", "technical")).order_by("-id")
    for key, field_class, data in events.values_list("case_id", "field_class", "data"):
        names = [str(one.get("name") or "") for one in data.get("files") or []]
        said[key].append((field_class, " ".join([str(data.get("text") or ""), *names])))
    named: dict[int, list[str]] = defaultdict(list)
    for key, label in reference.objects.filter(case__in=ids).order_by("id").values_list("case_id", "label"):
        named[key].append(label)
    columns = ("id", "number", "title", "text", "solution", "cause")
    for key, number, title, text, solution, cause in case.objects.filter(id__in=ids).values_list(*columns):
        public = [one for field_class, one in said[key] if field_class == "public"]
        technical = [one for field_class, one in said[key] if field_class == "technical"]
        yield key, _words([number, title, *named[key], text, solution, *public]), _words([cause, *technical])


def _words(texts: Iterable[str]) -> str:
    """Each text once, as the index takes it; no more than it holds."""
    kept = "\n".join(dict.fromkeys(one.strip() for one in texts if one.strip()))
    return index_text(kept[:MOST])
