"""Who works in the made company: teams by region, salespeople, one person for each other post."""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from bihuan.people.actors import renew_stamp
from bihuan.people.models import Team, User, UserRole

from .model import Model, places, staff_words
from .plan import Seller

SIGN_INS = "sign-ins.json"
_WORDS = (
    "cedar",
    "river",
    "amber",
    "maple",
    "coral",
    "lotus",
    "ember",
    "cloud",
    "stone",
    "field",
    "crane",
    "tiger",
)


def sign_in_file() -> Path:
    return Path(settings.HOME) / SIGN_INS


def make_staff(model: Model, customers: int, *, now: datetime) -> tuple[tuple[Seller, ...], dict[str, int]]:
    """The salespeople with their teams, and which team has which province. What is there already is kept.

    All of them share one password, by chance unless BIHUAN_DEMO_PASSWORD gives it; it is left, with the names, in the
    home folder's sign-ins.json, readable by its owner only.
    """
    word = staff_words()
    root, _made = Team.objects.get_or_create(name=word["root"])
    teams = {
        name: Team.objects.get_or_create(name=title, defaults={"parent": root})[0]
        for name, title in word["departments"].items()
    }
    regions = [
        Team.objects.get_or_create(name=name, defaults={"parent": teams["sales"]})[0] for name in model.teams
    ]
    wanted = [
        (one["username"], one["name"], one["roles"], teams[one["team"]] if one["team"] else root)
        for one in word["posts"]
    ]
    wanted += [
        (f"manager{at}", f"演示·{team.name}经理", ["manager"], team) for at, team in enumerate(regions, 1)
    ]
    sellers_wanted = min(
        word["most_salespeople"],
        max(word["least_salespeople"], customers // word["customers_per_salesperson"]),
    )
    stems = word["stems"]
    for at in range(sellers_wanted):
        title = stems[at] if at < len(stems) else f"{stems[at % len(stems)]}{at // len(stems) + 1}"
        wanted.append((f"sales{at + 1}", f"演示·销售{title}", ["salesperson"], regions[at % len(regions)]))
    sellers = add_people(wanted, now)
    renew_stamp(now)
    by_province = {
        province: team.pk
        for team, provinces in zip(regions, model.teams.values(), strict=True)
        for province in provinces
    }
    # The team without provinces of its own has all others.
    rest = next(
        (team for team, provinces in zip(regions, model.teams.values(), strict=True) if not provinces),
        regions[-1],
    )
    for place in places():
        by_province.setdefault(place.province, rest.pk)
    return sellers, by_province


def add_people(wanted: list[tuple[str, str, list[str], Team]], now: datetime) -> tuple[Seller, ...]:
    known = {one.username: one for one in User.objects.filter(username__in=[name for name, *_rest in wanted])}
    missing = [one for one in wanted if one[0] not in known]
    if missing:
        password = os.environ.get("BIHUAN_DEMO_PASSWORD") or made_password()
        hashed = make_password(
            password
        )  # one for all: hashing is slow on purpose, and they share the password
        User.objects.bulk_create(
            User(username=username, name=name, team=team, password=hashed, joined_at=now)
            for username, name, _roles, team in missing
        )
        fresh = {one.username: one for one in User.objects.filter(username__in=[one[0] for one in missing])}
        UserRole.objects.bulk_create(
            UserRole(user=fresh[username], role=role)
            for username, _name, roles, _team in missing
            for role in roles
        )
        leaders = {one.team_id: one for one in fresh.values() if one.username.startswith("manager")}
        for one in fresh.values():
            if one.username.startswith("sales"):
                one.deputy = leaders.get(one.team_id)
        User.objects.bulk_update(fresh.values(), ["deputy"])
        keep_sign_ins(missing, password)
        known |= fresh
    return tuple(
        Seller(known[username].pk, team.pk)
        for username, _name, roles, team in wanted
        if "salesperson" in roles
    )


def made_password() -> str:
    """Easy to type, hard to guess: two words and six digits."""
    return f"{secrets.choice(_WORDS)}-{secrets.choice(_WORDS)}-{secrets.randbelow(10**6):06}"


def keep_sign_ins(people: list[tuple[str, str, list[str], Team]], password: str) -> None:
    """One person of each post (two salespeople) is enough to look round."""
    found: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    for username, name, roles, team in people:
        post = roles[0]
        seen[post] = seen.get(post, 0) + 1
        if seen[post] <= (2 if post == "salesperson" else 1):
            found.append({
                "username": username, "password": password, "role": staff_words()["titles"].get(post, post), "name": name, "team": team.name,
            })  # fmt: skip
    mine = {one["username"] for one in found}
    found = [one for one in read_sign_ins() if one["username"] not in mine] + found
    path = sign_in_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(found, stream, ensure_ascii=False, indent=1)


def read_sign_ins() -> list[dict[str, str]]:
    """Who can sign in: username, password, role, name, team; empty where no staff was made."""
    path = sign_in_file()
    if not path.is_file():
        return []
    found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found
