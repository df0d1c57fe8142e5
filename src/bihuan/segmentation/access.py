"""Who sees which decisions, proposals and metric values: the scope is that of the customer."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from bihuan.customers.access import reach, restrict_by_customer
from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from .models import Decision, Proposal, ProposalItem

DECISION = register_record(
    RecordSpec(
        name="decision",
        model=Decision,
        restrict=restrict_by_customer,
        title_field="value",
        fields=(
            FieldSpec("value", _("Tier"), FieldClass.PUBLIC),
            FieldSpec("valid_from", _("From"), FieldClass.PUBLIC, kind="date"),
            FieldSpec("valid_to", _("Until"), FieldClass.PUBLIC, kind="date"),
            FieldSpec("as_of", _("Seen as of"), FieldClass.PUBLIC, kind="date"),
            FieldSpec("reason", _("Reason"), FieldClass.COMMERCIAL),
            FieldSpec("decided_by", _("Decided by"), FieldClass.PUBLIC),
            FieldSpec("decided_at", _("Decided at"), FieldClass.PUBLIC, kind="moment"),
        ),
    )
)


def decisions_visible_to(actor: Actor) -> QuerySet[Decision]:
    return DECISION.visible_to(actor)


def items_visible_to(actor: Actor, action: str = "view") -> QuerySet[ProposalItem]:
    """Candidates whose customer lies within the actor's scope for decisions."""
    scope = actor.scope("decision", action)
    rows = ProposalItem.objects.all()
    if scope is Scope.NONE:
        return rows.none()
    return rows if scope is Scope.ALL else rows.filter(reach(actor, scope, "customer__"))


def proposals_visible_to(actor: Actor) -> QuerySet[Proposal]:
    """Whoever may propose or approve sees proposals; the candidates in them are restricted on their own."""
    rows = Proposal.objects.select_related("policy_version__policy").order_by("-created_at", "-id")
    may = actor.may("decision", "propose") or actor.may("decision", "approve")
    return rows if may else rows.none()


def get_proposal(actor: Actor, proposal_id: int) -> Proposal:
    row = proposals_visible_to(actor).filter(pk=proposal_id).first()
    if row is None:
        raise Http404(proposal_id)
    return row
