"""Reading customers and what hangs on them. Every read starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, StringAgg, Subquery, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404
from django.utils.translation import get_language

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed, Scope
from bihuan.people.access import STAFF

from .access import reach
from .facts_catalogue import SECTIONS, fact_class, fact_label, fact_unit, section_label
from .models import (
    Contact,
    Customer,
    CustomerCompetitor,
    CustomerFact,
    CustomerRelation,
    CustomerTag,
    Site,
    Tag,
)
from .records import CONTACT, CUSTOMER, SITE
from .rules import Part, completeness, missing_parts

# Between labels that one query brings as one text; not typed by anybody.
SEPARATOR = "\x1f"
MOST_OPTIONS = 200


def customers_visible_to(actor: Actor, action: str = "view") -> QuerySet[Customer]:
    """The customers an actor reaches, without those that were merged away."""
    return CUSTOMER.visible_to(actor, action).filter(merged_into=None)


def get_customer(actor: Actor, identity: int, action: str = "view") -> Customer:
    """The customer with all that its page's head needs, in one query. 404 for somebody else's."""
    row: Customer | None = (
        CUSTOMER.visible_to(actor)
        .filter(pk=identity)
        .select_related("owner_a", "owner_b", "team")
        .annotate(tag_text=tag_text(), **_around())
        .first()
    )
    if row is None:
        raise Http404("customer")
    if action != "view" and not CUSTOMER.visible_to(actor, action).filter(pk=identity).exists():
        raise NotAllowed("customer", action)
    return row


def _around() -> dict[str, Any]:
    """What completeness asks of the rows around a customer."""
    people = Contact.objects.filter(customer=OuterRef("pk"), is_active=True)
    return {
        "has_contact": Exists(people),
        "has_decider": Exists(people.filter(chain_role=Contact.ChainRole.DECIDER)),
        "has_site": Exists(Site.objects.filter(customer=OuterRef("pk"))),
    }


def completeness_values(row: Customer) -> dict[str, Any]:
    """What `rules.completeness` asks for, of a customer from `get_customer`."""
    fields = {name: getattr(row, name) for name in (
        "credit_code", "industry", "kind", "region", "city", "address", "phone", "email", "owner_a_id", "owner_b_id",
    )}  # fmt: skip
    around = {name: getattr(row, f"has_{name}") for name in ("contact", "decider", "site")}
    return {**fields, **around}


def complete_of(row: Customer) -> tuple[int, list[Part]]:
    """How complete a customer from `get_customer` is, and what is missing."""
    values = completeness_values(row)
    return completeness(values), missing_parts(values)


def tag_text() -> Subquery:
    """The labels of a customer's tags in the reader's language, as one text; None without tags."""
    english = (get_language() or "").startswith("en")
    label: Any = Coalesce(NullIf("tag__label_en", Value("")), "tag__label") if english else "tag__label"
    rows = (
        CustomerTag.objects.filter(customer=OuterRef("pk"))
        .order_by()
        .values("customer")
        .annotate(text=StringAgg(label, delimiter=Value(SEPARATOR)))
        .values("text")
    )
    return Subquery(rows)


def split_tags(text: str | None) -> list[str]:
    return sorted(text.split(SEPARATOR)) if text else []


def contacts_of(actor: Actor, customer: Customer) -> list[Contact]:
    """The persons in the order of the decision chain; those who left come last."""
    order = {role: place for place, role in enumerate(Contact.ChainRole.values)}
    rows = CONTACT.visible_to(actor).filter(customer=customer)[:200]
    return sorted(
        rows,
        key=lambda one: (not one.is_active, not one.is_primary, order.get(one.chain_role, 99), one.pk),
    )


def sites_of(actor: Actor, customer: Customer) -> list[Site]:
    return list(SITE.visible_to(actor).filter(customer=customer).order_by("name", "id")[:50])


@dataclass(frozen=True, slots=True)
class Kin:
    """A relation seen from one customer: what the other one is to it."""

    relation: CustomerRelation
    other: Customer
    says: str


def relations_of(actor: Actor, customer: Customer) -> list[Kin]:
    """Group, agents, same owners, in both directions. A customer that the actor may not see is not named."""
    scope = actor.scope("customer")
    if scope is Scope.NONE:
        return []
    out, back = Q(customer=customer), Q(other=customer)
    if scope is not Scope.ALL:
        out, back = out & reach(actor, scope, "other__"), back & reach(actor, scope, "customer__")
    rows = CustomerRelation.objects.filter(out | back).select_related("customer", "other")
    rows = rows.order_by("kind", "id")[:50]
    found = []
    for row in rows:
        outward = row.customer_id == customer.pk
        other = row.other if outward else row.customer
        found.append(Kin(row, other, f"{row.kind}_{'of' if outward else 'by'}"))
    return found


def competitors_of(customer: Customer) -> list[CustomerCompetitor]:
    """Who else sells to the customer; commercial, which the caller has asked for."""
    rows = CustomerCompetitor.objects.filter(customer=customer).select_related("competitor")
    return sorted(rows[:50], key=lambda one: (-(one.share_percent or 0), one.pk))


@dataclass(frozen=True, slots=True)
class Fact:
    row: CustomerFact
    label: Any
    unit: Any
    field_class: FieldClass

    @property
    def value(self) -> Any:
        return self.row.value


@dataclass(frozen=True, slots=True)
class FactSection:
    code: str
    label: Any
    facts: list[Fact]


def facts_of(actor: Actor, customer: Customer) -> list[FactSection]:
    """The newest value of each fact that the actor may see, by section. One query."""
    classes = actor.classes("customer")
    newest: dict[str, CustomerFact] = {}
    for row in CustomerFact.objects.filter(customer=customer).order_by("as_of", "id")[:1000]:
        if fact_class(row.section, row.name) in classes:
            newest[row.name] = row
    places = {section: place for place, section in enumerate(SECTIONS)}
    sections: dict[str, list[Fact]] = {}
    for row in newest.values():
        fact = Fact(row, fact_label(row.name), fact_unit(row.name), fact_class(row.section, row.name))
        sections.setdefault(row.section, []).append(fact)
    return [
        FactSection(code, section_label(code), sorted(sections[code], key=lambda one: str(one.label)))
        for code in sorted(sections, key=lambda code: (places.get(code, 99), code))
    ]


def customers_of(actor: Actor, user_id: int, action: str = "view") -> QuerySet[Customer]:
    """The customers that a person owns as A or B, as far as the actor reaches them."""
    owned = Q(owner_a_id=user_id) | Q(owner_b_id=user_id)
    return customers_visible_to(actor, action).filter(owned)


def looks_after_some(actor: Actor) -> bool:
    """Whether the actor is owner A or B of any customer; asked once a request."""
    kept: dict[str, bool] = actor.__dict__.setdefault("_looks_after", {})
    if "some" not in kept:
        kept["some"] = customers_visible_to(actor).filter(reach(actor, Scope.OWN)).exists()
    return kept["some"]


def mine(actor: Actor, rows: QuerySet[Any], path: str = "") -> QuerySet[Any]:
    """What among `rows`, which the actor may see, is the actor's own business: the customers owned as A or B. For who
    owns none, such as a manager, it is all of them. `path` leads to the customer: `customer__`."""
    return rows.filter(reach(actor, Scope.OWN, path)) if looks_after_some(actor) else rows


def changed_at_mine(actor: Actor, since: datetime, limit: int) -> list[Customer]:
    """My customers changed since a moment, the latest first."""
    rows = mine(actor, customers_visible_to(actor)).filter(updated_at__gte=since)
    return list(rows.order_by("-updated_at", "-id")[:limit])


# Choices of filters and forms ------------------------------------------------------------------------------------


def choices_of(actor: Actor, name: str) -> list[tuple[str, str]]:
    """The choices of a filter: owner, tag, industry or region. All four come in two queries, once a request."""
    kept: dict[str, list[tuple[str, str]]] = (
        {} if actor.kind == "system" else actor.__dict__.setdefault("_choices", {})
    )
    if not kept:
        kept |= {"owner": [], "tag": [], "industry": [], "region": []}
        for kind, key, label in _names(actor):
            kept[kind].append((str(key), label))
        for kind, word in _words(actor, ("industry", "region")):
            kept[kind].append((word, word))
    return kept[name]


def _names(actor: Actor) -> list[tuple[str, int, str]]:
    """People of whom the actor sees that they are here, those who left behind the others; and tags in the reader's language."""
    label: Any = F("label")
    if (get_language() or "").startswith("en"):
        label = Coalesce(NullIf("label_en", Value("")), "label")
    people = (
        STAFF.visible_to(actor)
        .values_list(Value("owner"), "pk", "name", Value(""))
        .annotate(place=Case(When(is_active=True, then=0), default=1))
    )
    words = Tag.objects.values_list(Value("tag"), "pk", label, "group").annotate(place=Value(2))
    rows = people.union(words, all=True)
    return [row[:3] for row in sorted(rows, key=lambda row: (row[4], row[3], row[2]))]


def words_in_use(actor: Actor, column: str) -> list[str]:
    """The values of a public column (industry, region, kind) at the customers that the actor sees, at most 200."""
    return [word for _column, word in _words(actor, (column,))]


def _words(actor: Actor, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of column and value. Whoever sees all customers gets them by stepping from value to value in the index."""
    if actor.scope("customer") is Scope.ALL:
        return _stepping(columns)
    seen = customers_visible_to(actor)
    parts = [
        seen.exclude(**{column: ""}).order_by().values_list(Value(column), column).distinct()
        for column in columns
    ]
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return sorted(rows)[: MOST_OPTIONS * len(columns)]


def _stepping(columns: Sequence[str]) -> list[tuple[str, str]]:
    table = connection.ops.quote_name(Customer._meta.db_table)
    steps, takes = [], []
    for number, column in enumerate(columns):
        field: Any = Customer._meta.get_field(column)
        name = connection.ops.quote_name(field.column)
        steps.append(
            f"step{number}(word) AS (SELECT (SELECT min({name}) FROM {table} WHERE {name} > '') UNION ALL"
            f" SELECT (SELECT min({name}) FROM {table} WHERE {name} > step{number}.word)"
            f" FROM step{number} WHERE step{number}.word IS NOT NULL)"
        )
        takes.append(f"SELECT {number} AS place, word FROM step{number} WHERE word IS NOT NULL")
    with connection.cursor() as cursor:
        most = MOST_OPTIONS * len(columns)
        cursor.execute(f"WITH RECURSIVE {', '.join(steps)} {' UNION ALL '.join(takes)} LIMIT {most}")
        return [(columns[place], word) for place, word in cursor.fetchall()]
