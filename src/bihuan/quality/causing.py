"""What stands out of a stored lot: its own results and readings, those of what it was made of, and where that came from,
beside those of the good lots of the product (see `causes` for the reckoning).

Good are lots of the product that are released, or used or shipped since, that were never held or rejected, and that no room
above has named as bad (`register_bad_lots`: the service desk names those of complaints). What the actor may not see is not
compared. A comparison costs nine queries and one more for each step of making, however many lots it reads.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.catalog.models import Characteristic
from bihuan.kernel.actor import Actor

from .causes import Comparison, Feature, find_causes
from .causes.finding import MOST_GOOD
from .deciding import is_outside, limits_for
from .errors import LotError
from .models import Lot, LotEdge, LotEvent, ProcessReading
from .records import LOT, LOT_READING
from .tracing import tests_of

MOST_STEPS = 8  # of making that are followed back
BadLots = Callable[[int], QuerySet[Any]]
_bad_lots: list[BadLots] = []
Known = dict[tuple[Any, ...], float | str]  # feature → the lot's value
Sampled = tuple[int, str]  # lot and sample, "" for all of the lot


def register_bad_lots(rows: BadLots) -> None:
    """A room above says which lots of a product are bad for a reason of its own: a query of their ids."""
    _bad_lots.append(rows)


@dataclass(frozen=True, slots=True)
class Source:
    """What a feature is of: `kind` is test, reading, supplier, origin, lot or time; `product`: the code of what the lot was made
    of, empty for the lot itself."""

    kind: str
    label: str
    product: str = ""
    step: str = ""
    statistic: str = ""
    unit: str = ""
    characteristic: int = 0  # of a test


@dataclass(frozen=True, slots=True)
class Causes:
    """`products`: ids of the lot's product (under "") and of what it was made of, by code. `sources` by the names of the features in `comparison`; `deviating`: results of the lot outside its limits, which are what
    is to be explained and no cause."""

    lot: Lot
    comparison: Comparison
    sources: dict[str, Source]
    deviating: tuple[str, ...]
    products: dict[str, int]


def causes_of(actor: Actor, lot: Lot) -> Causes:
    """Compare a lot with the good ones of its product.

    Raises ``Http404`` for a lot that the actor does not see, ``LotError`` with code withheld for who may not read measurements.
    """
    if not LOT.visible_to(actor).filter(pk=lot.pk).exists():
        raise Http404("lot")
    if not LOT_READING.may_read(actor, "said"):
        raise LotError(_("What was measured is not for you to read."), "withheld")
    good = good_lots(actor, lot)
    order = [*good, lot.pk]
    known: dict[int, Known] = {one: {} for one in order}
    labels: dict[tuple[Any, ...], Source] = {}
    parts = _parts(order)
    everything = {*order, *(one for found in parts.values() for one in found)}
    lots = {
        row["pk"]: row
        for row in LOT.visible_to(actor)
        .filter(pk__among=everything)
        .values("pk", "number", "product_id", "product__code", "supplier", "origin", "made_at")
    }
    own = _own_values(actor, set(lots), labels)
    deviating = _outside(actor, lot)
    for one in order:
        for key, value in own.get((one, ""), {}).items():
            if key[:1] != ("test",) or key[1] not in deviating:
                known[one]["", *key] = value
        known[one]["", "time"] = _days(lots[one]["made_at"], lots[lot.pk]["made_at"])
        known[one] |= _of_sources(lots[one]["number"], parts.get(one, {}), lots, own)
    sources, names = _named({key for found in known.values() for key in found}, labels)
    features = [
        Feature(names[key], known[lot.pk].get(key), [known[one].get(key) for one in good])
        for key in sorted(names, key=lambda one: names[one])
    ]
    products = {row["product__code"]: row["product_id"] for row in lots.values()} | {"": lot.product_id}
    return Causes(lot, find_causes(features), sources, tuple(sorted(deviating.values())), products)


def good_lots(actor: Actor, lot: Lot) -> list[int]:
    """The newest good lots of the product, the oldest of them first."""
    rows = LOT.visible_to(actor).filter(
        product=lot.product_id, disposition=Lot.Status.RELEASED, kind=lot.kind
    )
    judged = LotEvent.objects.filter(lot=OuterRef("pk"), kind__in=("held", "rejected"))
    rows = rows.exclude(pk=lot.pk).exclude(Exists(judged))
    for bad in _bad_lots:
        rows = rows.exclude(pk__in=bad(lot.product_id))
    newest = rows.order_by("-made_at", "-id").values_list("pk", flat=True)[:MOST_GOOD]
    return list(reversed(newest))


def _days(at: datetime, of: datetime) -> float:
    return (at - of).total_seconds() / 86400


def _outside(actor: Actor, lot: Lot) -> dict[int, str]:
    """Characteristics of which a standing result of the lot is outside its limits, with their names."""
    limits = limits_for(lot, lot.made_at)
    results = tests_of(actor, [lot.pk]).get(lot.pk, ())
    outside = {
        one.characteristic
        for one in results
        if one.characteristic in limits and is_outside(one, limits[one.characteristic])
    }
    if not outside:
        return {}
    return dict(Characteristic.objects.filter(pk__in=outside).values_list("pk", "name"))


def _parts(lots: Iterable[int]) -> dict[int, dict[int, float]]:
    """lot → lot that is in it → how much of it, relative to others of its kind: by quantity where that is known, else alike."""
    parts: dict[int, dict[int, float]] = {one: {} for one in lots}
    # Who carries what is asked about: at first each lot itself.
    carried: dict[int, dict[int, float]] = {one: {one: 1.0} for one in parts}
    for _step in range(MOST_STEPS):
        if not carried:
            break
        found: dict[int, dict[int, float]] = defaultdict(dict)
        edges = LotEdge.objects.filter(target__among=carried).values_list(
            "source", "target", "weight", "target__inflow"
        )
        for source, target, weight, inflow in edges.order_by():
            share = float(weight) / float(inflow) if weight is not None and inflow else 1.0
            for holder, holds in carried[target].items():
                if source != holder:
                    found[source][holder] = found[source].get(holder, 0.0) + holds * share
        carried = {}
        for source, holders in found.items():
            fresh = {holder: holds for holder, holds in holders.items() if source not in parts[holder]}
            for holder, holds in holders.items():
                parts[holder][source] = parts[holder].get(source, 0.0) + holds
            if fresh:  # what goes round in a heel is followed once
                carried[source] = fresh
    return parts


def _own_values(actor: Actor, lots: set[int], labels: dict[tuple[Any, ...], Source]) -> dict[Sampled, Known]:
    """Of each lot its results, several of one characteristic as their mean, and its readings; and for each sample of it the
    results of that sample alone: a raw lot may have been analysed anew for a batch."""
    values: dict[Sampled, Known] = defaultdict(dict)
    results = tests_of(actor, lots)
    wanted = {one.characteristic for several in results.values() for one in several}
    for one in Characteristic.objects.filter(pk__among=wanted):
        labels["test", one.pk] = Source("test", one.name, unit=one.unit, characteristic=one.pk)
    for lot, several in results.items():
        found: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for result in several:
            found["", result.characteristic].append(result)
            if result.sample:
                found[result.sample, result.characteristic].append(result)
        for (sample, characteristic), alike in found.items():
            numbers = [one.value for one in alike if one.value is not None]
            values[lot, sample]["test", characteristic] = (
                sum(numbers) / len(numbers) if len(numbers) == len(alike) else alike[-1].said
            )
    readings = LOT_READING.visible_to(actor).filter(lot__among=lots).order_by()
    for lot, step, parameter, statistic, value, said, unit in readings.values_list(
        "lot_id", "step", "parameter", "statistic", "value", "said", "unit"
    ):
        key = ("reading", step, parameter, statistic)
        labels.setdefault(key, Source("reading", parameter, step=step, statistic=statistic, unit=unit))
        values[lot, ""][key] = said if value is None else value
    return _alike(values)


def _alike(values: dict[Sampled, Known]) -> dict[Sampled, Known]:
    """A parameter that is mostly a number is compared as one: what is a word among numbers (n/a) is not known."""
    numbers, words = Counter[Any](), Counter[Any]()
    for found in values.values():
        for key, value in found.items():
            (words if isinstance(value, str) else numbers)[key] += 1
    return {
        sampled: {
            key: value
            if isinstance(value, str) or not words[key] or numbers[key] >= words[key]
            else f"{value:g}"
            for key, value in found.items()
            if not isinstance(value, str) or words[key] > numbers[key]
        }
        for sampled, found in values.items()
    }


def _of_sources(
    number: str, parts: dict[int, float], lots: dict[int, Any], own: dict[Sampled, Known]
) -> Known:
    """What the lot of that number was made of, by product: numbers as means by their parts, words as those of the greatest part."""
    numbers: dict[tuple[Any, ...], list[tuple[float, float]]] = defaultdict(list)
    words: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one, part in parts.items():
        row = lots.get(one)
        if row is None:
            continue
        product = row["product__code"]
        words[product, "lot"][row["number"]] += part
        for name in ("supplier", "origin"):
            if row[name]:
                words[product, name][row[name]] += part
        for key, value in (own.get((one, ""), {}) | own.get((one, number), {})).items():
            if isinstance(value, str):
                words[product, *key][value] += part
            else:
                numbers[product, *key].append((part, value))
    found: Known = {key: max(sorted(said), key=said.__getitem__) for key, said in words.items()}
    for key, several in numbers.items():
        whole = sum(part for part, _value in several)
        found[key] = sum(part * value for part, value in several) / whole if whole else several[0][1]
    return found


def _named(
    keys: set[tuple[Any, ...]], labels: dict[tuple[Any, ...], Source]
) -> tuple[dict[str, Source], dict[tuple[Any, ...], str]]:
    """Each feature by a name of its own: as short as tells them apart."""
    words = {
        "time": pgettext("lot", "Time of making"), "lot": pgettext("lot", "Lot"), "supplier": pgettext("lot", "Supplier"),
        "origin": pgettext("lot", "Origin"),
    }  # fmt: skip
    statistics = dict(ProcessReading.Statistic.choices)
    sources: dict[tuple[Any, ...], Source] = {}
    for key in keys:
        product, kind, *rest = key
        found = labels.get((kind, *rest)) or Source(kind, words[kind])
        sources[key] = Source(
            kind, found.label, product, found.step, found.statistic, found.unit, found.characteristic
        )  # fmt: skip

    def longer(one: Source, how: int) -> str:
        statistic = "" if one.statistic in ("", "value") else str(statistics[one.statistic])
        more = [one.product, one.step if how > 1 else "", one.label, statistic if how > 1 else ""]
        return " · ".join(part for part in (more if how else [one.label]) if part)

    names: dict[tuple[Any, ...], str] = {}
    left = dict(sources)
    for how in range(3):
        told = {key: longer(one, how) for key, one in left.items()}
        # What comes from sources always says of which, and that a lot was new or late reads by itself.
        if how == 0:
            told = {key: name for key, name in told.items() if not left[key].product}
        counts = Counter(told.values())
        names |= {key: name for key, name in told.items() if counts[name] == 1 and name not in names.values()}
        left = {key: one for key, one in left.items() if key not in names}
    for place, key in enumerate(sorted(left, key=str)):
        names[key] = f"{longer(left[key], 2)} ({place + 1})"
    return {name: sources[key] for key, name in names.items()}, names
