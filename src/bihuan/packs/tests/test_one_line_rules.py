"""No one-line rule tells who is about to leave; many signals together do.

Every rule is a single figure with the best threshold that there is, chosen with knowledge of the truth. It may find
at most 70 % of the leavers, whether measured as F1 or as the share found among twice as many suspects as there are
leavers (beyond that, finding everybody is no art).
"""

from __future__ import annotations

import numpy as np
import pytest

from .made import plan_of
from .signals import Signals, signals_of

MOST = 0.70
CUSTOMERS = 2_500


def found_by(score: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The best F1 over all thresholds, and the share found among the 2 n most suspect."""
    score = np.where(np.isnan(score), -np.inf, score)
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    flagged = np.arange(1, len(truth) + 1)
    ranked = score[order]
    border = np.append(ranked[1:] != ranked[:-1], True)  # a threshold cannot cut through equal scores
    f1 = np.where(border, 2 * hits / (flagged + truth.sum()), 0.0)
    return float(f1.max()), float(hits[min(len(truth) - 1, 2 * int(truth.sum()))] / truth.sum())


def regression(signals: Signals, who: np.ndarray) -> np.ndarray:
    """A logistic regression on ranks, each fifth predicted from the others."""
    columns = []
    for values in signals.figures.values():
        values = values[who]
        known = ~np.isnan(values)
        filled = np.where(known, values, np.nanmedian(values))
        rank = np.argsort(np.argsort(filled)) / len(filled)
        columns += [rank, np.maximum(0, rank - 0.7), np.maximum(0, rank - 0.9), (~known).astype(float)]
    x = np.stack(columns, axis=1)
    x = np.c_[(x - x.mean(0)) / (x.std(0) + 1e-9), np.ones(len(x))]
    y = signals.leaving[who].astype(float)
    fold, score = np.arange(len(y)) % 5, np.zeros(len(y))
    for part in range(5):
        train, weights = fold != part, np.zeros(x.shape[1])
        for _step in range(20):
            p = 1 / (1 + np.exp(-x[train] @ weights))
            slope = x[train].T @ (y[train] - p) - 3 * weights
            curve = (x[train] * (p * (1 - p))[:, None]).T @ x[train] + 3 * np.eye(len(weights))
            weights += np.linalg.solve(curve, slope)
        score[~train] = x[~train] @ weights
    return score


@pytest.mark.parametrize(
    ("pack", "seed"),
    [
        ("terpene", 1),
        ("terpene", 2),
        ("steel", 3),
        ("building_materials", 4),
        ("daily_chemical", 5),
        ("sulfuric_acid", 6),
    ],
)
def test_no_one_line_rule_finds_more_than_seventy_percent(pack: str, seed: int) -> None:
    signals = signals_of(plan_of(pack, CUSTOMERS, seed))
    assert 0.05 < signals.leaving.mean() < 0.12
    everybody = np.ones(len(signals.leaving), dtype=bool)
    too_good = {
        (name, population): found
        for population, who in (("all", everybody), ("buying", signals.buying))
        for name, figure in signals.figures.items()
        if max(found := found_by(figure[who], signals.leaving[who])) > MOST
    }
    assert too_good == {}


def test_the_signals_together_find_more_than_the_best_of_them() -> None:
    signals = signals_of(plan_of("terpene", 4_000, 1))
    who = signals.buying
    best = max(found_by(figure[who], signals.leaving[who])[1] for figure in signals.figures.values())
    together = found_by(regression(signals, who), signals.leaving[who])[1]
    assert together > max(0.70, best + 0.05)
