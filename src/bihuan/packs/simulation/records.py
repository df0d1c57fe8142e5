"""Step 2: which customers there are as records, who is entered twice, and who looks after whom."""

from __future__ import annotations

import numpy as np

from .habits import FAR, STEADY, Habits
from .model import places
from .plan import Block, Ints

TWICE_ENTERED = 0.02
PROSPECTS = 0.03


def run(block: Block) -> None:
    rng, plan, n = block.rng("records"), block.plan, block.count
    habits: Habits = block.values["habits"]
    block.values["customer_ids"] = block.take_ids("customers.Customer", n)
    # The last places of a block are second records: they have no habit of their own.
    second = round(n * TWICE_ENTERED)
    silent = np.zeros(n, dtype=bool)
    silent[n - second :] = True
    # Contacted, and nothing bought yet.
    silent[: n - second] = (rng.random(n - second) < PROSPECTS) & (habits.outcome[: n - second] == STEADY)
    habits.outcome[silent] = STEADY
    habits.outcome_from[silent] = FAR
    habits.ends[silent] = -1
    habits.way_strength[silent] = 0
    steady = np.flatnonzero((habits.outcome == STEADY) & ~silent)
    originals = rng.permutation(steady)[:second]
    twin = np.full(n, -1, dtype=np.int64)
    twin_of = np.full(n, -1, dtype=np.int64)
    twins = np.arange(n - second, n)[: len(originals)]
    twin[originals] = twins
    twin_of[twins] = originals
    habits.place[twins] = habits.place[originals]
    habits.industry[twins] = habits.industry[originals]
    block.values["twin"] = twin
    block.values["twin_of"] = twin_of
    block.values["twin_from"] = rng.integers(0, max(1, plan.days - 200), n)
    assign_owners(rng, block, habits)


def assign_owners(rng: np.random.Generator, block: Block, habits: Habits) -> None:
    """Owner A from the team of the customer's province, deputy B another of that team."""
    sellers = block.plan.sellers
    a = np.zeros(block.count, dtype=np.int64)
    b = np.zeros(block.count, dtype=np.int64)
    team = np.zeros(block.count, dtype=np.int64)
    of_place = np.array(
        [block.plan.team_of_province.get(one.province, 0) for one in places()], dtype=np.int64
    )
    wanted = of_place[habits.place]
    for number in np.unique(wanted):
        members = np.array([one.user_id for one in sellers if one.team_id == number], dtype=np.int64)
        here = np.flatnonzero(wanted == number)
        if not len(members):
            continue
        chosen: Ints = rng.integers(0, len(members), len(here))
        team[here] = number
        a[here] = members[chosen]
        if len(members) > 1:
            b[here] = members[(chosen + rng.integers(1, len(members), len(here))) % len(members)]
    block.values["owner_a"], block.values["owner_b"], block.values["team"] = a, b, team
