"""Replaying a decision: the same inputs, the same wording, the same bytes."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.rulebook.queries import parsed

from ..models import Decision
from .evidence import Seen, outcome_text


@dataclass(frozen=True, slots=True)
class Replay:
    stored: str
    again: str

    @property
    def equal(self) -> bool:
        return self.stored.encode() == self.again.encode()


def replay_decision(decision: Decision) -> Replay:
    """Evaluate what the decision saw with the version that it was made by.

    Raises ValueError for a decision without a policy version (one that was set by hand).
    """
    if decision.policy_version is None:
        raise ValueError("a decision without a policy cannot be replayed")
    outcome = Seen.from_text(decision.inputs).evaluate(parsed(decision.policy_version))
    return Replay(stored=decision.outcome, again=outcome_text(outcome))
