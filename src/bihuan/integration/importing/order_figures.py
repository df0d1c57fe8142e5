"""Arithmetic of order lines, exact in millionths."""

from __future__ import annotations

import hashlib

from bihuan.integration.importing.rows import Rows
from bihuan.integration.reading.errors import Problem, problem
from bihuan.integration.reading.numbers import LARGEST, UNIT


def half_even(product: int) -> int:
    """Millionths × millionths back to millionths, rounded half to even."""
    whole, rest = divmod(product, UNIT)
    return whole + 1 if rest * 2 > UNIT or (rest * 2 == UNIT and whole & 1) else whole


def figures(rows: Rows) -> tuple[list[int], list[int], list[int]]:
    """Quantities, prices and their exact products; what is missing of the three follows from the others."""
    quantities, prices = rows.column("quantity"), rows.column("price")
    if None in quantities or None in prices:
        quantities, prices = list(quantities), list(prices)
        for place, (quantity, price, amount) in enumerate(
            zip(quantities, prices, rows.column("amount"), strict=True)
        ):
            if quantity is None and price is None:
                quantities[place], prices[place] = UNIT, amount
            elif price is None:
                prices[place] = _ratio(amount, quantity)
            elif quantity is None:
                quantities[place] = _ratio(amount, price)
    return quantities, prices, [quantity * price for quantity, price in zip(quantities, prices, strict=True)]


def too_large(rows: Rows) -> dict[int, list[tuple[str, Problem]]]:
    """Rows whose figures, multiplied or divided, are more than can be kept."""
    quantities, prices, exact = figures(rows)
    if (
        not exact
        or max(max(map(abs, column)) for column in (quantities, prices))
        <= LARGEST
        >= max(map(abs, exact)) // UNIT
    ):
        return {}
    bad: dict[int, list[tuple[str, Problem]]] = {}
    for place, (quantity, price, product) in enumerate(zip(quantities, prices, exact, strict=True)):
        if max(abs(quantity), abs(price), abs(product) // UNIT) > LARGEST:
            shown = f"{quantity / UNIT:g} × {price / UNIT:g}"
            bad[place] = [("quantity", problem("number_too_large", value=shown))]
    return bad


def _ratio(amount: int, by: int) -> int:
    """amount / by in millionths, half to even; an amount over nothing counts once."""
    if not by:
        return amount
    sign = -1 if (amount < 0) != (by < 0) else 1
    whole, rest = divmod(abs(amount) * UNIT, abs(by))
    if rest * 2 > abs(by) or (rest * 2 == abs(by) and whole & 1):
        whole += 1
    return sign * whole


def code_from(name: str, limit: int = 60) -> str:
    """A product's code where only its name is known: the name itself, made short and unmistakable if it is long."""
    if len(name) <= limit:
        return name
    return f"{name[: limit - 9]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"
