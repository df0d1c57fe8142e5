"""What a policy says of one customer: the outcome, its reasons, and their bytes for all time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bihuan.policy.numbers import plain

ENGLISH: Mapping[str, str] = {
    "dimension": "%(label)s: %(points)s of %(max)s points",
    "dimension.missing": "%(label)s: not known, %(points)s of %(max)s points",
    "dimension.left_out": "%(label)s: not known, left out; its weight goes to the others",
    "met.gte": "%(name)s is %(value)s, at least %(threshold)s",
    "met.gt": "%(name)s is %(value)s, above %(threshold)s",
    "met.lte": "%(name)s is %(value)s, at most %(threshold)s",
    "met.lt": "%(name)s is %(value)s, below %(threshold)s",
    "met.eq": "%(name)s is %(value)s",
    "met.in": "%(name)s is %(value)s, one of %(threshold)s",
    "met.between": "%(name)s is %(value)s, between %(threshold)s",
    "met.missing": "%(name)s is not known",
    "met.present": "%(name)s is known: %(value)s",
    "met.not_eq": "%(name)s is %(value)s, not %(threshold)s",
    "met.not_in": "%(name)s is %(value)s, none of %(threshold)s",
    "met.not_between": "%(name)s is %(value)s, not between %(threshold)s",
    "met.assumed": "%(name)s is not known and not held against the customer",
    "short.gte": "%(name)s is %(value)s; %(tier)s needs at least %(threshold)s",
    "short.gt": "%(name)s is %(value)s; %(tier)s needs more than %(threshold)s",
    "short.lte": "%(name)s is %(value)s; %(tier)s allows at most %(threshold)s",
    "short.lt": "%(name)s is %(value)s; %(tier)s needs less than %(threshold)s",
    "short.eq": "%(name)s is %(value)s; %(tier)s needs %(threshold)s",
    "short.in": "%(name)s is %(value)s; %(tier)s needs one of %(threshold)s",
    "short.between": "%(name)s is %(value)s; %(tier)s needs it between %(threshold)s",
    "short.not_eq": "%(name)s is %(value)s; %(tier)s needs another",
    "short.not_in": "%(name)s is %(value)s; %(tier)s needs none of %(threshold)s",
    "short.not_between": "%(name)s is %(value)s; %(tier)s needs it not between %(threshold)s",
    "short.missing": "%(name)s is %(value)s; %(tier)s needs it to be absent",
    "short.unknown": "%(name)s is not known; %(tier)s needs it",
    "gap.under": "still %(gap)s short of %(tier)s",
    "gap.over": "%(gap)s too much for %(tier)s",
    "kept.margin": "%(tier)s is kept: without the margin it would be %(without)s",
    "kept.min_stay": "%(tier)s is kept until %(until)s: by the figures it would be %(without)s",
    "default": "No better tier's conditions are met, so %(tier)s",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence as code and parameters. `name` is a metric, `points(id)` or the like, `tier` an id: the room that
    shows it puts labels and units in their place and translates `ENGLISH[code]`."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def english(self) -> str:
        return ENGLISH[self.code] % {key: _shown(value) for key, value in self.params.items()}


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of the answer to “why?”.

    role: `dimension` (a part of the score), `holds` (a condition that gave the tier or tag), `next` (what is wanting for
    the next tier up; with `any_of` one of that group is enough), `kept` (a margin or the minimal stay), `default`.
    metric: what was looked at; metrics: every metric behind it, whose strictest field class the reason inherits.
    value, threshold: a number, a text, or None; a tuple for several. `threshold_name`: its name in the document.
    gap: how far the value is from where it must be, in the metric's unit; None where that is no distance.
    """

    role: str
    path: str
    metric: str = ""
    metrics: tuple[str, ...] = ()
    value: Decimal | str | None = None
    operator: str = ""
    negated: bool = False
    threshold: Decimal | str | tuple[Decimal | str, ...] | None = None
    threshold_name: str | None = None
    points: Decimal | None = None
    max_points: Decimal | None = None
    met: bool = True
    gap: Decimal | None = None
    tier: str | None = None
    any_of: str | None = None
    text: tuple[Part, ...] = ()

    @property
    def english(self) -> str:
        return "; ".join(part.english for part in self.text)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: decimals as plain strings, every key present."""
        parts = [{"code": part.code, "params": _jsonable(part.params)} for part in self.text]
        shown = {name: _jsonable(getattr(self, name)) for name in self.__slots__ if name != "text"}
        return shown | {"text": parts}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The tier (None for tag policies), the score (six places; None without dimensions or with none known), the tags."""

    tier: str | None
    score: Decimal | None
    reasons: tuple[Reason, ...]
    tags: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "tier": self.tier,
            "score": _jsonable(self.score),
            "tags": list(self.tags),
            "reasons": [reason.as_dict() for reason in self.reasons],
        }


def canonical_bytes(what: Outcome | Mapping[str, Any]) -> bytes:
    """The same bytes for the same content, for ever: sorted keys, no spaces, UTF-8, numbers that are not whole as plain
    decimal strings, dates as ISO. For an outcome's replay, and for a document's or a set of values' fingerprint."""
    content = what.as_dict() if isinstance(what, Outcome) else _jsonable(what)
    return json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def _jsonable(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return plain(value)
        case float():
            return repr(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _jsonable(one) for key, one in value.items()}
        case _:
            return [_jsonable(one) for one in value]


def _shown(value: Any) -> str:
    match value:
        case None:
            return "?"
        case Decimal():
            number = plain(round(value, 2))
            whole, _, places = number.partition(".")
            return f"{int(whole):,}".replace("-0", "-0") + (f".{places}" if places else "")
        case tuple():
            return ", ".join(_shown(one) for one in value)
        case _:
            return str(value)
