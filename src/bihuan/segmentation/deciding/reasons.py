"""Why: stored reasons, cut down to what the reader may see, in the reader's words.

A reason inherits the strictest class of the metrics behind it. Whoever may not see one of them does not learn the
reason, the score that would give it away included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.analytics.registry import Metric, load_all
from bihuan.kernel.pages.labels import in_language
from bihuan.policy.outcome import ENGLISH

from ..queries import class_of


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason as a person reads it. `role` as in the policy's outcome; `metric` for the link to its arithmetic."""

    role: str
    text: str
    metric: str
    value: str | None
    threshold: Any
    points: str | None
    max_points: str | None
    met: bool

    @property
    def share(self) -> int | None:
        """Points as a percentage of the most that could be had, for a bar."""
        if self.points is None or not self.max_points or not Decimal(self.max_points):
            return None
        return max(0, min(100, int(Decimal(self.points) * 100 / Decimal(self.max_points))))


def metrics_of(reason: Mapping[str, Any]) -> list[str]:
    return list(reason.get("metrics") or ([reason["metric"]] if reason.get("metric") else []))


def may_read(actor: Actor, reason: Mapping[str, Any]) -> bool:
    """Whether every metric behind the reason is of a class that the actor may see. Unknown metrics count as secret.

    Whoever reaches decisions further than metrics reads no reasons: they quote metrics of customers out of reach.
    """
    classes = actor.classes("metric")
    if actor.scope("metric") < actor.scope("decision"):
        return False
    return all(class_of(name) in classes for name in metrics_of(reason))


def readable_reasons(actor: Actor, outcome: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The reasons of an outcome that the actor may read, as data."""
    return [dict(reason) for reason in outcome["reasons"] if may_read(actor, reason)]


def readable_score(actor: Actor, outcome: Mapping[str, Any]) -> str | None:
    """The score, if every reason that adds to it may be read."""
    dimensions = [reason for reason in outcome["reasons"] if reason["role"] == "dimension"]
    return outcome["score"] if all(may_read(actor, reason) for reason in dimensions) else None


def said_reasons(actor: Actor, outcome: Mapping[str, Any], document: Mapping[str, Any]) -> list[ShownReason]:
    """The readable reasons as sentences in the present language."""
    words = Words(document)
    return [
        ShownReason(
            role=reason["role"],
            text=_joined([words.sentence(part, reason) for part in reason["text"]]),
            metric=reason["metric"] if reason["metric"] in words.metrics else "",
            value=reason["value"],
            threshold=reason["threshold"],
            points=reason["points"],
            max_points=reason["max_points"],
            met=reason["met"],
        )
        for reason in readable_reasons(actor, outcome)
    ]


def _joined(sentences: list[str]) -> str:
    return _("; ").join(sentences)


def gettext_title(key: str, metrics: Mapping[str, Metric]) -> str:
    """A metric's title; a fact's own name for members of the family of facts."""
    return _(metrics[key].title) if key in metrics else key.removeprefix("facts.")


class Words:
    """The labels of one policy document, by id."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.metrics: Mapping[str, Metric] = load_all().metrics
        self.labels: dict[str, str] = {}
        for section in ("tiers", "tags", "dimensions", "derived"):
            for one in document.get(section) or []:
                self.labels[one["id"]] = in_language(one.get("label"))
        self.units = {one["id"]: one.get("unit") for one in document.get("derived") or []}

    def name(self, key: str) -> str:
        """Of `revenue_12m`, `rank_share(revenue_12m)`, `points(id)`, `derived(id)` or `score`."""
        if key == "score":
            return _("Score")
        kind, _bracket, inner = key.partition("(")
        inner = inner.rstrip(")")
        if kind == "rank_share":
            return _("rank by %(metric)s") % {"metric": self.name(inner)}
        if inner:
            return self.labels.get(inner, inner)
        return gettext_title(key, self.metrics)

    def unit(self, key: str) -> str:
        if key.startswith("rank_share("):
            return "fraction"
        if key.startswith("derived("):
            return self.units.get(key[8:-1]) or "count"
        return self.metrics[key].unit if key in self.metrics else "count"

    def sentence(self, part: Mapping[str, Any], reason: Mapping[str, Any]) -> str:
        unit = self.unit(reason["metric"])
        shown: dict[str, str] = {}
        for name, value in part["params"].items():
            if name == "name":
                shown[name] = self.name(value)
            elif name in ("tier", "without", "label"):
                shown[name] = self.labels.get(value, str(value))
            elif name in ("points", "max"):
                shown[name] = say_value(value, "score")
            else:
                shown[name] = say_value(value, unit)
        return _(ENGLISH[part["code"]]) % shown


def say_value(value: Any, unit: str) -> str:
    """A stored value as a person reads it: thousands, percent, days. Rounded for display only."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return _(", ").join(say_value(one, unit) for one in value)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    match unit:
        case "fraction":
            return _short(number * 100, 1) + " %"
        case "money":
            return _short(number, 2 if abs(number) < 1000 else 0)
        case "days" | "count":
            return _short(number, 1)
        case _:
            return _short(number, 2)


def _short(number: Decimal, places: int) -> str:
    text = format(round(number, places), ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text
