"""Writes: put candidates before the committee, take its verdicts, let them take effect on their date."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from itertools import batched

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from bihuan.audit.services import entry_for, record, record_many
from bihuan.kernel import outbox
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed, Scope, require
from bihuan.kernel.time import local_date
from bihuan.policy import Policy
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.queries import parsed

from ..access import items_visible_to
from ..models import Decision, Proposal, ProposalItem, Standing
from .population import Candidate
from .queries import in_force, overtaken
from .rules import direction, rank

BATCH = 2000


class NotDecided(Exception):
    """The committee's step cannot be taken; the text says why, in the reader's language."""

    is_refusal = True


@transaction.atomic
def put_proposal(
    *,
    actor: Actor,
    version: PolicyVersion,
    as_of: date,
    candidates: Iterable[Candidate],
    same: int,
    reason: str,
    now: datetime,
) -> Proposal:
    """Store the candidate list. Customers who keep their tier are counted, not listed."""
    require(actor, "decision", "propose")
    policy = parsed(version)
    proposal = Proposal.objects.create(
        policy_version=version,
        as_of=as_of,
        reason=reason,
        same=same,
        proposed_by_id=actor.user_id,
        proposed_by=actor.name,
        created_at=now,
    )
    ways = {"up": 0, "down": 0, "same": 0}
    batch: list[ProposalItem] = []
    for candidate in candidates:
        way = direction(policy, candidate.current, candidate.tier)
        ways[way] += 1
        batch.append(
            ProposalItem(
                proposal=proposal,
                customer_id=candidate.customer_id,
                from_tier=candidate.current or "",
                to_tier=candidate.tier,
                rises=way == "up",
                score="" if candidate.score is None else str(candidate.score),
                inputs=candidate.inputs,
                outcome=candidate.outcome,
            )
        )
        if len(batch) >= BATCH:
            ProposalItem.objects.bulk_create(batch)
            batch = []
    ProposalItem.objects.bulk_create(batch)
    proposal.up, proposal.down = ways["up"], ways["down"]
    proposal.save(update_fields=["up", "down"])
    record(
        actor, now, "proposal.put", proposal,
        after={"as_of": as_of.isoformat(), "up": proposal.up, "down": proposal.down, "first": ways["same"], "same": same},
    )  # fmt: skip
    return proposal


def may_withdraw(actor: Actor, proposal: Proposal) -> bool:
    scope = actor.scope("decision", "propose")
    own = actor.user_id is not None and actor.user_id == proposal.proposed_by_id
    return scope is Scope.ALL or (own and scope is not Scope.NONE)


@transaction.atomic
def withdraw_proposal(*, actor: Actor, proposal: Proposal, now: datetime) -> None:
    """Take the list back; what was already decided of it stays. Somebody else's only for whoever proposes for all."""
    if not may_withdraw(actor, proposal):
        raise NotAllowed("decision", "propose")
    changed = Proposal.objects.filter(pk=proposal.pk, state=Proposal.State.OPEN).update(
        state=Proposal.State.WITHDRAWN, decided_at=now
    )
    if not changed:
        raise NotDecided(_("This proposal has been closed already."))
    record(actor, now, "proposal.withdrawn", proposal)


@transaction.atomic
def decide_candidates(
    *,
    actor: Actor,
    proposal: Proposal,
    yes: bool,
    effective_on: date,
    now: datetime,
    customer_ids: Collection[int] | None = None,
    reason: str = "",
) -> int:
    """The committee's yes or no on some or all waiting candidates; how many were decided.

    Never by the one who proposed, and only about customers within the actor's scope for approving. A no needs a reason.
    A yes becomes a decision from `effective_on` on. Whose tier was decided elsewhere since the list was made can only
    get a no: asked for by name it is refused, else they go on waiting.
    """
    require(actor, "decision", "approve")
    proposal = (
        Proposal.objects.select_for_update().select_related("policy_version__policy").get(pk=proposal.pk)
    )
    if proposal.state != Proposal.State.OPEN:
        raise NotDecided(_("This proposal has been closed already."))
    if actor.user_id is not None and actor.user_id == proposal.proposed_by_id:
        raise NotDecided(_("Somebody other than the proposer must decide."))
    if not yes and not reason.strip():
        raise NotDecided(_("A “no” needs a reason that the owner of the customer can be told."))
    waiting = items_visible_to(actor, "approve").filter(
        proposal=proposal, verdict=ProposalItem.Verdict.WAITING
    )
    if customer_ids is not None:
        waiting = waiting.filter(customer_id__in=customer_ids)
    found = list(waiting.order_by("pk").values_list("pk", flat=True))
    if not found:
        raise NotDecided(_("None of these candidates is waiting for a decision."))
    decided, late = 0, []
    for chunk in batched(found, BATCH):
        items = list(ProposalItem.objects.filter(pk__in=chunk).select_related("customer").order_by("pk"))
        if yes:
            gone = overtaken(items)
            late += [str(item.customer) for item in items if item.customer_id in gone]
            items = [item for item in items if item.customer_id not in gone]
            _refuse_earlier_effect(items, effective_on)
            _decide(actor, proposal, items, effective_on, reason, now)
        _store_verdicts(actor, proposal, items, yes, effective_on, reason, now)
        decided += len(items)
        if yes and items:
            outbox.publish(
                "tier.decided",
                {
                    "proposal": proposal.pk,
                    "customers": [item.customer_id for item in items],
                    "effective_on": effective_on.isoformat(),
                },
                now=now,
            )
    if late and (customer_ids is not None or not decided):
        raise NotDecided(
            _(
                "Decided meanwhile in another list: %(names)s. Make a new list for them, or say no. Nothing was decided."
            )
            % {"names": _(", ").join(late[:5]) + (" …" if len(late) > 5 else "")}
        )
    if not proposal.items.filter(verdict=ProposalItem.Verdict.WAITING).exists():
        proposal.state, proposal.decided_at = Proposal.State.DECIDED, now
        proposal.save(update_fields=["state", "decided_at"])
    return decided


def _store_verdicts(
    actor: Actor,
    proposal: Proposal,
    items: list[ProposalItem],
    yes: bool,
    effective_on: date,
    reason: str,
    now: datetime,
) -> None:
    ProposalItem.objects.filter(pk__in=[item.pk for item in items]).update(
        verdict=ProposalItem.Verdict.YES if yes else ProposalItem.Verdict.NO,
        verdict_reason=reason,
        verdict_by_id=actor.user_id,
        verdict_by=actor.name,
        verdict_at=now,
    )
    record_many(
        entry_for(
            actor, now, "tier.approved" if yes else "tier.refused",
            object_type="customer", object_id=item.customer_id, object_name=str(item.customer),
            before={"tier": item.from_tier}, note=reason,
            after={"tier": item.to_tier if yes else item.from_tier, "effective_on": effective_on.isoformat(),
                   "proposal": proposal.pk},
        )
        for item in items
    )  # fmt: skip


def _refuse_earlier_effect(items: list[ProposalItem], effective_on: date) -> None:
    """History is never rewritten: a decision cannot take effect before the one that it follows."""
    later = (
        Decision.objects.filter(
            customer_id__in=[item.customer_id for item in items], kind="tier", valid_from__gt=effective_on
        )
        .select_related("customer")
        .first()
    )
    if later is not None:
        raise NotDecided(
            _("%(customer)s already has a decision from %(date)s; choose that date or a later one.")
            % {"customer": later.customer, "date": later.valid_from}
        )


def _decide(
    actor: Actor,
    proposal: Proposal,
    items: list[ProposalItem],
    effective_on: date,
    reason: str,
    now: datetime,
) -> None:
    customers = [item.customer_id for item in items]
    open_ones = Decision.objects.filter(customer_id__in=customers, kind="tier", valid_to__isnull=True)
    open_ones.update(valid_to=effective_on)
    Decision.objects.bulk_create(
        [
            Decision(
                customer_id=item.customer_id,
                kind="tier",
                value=item.to_tier,
                valid_from=effective_on,
                policy_version=proposal.policy_version,
                item=item,
                as_of=proposal.as_of,
                inputs=item.inputs,
                outcome=item.outcome,
                reason=reason,
                decided_by_id=actor.user_id,
                decided_by=actor.name,
                decided_at=now,
            )
            for item in items
        ]
    )
    if effective_on <= local_date(now):
        apply_standings(now=now, customer_ids=customers)


@transaction.atomic
def apply_standings(*, now: datetime, customer_ids: Collection[int] | None = None) -> int:
    """Bring `Standing` in line with the decisions in force today; how many changed. Safe to run again."""
    today = local_date(now)
    held = Decision.objects.filter(in_force(today), kind="tier")
    if customer_ids is not None:
        held = held.filter(customer_id__in=customer_ids)
    gone = Standing.objects.exclude(tier="").exclude(
        customer_id__in=held.filter(customer_id=OuterRef("customer_id")).values("customer_id")
    )
    if customer_ids is not None:
        gone = gone.filter(customer_id__in=customer_ids)
    ended = gone.update(tier="", tier_rank=99, tier_since=None)
    unchanged = Standing.objects.filter(
        customer_id=OuterRef("customer_id"), tier=OuterRef("value"), tier_since=OuterRef("valid_from")
    )
    changed = held.filter(~Exists(unchanged)).select_related("policy_version")
    policies: dict[int | None, Policy | None] = {}
    rows = []
    for decision in changed.order_by("valid_from", "id").iterator(BATCH):
        key = decision.policy_version_id
        if key not in policies:
            policies[key] = parsed(decision.policy_version) if decision.policy_version else None
        policy = policies[key]
        rows.append(
            Standing(
                customer_id=decision.customer_id,
                tier=decision.value,
                tier_rank=99 if policy is None else rank(policy, decision.value),
                tier_since=decision.valid_from,
            )
        )
    Standing.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=["tier", "tier_rank", "tier_since"],
        unique_fields=["customer"],
        batch_size=BATCH,
    )
    return len(rows) + ended


def decide_first_tiers(*, proposal: Proposal, effective_on: date, now: datetime) -> int:
    """Accept a whole proposal in the system's name: for a made company's first classification."""
    if proposal.proposed_by_id is not None:
        raise NotAllowed("decision", "approve")
    return decide_candidates(actor=SYSTEM, proposal=proposal, yes=True, effective_on=effective_on, now=now)
