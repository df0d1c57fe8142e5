"""Customers and contacts in few words, for tests of duplicates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bihuan.customers.duplicates.derived import derived_columns
from bihuan.customers.duplicates.merging import merge_records
from bihuan.customers.models import Contact, Customer, Merge
from bihuan.kernel.actor import SYSTEM

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def customer(name: str, **more: Any) -> Customer:
    values: dict[str, Any] = {"created_at": NOW, "updated_at": NOW} | derived_columns(
        name, more.get("phone", "")
    )
    return Customer.objects.create(name=name, **(values | more))


def contact(of: Customer, name: str, **more: Any) -> Contact:
    return Contact.objects.create(customer=of, name=name, created_at=NOW, updated_at=NOW, **more)


def merge(winner: Customer, *losers: Customer, **more: Any) -> Merge:
    return merge_records(
        actor=SYSTEM,
        profile="company",
        winner_id=winner.pk,
        loser_ids=[one.pk for one in losers],
        now=NOW,
        **more,
    )
