"""Rows that sit on the borders of a given policy."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from bihuan.policy import Policy
from bihuan.policy.model import comparisons
from bihuan.policy.tests.making import AS_OF


def made_rows(policy: Policy, seed: str, count: int) -> list[dict[str, Any]]:
    """Inputs at the policy's borders, with tiers held since any time."""
    chance = random.Random(seed)
    values = bordering_values(policy)
    made = []
    for _ in range(count):
        row: dict[str, Any] = {name: chance.choice(values[name]) for name in sorted(values)}
        for name in policy.text_inputs:
            row[name] = None if row[name] is None else str(row[name])
        row["current_tier"] = chance.choice([None, "gone", *(tier.id for tier in policy.tiers)])
        row["since"] = AS_OF - timedelta(days=chance.randrange(400))
        made.append(row)
    return made


def bordering_values(policy: Policy) -> dict[str, list[Any]]:
    """For each input, every number that the document compares it with, and its neighbourhood."""
    numbers: dict[str, list[Any]] = {name: [None, 0, 1] for name in policy.inputs}
    conditions = [tier.when for tier in policy.tiers] + [one.met for one in policy.dimensions]
    for condition in [*conditions, *(tag.when for tag in policy.tags)]:
        for comparison in comparisons(condition):
            if comparison.ref.is_input:
                numbers[comparison.ref.key] += [operand.value for operand in comparison.test.operands]
    for dimension in policy.dimensions:
        tests = [band.test for band in dimension.bands if band.test is not None]
        found = [operand.value for test in tests for operand in test.operands]
        found += [point.at.value for point in dimension.linear]
        for ref in dimension.refs:
            for name in policy.metrics_behind(ref):
                numbers[name] += found
    return {
        name: [near for value in values for near in neighbours(value)] for name, values in numbers.items()
    }


def neighbours(value: Any) -> list[Any]:
    if value is None or isinstance(value, str):
        return [value]
    number = float(value)
    return [
        number,
        number - 0.01,
        number + 0.01,
        number * 0.95,
        number * 0.9,
        number * 1.1,
        number * (1 - 1e-14),
    ]
