"""Reading single parts of a document, collecting every fault instead of stopping at the first."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bihuan.policy.errors import Hint, PolicyError
from bihuan.policy.model import (
    OPERATORS,
    All,
    AnyOf,
    Apply,
    Compare,
    Condition,
    Expression,
    Label,
    Not,
    Number,
    Operand,
    Read,
    Ref,
    Test,
    Threshold,
)
from bihuan.policy.numbers import plain, to_number

MAX_DEPTH = 24
MAX_NODES = 5_000
ARITHMETIC = {
    "add": (2, 20),
    "subtract": (2, 2),
    "multiply": (2, 20),
    "divide": (2, 2),
    "min": (1, 20),
    "max": (1, 20),
}
ARITHMETIC["first"] = (1, 20)
SUBJECTS = ("metric", "rank_share", "derived", "points", "score")
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\Z")
ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


def kind_of(value: Any) -> str:
    """What a person would call it."""
    match value:
        case bool():
            return "true or false"
        case int() | float() | Decimal():
            return "a number"
        case str():
            return "text"
        case date():
            return "a date"
        case None:
            return "nothing"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def hint(name: str, known: Iterable[str]) -> Hint:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return Hint(near[0] if near else "")


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


@dataclass
class Reader:
    """Reads parts and remembers faults, used references and used thresholds."""

    errors: list[PolicyError] = field(default_factory=list)
    thresholds: dict[str, Threshold] = field(default_factory=dict)
    used_thresholds: set[str] = field(default_factory=set)
    references: list[tuple[Ref, str]] = field(default_factory=list)
    number_inputs: dict[str, str] = field(default_factory=dict)
    text_inputs: dict[str, str] = field(default_factory=dict)

    def fault(self, path: str, code: str, **params: Any) -> None:
        self.errors.append(PolicyError(path, code, params))

    # plain parts

    def mapping(
        self, value: Any, path: str, *, needs: Collection[str] = (), knows: Collection[str] = ()
    ) -> dict[str, Any]:
        """The mapping, or an empty one and a fault. `needs` and `knows` are its keys; others are faults."""
        if not isinstance(value, Mapping):
            self.fault(path, "wrong_type", expected="a mapping", given=kind_of(value))
            return {}
        for key in value:
            if key not in needs and key not in knows:
                known = hint(str(key), [*needs, *knows])
                self.fault(f"{path}.{key}" if path else str(key), "unknown_key", key=key, hint=known)
        for key in needs:
            if value.get(key) is None:
                self.fault(path, "missing_key", key=key)
        return dict(value)

    def items(self, value: Any, path: str, *, at_least: int = 1) -> Sequence[Any]:
        if value is None and at_least == 0:
            return []
        if isinstance(value, str | Mapping) or not isinstance(value, Sequence):
            self.fault(path, "wrong_type", expected="a list", given=kind_of(value))
            return []
        if len(value) < at_least:
            self.fault(path, "empty")
        return value

    def entries(self, value: Any, path: str) -> list[tuple[str, Mapping[str, Any]]]:
        """The mappings in a list, each with its path; two with one id are a fault."""
        found, seen = [], set()
        for index, item in enumerate(self.items(value, path)):
            here = f"{path}[{index}]"
            if not isinstance(item, Mapping):
                self.fault(here, "wrong_type", expected="a mapping", given=kind_of(item))
                continue
            identity = item.get("id")
            if isinstance(identity, str):
                if identity in seen:
                    self.fault(f"{here}.id", "duplicate_id", id=identity)
                seen.add(identity)
            found.append((here, item))
        return found

    def text(self, value: Any, path: str, pattern: re.Pattern[str] | None = None, what: str = "text") -> str:
        if isinstance(value, str) and value.strip() and (pattern is None or pattern.match(value)):
            return value
        if value is not None:
            self.fault(
                path,
                "wrong_type",
                expected=what,
                given=repr(value) if isinstance(value, str) else kind_of(value),
            )
        return ""

    def id(self, value: Any, path: str) -> str:
        return self.text(value, path, ID, "an id of letters, digits and _")

    def choice(self, value: Any, path: str, known: Collection[str]) -> str | None:
        if value is None or (isinstance(value, str) and value in known):
            return value
        self.fault(path, "wrong_type", expected=" | ".join(known), given=repr(value))
        return None

    def label(self, value: Any, path: str) -> Label:
        parts = self.mapping(value, path, needs=("zh-Hans", "en"), knows=("zh-Hant",))
        return {language: self.text(text, f"{path}.{language}") for language, text in parts.items()}

    def number(
        self, value: Any, path: str, low: Any = None, high: Any = None, default: Any = None
    ) -> Decimal:
        """A finite number between `low` and `high`; `default` (or 0) where there is none or it is wrong."""
        fallback = Decimal(default if default is not None else 0)
        if value is None:
            return fallback
        number = to_number(value) if is_number(value) else None
        if number is None:
            self.fault(path, "wrong_type", expected="a number", given=kind_of(value))
            return fallback
        if (low is not None and number < Decimal(low)) or (high is not None and number > Decimal(high)):
            shown = "…" if high is None else high
            self.fault(path, "out_of_range", value=number, low="…" if low is None else low, high=shown)
            return fallback
        return number

    def whole(self, value: Any, path: str, low: int, high: int, default: int) -> int:
        number = self.number(value, path, low, high, default)
        if number != number.to_integral_value():
            self.fault(path, "wrong_type", expected="a whole number", given=plain(number))
        return int(number)

    def day(self, value: Any, path: str) -> date | None:
        try:
            if value is None or type(value) is date:
                return value
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fault(path, "wrong_type", expected="a date like 2026-01-31", given=repr(value))
            return None

    # operands, tests, conditions, expressions

    def operand(self, value: Any, path: str, *, text_allowed: bool = False) -> Operand:
        if isinstance(value, Mapping):
            parts = self.mapping(value, path, needs=("threshold",))
            name = self.text(parts.get("threshold"), f"{path}.threshold")
            known = self.thresholds.get(name)
            if name and known is None:
                near = hint(name, self.thresholds)
                self.fault(f"{path}.threshold", "unknown_reference", what="threshold", name=name, hint=near)
            self.used_thresholds.add(name)
            return Operand(known.value if known else Decimal(0), name)
        if text_allowed and isinstance(value, str):
            return Operand(self.text(value, path))
        return Operand(self.number(value, path)) if value is not None else self._no_operand(path)

    def _no_operand(self, path: str) -> Operand:
        self.fault(path, "wrong_type", expected="a number", given="nothing")
        return Operand(Decimal(0))

    def test(self, parts: Mapping[str, Any], path: str) -> Test | None:
        """The one operator among `parts`."""
        given = [operator for operator in OPERATORS if operator in parts]
        if len(given) != 1:
            self.fault(path, "one_of", keys=", ".join(OPERATORS))
            return None
        operator, here = given[0], f"{path}.{given[0]}"
        value = parts[operator]
        if operator == "missing":
            if not isinstance(value, bool):
                self.fault(here, "wrong_type", expected="true or false", given=kind_of(value))
            return Test("missing", wanted=bool(value))
        if operator not in ("between", "in"):
            return Test(operator, (self.operand(value, here, text_allowed=operator == "eq"),))
        values = self.items(value, here)
        many = tuple(
            self.operand(one, f"{here}[{index}]", text_allowed=operator == "in")
            for index, one in enumerate(values)
        )
        if operator == "between":
            if len(many) != 2:
                self.fault(here, "wrong_type", expected="a list of two numbers", given=f"{len(many)}")
                return None
            if many[0].number > many[1].number:
                self.fault(here, "not_ascending")
        elif len({isinstance(one.value, str) for one in many}) > 1:
            self.fault(here, "text_number_mix", name="in")
            return None
        return Test(operator, many) if many else None

    def ref(self, parts: Mapping[str, Any], path: str) -> Ref | None:
        """The one subject among `parts`: metric, rank_share, derived, points or score."""
        given = [kind for kind in SUBJECTS if kind in parts]
        if len(given) != 1:
            self.fault(path, "one_of", keys=", ".join(SUBJECTS))
            return None
        kind, here = given[0], f"{path}.{given[0]}"
        if kind == "score":
            if parts["score"] is not True:
                self.fault(here, "wrong_type", expected="true", given=kind_of(parts["score"]))
            ref = Ref("score")
        else:
            pattern, what = (NAME, "a metric's name") if kind in ("metric", "rank_share") else (ID, "an id")
            name = self.text(parts[kind], here, pattern, what)
            if not name:
                if parts[kind] is None:
                    self.fault(here, "empty")
                return None
            ref = Ref(kind, name)
        self.references.append((ref, here))
        return ref

    def use(self, ref: Ref, path: str, *, as_text: bool) -> None:
        """Remember how an input is read; the same input as number and as text is a fault."""
        if not ref.is_input or ref.kind == "rank_share":
            if as_text:
                self.fault(path, "wrong_value_type", name=ref.key, given="a number", expected="text")
            elif ref.is_input:
                self.number_inputs.setdefault(ref.key, path)
            return
        (self.text_inputs if as_text else self.number_inputs).setdefault(ref.key, path)
        if ref.key in self.text_inputs and ref.key in self.number_inputs:
            self.fault(path, "text_number_mix", name=ref.key)

    def condition(self, value: Any, path: str, depth: int = 0) -> Condition | None:
        if depth > MAX_DEPTH:
            self.fault(path, "too_deep", limit=MAX_DEPTH)
            return None
        if not isinstance(value, Mapping):
            self.fault(path, "wrong_type", expected="a condition", given=kind_of(value))
            return None
        for word in ("all", "any"):
            if word in value:
                self.mapping(value, path, needs=(word,))
                items = self.items(value[word], f"{path}.{word}")
                read = [
                    self.condition(item, f"{path}.{word}[{index}]", depth + 1)
                    for index, item in enumerate(items)
                ]
                return (All if word == "all" else AnyOf)(
                    tuple(item for item in read if item is not None), path
                )
        if "not" in value:
            self.mapping(value, path, needs=("not",))
            inner = self.condition(value["not"], f"{path}.not", depth + 1)
            return None if inner is None else Not(inner, path)
        return self._comparison(value, path)

    def _comparison(self, value: Mapping[str, Any], path: str) -> Compare | None:
        parts = self.mapping(value, path, knows=(*SUBJECTS, *OPERATORS, "if_missing", "firm"))
        ref, test = self.ref(parts, path), self.test(parts, path)
        if_missing = self.choice(parts.get("if_missing"), f"{path}.if_missing", ("met", "unmet"))
        firm = parts.get("firm", False)
        if not isinstance(firm, bool):
            self.fault(f"{path}.firm", "wrong_type", expected="true or false", given=kind_of(firm))
        if ref is None or test is None:
            return None
        if test.operator != "missing":
            self.use(ref, path, as_text=test.is_text)
        return Compare(ref, test, path, if_missing == "met", firm is True)

    def expression(self, value: Any, path: str, depth: int = 0) -> Expression | None:
        if depth > MAX_DEPTH:
            self.fault(path, "too_deep", limit=MAX_DEPTH)
            return None
        if is_number(value):
            return Number(Operand(self.number(value, path)), path)
        if not isinstance(value, Mapping):
            self.fault(path, "wrong_type", expected="a number or an expression", given=kind_of(value))
            return None
        if "threshold" in value:
            return Number(self.operand(value, path), path)
        given = [operator for operator in ARITHMETIC if operator in value]
        if not given:
            parts = self.mapping(value, path, knows=(*SUBJECTS, *ARITHMETIC, "threshold"))
            ref = self.ref(parts, path)
            if ref is None:
                return None
            self.use(ref, path, as_text=False)
            return Read(ref, path)
        self.mapping(value, path, needs=(given[0],))
        here = f"{path}.{given[0]}"
        items = self.items(value[given[0]], here)
        least, most = ARITHMETIC[given[0]]
        if items and not least <= len(items) <= most:
            self.fault(here, "out_of_range", value=len(items), low=least, high=most)
        read = [self.expression(item, f"{here}[{index}]", depth + 1) for index, item in enumerate(items)]
        return Apply(given[0], tuple(item for item in read if item is not None), path)
