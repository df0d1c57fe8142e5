"""From document to policy. Everything that can be wrong without knowing the metrics is found here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bihuan.policy.errors import Hint, PolicyError, PolicyInvalid
from bihuan.policy.graph import computing_order, unreachable_tiers
from bihuan.policy.model import (
    UNITS,
    Case,
    Derived,
    Dimension,
    Hysteresis,
    Policy,
    Ref,
    Score,
    Tag,
    Threshold,
    Tier,
    loosen,
)
from bihuan.policy.numbers import Value
from bihuan.policy.parse_score import read_dimensions, read_score
from bihuan.policy.reading import MAX_NODES, Reader, hint, is_number, kind_of

KINDS = {"tier": "tiers", "health": "tiers", "tag": "tags"}
"""Kind of policy, and what it hands out. Later kinds are added here and in schema.json."""
SCHEDULES = ("yearly", "half_yearly", "quarterly", "monthly")
COLOURS = (
    "blue",
    "azure",
    "indigo",
    "purple",
    "pink",
    "red",
    "orange",
    "yellow",
    "lime",
    "green",
    "teal",
    "cyan",
    "gray",
)
_HEAD = ("id", "kind", "version", "title", "owner", "reason")
_BODY = ("subject", "schedule", "thresholds", "derived", "dimensions", "score", "cases")
_BODIES = {"tiers": ("tiers", "default", "hysteresis"), "tags": ("tags",)}


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """The policy of a document (from YAML, JSON or a form).

    Raises PolicyInvalid with every fault found. Metric names and units are checked by `validate`.
    """
    policy, errors = read_policy(document)
    if policy is None or errors:
        raise PolicyInvalid(errors)
    return policy


def read_policy(document: Any) -> tuple[Policy | None, tuple[PolicyError, ...]]:
    """As `parse_policy`, without raising: the policy as far as it could be read, and the faults."""
    reader = Reader()
    if _count(document) > MAX_NODES:
        return None, (PolicyError("", "too_large", {"limit": MAX_NODES}),)
    if not isinstance(document, Mapping):
        return None, (PolicyError("", "wrong_type", {"expected": "a mapping", "given": kind_of(document)}),)
    kind = document.get("kind")
    if kind is not None and (not isinstance(kind, str) or kind not in KINDS):
        return None, (PolicyError("kind", "unknown_kind", {"kind": kind, "known": ", ".join(KINDS)}),)
    body = KINDS.get(kind or "tier", "tiers")
    needs = (*_HEAD, body, *(("default",) if body == "tiers" else ()))
    parts = reader.mapping(document, "", needs=needs, knows=(*_BODY, *_BODIES[body]))
    policy = _read(reader, parts, document, body)
    return policy, tuple(reader.errors)


def _count(value: Any, limit: int = MAX_NODES) -> int:
    """The number of parts, counted without recursion and only a little past the limit."""
    pending, seen = [value], 0
    while pending and seen <= limit:
        one = pending.pop()
        seen += 1
        if isinstance(one, Mapping):
            pending.extend(one.values())
        elif isinstance(one, list | tuple):
            pending.extend(one)
    return seen


def _read(reader: Reader, parts: dict[str, Any], document: Mapping[str, Any], body: str) -> Policy:
    reader.thresholds = _thresholds(reader, parts.get("thresholds"))
    derived = _derived(reader, parts.get("derived"))
    dimensions = read_dimensions(reader, parts.get("dimensions"))
    score = read_score(reader, parts.get("score"), bool(dimensions))
    margin, min_stay = _hysteresis(reader, parts.get("hysteresis"), "hysteresis")
    tiers = _tiers(reader, parts.get("tiers"), margin) if body == "tiers" else ()
    default = reader.id(parts.get("default"), "default") or None
    tags = _tags(reader, parts.get("tags")) if body == "tags" else ()
    cases = _cases(reader, parts.get("cases"), body)
    if default is not None and tiers and default not in {tier.id for tier in tiers}:
        reader.fault("default", "unknown_default", id=default)
    _check_references(reader, derived, dimensions, score)
    for name in reader.thresholds:
        if name not in reader.used_thresholds:
            reader.fault(f"thresholds.{name}", "unused_threshold", name=name)
    _check_cases(reader, cases, tiers, tags)
    order, cycle = computing_order(derived, dimensions)
    if cycle:
        reader.fault(_where(cycle[0], derived), "circular", cycle=" → ".join(ref.key for ref in cycle))
    elif not reader.errors:
        for index in unreachable_tiers(tiers, default, score):
            reader.fault(f"tiers[{index}].when", "unreachable_tier", tier=tiers[index].id)
    inputs = {ref.key for ref, _ in reader.references if ref.is_input}
    return Policy(
        id=reader.id(parts.get("id"), "id"),
        kind=parts.get("kind") or "",
        version=reader.whole(parts.get("version"), "version", 1, 1_000_000, 1),
        subject=reader.choice(parts.get("subject"), "subject", ("customer",)) or "customer",
        title=reader.label(parts["title"], "title") if parts.get("title") is not None else {},
        owner=reader.text(parts.get("owner"), "owner"),
        reason=reader.text(parts.get("reason"), "reason"),
        schedule=reader.choice(parts.get("schedule"), "schedule", SCHEDULES),
        thresholds=reader.thresholds,
        derived={ref.name: derived[ref.name] for ref in order if ref.kind == "derived"},
        late=frozenset(ref.name for ref in order[order.index(Ref("score")) :]) if order else frozenset(),
        dimensions=dimensions,
        score=score,
        tiers=tiers,
        default=default,
        tags=tags,
        min_stay_months=min_stay,
        cases=cases,
        document=document,
        inputs=frozenset(inputs),
        text_inputs=frozenset(reader.text_inputs),
        number_inputs=frozenset(reader.number_inputs),
    )


def _thresholds(reader: Reader, value: Any) -> dict[str, Threshold]:
    found: dict[str, Threshold] = {}
    if value is None:
        return found
    for name, item in reader.mapping(
        value, "thresholds", knows=value if isinstance(value, Mapping) else ()
    ).items():
        path = f"thresholds.{name}"
        reader.id(name, path)
        if is_number(item):
            item = {"value": item}
        parts = reader.mapping(item, path, needs=("value",), knows=("unit", "label", "source"))
        unit = parts.get("unit")
        if unit is not None and unit not in UNITS:
            reader.fault(f"{path}.unit", "unknown_unit", unit=unit, known=", ".join(UNITS))
        label = reader.label(parts["label"], f"{path}.label") if parts.get("label") is not None else None
        source = reader.text(parts.get("source"), f"{path}.source")
        found[name] = Threshold(name, reader.number(parts.get("value"), f"{path}.value"), unit, label, source)
    return found


def _derived(reader: Reader, value: Any) -> dict[str, Derived]:
    found: dict[str, Derived] = {}
    for path, item in reader.entries(value, "derived") if value is not None else ():
        parts = reader.mapping(item, path, needs=("id", "label", "value"), knows=("unit",))
        unit = parts.get("unit")
        if unit is not None and unit not in UNITS:
            reader.fault(f"{path}.unit", "unknown_unit", unit=unit, known=", ".join(UNITS))
        name, label = (
            reader.id(parts.get("id"), f"{path}.id"),
            reader.label(parts.get("label", {}), f"{path}.label"),
        )
        expression = reader.expression(parts.get("value"), f"{path}.value")
        if expression is not None:
            found[name] = Derived(name, label, unit, expression)
    return found


def _hysteresis(
    reader: Reader, value: Any, path: str, above: Hysteresis | None = None
) -> tuple[Hysteresis, int]:
    if value is None:
        return above or Hysteresis(), 0
    knows = ("margin", "points") if above is not None else ("margin", "points", "min_stay_months")
    parts = reader.mapping(value, path, knows=knows)
    base = above or Hysteresis()
    margin = reader.number(parts.get("margin"), f"{path}.margin", 0, "0.9", base.margin)
    points = (
        reader.number(parts["points"], f"{path}.points", 0, 1_000_000) if "points" in parts else base.points
    )
    return Hysteresis(margin, points), reader.whole(
        parts.get("min_stay_months"), f"{path}.min_stay_months", 0, 120, 0
    )


def _tiers(reader: Reader, value: Any, margin: Hysteresis) -> tuple[Tier, ...]:
    found = []
    for path, item in reader.entries(value, "tiers"):
        parts = reader.mapping(item, path, needs=("id", "label"), knows=("colour", "when", "hysteresis"))
        when = reader.condition(parts["when"], f"{path}.when") if parts.get("when") is not None else None
        by, _ = _hysteresis(reader, parts.get("hysteresis"), f"{path}.hysteresis", margin)
        found.append(
            Tier(
                id=reader.id(parts.get("id"), f"{path}.id"),
                label=reader.label(parts.get("label", {}), f"{path}.label"),
                colour=reader.choice(parts.get("colour"), f"{path}.colour", COLOURS),
                when=when,
                held_when=None if when is None else loosen(when, by),
            )
        )
    return tuple(found)


def _tags(reader: Reader, value: Any) -> tuple[Tag, ...]:
    found = []
    for path, item in reader.entries(value, "tags"):
        parts = reader.mapping(item, path, needs=("id", "label", "group"), knows=("colour", "when"))
        found.append(
            Tag(
                id=reader.id(parts.get("id"), f"{path}.id"),
                label=reader.label(parts.get("label", {}), f"{path}.label"),
                colour=reader.choice(parts.get("colour"), f"{path}.colour", COLOURS),
                group=reader.id(parts.get("group"), f"{path}.group"),
                when=reader.condition(parts["when"], f"{path}.when")
                if parts.get("when") is not None
                else None,
            )
        )
    return tuple(found)


def _cases(reader: Reader, value: Any, body: str) -> tuple[Case, ...]:
    found = []
    expects = ("tier", "score", "reasons") if body == "tiers" else ("tags", "score", "reasons")
    for index, item in enumerate(reader.items(value, "cases", at_least=0)):
        path = f"cases[{index}]"
        parts = reader.mapping(
            item, path, needs=("name", "given", "expect"), knows=("current", "since", "as_of")
        )
        given = parts.get("given") if isinstance(parts.get("given"), Mapping) else {}
        expect = reader.mapping(parts.get("expect", {}), f"{path}.expect", knows=expects)
        values: dict[str, Value] = {}
        for name, one in (given or {}).items():
            if isinstance(one, bool | list | Mapping | date):
                reader.fault(
                    f"{path}.given.{name}", "wrong_type", expected="a number or text", given=kind_of(one)
                )
            elif one is not None:
                values[name] = one
        if "score" in expect:
            expect["score"] = reader.number(expect["score"], f"{path}.expect.score")
        for key in ("tags", "reasons"):
            if key in expect:
                reader.items(expect[key], f"{path}.expect.{key}", at_least=0)
        found.append(
            Case(
                name=reader.text(parts.get("name"), f"{path}.name"),
                given=values,
                current=reader.id(parts.get("current"), f"{path}.current") or None,
                since=reader.day(parts.get("since"), f"{path}.since"),
                as_of=reader.day(parts.get("as_of"), f"{path}.as_of"),
                expect=expect,
            )
        )
    return tuple(found)


def _check_cases(
    reader: Reader, cases: tuple[Case, ...], tiers: tuple[Tier, ...], tags: tuple[Tag, ...]
) -> None:
    known = {tier.id for tier in tiers}
    inputs = {ref.key for ref, _ in reader.references if ref.is_input}
    for index, case in enumerate(cases):
        for key, name in (("current", case.current), ("expect.tier", case.expect.get("tier"))):
            if name is not None and not (isinstance(name, str) and name in known):
                reader.fault(f"cases[{index}].{key}", "unknown_tier", name=name, hint=hint(str(name), known))
        for name in case.expect.get("tags") or ():
            if not (isinstance(name, str) and name in {tag.id for tag in tags}):
                near = hint(str(name), [tag.id for tag in tags])
                reader.fault(
                    f"cases[{index}].expect.tags", "unknown_reference", what="tag", name=name, hint=near
                )
        for name in case.given:
            if name not in inputs:
                near = hint(name, inputs)
                reader.fault(
                    f"cases[{index}].given.{name}", "unknown_reference", what="input", name=name, hint=near
                )


def _check_references(
    reader: Reader, derived: Mapping[str, Derived], dimensions: tuple[Dimension, ...], score: Score | None
) -> None:
    known: dict[str, set[str]] = {
        "derived": set(derived),
        "points": {dimension.id for dimension in dimensions},
    }
    for ref, path in reader.references:
        if ref.kind in known and ref.name not in known[ref.kind]:
            near = hint(ref.name, known[ref.kind])
            reader.fault(path, "unknown_reference", what=ref.kind, name=ref.name, hint=near)
        elif ref.kind == "score" and score is None:
            reader.fault(path, "unknown_reference", what="score", name="score", hint=Hint())


def _where(ref: Ref, derived: Mapping[str, Derived]) -> str:
    return f"derived[{list(derived).index(ref.name)}]" if ref.kind == "derived" else "dimensions"
