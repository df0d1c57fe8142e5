"""A person's word on duplicates: these are not one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from django.db import transaction

from bihuan.audit.services import record
from bihuan.customers.models import DuplicateCluster, NoDuplicate
from bihuan.kernel.actor import Actor, require

from .merging import MergeRefused
from .queries import clusters_visible_to


@transaction.atomic
def dismiss_clusters(*, actor: Actor, cluster_ids: Sequence[int], now: datetime) -> int:
    """Say of clusters that their members are all different; they are not proposed again. Returns how many were closed.

    Clusters that are closed already are passed over. Raises DoesNotExist when the actor does not reach one of them.
    """
    require(actor, "duplicate", "merge")
    wanted = set(cluster_ids)
    clusters = list(clusters_visible_to(actor, "merge").filter(pk__in=wanted).prefetch_related("members"))
    if len(clusters) < len(wanted):
        raise DuplicateCluster.DoesNotExist
    closed = [one for one in clusters if one.state == DuplicateCluster.State.OPEN]
    said = []
    for cluster in closed:
        ids = sorted(one.object_id for one in cluster.members.all())
        said += [
            NoDuplicate(profile=cluster.profile, a_id=a, b_id=b, said_at=now, said_by=actor.name[:120])
            for a, b in combinations(ids, 2)
        ]
        cluster.state = DuplicateCluster.State.DISMISSED
        cluster.closed_at, cluster.closed_by = now, actor.name[:120]
        record(actor, now, "duplicate.dismiss", cluster, object_type="duplicate", after={"members": ids})
    NoDuplicate.objects.bulk_create(said, ignore_conflicts=True, batch_size=500)
    DuplicateCluster.objects.bulk_update(closed, ["state", "closed_at", "closed_by"], batch_size=200)
    return len(closed)


@transaction.atomic
def reopen_cluster(*, actor: Actor, cluster_id: int, now: datetime) -> DuplicateCluster:
    """Take a dismissal back. Raises MergeRefused where there was none."""
    require(actor, "duplicate", "merge")
    cluster = clusters_visible_to(actor, "merge").get(pk=cluster_id)
    if cluster.state != DuplicateCluster.State.DISMISSED:
        raise MergeRefused(str(cluster))
    ids = sorted(cluster.members.values_list("object_id", flat=True))
    NoDuplicate.objects.filter(profile=cluster.profile, a_id__in=ids, b_id__in=ids).delete()
    cluster.state, cluster.closed_at, cluster.closed_by = DuplicateCluster.State.OPEN, None, ""
    cluster.save(update_fields=["state", "closed_at", "closed_by"])
    record(actor, now, "duplicate.reopen", cluster, object_type="duplicate")
    return cluster
