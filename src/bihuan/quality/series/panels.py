"""Series on the page of a lot, drawn on the server of what was worked out when they were sealed: no Parquet file is opened."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions, name_objects
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel

from ..models import Lot, ProcessReading
from .keeping import STATISTICS, written
from .picture import draw
from .queries import series_of

OPEN = 3

name_actions({"series.file_swept": _("Removed a file of readings that no lot names")})
name_objects({"series_file": _("File of readings")})


@panel(
    "lot",
    title=pgettext_lazy("reading", "Series"),
    template="quality/lot/series.html",
    name="series",
    object="lot_reading",
    icon="chart-line",
    order=20,
    place="middle",
)
def lot_series(actor: Actor, lot: Lot, request: HttpRequest) -> dict[str, Any] | None:
    rows = series_of(actor, lot)
    if not rows:
        return None
    labels = {name: ProcessReading.Statistic(name).label for name in STATISTICS}
    return {
        "lot": lot,
        "rows": [
            {
                "row": one,
                "picture": draw(one),
                "outside": one.summary.get("outside", 0),
                "figures": [
                    (labels[name], written(one.summary[name]))
                    for name in STATISTICS
                    if one.summary.get(name) is not None
                ],
                "is_open": number < OPEN or bool(one.summary.get("outside")),
            }
            for number, one in enumerate(rows)
        ],
    }
