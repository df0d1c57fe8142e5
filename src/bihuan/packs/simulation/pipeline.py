"""The steps in their order. A step reads what earlier ones left in the block and adds tables; a later room adds its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from . import companies, files, habits, money, orders, records, truths
from .model import places
from .plan import Block, Plan, calendar_of

Step = Callable[[Block], None]

STEPS: tuple[tuple[str, Step], ...] = (
    ("habits", habits.run),
    ("records", records.run),
    ("orders", orders.run),
    ("companies", companies.run),
    ("money", money.run),
    ("files", files.run),
    ("truths", truths.run),
)


def blocks(plan: Plan, first_ids: Mapping[str, int]) -> Iterator[Block]:
    """The company, block by block. `first_ids` gives the first free row number of each table."""
    calendar = calendar_of(plan)
    world = world_of(plan)
    next_ids = dict(first_ids)
    first_order_id = next_ids.get("sales.Order", 1)
    for index, first in enumerate(range(0, plan.customers, plan.block_size)):
        block = Block(
            plan=plan,
            calendar=calendar,
            index=index,
            first=first,
            count=min(plan.block_size, plan.customers - first),
            next_ids=next_ids,
            values={**world, "first_order_id": first_order_id},
        )
        for _name, step in STEPS:
            step(block)
        yield block


def world_of(plan: Plan) -> dict[str, Any]:
    """What all customers share: the market's prices, what products cost, how much industry a place has."""
    rng, products = plan.rng("world", 0), len(plan.products)
    market = rng.normal(0, 0.0045, plan.days)
    own = rng.normal(0, 0.0025, (products, plan.days))
    walk = np.cumsum(market + own, axis=1)
    # Prices wander but return to where they belong.
    trend = np.linspace(0, 1, plan.days)[None, :] * walk[:, -1:]
    return {
        "price_drift": np.exp(walk - 0.7 * trend),
        "cost_share": rng.uniform(0.66, 0.84, products),
        "place_weights": np.array([one.weight for one in places()]),
    }
