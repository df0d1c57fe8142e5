"""Step 1: how each customer buys and pays, and what becomes of it.

A customer has a habit (how often, how much, of what, how punctual) and an outcome. Those about to leave decay in
three or four of six ways at once; others, who stay, show one or two of the same ways for reasons of their own (a
pause, a project that ended, a slow quarter). So no single sign tells who leaves; several together do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .plan import Block, Bools, Floats, Ints, pick

STEADY, LEAVING, LEFT, GREW = 0, 1, 2, 3
OUTCOME_SHARES = (0.79, 0.08, 0.06, 0.07)

# The six ways. Each is a window in which something moves towards a worse value.
GAPS, QUANTITIES, VARIETY, PAYMENT, RETURNS, PRICE = range(6)
WAY_NAMES = (
    "longer_gaps",
    "smaller_quantities",
    "fewer_products",
    "later_payment",
    "more_returns",
    "lower_price",
)
WAYS = len(WAY_NAMES)
# How often a customer who stays shows a way just now, and how often it did at some time before.
BY_CHANCE_NOW = (0.10, 0.10, 0.08, 0.08, 0.06, 0.07)
BY_CHANCE_BEFORE = 0.08
FAR = 10**6
MOST_PRODUCTS = 14


@dataclass
class Habits:
    """Arrays by customer; `way_…` are (customer, way). Days are indexes into the plan's calendar."""

    segment: Ints
    industry: Ints
    place: Ints
    is_big: Bools
    begins: Ints
    """First day as a customer; negative before the history."""
    ends: Ints
    """The day of the last possible order; FAR when there is none."""
    outcome: Ints
    outcome_from: Ints
    growth: Floats
    """Yearly, as a fraction."""
    grown: Floats
    """The factor that a grown customer rises to."""
    orders_a_year: Floats
    regularity: Floats
    season: Floats
    """How much of the industry's season shows in this customer: 0 none, 1 the mean."""
    revenue: Floats
    lines: Floats
    variety: Ints
    assortment: Ints
    """(customer, MOST_PRODUCTS) product indexes, the favourite first."""
    discount: Floats
    term: Ints
    payment_delay: Floats
    payment_spread: Floats
    pays_late: Bools
    on_time: Floats
    """The chance that we deliver in time."""
    shortness: Floats
    """The chance that a line is delivered short: goods were missing, or the customer took less than contracted."""
    volume_noise: Floats
    """Sigma of the logarithm of a line's volume."""
    way_from: Ints
    way_to: Ints
    way_strength: Floats

    def way(self, way: int, customer: Ints, day: Ints) -> Floats:
        """How far the way shows at a day, 0 to 1: it ramps up over 60 days and stays."""
        since = day - self.way_from[customer, way]
        ramp = np.clip(since / 60.0, 0.0, 1.0) * self.way_strength[customer, way]
        return np.where(day <= self.way_to[customer, way], ramp, 0.0)


def run(block: Block) -> None:
    rng, model, days = block.rng("habits"), block.plan.model, block.plan.days
    n = block.count
    segment = pick(rng, [one.share for one in model.segments], n)

    def by_segment(name: str) -> Floats:
        return np.array([getattr(one, name) for one in model.segments], dtype=float)[segment]

    outcome = pick(rng, OUTCOME_SHARES, n)
    begins = days - np.maximum(60, rng.gamma(2.2, by_segment("years") / 2.2) * 365.25).astype(np.int64)
    # Whoever is to leave, to have left or to have grown was there long enough for that to show.
    begins = np.where(outcome == STEADY, begins, np.minimum(begins, days - 500 - rng.integers(0, 300, n)))
    outcome_from = np.full(n, FAR, dtype=np.int64)
    outcome_from[outcome == LEAVING] = days - rng.integers(100, 221, n)[outcome == LEAVING]
    outcome_from[outcome == GREW] = days - rng.integers(150, 480, n)[outcome == GREW]
    ends = np.full(n, FAR, dtype=np.int64)
    longest_gone = max(260, min(days - 400, 900))
    ends[outcome == LEFT] = (days - rng.integers(240, longest_gone + 1, n))[outcome == LEFT]
    begins = np.where(outcome == LEFT, np.minimum(begins, ends - 200), begins)
    outcome_from[outcome == LEFT] = ends[outcome == LEFT] - 90

    orders = by_segment("orders") * rng.lognormal(0, 0.45, n)
    regularity = np.maximum(0.8, by_segment("regularity") * rng.lognormal(0, 0.35, n))
    revenue = by_segment("revenue") * rng.lognormal(0, by_segment("spread"))
    pays_late = rng.random(n) < 0.09
    delay = np.where(pays_late, rng.gamma(6, 5.0, n) + 6, rng.normal(-1.0, 4.0, n))
    way_from, way_to, strength = ways(rng, n, days, outcome, outcome_from)
    products = len(block.plan.products)
    variety = np.clip(rng.poisson(by_segment("assortment") - 1) + 1, 1, min(MOST_PRODUCTS, products))
    size = np.argsort(np.argsort(-by_segment("revenue"))) / max(1, n - 1)
    block.values["habits"] = Habits(
        segment=segment,
        industry=pick(rng, [one["share"] for one in model.industries], n),
        place=pick(rng, block.values["place_weights"], n),
        is_big=by_segment("revenue") >= model.segments[min(1, len(model.segments) - 1)].revenue,
        begins=begins,
        ends=ends,
        outcome=outcome,
        outcome_from=outcome_from,
        growth=rng.normal(0.03, 0.10, n),
        grown=rng.uniform(1.45, 2.4, n),
        orders_a_year=orders,
        regularity=regularity,
        season=rng.gamma(3.0, 1 / 3.0, n),
        revenue=revenue,
        lines=by_segment("lines") * rng.lognormal(0, 0.2, n),
        variety=variety,
        assortment=assortments(rng, block, n),
        discount=np.clip(0.10 * (1 - size) + rng.normal(0, 0.015, n), -0.03, 0.18),
        term=np.array(list(model.terms), dtype=np.int64)[pick(rng, list(model.terms.values()), n)],
        payment_delay=delay,
        payment_spread=np.where(rng.random(n) < 0.15, 14.0, 4.0),
        pays_late=pays_late,
        shortness=np.clip(rng.beta(1.2, 9.0, n), 0.005, 0.6),
        volume_noise=np.clip(0.5 / np.sqrt(regularity), 0.14, 0.45),
        on_time=np.clip(rng.normal(0.90, 0.07, n), 0.45, 0.99),
        way_from=way_from,
        way_to=way_to,
        way_strength=strength,
    )


def ways(
    rng: np.random.Generator, n: int, days: int, outcome: Ints, outcome_from: Ints
) -> tuple[Ints, Ints, Floats]:
    """The windows of each way, (customer, way): from, to and strength (0 to 1)."""
    shape = (n, WAYS)
    strength = rng.uniform(0.6, 1.0, shape)
    start = days - rng.integers(40, 181, shape)
    end = np.where(rng.random(shape) < 0.55, FAR, start + rng.integers(60, 200, shape))
    shows = rng.random(shape) < np.array(BY_CHANCE_NOW)
    # Somewhere in the past, over by now: what a threshold on history takes for a habit.
    past = ~shows & (rng.random(shape) < BY_CHANCE_BEFORE)
    past_from = rng.integers(0, max(1, days - 330), shape)
    start = np.where(past, past_from, start)
    end = np.where(past, past_from + rng.integers(45, 140, shape), end)
    shows |= past
    decays = np.isin(outcome, (LEAVING, LEFT))
    order = np.argsort(rng.random(shape), axis=1)
    chosen = order < rng.integers(3, 6, n)[:, None]
    shows = np.where(decays[:, None], chosen, shows)
    lag = rng.integers(0, 40, shape)
    start = np.where(decays[:, None], outcome_from[:, None] + lag, start)
    end = np.where(decays[:, None], FAR, end)
    return (
        np.where(shows, start, FAR).astype(np.int64),
        np.where(shows, end, FAR).astype(np.int64),
        np.where(shows, strength, 0.0),
    )


def assortments(rng: np.random.Generator, block: Block, n: int) -> Ints:
    """(customer, MOST_PRODUCTS) product indexes by popularity, without repetition where there are enough products."""
    products = len(block.plan.products)
    popularity = 1.0 / (np.arange(products) + 1.5) ** 0.7
    # The largest of weight^(1/u) draws without replacement (Efraimidis and Spirakis 2006).
    keys = rng.random((n, products)) ** (1.0 / popularity)
    width = min(MOST_PRODUCTS, products)
    chosen = np.argsort(-keys, axis=1)[:, :width].astype(np.int64)
    return np.pad(chosen, ((0, 0), (0, MOST_PRODUCTS - width)), mode="wrap")
