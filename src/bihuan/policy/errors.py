"""What can be wrong with a policy, as codes. Rooms above translate; the English here is the fallback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MESSAGES: Mapping[str, str] = {
    "bad_yaml": "This is not readable YAML: %(detail)s",
    "bad_change": "“%(text)s” is not of the form PATH=VALUE.",
    "circular": "These refer to each other in a circle: %(cycle)s.",
    "duplicate_id": "The id “%(id)s” is used twice.",
    "duplicate_key": "The key “%(key)s” is written twice.",
    "empty": "This must not be empty.",
    "missing_key": "“%(key)s” is missing.",
    "not_ascending": "These numbers must rise from one to the next.",
    "one_of": "Exactly one of these must be given: %(keys)s.",
    "out_of_range": "%(value)s lies outside %(low)s to %(high)s.",
    "text_number_mix": "“%(name)s” is used once as a number and once as text.",
    "too_deep": "Conditions are nested more than %(limit)s deep.",
    "too_few_cases": "There are %(count)s cases; at least %(least)s are needed.",
    "too_large": "The document has more than %(limit)s parts.",
    "unit_mismatch": "Units differ: %(left)s and %(right)s.",
    "unknown_default": "The default “%(id)s” is none of the tiers.",
    "unknown_key": "“%(key)s” is not known here. %(hint)s",
    "unknown_kind": "“%(kind)s” is no kind of policy. Known: %(known)s.",
    "unknown_metric": "No metric is called “%(name)s”. %(hint)s",
    "unknown_path": "There is no “%(part)s” here. Known: %(known)s.",
    "unknown_reference": "There is no %(what)s called “%(name)s”. %(hint)s",
    "unknown_tier": "There is no tier called “%(name)s”. %(hint)s",
    "unknown_unit": "“%(unit)s” is no unit. Known: %(known)s.",
    "unreachable_tier": "Nobody can ever reach the tier “%(tier)s”: its condition is impossible or a better tier always wins.",
    "unused_threshold": "The threshold “%(name)s” is used nowhere, so changing it would do nothing.",
    "wrong_type": "This must be %(expected)s, not %(given)s.",
    "wrong_value_type": "“%(name)s” is %(given)s, but is used as %(expected)s.",
}

ENGLISH: Mapping[str, str] = {
    "hint": "Perhaps %(near)s?",
    "true": "true",
    "true_or_false": "true or false",
    "a_number": "a number",
    "a_number_or_text": "a number or text",
    "a_number_or_an_expression": "a number or an expression",
    "a_whole_number": "a whole number",
    "text": "text",
    "nothing": "nothing",
    "a_date": "a date",
    "a_date_like": "a date like 2026-01-31",
    "a_mapping": "a mapping",
    "a_list": "a list",
    "a_list_of_two_numbers": "a list of two numbers",
    "a_condition": "a condition",
    "an_id_of_letters_digits_and": "an id of letters, digits and _",
    "a_metric_s_name": "a metric's name",
    "derived": "derived",
    "input": "input",
    "points": "points",
    "score": "score",
    "tag": "tag",
    "threshold": "threshold",
}
WORDS = frozenset(ENGLISH.values())
"""Words of ours that stand among a fault's params `expected`, `given` and `what`; rooms above translate them too."""


class Hint(str):
    """“Perhaps …?” with the nearest known name in `near`; empty where nothing is near. Translate `Hint.TEXT`."""

    TEXT = ENGLISH["hint"]
    near: str

    def __new__(cls, near: str = "") -> Hint:
        self = super().__new__(cls, cls.TEXT % {"near": near} if near else "")
        self.near = near
        return self


@dataclass(frozen=True, slots=True)
class PolicyError:
    """One fault. `path` says where (`tiers[0].when.all[1].gte`), `code` what (a key of `MESSAGES`)."""

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """English, without the path."""
        return MESSAGES[self.code] % self.params

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class PolicyInvalid(ValueError):
    """A document that is no policy; `errors` holds every fault found, in the order of the document."""

    def __init__(self, errors: Sequence[PolicyError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class ValueUnusable(ValueError):
    """A value that cannot be read as what the policy needs, such as “abc” where a number is compared."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        self.name, self.value, self.expected = name, value, expected
        super().__init__(f"{name}: {value!r} is not {expected}")
