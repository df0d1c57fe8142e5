"""Reading the part of a document that makes a score: dimensions, their bands and lines, the scale."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bihuan.policy.errors import Hint
from bihuan.policy.model import Band, Dimension, Expression, Point, Read, Score
from bihuan.policy.reading import Reader


def read_dimensions(reader: Reader, value: Any) -> tuple[Dimension, ...]:
    found = []
    for path, item in reader.entries(value, "dimensions") if value is not None else ():
        ways = ("bands", "linear", "met")
        reads = ("metric", "rank_share", "derived", "value")
        parts = reader.mapping(item, path, needs=("id", "label", "weight"), knows=(*reads, *ways, "missing"))
        given = [way for way in ways if way in parts]
        if len(given) != 1:
            reader.fault(path, "one_of", keys=", ".join(ways))
        expression = met = None
        bands: tuple[Band, ...] = ()
        if given == ["met"]:
            met = reader.condition(parts["met"], f"{path}.met")
            for name in reads:
                if name in parts:
                    reader.fault(f"{path}.{name}", "unknown_key", key=name, hint=Hint())
        elif given:
            bands = _bands(reader, parts["bands"], f"{path}.bands") if "bands" in parts else ()
            as_text = any(band.test is not None and band.test.is_text for band in bands)
            expression = _dimension_value(reader, parts, path, reads, as_text)
        missing = parts.get("missing", 0)
        found.append(
            Dimension(
                id=reader.id(parts.get("id"), f"{path}.id"),
                label=reader.label(parts.get("label", {}), f"{path}.label"),
                weight=reader.number(parts.get("weight"), f"{path}.weight", "0.000001", 1_000_000, 1),
                value=expression,
                bands=bands,
                linear=_linear(reader, parts["linear"], f"{path}.linear") if given == ["linear"] else (),
                met=met,
                missing=None if missing == "exclude" else reader.number(missing, f"{path}.missing", 0, 100),
            )
        )
    return tuple(found)


def _dimension_value(
    reader: Reader, parts: Mapping[str, Any], path: str, reads: tuple[str, ...], as_text: bool
) -> Expression | None:
    given = [name for name in reads if name in parts]
    if len(given) != 1:
        reader.fault(path, "one_of", keys=", ".join(reads))
        return None
    if given == ["value"]:
        if as_text:
            reader.fault(f"{path}.value", "wrong_value_type", name="value", given="a number", expected="text")
        return reader.expression(parts["value"], f"{path}.value")
    if not as_text:
        return reader.expression({given[0]: parts[given[0]]}, path)
    ref = reader.ref({given[0]: parts[given[0]]}, path)
    if ref is None:
        return None
    reader.use(ref, f"{path}.{given[0]}", as_text=True)
    return Read(ref, path)


def _bands(reader: Reader, value: Any, path: str) -> tuple[Band, ...]:
    found: list[Band] = []
    items = reader.items(value, path)
    for index, item in enumerate(items):
        here = f"{path}[{index}]"
        parts = reader.mapping(
            item, here, needs=("rating",), knows=("gte", "gt", "lte", "lt", "eq", "in", "between")
        )
        rating = reader.number(parts.get("rating"), f"{here}.rating", 0, 100)
        is_rest = index == len(items) - 1 and set(parts) <= {"rating"}
        test = None if is_rest else reader.test(parts, here)
        if is_rest or test is not None:
            found.append(Band(test, rating))
    kinds = {band.test.is_text for band in found if band.test is not None}
    if len(kinds) > 1:
        reader.fault(path, "text_number_mix", name=path)
    return tuple(found)


def _linear(reader: Reader, value: Any, path: str) -> tuple[Point, ...]:
    found: list[Point] = []
    for index, item in enumerate(reader.items(value, path, at_least=2)):
        here = f"{path}[{index}]"
        parts = reader.mapping(item, here, needs=("at", "rating"))
        at = reader.operand(parts.get("at"), f"{here}.at")
        if found and at.number <= found[-1].at.number:
            reader.fault(f"{here}.at", "not_ascending")
        found.append(Point(at, reader.number(parts.get("rating"), f"{here}.rating", 0, 100)))
    return tuple(found)


def read_score(reader: Reader, value: Any, has_dimensions: bool) -> Score | None:
    if value is None:
        return Score(Decimal(0), Decimal(100), None) if has_dimensions else None
    parts = reader.mapping(value, "score", knows=("label", "scale"))
    if not has_dimensions:
        reader.fault("dimensions", "missing_key", key="dimensions")
    scale = reader.items(parts["scale"], "score.scale") if "scale" in parts else (0, 100)
    if len(scale) != 2:
        reader.fault("score.scale", "wrong_type", expected="a list of two numbers", given=f"{len(scale)}")
        scale = (0, 100)
    low, high = (reader.number(one, f"score.scale[{index}]") for index, one in enumerate(scale))
    if low >= high:
        reader.fault("score.scale", "not_ascending")
    return Score(
        low, high, reader.label(parts["label"], "score.label") if parts.get("label") is not None else None
    )
