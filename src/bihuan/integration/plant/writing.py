"""From a plant's rows to lots, postings, results and readings. What is there already and says the same stays as it is."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from bihuan.catalog.models import Characteristic, Product
from bihuan.integration.models import ImportChange
from bihuan.quality.models import Lot, LotEdge, Movement, MovementLine, ProcessReading, TestResult

from .mapping import PlantFile, PlantMapping, Raw, fill
from .rows import PlantRow, made_at, measured

Name = tuple[str, str]  # product code, lot number
BY = "import"


class PlantWriter:
    """Collects what the rows say, then writes it in sets. `counts`: per kind of record; `refused`: rows with the reason."""

    def __init__(self, plant: PlantMapping, import_id: int, now: datetime) -> None:
        self.plant, self.import_id, self.now = plant, import_id, now
        self.refused: list[dict[str, Any]] = []
        self.made: dict[Name, dict[str, Any]] = {}
        self.raw: dict[Name, dict[str, Any]] = {}
        self.used: dict[Name, dict[Name, None]] = defaultdict(dict)
        self.results: dict[tuple[Name, str], dict[str, str]] = defaultdict(dict)  # of raw lots: sample → said
        self.tests: dict[tuple[Name, str], str] = {}
        self.readings: dict[tuple[Name, str, str], str] = {}
        self.set_points = {name: one for file in plant.files for name, one in file.set_points.items()}
        self.blank = {"tests": 0, "readings": 0}
        self.counts: dict[str, dict[str, int]] = {
            kind: {"created": 0, "updated": 0, "unchanged": 0}
            for kind in ("products", "characteristics", "lots", "raw_lots", "postings", "tests", "readings")
        }

    # --- reading ----------------------------------------------------------------------------------------------------

    def take(self, file: PlantFile, row: PlantRow) -> None:
        lot, cells = self.plant.lot, row.cells
        name = (fill(lot.product, cells), cells.get(lot.number, ""))
        if not name[0] or not name[1]:
            return self._refuse(file, row, _("The lot's product or number is missing."))
        if len(name[0]) > 60 or len(name[1]) > 60:
            return self._refuse(file, row, _("A lot needs a number of at most 60 characters."))
        try:
            facts = self._facts(row)
        except ValueError as error:
            return self._refuse(file, row, str(error))
        known = self.made.setdefault(name, {})
        for field, value in facts.items():
            if value not in (None, "") and known.setdefault(field, value) != value:
                return self._refuse(
                    file, row, _("Another row says otherwise of this lot: %(value)s.") % {"value": value}
                )
        for one in file.raw:
            self._take_raw(one, name, cells)
        for heading in file.tests:
            self._take_cell(self.tests, (name, heading), cells[heading], "tests")
        for step, headings in file.readings.items():
            for heading in headings:
                self._take_cell(self.readings, (name, step, heading), cells[heading], "readings")
        return None

    def _facts(self, row: PlantRow) -> dict[str, Any]:
        lot, cells = self.plant.lot, row.cells
        said = cells.get(lot.made, "") if lot.made else ""
        at = made_at(said, lot.months) if said else None
        if said and at is None:
            raise ValueError(
                _("“%(value)s” is neither a day nor a month that the mapping names.") % {"value": said}
            )
        amount = cells.get(lot.quantity, "") if lot.quantity else ""
        try:
            quantity = Decimal(amount) if amount else None
        except InvalidOperation as error:
            raise ValueError(_("“%(value)s” is not a number.") % {"value": amount}) from error
        if quantity is not None and not Decimal(0) < quantity < Decimal(10) ** 12:
            raise ValueError(_("Quantities are above zero."))
        return {
            "at": at, "said": said[:40], "quantity": quantity, "product_name": fill(lot.name, cells)[:200],
            "grade": fill(lot.grade, cells)[:80],
        }  # fmt: skip

    def _take_raw(self, one: Raw, made: Name, cells: Any) -> None:
        name = (fill(one.product, cells), cells[one.number])
        if not name[0] or not name[1]:
            self.blank["tests"] += len(one.tests)
            return
        self.raw.setdefault(name, {"unit": one.unit, "product_name": fill(one.name, cells)[:200]})
        self.used[made][name] = None
        for heading in one.tests:
            text = cells[heading]
            if text:
                self.results[name, heading][f"{made[0]} {made[1]}"] = text
            else:
                self.blank["tests"] += 1

    def _take_cell(self, where: dict[Any, str], key: Any, text: str, kind: str) -> None:
        if text:
            where[key] = text[:80]
        else:
            self.blank[kind] += 1

    def _refuse(self, file: PlantFile, row: PlantRow, reason: str) -> None:
        self.refused.append({"file": file.name, "row": row.number, "reason": reason})

    # --- writing ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        products = self._products()
        lots = self._lots(products)
        self._postings(lots)
        characters = self._characteristics()
        self._tests(lots, characters)
        self._readings(lots)
        for kind, number in self.blank.items():
            self.counts[kind]["blank"] = number

    def _products(self) -> dict[str, Product]:
        wanted: dict[str, dict[str, Any]] = {}
        for (code, _number), facts in self.made.items():
            wanted.setdefault(code, {"unit": self.plant.lot.unit, **facts})
        for (code, _number), facts in self.raw.items():
            wanted.setdefault(code, facts)
        known = {one.code: one for one in Product.objects.filter(code__in=wanted)}
        fresh = [
            Product(
                code=code, name=facts.get("product_name") or code, grade=facts.get("grade") or "",
                unit=facts.get("unit") or "", import_id=self.import_id, created_at=self.now, updated_at=self.now,
            )
            for code, facts in wanted.items()
            if code not in known
        ]  # fmt: skip
        Product.objects.bulk_create(fresh, batch_size=500)
        self._count("products", len(fresh), len(known))
        return known | {one.code: one for one in fresh}

    def _lots(self, products: dict[str, Product]) -> dict[Name, Lot]:
        ids = {one.pk: code for code, one in products.items()}
        found = {
            (ids[one.product_id], one.number): one
            for one in Lot.objects.filter(product__in=ids).order_by("id")
        }
        rule = self.plant.lot
        for kind, several in (("lots", self.made), ("raw_lots", self.raw)):
            fresh = []
            for name, facts in several.items():
                if name in found:
                    continue
                raw = kind == "raw_lots"
                quantity = None if raw else facts.get("quantity")
                status = rule.status if not raw else "released"
                lot = Lot(
                    product=products[name[0]], number=name[1], kind="raw" if raw else rule.kind,
                    unit=facts.get("unit") or products[name[0]].unit, quantity=quantity, inflow=quantity,
                    disposition=status, status=status, made_at=self._when(name), made_said=facts.get("said", ""),
                    import_id=self.import_id, created_at=self.now, updated_at=self.now,
                )  # fmt: skip
                found[name] = lot
                fresh.append(lot)
            Lot.objects.bulk_create(fresh, batch_size=500)
            self._count(kind, len(fresh), len(several) - len(fresh))
        return found

    def _when(self, name: Name) -> datetime:
        """When a lot was made; a raw lot was there by the first lot that used it."""
        if name in self.made:
            at = self.made[name].get("at")
            return at if isinstance(at, datetime) else self.now
        if not hasattr(self, "_first"):
            self._first: dict[Name, datetime] = {}
            for made, several in self.used.items():
                at = self._when(made)
                for one in several:
                    self._first[one] = min(at, self._first.get(one, at))
        return self._first.get(name, self.now)

    def _postings(self, lots: dict[Name, Lot]) -> None:
        numbers = {name: f"{name[0]} {name[1]}"[:80] for name in self.used}
        known = set(Movement.objects.filter(number__in=numbers.values()).values_list("number", flat=True))
        fresh = {
            name: Movement(
                number=number, kind="produce", at=lots[name].made_at, digest="", is_flagged=True, actor=BY, actor_name="",
                import_id=self.import_id, created_at=self.now, updated_at=self.now,
            )
            for name, number in numbers.items()
            if number not in known
        }  # fmt: skip
        Movement.objects.bulk_create(fresh.values(), batch_size=500)
        lines, edges = [], []
        for name, movement in fresh.items():
            target = lots[name]
            lines.append(
                MovementLine(
                    movement=movement,
                    lot=target,
                    is_output=True,
                    quantity=target.quantity,
                    import_id=self.import_id,
                )
            )
            for one in self.used[name]:
                lines.append(
                    MovementLine(movement=movement, lot=lots[one], is_output=False, import_id=self.import_id)
                )
                edges.append(LotEdge(source=lots[one], target=target, movement=movement))
        MovementLine.objects.bulk_create(lines, batch_size=1000)
        LotEdge.objects.bulk_create(edges, batch_size=1000)
        self._count("postings", len(fresh), len(known))

    def _characteristics(self) -> dict[str, Characteristic]:
        names = dict.fromkeys([*(key[1] for key in self.results), *(key[1] for key in self.tests)])
        known = {one.code: one for one in Characteristic.objects.filter(code__in=[one[:60] for one in names])}
        fresh = [
            Characteristic(code=one[:60], name=one[:120], unit=self.plant.units.get(one, "")[:30])
            for one in names
            if one[:60] not in known
        ]
        Characteristic.objects.bulk_create(fresh)
        # This table has no place for the import's number: it is noted which rows were made.
        ImportChange.objects.bulk_create(
            ImportChange(
                source_id=self.import_id,
                table="catalog_characteristic",
                object_id=one.pk,
                before={},
                version=0,
            )
            for one in fresh
        )
        self._count("characteristics", len(fresh), len(known))
        return known | {one.code: one for one in fresh}

    def _tests(self, lots: dict[Name, Lot], characters: dict[str, Characteristic]) -> None:
        wanted: dict[tuple[int, int, str], tuple[Lot, str, str]] = {}
        for (name, heading), said in self.tests.items():
            wanted[lots[name].pk, characters[heading[:60]].pk, ""] = (lots[name], heading, said)
        for (name, heading), by_sample in self.results.items():
            # One result where all agree; where a raw lot was analysed anew, one for each sample.
            alike = len(set(by_sample.values())) == 1
            for sample, said in [("", next(iter(by_sample.values())))] if alike else by_sample.items():
                wanted[lots[name].pk, characters[heading[:60]].pk, sample[:60]] = (
                    lots[name],
                    heading,
                    said[:80],
                )
        there = {
            (one.lot_id, one.characteristic_id, one.sample): one.said
            for one in TestResult.objects.filter(lot__in=[lot.pk for lot in lots.values()], invalid_at=None)
        }
        fresh = []
        for key, (lot, heading, said) in wanted.items():
            if key in there:
                if there[key] != said:
                    self.refused.append(
                        {"file": "", "row": 0, "reason": _("%(lot)s, %(name)s: “%(new)s” is told, “%(old)s” was told before.")
                         % {"lot": lot.number, "name": heading, "new": said, "old": there[key]}}
                    )  # fmt: skip
                continue
            value, below = measured(said)
            fresh.append(
                TestResult(
                    lot=lot, characteristic_id=key[1], value=value, said=said, is_below_detection=below, sample=key[2],
                    unit=self.plant.units.get(heading, "")[:30], laboratory=self.plant.laboratory[:80],
                    tested_at=lot.made_at, import_id=self.import_id,
                )
            )  # fmt: skip
        TestResult.objects.bulk_create(fresh, batch_size=1000)
        self._count("tests", len(fresh), len(wanted) - len(fresh))

    def _readings(self, lots: dict[Name, Lot]) -> None:
        there = {
            (one.lot_id, one.step, one.parameter): one.said
            for one in ProcessReading.objects.filter(lot__in=[lots[name].pk for name in self.made])
        }
        fresh = []
        for (name, step, heading), said in self.readings.items():
            if (lots[name].pk, step[:60], heading[:80]) in there:
                continue
            value, _below = measured(said)
            fresh.append(
                ProcessReading(
                    lot=lots[name], step=step[:60], parameter=heading[:80], value=value, said=said,
                    unit=self.plant.units.get(heading, "")[:30], import_id=self.import_id,
                    **self.set_points.get(heading, {}),
                )
            )  # fmt: skip
        ProcessReading.objects.bulk_create(fresh, batch_size=1000)
        self._count("readings", len(fresh), len(self.readings) - len(fresh))

    def _count(self, kind: str, created: int, unchanged: int) -> None:
        self.counts[kind]["created"] += created
        self.counts[kind]["unchanged"] += unchanged
