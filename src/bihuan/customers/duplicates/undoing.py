"""Taking a merge apart again: what it moved goes back, unless somebody has changed it since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.customers.models import DuplicateCluster, Merge, MergeMove
from bihuan.customers.services.settling import settle
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.analytics.changes import mark_all_changed
from bihuan.kernel.outbox import publish

from .merging import DATASETS, MERGEABLE, Mergeable, MergeRefused, members_within
from .references import Reference, movable, references_to

_LISTED = 2000


@transaction.atomic
def undo_merge(*, actor: Actor, merge_id: int, now: datetime) -> dict[str, Any]:
    """Undo one merge, also after other edits and after later merges of the survivor.

    A row goes back if it still is where this merge, or a later one that carried the survivor on, has put it; a value
    of the survivor goes back if it still is the one that the merge wrote. Gives `{"id", "restored", "kept": [{"object",
    "reason"}]}`. Raises Merge.DoesNotExist, MergeRefused, NotAllowed.
    """
    require(actor, "duplicate", "undo")
    merge = Merge.objects.select_for_update().get(pk=merge_id)
    kind = MERGEABLE[merge.profile]
    try:
        members = members_within(
            actor, merge.profile, [merge.winner_id, *merge.loser_ids], "duplicate", "undo"
        )
    except kind.model.DoesNotExist as unseen:  # type: ignore[attr-defined]
        existing = kind.model._default_manager.filter(pk__in=[merge.winner_id, *merge.loser_ids]).count()
        if existing == 1 + len(merge.loser_ids):
            raise Merge.DoesNotExist from unseen
        raise MergeRefused(_("A record of this merge does not exist any more.")) from unseen
    if merge.undone_at is not None:
        raise MergeRefused(_("This merge was undone already."))
    kept: list[dict[str, str]] = []
    restored = _give_back_rows(merge, kind, kept)
    restored += _give_back_values(merge, members[merge.winner_id], kept, now)
    for one in merge.loser_ids:
        loser = members[one]
        if kind.pointer:
            _forget_pointer_moves(merge, kind, one)
            setattr(loser, kind.pointer, None)
        else:
            loser.is_active = True
        loser.version += 1
        loser.updated_at = now
        loser.save(update_fields=[kind.pointer.removesuffix("_id") or "is_active", "version", "updated_at"])
    merge.undone_at, merge.undone_by = now, actor.name[:120]
    merge.undo_result = {"restored": restored, "kept": kept[:_LISTED]}
    merge.save(update_fields=["undone_at", "undone_by", "undo_result"])
    if merge.cluster_id is not None:
        DuplicateCluster.objects.filter(pk=merge.cluster_id).update(
            state=DuplicateCluster.State.OPEN, closed_at=None, closed_by=""
        )
    around = {row.pk if kind.pointer else row.customer_id for row in members.values()}
    settle(around, now=now, index=True, touch=False)
    record(
        actor, now, "duplicate.undo", members[merge.winner_id],
        before={"merged": [str(members[one]) for one in merge.loser_ids]}, after={"restored": restored, "kept": len(kept)},
    )  # fmt: skip
    mark_all_changed(DATASETS, now=now)
    publish(
        f"{kind.model._meta.model_name}.merge_undone",
        {"merge": merge.pk, "winner": merge.winner_id, "losers": merge.loser_ids}, now=now,
    )  # fmt: skip
    return {"id": merge.pk, "restored": restored, "kept": kept}


def _later_moves(merge: Merge, table: str, column: str) -> list[MergeMove]:
    """What merges after this one, that still stand, did to the same column, first to last."""
    return list(
        MergeMove.objects.filter(
            merge__profile=merge.profile,
            merge__undone_at=None,
            merge_id__gt=merge.pk,
            table=table,
            column=column,
        )
        .order_by("merge_id", "pk")
        .select_for_update()
    )


def _carried(
    ids: Sequence[int], holder: int, later: Sequence[MergeMove]
) -> tuple[dict[int, int], dict[int, list[MergeMove]]]:
    """Where the rows should be by now, and which later moves carried each of them."""
    holders = dict.fromkeys(ids, holder)
    carriers: dict[int, list[MergeMove]] = defaultdict(list)
    for move in later:
        for row in move.ids:
            if holders.get(row) == move.from_id:
                holders[row] = move.to_id
                carriers[row].append(move)
    return holders, carriers


def _forget(rows: set[int], carriers: dict[int, list[MergeMove]]) -> None:
    """Later merges do not give these rows back any more: they were not theirs."""
    moves = {move.pk: move for row in rows for move in carriers.get(row, ())}
    for move in moves.values():
        move.ids = [row for row in move.ids if row not in rows or move not in carriers.get(row, ())]
        move.save(update_fields=["ids"])


def _give_back_rows(merge: Merge, kind: Mergeable, kept: list[dict[str, str]]) -> int:
    references = {(one.table, one.column): one for one in references_to(kind.model)}
    restored = 0
    for move in merge.moves.order_by("pk"):
        reference = references.get((move.table, move.column))
        if reference is None:
            kept += [_note(move.table, row, _("its table does not exist any more")) for row in move.ids]
            continue
        holders, carriers = _carried(move.ids, move.to_id, _later_moves(merge, move.table, move.column))
        actual: dict[int, int] = {}
        for rows in reference.by_pk(move.ids):
            actual.update(rows.values_list("pk", reference.column))
        back = set()
        for row in move.ids:
            if row not in actual:
                kept.append(_note(move.table, row, _("removed since")))
            elif actual[row] != holders[row]:
                kept.append(_note(move.table, row, _("moved elsewhere since")))
            else:
                back.add(row)
        allowed = _allowed(reference, back, holders, move.from_id)
        for row in sorted(back - allowed):
            kept.append(_note(move.table, row, _("the record has the same again")))
        for rows in reference.by_pk(sorted(allowed)):
            rows.update(**{reference.column: move.from_id})
        _forget(allowed, carriers)
        restored += len(allowed)
    return restored


def _allowed(reference: Reference, rows: set[int], holders: dict[int, int], target: int) -> set[int]:
    """Those rows that may go back without breaking a constraint."""
    if not reference.unique:
        return rows
    found: set[int] = set()
    for holder in {holders[row] for row in rows}:
        for ids in movable(reference, [holder], target, set()).values():
            found.update(ids)
    if len(rows) and not found:
        return set()
    return rows & found


def _give_back_values(merge: Merge, winner: Any, kept: list[dict[str, str]], now: datetime) -> int:
    changed = []
    for name, after in merge.values_after.items():
        current = getattr(winner, name)
        plain = current.isoformat() if hasattr(current, "isoformat") else current
        if plain != after:
            kept.append({"object": f"{winner}: {name}", "reason": _("changed since")})
            continue
        field = winner._meta.get_field(name.removesuffix("_id"))
        before = merge.values_before[name]
        setattr(winner, name, field.to_python(before) if before is not None else None)
        changed.append(name.removesuffix("_id"))
    winner.version += 1
    winner.updated_at = now
    winner.save(update_fields=[*changed, "version", "updated_at"])
    return len(changed)


def _forget_pointer_moves(merge: Merge, kind: Mergeable, loser: int) -> None:
    """A later merge that carried this pointer on to another survivor must not set it again when it is undone."""
    later = _later_moves(merge, kind.model._meta.db_table, kind.pointer)
    _, carriers = _carried([loser], merge.winner_id, later)
    _forget({loser}, carriers)


def _note(table: str, row: int, reason: str) -> dict[str, str]:
    model = next((one for one in apps.get_models() if one._meta.db_table == table), None)
    found = model._default_manager.filter(pk=row).first() if model else None
    name = str(model._meta.verbose_name) if model else table
    return {"object": f"{name} {found or row}", "reason": reason}
