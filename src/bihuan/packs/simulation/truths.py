"""Last step: what was planted. It goes to a file beside the company, never into the database."""

from __future__ import annotations

from typing import Any

import numpy as np

from .habits import GREW, LEAVING, WAY_NAMES, Habits
from .plan import Block, dates_from

# Who has left and who pays late stands in plain sight, in the last order and in the receivables: no truth to find.
OUTCOMES = {LEAVING: "leaving", GREW: "grew"}


def run(block: Block) -> None:
    habits: Habits = block.values["habits"]
    numbers: list[str] = block.values["external_ids"]
    silent = habits.ends < 0
    for place in range(block.count):
        if silent[place]:
            continue
        outcome = int(habits.outcome[place])
        if outcome in OUTCOMES:
            truth: dict[str, Any] = {
                "truth": OUTCOMES[outcome],
                "customer": numbers[place],
                "from": str(dates_from(block.plan.start, habits.outcome_from[place])),
            }
            if outcome == GREW:
                truth["factor"] = round(float(habits.grown[place]), 3)
            else:
                shown = np.flatnonzero(habits.way_strength[place] > 0)
                truth["ways"] = [WAY_NAMES[way] for way in shown]
            block.truths.append(truth)
    for original, second in enumerate(block.values["twin"].tolist()):
        if second >= 0:
            block.truths.append({"truth": "duplicates", "customers": [numbers[original], numbers[second]]})
