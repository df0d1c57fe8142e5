"""Made companies in memory, for tests: the same blocks that are loaded into the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from bihuan.packs.pack import read_pack, simulation_file
from bihuan.packs.simulation.model import read_model
from bihuan.packs.simulation.pipeline import blocks
from bihuan.packs.simulation.plan import Plan, Seller, SoldProduct, as_list

UNTIL = date(2026, 11, 22)


def plan_of(pack: str, customers: int, seed: int, years: int = 3, **changes: Any) -> Plan:
    products = tuple(
        SoldProduct(at, one.code, one.family, one.unit, float(one.list_price or 0))
        for at, one in enumerate(read_pack(pack).products, 1)
    )
    plan = Plan(
        pack=pack,
        model=read_model(simulation_file(pack)),
        customers=customers,
        years=years,
        seed=seed,
        until=UNTIL,
        products=products,
        sellers=(Seller(1, 1), Seller(2, 1)),
    )
    return replace(plan, **changes)


def columns(plan: Plan) -> tuple[dict[str, dict[str, np.ndarray]], list[dict[str, Any]]]:
    """Every table's columns, whole, and the truths."""
    parts: dict[str, dict[str, list[Any]]] = {}
    truths: list[dict[str, Any]] = []
    for block in blocks(plan, {}):
        truths += block.truths
        for table in block.tables:
            into = parts.setdefault(table.name, {})
            for name, column in table.columns.items():
                same = isinstance(column, str | int | float | None)
                into.setdefault(name, []).extend([column] * table.rows if same else as_list(column))
    found = {
        table: {name: np.array(values) for name, values in names.items()} for table, names in parts.items()
    }
    return found, truths
