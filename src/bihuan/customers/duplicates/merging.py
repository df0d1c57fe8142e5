"""Merging: many records become one. Everything that refers to the losers moves, as sets; the losers stay as pointers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from bihuan.audit.services import entry_for, record_many
from bihuan.customers.access import customers_within
from bihuan.customers.models import (
    Contact,
    Customer,
    DuplicateCluster,
    DuplicateMember,
    Merge,
    MergeMove,
)
from bihuan.customers.services.settling import settle
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.analytics.changes import mark_all_changed
from bihuan.kernel.outbox import publish

from .derived import derived_columns
from .references import movable, references_to

_IDS_A_ROW = 2000
# What the lake holds by customer. A merge concerns rows of any month.
DATASETS = ("customers", "customer_facts", "order_lines", "payments", "receivables")


@dataclass(frozen=True)
class Mergeable:
    """A kind of record that can be merged: its model, the fields whose surviving value can be chosen, what marks a pointer."""

    model: type[Model]
    fields: tuple[str, ...]
    pointer: str


COMPANY = Mergeable(
    Customer,
    (
        "name", "short_name", "name_en", "credit_code", "status", "industry", "kind", "country", "region", "city", "address", "phone",
        "email", "website", "customer_since", "note", "owner_a_id", "owner_b_id", "team_id", "verified_on",
    ),
    "merged_into_id",
)  # fmt: skip
PERSON = Mergeable(
    Contact,
    ("name", "title", "chain_role", "phone", "email", "wechat", "is_primary", "note", "customer_id"),
    "",
)
MERGEABLE = {"company": COMPANY, "person": PERSON}


class MergeRefused(ValueError):
    """The merge or its undo makes no sense as asked; the text says why. Nothing was changed."""

    is_refusal = True


def members_within(
    actor: Actor, profile: str, ids: Sequence[int], object_name: str, action: str
) -> dict[int, Any]:
    """The records by id. Raises the model's DoesNotExist unless the actor reaches all of them."""
    customers = customers_within(actor, object_name, action)
    if profile == "company":
        rows: Any = customers.filter(pk__in=ids)
    else:
        rows = Contact.objects.filter(pk__in=ids, customer__in=customers)
    found = {row.pk: row for row in rows}
    if set(ids) - set(found):
        raise MERGEABLE[profile].model.DoesNotExist  # type: ignore[attr-defined]
    return found


@transaction.atomic
def merge_records(
    *,
    actor: Actor,
    profile: str,
    winner_id: int,
    loser_ids: Sequence[int],
    choices: Mapping[str, int] | None = None,
    cluster: DuplicateCluster | None = None,
    now: datetime,
) -> Merge:
    """Merge the losers into the winner.

    profile: company (customers) or person (contacts). choices: field → id of the member whose value survives; fields
    that are not named keep the winner's value, and blank ones are filled from the losers in their order. External
    ids stay where they are. Raises MergeRefused, NotAllowed, and DoesNotExist for what the actor does not reach.
    """
    require(actor, "duplicate", "merge")
    losers = [one for one in dict.fromkeys(loser_ids) if one != winner_id]
    if not losers:
        raise MergeRefused(_("At least two records are needed."))
    kind = MERGEABLE[profile]
    members = members_within(actor, profile, [winner_id, *losers], "duplicate", "merge")
    list(kind.model._default_manager.select_for_update().filter(pk__in=members).values_list("pk"))
    winner = members[winner_id]
    if kind.pointer and any(getattr(one, kind.pointer) is not None for one in members.values()):
        raise MergeRefused(_("One of the records was merged already."))
    before, after = _values(kind, members, winner_id, losers, choices or {})
    merge = Merge.objects.create(
        profile=profile, winner_id=winner_id, loser_ids=losers, cluster=cluster, merged_at=now, merged_by=actor.name[:120],
        values_before=_plain(before), values_after=_plain(after),
    )  # fmt: skip
    moved = _move(merge, kind, winner_id, losers)
    for name, value in after.items():
        setattr(winner, name, value)
    _save(winner, after, now)
    for one in losers:
        loser = members[one]
        if kind.pointer:
            setattr(loser, kind.pointer, winner_id)
            _save(loser, {kind.pointer: winner_id}, now)
        else:
            loser.is_active = False
            _save(loser, {"is_active": False}, now)
    _close_clusters(profile, winner_id, losers, actor, now)
    around = (
        set(members)
        if kind is COMPANY
        else {winner.customer_id, *(one.customer_id for one in members.values())}
    )
    settle(around, now=now, index=True, touch=False)
    record_many(
        [
            entry_for(actor, now, "duplicate.merge", winner, before=merge.values_before, after=merge.values_after | {"merged": [str(members[one]) for one in losers], "moved": moved}),
            *(entry_for(actor, now, "duplicate.merged_into", members[one], after={"into": str(winner), "id": winner_id}) for one in losers),
        ]
    )  # fmt: skip
    mark_all_changed(DATASETS, now=now)
    publish(
        f"{kind.model._meta.model_name}.merged",
        {"merge": merge.pk, "winner": winner_id, "losers": losers},
        now=now,
    )
    return merge


def merge_cluster(
    *,
    actor: Actor,
    cluster_id: int,
    winner_id: int | None = None,
    choices: Mapping[str, int] | None = None,
    now: datetime,
) -> Merge:
    """Merge all members of an open cluster. Without a winner the record that is referred to most survives."""
    from .queries import get_cluster

    cluster = get_cluster(actor, cluster_id)
    if cluster.state != DuplicateCluster.State.OPEN:
        raise MergeRefused(_("These duplicates were dealt with already."))
    ids = sorted(cluster.members.values_list("object_id", flat=True))
    winner = winner_id if winner_id is not None else best_winner(cluster.profile, ids)
    if winner not in ids:
        raise MergeRefused(_("The survivor must be one of the duplicates."))
    return merge_records(
        actor=actor, profile=cluster.profile, winner_id=winner, loser_ids=[one for one in ids if one != winner], choices=choices, cluster=cluster, now=now
    )  # fmt: skip


def merge_clusters(
    *,
    actor: Actor,
    cluster_ids: Sequence[int],
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> list[Merge]:
    """Merge many clusters, each in a transaction of its own; those that were dealt with in between are passed over.

    `progress` is called with what is done and how many there are, and may raise to stop; what was merged stays.
    """
    require(actor, "duplicate", "merge")
    merges = []
    for number, one in enumerate(cluster_ids):
        if progress is not None and number % 10 == 0:
            progress(number, len(cluster_ids))
        try:
            merges.append(merge_cluster(actor=actor, cluster_id=one, now=now))
        except (MergeRefused, DuplicateCluster.DoesNotExist):
            continue
    return merges


def best_winner(profile: str, ids: Sequence[int]) -> int:
    """The record that most rows refer to; of equals the oldest."""
    weight = dict.fromkeys(ids, 0)
    for reference in references_to(MERGEABLE[profile].model):
        for rows in reference.rows(ids):
            for source in rows.values_list(reference.column, flat=True):
                weight[source] += 1
    return min(ids, key=lambda one: (-weight[one], one))


def _values(
    kind: Mergeable,
    members: Mapping[int, Any],
    winner_id: int,
    losers: Sequence[int],
    choices: Mapping[str, int],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of the winner that change, before and after."""
    winner = members[winner_id]
    before, after = {}, {}
    for name, source in choices.items():
        if name not in kind.fields or source not in members:
            raise MergeRefused(
                _("“%(field)s” of record %(id)s cannot be chosen.") % {"field": name, "id": source}
            )
    for name in kind.fields:
        own = getattr(winner, name)
        if name in choices:
            value = getattr(members[choices[name]], name)
        else:
            value = own
            for one in losers:
                if value in ("", None):
                    value = getattr(members[one], name)
        if value != own:
            before[name], after[name] = own, value
    if kind is COMPANY:
        _part_owners(winner, before, after)
    if kind is COMPANY and {"name", "phone"} & set(after):
        derived = derived_columns(after.get("name", winner.name), after.get("phone", winner.phone))
        for name, value in derived.items():
            if value != getattr(winner, name):
                before[name], after[name] = getattr(winner, name), value
    return before, after


def _part_owners(winner: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Owner A and owner B are two persons: what was filled in must not make them one."""
    a, b = (after.get(name, getattr(winner, name)) for name in ("owner_a_id", "owner_b_id"))
    if a is None or a != b:
        return
    if after.pop("owner_b_id", None) is not None:
        del before["owner_b_id"]
    elif "owner_a_id" in after:
        before["owner_b_id"], after["owner_b_id"] = b, None


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _save(row: Any, values: Mapping[str, Any], now: datetime) -> None:
    row.version += 1
    row.updated_at = now
    row.save(update_fields=[*(name.removesuffix("_id") for name in values), "version", "updated_at"])


def _move(merge: Merge, kind: Mergeable, winner_id: int, losers: Sequence[int]) -> int:
    moved = 0
    journal = []
    for reference in references_to(kind.model):
        for source, ids in movable(reference, losers, winner_id, {winner_id, *losers}).items():
            for rows in reference.by_pk(ids):
                rows.update(**{reference.column: winner_id})
            for start in range(0, len(ids), _IDS_A_ROW):
                journal.append(
                    MergeMove(
                        merge=merge, table=reference.table, column=reference.column, from_id=source, to_id=winner_id, ids=ids[start : start + _IDS_A_ROW]
                    )
                )  # fmt: skip
            moved += len(ids)
    MergeMove.objects.bulk_create(journal, batch_size=200)
    return moved


def _close_clusters(profile: str, winner_id: int, losers: Sequence[int], actor: Actor, now: datetime) -> None:
    """Clusters of which all members are now one are done; in the others the survivor stands for the losers."""
    ids = [winner_id, *losers]
    numbers = set(DuplicateMember.objects.filter(object_id__in=ids).values_list("cluster_id", flat=True))
    clusters = DuplicateCluster.objects.filter(
        pk__in=numbers, profile=profile, state=DuplicateCluster.State.OPEN
    )
    for cluster in clusters.prefetch_related("members"):
        members = {one.object_id for one in cluster.members.all()}
        if members <= set(ids):
            cluster.state = DuplicateCluster.State.MERGED
            cluster.closed_at, cluster.closed_by = now, actor.name[:120]
            cluster.save(update_fields=["state", "closed_at", "closed_by"])
        elif gone := members & set(losers):
            cluster.members.filter(object_id__in=gone).delete()
            cluster.pairs.filter(Q(a_id__in=gone) | Q(b_id__in=gone)).delete()
            DuplicateMember.objects.get_or_create(cluster=cluster, object_id=winner_id)
            cluster.size = len(members - gone | {winner_id})
            cluster.save(update_fields=["size"])
