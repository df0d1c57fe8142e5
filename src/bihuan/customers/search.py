"""Finding customers by what people type: parts of names, former and short names, pinyin, initials, codes, contacts.

The index has two columns, because not everybody sees contacts: `names` for whoever sees customers, `contacts` (phone
numbers, addresses, persons) for whoever sees that class (`kernel.search_index`). Whoever changes names or contacts
calls `reindex_customers` in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from bihuan.customers.matching.normalise import key_syllables, name_pinyin, pinyin_initials
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.search_index import SearchIndex
from bihuan.kernel.search_text import index_text, phrases

from .models import Contact, Customer, CustomerName

INDEX = SearchIndex("customers_search", "customer_id", Customer._meta.db_table, ("names", "contacts"))
CHUNK = 2000


def searched(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The customers among `rows` that hold everything in `text`; nobody for a text without letters or digits."""
    wanted = phrases(text)
    return rows.filter(INDEX.holding(wanted, _circles(actor))) if wanted else rows.none()


def searched_within(actor: Actor, rows: QuerySet[Any], text: str, most: int) -> QuerySet[Any]:
    """As `searched`, but only of the first `most` customers in the index, whatever their order: enough to know that
    there are many."""
    wanted = phrases(text)
    return rows.filter(INDEX.holding_within(wanted, _circles(actor), most)) if wanted else rows.none()


def _circles(actor: Actor) -> int:
    """Whether words of contacts count: they are of customers and of contacts, so both must be within reach."""
    both = ("customer", "contact")
    reaches = actor.scope("contact") >= actor.scope("customer")
    return 2 if reaches and all(FieldClass.CONTACT in actor.classes(one) for one in both) else 1


@transaction.atomic
def reindex_customers(ids: Iterable[int]) -> int:
    """Write these customers' index anew (and drop it for those that are gone); how many were written."""
    written = 0
    for chunk in batched(ids, CHUNK):
        written += INDEX.write(chunk, _index_rows(chunk))
    return written


def rebuild_search() -> int:
    """Write the whole index anew; how many customers it holds."""
    with transaction.atomic():
        INDEX.clear()
        ids = Customer.objects.order_by("id").values_list("id", flat=True).iterator(CHUNK)
        return reindex_customers(ids)


def _index_rows(ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    names: dict[int, list[str]] = defaultdict(list)
    contacts: dict[int, list[str]] = defaultdict(list)
    for customer, name in CustomerName.objects.filter(customer__in=ids).values_list("customer_id", "name"):
        names[customer].append(name)
    people = Contact.objects.filter(customer__in=ids).values_list(
        "customer_id", "name", "phone", "email", "wechat"
    )
    for customer, *parts in people:
        contacts[customer] += [part for part in parts if part]
    # Who was merged into a customer is found as that customer: by its names, its number, its code.
    merged: dict[int, list[str]] = defaultdict(list)
    gone = Customer.objects.filter(merged_into__in=ids).values_list(
        "merged_into_id", "name", "short_name", "name_en", "external_id", "credit_code"
    )
    for customer, name, short, *others in gone:
        names[customer] += [part for part in (name, short) if part]
        merged[customer] += [part for part in others if part]
    fields = (
        "id",
        "name",
        "name_key",
        "initials",
        "short_name",
        "name_en",
        "external_id",
        "credit_code",
        "phone",
        "email",
        "address",
    )
    rows = Customer.objects.filter(id__in=ids).values_list(*fields)
    for key, name, name_key, initials, short, english, external, code, *reach in rows:
        called = [str(part) for part in (short, *names[key]) if part]
        words = [index_text(part) for part in (name, *called, english, external, code, *merged[key]) if part]
        # What is stored beside the name is not worked out once more.
        words += _sounds(
            key_syllables(name_key) or name_pinyin(name or "").split(),
            initials or pinyin_initials(name or ""),
        )
        for part in called:
            words += _sounds(name_pinyin(part).split(), pinyin_initials(part))
        yield (
            key,
            " ".join(words),
            " ".join(index_text(part) for part in (*contacts[key], *(part for part in reach if part))),
        )


def _sounds(syllables: Sequence[str], initials: str) -> Iterator[str]:
    """Pinyin and initials from every syllable on: 三木 gives sanmu, mu and sm, m, each found by its beginning."""
    for place in range(len(syllables)):
        yield "".join(syllables[place:])
    for place in range(min(len(initials) - 1, 12)):
        yield initials[place:]
