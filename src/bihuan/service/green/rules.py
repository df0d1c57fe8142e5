"""When the people of a request are told of its time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..matrix.model import Step
from ..promised import level_of


def moments_of(asked_at: datetime, due_at: datetime, steps: Sequence[Step]) -> list[list[object]]:
    """Pairs of level and moment, in order, as a clock keeps them; the time runs day and night."""
    found = {
        level_of(step): asked_at
        + (due_at - asked_at) * step.share.numerator / step.share.denominator
        + step.after
        for step in steps
    }
    return [[level, moment.isoformat()] for level, moment in sorted(found.items())]
