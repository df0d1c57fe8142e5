"""A plant as a pack's `plant.yaml` describes it (grammar: the README of the packs' data)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bihuan.packs.pack import read_yaml

OWN = "own"


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw material. `share`: how much of it is in one of what the first step makes; `every`: how many lots of that step draw on
    one lot of it. `own`: it is the product itself, as delivered."""

    share: float
    every: float
    prefix: str
    code: str = OWN
    name: str = ""
    name_en: str = ""
    own: bool = False
    suppliers: tuple[tuple[str, str, float], ...] = ()
    newcomer: tuple[str, str] | None = None
    tests: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class StepOf:
    """A step of making. `group`: how many lots of the next step come of one; `loss` and the shares of `others` are parts of what goes
    in; `heel`: what remains in the tank, as a part of a lot. `series`: `of` which readings curves are kept through so many `hours`, a
    point `every` so many seconds."""

    kind: str
    code: str = ""
    name: str = ""
    name_en: str = ""
    prefix: str = ""
    loss: float = 0.0
    group: int = 1
    heel: float = 0.0
    readings: tuple[dict[str, Any], ...] = ()
    series: dict[str, Any] = field(default_factory=dict)
    others: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """What is planted on the product of the same place: a reading that is off by `shift` standard deviations, or a raw lot of a new
    supplier; `effect` is the characteristic that suffers, `defect` the complaint's title."""

    effect: str
    defect: str
    step: str = ""
    reading: str = ""
    shift: float = 0.0
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A product whose public page shows dates, `storage` and certificates of the kind `certificate`; with `origin` origin reports, too."""

    code: str
    certificate: str
    storage: str
    storage_en: str
    origin: bool = False
    gtin: str = ""


@dataclass(frozen=True, slots=True)
class PlantModel:
    """`company`: in whose name its papers are signed."""

    products: tuple[str, ...]
    lots_a_year: float
    prefix: str
    raw: tuple[Raw, ...]
    steps: tuple[StepOf, ...]
    causes: tuple[Cause, ...]
    places: tuple[str, ...] = ()
    company: str = ""
    published: tuple[Published, ...] = ()
    shelf_life_days: int | None = None


def read_plant(pack: str) -> PlantModel:
    """The pack's plant. Raises TypeError for what the grammar does not know, ValueError for a cause that is nowhere."""
    text = dict(read_yaml(pack, "plant.yaml"))
    raw = tuple(Raw(**_tuples(one)) for one in text.pop("raw"))
    steps = tuple(StepOf(**_tuples(one)) for one in text.pop("steps"))
    causes = tuple(Cause(**one) for one in text.pop("causes"))
    published = tuple(Published(**one) for one in text.pop("published", ()))
    known = {(reading["step"], reading["name"]) for step in steps for reading in step.readings}
    for step in steps:
        unknown = set(step.series.get("of", ())) - {one["name"] for one in step.readings}
        if unknown or (step.series and set(step.series) != {"hours", "every", "of"}):
            raise ValueError(f"{pack}/plant.yaml: series of {step.name or step.kind}: {sorted(unknown)}")
    for cause in causes:
        found = (cause.step, cause.reading) in known or any(
            one.code == cause.raw and one.newcomer for one in raw
        )
        if not found:
            raise ValueError(
                f"{pack}/plant.yaml: the cause “{cause.defect}” is in no step and no raw material"
            )
    return PlantModel(
        products=tuple(text.pop("products")), places=tuple(text.pop("places", ())), raw=raw, steps=steps, causes=causes,
        published=published, **text
    )  # fmt: skip


def _tuples(one: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in one.items()}
