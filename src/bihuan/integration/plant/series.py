"""Tables with a reading a row (time, lot, parameters), streamed into series: memory holds a batch and one lot, whatever the file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from bihuan.integration.importing.run import Progress
from bihuan.integration.reading.errors import refused
from bihuan.integration.reading.parsers import to_text
from bihuan.integration.reading.table import Batch, open_table
from bihuan.integration.reading.text import clean, is_blank
from bihuan.quality.models import Lot
from bihuan.quality.series.content import Parameter
from bihuan.quality.series.gathering import Gatherer
from bihuan.quality.series.keeping import SeriesKeeper

from .mapping import PlantFile, PlantMapping, Series, fill, unspoken
from .moments import doubles, moments

LISTED = 200
Name = tuple[str, str]


class SeriesIntake:
    """Takes files with series and keeps them. `counts` by kind; `refused` rows and those `listed` with the reason.

    Of each row: it is in a series (`series_rows` created or unchanged), or it is refused.
    """

    def __init__(self, plant: PlantMapping, folder: Path, keeper: SeriesKeeper) -> None:
        self.plant, self.folder, self.keeper = plant, folder, keeper
        self.refused = 0
        self.listed: list[dict[str, Any]] = []
        names = ("series", "series_rows", "points", "summaries")
        self.counts = {name: {"created": 0, "updated": 0, "unchanged": 0} for name in names}
        self.counts["series_rows"] |= {"refused": 0, "out_of_order": 0, "same_time": 0}
        self.counts["points"] |= {"blank": 0, "unreadable": 0}

    def take(self, file: PlantFile, series: Series, progress: Progress, before: int) -> int:
        """Read one file and keep what is in it; how many rows it had. `before`: rows of the files before it."""
        parameters = [
            Parameter(
                step[:60], heading, self.plant.units.get(heading, "")[:30], **file.set_points.get(heading, {})
            )
            for step, headings in series.steps.items()
            for heading in headings
        ]
        table = open_table(
            self.folder / file.name, delimiter=file.hints.get("delimiter", ""), encoding=file.hints.get("encoding", ""),
            sheet=file.hints.get("sheet", ""),
        )  # fmt: skip
        headings = [one.text for one in table.headers]
        left, missing = unspoken(file, self.plant.lot, headings)
        if missing:
            raise refused("mapping_unknown_column", column=f"{file.name}: {missing[0]}")
        if left:
            raise refused("mapping_silent", columns=", ".join(left[:8]), file=file.name)
        gatherer, rows = Gatherer(), 0
        known: dict[tuple[str, ...], Lot | None] = {}
        self._lots: dict[int, Lot] = {}
        try:
            for batch in table.batches():
                self._gather(file, series, parameters, headings, batch, known, gatherer)
                rows += len(batch)
                progress.tell(before + rows, 0, "reading")
            self._keep(file, parameters, gatherer)
        finally:
            gatherer.close()
        return rows

    # --- reading -----------------------------------------------------------------------------------------------------

    def _gather(
        self, file: PlantFile, series: Series, parameters: list[Parameter], headings: list[str], batch: Batch,
        known: dict[tuple[str, ...], Lot | None], gatherer: Gatherer,
    ) -> None:  # fmt: skip
        import numpy as np

        at = {heading: place for place, heading in enumerate(headings)}
        naming = sorted(self.plant.lot.naming)
        keys = list(zip(*(batch.columns[at[one]] for one in naming), strict=True))
        for key in set(keys) - known.keys():
            known[key] = self._lot(dict(zip(naming, key, strict=True)))
        times, good = moments(batch.columns[at[series.time]], series.zone)
        lots = np.array([0 if known[key] is None else known[key].pk for key in keys], np.int64)  # type: ignore[union-attr]
        for place in np.flatnonzero(~good | (lots == 0)).tolist():
            self._refuse(
                file,
                batch,
                place,
                naming,
                keys[place],
                batch.columns[at[series.time]][place],
                bool(good[place]),
            )
        values = []
        for one in parameters:
            found, odd = doubles(batch.columns[at[one.name]])
            self.counts["points"]["unreadable"] += odd
            values.append(found)
        for lot in np.unique(lots[good]).tolist():
            if lot:
                mine = good & (lots == lot)
                gatherer.take(lot, times[mine], [one[mine] for one in values])

    def _lot(self, cells: dict[str, Any]) -> Lot | None:
        """The lot that these cells name; as everywhere in an import the newest where several have the name."""
        texts = {heading: _text(cell) for heading, cell in cells.items()}
        product, number = fill(self.plant.lot.product, texts), texts[self.plant.lot.number]
        if not product or not number:
            return None
        lot = Lot.objects.filter(product__code=product, number=number).order_by("id").last()
        if lot is not None:
            self._lots[lot.pk] = lot
        return lot

    def _refuse(
        self,
        file: PlantFile,
        batch: Batch,
        place: int,
        naming: list[str],
        key: tuple[Any, ...],
        time: Any,
        good: bool,
    ) -> None:
        self.refused += 1
        self.counts["series_rows"]["refused"] += 1
        if len(self.listed) >= LISTED:
            return
        if good:
            named = ", ".join(f"{one} {_text(cell) or '–'}" for one, cell in zip(naming, key, strict=True))
            reason = _("There is no lot of this name: %(name)s.") % {"name": named}
        else:
            reason = _("“%(value)s” is not a moment.") % {"value": _text(time)[:40]}
        self.listed.append({"file": file.name, "row": batch.numbers[place], "reason": reason})

    # --- keeping -----------------------------------------------------------------------------------------------------

    def _keep(self, file: PlantFile, parameters: list[Parameter], gatherer: Gatherer) -> None:
        import numpy as np

        rows, points = self.counts["series_rows"], self.counts["points"]
        for key, times, values, late in gatherer.lots(len(parameters)):
            lot = self._lots[key]
            outcome = self.keeper.keep(lot, parameters, times, values)
            self.counts["series"]["created"] += outcome.created
            self.counts["series"]["unchanged"] += outcome.unchanged
            self.counts["summaries"]["created"] += outcome.readings
            if outcome.created + outcome.unchanged:
                rows["created" if outcome.created else "unchanged"] += len(times)
                rows["out_of_order"] += late
                rows["same_time"] += int((np.diff(times) == 0).sum())
            else:
                rows["refused"] += len(times)
            refused_names = {(one.step, one.name) for one in outcome.refused}
            counted: Counter[str] = Counter()
            for one, column in zip(parameters, values, strict=True):
                if (one.step, one.name) not in refused_names:
                    blank = int(np.isnan(column).sum())
                    counted["blank"] += blank
                    counted["created" if outcome.created else "unchanged"] += len(column) - blank
            for name, number in counted.items():
                points[name] += number
            for one in outcome.refused:
                self.refused += 1
                reason = _(
                    "%(lot)s, %(name)s: a series with other content was sealed before; it stays as it is."
                ) % {"lot": lot.number, "name": one.name}
                self.listed.append({"file": file.name, "row": 0, "reason": reason})


def _text(cell: Any) -> str:
    text = clean(to_text(cell))
    return "" if is_blank(text) else text
