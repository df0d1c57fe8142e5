"""The service times of the five industries, written as targets: each industry's hardest promise on a case."""

from __future__ import annotations

from typing import Any

import pytest

from .desks import at, clocks, desk, event

ACID = [  # by tier, and by the grade of the request: the strictest counts
    {"name": "core", "when": {"tier": "core"}, "response": {"hours": 2, "unit": "elapsed"}},
    {"name": "small", "when": {"tier": ["small", "middle"]}, "response": {"hours": 24, "unit": "elapsed"}},
    {
        "name": "ordinary",
        "when": {"grade": "ordinary"},
        "response": {"hours": 1, "unit": "elapsed"},
        "resolution": {"hours": 24, "unit": "elapsed"},
        "call_back": {"hours": 72, "unit": "elapsed"},
    },
    {"name": "complex", "when": {"grade": "complex"}, "resolution": {"hours": 48, "unit": "elapsed"}},
]
DAILY_CHEMICAL = [
    {
        "when": {"urgency": "critical"},
        "executive": {"hours": 2, "unit": "elapsed", "stop": "executive_called"},
    },
    {
        "when": {"urgency": "urgent"},
        "work": {"hours": 8, "unit": "elapsed", "stop": "work_started"},
        "plan": {"hours": 72, "unit": "elapsed", "stop": "plan_agreed"},
    },
]
STEEL = [
    {"when": {"tier": "strategic"}, "response": {"hours": 1, "unit": "elapsed"}},
    {
        "admission": {"hours": 24, "unit": "elapsed", "stop": "admitted"},
        "settlement": {"working_days": 10, "start": "admitted", "stop": "settlement_proposed"},
    },
    {"when": {"tier": ["strategic", "key"]}, "on_site": {"hours": 48, "unit": "elapsed"}},
    {"when": {"tier": ["general", "potential"]}, "on_site": {"hours": 72, "unit": "elapsed"}},
]
TERPENE = [
    {"name": "A", "when": {"tier": "A"}, "response": {"hours": 1, "unit": "elapsed"}, "on_site": {"hours": 24, "unit": "elapsed"}},
    {"name": "C", "when": {"tier": "C"}, "response": {"hours": 4, "calendar": "7x12"}},
    {
        "name": "production stopped",
        "when": {"severity": 1},
        "response": {"hours": 2, "unit": "elapsed"},
        "resolution": {"hours": 24, "unit": "elapsed"},
    },
]  # fmt: skip
MARKET = [
    {"when": {"tier": tier}, "response": {"minutes": length}}
    for tier, length in (("vip", 15), ("regular", 30), ("occasional", 60), ("dormant", 240))
]


@pytest.mark.parametrize(
    ("targets", "calendar", "said", "due"),
    [
        (
            ACID,
            "24x7",
            {"tier": "core", "grade": "ordinary"},
            {"response": "09-30 10:00", "resolution": "10-01 09:00", "call_back": "10-03 12:00"},
        ),
        (ACID, "24x7", {"tier": "small", "grade": "complex"}, {"response": "10-01 09:00", "resolution": "10-02 09:00"}),
        (DAILY_CHEMICAL, "24x7", {"urgency": "critical"}, {"executive": "09-30 11:00"}),
        (DAILY_CHEMICAL, "24x7", {"urgency": "urgent"}, {"work": "09-30 17:00", "plan": "10-03 09:00"}),
        (
            STEEL,
            "cn-office",
            {"tier": "strategic"},
            # ten working days after 30 September, over the National Day week and the working Saturday of 10 October
            {"response": "09-30 10:00", "admission": "10-01 09:00", "on_site": "10-02 09:00", "settlement": "10-20 10:00"},
        ),
        (
            TERPENE,
            "24x7",
            {"tier": "A", "severity": 1},
            {"response": "09-30 10:00", "on_site": "10-01 09:00", "resolution": "10-01 09:00"},
        ),
        # 17:00 in China; the hot line answers until 20:00 and from 08:00
        (TERPENE, "24x7", {"tier": "C", "severity": 3}, {"response": "10-01 01:00"}),
        # 17:00 in China; the market closes at 18:00 and opens at 06:00
        (MARKET, "market", {"tier": "dormant"}, {"response": "10-01 01:00"}),
    ],
    ids=["acid, core", "acid, small", "critical", "urgent", "steel", "terpene, A", "terpene, C", "market"],
)  # fmt: skip
def test_what_an_industry_promises(targets: Any, calendar: str, said: dict[str, Any], due: dict[str, str]):
    told = [
        event("09-30 09:00", "opened", **said),
        event("09-30 11:30", "admitted"),
        event("09-30 12:00", "solved"),
    ]
    found = clocks(desk(targets, calendar), told)
    assert {kind: one.due_at for kind, one in found.items()} == {kind: at(when) for kind, when in due.items()}
