"""The figures that a simple rule would look at, by customer: higher is more suspect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.packs.simulation.plan import Plan

from .made import columns


@dataclass
class Signals:
    figures: dict[str, np.ndarray]
    leaving: np.ndarray
    buying: np.ndarray
    """Ordered within half a year, and for more than a year."""


def signals_of(plan: Plan) -> Signals:
    tables, truths = columns(plan)
    customers, lines = tables["customers.Customer"], tables["sales.OrderLine"]
    orders, dues = tables["sales.Order"], tables["sales.Receivable"]
    n, end = len(customers["id"]), np.datetime64(plan.until)
    place = {number: at for at, number in enumerate(customers["external_id"].tolist())}
    leaving = np.zeros(n, dtype=bool)
    for truth in truths:
        if truth["truth"] == "leaving":
            leaving[place[truth["customer"]]] = True

    def ago(dates: np.ndarray) -> np.ndarray:
        return (end - dates.astype("datetime64[D]")).astype(int)

    def total(mask: np.ndarray, who: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(who[mask], weights=None if weights is None else weights[mask], minlength=n).astype(
            float
        )

    def ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.where(b > 0, a / np.maximum(b, 1e-9), np.nan)

    is_order = orders["kind"] == "order"
    who_o, day_o = orders["customer_id"][is_order] - 1, ago(orders["ordered_on"][is_order])
    who, day, amount = lines["customer_id"] - 1, ago(lines["ordered_on"]), lines["amount"].astype(float)
    sale = lines["kind"] == 1
    recency, tenure = np.full(n, 9999.0), np.zeros(n)
    np.minimum.at(recency, who_o, day_o)
    np.maximum.at(tenure, who_o, day_o)

    def recent(days: int) -> tuple[np.ndarray, np.ndarray]:
        """Revenue of the last days, and what that many days brought in the year before."""
        before = total((day >= days) & (day < days + 365), who, amount) * days / 365
        return total(day < days, who, amount), before

    revenue_90, usual_90 = recent(90)
    revenue_180, usual_180 = recent(180)
    orders_90 = total(day_o < 90, who_o)
    usual_orders = total((day_o >= 90) & (day_o < 455), who_o) * 90 / 365
    median, p95, slower = gaps(who_o, day_o, n)

    def kinds(mask: np.ndarray) -> np.ndarray:
        pairs = np.unique(np.stack([who[mask & sale], lines["product_id"][mask & sale]]), axis=1)
        return np.bincount(pairs[0], minlength=n).astype(float)

    def returned(mask: np.ndarray) -> np.ndarray:
        return ratio(-total(mask & ~sale, who, amount), total(mask & sale, who, amount))

    who_r, due = dues["customer_id"] - 1, ago(dues["due_on"])
    positive = dues["amount"] > 0
    settled = np.array([one or str(plan.until) for one in dues["settled_on"].tolist()]).astype(
        "datetime64[D]"
    )
    late = (settled - dues["due_on"].astype("datetime64[D]")).astype(int).astype(float)
    lately, before = positive & (due >= 0) & (due < 120), positive & (due >= 120)
    delay = ratio(total(lately, who_r, late), total(lately, who_r))
    usual_delay = ratio(total(before, who_r, late), total(before, who_r))
    is_open = positive & (due > 0) & np.array([one is None for one in dues["settled_on"].tolist()])
    overdue_days = np.zeros(n)
    np.maximum.at(overdue_days, who_r[is_open], due[is_open])

    price, product = lines["price"].astype(float), lines["product_id"]
    in_90 = day < 120
    usual_price = np.ones((2, product.max() + 1))
    for one in np.unique(product):
        for at, mask in enumerate((in_90, ~in_90)):
            if (mask & (product == one)).any():
                usual_price[at, one] = np.median(price[mask & (product == one)])
    relative = price / np.where(in_90, usual_price[0, product], usual_price[1, product])
    cheaper = ratio(
        ratio(total(in_90 & sale, who, relative), total(in_90 & sale, who)),
        ratio(total(~in_90 & sale, who, relative), total(~in_90 & sale, who)),
    )
    figures = {
        "recency": recency,
        "recency by median gap": ratio(recency, median),
        "recency by 95 % gap": ratio(recency, p95),
        "last three gaps": slower,
        "90 days by own year": -ratio(revenue_90, usual_90),
        "180 days by own year": -ratio(revenue_180, usual_180),
        "90 days by last year": -ratio(revenue_90, total((day >= 365) & (day < 455), who, amount)),
        "orders by own year": -ratio(orders_90, usual_orders),
        "order size": -ratio(ratio(revenue_90, orders_90), ratio(usual_90, usual_orders)),
        "products": -ratio(kinds(day < 120), kinds((day >= 120) & (day < 485))),
        "returns": returned(day < 120),
        "returns by before": returned(day < 120) - returned(day >= 120),
        "payment delay": delay,
        "payment delay by before": delay - usual_delay,
        "overdue": total(is_open, who_r, dues["amount"].astype(float)),
        "overdue days": overdue_days,
        "price": -cheaper,
        "revenue": -total(day < 365, who, amount),
        "tenure": tenure,
    }
    return Signals(figures, leaving, (recency < 180) & (tenure > 360))


def gaps(who: np.ndarray, day: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median and 95 % of each customer's gaps, and the mean of the last three by the mean of those before."""
    median, p95, slower = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    order = np.lexsort((-day, who))
    sorted_who, sorted_day = who[order], day[order]
    same = sorted_who[:-1] == sorted_who[1:]
    owner, gap = sorted_who[:-1][same], (sorted_day[:-1] - sorted_day[1:])[same]
    starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    for start, stop in zip(starts, np.append(starts[1:], len(owner)), strict=True):
        own = gap[start:stop]
        median[owner[start]] = max(1.0, np.median(own))
        p95[owner[start]] = max(1.0, np.percentile(own, 95))
        if len(own) >= 6:
            slower[owner[start]] = own[-3:].mean() / max(1.0, own[:-3].mean())
    return median, p95, slower
