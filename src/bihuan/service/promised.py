"""What is promised: the service matrix in force, as a desk that folds cases.

The matrix lies in the settings (`service.matrix`), put there by the industry's pack or by the company. Each wording that
this room has met is kept with the moment from which it counted, so that clocks which stopped under an earlier one keep
their figures. A company without a matrix has the one below.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_noop

from bihuan.kernel.clocks import (
    CASE_KINDS,
    CalendarHistory,
    Desk,
    Kind,
    Policy,
    packaged_calendars,
    parse_calendar,
    parse_targets,
)
from bihuan.kernel.models import Setting

MATRIX = "service.matrix"
VERSIONS = "service.matrix_versions"
CALENDAR = "cn-office"
# A solution answers, and makes a visit and a makeshift needless: what was still promised of these ends with it.
ENDED_BY_SOLUTION = ("response", "on_site", "workaround")
KINDS: Mapping[str, Kind] = {
    name: replace(kind, stops_on=kind.stops_on | {"solved"}) if name in ENDED_BY_SOLUTION else kind
    for name, kind in CASE_KINDS.items()
}
PAUSE_REASONS = (
    gettext_noop("Waiting for the customer"),
    gettext_noop("Waiting for goods or a sample"),
    gettext_noop("Waiting for a third party"),
)
DEFAULT_MATRIX: Mapping[str, Any] = {
    "calendar": CALENDAR,
    "pause_reasons": PAUSE_REASONS,
    "targets": [
        {"name": gettext_noop("Basic promise"), "when": {"severity": severity}, **targets}
        for severity, targets in (
            (
                1,
                {
                    "response": {"hours": 1, "unit": "elapsed"},
                    "workaround": {"hours": 24, "unit": "elapsed", "pauses": True},
                    "resolution": {"hours": 72, "unit": "elapsed", "pauses": True},
                },
            ),
            (2, {"response": {"hours": 4}, "resolution": {"working_days": 5, "pauses": True}}),
            (3, {"response": {"hours": 8}, "resolution": {"working_days": 10, "pauses": True}}),
        )
    ]
    + [
        {
            "name": gettext_noop("Complaints on site"),
            "when": {"kind": ["complaint", "quality_objection"], "severity": 1},
            "on_site": {"hours": 24, "unit": "elapsed"},
        },
        {"name": gettext_noop("Call-back"), "call_back": {"working_days": 3}},
    ],
    "escalation": [
        {"share": 50, "to": ["owner"]},
        {"share": 75, "to": ["owner"]},
        {"share": 90, "to": ["owner"]},
        {"share": 100, "to": ["owner", "manager"]},
        {"share": 125, "to": ["director"]},
    ],
}


@dataclass(frozen=True)
class Promised:
    """`desk` folds; `pause_reasons` may be chosen; `escalation` says at which share (percent) who is told. `stamp` names
    the wording in force."""

    desk: Desk
    pause_reasons: tuple[str, ...]
    escalation: Mapping[int, tuple[str, ...]]
    stamp: str

    @property
    def shares(self) -> tuple[int, ...]:
        return tuple(sorted(self.escalation))


def promised_now() -> Promised:
    """What is promised at present. One query; the reading itself is kept while the settings stay the same."""
    found = dict(Setting.objects.filter(name__in=(MATRIX, VERSIONS)).values_list("name", "value"))
    return _read(
        json.dumps([found.get(MATRIX), found.get(VERSIONS)], sort_keys=True, ensure_ascii=False, default=str)
    )


def stamp_of(matrix: object) -> str:
    """A short name for a wording: the same for the same wording."""
    import hashlib

    text = json.dumps(matrix, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@lru_cache(maxsize=4)
def _read(text: str) -> Promised:
    matrix, versions = json.loads(text)
    present = DEFAULT_MATRIX if matrix is None else matrix
    known = [(one.get("valid_from"), one["matrix"]) for one in versions or ()]
    wordings = [(since, DEFAULT_MATRIX if one is None else one) for since, one in known]
    if not wordings:
        wordings = [(None, present)]
    calendars: dict[str, CalendarHistory] = dict(packaged_calendars())
    policies = []
    for place, (since, wording) in enumerate(wordings, 1):
        for name, document in (wording.get("calendars") or {}).items():
            calendars[str(name)] = parse_calendar(document, str(name))
        policies.append(
            Policy(
                parse_targets(wording["targets"]).policy.promises,
                str(place),
                None if since is None else datetime.fromisoformat(since),
            )
        )
    escalation = present.get("escalation") or DEFAULT_MATRIX["escalation"]
    return Promised(
        Desk(policies, calendars, str(present.get("calendar") or CALENDAR), KINDS),
        tuple(map(str, present.get("pause_reasons") or PAUSE_REASONS)),
        {int(one["share"]): tuple(one["to"]) for one in escalation},
        stamp_of(matrix),
    )
