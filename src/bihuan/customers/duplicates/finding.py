"""Looking for duplicates over the whole database. The matcher runs in a process of its own, on a file, not on the database."""

from __future__ import annotations

import csv
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from bihuan.audit.services import record
from bihuan.customers.models import (
    Contact,
    Customer,
    DuplicateCluster,
    DuplicateMember,
    DuplicatePair,
    NoDuplicate,
)
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.analytics.processes import run_process

from .evidence import company_evidence, person_evidence
from .queries import clusters_visible_to

_COMPANY_COLUMNS = ("id", "name", "credit_code", "phone", "email", "address", "region", "city")
_PERSON_COLUMNS = ("id", "name", "phone", "email", "customer_id")
# Pairs below this are not worth a person's look.
LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    a: int
    b: int
    probability: float
    merge: bool


def find_duplicates(
    *, actor: Actor, profile: str = "company", now: datetime, check: Callable[[], None] | None = None
) -> list[dict[str, Any]]:
    """Match all customers (or contacts), and replace the open clusters of that profile by what was found.

    Gives `{"cluster", "members", "probability"}` for each that the actor sees, the most probable first; members are the
    records' external ids, or their numbers where they have none. `check` is called while waiting and may raise to stop.
    All records are compared, whoever asks: what was found waits for those who reach it.
    """
    require(actor, "duplicate", "merge")
    Path(settings.HOME).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".duplicates-", dir=settings.HOME) as folder:
        records, out = Path(folder) / "records.csv", Path(folder) / "pairs.jsonl"
        _export(profile, records)
        apart = list(NoDuplicate.objects.filter(profile=profile).values_list("a_id", "b_id"))
        request = {"records": str(records), "profile": profile, "apart": apart, "out": str(out)}
        run_process("bihuan.customers.matching.process", request, check)
        pairs = list(_read(out))
    return _store(actor, profile, pairs, now)


def _rows(profile: str, ids: set[int] | None = None) -> Iterator[dict[str, Any]]:
    rows: Any
    columns: tuple[str, ...]
    if profile == "company":
        rows, columns = Customer.objects.filter(merged_into=None), _COMPANY_COLUMNS
    else:
        rows, columns = Contact.objects.filter(is_active=True), _PERSON_COLUMNS
    if ids is None:
        yield from rows.values(*columns).iterator(chunk_size=5000)
        return
    listed = sorted(ids)
    for start in range(0, len(listed), 900):
        yield from rows.filter(pk__in=listed[start : start + 900]).values(*columns)


def _export(profile: str, path: Path) -> None:
    columns = _COMPANY_COLUMNS if profile == "company" else _PERSON_COLUMNS
    # A contact's company is no name to compare; a region written apart from the city is one place for the matcher.
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["id", "name", "credit_code", "phone", "email", "address", "region"]
            if profile == "company"
            else ["id", "full_name", "phone", "email", "suburb"]
        )
        for row in _rows(profile):
            if profile == "company":
                writer.writerow([*(row[name] for name in columns[:6]), row["region"] + row["city"]])
            else:
                writer.writerow(
                    [row["id"], row["name"], row["phone"], row["email"], f"c{row['customer_id']}"]
                )


def _read(path: Path) -> Iterator[Pair]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            a, b, probability, merge = json.loads(line)
            first, second = sorted((int(a), int(b)))
            yield Pair(first, second, probability, merge)


def _groups(pairs: list[Pair]) -> list[tuple[list[int], list[Pair], bool]]:
    """Members, pairs and certainty of each cluster: the matcher's merges, and what a person should look at."""
    root: dict[int, int] = {}

    def find(one: int) -> int:
        while root.setdefault(one, one) != one:
            one = root[one]
        return one

    for pair in pairs:
        if pair.merge:
            left, right = find(pair.a), find(pair.b)
            root[max(left, right)] = min(left, right)
    sure: dict[int, list[Pair]] = defaultdict(list)
    groups = []
    for pair in pairs:
        if pair.merge:
            sure[find(pair.a)].append(pair)
        elif pair.probability >= LEAST and find(pair.a) != find(pair.b):
            groups.append(([pair.a, pair.b], [pair], False))
    groups += [
        (sorted({one for pair in own for one in (pair.a, pair.b)}), own, True) for own in sure.values()
    ]
    groups.sort(key=lambda group: (not group[2], -min(pair.probability for pair in group[1]), group[0]))
    return groups


@transaction.atomic
def _store(actor: Actor, profile: str, pairs: list[Pair], now: datetime) -> list[dict[str, Any]]:
    groups = _groups(pairs)
    rows = {row["id"]: row for row in _rows(profile, {one for members, _, _ in groups for one in members})}
    # Who was merged or removed while the matcher ran is no duplicate any more.
    groups = [group for group in groups if all(one in rows for one in group[0])]
    compare = company_evidence if profile == "company" else person_evidence
    DuplicateCluster.objects.filter(profile=profile, state=DuplicateCluster.State.OPEN).delete()
    clusters = DuplicateCluster.objects.bulk_create(
        [
            DuplicateCluster(
                profile=profile, probability=min(pair.probability for pair in own), is_certain=certain, size=len(members), found_at=now
            )
            for members, own, certain in groups
        ],
        batch_size=500,
    )  # fmt: skip
    members_made, pairs_made = [], []
    for cluster, (members, own, _certain) in zip(clusters, groups, strict=True):
        members_made += [DuplicateMember(cluster=cluster, object_id=one) for one in members]
        pairs_made += [
            DuplicatePair(
                cluster=cluster, a_id=pair.a, b_id=pair.b, probability=pair.probability, evidence=compare(rows[pair.a], rows[pair.b])
            )
            for pair in own
        ]  # fmt: skip
    DuplicateMember.objects.bulk_create(members_made, batch_size=500)
    DuplicatePair.objects.bulk_create(pairs_made, batch_size=500)
    record(
        actor,
        now,
        "duplicate.find",
        object_type="duplicate",
        object_name=profile,
        after={"clusters": len(clusters)},
    )
    names = external_ids(profile, set(rows))
    seen = set(clusters_visible_to(actor).values_list("pk", flat=True))
    return [
        {
            "cluster": cluster.pk,
            "members": [names[one] for one in members],
            "probability": round(cluster.probability, 6),
        }
        for cluster, (members, _, _) in zip(clusters, groups, strict=True)
        if cluster.pk in seen
    ]


def external_ids(profile: str, ids: set[int]) -> dict[int, str]:
    """What records are called outside: their external ids, or their numbers where they have none."""
    model: Any = Customer if profile == "company" else Contact
    listed, found = sorted(ids), {}
    for start in range(0, len(listed), 900):
        rows = model.objects.filter(pk__in=listed[start : start + 900]).values_list("pk", "external_id")
        found.update({pk: number or str(pk) for pk, number in rows})
    return found
