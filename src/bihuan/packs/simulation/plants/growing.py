"""Growing a plant backwards from what was delivered: finished lots that the order lines drew on, what these were made of, and the
raw lots at the beginning. Pure but for chance, which is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .book import Book, MadeLot, Stamp
from .chance import Measured
from .flows import cut, drawn
from .model import Cause, PlantModel

HOUR, DAY = np.timedelta64(3600, "s"), np.timedelta64(86400, "s")
FEWEST_LOTS, MOST_LOTS = 24, 160
STOPPED = 0.03
RELEASED = DAY * 2
"""So old the newest lots in stock are at least: released, and some of them kept for orders."""
RETAINED_DAYS = 180
SOLD, HALTED, STOCK, WAITING = range(4)


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery of an order line (`id`); `quantity` in millionths."""

    id: int
    at: Stamp
    order: int
    customer: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Goods:
    """A finished product with what was delivered of it, in order of time."""

    id: int
    code: str
    unit: str
    measured: tuple[Measured, ...]
    lines: tuple[Line, ...]


@dataclass(eq=False, slots=True)
class Node:
    """A lot to be, at a step: what it is to give (`out`), the lots of the next step that come of it, how its readings lie (`z`)."""

    goods: int
    at: Stamp
    out: int = 0
    fate: int = SOLD
    children: list[Node] = field(default_factory=list)
    parent: Node | None = None
    z: list[float] = field(default_factory=list)
    needs: int = 0
    retained: int = 0
    heel: int = 0
    lot: MadeLot | None = None
    raw: dict[int, MadeLot] = field(default_factory=dict)
    spoilt: float = 0.0  # how far a planted cause moved it

    def at_step(self, steps_up: int) -> Node:
        found = self
        for _step in range(steps_up):
            assert found.parent is not None
            found = found.parent
        return found

    @property
    def made(self) -> MadeLot:
        assert self.lot is not None
        return self.lot


@dataclass
class Stream:
    """The finished lots of one product in order of time, and who drew on which: (line, lot, amount)."""

    goods: Goods
    nodes: list[Node]
    draws: list[tuple[int, Node, int]]

    def receivers(self) -> dict[int, list[tuple[Stamp, int]]]:
        """By finished lot (its node's identity) when it went to whom."""
        found: dict[int, list[tuple[Stamp, int]]] = {}
        for line, node, _amount in self.draws:
            one = self.goods.lines[line]
            found.setdefault(id(node), []).append((one.at, one.customer))
        return found


def stream_of(
    rng: np.random.Generator, place: int, goods: Goods, model: PlantModel, grain: int, now: Stamp
) -> Stream:
    """Lots of one size that the deliveries drew on one after the other; some more that were stopped, and the newest in stock."""
    lines = goods.lines
    total = sum(one.quantity for one in lines)
    years = (lines[-1].at - lines[0].at) / DAY / 365.25
    wanted = min(MOST_LOTS, max(FEWEST_LOTS, round(years * model.lots_a_year)))
    sizes = [one for one in cut(total, max(1, min(wanted, len(lines), total // grain)), grain) if one]
    sold = [Node(place, lines[0].at, out=one) for one in sizes]
    draws = []
    for line, parts in enumerate(drawn(sizes, [one.quantity for one in lines])):
        draws += [(line, sold[at], amount) for at, amount in parts]
    first: dict[int, Stamp] = {}
    for line, node, _amount in draws:
        first.setdefault(id(node), lines[line].at)
    for node in sold:
        node.at = first[id(node)] - DAY * int(rng.integers(3, 8)) - HOUR * int(rng.integers(0, 10))
    sold.sort(key=lambda one: one.at)
    nodes: list[Node] = []
    for node in sold:
        nodes.append(node)
        if rng.random() < STOPPED:
            nodes.append(Node(place, node.at + DAY, out=sizes[0], fate=HALTED))
    earlier = max(now - DAY * 6, nodes[-1].at + HOUR * 8)
    newest = [
        Node(place, earlier, out=sizes[0], fate=STOCK),
        Node(place, max(now - DAY * 4, earlier + HOUR * 8), out=sizes[0], fate=STOCK),
        Node(place, now - HOUR * 20, out=sizes[0], fate=WAITING),
    ]
    nodes += [one for one in newest if one.fate == WAITING or one.at <= now - RELEASED]
    for node in nodes:
        if (now - node.at) / DAY < RETAINED_DAYS and node.fate != WAITING:
            node.retained = 2 * grain
    return Stream(goods, nodes, draws)


def levels_of(stream: Stream, model: PlantModel, grain: int) -> list[list[Node]]:
    """By step the lots to be made, each with what it needs; lots that come of one are made on one day."""
    steps = model.steps
    for node, after in zip(stream.nodes, [*stream.nodes[1:], None], strict=True):
        keeps = after is not None and node.fate == SOLD
        node.heel = round(steps[-1].heel * stream.nodes[0].out / grain) * grain if keeps else 0
        node.out += node.retained + node.heel
    heels = [0, *(one.heel for one in stream.nodes)]
    for node, heel in zip(stream.nodes, heels, strict=False):
        node.needs = node.out - heel if steps[-1].heel else node.out
    levels = [stream.nodes]
    for step, next_step in zip(reversed(steps[:-1]), reversed(steps[1:]), strict=True):
        found = []
        for first in range(0, len(levels[0]), step.group):
            children = levels[0][first : first + step.group]
            node = Node(children[0].goods, children[0].at - DAY, children=children)
            wanted = sum(child.needs for child in children)
            kept = 1 - next_step.loss - sum(one["share"] for one in next_step.others)
            node.out = node.needs = math.ceil(wanted / kept / grain) * grain
            for child in children:
                child.parent = node
            found.append(node)
        levels.insert(0, found)
    if not steps[-1].heel:
        for node in levels[0]:
            _same_day(node)
    return levels


def _same_day(node: Node) -> None:
    for child in node.children:
        child.at = node.at + DAY
        _same_day(child)


def raw_lots(
    rng: np.random.Generator, book: Book, model: PlantModel, streams: Sequence[Stream], firsts: list[Node], ids: Mapping[str, int], grain: int,
) -> dict[int, list[tuple[MadeLot, int]]]:  # fmt: skip
    """Receive raw material for the lots of the first step, given in order of time; by node what it draws."""
    found: dict[int, list[tuple[MadeLot, int]]] = {id(one): [] for one in firsts}
    for place, raw in enumerate(model.raw):
        sets: Iterable[list[Node]] = [firsts]
        if raw.own:
            sets = [[one for one in firsts if one.goods == at] for at in range(len(streams))]
        for nodes in sets:
            if not nodes:
                continue
            goods = streams[nodes[0].goods].goods
            wanted = [
                math.ceil(one.needs / (1 - model.steps[0].loss) * raw.share / grain) * grain for one in nodes
            ]
            sizes = cut(sum(wanted), max(1, math.ceil(len(nodes) / raw.every)), grain)
            sizes[-1] += sizes[-1] // 5 // grain * grain
            weights = np.array([weight for *_rest, weight in raw.suppliers] or [1.0])
            parts = drawn(sizes, wanted)
            first: dict[int, Stamp] = {}
            for node, several in zip(nodes, parts, strict=True):
                for at, _amount in several:
                    first.setdefault(at, node.at)
            lots: dict[int, MadeLot] = {}
            for at, moment in first.items():
                received = moment - DAY * int(rng.integers(4, 12))
                supplier, origin, _weight = (raw.suppliers or (("", "", 1.0),))[
                    int(rng.choice(len(weights), p=weights / weights.sum()))
                ]
                lots[at] = book.lot(
                    product=goods.id if raw.own else ids[raw.code], code=goods.code if raw.own else raw.code,
                    number=f"{book.prefix if book.prefix != model.prefix else ''}{raw.prefix}{_day(received)}-{at % 100:02d}",
                    kind="raw", unit=goods.unit, at=received, supplier=supplier, origin=origin,
                )  # fmt: skip
                book.post("receive", received, [], [(lots[at], sizes[at])], mark="SH")
            for node, several in zip(nodes, parts, strict=True):
                found[id(node)] += [(lots[at], amount) for at, amount in several]
                node.raw[place] = lots[max(several, key=lambda one: one[1])[0]]
    return found


def _day(at: Stamp) -> str:
    """The day in China, as a lot's number says it."""
    return str((at + HOUR * 8).astype("datetime64[D]")).replace("-", "")[2:]


def make_lots(
    rng: np.random.Generator,
    book: Book,
    model: PlantModel,
    streams: Sequence[Stream],
    ids: Mapping[str, int],
    grain: int,
) -> list[list[list[Node]]]:
    """Post the making of everything, from raw lots to finished ones; gives each stream's levels."""
    levels = [levels_of(one, model, grain) for one in streams]
    firsts = sorted((node for one in levels for node in one[0]), key=lambda node: (node.at, node.goods))
    draws = raw_lots(rng, book, model, streams, firsts, ids, grain)
    numbers = [0] * len(model.steps)
    for stream, several in zip(streams, levels, strict=True):
        for step, nodes in enumerate(several):
            for node in nodes:
                numbers[step] += 1
                node.lot = _lot(book, model, stream.goods, step, numbers[step], node, ids)
    for node in firsts:
        taken = draws[id(node)]
        lost = sum(amount for _lot, amount in taken) - node.out
        book.post(model.steps[0].kind, node.at, taken, [(node.made, node.out)], lost=lost, mark="SC")
    for stream, several in zip(streams, levels, strict=True):
        for step in range(1, len(several)):
            if model.steps[step].heel:
                _blend(book, model.steps[step].kind, several[step])
            else:
                _part(book, model, step, several[step - 1], ids, grain, stream.goods)
    return levels


def _lot(
    book: Book, model: PlantModel, goods: Goods, step: int, number: int, node: Node, ids: Mapping[str, int]
) -> MadeLot:
    last = step == len(model.steps) - 1
    of = model.steps[step]
    expires = None
    if last and model.shelf_life_days:
        expires = str((node.at + HOUR * 8 + DAY * model.shelf_life_days).astype("datetime64[D]"))
    again = "" if book.prefix == model.prefix else book.prefix
    return book.lot(
        product=goods.id if last else ids[of.code], code=goods.code if last else of.code,
        number=f"{book.prefix if last else again + of.prefix}{_day(node.at)}-{number % 1000:03d}",
        kind="finished" if last else "intermediate", unit=goods.unit, at=node.at, expires=expires,
        place=model.places[number % len(model.places)] if last and model.places else "",
        disposition=("released", "held", "released", "quarantine")[node.fate] if last else "released",
    )  # fmt: skip


def _blend(book: Book, kind: str, nodes: list[Node]) -> None:
    """Each lot on what remained in the tank of the one before."""
    before: Node | None = None
    for node in nodes:
        assert node.parent is not None
        takes, heels = [(node.parent.made, node.needs)], []
        if before is not None and before.heel:
            takes.append((before.made, before.heel))
            heels.append(before.made)
        left = node.parent.made.quantity - node.needs
        lost = left if node is node.parent.children[-1] else 0
        takes[0] = (node.parent.made, node.needs + lost)
        book.post(kind, node.at, takes, [(node.made, node.out)], lost=lost, heels=heels, mark="DG")
        before = node


def _part(
    book: Book,
    model: PlantModel,
    step: int,
    parents: list[Node],
    ids: Mapping[str, int],
    grain: int,
    goods: Goods,
) -> None:
    """Each lot of the step before becomes its children and by-products; the rest is lost."""
    of = model.steps[step]
    for number, parent in enumerate(parents):
        at = parent.children[0].at
        makes = [(child.made, child.out) for child in parent.children]
        for other in of.others:
            amount = int(parent.out * other["share"]) // grain * grain
            if amount:
                lot = book.lot(
                    product=ids[other["code"]], code=other["code"], kind="intermediate", unit=goods.unit, at=at,
                    number=f"{'' if book.prefix == model.prefix else book.prefix}{other['prefix']}{_day(at)}-{parent.goods}{number:03d}",
                )  # fmt: skip
                makes.append((lot, amount))
        lost = parent.out - sum(amount for _lot, amount in makes)
        book.post(of.kind, at, [(parent.made, parent.out)], makes, lost=lost, mark="SC")


@dataclass
class Planted:
    """A cause on finished lots of one product; `group` is the group of complaints that is to come of it."""

    cause: Cause
    product: str
    group: int
    lots: list[MadeLot]
    node: Node
    raw: MadeLot | None = None
    step_lot: MadeLot | None = None

    def truth(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "truth": "cause", "product": self.product, "lots": [one.name for one in self.lots], "effect": self.cause.effect,
        }  # fmt: skip
        if self.raw is not None:
            return found | {
                "raw_lot": self.raw.name,
                "supplier": self.raw.supplier,
                "origin": self.raw.origin,
            }
        return found | {"step": self.cause.step, "parameter": self.cause.reading, "shift": self.cause.shift}


def choose(stream: Stream, before: Stamp, most: int = 3) -> Node | None:
    """The newest lot that as many customers as may be (three at most) had before a day."""
    had = stream.receivers()
    for wanted in range(most, 0, -1):
        for node in reversed(stream.nodes):
            if node.fate == SOLD and len({who for at, who in had.get(id(node), ()) if at < before}) >= wanted:
                return node
    return None


def plant_cause(
    model: PlantModel,
    stream: Stream,
    levels: list[list[Node]],
    cause: Cause,
    group: int,
    before: Stamp,
    shift: Callable[[], float],
) -> Planted | None:
    """Move a reading, or put a new supplier's raw lot, under the newest lot that customers had by then."""
    node = choose(stream, before)
    if node is None:
        return None
    if cause.raw:
        place = next(at for at, one in enumerate(model.raw) if one.code == cause.raw)
        newcomer = model.raw[place].newcomer
        assert newcomer is not None
        raw = node.at_step(len(levels) - 1).raw[place]
        raw.supplier, raw.origin = newcomer
        touched = [one for one in stream.nodes if one.at_step(len(levels) - 1).raw.get(place) is raw]
        found = Planted(cause, stream.goods.code, group, [], node, raw=raw)
    else:
        step = next(
            at for at, one in enumerate(model.steps)
            if any((each["step"], each["name"]) == (cause.step, cause.reading) for each in one.readings)
        )  # fmt: skip
        readings = model.steps[step].readings
        at = next(
            i for i, one in enumerate(readings) if (one["step"], one["name"]) == (cause.step, cause.reading)
        )
        source = node.at_step(len(levels) - 1 - step)
        source.z[at] = cause.shift + 0.3 * shift()
        touched = [one for one in stream.nodes if one.at_step(len(levels) - 1 - step) is source]
        found = Planted(cause, stream.goods.code, group, [], node, step_lot=source.made)
    for one in sorted(touched, key=lambda each: each is not node):  # the one to complain of stands first
        if one.fate == SOLD:
            one.spoilt = 3.3 + 0.2 * shift()
            found.lots.append(one.made)
    return found
