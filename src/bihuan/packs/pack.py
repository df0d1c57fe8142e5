"""An industry pack as it lies on disk: a folder of YAML. Reading it touches neither database nor clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from bihuan.kernel.console import CommandRefused
from bihuan.policy import load_document

DATA = Path(__file__).with_name("data")
PACKS = ("sulfuric_acid", "daily_chemical", "steel", "terpene", "building_materials")
Words = Mapping[str, str]
"""Text by language: zh-Hans and en."""


@dataclass(frozen=True, slots=True)
class TagWord:
    code: str
    label: str
    label_en: str
    group: str
    colour: str
    by_hand: bool
    """Put on by people; others are put on by the tag policy."""


@dataclass(frozen=True, slots=True)
class CharacteristicWord:
    code: str
    name: str
    name_en: str
    unit: str
    method: str


@dataclass(frozen=True, slots=True)
class LimitWord:
    """A product's limits for a characteristic from a date on; either may be open."""

    characteristic: str
    lower: Decimal | None
    upper: Decimal | None
    valid_from: date


@dataclass(frozen=True, slots=True)
class ProductWord:
    """`list_price` is the middle of the usual range."""

    code: str
    name: str
    name_en: str
    family: str
    grade: str
    unit: str
    list_price: Decimal | None
    description: str
    limits: tuple[LimitWord, ...]


@dataclass(frozen=True)
class Pack:
    name: str
    title: Words
    vocabulary: Mapping[str, Words]
    tags: tuple[TagWord, ...]
    characteristics: tuple[CharacteristicWord, ...]
    products: tuple[ProductWord, ...]
    policies: tuple[Mapping[str, Any], ...]
    kpis: tuple[Mapping[str, Any], ...]
    service: Mapping[str, Any]
    """The document of the service matrix; `bihuan.service.matrix` reads it."""
    dispatch: Mapping[str, Any]
    """What visits need; `bihuan.service.dispatch` reads it."""
    certificates: Mapping[str, Any]
    """How certificates look; `bihuan.quality.certificates.papers` reads it."""
    facts: Mapping[str, Words]
    """What the structured facts that policies read are called, by code."""
    units: Mapping[str, Words]
    factors: Mapping[str, Decimal]
    """How many base units one of each unit is, where there is such a number."""


def check_name(name: str) -> str:
    """The name of a pack that there is; refuses (status 2) any other, listing the five."""
    if name not in PACKS:
        raise CommandRefused(
            _("There is no pack “%(name)s”. Choose one of: %(known)s.")
            % {"name": name, "known": ", ".join(PACKS)},
            status=2,
        )
    return name


def simulation_file(name: str) -> Path:
    return DATA / check_name(name) / "simulation.yaml"


def read_yaml(name: str, file: str) -> Any:
    """A file of the pack, None where it is absent."""
    path = DATA / name / file
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None


def read_policy(name: str, file: str) -> Mapping[str, Any]:
    """A policy's document, read as strictly as any other: exact numbers, no key twice."""
    return load_document((DATA / name / file).read_text(encoding="utf-8"))


def read_service(name: str) -> Mapping[str, Any]:
    """The document of the pack's service matrix, completed by what all packs have in common: sections that it lacks, and
    entries that a section of names and values lacks. Read as strictly as a policy."""
    found = dict(load_document((DATA / "service.yaml").read_text(encoding="utf-8")))
    for section, own in read_policy(name, "service.yaml").items():
        common = found.get(section)
        if isinstance(own, Mapping) and isinstance(common, Mapping):
            found[section] = {**common, **own}
        else:
            found[section] = own
    return found


def words_of(value: Any, otherwise: str = "") -> dict[str, str]:
    if isinstance(value, Mapping):
        return {str(language): str(text) for language, text in value.items()}
    return {"zh-Hans": str(value or otherwise), "en": str(value or otherwise)}


def decimal_or_none(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@cache
def read_pack(name: str) -> Pack:
    """All of a pack. Refuses a name that is none of the five."""
    check_name(name)
    about = read_yaml(name, "pack.yaml") or {}
    goods = read_yaml(name, "products.yaml") or {}
    policies = [read_policy(name, file) for file in about.get("policies", {}).values()]
    tags = next((one for one in policies if one["kind"] == "tag"), {})
    return Pack(
        name=name,
        title=read_title(name),
        vocabulary={term: words_of(text) for term, text in about.get("vocabulary", {}).items()},
        tags=tuple(tag_word(one) for one in tags.get("tags", ())),
        characteristics=characteristics_of(goods),
        products=tuple(product_word(one) for one in goods.get("products", ())),
        policies=tuple(policies),
        kpis=tuple((read_yaml(name, "kpi.yaml") or {}).get("kpis", ())),
        service=read_service(name),
        dispatch=read_policy(name, "dispatch.yaml"),
        certificates=read_policy(name, "certificates.yaml"),
        facts={one["code"]: words_of(one["name"]) for one in about.get("facts", ())},
        units={one["code"]: words_of(one["name"]) for one in about.get("units", ())},
        factors={
            one["code"]: Decimal(str(one["in_base_units"]))
            for one in about.get("units", ())
            if one.get("in_base_units") is not None
        },
    )


@cache
def read_title(name: str) -> Words:
    return words_of((read_yaml(check_name(name), "pack.yaml") or {}).get("title"), name)


@cache
def read_words(name: str) -> Mapping[str, Words]:
    """The vocabulary and the facts' names, by term or fact: what web processes need of a pack."""
    about = read_yaml(check_name(name), "pack.yaml") or {}
    facts = {one["code"]: words_of(one["name"]) for one in about.get("facts", ())}
    return facts | {term: words_of(text) for term, text in about.get("vocabulary", {}).items()}


def tag_word(one: Mapping[str, Any]) -> TagWord:
    label = words_of(one.get("label"))
    return TagWord(
        code=str(one["id"]),
        label=label.get("zh-Hans", ""),
        label_en=label.get("en", ""),
        group=str(one.get("group", "other")),
        colour=str(one.get("colour") or ""),
        by_hand=one.get("when") is None,
    )


def characteristics_of(goods: Mapping[str, Any]) -> tuple[CharacteristicWord, ...]:
    """Each measurable property once, as the first product that names it describes it."""
    found: dict[str, CharacteristicWord] = {}
    for product in goods.get("products", ()):
        for one in product.get("characteristics") or ():
            found.setdefault(str(one["code"]), characteristic_word(one))
    return tuple(found.values())


def characteristic_word(one: Mapping[str, Any]) -> CharacteristicWord:
    name = words_of(one.get("name"))
    return CharacteristicWord(
        code=str(one["code"]),
        name=name.get("zh-Hans", ""),
        name_en=str(one.get("name_en") or name.get("en", "")),
        unit=str(one.get("unit") or ""),
        method=str(one.get("method") or ""),
    )


def product_word(one: Mapping[str, Any]) -> ProductWord:
    name, grade = words_of(one.get("name")), words_of(one.get("grade"))
    price = one.get("price")
    return ProductWord(
        code=str(one["code"]),
        name=name.get("zh-Hans", ""),
        name_en=name.get("en", ""),
        family=words_of(one.get("family")).get("zh-Hans", ""),
        grade=grade.get("zh-Hans", ""),
        unit=str(one.get("unit") or ""),
        list_price=(Decimal(str(price["low"])) + Decimal(str(price["high"]))) / 2 if price else None,
        description=words_of(one.get("description")).get("zh-Hans", ""),
        limits=tuple(
            LimitWord(
                str(limit["code"]),
                decimal_or_none(limit.get("lower")),
                decimal_or_none(limit.get("upper")),
                limit["effective_from"],
            )
            for limit in one.get("characteristics") or ()
        ),
    )
