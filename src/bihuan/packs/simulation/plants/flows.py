"""How amounts flow: consecutive takers draw on consecutive givers, as a silo or a tank farm is drawn down. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np


def cut(total: int, pieces: int, grain: int) -> list[int]:
    """A total in so many pieces of about one size, each but the last a whole number of grains."""
    edges = [total * place // pieces // grain * grain for place in range(pieces)] + [total]
    return [after - before for before, after in pairwise(edges)]


def drawn(given: Sequence[int], wanted: Sequence[int]) -> list[list[tuple[int, int]]]:
    """For each taker the givers it draws on, as (place, amount). Together the givers have at least what is wanted."""
    ends, needs = np.cumsum(given), np.cumsum(wanted)
    edges = np.union1d(ends, needs)
    edges = edges[edges <= needs[-1]]
    starts = np.concatenate(([0], edges[:-1]))
    giver = np.searchsorted(ends, starts, side="right")
    taker = np.searchsorted(needs, starts, side="right")
    found: list[list[tuple[int, int]]] = [[] for _ in wanted]
    for at, from_, amount in zip(taker.tolist(), giver.tolist(), (edges - starts).tolist(), strict=True):
        if amount:
            found[at].append((from_, amount))
    return found
