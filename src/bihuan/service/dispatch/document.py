"""The dispatch document: what the company calls skills, kits and certificates, and what a job needs. Data, read strictly.

    skills, kits, certificates:  [{id, label: {zh-Hans, en}, tests?: {zh-Hans, en}}]
    travel:    {road_factor, kmh, least_minutes, unknown_hours}
               # no way takes less than least_minutes; to a place that is not known it takes unknown_hours
    coverage:  {tiers: [A], hours: 4, share: 0.8, source}
    training_days: 365                               # over how many days before the visit hours of training count
    usual_hours: 2                                   # how long a visit takes where no need says more
    needs:     [{when: {kind, severity, tier, industry}, skills, kits, certificate, training_hours, hours, source}]

All needs whose `when` fits a case add up: their skills, their certificates, the most hours. A visit takes one kit: of the kinds
that the last fitting need with kits names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bihuan.kernel.clocks import ClockFault
from bihuan.kernel.pages.labels import in_language
from bihuan.service.matrix.faults import MatrixFault

from .places import ByRoad

SECTIONS = frozenset(
    {"skills", "kits", "certificates", "travel", "coverage", "training_days", "usual_hours", "needs"}
)
ASKS = frozenset({"kind", "severity", "tier", "industry"})
OF_NEED = frozenset({"when", "skills", "kits", "certificate", "training_hours", "hours", "source"})
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Need:
    """What one job needs. `kits`: a kit of one of these kinds; `training_hours` within `training_days` before it."""

    skills: frozenset[str] = frozenset()
    kits: frozenset[str] = frozenset()
    certificates: frozenset[str] = frozenset()
    training_hours: float = 0
    training_days: int = 365
    length: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Rule:
    when: Mapping[str, frozenset[str]]
    need: Need

    def fits(self, facts: Mapping[str, str]) -> bool:
        return all(facts.get(name, "") in values for name, values in self.when.items())


@dataclass(frozen=True)
class Dispatching:
    """A document that was read."""

    skills: Mapping[str, Words] = field(default_factory=dict)
    kits: Mapping[str, Words] = field(default_factory=dict)
    tests: Mapping[str, Words] = field(default_factory=dict)
    certificates: Mapping[str, Words] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    travel: ByRoad = field(default_factory=ByRoad)
    unknown_way: timedelta = timedelta(hours=8)
    usual: timedelta = timedelta(hours=2)
    training_days: int = 365
    circle: timedelta = timedelta(hours=4)
    circle_tiers: tuple[str, ...] = ()
    circle_share: float = 0.8

    def need_of(self, facts: Mapping[str, str]) -> Need:
        """What a job with these facts (kind, severity, tier, industry as texts) needs: all rules that fit add up."""
        fitting = [rule.need for rule in self.rules if rule.fits(facts)]
        return Need(
            skills=frozenset[str]().union(*(one.skills for one in fitting)),
            kits=next((one.kits for one in reversed(fitting) if one.kits), frozenset()),
            certificates=frozenset[str]().union(*(one.certificates for one in fitting)),
            training_hours=max((one.training_hours for one in fitting), default=0),
            training_days=self.training_days,
            length=max((one.length for one in fitting), default=self.usual),
        )

    def skill(self, code: str) -> str:
        return in_language(self.skills.get(code)) or code

    def kit(self, code: str) -> str:
        return in_language(self.kits.get(code)) or code

    def kit_tests(self, code: str) -> str:
        return in_language(self.tests.get(code)) or ""

    def certificate(self, code: str) -> str:
        return in_language(self.certificates.get(code)) or code


def parse_dispatching(document: object) -> Dispatching:
    """Read a document; `MatrixFault` with the place of the first fault."""
    found = _mapping(document, "")
    _only(found, SECTIONS, "")
    skills, kits, certificates = (_named(found.get(one), one) for one in ("skills", "kits", "certificates"))
    travel = _mapping(found.get("travel") or {}, "travel")
    _only(travel, frozenset({"road_factor", "kmh", "least_minutes", "unknown_hours"}), "travel.")
    circle = _mapping(found.get("coverage") or {}, "coverage")
    _only(circle, frozenset({"tiers", "hours", "share", "source"}), "coverage.")
    usual = timedelta(hours=_number(found.get("usual_hours", 2), "usual_hours"))
    known = (skills, kits, certificates)
    return Dispatching(
        skills=skills,
        kits=kits,
        tests={
            str(one["id"]): _words(one["tests"], f"kits[{at}].tests")
            for at, one in enumerate(found.get("kits") or ())
            if one.get("tests")
        },
        certificates=certificates,
        rules=tuple(_rule(one, f"needs[{at}]", known, usual) for at, one in enumerate(_list(found.get("needs"), "needs"))),
        travel=ByRoad(
            _number(travel.get("road_factor", 1.3), "travel.road_factor"), _number(travel.get("kmh", 60), "travel.kmh"),
            timedelta(minutes=_number(travel.get("least_minutes", 30), "travel.least_minutes", least=0)),
        ),
        unknown_way=timedelta(hours=_number(travel.get("unknown_hours", 8), "travel.unknown_hours")),
        usual=usual,
        training_days=int(_number(found.get("training_days", 365), "training_days")),
        circle=timedelta(hours=_number(circle.get("hours", 4), "coverage.hours")),
        circle_tiers=tuple(str(one) for one in _list(circle.get("tiers"), "coverage.tiers")),
        circle_share=_number(circle.get("share", 0.8), "coverage.share"),
    )  # fmt: skip


def _rule(one: object, at: str, known: tuple[Mapping[str, Words], ...], usual: timedelta) -> Rule:
    given = _mapping(one, at)
    _only(given, OF_NEED, f"{at}.")
    when = _mapping(given.get("when") or {}, f"{at}.when")
    _only(when, ASKS, f"{at}.when.")
    skills, kits, certificates = (
        _known(given.get(name), words, f"{at}.{name}")
        for name, words in zip(("skills", "kits", "certificate"), known, strict=True)
    )
    need = Need(
        skills=skills,
        kits=kits,
        certificates=certificates,
        training_hours=_number(given.get("training_hours", 0), f"{at}.training_hours", least=0),
        length=timedelta(hours=_number(given["hours"], f"{at}.hours")) if "hours" in given else usual,
    )
    return Rule({name: frozenset(map(str, _list_of(values))) for name, values in when.items()}, need)


def _named(value: object, at: str) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for index, one in enumerate(_list(value, at)):
        entry = _mapping(one, f"{at}[{index}]")
        if "id" not in entry:
            raise MatrixFault("missing", f"{at}[{index}]", key="id")
        if (code := str(entry["id"])) in found:
            raise MatrixFault("twice", f"{at}[{index}].id", value=code)
        found[code] = _words(entry.get("label"), f"{at}[{index}].label")
    return found


def _words(value: object, at: str) -> Words:
    if not isinstance(value, Mapping) or not {"zh-Hans", "en"} <= set(value):
        raise MatrixFault("needs_words", at)
    return {str(language): str(text) for language, text in value.items()}


def _known(value: object, words: Mapping[str, Words], at: str) -> frozenset[str]:
    codes = [str(one) for one in _list_of(value)]
    for one in codes:
        if one not in words:
            raise MatrixFault("one_of", at, value=one, known=", ".join(words))
    return frozenset(codes)


def _list_of(value: Any) -> Iterable[Any]:
    return () if value is None else value if isinstance(value, list | tuple) else (value,)


def _list(value: object, at: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise MatrixFault("not_a_list", at)
    return list(value)


def _mapping(value: object, at: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise MatrixFault("not_a_mapping", at)
    return value


def _only(found: Mapping[str, Any], known: frozenset[str], at: str) -> None:
    for key in found:
        if key not in known:
            raise MatrixFault("one_of", at + str(key), value=key, known=", ".join(sorted(known)))


def _number(value: object, at: str, least: float | None = None) -> float:
    try:
        number = float(str(value))
    except ValueError as error:
        raise ClockFault("bad_number", at, value=value, most=10_000) from error
    if not (number > 0 if least is None else number >= least) or number > 10_000:
        raise ClockFault("bad_number", at, value=value, most=10_000)
    return number
