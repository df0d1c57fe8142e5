"""From values to decisions: who moves, who may say so, when it takes effect, and what can be shown years later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from bihuan.audit.models import Entry
from bihuan.customers.duplicates.merging import merge_records
from bihuan.customers.duplicates.undoing import undo_merge
from bihuan.customers.models import Customer
from bihuan.kernel.actor import ALL_CLASSES, SYSTEM, Actor, Grant, NotAllowed, Scope
from bihuan.kernel.models import OutboxEvent
from bihuan.kernel.outbox import deliver_due
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.services import PolicyNotAccepted, approve_policy, draft_policy
from bihuan.segmentation.commands_customer import tier_of
from bihuan.segmentation.deciding.operations import _laid_open, changed_document
from bihuan.segmentation.deciding.population import Candidate, evaluated_population
from bihuan.segmentation.deciding.queries import tier_history
from bihuan.segmentation.deciding.replay import replay_decision
from bihuan.segmentation.deciding.services import (
    NotDecided,
    apply_standings,
    decide_candidates,
    put_proposal,
    withdraw_proposal,
)
from bihuan.segmentation.models import Decision, Proposal, ProposalItem, Standing

from .conftest import NOW, POLICY, TODAY, staff

pytestmark = pytest.mark.django_db


def evaluate(
    values: Path, document: dict | None = None, baseline: dict | None = None
) -> tuple[list[Candidate], dict]:
    with evaluated_population(
        document=document or POLICY,
        baseline=baseline,
        customers=Customer.objects.all(),
        values=values,
        as_of=TODAY,
    ) as population:
        ways = {way: population.counted(way) for way in ("up", "down", "same")}
        return list(population.candidates()), ways | {"moved": population.revenue_moved}


def put(actor: Actor, version: PolicyVersion, values: Path) -> Proposal:
    candidates, _ways = evaluate(values)
    return put_proposal(
        actor=actor, version=version, as_of=TODAY, candidates=candidates, same=0, reason="半年评定", now=NOW
    )


def test_everybody_without_a_tier_is_a_candidate_and_borders_belong_to_the_better_tier(customers, values):
    candidates, ways = evaluate(values)
    assert [one.tier for one in candidates] == ["A", "A", "B", "B", "C", "C"]
    assert ways == {"up": 4, "down": 0, "same": 2, "moved": Decimal("4099.99")}


def test_a_changed_threshold_is_compared_with_what_the_present_policy_gives(customers, values):
    stricter = changed_document(POLICY, {"thresholds.a_revenue": 1500})
    candidates, ways = evaluate(values, stricter, POLICY)
    assert [(one.customer_id, one.before, one.tier) for one in candidates] == [(customers[1].pk, "A", "B")]
    assert (ways["up"], ways["down"], ways["same"]) == (0, 1, 5)
    assert ways["moved"] == 1000


def test_an_unknown_metric_in_a_change_is_refused_with_its_place():
    with pytest.raises(PolicyNotAccepted) as refusal:
        changed_document(POLICY, {"tiers[0].when.metric": "revenue_12n"})
    assert any("revenue_12n" in str(error.params) for error in refusal.value.errors)


def test_who_hears_of_a_decision_is_told_of_whom(proposer, committee, version, customers, values):
    from bihuan.service.models import Case

    at = {"opened_at": NOW, "created_at": NOW, "updated_at": NOW}
    case = Case.objects.create(number="1", customer=customers[0], kind="question", title="演示", **at)
    best = [customers[0].pk, customers[1].pk]
    proposal = put(proposer, version, values)
    decide_candidates(
        actor=committee, proposal=proposal, yes=True, effective_on=TODAY, customer_ids=best, now=NOW
    )
    [told] = OutboxEvent.objects.filter(topic="tier.decided")
    assert sorted(told.payload["customers"]) == sorted(best)
    deliver_due(NOW)
    told.refresh_from_db()
    assert told.delivered_at is not None and told.error == ""
    case.refresh_from_db()
    assert case.tier == "A"


def test_a_yes_takes_effect_today_and_a_no_changes_nothing(proposer, committee, version, customers, values):
    proposal = put(proposer, version, values)
    best = [customers[0].pk, customers[1].pk]
    decide_candidates(
        actor=committee, proposal=proposal, yes=True, effective_on=TODAY, customer_ids=best, now=NOW
    )
    decide_candidates(
        actor=committee, proposal=proposal, yes=False, effective_on=TODAY, reason="合作尚浅", now=NOW
    )
    assert dict(Standing.objects.values_list("customer_id", "tier")) == dict.fromkeys(best, "A")
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.DECIDED
    assert Entry.objects.filter(action="tier.refused", note="合作尚浅").count() == 4


def test_the_proposer_cannot_decide(proposer, version, customers, values):
    proposal = put(proposer, version, values)
    with pytest.raises(NotDecided):
        decide_candidates(actor=proposer, proposal=proposal, yes=True, effective_on=TODAY, now=NOW)
    assert not Decision.objects.exists()


def test_who_may_only_propose_cannot_decide(proposer, version, customers, values):
    proposal = put(proposer, version, values)
    with pytest.raises(NotAllowed):
        decide_candidates(
            actor=staff(9, actions=("view", "propose")),
            proposal=proposal,
            yes=True,
            effective_on=TODAY,
            now=NOW,
        )


def test_a_no_needs_a_reason(proposer, committee, version, customers, values):
    proposal = put(proposer, version, values)
    with pytest.raises(NotDecided):
        decide_candidates(
            actor=committee, proposal=proposal, yes=False, effective_on=TODAY, reason=" ", now=NOW
        )
    assert not proposal.items.exclude(verdict=ProposalItem.Verdict.WAITING).exists()


def test_a_decision_for_a_later_date_waits_for_it(proposer, committee, version, customers, values):
    proposal = put(proposer, version, values)
    decide_candidates(
        actor=committee, proposal=proposal, yes=True, effective_on=TODAY + timedelta(days=1), now=NOW
    )
    assert not Standing.objects.exists()
    assert apply_standings(now=NOW + timedelta(days=1)) == 6
    assert apply_standings(now=NOW + timedelta(days=1)) == 0


def test_history_keeps_both_periods_and_cannot_be_overtaken(proposer, committee, version, customers, values):
    first = put(proposer, version, values)
    decide_candidates(actor=committee, proposal=first, yes=True, effective_on=TODAY, now=NOW)
    candidates = _as_candidates(list(first.items.order_by("id")[:1]), current="A")
    again = put_proposal(
        actor=proposer, version=version, as_of=TODAY, candidates=candidates, same=5, reason="", now=NOW
    )
    with pytest.raises(NotDecided):
        decide_candidates(
            actor=committee, proposal=again, yes=True, effective_on=TODAY - timedelta(days=1), now=NOW
        )
    later = TODAY + timedelta(days=30)
    decide_candidates(actor=committee, proposal=again, yes=True, effective_on=later, now=NOW)
    periods = list(
        Decision.objects.filter(customer=customers[0])
        .order_by("valid_from")
        .values_list("valid_from", "valid_to")
    )
    assert periods == [(TODAY, later), (later, None)]


def _as_candidates(items: Sequence[ProposalItem], current: str | None) -> list[Candidate]:
    return [
        Candidate(one.customer_id, current, None, one.to_tier, None, Decimal(0), one.inputs, one.outcome)
        for one in items
    ]


def test_nobody_flips_at_a_border(proposer, committee, version, customers, values, tmp_path):
    proposal = put(proposer, version, values)
    decide_candidates(actor=committee, proposal=proposal, yes=True, effective_on=TODAY, now=NOW)
    import duckdb

    lower = tmp_path / "lower.parquet"
    duckdb.sql(
        f"SELECT customer_id, CASE WHEN customer_id = {customers[0].pk} THEN 905.0 ELSE revenue_12m END AS revenue_12m "
        f"FROM '{values}'"
    ).write_parquet(str(lower))
    candidates, ways = evaluate(lower)
    assert candidates == []
    assert (ways["up"], ways["down"], ways["same"]) == (0, 0, 6)


def test_a_past_decision_is_replayed_byte_for_byte_after_policy_and_values_changed(
    proposer, committee, version, customers, values
):
    proposal = put(proposer, version, values)
    decide_candidates(actor=committee, proposal=proposal, yes=True, effective_on=TODAY, now=NOW)
    draft = draft_policy(
        actor=proposer, policy=version.policy, reason="提高门槛", now=NOW,
        document=changed_document(POLICY, {"thresholds.a_revenue": 5000}) | {"cases": _cases_for(5000)},
    )  # fmt: skip
    approve_policy(actor=committee, version=draft, valid_from=date(2026, 7, 1), now=NOW)
    for decision in Decision.objects.all():
        replayed = replay_decision(decision)
        assert replayed.equal
        assert json.loads(replayed.again)["tier"] == decision.value


def _cases_for(border: int) -> list[dict]:
    return [
        {"name": "达标", "given": {"revenue_12m": border}, "expect": {"tier": "A"}},
        {"name": "未达标", "given": {"revenue_12m": border - 1}, "expect": {"tier": "B"}},
        {"name": "零", "given": {"revenue_12m": 0}, "expect": {"tier": "C"}},
    ]


def test_a_changed_input_would_be_noticed_by_the_replay(proposer, committee, version, customers, values):
    proposal = put(proposer, version, values)
    decide_candidates(actor=committee, proposal=proposal, yes=True, effective_on=TODAY, now=NOW)
    decision = Decision.objects.filter(value="A").first()
    assert decision is not None
    decision.inputs = decision.inputs.replace("2000", "2001")
    assert not replay_decision(decision).equal


def test_an_author_cannot_approve_the_own_policy_and_failing_cases_stop_it(proposer, committee, version):
    draft = draft_policy(
        actor=proposer, policy=version.policy, reason="", now=NOW,
        document=changed_document(POLICY, {"thresholds.a_revenue": 5000}),
    )  # fmt: skip
    with pytest.raises(PolicyNotAccepted):
        approve_policy(actor=proposer, version=draft, valid_from=TODAY, now=NOW)
    with pytest.raises(PolicyNotAccepted):
        approve_policy(actor=committee, version=draft, valid_from=TODAY, now=NOW)


def test_a_team_manager_proposes_only_for_the_own_customers(version, customers, values):
    from bihuan.customers.access import customers_within

    manager = staff(7, scope=Scope.TEAM)
    assert not customers_within(manager, "decision", "propose").exists()
    Customer.objects.filter(pk=customers[0].pk).update(owner_a=None)
    assert customers_within(staff(7), "decision", "propose").count() == 6


def test_of_two_lists_with_the_same_customer_only_the_first_decides(
    proposer, committee, version, customers, values
):
    first, second = put(proposer, version, values), put(proposer, version, values)
    best = [customers[0].pk]
    decide_candidates(
        actor=committee, proposal=first, yes=True, effective_on=TODAY, customer_ids=best, now=NOW
    )
    with pytest.raises(NotDecided, match="演示客户1"):
        decide_candidates(
            actor=committee, proposal=second, yes=True, effective_on=TODAY, customer_ids=best, now=NOW
        )
    assert decide_candidates(actor=committee, proposal=second, yes=True, effective_on=TODAY, now=NOW) == 5
    assert Decision.objects.filter(customer=customers[0]).count() == 1
    second.refresh_from_db()
    assert second.state == Proposal.State.OPEN
    decide_candidates(
        actor=committee, proposal=second, yes=False, effective_on=TODAY, reason="已定级", now=NOW
    )
    second.refresh_from_db()
    assert second.state == Proposal.State.DECIDED


def test_what_was_decided_for_a_later_date_is_not_proposed_again(
    proposer, committee, version, customers, values
):
    proposal = put(proposer, version, values)
    later = TODAY + timedelta(days=30)
    decide_candidates(actor=committee, proposal=proposal, yes=True, effective_on=later, now=NOW)
    candidates, ways = evaluate(values)
    assert candidates == []
    assert (ways["up"], ways["down"], ways["same"]) == (0, 0, 6)


def test_a_committee_of_one_team_decides_about_its_own_customers_only(proposer, version, customers, values):
    owner = get_user_model().objects.create(pk=77, username="team-lead")
    Customer.objects.filter(pk=customers[0].pk).update(owner_a=owner)
    proposal = put(proposer, version, values)
    lead = staff(owner.pk, scope=Scope.OWN)
    assert decide_candidates(actor=lead, proposal=proposal, yes=True, effective_on=TODAY, now=NOW) == 1
    assert list(Decision.objects.values_list("customer", flat=True)) == [customers[0].pk]
    with pytest.raises(NotDecided):
        decide_candidates(
            actor=lead, proposal=proposal, yes=True, effective_on=TODAY, customer_ids=[customers[1].pk], now=NOW
        )  # fmt: skip


def test_a_tier_to_come_is_shown_as_to_come_and_the_present_one_as_present(
    proposer, committee, version, customers, values
):
    proposal = put(proposer, version, values)
    best = [customers[0].pk]
    later = TODAY + timedelta(days=30)
    decide_candidates(
        actor=committee, proposal=proposal, yes=True, effective_on=later, customer_ids=best, now=NOW
    )
    history = tier_history(committee, customers[0], TODAY)
    assert history.now is None
    assert [(one.valid_from, label) for one, label in history.coming] == [(later, "甲级")]
    assert tier_of(committee, customers[0], TODAY)["value"] is None
    history = tier_history(committee, customers[0], later)
    assert history.now is not None
    assert history.now[1] == "甲级"
    assert not history.coming
    # No worker has brought the standings up to date, and the command says the tier all the same.
    assert not Standing.objects.exists()
    shown = tier_of(committee, customers[0], later)
    assert (shown["value"], shown["since"]) == ("A", later)


def test_inputs_of_more_than_fifteen_digits_are_kept_whole(version, customers, tmp_path):
    import duckdb

    path = tmp_path / "large.parquet"
    duckdb.sql(
        f"SELECT {customers[0].pk} AS customer_id, CAST('123456789012.123456' AS DECIMAL(18, 6)) AS revenue_12m"
    ).write_parquet(str(path))
    candidates, _ways = evaluate(path)
    assert "123456789012.123456" in candidates[0].inputs


def test_a_survivor_without_a_tier_takes_over_the_history_of_whom_it_swallowed_and_gives_it_back(
    proposer, committee, version, customers, values
):
    first = put(proposer, version, values)
    decide_candidates(actor=committee, proposal=first, yes=True, effective_on=TODAY, now=NOW)
    winner = Customer.objects.create(external_id="NEW", name="新建的重复客户", created_at=NOW, updated_at=NOW)
    # Decided anew since: a history of two periods.
    again = put_proposal(
        actor=proposer, version=version, as_of=TODAY, same=5, reason="", now=NOW,
        candidates=_as_candidates(list(first.items.order_by("id")[:1]), current="A"),
    )  # fmt: skip
    decide_candidates(
        actor=committee, proposal=again, yes=True, effective_on=TODAY + timedelta(days=9), now=NOW
    )
    with_history, other = customers[0], customers[1]
    merge = merge_records(
        actor=SYSTEM, profile="company", winner_id=winner.pk, loser_ids=[with_history.pk], now=NOW
    )
    second = merge_records(
        actor=SYSTEM, profile="company", winner_id=winner.pk, loser_ids=[other.pk], now=NOW
    )
    deliver_due(NOW)
    assert Decision.objects.filter(customer=winner).count() == 2
    assert Decision.objects.filter(customer=other).count() == 1, "two histories are never mixed"
    assert Standing.objects.get(customer=winner).tier == "A"
    assert all(replay_decision(one).equal for one in Decision.objects.filter(customer=winner))
    undo_merge(actor=SYSTEM, merge_id=second.pk, now=NOW)
    undo_merge(actor=SYSTEM, merge_id=merge.pk, now=NOW)
    deliver_due(NOW)
    assert Decision.objects.filter(customer=with_history).count() == 2
    assert not Decision.objects.filter(customer=winner).exists()
    assert Standing.objects.get(customer=winner).tier == ""
    assert Standing.objects.get(customer=with_history).tier == "A"


def test_a_manager_of_a_team_does_not_take_back_the_list_of_the_whole_company(
    proposer, version, customers, values
):
    proposal = put(proposer, version, values)
    with pytest.raises(NotAllowed):
        withdraw_proposal(actor=staff(7, scope=Scope.TEAM), proposal=proposal, now=NOW)
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.OPEN
    own = put(staff(7, scope=Scope.TEAM), version, values)
    withdraw_proposal(actor=staff(7, scope=Scope.TEAM), proposal=own, now=NOW)
    own.refresh_from_db()
    assert own.state == Proposal.State.WITHDRAWN


def test_a_simulation_lays_open_only_customers_whose_tier_and_figures_one_sees(version, customers):
    """It adds up revenue: whoever sees all customers but the figures of few would learn the rest."""
    lead = get_user_model().objects.create(pk=78, username="lead")
    Customer.objects.filter(pk=customers[0].pk).update(owner_a=lead)
    wide = {
        ("customer", "view"): Grant(Scope.ALL, ALL_CLASSES),
        ("decision", "view"): Grant(Scope.ALL, ALL_CLASSES),
    }
    narrow = Actor(
        kind="staff", name="x", user_id=78, grants={**wide, ("metric", "view"): Grant(Scope.OWN, ALL_CLASSES)}
    )
    assert [one.pk for one in _laid_open(narrow)] == [customers[0].pk]
    assert _laid_open(staff(1)).count() == len(customers)
