"""A small company in which every field of every record holds a value found nowhere else.

For each post there is one person, and three customers stand to that person as own, team's and another's. Whatever
has a customer exists once for each of them. `Planted` is one value in one field of one record.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models

from bihuan.kernel.actor import SYSTEM, FieldClass, Scope
from bihuan.kernel.fields import FixedField
from bihuan.kernel.pages.registry import load_pages
from bihuan.kernel.records import RecordSpec, records
from bihuan.people import services
from bihuan.people.access_table import ROLES
from bihuan.people.models import Team, User

# Each post is asked at every door. Logistics has the very rights of production (see the access table's own tests) and nothing
# in the program asks for it by another name, so that it would be asked twice.
POSTS = tuple(role for role in ROLES if role != "logistics")
# Planted on the one day on which much else happens, which who sees no decision may read elsewhere.
ON_THE_DAY = {("decision", "decided_at"), ("review", "signed_at")}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PHONE = re.compile(r"139\d{8}")
REACH = {"own": Scope.OWN, "team": Scope.TEAM, "other": Scope.ALL}


@dataclass(frozen=True)
class Planted:
    """A value in a field of a record. `owner` and `team`: whose record it is, "" for nobody's."""

    object: str
    field: str
    field_class: FieldClass
    text: str
    record: int
    owner: str = ""
    team: str = ""

    def needed(self, role: str) -> Scope:
        """The scope that somebody of that post needs to reach the record."""
        if self.owner == role:
            return Scope.OWN
        return Scope.TEAM if self.team == "east" else Scope.ALL


@dataclass
class World:
    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    rows: dict[tuple[str, str], Any] = field(default_factory=dict)  # (object, whose) → row
    planted: list[Planted] = field(default_factory=list)
    indistinct: set[tuple[str, str]] = field(default_factory=set)
    count: int = 0

    # Those below are for when all is planted.
    def found_in(self, text: str) -> list[str]:
        """The planted values that stand in a text, in the order of planting.

        Thousands of values are looked for in thousands of pages: only those are whose first letters are there.
        """
        length, starts, beginnings = self.beginnings
        seen = {text[one.start() : one.start() + length] for one in starts.finditer(text)}
        likely = sorted(one for head in seen & beginnings.keys() for one in beginnings[head])
        return [value for _number, value in likely if value in text]

    @cached_property
    def beginnings(self) -> tuple[int, re.Pattern[str], dict[str, list[tuple[int, str]]]]:
        """As many first letters as the shortest value has; what a value may begin with; the values by them."""
        length = min(map(len, self.by_text))
        found: dict[str, list[tuple[int, str]]] = {}
        for number, value in enumerate(self.by_text):
            found.setdefault(value[:length], []).append((number, value))
        first = "".join(sorted({one[0] for one in found}))
        return length, re.compile(f"[{re.escape(first)}]"), found

    @cached_property
    def by_text(self) -> dict[str, list[Planted]]:
        found: dict[str, list[Planted]] = {}
        for one in self.planted:
            found.setdefault(one.text, []).append(one)
        return found

    @cached_property
    def by_object(self) -> dict[str, list[Planted]]:
        found: dict[str, list[Planted]] = {}
        for one in self.planted:
            found.setdefault(one.object, []).append(one)
        return found

    def row(self, object_name: str, role: str, relation: str) -> Any | None:
        """The record that stands to the person of that post as `relation`: own, team or other."""
        whose = role if relation == "own" else relation
        return self.rows.get((object_name, whose)) or self.rows.get((object_name, "any"))


def load_records() -> dict[str, RecordSpec]:
    for config in apps.get_app_configs():
        for module in (f"{config.name}.access", f"{config.name}.records"):
            if (
                module.startswith("bihuan.")
                and module != "bihuan.kernel.records"
                and importlib.util.find_spec(module)
            ):
                importlib.import_module(module)
    load_pages()
    return records


class Filler:
    """Makes values that are found nowhere else."""

    def __init__(self, world: World) -> None:
        self.world = world

    def number(self) -> int:
        self.world.count += 1
        return self.world.count

    def word(self) -> str:
        return f"zq{self.number():05d}w"

    def fill(self, row: models.Model, given: dict[str, Any]) -> models.Model:
        for one in row._meta.concrete_fields:
            if one.attname in given or one.name in given:
                setattr(row, one.name, given.get(one.name, given.get(one.attname)))
            elif not one.primary_key and not one.is_relation:
                value = self.value(one)
                if value is not None:
                    setattr(row, one.attname, value)
        return row

    def value(self, one: models.Field[Any, Any]) -> Any:
        if one.choices:
            return one.get_default() if one.has_default() else one.choices[0][0]
        if isinstance(one, FixedField):
            return Decimal(8_100_003 + 7919 * self.number())
        if isinstance(one, models.EmailField):
            return f"{self.word()}@example.com"
        if isinstance(one, models.CharField | models.TextField):
            return self.word() if (one.max_length or 99) >= 10 else one.get_default()
        if isinstance(one, models.DateTimeField):
            return NOON - timedelta(days=400 + self.number())
        if isinstance(one, models.DateField):
            return date(1991, 1, 1) + timedelta(days=self.number())
        if isinstance(one, models.BooleanField | models.JSONField):
            return one.get_default() if one.has_default() else None
        if isinstance(one, models.PositiveSmallIntegerField | models.DecimalField):
            return one.get_default() if one.has_default() else None
        if isinstance(one, models.IntegerField):
            return (
                one.get_default()
                if one.name in ("version", "import_id")
                else 8_100_003 + 7919 * self.number()
            )
        return None


def build_world() -> World:
    load_records()
    world = World()
    world.teams["top"] = services.create_team(actor=SYSTEM, name="zqteamtop", now=NOON)
    world.teams["east"] = services.create_team(
        actor=SYSTEM, name="zqteameast", parent=world.teams["top"], now=NOON
    )
    world.teams["shanghai"] = services.create_team(
        actor=SYSTEM, name="zqteamshanghai", parent=world.teams["east"], now=NOON
    )
    world.teams["north"] = services.create_team(actor=SYSTEM, name="zqteamnorth", now=NOON)
    world.teams["west"] = services.create_team(actor=SYSTEM, name="zqteamwest", now=NOON)
    for role in POSTS:
        world.people[role] = services.create_user(
            actor=SYSTEM,
            username=f"zq{role}",
            name=f"Zq {role}",
            roles=[role],
            team=world.teams["east"],
            now=NOON,
        )
    for name in ("mate", "clerk", "stranger", "outsider"):
        world.people[name] = services.create_user(
            actor=SYSTEM,
            username=f"zqsignin{name}",
            name=f"zqname{name}",
            phone=f"zqphone{name}",
            email=f"zqmail{name}@example.com",
            roles=[],
            team=world.teams["north" if name in ("stranger", "outsider") else "east"],
            now=NOON,
        )
    plant_records(world)
    return world


def plant_records(world: World) -> None:
    """One of each record for each customer; of what belongs to no customer, one."""
    from .company import plant_company
    from .exchange import plant_captures

    plant_company(world, Filler(world))
    plant_captures(world, Filler(world))
    spread(world)


def spread(world: World) -> None:
    """Read back what stands in each declared field of each record: those are the planted values."""
    from .dispatch import OF_THE_TEAM

    found: list[Planted] = []
    for (object_name, whose), row in world.rows.items():
        spec = records.get(object_name)
        if spec is None:
            continue
        sources = [one.source for one in spec.fields]
        values = spec.model._default_manager.filter(pk=row.pk).values_list(*sources).get()
        owner = whose if whose in world.people else ""
        for one, value in zip(spec.fields, values, strict=True):
            text = as_shown(value)
            if text is None or (object_name, one.name) in ON_THE_DAY:
                world.indistinct.add((object_name, one.name))
                continue
            # An import is its starter's, a visit its technician's, and all the posts' persons are of one team.
            in_team = object_name in ("import", "epcis_capture") or object_name in OF_THE_TEAM
            team = "east" if whose == "team" or (in_team and owner) else ""
            found.append(Planted(object_name, one.name, one.field_class, text, row.pk, owner, team))
    world.planted += found


def as_shown(value: Any) -> str | None:
    """The part of a value that every door writes the same way, or nothing when it has none that is unmistakable."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | Decimal):
        return str(int(value)) if value >= 1_000_000 else None
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return text if (text.startswith("zq") and len(text) >= 8) or PHONE.fullmatch(text) else None
