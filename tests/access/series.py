"""Series of readings: one of each lot, with points that nobody else has, on the lot's page and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.people.models import User
from bihuan.quality.models import ReadingSeries
from bihuan.quality.series.content import Parameter
from bihuan.quality.series.keeping import SeriesKeeper

from . import world as planting
from .company import plant
from .doors import client_of, panels, read
from .lots import of_its_lot
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

TECHNICAL = FieldClass.TECHNICAL


def plant_series(world: World, filler: Filler, whose: str) -> None:
    """Three points of the lot of that person; parameter, step, unit and the highest point are for who may read its readings."""
    lot = world.rows["lot", whose]
    one = Parameter(filler.word(), filler.word(), filler.word()[:30])
    peak = 100_003 + 7 * filler.number()
    start = round(planting.NOON.timestamp() * 1_000_000)
    times = start + np.arange(3, dtype=np.int64) * 1_000_000
    SeriesKeeper(import_id=None, now=planting.NOON).keep(lot, [one], times, [np.array([1.0, peak, 2.0])])
    reading = world.rows["lot_reading", whose]
    for name, text in (("step", one.step), ("parameter", one.name), ("unit", one.unit), ("peak", str(peak))):
        plant(world, "lot_reading", f"series.{name}", TECHNICAL, text, reading.pk, whose)


def series_doors(world: World) -> list[Door]:
    told = frozenset({"series.step", "series.parameter", "series.unit", "series.peak"})
    return [
        Door("panels lot, series", "panel", "lot_reading", of_its_lot(panels("lot")), promises=told),
        Door("series as a file", "export", "lot_reading", as_file, promises=told - {"series.step"}),
    ]


def as_file(user: User, row: Any) -> str:
    series = ReadingSeries.objects.get(lot=row.lot)
    return read(client_of(user).get(reverse("lot_series", args=[row.lot_id, series.pk])))
