"""Reading policies: which versions there are, and which one was in force on a date."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from bihuan.kernel.actor import Actor
from bihuan.kernel.analytics.registry import load_all
from bihuan.policy import MetricInfo, Policy, PolicyError, PolicyInvalid, parse_policy

from .models import PolicyVersion, StoredPolicy


def known_metrics() -> dict[str, MetricInfo]:
    """Every registered metric as the policy grammar knows it: unit and field class. A family is known by its star."""
    known = load_all()
    families = {f"{prefix}*": MetricInfo("", one.field_class.value) for prefix, one in known.families.items()}
    return families | {
        metric.name: MetricInfo(metric.unit, metric.field_class.value) for metric in known.metrics.values()
    }


def policies_visible_to(actor: Actor) -> QuerySet[StoredPolicy]:
    rows = StoredPolicy.objects.order_by("kind", "name")
    return rows if actor.may("policy", "view") else rows.none()


def get_policy(actor: Actor, name: str) -> StoredPolicy:
    """The policy of that name; 404 when there is none that the actor may see."""
    row = policies_visible_to(actor).filter(name=name).first()
    if row is None:
        raise Http404(name)
    return row


def version_in_force(name: str, on: date) -> PolicyVersion | None:
    """The approved version of a policy that holds on that date."""
    return (
        PolicyVersion.objects.select_related("policy")
        .filter(policy__name=name, state=PolicyVersion.State.APPROVED, valid_from__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
        .order_by("-valid_from", "-number")
        .first()
    )


def policy_of_kind_in_force(kind: str, on: date) -> PolicyVersion | None:
    """The version that holds on that date of the one policy of a kind, such as the company's tier policy."""
    names = StoredPolicy.objects.filter(kind=kind).order_by("-id").values_list("name", flat=True)
    return next((found for name in names if (found := version_in_force(name, on))), None)


def find_draft(policy: StoredPolicy) -> PolicyVersion | None:
    return policy.versions.filter(state=PolicyVersion.State.DRAFT).order_by("-number").first()


def parsed(version: PolicyVersion) -> Policy:
    """The version as the evaluators take it."""
    return parse_policy(version.document)


def errors_of(document: dict[str, Any]) -> list[PolicyError]:
    """What is wrong with a document, the metrics that it names included; empty when nothing is."""
    from bihuan.policy import validate

    try:
        policy = parse_policy(document)
    except PolicyInvalid as refused:
        return list(refused.errors)
    return list(validate(policy, known_metrics()))
