"""What a service matrix says, read and checked. Lengths of time are minutes, days or the clocks' own; amounts are exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bihuan.kernel.clocks import CalendarHistory, Kind, Promise

KINDS = ("question", "order_query", "technical_support", "complaint", "quality_objection", "suggestion")
SEVERITIES = ("1", "2", "3")
URGENCIES = ("regular", "urgent", "critical", "strategic")
CATEGORIES = ("new", "open", "waiting", "solved", "closed", "refused")
REMEDIES = ("return", "replacement", "price_reduction", "compensation", "rework")
REPEATS = ("customer", "lot", "defect")
DEFECTS = ("appearance", "quantity", "quality")
"""What an objection is about: what is seen on arrival, weight or count, or what only tests and use show."""
INTAKE = (
    "contract", "lot", "specification", "location", "remedy_wanted", "resale_chain", "is_use_stopped", "are_tags_kept",
)  # fmt: skip
"""What a company may ask of every objection."""
PARTIES = (
    "owner", "deputy", "account_owner", "salesperson", "service_agent", "technical", "quality", "dispatcher",
    "production", "logistics", "finance", "manager", "director", "executive",
)  # fmt: skip
"""Who may be warned, asked or joined: the case's owner and deputy, the customer's owner A, posts, departments, management."""
ATTRIBUTES = ("kind", "tier", "severity", "urgency", "channel")
"""What a condition may ask of a case."""

Words = Mapping[str, str]
"""Text by language: zh-Hans and en."""
Condition = Mapping[str, frozenset[str]]
"""Attribute → the values it may have. Empty: always."""


def holds(when: Condition, attributes: Mapping[str, Any]) -> bool:
    return all(key in attributes and str(attributes[key]) in values for key, values in when.items())


@dataclass(frozen=True)
class Named:
    """A word of the company's: what its people see for an id that never changes. `source` as in the pack's files."""

    id: str
    label: Words
    source: str = ""


@dataclass(frozen=True)
class CaseKind(Named):
    """A kind of case. `severity`: what a case has until somebody assesses it."""

    severity: str = "3"


@dataclass(frozen=True)
class Degree(Named):
    """A severity or an urgency; `applies` says when."""

    applies: Words | None = None


@dataclass(frozen=True)
class Channel(Named):
    """A way in. Manned in the hours of `calendar` (None: always open), for some tiers in other hours."""

    calendar: str | None = None
    tier_calendars: Mapping[str, str] | None = None

    def calendar_for(self, tier: str) -> str | None:
        return (self.tier_calendars or {}).get(tier, self.calendar)


@dataclass(frozen=True)
class Status(Named):
    """A status as the company calls it, under one of `CATEGORIES`; of a waiting one perhaps the reason of its pause."""

    category: str = "open"
    pause_reason: str | None = None


@dataclass(frozen=True)
class PauseReason(Named):
    """Why a case may wait, and which clocks that holds."""

    clocks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ClockKind:
    """A clock by name: what it is called, and the events that start and stop it."""

    label: Words
    kind: Kind


@dataclass(frozen=True)
class Promised:
    """One promise: the clock's part, and what to say of it."""

    promise: Promise
    label: Words
    source: str


@dataclass(frozen=True)
class Exemption:
    """For which cases nothing is promised on a clock, and why."""

    clock: str
    when: Condition
    reason: Words
    source: str


@dataclass(frozen=True)
class Promises:
    """Clocks and what is promised on them. `pausing`: reason → the clocks that it may pause."""

    clocks: Mapping[str, ClockKind]
    pausing: Mapping[str, frozenset[str]]
    promises: tuple[Promised, ...]
    exemptions: tuple[Exemption, ...]
    pause_labels: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A step of an escalation: at that share of a target (1 = due), and so long after it, these are told."""

    share: Fraction
    to: tuple[str, ...]
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class Request(Named):
    """What another department is asked for; answered by it within `hours`. `capacity_share`: part of its capacity (0-1)."""

    to: str = "production"
    capacity_share: Fraction | None = None
    hours: int = 2


@dataclass(frozen=True)
class GreenChannel:
    """What happens at once for the cases that `when` names. `clock`: by which an executive has to have joined."""

    when: Condition
    clock: str
    requests: tuple[Request, ...]
    may_freeze_schedule: bool
    source: str


@dataclass(frozen=True)
class Handling:
    """Who works together on the cases that `when` names."""

    when: Condition
    together: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Window:
    """Within how many days of receipt an objection may be raised, for a product family or about a sort of defect.

    `tolerance`: the part of the quantity (0-1) that may lack without being objected to. `contract`: its number, where one
    contract says otherwise; `customer`: the customer's number likewise.
    """

    days: int
    family: str | None
    about: str | None
    tolerance: Fraction | None
    source: str
    contract: str | None = None
    customer: str | None = None


def place_of(window: Window) -> tuple[str | None, str | None, str | None, str | None]:
    """What a window is for, the narrowest first: contract, customer, family, defect."""
    return window.contract, window.customer, window.family, window.about


@dataclass(frozen=True)
class Objections:
    """The rules of quality objections; papers that one has to come with, reasons to refuse it, who may be liable.

    `intake`: what is asked besides date of receipt, product, defect and quantity before one can be submitted.
    """

    windows: tuple[Window, ...]
    papers: tuple[Named, ...]
    refusal_reasons: tuple[Named, ...]
    liabilities: tuple[Named, ...]
    intake: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limit:
    """Up to which amount (None: any) a party approves these remedies."""

    party: str
    remedies: frozenset[str]
    up_to: Decimal | None
    source: str


@dataclass(frozen=True)
class Approvals:
    """Remedies and who approves them; amounts in `currency`."""

    currency: str
    remedies: tuple[Named, ...]
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Repeat:
    """So many cases of these kinds from one customer, on one lot or of one defect within so many days ask for a special team."""

    by: str
    count: int
    days: int
    kinds: frozenset[str]
    source: str


@dataclass(frozen=True)
class MailRules:
    """What a customer's mail does to a case that is not in work. `reopens_within`: days from the solution in which it opens
    the case again; after that a new case follows it. `resumes`: reasons of waiting that end when the customer writes."""

    reopens_within: int = 14
    resumes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ServiceMatrix:
    """All of it. `calendars`: by the names that promises and channels use, and those that come with us. `on_cases` are the clocks
    of a case, `on_steps` those of an investigation's steps."""

    tiers: tuple[str, ...]
    untiered: str
    kinds: tuple[CaseKind, ...]
    severities: tuple[Degree, ...]
    urgencies: tuple[Degree, ...]
    channels: tuple[Channel, ...]
    statuses: tuple[Status, ...]
    pause_reasons: tuple[PauseReason, ...]
    calendars: Mapping[str, CalendarHistory]
    calendar: str
    on_cases: Promises
    on_steps: Promises
    escalation: Mapping[str, tuple[Step, ...]]
    green_channel: GreenChannel
    handling: tuple[Handling, ...]
    objections: Objections
    approvals: Approvals
    repeats: tuple[Repeat, ...]
    mail: MailRules = MailRules()

    def promise_named(self, name: str) -> Promised | None:
        """The promise that a clock names, to say its label and source."""
        both = (*self.on_cases.promises, *self.on_steps.promises)
        return next((one for one in both if one.promise.name == name), None)

    def status_of(self, category: str) -> Status:
        """The first status of a category: what a case gets that enters it."""
        return next(one for one in self.statuses if one.category == category)
