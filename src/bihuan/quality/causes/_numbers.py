"""The arithmetic on numbers, by numpy, which is loaded when something is compared and not before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

WEIGHT = 3.0  # a change of one parameter alone against one that its relatives follow
AT_ONCE = 4_000_000  # numbers in one batch of matrices


class Numbers:
    """Parameters of a lot beside those of the good lots.

    The lot itself is one more row: each row is scored against the mean and correlation of all others, so that the lot and the
    good lots are treated alike. What a good lot lacks counts as the mean.
    """

    def __init__(self, good: Sequence[Sequence[Any]], lot: Sequence[Any]) -> None:
        import numpy as np

        columns = [[*map(_number, column), _number(own)] for column, own in zip(good, lot, strict=True)]
        raw = np.array(columns).T  # lots × parameters, the lot last
        self.known = ~np.isnan(raw)
        self.centre = np.nanmean(raw, axis=0)
        self.rows = np.where(self.known, raw - self.centre, 0.0)
        # One that never moves has the spread of its last digit, so that whatever leaves it stands out.
        self.least = np.maximum(np.abs(self.centre), 1.0) * 1e-9

    @staticmethod
    def spread(known: Sequence[Any]) -> float:
        return float(max(known) - min(known))

    def scores(self) -> tuple[list[float], list[float]]:
        """The lot's score of each parameter, and each good lot's best score."""
        import numpy as np

        count, p = self.rows.shape
        step = max(1, AT_ONCE // (p * p))
        scored = np.concatenate([self._scored(at, min(at + step, count)) for at in range(0, count, step)])
        best = np.where(self.known, scored, -np.inf).max(axis=1)
        return [float(one) for one in scored[-1]], [float(one) for one in best[:-1]]

    def _scored(self, first: int, last: int) -> Any:
        """The scores of some rows, each against all others: sums over all less the row's own share."""
        import numpy as np

        rows, square = self.rows, self.rows**2
        x, x2 = rows[first:last], square[first:last]
        n = len(rows) - 1
        known = self.known.sum(axis=0) - self.known[first:last]
        mean = (rows.sum(axis=0) - x) / np.maximum(known, 1)
        second = (rows.T @ rows - x[:, :, None] * x[:, None, :]) / n
        covariance = second - (mean * known / n)[:, :, None] * (mean * known / n)[:, None, :]
        variance = np.diagonal(covariance, axis1=1, axis2=2) * n / np.maximum(known - 1, 1)
        s = np.maximum(np.sqrt(np.maximum(variance, 0)), self.least)
        fourth = (square.T @ square - x2[:, :, None] * x2[:, None, :]) / n
        z = np.where(self.known[first:last], (x - mean) / (s * np.sqrt(1 + 1 / np.maximum(known, 1))), 0.0)
        return _likelihoods(z, _correlation(covariance, fourth, self.least, n))

    def z(self, column: int) -> float:
        """The lot's value in standard deviations of the good lots."""
        import numpy as np

        good = self.rows[:-1, column][self.known[:-1, column]]
        s = max(float(np.std(good, ddof=1)), float(self.least[column]))
        return float((self.rows[-1, column] - good.mean()) / s)

    def related(self, column: int, least: float) -> list[int]:
        """The parameters that move with one among the good lots, the closest first."""
        import numpy as np

        good = self.rows[:-1]
        s = np.sqrt((good**2).mean(axis=0))
        s[s <= self.least] = np.inf
        near = np.abs((good / s).T @ (good[:, column] / s[column])) / len(good)
        near[column] = 0
        return [int(one) for one in np.argsort(-near, kind="stable") if near[one] >= least]


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _likelihoods(z: Any, correlation: Any) -> Any:
    """Row by row, the score of each parameter (see `finding`)."""
    import numpy as np

    inverse = np.linalg.inv(correlation)
    alone = np.einsum("kij,kj->ki", inverse, z) ** 2 / np.diagonal(inverse, axis1=1, axis2=2)
    return np.logaddexp(alone / 2 + math.log(WEIGHT), z**2 / 2) - math.log(WEIGHT + 1)


def _correlation(covariance: Any, fourth: Any, least: Any, n: int) -> Any:
    """Correlations, shrunk towards independence by Ledoit and Wolf's estimate of how far.

    `covariance`: (rows, p, p); `fourth`: the means of the products of squares, for the noise of each correlation.
    """
    import numpy as np

    p = covariance.shape[1]
    s = np.maximum(np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0)), least)
    both = s[:, :, None] * s[:, None, :]
    sample = covariance / both
    noise = (fourth / both**2 - sample**2).sum(axis=(1, 2)) / n
    away = ((sample - np.eye(p)) ** 2).sum(axis=(1, 2))
    share = np.where(away > 0, np.clip(noise, 0, away) / np.where(away > 0, away, 1), 1.0)[:, None, None]
    # Two columns that say the same would leave nothing to invert.
    shrunk = (1 - share) * sample + (share + 1e-6) * np.eye(p)
    shrunk[:, np.arange(p), np.arange(p)] = 1 + 1e-6
    return shrunk
