"""Last step: what was planted. It goes to a file beside the company, never into the database."""

from __future__ import annotations

from typing import Any

import numpy as np

from .habits import GREW, LEAVING, LEFT, WAY_NAMES, Habits
from .plan import Block, dates_from

OUTCOMES = {LEAVING: "leaving", LEFT: "left", GREW: "grew"}


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
            if outcome == LEFT:
                truth["until"] = str(dates_from(block.plan.start, habits.ends[place]))
            block.truths.append(truth)
        if habits.pays_late[place]:
            days = round(float(habits.payment_delay[place]), 1)
            block.truths.append({"truth": "pays_late", "customer": numbers[place], "days": days})
    for original, second in enumerate(block.values["twin"].tolist()):
        if second >= 0:
            block.truths.append({"truth": "duplicates", "customers": [numbers[original], numbers[second]]})
