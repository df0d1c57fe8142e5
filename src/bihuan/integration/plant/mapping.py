"""The mapping file of a plant import."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bihuan.integration.reading.errors import refused
from bihuan.kernel.time import company_zone

AT = "at"  # a series' own column of moments
_NAMES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Made:
    """The lot that a row is about. `product`, `name`, `grade`: texts in which `{column}` stands for the row's cell."""

    product: str
    number: str
    name: str = ""
    grade: str = ""
    unit: str = ""
    kind: str = "finished"
    status: str = "quarantine"
    quantity: str = ""
    made: str = ""
    months: Mapping[str, int] = field(default_factory=dict)
    day_from: str = ""

    @property
    def naming(self) -> set[str]:
        """The columns that name the lot, which each file has."""
        return {*_NAMES.findall(self.product), self.number}

    @property
    def columns(self) -> set[str]:
        texts = (self.product, self.name, self.grade)
        found = {name for text in texts for name in _NAMES.findall(text)}
        return found | {one for one in (self.number, self.quantity, self.made) if one}


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw lot that the row's lot consumed, with the columns of its own results."""

    product: str
    number: str
    name: str = ""
    unit: str = ""
    tests: tuple[str, ...] = ()

    @property
    def columns(self) -> set[str]:
        return {name for text in (self.product, self.name) for name in _NAMES.findall(text)} | {
            self.number,
            *self.tests,
        }


@dataclass(frozen=True, slots=True)
class Series:
    """A table in which each row is a moment: which column says it, in which zone where it does not say, step → columns."""

    time: str
    zone: ZoneInfo
    steps: Mapping[str, tuple[str, ...]]

    @property
    def columns(self) -> set[str]:
        return {self.time, *(one for several in self.steps.values() for one in several)}


@dataclass(frozen=True, slots=True)
class PlantFile:
    name: str
    raw: tuple[Raw, ...]
    tests: tuple[str, ...]
    readings: Mapping[str, tuple[str, ...]]
    set_points: Mapping[str, Mapping[str, float]]
    ignore: tuple[str, ...]
    hints: Mapping[str, str]
    series: Series | None = None


@dataclass(frozen=True, slots=True)
class PlantMapping:
    lot: Made
    files: tuple[PlantFile, ...]
    units: Mapping[str, str]
    laboratory: str = ""


def fill(text: str, cells: Mapping[str, str]) -> str:
    """The text with each `{column}` replaced by the cell; empty where one of them is blank."""
    if any(not cells.get(name) for name in _NAMES.findall(text)):
        return ""
    return _NAMES.sub(lambda found: cells[found[1]], text).strip()


def read_plant_mapping(said: Mapping[str, Any]) -> PlantMapping:
    """Raises ``ImportRefused`` mapping_unreadable with the place of what is wrong."""
    _only(said, {"lot", "files", "units", "laboratory"}, "")
    lot = _record(said.get("lot"), "lot")
    _only(
        lot,
        {
            "product",
            "number",
            "name",
            "grade",
            "unit",
            "kind",
            "status",
            "quantity",
            "made",
            "months",
            "day_from",
        },
        "lot",
    )
    months = {
        str(name).casefold(): number
        for name, number in _record(lot.get("months") or {}, "lot.months").items()
    }
    if any(not isinstance(number, int) or not 1 <= number <= 12 for number in months.values()):
        raise refused("mapping_unreadable", reason="lot.months: 1 … 12")
    given = {name: str(value) for name, value in lot.items() if name != "months" and value is not None}
    if not given.get("product") or not given.get("number"):
        raise refused("mapping_unreadable", reason="lot.product, lot.number")
    if given.get("kind", "finished") not in ("raw", "intermediate", "finished"):
        raise refused("mapping_unreadable", reason="lot.kind: raw, intermediate, finished")
    if given.get("status", "quarantine") not in ("quarantine", "released"):
        raise refused("mapping_unreadable", reason="lot.status: quarantine, released")
    files = _record(said.get("files"), "files")
    if not files:
        raise refused("mapping_unreadable", reason="files")
    return PlantMapping(
        Made(**given, months=months),
        tuple(_file(name, _record(one, f"files.{name}")) for name, one in files.items()),
        {str(name): str(unit) for name, unit in _record(said.get("units") or {}, "units").items()},
        str(said.get("laboratory") or ""),
    )


def _file(name: str, said: Mapping[str, Any]) -> PlantFile:
    place = f"files.{name}"
    _only(
        said,
        {"raw", "tests", "readings", "series", "set_points", "ignore", "delimiter", "encoding", "sheet"},
        place,
    )
    if "/" in name or "\\" in name or name.startswith("."):
        raise refused("mapping_unreadable", reason=f"{place}: a file in the folder")
    raws = []
    for number, one in enumerate(said.get("raw") or []):
        row = _record(one, f"{place}.raw[{number}]")
        _only(row, {"product", "number", "name", "unit", "tests"}, f"{place}.raw[{number}]")
        if not row.get("product") or not row.get("number"):
            raise refused("mapping_unreadable", reason=f"{place}.raw[{number}]: product, number")
        raws.append(
            Raw(
                str(row["product"]), str(row["number"]), str(row.get("name") or ""), str(row.get("unit") or ""),
                _texts(row.get("tests"), f"{place}.raw[{number}].tests"),
            )
        )  # fmt: skip
    readings = _record(said.get("readings") or {}, f"{place}.readings")
    told = _record(said.get("set_points") or {}, f"{place}.set_points")
    return PlantFile(
        name,
        tuple(raws),
        _texts(said.get("tests"), f"{place}.tests"),
        {str(step): _texts(several, f"{place}.readings.{step}") for step, several in readings.items()},
        {name: _set_point(one, f"{place}.set_points.{name}") for name, one in told.items()},
        _texts(said.get("ignore"), f"{place}.ignore"),
        {key: str(said[key]) for key in ("delimiter", "encoding", "sheet") if said.get(key)},
        _series(said, place),
    )


def _series(said: Mapping[str, Any], place: str) -> Series | None:
    if said.get("series") is None:
        return None
    if any(said.get(one) for one in ("raw", "tests", "readings")):
        raise refused("mapping_unreadable", reason=f"{place}.series: series, ignore, set_points")
    told = _record(said["series"], f"{place}.series")
    _only(told, {"time", "zone", "steps"}, f"{place}.series")
    steps = {
        str(step): _texts(several, f"{place}.series.steps.{step}")
        for step, several in _record(told.get("steps"), f"{place}.series.steps").items()
    }
    columns = [one for several in steps.values() for one in several]
    if not told.get("time") or not columns:
        raise refused("mapping_unreadable", reason=f"{place}.series: time, steps")
    if len(set(columns)) < len(columns) or any(len(one) > 80 or one in (AT, told["time"]) for one in columns):
        raise refused("mapping_unreadable", reason=f"{place}.series.steps: [column, …]")
    try:
        zone = ZoneInfo(str(told["zone"])) if told.get("zone") else company_zone()
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refused("mapping_unreadable", reason=f"{place}.series.zone: {told['zone']}") from error
    return Series(str(told["time"]), zone, steps)


def _set_point(value: Any, place: str) -> Mapping[str, float]:
    """What a reading was to be: `set_point`, `lower`, `upper`."""
    told = _record(value, place)
    _only(told, {"set_point", "lower", "upper"}, place)
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in told.values()):
        raise refused("mapping_unreadable", reason=f"{place}: set_point, lower, upper: 1.5")
    return {name: float(one) for name, one in told.items()}


def _record(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise refused("mapping_unreadable", reason=f"{place}: name: value")
    return {str(name): one for name, one in value.items()}


def _texts(value: Any, place: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise refused("mapping_unreadable", reason=f"{place}: [column, …]")
    return tuple(str(one) for one in value)


def _only(said: Mapping[str, Any], known: set[str], place: str) -> None:
    if unknown := sorted(set(said) - known):
        raise refused(
            "mapping_unreadable", reason=f"{place}.{unknown[0]}: {', '.join(sorted(known))}".lstrip(".")
        )


def unspoken(file: PlantFile, lot: Made, headings: Sequence[str]) -> tuple[list[str], list[str]]:
    """Columns of the file that the mapping says nothing about, and columns it names that the file does not have."""
    named = {
        *lot.columns,
        *file.tests,
        *file.ignore,
        *(one for several in file.readings.values() for one in several),
        *file.set_points,
        *(file.series.columns if file.series else ()),
    }
    for one in file.raw:
        named |= one.columns
    needed = named - lot.columns | lot.naming
    return [one for one in headings if one not in named], sorted(needed - set(headings))
