"""Documents as text and as data: loading YAML safely, and changing single places by path."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from bihuan.policy.errors import PolicyError, PolicyInvalid
from bihuan.policy.reading import hint, is_number, kind_of

MAX_TEXT = 1_000_000
_MAX_NESTING = 100


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases (a small text could unfold into gigabytes) and without a key written twice."""

    nesting = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*) are not allowed")
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            raise yaml.YAMLError("nested too deep")
        node = super().compose_node(parent, index)
        self.nesting -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.value in seen:
                line = key_node.start_mark.line + 1
                raise PolicyInvalid([PolicyError(f"line {line}", "duplicate_key", {"key": key_node.value})])
            seen.add(key_node.value)
        return super().construct_mapping(node, deep)


def load_document(text: str | bytes) -> Mapping[str, Any]:
    """The document in a YAML (or JSON) text. Raises PolicyInvalid if it is unreadable or no mapping."""
    if len(text) > MAX_TEXT:
        raise PolicyInvalid([PolicyError("", "too_large", {"limit": MAX_TEXT})])
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506, a SafeLoader made stricter
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, PolicyInvalid):
            raise
        detail = " ".join(str(error).split())
        raise PolicyInvalid([PolicyError("", "bad_yaml", {"detail": detail})]) from error
    if not isinstance(document, Mapping):
        raise PolicyInvalid(
            [PolicyError("", "wrong_type", {"expected": "a mapping", "given": kind_of(document)})]
        )
    return document


_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_NUMBER = re.compile(r"([+-]?[\d,_]*\.?\d+)\s*(%|万|萬|亿|億)?\Z")
_MULTIPLES = {"%": Decimal("0.01"), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_MULTIPLES |= {"萬": _MULTIPLES["万"], "億": _MULTIPLES["亿"]}


def parse_change(text: str) -> tuple[str, Any]:
    """`thresholds.core_revenue=1200万` as path and value. Numbers may have thousands separators, %, 万 or 亿."""
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise PolicyInvalid([PolicyError(text, "bad_change", {"text": text})])
    return path.strip(), parse_value(value.strip())


def parse_value(text: str) -> Any:
    """A typed value: a number where it reads as one, true and false, else the text."""
    if text in ("true", "false"):
        return text == "true"
    match = _NUMBER.match(text)
    if match is None:
        return text
    try:
        number = Decimal(match[1].replace(",", "").replace("_", "")) * _MULTIPLES.get(
            match[2] or "", Decimal(1)
        )
    except InvalidOperation:
        return text
    return int(number) if number == number.to_integral_value() else float(number)


def with_changes(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A changed copy; `document` stays as it is, and whether the copy is a good policy is for `parse_policy` to say.

    Paths go down by key, and in lists by place or id: `thresholds.core_revenue`, `dimensions[volume].weight`,
    `tiers[core].when.all[1].gte`, `hysteresis.margin`. Where a path ends at a threshold or at a reference to one, the
    threshold's value is changed. A number can only become a number, a text only a text.

    Raises PolicyInvalid with `unknown_path` or `wrong_type`, every wrong change at once.
    """
    changed: dict[str, Any] = copy.deepcopy(dict(document))
    errors = [
        error for path, value in changes.items() if (error := _change(changed, path, value)) is not None
    ]
    if errors:
        raise PolicyInvalid(errors)
    return changed


def _change(document: dict[str, Any], path: str, value: Any) -> PolicyError | None:
    steps = [match[1] if match[1] is not None else match[2] for match in _STEP.finditer(path)]
    holder, key = None, None
    here: Any = document
    while steps:
        found = _step(here, steps)
        if found is None:
            known = _known(here)
            near = hint(steps[0], known)
            shown = near.near or ", ".join(known[:12])
            return PolicyError(path, "unknown_path", {"part": steps[0], "known": shown})
        holder, (key, used) = here, found
        here, steps = here[key], steps[used:]
    if isinstance(here, Mapping) and set(here) == {"threshold"}:
        return _change(document, f"thresholds.{here['threshold']}", value)
    if isinstance(here, Mapping) and "value" in here and holder is document.get("thresholds"):
        holder, key, here = here, "value", here["value"]
    if holder is None or not _same_type(here, value):
        return PolicyError(path, "wrong_type", {"expected": kind_of(here), "given": kind_of(value)})
    holder[key] = value
    return None


def _step(here: Any, steps: list[str]) -> tuple[Any, int] | None:
    """The key or place that the next steps name, and how many they are: `facts.industry` is one key of two steps."""
    if isinstance(here, Mapping):
        for count in range(len(steps), 0, -1):
            if ".".join(steps[:count]) in here:
                return ".".join(steps[:count]), count
    elif isinstance(here, list):
        for place, item in enumerate(here):
            if isinstance(item, Mapping) and item.get("id") == steps[0]:
                return place, 1
        if steps[0].isdecimal() and int(steps[0]) < len(here):
            return int(steps[0]), 1
    return None


def _known(here: Any) -> list[str]:
    if isinstance(here, Mapping):
        return [str(key) for key in here]
    if isinstance(here, list):
        return [
            str(item["id"]) if isinstance(item, Mapping) and "id" in item else str(i)
            for i, item in enumerate(here)
        ]
    return []


def _same_type(before: Any, after: Any) -> bool:
    if is_number(before):
        return is_number(after)
    return isinstance(before, str | bool) and type(before) is type(after)
