"""Changing policies: draft, approve, withdraw. An approved version never changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM, Actor, require
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date
from bihuan.policy import PolicyError, canonical_bytes, run_cases

from .models import PolicyVersion, StoredPolicy
from .queries import errors_of, parsed
from .wording import say_error


class PolicyNotAccepted(Exception):
    """The policy cannot be stored or approved; the text says why, in the reader's language."""

    is_refusal = True

    def __init__(self, text: str, errors: list[PolicyError] | None = None) -> None:
        super().__init__(text)
        self.errors = errors or []


@transaction.atomic
def import_policy(
    *, actor: Actor = SYSTEM, document: Mapping[str, Any], valid_from: date, now: datetime
) -> PolicyVersion:
    """Store a policy as a pack brings it, in force from a date. The same wording again changes nothing."""
    require(actor, "policy", "approve")
    wording = _accepted(document)
    policy, _created = StoredPolicy.objects.get_or_create(
        name=wording["id"],
        defaults={"kind": wording["kind"], "title": wording["title"], "created_at": now},
    )
    latest = policy.versions.order_by("-number").first()
    if latest is not None and latest.document == wording:
        return latest
    version = _new_version(actor, policy, wording, str(wording.get("reason", "")), now)
    return _approve(actor, version, valid_from, now)


@transaction.atomic
def draft_policy(
    *, actor: Actor, policy: StoredPolicy, document: Mapping[str, Any], reason: str, now: datetime
) -> PolicyVersion:
    """Write a new wording, or change the one draft that there is."""
    require(actor, "policy", "edit")
    wording = _accepted(document)
    if wording["id"] != policy.name:
        raise PolicyNotAccepted(
            _("A draft keeps the name of its policy: “%(name)s”.") % {"name": policy.name}
        )
    if wording["kind"] != policy.kind:
        raise PolicyNotAccepted(
            _("A draft keeps the kind of its policy: “%(kind)s”.") % {"kind": policy.kind}
        )
    draft = _locked_draft(policy)
    if draft is None:
        return _new_version(actor, policy, wording, reason, now)
    before = {"document": draft.document, "reason": draft.reason}
    draft.document, draft.reason = wording, reason
    draft.author_id, draft.author = actor.user_id, actor.name
    draft.save(update_fields=["document", "reason", "author_id", "author"])
    record(
        actor,
        now,
        "policy.draft_changed",
        draft,
        before=before,
        after={"document": wording, "reason": reason},
    )
    return draft


@transaction.atomic
def approve_policy(
    *, actor: Actor, version: PolicyVersion, valid_from: date, now: datetime, seen: str = ""
) -> PolicyVersion:
    """Put a draft in force from a date on, today or later: what was decided before rests on the wording of then.

    Somebody other than its author does it, and its own cases must hold. `seen` is the `fingerprint` of what was read;
    a draft that was changed meanwhile is not approved unread.
    """
    require(actor, "policy", "approve")
    version = _locked(version)
    if not version.is_draft:
        raise PolicyNotAccepted(_("This version has been decided already."))
    if seen and seen != fingerprint(version):
        raise PolicyNotAccepted(_("The draft was changed since you opened this page. Read it again."))
    if valid_from < local_date(now):
        raise PolicyNotAccepted(_("A policy holds from today or a later day on."))
    if actor.kind != "system" and actor.user_id == version.author_id:
        raise PolicyNotAccepted(_("Somebody other than the author must approve a policy."))
    failures = run_cases(parsed(version))
    if failures:
        raise PolicyNotAccepted(
            _("%(count)s of the policy's own cases do not hold; the first is “%(name)s”.")
            % {"count": len(failures), "name": failures[0].case}
        )
    return _approve(actor, version, valid_from, now)


@transaction.atomic
def withdraw_draft(*, actor: Actor, version: PolicyVersion, now: datetime) -> None:
    require(actor, "policy", "edit")
    version = _locked(version)
    if not version.is_draft:
        raise PolicyNotAccepted(_("Only a draft can be withdrawn."))
    version.state = PolicyVersion.State.WITHDRAWN
    version.save(update_fields=["state"])
    record(actor, now, "policy.withdrawn", version)


def fingerprint(version: PolicyVersion) -> str:
    """The same as long as the wording is."""
    return sha256(canonical_bytes(version.document)).hexdigest()[:16]


def _locked(version: PolicyVersion) -> PolicyVersion:
    """As it is now: somebody else may have decided about it a moment ago."""
    return PolicyVersion.objects.select_for_update(of=("self",)).select_related("policy").get(pk=version.pk)


def _locked_draft(policy: StoredPolicy) -> PolicyVersion | None:
    """The policy's draft, while nobody else drafts or approves."""
    StoredPolicy.objects.select_for_update().get(pk=policy.pk)
    drafts = policy.versions.select_for_update().filter(state=PolicyVersion.State.DRAFT)
    return drafts.order_by("-number").first()


def _accepted(document: Mapping[str, Any]) -> dict[str, Any]:
    wording: dict[str, Any] = json.loads(json.dumps(document, default=str, ensure_ascii=False))
    errors = errors_of(wording)
    if errors:
        lines = "\n".join(say_error(error) for error in errors[:8])
        raise PolicyNotAccepted(_("The policy cannot be used:") + "\n" + lines, errors)
    return wording


def _new_version(
    actor: Actor, policy: StoredPolicy, wording: dict[str, Any], reason: str, now: datetime
) -> PolicyVersion:
    number = (policy.versions.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    version = PolicyVersion.objects.create(
        policy=policy,
        number=number,
        document=wording,
        reason=reason,
        author_id=actor.user_id,
        author=actor.name,
        created_at=now,
    )
    record(actor, now, "policy.drafted", version, after={"document": wording, "reason": reason})
    return version


def _approve(actor: Actor, version: PolicyVersion, valid_from: date, now: datetime) -> PolicyVersion:
    approved = PolicyVersion.objects.filter(policy=version.policy, state=PolicyVersion.State.APPROVED)
    # Later periods that were planned under the old wording are taken over whole by the new one.
    approved.filter(valid_from__gt=valid_from).update(state=PolicyVersion.State.WITHDRAWN)
    approved.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)).update(valid_to=valid_from)
    version.state = PolicyVersion.State.APPROVED
    version.valid_from, version.valid_to = valid_from, None
    version.approved_by_id, version.approved_by, version.approved_at = actor.user_id, actor.name, now
    version.save()
    version.policy.title = version.document["title"]
    version.policy.kind = version.document["kind"]
    version.policy.save(update_fields=["title", "kind"])
    news = {"valid_from": valid_from.isoformat(), "number": version.number}
    record(actor, now, "policy.approved", version, after=news)
    publish("policy.approved", {"policy": version.policy.name, "kind": version.policy.kind, **news}, now=now)
    return version
