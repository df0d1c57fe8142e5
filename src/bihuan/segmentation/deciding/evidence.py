"""What an evaluation saw and gave, as texts that can be evaluated again and compared byte for byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bihuan.policy import Outcome, Policy, Value, canonical_bytes, evaluate
from bihuan.policy.numbers import plain, to_number


@dataclass(frozen=True, slots=True)
class Seen:
    """The whole of what an evaluation looked at."""

    values: Mapping[str, Value]
    current: str | None
    since: date | None
    as_of: date

    def text(self) -> str:
        """Canonical JSON; numbers as exact texts, so that reading gives back what was written."""
        content = {
            "as_of": self.as_of,
            "current": self.current,
            "since": self.since,
            "values": {name: _exact(value) for name, value in self.values.items()},
        }
        return canonical_bytes(content).decode()

    @classmethod
    def from_text(cls, text: str) -> Seen:
        content = json.loads(text)
        return cls(
            values={name: _read(value) for name, value in content["values"].items()},
            current=content["current"],
            since=date.fromisoformat(content["since"]) if content["since"] else None,
            as_of=date.fromisoformat(content["as_of"]),
        )

    def evaluate(self, policy: Policy) -> Outcome:
        return evaluate(policy, self.values, self.current, self.since, self.as_of)


def _exact(value: Value) -> dict[str, str] | None:
    """Type and text: a number that is read back as a text would change what it is compared with."""
    if value is None:
        return None
    if isinstance(value, str):
        return {"text": value}
    number = to_number(value)
    return None if number is None else {"number": plain(number)}


def _read(value: dict[str, str] | None) -> Value:
    if value is None:
        return None
    return value["text"] if "text" in value else Decimal(value["number"])


def outcome_text(outcome: Outcome) -> str:
    return canonical_bytes(outcome).decode()


def read_outcome(text: str) -> dict[str, Any]:
    """The stored outcome as plain data: tier, score, reasons."""
    content: dict[str, Any] = json.loads(text)
    return content
