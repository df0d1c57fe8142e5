"""Reading a document place by place: each function takes a value and its path, and raises `MatrixFault` there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from bihuan.service.matrix.faults import MatrixFault
from bihuan.service.matrix.model import ATTRIBUTES, Condition, Words

Known = Mapping[str, frozenset[str]]
"""Attribute → the values that the matrix knows; an attribute without values takes any."""


def mapping(value: object, at: str, keys: Iterable[str] | None = None) -> Mapping[str, Any]:
    """A mapping; with `keys`, of these names only."""
    if not isinstance(value, Mapping):
        raise MatrixFault("not_a_mapping", at)
    found = {str(key): one for key, one in value.items()}
    for key in found if keys is not None else ():
        one_of(key, keys or (), f"{at}.{key}" if at else key)
    return found


def entries(value: object, at: str, keys: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Place and content of each entry of a list of mappings; nothing counts as an empty list."""
    if not isinstance(value, list | tuple | None):
        raise MatrixFault("not_a_list", at)
    for index, one in enumerate(value or ()):
        where = f"{at}[{index}]"
        yield where, mapping(one, where, keys)


def needed(entry: Mapping[str, Any], key: str, at: str) -> Any:
    if entry.get(key) is None:
        raise MatrixFault("missing", at, key=key)
    return entry[key]


def one_of(value: object, known: Iterable[str], at: str) -> str:
    name, known = str(value), tuple(known)
    if name not in known:
        raise MatrixFault("one_of", at, value=name, known=", ".join(known))
    return name


def several_of(value: object, known: Iterable[str], at: str) -> tuple[str, ...]:
    """One of the known values, or a list of them."""
    known = tuple(known)
    if isinstance(value, list | tuple):
        return tuple(one_of(one, known, f"{at}[{index}]") for index, one in enumerate(value))
    return (one_of(value, known, at),)


def words(value: object, at: str) -> Words:
    """A text in Chinese and English, perhaps more languages."""
    if not isinstance(value, Mapping) or not all(
        isinstance(value.get(language), str) and value[language].strip() for language in ("zh-Hans", "en")
    ):
        raise MatrixFault("needs_words", at)
    return {str(language): str(said) for language, said in value.items()}


def condition(value: object, known: Known, at: str) -> Condition:
    """`{kind: [complaint], severity: 1}`, each value one that the matrix knows."""
    found = {}
    for key, given in mapping({} if value is None else value, at, ATTRIBUTES).items():
        found[key] = frozenset(several_of(given, sorted(known[key]), f"{at}.{key}"))
    return found


def whole(value: object, at: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise MatrixFault("bad_whole_number", at, value=value, most=most)
    return value


def amount(value: object, at: str, most: int) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal(-1)
    if isinstance(value, bool) or not found.is_finite() or not 0 <= found <= most:
        raise MatrixFault("bad_number", at, value=value, most=most)
    return found


def share_or_none(value: object, at: str) -> Fraction | None:
    """A part from 0 to 1."""
    return None if value is None else Fraction(amount(value, at, 1))


def text(value: object, at: str) -> str:
    """A text that says something; a number counts as one, as YAML reads `id: 1`."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise MatrixFault("not_text", at)
    return str(value)


def text_or_none(value: object, at: str) -> str | None:
    return None if value is None else text(value, at)


def needed_text(entry: Mapping[str, Any], key: str, at: str) -> str:
    return text(needed(entry, key, at), f"{at}.{key}" if at else key)


def yes_or_no(value: object, at: str) -> bool:
    if not isinstance(value, bool):
        raise MatrixFault("one_of", at, value=value, known="true, false")
    return value


def once(values: Iterable[str], at: str) -> None:
    """Refuses a value that stands in a list twice."""
    seen = set[str]()
    for index, value in enumerate(values):
        if value in seen:
            raise MatrixFault("twice", f"{at}[{index}]", value=value)
        seen.add(value)


def all_once(values: Iterable[str], wanted: Iterable[str], at: str) -> None:
    """Refuses a list that does not hold each of the wanted values once."""
    values, wanted = tuple(values), tuple(wanted)
    once(values, at)
    missing = [one for one in wanted if one not in values]
    if missing:
        raise MatrixFault("needs_all", at, needed=", ".join(wanted), missing=", ".join(missing))
