"""A small service matrix for tests, as a document that a test changes; and short ways of saying cases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bihuan.kernel.clocks import Clock, Desk, Event
from bihuan.service.matrix import CATEGORIES, KINDS, REMEDIES, SEVERITIES, URGENCIES

SHANGHAI = ZoneInfo("Asia/Shanghai")


def said(text: str) -> dict[str, str]:
    return {"zh-Hans": text, "en": text}


def named(*names: str, **more: Any) -> list[dict[str, Any]]:
    return [{"id": name, "label": said(name), **more} for name in names]


def small_matrix() -> dict[str, Any]:
    """Two tiers, answered in 1 and 4 hours around the clock, everything solved in 24; a fresh copy each time."""
    return {
        "tiers": ["gold", "plain"],
        "untiered": "plain",
        "calendar": "24x7",
        "calendars": {"works": {"zone": "Asia/Shanghai", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}}},
        "kinds": named(*KINDS),
        "severities": named(*SEVERITIES, applies=said("when")),
        "urgencies": named(*URGENCIES, applies=said("when")),
        "channels": [*named("portal"), {**named("phone")[0], "calendar": "works", "tier_calendars": {"gold": "24x7"}}],
        "statuses": [{**one, "category": one["id"]} for one in named(*CATEGORIES)],
        "pause_reasons": [
            {**named("customer")[0], "clocks": ["resolution"]},
            {**named("unreachable")[0], "clocks": ["call_back"]},
        ],
        "clocks": {
            "response": {"label": said("response")},
            "resolution": {"label": said("resolution")},
            "call_back": {"label": said("call_back")},
            "executive": {"label": said("executive"), "stop": "executive_joined"},
        },
        "promises": [
            promise("gold-response", "response", hours=1, when={"tier": "gold"}),
            promise("plain-response", "response", hours=4, when={"tier": "plain"}),
            promise("solved", "resolution", hours=24),
            promise("called-back", "call_back", hours=72),
            promise("executive", "executive", hours=2, on_change="restart", when={"urgency": "critical"}),
        ],
        "investigation": {
            "clocks": {
                "d3": {"label": said("containment"), "stop": "d3_done"},
                "d4": {"label": said("cause"), "start": "d3_done", "stop": "d4_done"},
            },
            "promises": [promise("contained", "d3", hours=72), promise("cause", "d4", hours=28 * 24)],
        },
        "escalation": {
            number: [
                {"share": 50, "to": ["owner"]},
                {"share": 100, "to": ["manager"]},
                {"share": 100, "after_minutes": 30, "to": ["director", "executive"]},
            ]
            for number in SEVERITIES
        },
        "green_channel": {
            "when": {"urgency": "critical"},
            "clock": "executive",
            "requests": [{**named("capacity")[0], "to": "production", "capacity_share": 0.1}],
            "source": "test",
        },
        "handling": [{"when": {"kind": "complaint"}, "together": ["technical", "quality"], "source": "test"}],
        "objections": {
            "windows": [
                {"days": 30, "source": "test"},
                {"days": 10, "about": "quantity", "tolerance": 0.003, "source": "test"},
                {"days": 60, "family": "板", "source": "test"},
                {"days": 5, "family": "板", "about": "appearance", "source": "test"},
            ],
            "papers": named("letter"),
            "refusal_reasons": named("late"),
            "liabilities": named("ours"),
        },
        "approvals": {
            "currency": "CNY",
            "remedies": named(*REMEDIES),
            "limits": [
                {"party": "service_agent", "remedies": ["replacement"], "up_to": 1000, "source": "test"},
                {"party": "manager", "up_to": 50000, "source": "test"},
                {"party": "director", "up_to": None, "source": "test"},
            ],
        },
        "repeats": [
            {"by": "lot", "count": 2, "days": 30, "kinds": ["complaint"], "source": "test"},
            {"by": "defect", "count": 3, "days": 30, "kinds": ["complaint"], "source": "test"},
        ],
    }  # fmt: skip


def promise(name: str, kind: str, **terms: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "unit": "elapsed", "label": said(name), "source": "test", **terms}


def at(text: str) -> datetime:
    """`at("10-10 19:00")`: what the wall clock of Shanghai shows, in 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def clocks_of(desk: Desk, now: str, *events: tuple[str, str, dict[str, Any] | None]) -> dict[str, Clock]:
    """The clocks at a moment, by kind; events as (moment, name, data)."""
    made = [Event(at(moment).astimezone(UTC), name, data) for moment, name, data in events]
    return {one.kind: one for one in desk.clocks(made, at(now))}


def shown(moment: datetime | None) -> str:
    """A moment as the wall clock of Shanghai shows it; seconds only where there are some."""
    assert moment is not None
    local = moment.astimezone(SHANGHAI)
    assert local.microsecond == 0
    return f"{local:%m-%d %H:%M:%S}".removesuffix(":00")
