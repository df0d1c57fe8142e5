"""The postings of a made plant as columns of the quality room's tables, by the same reckoning as `quality.posting`.

Amounts are whole millionths in one unit for all lots of a plant, so that weights are amounts. A posting that does not balance
or takes more than there is raises ValueError: such a plant is described wrongly.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bihuan.quality.genealogy.balance import apportion, part_among

from ..plan import Table

Stamp = np.datetime64
Amounts = Sequence[tuple["MadeLot", int]]
ACTOR, ACTOR_NAME = "system", "演示·质量"
KEEPER, KEEPER_NAME = "system", "演示·调度"


@dataclass(eq=False, slots=True)
class MadeLot:
    """A lot before it is written. `quantity` is what is left, `inflow` all that went in."""

    id: int
    product: int
    code: str
    number: str
    kind: str
    unit: str
    at: Stamp
    supplier: str = ""
    origin: str = ""
    place: str = ""
    expires: str | None = None
    disposition: str = "released"
    quantity: int = 0
    inflow: int = 0
    is_shipped: bool = False

    @property
    def name(self) -> str:
        return f"{self.code}/{self.number}"

    @property
    def status(self) -> str:
        if self.quantity:
            return self.disposition
        return "shipped" if self.is_shipped else "consumed"


def text(at: Stamp) -> str:
    """As the loader writes moments."""
    return str(at.astype("datetime64[s]")).replace("T", " ")


@dataclass
class Book:
    """Rows by table, as they grow. `first_ids`: by table the first free number."""

    first_ids: dict[str, int]
    prefix: str
    lots: list[MadeLot] = field(default_factory=list)
    rows: dict[str, dict[str, list[Any]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    documents: int = 0

    def lot(self, **what: Any) -> MadeLot:
        found = MadeLot(id=self.first_ids["quality.Lot"] + len(self.lots), **what)
        self.lots.append(found)
        return found

    def add(self, table: str, **row: Any) -> int:
        columns = self.rows[table]
        number = self.first_ids[table] + len(columns["id"])
        columns["id"].append(number)
        for name, value in row.items():
            columns[name].append(value)
        return number

    def post(
        self, kind: str, at: Stamp, takes: Amounts, makes: Amounts, *, lost: int = 0, heels: Iterable[MadeLot] = (), mark: str = "",
    ) -> int:  # fmt: skip
        """One posting; returns its row number. `heels`: which of those taken had remained in the tank."""
        taken, made = [amount for _, amount in takes], [amount for _, amount in makes]
        if kind not in ("receive", "ship") and sum(taken) != sum(made) + lost:
            raise ValueError(f"{kind}: {sum(taken)} went in, {sum(made)} came out and {lost} were lost")
        self.documents += 1
        number = f"{self.prefix}-{mark or kind.upper()[:2]}-{self.documents:06d}"
        movement = self.add(
            "quality.Movement", number=number, kind=kind, at=text(at), lost=lost, created_at=text(at), updated_at=text(at),
            digest=hashlib.sha256(f"made {number}".encode()).hexdigest(),
        )  # fmt: skip
        remained = list(heels)
        for lot, amount in takes:
            lot.quantity -= amount
            if lot.quantity < 0:
                raise ValueError(f"{lot.name}: more was taken than there is")
            lot.is_shipped = kind == "ship"
            self._line(movement, lot, -amount, 0, int(lot in remained))
        for lot, amount in makes:
            lot.quantity += amount
            lot.inflow += amount
            self._line(movement, lot, amount, 1, 0)
        if takes and makes:
            self._edges(movement, takes, makes, lost, remained)
        return movement

    def _line(self, movement: int, lot: MadeLot, amount: int, is_output: int, is_heel: int) -> None:
        self.add(
            "quality.MovementLine", movement_id=movement, lot_id=lot.id, is_output=is_output, quantity=amount, weight=amount,
            is_heel=is_heel,
        )  # fmt: skip

    def _edges(self, movement: int, takes: Amounts, makes: Amounts, lost: int, heels: list[MadeLot]) -> None:
        taken, made = [amount for _, amount in takes], [amount for _, amount in makes]
        parts = [apportion(one, taken) for one in made]
        shares = apportion(1_000_000, taken)
        for row, (source, amount) in enumerate(takes):
            for column, went in enumerate(part_among(amount, made, lost)):
                self.add(
                    "quality.LotEdge", source_id=source.id, target_id=makes[column][0].id, movement_id=movement, quantity=went,
                    weight=parts[column][row], heel=shares[row] if source in heels else None,
                )  # fmt: skip

    def tables(self) -> list[Table]:
        """All of it, lots first. What every row has in common is one value."""
        lots = self.lots
        made = [text(one.at) for one in lots]
        found = [
            Table("quality.Lot", {
                "id": [one.id for one in lots], "product_id": [one.product for one in lots],
                "number": [one.number for one in lots], "kind": [one.kind for one in lots], "unit": [one.unit for one in lots],
                "quantity": [one.quantity for one in lots], "inflow": [one.inflow for one in lots],
                "disposition": [one.disposition for one in lots], "status": [one.status for one in lots],
                "made_at": made, "created_at": made, "updated_at": made, "expires_on": [one.expires for one in lots],
                "supplier": [one.supplier for one in lots], "origin": [one.origin for one in lots],
                "place": [one.place for one in lots],
            }, len(lots)),
        ]  # fmt: skip
        common: dict[str, dict[str, Any]] = {
            "quality.Movement": {"gap": 0, "actor": ACTOR, "actor_name": ACTOR_NAME},
            "quality.LotEvent": {"actor": ACTOR, "actor_name": ACTOR_NAME},
            "quality.LotReservation": {"actor": KEEPER, "actor_name": KEEPER_NAME},
            "quality.TestResult": {"entered_by": ACTOR_NAME, "verified_by": "演示·质检复核"},
        }
        for name, columns in self.rows.items():
            found.append(Table(name, {**columns, **common.get(name, {})}, len(columns["id"])))
        return found
