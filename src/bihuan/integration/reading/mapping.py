"""Which column holds which field: given, remembered or guessed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bihuan.integration.reading.dates import ORDERS, DateStyle, parse_moment
from bihuan.integration.reading.errors import Problem, refused
from bihuan.integration.reading.fields import KINDS, NEEDS, Field, header_key, without_unit
from bihuan.integration.reading.headers import Header, column_letter
from bihuan.integration.reading.numbers import parse_number
from bihuan.integration.reading.parsers import parse_flag, to_text
from bihuan.integration.reading.table import Batch, Table
from bihuan.integration.reading.text import key

ENOUGH = 50  # a guess below this score is not made
_GROUP_ENDINGS = ("信息", "资料", "情况", "数据", "明细", "info", "information", "data", "details")


@dataclass(slots=True)
class Mapping:
    """Field → column index, with what else a person may fix about a file.

    ``values`` maps, per field, the exact normalised text of a cell to what it means. ``constants`` gives a field the
    same value in every row.
    """

    kind: str
    columns: dict[str, int] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    date_order: str = ""
    from_1904: bool | None = None
    comma: bool | None = None
    origin: str = "guessed"  # guessed, remembered, given

    def missing(self) -> list[str]:
        """Fields, or groups of which one suffices (`a/b`), that no column or constant gives."""
        have = self.columns.keys() | self.constants.keys()
        lacking = [one.name for one in KINDS[self.kind] if one.required and one.name not in have]
        lacking += ["/".join(group) for group in NEEDS[self.kind] if not have & set(group)]
        return lacking

    def as_given(self, headers: Sequence[Header]) -> dict[str, Any]:
        """The mapping as a person could write it: what is remembered, and shown for download."""
        said: dict[str, Any] = {
            "columns": {name: headers[index].text for name, index in self.columns.items()}
        }
        if self.values:
            said["values"] = self.values
        if self.constants:
            said["constants"] = self.constants
        if self.date_order:
            said["date_order"] = self.date_order
        if self.comma is not None:
            said["decimal"] = "," if self.comma else "."
        if self.from_1904 is not None:
            said["date_system"] = 1904 if self.from_1904 else 1900
        return said


def signature(kind: str, headers: Sequence[Header]) -> str:
    """By what a source is recognised again: its kind and its headings in order."""
    text = "\x1f".join([kind, *(f"{key(one.parent)}\x1e{key(one.text)}" for one in headers)])
    return hashlib.sha256(text.encode()).hexdigest()


# --- given ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileHints:
    """What a mapping file says about opening the file, before the header is known."""

    sheet: str = ""
    header_row: int = 0
    encoding: str = ""
    delimiter: str = ""


def load_mapping_file(path: Path) -> dict[str, Any]:
    """A mapping file: JSON or YAML. Raises ``ImportRefused`` mapping_unreadable."""
    try:
        said = yaml.safe_load(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise refused("mapping_unreadable", reason=str(error)) from error
    if not isinstance(said, dict):
        raise refused("mapping_unreadable", reason="not an object")
    return {str(name): value for name, value in said.items()}


def hints_of(said: Map[str, Any]) -> FileHints:
    """The parts of a mapping that concern opening the file."""
    try:
        row = int(said.get("header_row") or 0)
    except (TypeError, ValueError) as error:
        raise refused("mapping_unreadable", reason="header_row") from error
    return FileHints(
        str(said.get("sheet") or ""), row, str(said.get("encoding") or ""), str(said.get("delimiter") or "")
    )


_RESERVED = {
    "columns",
    "fields",
    "mapping",
    "values",
    "constants",
    "defaults",
    "sheet",
    "header_row",
    "encoding",
} | {"delimiter", "date_order", "date_system", "decimal", "as", "kind"}


def read_mapping(said: Map[str, Any], kind: str, headers: Sequence[Header]) -> Mapping:
    """A mapping as given: ``columns`` in either direction (field → column or column → field), or directly at the top.

    A column is named by its heading, by its letter or by its number from 1.
    Raises ``ImportRefused``: mapping_unreadable, mapping_unknown_field, mapping_unknown_column.
    """
    names = {one.name for one in KINDS[kind]}
    pairs = said.get("columns") or said.get("fields") or said.get("mapping")
    if pairs is None:
        pairs = {name: column for name, column in said.items() if name not in _RESERVED}
    if not isinstance(pairs, dict):
        raise refused("mapping_unreadable", reason="columns")
    mapping = Mapping(kind, origin="given")
    for left, right in pairs.items():
        if right in (None, ""):
            continue
        if isinstance(right, dict):
            right = right.get("column", right.get("field", right.get("header")))
        name, column = _direction(str(left), right, names, headers)
        if name not in names:
            raise refused("mapping_unknown_field", field=name, kind=kind)
        mapping.columns[name] = column
    values = said.get("values") or {}
    constants = said.get("constants") or said.get("defaults") or {}
    if not isinstance(values, dict) or not isinstance(constants, dict):
        raise refused("mapping_unreadable", reason="values")
    for name in [*values, *constants]:
        if name not in names:
            raise refused("mapping_unknown_field", field=name, kind=kind)
    mapping.values = {
        name: {key(str(word)): str(meaning) for word, meaning in words.items()}
        for name, words in values.items()
        if isinstance(words, dict)
    }
    mapping.constants = {name: str(value) for name, value in constants.items()}
    order = str(said.get("date_order") or "").lower()
    if order and order not in ORDERS:
        raise refused("mapping_unreadable", reason=f"date_order: {', '.join(ORDERS)}")
    mapping.date_order = order
    if said.get("date_system") is not None:
        mapping.from_1904 = str(said["date_system"]) == "1904"
    if said.get("decimal"):
        mapping.comma = said["decimal"] == ","
    return mapping


def _direction(left: str, right: Any, names: set[str], headers: Sequence[Header]) -> tuple[str, int]:
    if left in names:
        column = find_column(right, headers)
        if column is not None:
            return left, column
    if isinstance(right, str) and right in names:
        column = find_column(left, headers)
        if column is not None:
            return right, column
        raise refused("mapping_unknown_column", column=left)
    if left in names:
        raise refused("mapping_unknown_column", column=right)
    raise refused(
        "mapping_unknown_field", field=right if find_column(left, headers) is not None else left, kind="…"
    )


def find_column(said: Any, headers: Sequence[Header]) -> int | None:
    """The column that a person means by a heading, a letter or a number."""
    if isinstance(said, int) and not isinstance(said, bool):
        return said - 1 if 1 <= said <= len(headers) else None
    text = str(said)
    for compare in (str, key, header_key):
        for one in headers:
            if compare(one.text) == compare(text):
                return one.index
    if re.fullmatch(r"[A-Z]{1,3}", text):
        return next((one.index for one in headers if column_letter(one.index) == text), None)
    return None


# --- guessed ---------------------------------------------------------------------------------------------------------------


def guess_mapping(kind: str, table: Table, sample: Batch | None = None) -> Mapping:
    """The best assignment of columns to fields by headings, checked against the first values."""
    sample = table.sample() if sample is None else sample
    scored = []
    for position, one in enumerate(KINDS[kind]):
        for header in table.headers:
            by_name = _name_score(one, header)
            if by_name:
                score = by_name + _value_score(one, sample.columns[header.index])
                if score >= ENOUGH:
                    scored.append((-score, position, header.index, one.name))
    scored.sort()
    mapping = Mapping(kind)
    taken: set[int] = set()
    for _, _, index, name in scored:
        if name not in mapping.columns and index not in taken:
            mapping.columns[name] = index
            taken.add(index)
    return mapping


def _name_score(one: Field, header: Header) -> int:
    """How well a heading says a field: 100 for its first words, less for later or partial ones."""
    best = 0
    bare = without_unit(header.text)[0]
    forms = [(header_key(header.text), 0), (header_key(bare), 4)]
    if header.parent:
        group = header_key(header.parent)
        for ending in _GROUP_ENDINGS:
            group = group.removesuffix(ending)
        forms.append((group + header_key(bare).removeprefix(group), -15))
        child = header_key(header.text.removeprefix(header.parent))
        forms.append((child, 25))
    keys = one.keys
    for form, penalty in forms:
        if not form:
            continue
        if form in keys:
            best = max(best, 100 - penalty - min(12, keys.index(form)))
            continue
        for word in keys:
            if len(word) >= (2 if not word.isascii() else 5) and len(form) <= 40:
                if word in form:
                    best = max(best, 40 + min(30, 40 * len(word) // len(form)) - penalty)
                elif form in word and len(form) >= 2 and not form.isascii():
                    best = max(best, 40 + 20 * len(form) // len(word) - penalty)
    return best


def _value_score(one: Field, cells: Sequence[Any]) -> int:
    """Whether the values can be what the heading promises."""
    filled = [cell for cell in cells[:200] if to_text(cell).strip()]
    if not filled:
        return -5
    if one.type in ("date", "moment"):
        share = _share(filled, lambda cell: parse_moment(cell, DateStyle()))
        return 5 if share > 0.8 else -60 if share < 0.3 else 0
    if one.type == "number":
        share = _share(filled, parse_number)
        return 5 if share > 0.8 else -60 if share < 0.3 else 0
    if one.type == "flag":
        return 5 if _share(filled, parse_flag) > 0.8 else -60
    if one.name == "email":
        return 5 if sum("@" in to_text(cell) for cell in filled) > len(filled) * 0.5 else -30
    if one.name in ("customer_name", "name", "product_name") and one.type == "text":
        # 客户 may head a column of codes, and a number is nobody's name.
        return -35 if sum(to_text(cell).strip().isdigit() for cell in filled) > len(filled) * 0.8 else 3
    if one.type == "code":
        long = sum(len(to_text(cell)) > 40 for cell in filled)
        return -40 if long > len(filled) * 0.3 else 3
    return 0


def _share(cells: Sequence[Any], parse: Any) -> float:
    good = [value for value in map(parse, cells) if value is not None]
    if not good:
        return 0.0
    return sum(1 for value in good if not isinstance(value, Problem)) / len(good)


def mapping_from_json(text: str) -> dict[str, Any]:
    """A remembered mapping, as ``as_given`` wrote it."""
    return dict(json.loads(text))
