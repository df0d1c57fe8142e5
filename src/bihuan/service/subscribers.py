"""What this room does when others have news. Heard more than once, it does the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.outbox import subscriber

from .correspondence.answering import tell_undelivered
from .green.asking import follow_merged, open_green_channel
from .services import follow_merge, follow_tiers


@subscriber("tier.decided")
def promises_follow_the_tier(payload: dict[str, Any], now: datetime) -> None:
    """Open cases of customers who moved; decisions for a later day are followed by the nightly job."""
    follow_tiers(now=now, customer_ids=payload["customers"])


@subscriber("customer.merged")
@subscriber("customer.merge_undone")
def promises_of_merged_customers(payload: dict[str, Any], now: datetime) -> None:
    follow_tiers(now=now, customer_ids=[payload["winner"], *payload["losers"]])


@subscriber("message.dead")
@subscriber("message.unsure")
def owner_hears_of_undelivered(payload: dict[str, Any], now: datetime) -> None:
    tell_undelivered(out_id=payload["out"], now=now)


@subscriber("case.opened")
@subscriber("case.changed")
@subscriber("case.reopened")
def critical_cases_go_through_the_green_channel(payload: dict[str, Any], now: datetime) -> None:
    open_green_channel(case_id=payload["case"], now=now)


@subscriber("case.merged")
def investigations_follow_the_survivor(payload: dict[str, Any], now: datetime) -> None:
    follow_merge(case_id=payload["case"], now=now)
    follow_merged(case_id=payload["case"])


from . import evidence  # noqa: E402, F401  found by the same name
from .objection import following  # noqa: E402, F401  likewise
