"""A small company with a tier policy, without the lake: metric values come from a file made here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bihuan.customers.models import Customer
from bihuan.kernel.actor import ALL_CLASSES, Actor, Grant, Scope
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.services import import_policy

from .made_lake import lake, metrics_at  # noqa: F401  (fixtures)

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
TODAY = date(2026, 6, 30)

POLICY: dict[str, Any] = {
    "id": "test_tiers",
    "kind": "tier",
    "version": 1,
    "subject": "customer",
    "title": {"zh-Hans": "测试分级", "en": "Test tiers"},
    "owner": "评审小组",
    "reason": "测试",
    "schedule": "yearly",
    "thresholds": {
        "a_revenue": {
            "value": 1000,
            "unit": "money",
            "label": {"zh-Hans": "A 级年采购额", "en": "A revenue"},
        },
        "b_revenue": {"value": 100, "unit": "money", "label": {"zh-Hans": "B 级年采购额", "en": "B revenue"}},
    },
    "tiers": [
        {
            "id": "A",
            "label": {"zh-Hans": "甲级", "en": "Grade A"},
            "when": {"metric": "revenue_12m", "gte": {"threshold": "a_revenue"}},
        },
        {
            "id": "B",
            "label": {"zh-Hans": "乙级", "en": "Grade B"},
            "when": {"metric": "revenue_12m", "gte": {"threshold": "b_revenue"}},
        },
        {"id": "C", "label": {"zh-Hans": "丙级", "en": "Grade C"}},
    ],
    "default": "C",
    "hysteresis": {"margin": 0.1},
    "cases": [
        {"name": "千元为甲", "given": {"revenue_12m": 1000}, "expect": {"tier": "A"}},
        {"name": "差一分为乙", "given": {"revenue_12m": 999.99}, "expect": {"tier": "B"}},
        {
            "name": "甲级跌到九百五仍保级",
            "current": "A",
            "given": {"revenue_12m": 950},
            "expect": {"tier": "A"},
        },
    ],
}


def staff(user_id: int, *, scope: Scope = Scope.ALL, actions: tuple[str, ...] = ()) -> Actor:
    """Somebody with all classes on decisions, policies, metrics and customers."""
    wanted = actions or ("view", "propose", "approve", "simulate", "edit")
    grants = {
        (name, action): Grant(scope, ALL_CLASSES)
        for name in ("decision", "policy", "metric", "customer")
        for action in wanted
    }
    return Actor(kind="staff", name=f"员工{user_id}", user_id=user_id, grants=grants)


@pytest.fixture
def proposer() -> Actor:
    return staff(1)


@pytest.fixture
def committee() -> Actor:
    return staff(2)


@pytest.fixture
def version(db: None) -> PolicyVersion:
    return import_policy(document=POLICY, valid_from=date(2026, 1, 1), now=NOW)


@pytest.fixture
def customers(db: None) -> list[Customer]:
    return Customer.objects.bulk_create(
        Customer(external_id=f"K{number}", name=f"演示客户{number}", created_at=NOW, updated_at=NOW)
        for number in range(1, 7)
    )


@pytest.fixture
def values(tmp_path: Path, customers: list[Customer]) -> Path:
    """Revenue per customer: 2000, 1000, 999.99, 100, 50, and one who is absent."""
    path = tmp_path / "values.parquet"
    rows = zip([one.pk for one in customers], [2000.0, 1000.0, 999.99, 100.0, 50.0], strict=False)
    listed = ", ".join(f"({key}, {value}::DOUBLE)" for key, value in rows)
    duckdb.sql(f"SELECT * FROM (VALUES {listed}) AS t(customer_id, revenue_12m)").write_parquet(str(path))
    return path
