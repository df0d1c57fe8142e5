"""Step 4: orders, their lines, and what was cancelled or sent back.

The days of orders are a renewal process in the customer's own time: gaps are gamma distributed, and the calendar
(season, weekends, Spring Festival, growth, pauses, decay) says how fast that time runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .habits import GAPS, GREW, MOST_PRODUCTS, PRICE, QUANTITIES, RETURNS, VARIETY, Habits
from .plan import Block, Bools, Floats, Ints

NOTHING = np.array(None, dtype=object)
WEEKDAYS = np.array([1.15, 1.1, 1.1, 1.1, 1.05, 0.35, 0.12])


@dataclass
class Documents:
    """Orders of a block, then its credit notes. Amounts are whole millionths."""

    id: Ints
    customer: Ints
    """Place in the block, of the record that the order is under."""
    habit: Ints
    """Place in the block, of the customer that really bought."""
    day: Ints
    amount: Ints
    credits: Ints
    """The order that a credit note belongs to, as a place in these arrays; -1 for orders."""
    delivered: Ints


def run(block: Block) -> None:
    rng = block.rng("orders")
    habits: Habits = block.values["habits"]
    customer, day = order_days(rng, block, habits)
    lines = order_lines(rng, block, habits, customer, day)
    write(rng, block, habits, customer, day, lines)


def order_days(rng: np.random.Generator, block: Block, habits: Habits) -> tuple[Ints, Ints]:
    """Who orders on which day, sorted by customer and day."""
    days, n = block.plan.days, block.count
    grid = np.arange(days, dtype=np.int64)
    season = np.exp(np.log(np.array(block.plan.model.season))[None, :] * habits.season[:, None])
    speed = season[:, block.calendar.month] * (WEEKDAYS[block.calendar.weekday] * block.calendar.festival)
    # Growth in steps of a month is close enough, and far cheaper than a power a day.
    months = np.arange(0, days, 30)
    growth = np.exp(np.log1p(habits.growth)[:, None] * ((months + 15 - days / 2) / 365.25)[None, :])
    speed *= np.repeat(growth, 30, axis=1)[:, :days]
    grew = np.flatnonzero(habits.outcome == GREW)
    ramp = np.clip((grid[None, :] - habits.outcome_from[grew, None]) / 90.0, 0, 1)
    speed[grew] *= 1 + (np.sqrt(habits.grown[grew, None]) - 1) * ramp
    slow = np.flatnonzero(habits.way_strength[:, GAPS] > 0)
    shown = habits.way(GAPS, slow[:, None], grid[None, :])
    speed[slow] *= 1 - 0.72 * shown
    speed *= (grid[None, :] >= habits.begins[:, None]) & (grid[None, :] <= habits.ends[:, None])
    passed = np.cumsum(speed * (habits.orders_a_year / 365.25)[:, None], axis=1)
    passed += np.arange(days) * 1e-12
    total = passed[:, -1]
    # A renewal process in equilibrium: the first gap is a part of one.
    most = (total * 1.25 + 6 * np.sqrt(total / habits.regularity + 1) + 4).astype(np.int64)
    who = np.repeat(np.arange(n), most)
    gaps = rng.gamma(habits.regularity[who]) / habits.regularity[who]
    first = np.cumsum(most) - most
    gaps[first] *= rng.random(n)
    sums = np.cumsum(gaps)
    own_time = sums - np.repeat(sums[first] - gaps[first], most)
    kept = own_time < total[who]
    who, own_time = who[kept], own_time[kept]
    # One search for all customers: each row of `passed` is lifted above the one before.
    lift = np.concatenate(([0.0], np.cumsum(total + 1.0)[:-1]))
    day = np.searchsorted((passed + lift[:, None]).ravel(), own_time + lift[who]) - who * days
    return who, np.clip(day, 0, days - 1).astype(np.int64)


@dataclass
class Lines:
    """Lines of all orders in order; `order` is the place of the order. Numbers are whole millionths."""

    order: Ints
    ordinal: Ints
    product: Ints
    quantity: Ints
    price: Ints
    amount: Ints
    cost: Ints


def order_lines(rng: np.random.Generator, block: Block, habits: Habits, customer: Ints, day: Ints) -> Lines:
    plan, model = block.plan, block.plan.model
    days, n = plan.days, len(customer)
    variety = habits.variety[customer] * (1 - 0.65 * habits.way(VARIETY, customer, day))
    variety = np.maximum(1, np.rint(variety)).astype(np.int64)
    count = np.minimum(1 + rng.poisson(np.maximum(0.05, habits.lines[customer] - 1)), variety)
    order = np.repeat(np.arange(n), count)
    ordinal = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    who, when = customer[order], day[order]
    # The favourite leads more often: a start slot by squared chance, then one after the other.
    slot = (np.repeat((rng.random(n) ** 2 * variety).astype(np.int64), count) + ordinal) % variety[order]
    product = habits.assortment[who, slot % MOST_PRODUCTS]
    list_price = np.array([one.price for one in plan.products])
    drift = block.values["price_drift"][product, when]
    price = list_price[product] * drift * (1 - habits.discount[who]) * rng.lognormal(0, 0.008, len(order))
    price *= 1 - 0.05 * habits.way(PRICE, who, when)
    price_unit = 10 ** (6 - model.price_places)
    price_fixed = np.maximum(1, np.rint(price * 10**model.price_places)).astype(np.int64)
    usual = habits.revenue / np.maximum(0.5, habits.orders_a_year) / np.maximum(1.0, habits.lines)
    years = (when - days / 2) / 365.25
    volume = usual[who] * (1 + habits.growth[who]) ** years * rng.lognormal(-0.04, habits.volume_noise[who])
    ramp = np.clip((when - habits.outcome_from[who]) / 90.0, 0, 1) * (habits.outcome[who] == GREW)
    volume *= 1 + (np.sqrt(habits.grown[who]) - 1) * ramp
    volume *= 1 - 0.62 * habits.way(QUANTITIES, who, when)
    big = rng.random(n) < 0.012  # now and then somebody fills the yard
    volume *= np.where(big, 2.6, 1.0)[order]
    step = quantity_steps(volume / price)
    quantity_step = np.maximum(1, np.rint(step * 10**model.quantity_places)).astype(np.int64)
    count_of_steps = np.maximum(1, np.rint(volume / price / step)).astype(np.int64)
    quantity_small = count_of_steps * quantity_step
    # Price and quantity have few places, so that their product is exact in millionths without rounding.
    amount = price_fixed * quantity_small * 10 ** (6 - model.price_places - model.quantity_places)
    share = (
        block.values["cost_share"][product] * np.exp(0.6 * np.log(drift)) / drift / (1 - habits.discount[who])
    )
    cost = np.rint(amount / 10_000 * np.clip(share, 0.3, 1.08)).astype(np.int64) * 10_000
    return Lines(
        order, ordinal + 1, product, quantity_small * 10 ** (6 - model.quantity_places),
        price_fixed * price_unit, amount, cost,
    )  # fmt: skip


def quantity_steps(quantity: Floats) -> Floats:
    """People order round numbers: a step of 1, 2 or 5 times a power of ten, about a tenth of the quantity."""
    power = 10.0 ** np.floor(np.log10(np.maximum(quantity, 1e-3)) - 1)
    return power * np.where(quantity / power / 10 >= 5, 5, np.where(quantity / power / 10 >= 2, 2, 1))


def returned(
    rng: np.random.Generator, habits: Habits, lines: Lines, customer: Ints, day: Ints
) -> tuple[Bools, Floats]:
    """Which lines are cancelled or sent back, and which share of them."""
    who, when = customer[lines.order], day[lines.order]
    chance = 0.008 + 0.10 * habits.way(RETURNS, who, when)
    whole = rng.random(len(who)) < 0.55
    share = np.where(whole, 1.0, np.rint(rng.uniform(0.1, 0.6, len(who)) * 10) / 10)
    return rng.random(len(who)) < chance, share


def write(
    rng: np.random.Generator, block: Block, habits: Habits, customer: Ints, day: Ints, lines: Lines
) -> None:
    plan, days = block.plan, block.plan.days
    n = len(customer)
    product_id = np.array([one.id for one in plan.products], dtype=np.int64)
    record = under_record(rng, block, customer, day)
    customer_id = block.values["customer_ids"][record]
    amount = sums(lines.amount, lines.order, n)
    lead = np.maximum(1, np.rint(rng.lognormal(np.log(plan.model.lead_median), plan.model.lead_spread, n)))
    promised = day + lead.astype(np.int64)
    punctual = rng.random(n) < habits.on_time[customer]
    late = np.where(punctual, -rng.integers(0, 3, n), 1 + rng.gamma(1.2, 4.0, n).astype(np.int64))
    delivered = np.maximum(day, promised + late)
    is_delivered = delivered < days

    is_back, share = returned(rng, habits, lines, customer, day)
    back_day = delivered[lines.order] + rng.integers(1, 25, len(lines.order))
    is_back &= back_day < days
    back = np.flatnonzero(is_back)
    # One credit note for an order, on the day of its last return.
    noted, note_of = np.unique(lines.order[back], return_inverse=True)
    note_day = np.zeros(len(noted), dtype=np.int64)
    np.maximum.at(note_day, note_of, back_day[back])
    quantity_unit = 10 ** (6 - plan.model.quantity_places)
    back_quantity = np.maximum(1, np.rint(lines.quantity[back] * share[back] / quantity_unit)).astype(
        np.int64
    )
    back_quantity = np.minimum(back_quantity * quantity_unit, lines.quantity[back])
    price_unit = 10 ** (6 - plan.model.price_places)
    back_amount = (back_quantity // quantity_unit) * (lines.price[back] // price_unit)
    back_amount = back_amount * 10 ** (6 - plan.model.price_places - plan.model.quantity_places)
    back_cost = (
        np.rint(lines.cost[back] / 10_000 * (back_quantity / lines.quantity[back])).astype(np.int64) * 10_000
    )
    note_amount = sums(-back_amount, note_of, len(noted))

    order_ids = block.take_ids("sales.Order", n + len(noted))
    line_ids = block.take_ids("sales.OrderLine", len(lines.order) + len(back))
    documents = Documents(
        id=order_ids,
        customer=np.concatenate((record, record[noted])),
        habit=np.concatenate((customer, customer[noted])),
        day=np.concatenate((day, note_day)),
        amount=np.concatenate((amount, note_amount)),
        credits=np.concatenate((np.full(n, -1, dtype=np.int64), noted)),
        delivered=np.concatenate((delivered, note_day)),
    )
    block.values["documents"] = documents
    line_count = np.concatenate(
        (np.bincount(lines.order, minlength=n), np.bincount(note_of, minlength=len(noted)))
    )
    add_documents(rng, block, documents, line_count)

    # Ordinals of a credit note's lines: lines of an order lie together, and so do those of its note.
    first_of_note = np.searchsorted(note_of, np.arange(len(noted)))
    line_day = np.concatenate((day[lines.order], note_day[note_of]))
    weighed = (
        1 + rng.normal(0, plan.model.weigh_tolerance, len(lines.order)) if plan.model.weigh_tolerance else 1.0
    )
    is_short = rng.random(len(lines.order)) < habits.shortness[customer[lines.order]]
    short = np.where(is_short, rng.uniform(0.35, 0.97, len(lines.order)), 1.0)
    got = (
        np.maximum(1, np.rint(lines.quantity * weighed * short / quantity_unit)).astype(np.int64)
        * quantity_unit
    )
    shipped = is_delivered[lines.order]
    nothing = np.full(len(back), None, dtype=object)
    got_column = np.where(shipped, got.astype(object), NOTHING)
    promised_column = np.array(block.dates(promised[lines.order]), dtype=object)
    delivered_column = np.where(shipped, np.array(block.dates(delivered[lines.order]), dtype=object), NOTHING)
    block.values["line_total"] = len(lines.order) + len(back)
    block.add("sales.OrderLine", len(line_ids), {
        "id": line_ids,
        "order_id": np.concatenate((order_ids[lines.order], order_ids[n + note_of])),
        "ordinal": np.concatenate((lines.ordinal, np.arange(len(back)) - first_of_note[note_of] + 1)),
        "kind": np.concatenate((np.ones(len(lines.order), dtype=np.int64), np.full(len(back), 2, dtype=np.int64))),
        "customer_id": np.concatenate((customer_id[lines.order], customer_id[lines.order[back]])),
        "ordered_on": block.dates(line_day),
        "product_id": product_id[np.concatenate((lines.product, lines.product[back]))],
        "quantity": np.concatenate((lines.quantity, -back_quantity)),
        "price": np.concatenate((lines.price, lines.price[back])),
        "amount": np.concatenate((lines.amount, -back_amount)),
        "cost": np.concatenate((lines.cost, -back_cost)),
        "promised_on": np.concatenate((promised_column, nothing)),
        "delivered_on": np.concatenate((delivered_column, nothing)),
        "delivered_quantity": np.concatenate((got_column, nothing)),
        "cancels_id": np.concatenate((np.full(len(lines.order), None, dtype=object), line_ids[back].astype(object))),
    })  # fmt: skip


def under_record(rng: np.random.Generator, block: Block, customer: Ints, day: Ints) -> Ints:
    """The record that an order was entered under: a customer with a second record has part of its orders there."""
    twin: Ints = block.values["twin"]
    second = twin[customer]
    moved = (second >= 0) & (rng.random(len(customer)) < 0.3) & (day > block.values["twin_from"][customer])
    return np.where(moved, second, customer)


def sums(values: Ints, groups: Ints, n: int) -> Ints:
    """Exact sums of whole numbers by group (bincount would go through floats)."""
    found = np.zeros(n, dtype=np.int64)
    np.add.at(found, groups, values)
    return found


def add_documents(rng: np.random.Generator, block: Block, documents: Documents, line_count: Ints) -> None:
    plan = block.plan
    total = len(documents.id)
    dates = block.dates(documents.day)
    minutes = rng.integers(0, 540, total)  # 08:30 to 17:30 in China is 00:30 to 09:30 UTC
    clock = [f" {at // 60:02}:{at % 60:02}:00" for at in range(30, 30 + 540)]
    moments = [one + clock[at] for one, at in zip(dates, minutes.tolist(), strict=True)]
    is_note = documents.credits >= 0
    prefix = plan.prefix
    first = int(documents.id[0]) - int(block.values["first_order_id"]) + 1 if total else 0
    block.values["order_total"] = block.values.get("order_total", 0) + total
    block.add("sales.Order", total, {
        "id": documents.id,
        "number": [f"{prefix}{at:08}" for at in range(first, first + total)],
        "kind": np.where(is_note, "credit_note", "order").astype(object),
        "customer_id": block.values["customer_ids"][documents.customer],
        "ordered_at": moments,
        "ordered_on": dates,
        "currency": "CNY",
        "country": "中国",
        "amount": documents.amount,
        "line_count": line_count,
        "created_at": moments,
        "updated_at": moments,
    })  # fmt: skip
