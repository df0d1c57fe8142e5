"""Which way a move goes. Pure."""

from __future__ import annotations

from typing import Literal

from bihuan.policy import Policy

Direction = Literal["up", "down", "same"]


def rank(policy: Policy, tier: str | None) -> int:
    """0 is the best tier. Who has none, or one that the policy no longer knows, stands with the default tier."""
    index = policy.tier_index(tier)
    if index is None:
        index = policy.tier_index(policy.default)
    return len(policy.tiers) if index is None else index


def direction(policy: Policy, before: str | None, after: str | None) -> Direction:
    left, right = rank(policy, before), rank(policy, after)
    return "same" if left == right else "up" if right < left else "down"
