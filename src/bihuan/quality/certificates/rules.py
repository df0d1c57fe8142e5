"""What stands against a certificate, and what it lists: pure, over results and limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# What stands against it; `preparing` says each in words.
MISSING, INVALID, OUTSIDE, UNCERTAIN, NO_NUMBER = "missing", "invalid", "outside", "uncertain", "no_number"


@dataclass(frozen=True, slots=True)
class Measured:
    """A result of a lot. `value` is the limit of detection where it lies below."""

    id: int
    characteristic: int
    said: str
    value: float | None
    is_below_detection: bool
    is_valid: bool
    is_tested_again: bool = False
    lot: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    lower: Decimal | None
    upper: Decimal | None


@dataclass(frozen=True, slots=True)
class Objection:
    """`characteristic` and `result` are ids."""

    code: str
    characteristic: int
    result: int | None = None


def against(limits: Limits, result: Measured) -> str:
    """Why a result does not show that the limits are kept; "" where it does."""
    if limits.lower is None and limits.upper is None:
        return ""
    if result.value is None:
        return NO_NUMBER
    value = Decimal(str(result.value))
    if result.is_below_detection:
        if limits.lower is not None:
            return OUTSIDE if value <= limits.lower else UNCERTAIN
        return UNCERTAIN if limits.upper is not None and value > limits.upper else ""
    if (limits.lower is not None and value < limits.lower) or (
        limits.upper is not None and value > limits.upper
    ):
        return OUTSIDE
    return ""


def judge(
    results: Iterable[Measured], limits: Mapping[int, Limits], wanted: Sequence[int] = ()
) -> tuple[list[Measured], list[Objection]]:
    """The results that a certificate lists, and what stands against it.

    Listed are all valid ones of the characteristics `wanted`, in their order (without: of all, those with limits first). Every
    characteristic that is wanted, or has limits, needs a valid result, and each valid result has to keep its limits: a
    sample that failed is not left out because another one passed.
    """
    valid: dict[int, list[Measured]] = {}
    fell: dict[int, Measured] = {}
    for one in results:
        if one.is_valid:
            valid.setdefault(one.characteristic, []).append(one)
        elif not one.is_tested_again:
            fell[one.characteristic] = one
    order = list(dict.fromkeys([*wanted] if wanted else [*limits, *valid]))
    found: list[Objection] = []
    for key in dict.fromkeys([*order, *limits]):
        if key in fell and key not in valid:
            found.append(Objection(INVALID, key, fell[key].id))
        elif key not in valid:
            found.append(Objection(MISSING, key))
        for one in valid.get(key, ()):
            code = against(limits[key], one) if key in limits else ""
            if code:
                found.append(Objection(code, key, one.id))
    return [one for key in order for one in valid.get(key, ())], found


def changed_since(said: Mapping[str, Any], results: Iterable[Measured]) -> list[tuple[str, int]]:
    """What happened to the results since a certificate was signed: ("fell" or "altered", id of a result that it lists) and
    ("came", id of a valid one of a characteristic that it lists, and that it does not list)."""
    listed = {int(row["result"]): row for row in said.get("rows", ())}
    about = {int(row["characteristic"]) for row in listed.values()}
    known = {one.id: one for one in results}
    found = []
    for key, row in listed.items():
        now = known.get(key)
        if now is None or not now.is_valid:
            found.append(("fell", key))
        elif now.said != row["said"]:
            found.append(("altered", key))
    found += [
        ("came", key)
        for key, one in known.items()
        if one.is_valid and one.characteristic in about and key not in listed
    ]
    return found
