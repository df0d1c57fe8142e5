"""Reading duplicates: only clusters of which the actor sees every member exist for that actor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.customers.access import customers_within
from bihuan.customers.models import Contact, DuplicateCluster, DuplicateMember, DuplicatePair, Merge
from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.pages.values import NOTHING, write
from bihuan.kernel.records import FieldSpec, RecordSpec, records

from .merging import MERGEABLE, members_within
from .references import references_to

# Where no room has declared the field: what a phone number is to a customer's record.
_CLASSES = {
    "phone": FieldClass.CONTACT, "email": FieldClass.CONTACT, "wechat": FieldClass.CONTACT, "address": FieldClass.CONTACT,
    "note": FieldClass.COMMERCIAL,
}  # fmt: skip

_LABELS = {"team": _("Team"), "customer": _("Customer"), "place": _("Place in the name")}
# What is said of two fields, and the tone of its chip; of one that is missing on a side nothing is said.
AGREEMENT = {
    "equal": (_("the same"), "ok"),
    "similar": (_("alike"), "yellow"),
    "differs": (_("differs"), "orange"),
}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field side by side: values in the order of the members, as they are written, and whether they differ."""

    name: str
    label: str
    values: tuple[Any, ...]
    shown: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Review:
    """A cluster laid open for a person: members, fields side by side, pairs with their evidence, and what hangs on whom.

    references: per member, how many rows of each table refer to it. suggested: the member that would survive.
    """

    cluster: DuplicateCluster
    members: list[Any]
    fields: list[FieldRow]
    pairs: list[DuplicatePair]
    references: dict[int, Counter[str]]
    suggested: int


def clusters_visible_to(actor: Actor, action: str = "view") -> QuerySet[DuplicateCluster]:
    """Clusters all of whose members are there and within the actor's reach: an import that is taken back takes records out of
    clusters that wait."""
    scope = actor.scope("duplicate", action)
    rows = DuplicateCluster.objects.all()
    if scope is Scope.NONE:
        return rows.none()
    customers = customers_within(actor, "duplicate", action).values("pk")
    contacts = Contact.objects.filter(customer__in=customers).values("pk")
    members = DuplicateMember.objects.filter(cluster=OuterRef("pk"))
    return rows.filter(
        Q(profile="company") & ~Exists(members.exclude(object_id__in=customers))
        | Q(profile="person") & ~Exists(members.exclude(object_id__in=contacts))
    )


def open_clusters(actor: Actor, profile: str | None = None) -> QuerySet[DuplicateCluster]:
    """What waits for a decision, the surest first."""
    rows = clusters_visible_to(actor).filter(state=DuplicateCluster.State.OPEN)
    if profile:
        rows = rows.filter(profile=profile)
    return rows.order_by("-is_certain", "-probability", "pk")


def get_cluster(actor: Actor, cluster_id: int) -> DuplicateCluster:
    """One cluster; DoesNotExist where the actor does not see it."""
    return clusters_visible_to(actor).get(pk=cluster_id)


def member_named(cluster: DuplicateCluster, name: str) -> int:
    """A member by its external id or number; DoesNotExist of DuplicateMember where there is none such."""
    model: Any = MERGEABLE[cluster.profile].model
    ids = list(cluster.members.values_list("object_id", flat=True))
    rows = model.objects.filter(pk__in=ids)
    found = rows.filter(external_id=name).first() or (
        rows.filter(pk=int(name)).first() if name.isdigit() else None
    )
    if found is None:
        raise DuplicateMember.DoesNotExist
    return int(found.pk)


def _class_of(spec: RecordSpec | None, name: str) -> FieldClass:
    known = spec.by_name.get(name) if spec else None
    return known.field_class if known else _CLASSES.get(name, FieldClass.PUBLIC)


def _written(field: FieldSpec | None, value: Any) -> str:
    """A value as its reader knows it: a choice by its name, a date as everywhere."""
    if value is None or field is None:
        return "" if value is None else str(value)
    if isinstance(value, Model):
        return str(value)
    text = write(field.kind, value, field.choices() if field.choices else None)
    return "" if text == NOTHING else text


def review(actor: Actor, cluster_id: int) -> Review:
    """A cluster side by side, of the fields that the actor may see. DoesNotExist where it is not visible."""
    cluster = get_cluster(actor, cluster_id)
    kind = MERGEABLE[cluster.profile]
    ids = list(cluster.members.order_by("object_id").values_list("object_id", flat=True))
    found = members_within(actor, cluster.profile, ids, "duplicate", "view")
    members = [found[one] for one in ids]
    object_name = "customer" if cluster.profile == "company" else "contact"
    classes = actor.classes(object_name) if actor.kind != "system" else frozenset(FieldClass)
    spec = records.get(object_name)
    fields = []
    for name in kind.fields:
        bare = name.removesuffix("_id")
        if _class_of(spec, bare) not in classes:
            continue
        known = spec.by_name.get(bare) if spec else None
        values = tuple(getattr(one, bare) for one in members)
        fields.append(
            FieldRow(
                name,
                _label_of(spec, bare),
                values,
                tuple(_written(known, one) for one in values),
                len(set(map(str, values))) > 1,
            )
        )
    counted: dict[int, Counter[str]] = {one: Counter() for one in ids}
    for reference in references_to(kind.model):
        for rows in reference.rows(ids):
            for source in rows.values_list(reference.column, flat=True):
                counted[source][reference.table] += 1
    suggested = min(ids, key=lambda one: (-counted[one].total(), one))
    pairs = list(cluster.pairs.order_by("-probability"))
    for pair in pairs:  # that two telephone numbers are the same is said only to whoever may read them
        pair.evidence = {
            name: said for name, said in pair.evidence.items() if _class_of(spec, name) in classes
        }
    return Review(cluster, members, fields, pairs, counted, suggested)


def why_alike(pairs: Sequence[DuplicatePair], members: Sequence[Any]) -> list[dict[str, Any]]:
    """Each pair in words, the likest first: its two members, per cent, and (label, agreement, tone) a field."""
    by_id = {one.pk: one for one in members}
    spec = records.get("contact" if members and isinstance(members[0], Contact) else "customer")
    return [
        {
            "a": by_id[pair.a_id],
            "b": by_id[pair.b_id],
            "percent": round(pair.probability * 100, 1),
            "fields": [
                (_label_of(spec, name), *AGREEMENT[said])
                for name, said in pair.evidence.items()
                if said in AGREEMENT
            ],
        }
        for pair in pairs
        if pair.a_id in by_id and pair.b_id in by_id
    ]


def _label_of(spec: RecordSpec | None, name: str) -> str:
    known = spec.by_name.get(name) if spec else None
    return str(known.label if known else _LABELS.get(name, name))


def merges_visible_to(actor: Actor) -> QuerySet[Merge]:
    """Merges whose survivor the actor reaches, latest first."""
    rows = Merge.objects.order_by("-merged_at", "-pk")
    scope = actor.scope("duplicate", "view")
    if scope is Scope.NONE:
        return rows.none()
    if scope is Scope.ALL:
        return rows
    customers = customers_within(actor, "duplicate", "view")
    contacts = Contact.objects.filter(customer__in=customers)
    return rows.filter(
        Q(profile="company", winner_id__in=customers.values("pk"))
        | Q(profile="person", winner_id__in=contacts.values("pk"))
    )
