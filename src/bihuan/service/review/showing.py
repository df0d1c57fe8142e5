"""Figures as lines: name, value, the value before, what it counts, what it means, the list behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.kernel.pages.values import write
from bihuan.kernel.settings_store import get_setting

from ..models import QualityCost
from .figures import REPEAT_DAYS, Figures, Taken
from .links import AGES, LABELS
from .rules import Bar, Share

# The pack's targets stand in the settings; which of them belongs beside which figure, and what a whole is there.
TARGETS = "packs.kpi_targets"
TARGET_OF = {"first_attempt": (("first_time_solved",), 1), "satisfied": (("satisfaction",), 100)}


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with everything a reader asks of it. `said` and `before` are written out; `raw` is exact, as text.

    The addresses (see `links`) lead to what was counted: all of it (`url`), of a share those that count (`said_url`) and
    the others (`rest_url`), and the same of the period before.
    """

    key: str
    label: str
    said: str
    before: str
    n: str
    meaning: str
    raw: str = ""
    target: str = ""
    is_commercial: bool = False
    interval: str = ""
    url: str = ""
    said_url: str = ""
    rest_url: str = ""
    before_url: str = ""


def _share(one: Share) -> str:
    return write("fraction", one.value) if one.n else "–"


def _hours(value: float | None) -> str:
    return "–" if value is None else _("%(n)s h") % {"n": f"{value:.1f}"}


def _count(value: int) -> str:
    return write("count", value)


def _raw(value: Any) -> str:
    return "" if value is None else str(value)


def _targets() -> dict[str, str]:
    by_code = {one["code"]: one for one in get_setting(TARGETS, [])}
    found = {}
    for key, (codes, whole) in TARGET_OF.items():
        target = next((by_code[one]["target"] for one in codes if one in by_code), None)
        if target is not None:
            found[key] = "≥ " + write("fraction", Decimal(str(target)) / whole)
    return found


def main_lines(one: Figures, before: Figures) -> list[Line]:
    """Volumes, repeats, first attempts, time to solve, satisfaction."""
    targets = _targets()
    interval = one.satisfied.top.interval
    between = (
        _("95 %%: %(low)s to %(high)s")
        % {"low": write("fraction", interval[0]), "high": write("fraction", interval[1])}
        if interval
        else ""
    )
    mean, mean_before = one.satisfied.mean, before.satisfied.mean
    return [
        _volume("opened", one.volumes.opened, before.volumes.opened,
                _("Cases reported in the period. A case that was merged into another is not counted.")),
        _volume("solved", one.volumes.solved, before.volumes.solved,
                _("Cases that were solved last in the period. One that was reopened counts where it is solved again.")),
        _volume("open", one.open, before.open,
                _("Cases neither solved nor closed at the end of the period, as it was then; of a period that runs, now.")),
        Line("first_attempt", str(LABELS["first_attempt"]), _share(one.first_attempt), _share(before.first_attempt),
             _count(one.first_attempt.n), _("Of the cases solved in the period, those that were never reopened."),
             _raw(one.first_attempt.value), targets.get("first_attempt", "")),
        Line("repeats", str(LABELS["repeats"]), _share(one.repeats), _share(before.repeats), _count(one.repeats.n),
             _("Of the complaints and quality objections opened in the period, those whose customer had opened one within the %(days)s days before.") % {"days": REPEAT_DAYS},
             _raw(one.repeats.value)),
        *_taken(one.taken, before.taken),
        Line("satisfied", str(LABELS["satisfied"]), _share(one.satisfied.top), _share(before.satisfied.top),
             _count(one.satisfied.top.n),
             _("Of the customers who were asked after solving, those who answered 4 or 5 of 5. The interval is Wilson's."),
             _raw(one.satisfied.top.value), targets.get("satisfied", ""), interval=between),
        Line("mean", _("Mean satisfaction"), "–" if mean is None else f"{mean:.2f}",
             "–" if mean_before is None else f"{mean_before:.2f}", _count(one.satisfied.top.n),
             _("Mean of the answers from 1 (not at all) to 5 (fully)."), _raw(mean)),
    ]  # fmt: skip


def _volume(key: str, value: int, before: int, meaning: str) -> Line:
    return Line(key, str(LABELS[key]), _count(value), _count(before), "", meaning, str(value))


def _taken(one: Taken, before: Taken) -> Iterable[Line]:
    meaning = _(
        "Hours of the service calendar from opening to the last solving, pauses included; cases solved in the period."
    )
    for key, label, value, value_before in (
        ("median", _("Time to solve, median"), one.median, before.median),
        ("ninety", _("Time to solve, 90 of 100 within"), one.ninety, before.ninety),
    ):
        yield Line(key, label, _hours(value), _hours(value_before), _count(one.n), meaning, _raw(value))


def on_time_lines(one: Figures, before: Figures, labels: Mapping[str, str]) -> list[Line]:
    """By kind of clock, those with the most first."""
    meaning = _(
        "Of the clocks that ended in the period, or fell due in it and still ran at its end, those that were kept."
    )
    nothing = Share(0, 0)
    ordered = sorted(one.on_time.items(), key=lambda item: (-item[1].n, item[0]))
    return [
        Line(f"on_time.{kind}", labels.get(kind, kind), _share(share), _share(before.on_time.get(kind, nothing)),
             _count(share.n), meaning, _raw(share.value))
        for kind, share in ordered
    ]  # fmt: skip


def ageing_lines(one: Figures, before: Figures) -> list[Line]:
    meaning = _(
        "Cases open at the end of the period by the days since they were opened, nights and weekends included."
    )
    return [
        Line(
            f"age.{name}",
            str(label),
            _count(one.ageing[name]),
            _count(before.ageing[name]),
            "",
            meaning,
            str(one.ageing[name]),
        )
        for name, label in AGES.items()
    ]


def cost_lines(one: Figures, before: Figures) -> list[Line]:
    meaning = _(
        "Quality cost incurred in the period, reversals taken off; narrowed, only what belongs to a case."
    )
    nothing = Decimal(0)

    def line(key: str, label: str, value: Decimal, value_before: Decimal) -> Line:
        return Line(
            f"cost.{key}",
            label,
            write("money", value),
            write("money", value_before),
            "",
            meaning,
            str(value),
            is_commercial=True,
        )

    parts = [
        line(key, str(label), one.costs.get(key, nothing), before.costs.get(key, nothing))
        for key, label in QualityCost.Category.choices
    ]
    both = (sum(each.costs.values(), nothing) for each in (one, before))
    return [*parts, line("all", pgettext("cost", "Together"), *both)]


def chart_of(bars: list[Bar], unit: str) -> dict[str, Any]:
    """Bars with the cumulated share as a line."""
    return {
        "color": ["#1a5a96", "#8a6bbf"],
        "grid": {"left": 8, "right": 8, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [one.label for one in bars], "axisLabel": {"interval": 0, "width": 76, "overflow": "truncate", "color": "#7a8797"}},
        "yAxis": [
            {"type": "value", "name": unit, "nameTextStyle": {"color": "#7a8797", "align": "left"}, "minInterval": 1},
            {"type": "value", "name": "%", "nameTextStyle": {"color": "#7a8797"}, "max": 100, "min": 0, "splitLine": {"show": False}},
        ],
        "series": [
            {"type": "bar", "name": unit, "barMaxWidth": 48, "data": [float(one.amount) for one in bars]},
            {"type": "line", "name": _("Cumulated"), "yAxisIndex": 1, "data": [round(float(one.cumulated) * 100, 1) for one in bars]},
        ],
    }  # fmt: skip


def frozen(sections: Iterable[Iterable[Line]]) -> dict[str, Any]:
    """What a signed review keeps: exact values and what was written, by key."""
    return {
        "lines": [
            {
                "key": one.key,
                "label": one.label,
                "said": one.said,
                "n": one.n,
                "raw": one.raw,
                "commercial": one.is_commercial,
            }
            for section in sections
            for one in section
        ]
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """A kept figure beside the same one now."""

    label: str
    kept: str
    now: str
    has_changed: bool


def compared(kept: Mapping[str, Any], lines: Iterable[Line], sees_costs: bool) -> list[Compared]:
    """The figures as they were when the review was signed, and as they come out now."""
    present = {one.key: one for one in lines}
    found = []
    for one in kept.get("lines", []):
        if one["commercial"] and not sees_costs:
            continue
        same = present.get(one["key"])
        found.append(
            Compared(
                one["label"],
                one["said"],
                same.said if same else "–",
                (same.raw if same else "") != one["raw"],
            )
        )
    return found
