"""Rows that came to a customer after it was merged away, as by an import that ran while somebody merged."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bihuan.customers.models import Customer, Merge, MergeMove
from bihuan.kernel.analytics.changes import mark_all_changed

from .merging import COMPANY, DATASETS
from .references import movable, references_to


@transaction.atomic
def follow_pointers(*, now: datetime) -> int:
    """Move such rows to the survivors, as if they had been there at the merge, so that its undo gives them back too.

    What a merge left with the pointer, because the survivor had the same, stays there. Returns how many rows moved.
    """
    survivors = dict(
        Customer.objects.filter(merged_into__isnull=False).order_by("pk").values_list("pk", "merged_into_id")
    )
    if not survivors:
        return 0
    merges: dict[int, Merge] = {}
    for merge in Merge.objects.filter(profile="company", undone_at=None).order_by("pk"):
        merges |= dict.fromkeys(merge.loser_ids, merge)
    moved = 0
    for reference in references_to(COMPANY.model):
        if reference.model is Customer:
            continue
        late: set[int] = set()
        for rows in reference.rows(survivors):
            late.update(rows.values_list(reference.column, flat=True))
        for source in sorted(late):
            target = survivors[source]
            ids = movable(reference, [source], target, {source, target})[source]
            for rows in reference.by_pk(ids):
                rows.update(**{reference.column: target})
            _note(merges, reference.table, reference.column, source, ids)
            moved += len(ids)
    if moved:
        mark_all_changed(DATASETS, now=now)
    return moved


def _note(merges: dict[int, Merge], table: str, column: str, source: int, ids: list[int]) -> None:
    """Write the way from pointer to pointer, a move a merge, as merges one after the other would have gone it."""
    gone: set[int] = set()
    while ids and (merge := merges.get(source)) is not None and source not in gone:
        gone.add(source)
        MergeMove.objects.create(
            merge=merge, table=table, column=column, from_id=source, to_id=merge.winner_id, ids=ids
        )
        source = merge.winner_id
