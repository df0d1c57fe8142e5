"""What commands share: refusing, and writing JSON so that numbers stay exact."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bihuan.kernel.fields import plain


class CommandRefused(Exception):
    """The command cannot do what was asked; the text says what happened, what was kept and what to do.

    `status` is 1 when it could not be done, 2 for bad use.
    """

    def __init__(self, text: object, status: int = 1) -> None:
        super().__init__(str(text))
        self.status = status


def encode(value: Any) -> Any:
    """JSON's form of what JSON lacks: decimals as full-precision strings, moments in UTC with Z, dates ISO."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=encode)


def write_object(value: Mapping[str, Any]) -> None:
    """One JSON object on standard output."""
    sys.stdout.write(to_json(value) + "\n")


def write_lines(values: Iterable[Mapping[str, Any]]) -> None:
    """JSON Lines on standard output, one object a line."""
    for value in values:
        sys.stdout.write(to_json(value) + "\n")


def say(text: object) -> None:
    """A message for the person, on standard error."""
    print(text, file=sys.stderr, flush=True)
