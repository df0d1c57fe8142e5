"""Health and rule-based tags of each pack's demo company: what the sets give is what one customer's evaluation gives."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from bihuan.customers.models import Customer, CustomerTag
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import local_date
from bihuan.packs.pack import PACKS
from bihuan.packs.services import DEMO_CUSTOMERS, DEMO_SEED, DEMO_YEARS, install_pack
from bihuan.packs.simulation.run import simulate
from bihuan.policy import Outcome, Policy, evaluate
from bihuan.rulebook.queries import parsed, policy_of_kind_in_force
from bihuan.segmentation.models import MetricRow, Standing
from bihuan.segmentation.refreshing import refresh_metrics

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CENT = Decimal("0.01")


def policy_of(kind: str) -> Policy:
    version = policy_of_kind_in_force(kind, local_date(NOW))
    assert version is not None
    return parsed(version)


def outcomes(policy: Policy) -> dict[int, Outcome]:
    """Each customer evaluated alone, from the values that pages show."""
    rows = MetricRow.objects.values_list("customer_id", "values")
    return {
        customer: evaluate(policy, {name: values.get(name) for name in policy.inputs}, as_of=local_date(NOW))
        for customer, values in rows
    }


# Committed, not only written: the lake is filled by a process of its own.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pack", PACKS)
def test_sets_and_the_single_evaluator_agree_on_every_demo_customer(
    pack: str, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    install_pack(pack, now=NOW)
    simulate(
        actor=SYSTEM, pack=pack, customers=DEMO_CUSTOMERS, years=DEMO_YEARS, seed=DEMO_SEED,
        until=local_date(NOW), now=NOW,
    )  # fmt: skip
    refresh_metrics(actor=SYSTEM, now=NOW)

    single = outcomes(policy_of("health"))
    assert len(single) == Customer.objects.count() == DEMO_CUSTOMERS
    stored = Standing.objects.values_list("customer_id", "health", "health_state")
    assert {customer: (score, state) for customer, score, state in stored} == {
        customer: (one.score.quantize(CENT, ROUND_HALF_UP), one.tier)
        for customer, one in single.items()
        if one.score is not None
    }
    assert len({state for _customer, _score, state in stored}) == len(policy_of("health").tiers)

    wanted = {(key, code) for key, one in outcomes(policy_of("tag")).items() for code in one.tags}
    by_rule = CustomerTag.objects.filter(by_rule=True).values_list("customer_id", "tag__code")
    assert len(by_rule) > DEMO_CUSTOMERS / 2
    by_hand = set(CustomerTag.objects.filter(by_rule=False).values_list("customer_id", "tag__code"))
    assert set(by_rule) == wanted - by_hand
