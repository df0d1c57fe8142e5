"""What the lots of a made plant were measured to be: process readings by step, results of raw and finished lots, and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .book import Book, text
from .chance import Measured, places
from .growing import DAY, HALTED, HOUR, WAITING, Node, Planted, Stream
from .model import PlantModel

MOVES_WITH = 0.45
"""How far a characteristic follows the reading that can spoil it."""
NOT_FOUND = ("pb", "as", "hg", "cd")
HELD_DAYS = 45


def draw_readings(rng: np.random.Generator, model: PlantModel, levels: Sequence[Sequence[Node]]) -> None:
    """Where each lot's readings lie, in standard deviations from the set-point."""
    for step, nodes in zip(model.steps, levels, strict=True):
        if step.readings and nodes:
            for node, z in zip(
                nodes, rng.normal(0, 1, (len(nodes), len(step.readings))).tolist(), strict=True
            ):
                node.z = z


def write_readings(book: Book, model: PlantModel, levels: Sequence[Sequence[Node]]) -> None:
    for step, nodes in zip(model.steps, levels, strict=True):
        for at, one in enumerate(step.readings):
            digits = places(one["sd"])
            for node in nodes:
                value = round(one["set"] + node.z[at] * one["sd"], digits)
                book.add(
                    "quality.ProcessReading", lot_id=node.made.id, step=one["step"], parameter=one["name"], unit=one["unit"],
                    value=value, said=f"{value:.{digits}f}", set_point=one["set"],
                    lower=round(one["set"] - 4 * one["sd"], digits), upper=round(one["set"] + 4 * one["sd"], digits),
                )  # fmt: skip


def write_raw_tests(
    rng: np.random.Generator, book: Book, model: PlantModel, ids: Mapping[str, int], newcomers: set[str]
) -> None:
    """`newcomers`: the raw lots of new suppliers, by name."""
    by_prefix = {}
    for raw in model.raw:
        for one in book.lots:
            if one.kind == "raw" and (raw.own or one.code == raw.code):
                by_prefix[one.id] = raw
    for one in book.lots:
        raw_of = by_prefix.get(one.id)
        for test in raw_of.tests if raw_of else ():
            z = float(np.clip(rng.normal(), -3, 3))
            if one.name in newcomers and "newcomer" in test:
                z = test["newcomer"] + 0.3 * z
            digits = places(test["sd"])
            value = max(0.0, round(test["mean"] + z * test["sd"], digits))
            _result(
                book,
                one.id,
                ids[test["code"]],
                value,
                f"{value:.{digits}f}",
                test["unit"],
                "入厂检验",
                text(one.at + HOUR * 3),
            )


def _result(
    book: Book,
    lot: int,
    characteristic: int,
    value: float,
    said: str,
    unit: str,
    method: str,
    at: str,
    below: int = 0,
) -> None:
    book.add(
        "quality.TestResult", lot_id=lot, characteristic_id=characteristic, value=value, said=said, unit=unit, method=method,
        tested_at=at, is_below_detection=below,
    )  # fmt: skip


def write_finished_tests(
    rng: np.random.Generator,
    book: Book,
    model: PlantModel,
    streams: Sequence[Stream],
    levels: Sequence[Sequence[Sequence[Node]]],
) -> None:
    """Results against the limits. What a planted cause spoilt lies just within them; a stopped lot lies outside one."""
    for place, stream in enumerate(streams):
        cause = model.causes[place] if place < len(model.causes) else None
        follows = _follows(model, cause) if cause else None
        for node in stream.nodes:
            if node.fate == WAITING:
                continue
            at = text(node.at + HOUR * 6)
            for number, what in enumerate(stream.goods.measured):
                z = float(np.clip(rng.normal(), -3, 3))
                if cause and what.code == cause.effect:
                    if node.spoilt:
                        z = what.towards * node.spoilt
                    elif follows is not None:
                        step, reading, sign = follows
                        moved = node.at_step(len(model.steps) - 1 - step).z[reading]
                        z = what.towards * sign * MOVES_WITH * moved + (1 - MOVES_WITH**2) ** 0.5 * z
                        z = float(np.clip(z, -3, 3))
                if node.fate == HALTED and number == 0:
                    z = what.towards * 4.8
                _finished(book, node, what, z, at)


def _finished(book: Book, node: Node, what: Measured, z: float, at: str) -> None:
    if what.code in NOT_FOUND and what.upper is not None and what.unit.startswith("mg"):
        least = what.upper * 0.05
        _result(book, node.made.id, what.id, least, f"<{least:g}", what.unit, what.method, at, 1)
        return
    value = what.value(z)
    _result(book, node.made.id, what.id, value, what.said(value), what.unit, what.method, at)


def _follows(model: PlantModel, cause: object) -> tuple[int, int, int] | None:
    for step, one in enumerate(model.steps):
        for at, reading in enumerate(one.readings):
            if (reading["step"], reading["name"]) == (
                getattr(cause, "step", ""),
                getattr(cause, "reading", ""),
            ):
                return step, at, 1 if getattr(cause, "shift", 0) > 0 else -1
    return None


def decide(book: Book, streams: Sequence[Stream], now: np.datetime64) -> None:
    """Finished lots are released a day after they were made; those that failed are on hold, then rejected."""
    for stream in streams:
        for node in stream.nodes:
            at = node.at + DAY
            if node.fate == WAITING:
                continue
            halted = node.fate == HALTED
            reason = "检验合格，放行（演示）" if not halted else f"{_failed(stream)}超出规格，冻结（演示）"
            _event(book, node, "held" if halted else "released", reason, at)
            if halted and (now - node.at) / DAY > HELD_DAYS:
                node.made.disposition = "rejected"
                _event(book, node, "rejected", "复检仍不合格，判不合格（演示）", at + DAY * 6)


def _failed(stream: Stream) -> str:
    return stream.goods.measured[0].name if stream.goods.measured else "检验"


def _event(book: Book, node: Node, kind: str, reason: str, at: np.datetime64) -> None:
    book.add("quality.LotEvent", lot_id=node.made.id, kind=kind, reason=reason, at=text(at))


def keep_samples(book: Book, streams: Sequence[Stream], grain: int) -> None:
    """A retained sample of each finished lot of the last half year."""
    for stream in streams:
        for node in stream.nodes:
            if not node.retained:
                continue
            made = node.made
            kept = book.lot(
                product=made.product, code=made.code, number=f"{made.number}-R", kind="retained", unit=made.unit,
                at=node.at + HOUR * 2, expires=made.expires, place="留样室", disposition=made.disposition,
            )  # fmt: skip
            book.post(
                "split", node.at + HOUR * 2, [(made, node.retained)], [(kept, node.retained)], mark="LY"
            )


def ship(rng: np.random.Generator, book: Book, streams: Sequence[Stream], now: np.datetime64) -> None:
    """One document for each order line delivered, of one lot or of several. It arrives the day after; of what would arrive today
    half is noted."""
    today = (now + HOUR * 8).astype("datetime64[D]")
    for stream in streams:
        by_line: dict[int, list[tuple[Node, int]]] = {}
        for line, node, amount in stream.draws:
            by_line.setdefault(line, []).append((node, amount))
        for line, parts in by_line.items():
            one = stream.goods.lines[line]
            movement = book.post(
                "ship", one.at, [(node.made, amount) for node, amount in parts], [], mark="FH"
            )
            due = (one.at + DAY + HOUR * 8).astype("datetime64[D]")
            on_way = due > today or (due == today and rng.random() < 0.5)
            for node, amount in parts:
                book.add(
                    "quality.LotShipment", lot_id=node.made.id, movement_id=movement, customer_id=one.customer,
                    order_id=one.order, line_id=one.id, reservation_id=None, drawn=0, quantity=amount, unit=node.made.unit, shipped_at=text(one.at),
                    arrival="way" if on_way else "arrived", arrived_on=None if on_way else str(due),
                )  # fmt: skip


def spoilt_raw(planted: Sequence[Planted]) -> set[str]:
    return {one.raw.name for one in planted if one.raw is not None}
