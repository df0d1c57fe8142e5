"""Reading policies: which versions there are, and which one was in force on a date."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
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
    return _in_force(on).filter(policy__name=name).order_by("-valid_from", "-number").first()


def policy_of_kind_in_force(kind: str, on: date) -> PolicyVersion | None:
    """The version that holds on that date of the one policy of a kind, such as the company's tier policy."""
    return _in_force(on).filter(policy__kind=kind).order_by("-policy", "-valid_from", "-number").first()


def _in_force(on: date) -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.select_related("policy").filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on),
        state=PolicyVersion.State.APPROVED,
        valid_from__lte=on,
    )


def find_draft(policy: StoredPolicy) -> PolicyVersion | None:
    return policy.versions.filter(state=PolicyVersion.State.DRAFT).order_by("-number").first()


def parsed(version: PolicyVersion) -> Policy:
    """The version as the evaluators take it."""
    return parsed_document(version.document)


def parsed_document(document: Mapping[str, Any]) -> Policy:
    """A stored wording as the evaluators take it. The last ones are kept: a page would parse the same one each time."""
    return _parsed(json.dumps(document, ensure_ascii=False))


@lru_cache(maxsize=32)
def _parsed(text: str) -> Policy:
    return parse_policy(json.loads(text))


def errors_of(document: dict[str, Any]) -> list[PolicyError]:
    """What is wrong with a document, the metrics that it names included; empty when nothing is."""
    from bihuan.policy import validate

    try:
        policy = parse_policy(document)
    except PolicyInvalid as refused:
        return list(refused.errors)
    return list(validate(policy, known_metrics()))
