"""What of the newest lots is kept for lines of open orders, and what left for them already and is on the way. Pure but for chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .book import KEEPER_NAME, Book, Stamp, text
from .growing import DAY, HOUR, STOCK, Node, Stream

MOST_LINES, MOST_SENT = 8, 2
"""So many lines a lot is shared out among, and for so many of them it has left already."""
MOST_SHARE = 0.8
"""So much of a lot is given away at most: some of it stays free."""
DUE = DAY * 4
"""What is promised within this time may be on its way."""
SPLIT = 3
"""Every third line that is kept gets half of it from the next lot of the product, where there is one."""
SOON = 5
"""Days within which every third reservation runs out."""


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of an open order; `quantity` in millionths, `promised` and `ordered` the first moments of these days. `is_begun`: of another
    lot some is kept for it, and this is the rest."""

    id: int
    order: int
    customer: int
    quantity: int
    promised: Stamp
    ordered: Stamp
    is_begun: bool = False


@dataclass(slots=True)
class _Turns:
    """Over all lots, so that also of a few open lines some are on the way and some are kept."""

    due: int = 0
    kept: int = 0
    split: int = 0


def keep_and_send(
    rng: np.random.Generator,
    book: Book,
    streams: Sequence[Stream],
    wanted: Mapping[int, Sequence[OpenLine]],
    grain: int,
    now: Stamp,
) -> None:
    """Share out the released lots in stock among the open lines of their product (by its number), those first that are due first.

    Of what is due within days every other has left, all of it or half, and used up what was kept for it; more stays kept for the
    others: for a few days, without end, or until some days after the promised day. What one lot has not enough of comes from the next.
    """
    turns = _Turns()
    for stream in streams:
        lines = sorted(wanted.get(stream.goods.id, ()), key=lambda one: (one.promised, one.id))
        lots = [node for node in stream.nodes if node.fate == STOCK and node.made.quantity]
        for place, node in enumerate(lots):
            lines = _share_out(rng, book, node, lines, grain, now, turns, is_last=place + 1 == len(lots))


def _share_out(
    rng: np.random.Generator,
    book: Book,
    node: Node,
    lines: list[OpenLine],
    grain: int,
    now: Stamp,
    turns: _Turns,
    *,
    is_last: bool,
) -> list[OpenLine]:
    """Gives what is left of the lines, those in front of which the next lot is to give the rest."""
    begun: list[OpenLine] = []
    left = int(node.made.quantity * MOST_SHARE) // grain * grain
    today = (now + HOUR * 8).astype("datetime64[D]")
    sent = 0
    for number, line in enumerate(lines):
        part = line.quantity if line.quantity <= left else left // (100 * grain) * 100 * grain
        if number == MOST_LINES or part <= 0:
            return begun + lines[number:]
        at = _working_hour(rng, max(node.at + DAY, line.ordered), now)
        is_due = line.promised <= now + DUE and not line.is_begun
        turns.due += is_due
        if is_due and turns.due % 2 and sent < MOST_SENT:
            left -= part
            _send(rng, book, node, line, part, at, grain, now)
            sent += 1
            continue
        if not is_last:
            turns.split += 1
            half = part // (2 * grain) * grain
            part = half if turns.split % SPLIT == 1 and half else part
            if part < line.quantity:
                begun.append(replace(line, quantity=line.quantity - part, is_begun=True))
        left -= part
        due = max(today, (line.promised + HOUR * 8).astype("datetime64[D]"))
        until = (today + _days(rng, 1, SOON), None, due + _days(rng, 2, 7))[turns.kept % 3]
        turns.kept += 1
        _keep(book, node, line, part, at, None if until is None else str(until))
    return begun


def _days(rng: np.random.Generator, least: int, most: int) -> np.timedelta64:
    return np.timedelta64(int(rng.integers(least, most + 1)), "D")


def _working_hour(rng: np.random.Generator, since: Stamp, now: Stamp) -> Stamp:
    """On the day after, between half past eight and half past five in China; just now where that is still to come."""
    at: Stamp = (since.astype("datetime64[D]") + DAY.astype("timedelta64[D]")).astype(
        "datetime64[s]"
    ) + np.timedelta64(int(rng.integers(30, 570)), "m")
    return at if at <= now - HOUR * 3 else max(since, now - HOUR * 3)


def _keep(
    book: Book, node: Node, line: OpenLine, quantity: int, at: Stamp, until: str | None, used: int = 0, ended: Stamp | None = None
) -> int:  # fmt: skip
    number = len(book.rows["quality.LotReservation"]["id"]) + 1
    return book.add(
        "quality.LotReservation", lot_id=node.made.id, line_id=line.id, order_id=line.order, customer_id=line.customer,
        quantity=quantity, used=used, unit=node.made.unit, until=until, key=f"made-{book.prefix}-{number}",
        created_at=text(at), updated_at=text(at if used == 0 else ended or at), ended_at=None if ended is None else text(ended),
        ended_how="" if ended is None else "used", ended_by="" if ended is None else KEEPER_NAME,
    )  # fmt: skip


def _send(
    rng: np.random.Generator,
    book: Book,
    node: Node,
    line: OpenLine,
    kept: int,
    at: Stamp,
    grain: int,
    now: Stamp,
) -> None:
    """A line that is due: of what was kept for it all or half is on the way."""
    sent = kept if rng.random() < 0.6 else max(grain, kept // 2 // grain * grain)
    shipped = min(max(at + HOUR, now - HOUR * int(rng.integers(2, 40))), now - HOUR)
    reservation = _keep(book, node, line, kept, at, None, sent, shipped if sent == kept else None)
    movement = book.post("ship", shipped, [(node.made, sent)], [], mark="FH")
    book.add(
        "quality.LotShipment", lot_id=node.made.id, movement_id=movement, customer_id=line.customer, order_id=line.order,
        line_id=line.id, reservation_id=reservation, drawn=sent, quantity=sent, unit=node.made.unit, shipped_at=text(shipped),
        arrival="way", arrived_on=None,
    )  # fmt: skip
