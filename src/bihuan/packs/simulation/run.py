"""Making a company and loading it: `simulate()`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.models import Max, Model
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.customers.models import Competitor, Customer, Tag
from bihuan.integration.importing.lock import only_import
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.analytics.changes import mark_all_changed
from bihuan.kernel.analytics.registry import load_all
from bihuan.kernel.console import CommandRefused
from bihuan.kernel.settings_store import change_setting, get_setting
from bihuan.packs.pack import read_pack, simulation_file
from bihuan.sales.models import Order, OrderLine
from bihuan.service.services import begin_with_matrix

from .ahead import finished_blocks
from .cases import groups_of_lots, make_cases
from .load import bulk_load, continue_numbering, first_free_ids, written_in_order
from .model import read_model, words
from .plan import Plan, SoldProduct
from .plants.curves import keep_curves, series_keeper
from .plants.making import make_plant
from .staff import make_staff

MADE = "packs.made_companies"
MOST_CUSTOMERS = 5_000_000
MOST_YEARS = 20


@dataclass(frozen=True, slots=True)
class Made:
    """What was made; `seconds` of wall time, `cpu_seconds` of all processes together."""

    customers: int
    orders: int
    lines: int
    rows: int
    seconds: float
    cpu_seconds: float
    cases: int = 0


def simulate(
    *,
    actor: Actor,
    pack: str,
    customers: int,
    years: int,
    seed: int,
    until: date,
    now: datetime,
    truths: Path | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Made:
    """Write a made company into the database, in one transaction. The pack must be installed.

    The planted truths go to `truths` (JSON Lines) and nowhere else. Raises `CommandRefused` where there are
    customers that were not made: a made company never stands among real ones.
    """
    require(actor, "setting", "administer")
    check_size(customers, years)
    made_before = refuse_real_customers()
    started, cpu_started = time.perf_counter(), cpu_seconds()
    totals = {"customers.Customer": 0, "sales.Order": 0, "sales.OrderLine": 0}
    rows = 0
    # The import's lock: no file of a series is swept while its row is not yet there to be seen.
    with only_import(), series_keeper(now) as keeper, TruthFile(truths) as told, bulk_load() as loader:
        plan = plan_for(pack, customers, years, seed, until, len(made_before) + 1, now)
        told.write(
            {"pack": pack, "customers": customers, "years": years, "seed": seed, "until": until.isoformat()}
        )
        for block in finished_blocks(plan, first_free_ids()):
            for table in sorted(block.tables, key=written_in_order):
                loader.write(table)
                rows += table.rows
                if table.name in totals:
                    totals[table.name] += table.rows
            for truth in block.truths:
                told.write(truth)
            if tell:
                tell(block.customers, customers)
        plant = make_plant(plan, loader, groups=groups_of_lots(plan, now), now=now, tell=told.write)
        continue_numbering()  # objections post documents as people do
        keep_curves(keeper, plant.curves)
        last = {model: _last(model) for model in (Order, OrderLine)}
        cases = make_cases(plan, plant, now=now, tell=told.write)
        # What settled objections were credited with are documents as well.
        for model, before in last.items():
            totals[f"sales.{model.__name__}"] += model.objects.filter(pk__gt=before).count()
        begin_with_matrix(now=now)
        made = {
            "pack": pack,
            "customers": customers,
            "years": years,
            "until": until.isoformat(),
            "run": plan.run,
        }
        change_setting(MADE, [*made_before, made], now=now)
        mark_all_changed(load_all().datasets, now=now)
        record(actor, now, "company.made", object_type="pack", object_id=pack, object_name=pack, after=made)
    return Made(
        customers=totals["customers.Customer"],
        orders=totals["sales.Order"],
        lines=totals["sales.OrderLine"],
        rows=rows,
        seconds=round(time.perf_counter() - started, 3),
        cpu_seconds=round(cpu_seconds() - cpu_started, 3),
        cases=cases,
    )


def _last(model: type[Model]) -> int:
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def refuse_real_customers() -> list[dict[str, Any]]:
    """What was made before in this database; refuses where customers are there that were not."""
    made_before: list[dict[str, Any]] = get_setting(MADE, [])
    if not made_before and Customer.objects.exists():
        raise CommandRefused(
            _(
                "This database holds customers that were not made. Give the made company a folder of its own (BIHUAN_HOME)."
            )
        )
    return made_before


def cpu_seconds() -> float:
    """Processor time of this process and of the children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def check_size(customers: int, years: int) -> None:
    if not 1 <= customers <= MOST_CUSTOMERS:
        raise CommandRefused(
            _("Between 1 and %(most)s customers can be made.") % {"most": MOST_CUSTOMERS}, status=2
        )
    if not 1 <= years <= MOST_YEARS:
        raise CommandRefused(_("Between 1 and %(most)s years can be made.") % {"most": MOST_YEARS}, status=2)


def plan_for(pack: str, customers: int, years: int, seed: int, until: date, run: int, now: datetime) -> Plan:
    model = read_model(simulation_file(pack))
    sellers, team_of_province = make_staff(model, customers, now=now)
    mark = words()["mark"]
    competitors = [Competitor.objects.get_or_create(name=name + mark)[0].pk for name in model.competitors]
    codes = [one.code for one in read_pack(pack).products]
    products = Product.objects.filter(code__in=codes, list_price__isnull=False).order_by("code")
    by_hand = [one.code for one in read_pack(pack).tags if one.by_hand]
    return Plan(
        pack=pack,
        model=model,
        customers=customers,
        years=years,
        seed=seed,
        until=until,
        run=run,
        products=tuple(
            SoldProduct(one.pk, one.code, one.family, one.unit, float(one.list_price or 0))
            for one in products
        ),
        sellers=sellers,
        team_of_province=team_of_province,
        tags=tuple(Tag.objects.filter(code__in=by_hand).order_by("code").values_list("pk", flat=True)),
        competitors=tuple(competitors),
    )


class TruthFile:
    """JSON Lines beside the company; put in place when all of it was written. Without a path nothing is written."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.partial = path.with_name(path.name + ".partial") if path else None

    def __enter__(self) -> TruthFile:
        self.stream = self.partial.open("w", encoding="utf-8") if self.partial else None
        return self

    def write(self, truth: dict[str, Any]) -> None:
        if self.stream:
            self.stream.write(json.dumps(truth, ensure_ascii=False) + "\n")

    def __exit__(self, kind: object, *_rest: object) -> None:
        if self.stream and self.partial and self.path:
            self.stream.close()
            if kind is None:
                self.partial.replace(self.path)
            else:
                self.partial.unlink()


__all__ = ["Made", "simulate"]
