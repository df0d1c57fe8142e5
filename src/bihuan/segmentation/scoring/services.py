"""Applying the health policy and the tag rules in force to all customers."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import batched
from pathlib import Path
from typing import Any

from django.db import transaction

from bihuan.audit.services import record
from bihuan.customers.models import Customer, CustomerTag, Tag
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.analytics.processes import Check, run_process
from bihuan.kernel.time import local_date
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.queries import policy_of_kind_in_force

from ..models import HealthChange, Standing

BATCH = 2000
KINDS = ("health", "tag")


@dataclass(frozen=True, slots=True)
class Scored:
    """What a run changed: customers whose health changed, those of them whose state changed, tags set and taken."""

    health: int
    states: int
    tagged: int
    untagged: int


def applied_policies(now: datetime) -> list[int]:
    """The versions that a run at this moment would apply."""
    found = (policy_of_kind_in_force(kind, local_date(now)) for kind in KINDS)
    return [version.pk for version in found if version is not None]


def apply_scores(
    *, actor: Actor, values: Path, as_of: date, now: datetime, check: Check | None = None
) -> Scored | None:
    """Bring health and rule-based tags in line with the metric values of a date; None without such policies.

    `values` is the Parquet file of all metric values. Policies are those in force today, whatever date the values are
    of. Customers that were merged away are left alone. Raises AnalyticsFailed, with nothing written.
    """
    require(actor, "metric", "refresh")
    health = policy_of_kind_in_force("health", local_date(now))
    rules = policy_of_kind_in_force("tag", local_date(now))
    if health is None and rules is None:
        return None
    with tempfile.TemporaryDirectory(prefix="bihuan-") as name:
        folder = Path(name)
        files = {one: folder / f"{one}.csv" for one in ("holdings", "tagged", "changed", "added", "removed")}
        write_stored(files["holdings"], files["tagged"])
        request = {one: str(path) for one, path in files.items()} | {
            "values": str(values),
            "as_of": as_of.isoformat(),
            "health": health.document if health else None,
            "tag": rules.document if rules else None,
        }
        answer = run_process("bihuan.segmentation.scoring.set_process", request, check)
        with transaction.atomic():
            return _store(actor, health, rules, files, answer, as_of, now)


def write_stored(holdings: Path, tagged: Path) -> None:
    """What is stored now, for the other process to compare with."""
    customers = Customer.objects.filter(merged_into=None).order_by("id")
    rows = customers.values_list("id", "standing__health_state", "standing__health_since", "standing__health")
    _write(holdings, ("customer_id", "current_tier", "since", "score"), rows.iterator(5000))
    tags = CustomerTag.objects.filter(customer__merged_into=None).order_by("id")
    pairs = tags.values_list("customer_id", "tag__code", "by_rule")
    _write(tagged, ("customer_id", "code", "by_rule"), pairs.iterator(5000))


def _write(path: Path, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerows(rows)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _store(
    actor: Actor,
    health: PolicyVersion | None,
    rules: PolicyVersion | None,
    files: dict[str, Path],
    answer: dict[str, Any],
    as_of: date,
    now: datetime,
) -> Scored:
    known = set(Customer.objects.filter(merged_into=None).values_list("id", flat=True))
    after: dict[str, Any] = {"as_of": as_of.isoformat()}
    changed, moved = 0, 0
    if health is not None:
        changed, moved = _store_health(health, _read(files["changed"]), known, as_of)
        after["health"] = {"policy": str(health), "changed": changed, "moved": moved, **answer["states"]}
    added: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    if rules is not None:
        ids = tags_of(rules)
        removed = _remove_tags(_read(files["removed"]))
        added = _add_tags(_read(files["added"]), ids, known)
        after["tags"] = {"policy": str(rules), "added": dict(added), "removed": dict(removed)}
    record(actor, now, "customers.scored", object_type="metric", object_id=as_of.isoformat(), after=after)
    return Scored(changed, moved, added.total(), removed.total())


def _store_health(
    version: PolicyVersion, rows: Iterator[dict[str, str]], known: set[int], as_of: date
) -> tuple[int, int]:
    """Store the changed rows; how many there were, and how many of them changed their state."""
    changed, moved = 0, 0
    for chunk in batched((row for row in rows if int(row["customer_id"]) in known), BATCH):
        ids = [int(row["customer_id"]) for row in chunk]
        since = dict(Standing.objects.filter(pk__in=ids).values_list("pk", "health_since"))
        standings, changes = [], []
        for row in chunk:
            customer_id, state, before = int(row["customer_id"]), row["state"], row["before"]
            score = Decimal(row["score"]) if row["score"] else None
            is_moved = state != before
            standings.append(
                Standing(
                    customer_id=customer_id,
                    health=score,
                    health_state=state,
                    health_since=as_of if is_moved else since.get(customer_id),
                )
            )
            if is_moved:
                changes.append(
                    HealthChange(
                        customer_id=customer_id,
                        policy_version=version,
                        as_of=as_of,
                        before=before,
                        after=state,
                        score=score,
                    )
                )
        Standing.objects.bulk_create(
            standings,
            update_conflicts=True,
            update_fields=["health", "health_state", "health_since"],
            unique_fields=["customer"],
        )
        HealthChange.objects.bulk_create(changes)
        changed, moved = changed + len(standings), moved + len(changes)
    return changed, moved


def tags_of(version: PolicyVersion) -> dict[str, int]:
    """The tags that the rules of a version set, by code; those that the company does not have yet are made."""
    wanted = [one for one in version.document["tags"] if one.get("when")]
    codes = [one["id"] for one in wanted]
    ids = dict(Tag.objects.filter(code__in=codes).values_list("code", "pk"))
    fresh = [one for one in wanted if one["id"] not in ids]
    Tag.objects.bulk_create(
        Tag(
            code=one["id"],
            label=one["label"].get("zh-Hans") or one["label"].get("en") or one["id"],
            label_en=one["label"].get("en", ""),
            group=one.get("group") or Tag.Group.OTHER,
            colour=one.get("colour") or "",
        )
        for one in fresh
    )
    return dict(Tag.objects.filter(code__in=codes).values_list("code", "pk")) if fresh else ids


def _add_tags(rows: Iterator[dict[str, str]], ids: dict[str, int], known: set[int]) -> Counter[str]:
    """A tag that somebody sets by hand at the same moment stays theirs."""
    counted: Counter[str] = Counter()
    for chunk in batched((row for row in rows if int(row["customer_id"]) in known), BATCH):
        CustomerTag.objects.bulk_create(
            [
                CustomerTag(customer_id=int(row["customer_id"]), tag_id=ids[row["code"]], by_rule=True)
                for row in chunk
            ],
            ignore_conflicts=True,
        )
        counted.update(row["code"] for row in chunk)
    return counted


def _remove_tags(rows: Iterator[dict[str, str]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    by_code: dict[str, list[int]] = {}
    for row in rows:
        by_code.setdefault(row["code"], []).append(int(row["customer_id"]))
    for code, customers in by_code.items():
        for chunk in batched(customers, BATCH):
            held = CustomerTag.objects.filter(tag__code=code, by_rule=True, customer_id__in=chunk)
            counted[code] += held.delete()[0]
    return counted
