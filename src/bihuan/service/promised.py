"""What is promised at present: the company's service matrix with its desk, and the words in it.

The matrix lies in the settings in versions, so that clocks which stopped under an earlier one keep their figures. A
company that has none promises what `default_matrix.yaml` says.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import yaml
from django.utils.translation import gettext as _

from bihuan.kernel.clocks import Clock, Desk
from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.settings_store import get_setting

from .matrix import ServiceMatrix, alarms, case_attributes, desk_of, parse_matrix, promise_in
from .matrix.model import Step
from .matrix.rules import Versions
from .matrix_store import SERVICE_MATRIX, matrix_versions
from .rules import runs_on

LATE = 100
_MOST_LEVEL = 30_000
NOT_KEPT = frozenset({"solved", "closed", "refused", "visit_declined"})
"""Events that end a clock without what was promised on it having been done."""


@dataclass(frozen=True)
class Promised:
    """The matrix in force, all its versions, and the desk that folds by them."""

    matrix: ServiceMatrix
    versions: Versions
    desk: Desk

    @cached_property
    def pause_reasons(self) -> Mapping[str, Mapping[str, str]]:
        return {one.id: one.label for one in self.matrix.pause_reasons}

    @cached_property
    def step_pauses(self) -> Mapping[str, Mapping[str, str]]:
        """Why an investigation may wait."""
        return self.matrix.on_steps.pause_labels

    @cached_property
    def parties(self) -> Mapping[str, Mapping[int, tuple[str, ...]]]:
        """Whom to tell, by severity and level."""
        return {
            severity: {level_of(step): step.to for step in steps}
            for severity, steps in self.matrix.escalation.items()
        }

    def attributes(
        self, *, kind: str, tier: str, severity: int, urgency: str, channel: str
    ) -> dict[str, str]:
        """What the promises may ask of a case; a channel that the matrix does not know is none."""
        known = {one.id for one in self.matrix.channels}
        return case_attributes(
            self.matrix, kind=kind, tier=tier, severity=severity, urgency=urgency,
            channel=channel if channel in known else None,
        )  # fmt: skip

    def moments(self, clock: Clock, severity: int) -> list[tuple[int, datetime]]:
        """When whom is to be told, by level, if the clock just runs on; nothing for one that does not run.

        A level is the share of the target in percent; past the due time, 100 and the minutes since.
        """
        if not runs_on(clock):
            return []
        steps = self.matrix.escalation[str(severity)]
        found = {level_of(steps[one.step]): one.at for one in alarms(self.matrix, clock, severity)}
        return sorted(found.items())

    def is_working_time(self, moment: datetime) -> bool:
        """Whether the company's own calendar is open then."""
        calendar = self.matrix.calendars[self.matrix.calendar].latest
        return calendar.between(moment, moment + timedelta(minutes=1)) > timedelta(0)

    def event_that_stops(self, kind: str) -> str:
        """The event by which a clock is kept, other than by the solution: of several the one that says nothing else."""
        clocks = self.matrix.on_cases.clocks
        stops = clocks[kind].kind.stops_on - NOT_KEPT if kind in clocks else frozenset()
        shared = Counter(event for one in clocks.values() for event in one.kind.stops_on)
        return min(stops, default="", key=lambda event: (shared[event], event))

    # Words, in the reader's language ---------------------------------------------------------------------------------

    def clock_label(self, kind: str) -> str:
        clock = self.matrix.on_cases.clocks.get(kind)
        return in_language(clock.label) if clock else kind

    def clock_labels(self) -> dict[str, str]:
        return {kind: in_language(one.label) for kind, one in self.matrix.on_cases.clocks.items()}

    def promise_label(self, name: str, at: datetime) -> str:
        """A promise as it was worded then."""
        if name == "due_at":
            return _("Due by contract")
        one = promise_in(self.versions, name, at)
        return in_language(one.label) if one else name

    def pause_label(self, reason: str) -> str:
        return in_language(self.pause_reasons.get(reason) or self.step_pauses.get(reason)) or reason

    def kind_labels(self) -> dict[str, str]:
        return {one.id: in_language(one.label) for one in self.matrix.kinds}

    def severity_labels(self) -> dict[Any, str]:
        return {int(one.id): f"{one.id} {in_language(one.label)}" for one in self.matrix.severities}

    def urgency_labels(self) -> dict[str, str]:
        return {one.id: in_language(one.label) for one in self.matrix.urgencies}

    def channel_labels(self) -> dict[str, str]:
        return {one.id: in_language(one.label) for one in self.matrix.channels}

    def stage_labels(self) -> dict[str, str]:
        return {one.id: in_language(one.label) for one in self.matrix.statuses}

    def category_labels(self) -> dict[str, str]:
        """Each status category under the company's first name for it."""
        found: dict[str, str] = {}
        for one in self.matrix.statuses:
            found.setdefault(one.category, in_language(one.label))
        return found

    @cached_property
    def usual_channel(self) -> str:
        """The way in of what somebody of ours writes down: the telephone, or the first that the matrix knows."""
        known = [one.id for one in self.matrix.channels]
        return next((one for one in known if one in ("phone", "hot_line")), known[0] if known else "")

    def severity_of(self, kind: str) -> int:
        """What a case of that kind has until somebody assesses it."""
        return next((int(one.severity) for one in self.matrix.kinds if one.id == kind), 3)

    def stage_in(self, category: str, pause_reason: str = "") -> str:
        """The company's status that a case gets with a category; of waiting ones, the one for that reason."""
        fitting = [one for one in self.matrix.statuses if one.category == category]
        named = [one for one in fitting if one.pause_reason == pause_reason and pause_reason]
        return (named or fitting)[0].id


def level_of(step: Step) -> int:
    """The share in percent; past the due time 100 and the minutes since."""
    percent, minutes = int(step.share * 100), int(step.after.total_seconds() / 60)
    return min(percent + minutes, _MOST_LEVEL) if percent >= LATE else percent


_kept: ContextVar[Promised | None] = ContextVar("promised", default=None)
_page: ContextVar[list[Promised] | None] = ContextVar("promised on a page", default=None)
_last: list[Promised] = []


def promised_now() -> Promised:
    """What is promised at present. One query; the reading is kept while the wording stays."""
    if (kept := _kept.get()) is not None:
        return kept
    page = _page.get()
    if page:
        return page[0]
    versions = matrix_versions() or _ours()
    if not _last or _last[0].versions is not versions:
        _last[:] = [Promised(versions[-1][1], versions, desk_of(versions))]
    found = _last[0]
    if page is not None:
        page.append(found)
    return found


def stamp_now() -> str:
    """A short word that is another whenever the wording is; empty while there is only ours."""
    stored = get_setting(SERVICE_MATRIX)
    text = json.dumps(stored, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12] if stored else ""


@contextmanager
def promised_once() -> Iterator[Promised]:
    """Asks the database once, however many words a page needs."""
    promised = promised_now()
    token = _kept.set(promised)
    try:
        yield promised
    finally:
        _kept.reset(token)


@contextmanager
def promised_for_a_page() -> Iterator[None]:
    """Asks the database when the first word is needed, and no second time; for what only reads."""
    token = _page.set([])
    try:
        yield
    finally:
        _page.reset(token)


@cache
def _ours() -> Versions:
    return ((None, parse_matrix(default_document())),)


@cache
def default_document() -> Mapping[str, Any]:
    """The matrix of a company that has none of its own."""
    text = files(__package__).joinpath("default_matrix.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.safe_load(text)
    return document
