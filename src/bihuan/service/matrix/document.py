"""A service matrix as a document (YAML or JSON, docs/service-matrix.md): its words and rules. `promises` reads the clocks' part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

from bihuan.kernel.clocks import (
    CalendarHistory,
    ClockFault,
    packaged_calendar,
    packaged_calendars,
    parse_calendar,
)
from bihuan.service.matrix.coverage import first_gap
from bihuan.service.matrix.faults import MatrixFault
from bihuan.service.matrix.mail import read_mail
from bihuan.service.matrix.model import (
    CATEGORIES,
    DEFECTS,
    INTAKE,
    KINDS,
    PARTIES,
    REMEDIES,
    REPEATS,
    SEVERITIES,
    URGENCIES,
    Approvals,
    CaseKind,
    Channel,
    Degree,
    GreenChannel,
    Handling,
    Limit,
    Named,
    Objections,
    PauseReason,
    Promises,
    Repeat,
    Request,
    ServiceMatrix,
    Status,
    Step,
    Window,
    place_of,
)
from bihuan.service.matrix.promises import read_promises
from bihuan.service.matrix.reading import (
    Known,
    all_once,
    amount,
    condition,
    entries,
    mapping,
    needed,
    needed_text,
    once,
    one_of,
    several_of,
    share_or_none,
    text,
    text_or_none,
    whole,
    words,
    yes_or_no,
)

SECTIONS = (
    "tiers", "untiered", "calendar", "calendars", "kinds", "severities", "urgencies", "channels", "statuses",
    "pause_reasons", "clocks", "promises", "without", "investigation", "escalation", "green_channel", "handling", "objections",
    "approvals", "repeats", "mail",
)  # fmt: skip
WORD = ("id", "label", "source")
MOST_DAYS, MOST_MINUTES, MOST_MONEY = 3660, 60 * 24 * 366, 10**12


def parse_matrix(document: object) -> ServiceMatrix:
    """The matrix in a document. Raises `MatrixFault` with the place of the first fault."""
    whole_of = mapping(document, "", SECTIONS)
    for section in SECTIONS:
        if section not in ("without", "handling", "repeats", "calendars", "mail"):
            needed(whole_of, section, section)
    tiers = _tiers(whole_of["tiers"])
    calendars = _calendars(whole_of.get("calendars"))
    kinds = _kinds(whole_of["kinds"])
    channels = _channels(whole_of["channels"], calendars, tiers)
    known: Known = {
        "kind": frozenset(KINDS),
        "tier": frozenset(tiers),
        "severity": frozenset(SEVERITIES),
        "urgency": frozenset(URGENCIES),
        "channel": frozenset(one.id for one in channels),
    }
    made = read_promises(whole_of, "", known, calendars)
    reasons = _pause_reasons(whole_of["pause_reasons"], made)
    matrix = ServiceMatrix(
        tiers=tiers,
        untiered=one_of(whole_of["untiered"], tiers, "untiered"),
        kinds=kinds,
        severities=_degrees(whole_of["severities"], SEVERITIES, "severities"),
        urgencies=_degrees(whole_of["urgencies"], URGENCIES, "urgencies"),
        channels=channels,
        statuses=_statuses(whole_of["statuses"], reasons),
        pause_reasons=reasons,
        calendars=calendars,
        calendar=_calendar_name(whole_of["calendar"], calendars, "calendar"),
        on_cases=made,
        on_steps=_steps(whole_of["investigation"], known, calendars),
        escalation=_escalation(whole_of["escalation"]),
        green_channel=_green_channel(whole_of["green_channel"], known, made),
        handling=tuple(
            Handling(
                condition(one.get("when"), known, f"{at}.when"),
                several_of(needed(one, "together", at), PARTIES, f"{at}.together"),
                needed_text(one, "source", at),
            )
            for at, one in entries(whole_of.get("handling"), "handling", ("when", "together", "source"))
        ),
        objections=_objections(whole_of["objections"]),
        approvals=_approvals(whole_of["approvals"]),
        repeats=_repeats(whole_of.get("repeats")),
        mail=read_mail(whole_of.get("mail"), reasons),
    )
    gap = first_gap(matrix)
    if gap is not None:
        raise MatrixFault("no_promise", "promises", **gap)
    return matrix


def _tiers(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise MatrixFault("not_a_list", "tiers")
    tiers = tuple(text(one, f"tiers[{index}]") for index, one in enumerate(value))
    once(tiers, "tiers")
    return tiers


def _calendars(value: object) -> dict[str, CalendarHistory]:
    """The calendars that come with us, and the document's own: each a document, or the name of one of ours."""
    found = dict(packaged_calendars())
    for name, one in mapping({} if value is None else value, "calendars").items():
        at = f"calendars.{name}"
        if isinstance(one, str):
            ours = packaged_calendar(one)
            if ours is None:
                raise MatrixFault("unknown_calendar", at, value=one, known=", ".join(packaged_calendars()))
            found[name] = ours
            continue
        try:
            found[name] = parse_calendar(one, name)
        except ClockFault as fault:
            place = f"{at}.{fault.path}" if fault.path else at
            raise MatrixFault(fault.code, place, **fault.params) from fault
    return found


def _calendar_name(value: object, calendars: Mapping[str, CalendarHistory], at: str) -> str:
    if str(value) not in calendars:
        raise MatrixFault("unknown_calendar", at, value=value, known=", ".join(sorted(calendars)))
    return str(value)


def _word(entry: Mapping[str, Any], at: str) -> tuple[str, Any, str]:
    return (
        needed_text(entry, "id", at),
        words(entry.get("label"), f"{at}.label"),
        text_or_none(entry.get("source"), f"{at}.source") or "",
    )


def _words(value: object, at: str) -> tuple[Named, ...]:
    found = tuple(Named(*_word(one, where)) for where, one in entries(value, at, WORD))
    once((one.id for one in found), at)
    return found


def _kinds(value: object) -> tuple[CaseKind, ...]:
    found = tuple(
        CaseKind(*_word(one, at), severity=one_of(one.get("severity", 3), SEVERITIES, f"{at}.severity"))
        for at, one in entries(value, "kinds", (*WORD, "severity"))
    )
    for index, kind in enumerate(found):
        one_of(kind.id, KINDS, f"kinds[{index}].id")
    all_once((one.id for one in found), KINDS, "kinds")
    return found


def _degrees(value: object, wanted: tuple[str, ...], section: str) -> tuple[Degree, ...]:
    found = tuple(
        Degree(*_word(one, at), applies=words(one.get("applies"), f"{at}.applies"))
        for at, one in entries(value, section, (*WORD, "applies"))
    )
    for index, degree in enumerate(found):
        one_of(degree.id, wanted, f"{section}[{index}].id")
    all_once((one.id for one in found), wanted, section)
    return found


def _channels(
    value: object, calendars: Mapping[str, CalendarHistory], tiers: tuple[str, ...]
) -> tuple[Channel, ...]:
    found = []
    for at, one in entries(value, "channels", (*WORD, "calendar", "tier_calendars")):
        own = one.get("calendar")
        of_tiers = mapping(one.get("tier_calendars") or {}, f"{at}.tier_calendars", tiers)
        found.append(
            Channel(
                *_word(one, at),
                calendar=None if own is None else _calendar_name(own, calendars, f"{at}.calendar"),
                tier_calendars={
                    tier: _calendar_name(name, calendars, f"{at}.tier_calendars.{tier}")
                    for tier, name in of_tiers.items()
                },
            )
        )
    once((one.id for one in found), "channels")
    return tuple(found)


def _statuses(value: object, reasons: tuple[PauseReason, ...]) -> tuple[Status, ...]:
    found = []
    for at, one in entries(value, "statuses", (*WORD, "category", "pause_reason")):
        reason = text_or_none(one.get("pause_reason"), f"{at}.pause_reason")
        if reason is not None:
            one_of(reason, (known.id for known in reasons), f"{at}.pause_reason")
        category = one_of(needed(one, "category", at), CATEGORIES, f"{at}.category")
        found.append(Status(*_word(one, at), category=category, pause_reason=reason))
    once((one.id for one in found), "statuses")
    all_once(dict.fromkeys(one.category for one in found), CATEGORIES, "statuses")
    return tuple(found)


def _pause_reasons(value: object, made: Promises) -> tuple[PauseReason, ...]:
    """Their clocks were checked with the promises."""
    return tuple(
        PauseReason(*_word(one, at), clocks=made.pausing[str(one["id"])])
        for at, one in entries(value, "pause_reasons", (*WORD, "clocks"))
    )


def _steps(value: object, known: Known, calendars: Mapping[str, CalendarHistory]) -> Promises:
    at = "investigation"
    section = mapping(value, at, ("clocks", "pause_reasons", "promises"))
    for key in ("clocks", "promises"):
        needed(section, key, at)
    return read_promises(section, f"{at}.", known, calendars)


def _escalation(value: object) -> dict[str, tuple[Step, ...]]:
    chains = mapping(value, "escalation", SEVERITIES)
    all_once(chains, SEVERITIES, "escalation")
    return {severity: _chain(steps, f"escalation.{severity}") for severity, steps in chains.items()}


def _chain(value: object, at: str) -> tuple[Step, ...]:
    found = []
    for where, one in entries(value, at, ("share", "to", "after_minutes")):
        share = whole(needed(one, "share", where), f"{where}.share", 100)
        found.append(
            Step(
                Fraction(share, 100),
                several_of(needed(one, "to", where), PARTIES, f"{where}.to"),
                timedelta(minutes=whole(one.get("after_minutes", 0), f"{where}.after_minutes", MOST_MINUTES)),
            )
        )
        if found[:-1] and (found[-2].share, found[-2].after) >= (found[-1].share, found[-1].after):
            raise MatrixFault("out_of_order", where)
    return tuple(found)


def _green_channel(value: object, known: Known, made: Promises) -> GreenChannel:
    at = "green_channel"
    one = mapping(value, at, ("when", "clock", "requests", "may_freeze_schedule", "source"))
    requests = tuple(
        Request(
            *_word(request, where),
            to=one_of(needed(request, "to", where), PARTIES, f"{where}.to"),
            capacity_share=share_or_none(request.get("capacity_share"), f"{where}.capacity_share"),
            hours=whole(request.get("hours", 2), f"{where}.hours", 720),
        )
        for where, request in entries(
            one.get("requests"), f"{at}.requests", (*WORD, "to", "capacity_share", "hours")
        )
    )
    once((request.id for request in requests), f"{at}.requests")
    return GreenChannel(
        when=condition(needed(one, "when", at), known, f"{at}.when"),
        clock=one_of(needed(one, "clock", at), made.clocks, f"{at}.clock"),
        requests=requests,
        may_freeze_schedule=yes_or_no(one.get("may_freeze_schedule", False), f"{at}.may_freeze_schedule"),
        source=needed_text(one, "source", at),
    )


def _objections(value: object) -> Objections:
    at = "objections"
    rules = mapping(value, at, ("windows", "papers", "refusal_reasons", "liabilities", "intake"))
    windows = []
    keys = ("days", "family", "about", "tolerance", "source", "contract", "customer")
    for where, one in entries(rules.get("windows"), f"{at}.windows", keys):
        about = text_or_none(one.get("about"), f"{where}.about")
        windows.append(
            Window(
                days=whole(needed(one, "days", where), f"{where}.days", MOST_DAYS),
                family=text_or_none(one.get("family"), f"{where}.family"),
                about=None if about is None else one_of(about, DEFECTS, f"{where}.about"),
                tolerance=share_or_none(one.get("tolerance"), f"{where}.tolerance"),
                source=needed_text(one, "source", where),
                contract=text_or_none(one.get("contract"), f"{where}.contract"),
                customer=text_or_none(one.get("customer"), f"{where}.customer"),
            )
        )
    once((_said(one) for one in windows), f"{at}.windows")
    if not any(not any(place_of(one)) for one in windows):
        raise MatrixFault("no_default", f"{at}.windows")
    return Objections(
        tuple(windows),
        papers=_words(rules.get("papers"), f"{at}.papers"),
        refusal_reasons=_words(rules.get("refusal_reasons"), f"{at}.refusal_reasons"),
        liabilities=_words(rules.get("liabilities"), f"{at}.liabilities"),
        intake=several_of(rules.get("intake") or (), INTAKE, f"{at}.intake"),
    )


def _said(window: Window) -> str:
    own = [one for one in (window.contract, window.customer) if one]
    return ", ".join([*own, window.family or "*", window.about or "*"])


def _approvals(value: object) -> Approvals:
    at = "approvals"
    rules = mapping(value, at, ("currency", "remedies", "limits"))
    remedies = _words(rules.get("remedies"), f"{at}.remedies")
    for index, remedy in enumerate(remedies):
        one_of(remedy.id, REMEDIES, f"{at}.remedies[{index}].id")
    offered = tuple(one.id for one in remedies)
    limits = []
    for where, one in entries(rules.get("limits"), f"{at}.limits", ("party", "remedies", "up_to", "source")):
        if "up_to" not in one:
            raise MatrixFault("missing", where, key="up_to")
        top = one["up_to"]
        limits.append(
            Limit(
                party=one_of(needed(one, "party", where), PARTIES, f"{where}.party"),
                remedies=frozenset(several_of(one.get("remedies", offered), offered, f"{where}.remedies")),
                up_to=None if top is None else amount(top, f"{where}.up_to", MOST_MONEY),
                source=needed_text(one, "source", where),
            )
        )
    for remedy_id in offered:
        of_remedy = [one.up_to for one in limits if remedy_id in one.remedies]
        if None not in of_remedy:
            highest = max((top for top in of_remedy if top is not None), default=0)
            raise MatrixFault("no_limit_above", f"{at}.limits", value=remedy_id, amount=highest)
    return Approvals(needed_text(rules, "currency", at), remedies, tuple(limits))


def _repeats(value: object) -> tuple[Repeat, ...]:
    found = tuple(
        Repeat(
            by=one_of(needed(one, "by", at), REPEATS, f"{at}.by"),
            count=whole(needed(one, "count", at), f"{at}.count", 1000),
            days=whole(needed(one, "days", at), f"{at}.days", MOST_DAYS),
            kinds=frozenset(several_of(needed(one, "kinds", at), KINDS, f"{at}.kinds")),
            source=needed_text(one, "source", at),
        )
        for at, one in entries(value, "repeats", ("by", "count", "days", "kinds", "source"))
    )
    once((one.by for one in found), "repeats")
    return found
