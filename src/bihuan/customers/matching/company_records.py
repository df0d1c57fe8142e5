"""The compared columns of companies, and the keys under which candidates meet."""

from collections import Counter
from collections.abc import Iterable, Mapping

import pyarrow as pa

from . import normalise as n
from .columns import guess_columns
from .company_names import CompanyName
from .records import Table, _column, identities, size_of

# A key under which more records meet than this says too little; it is narrowed by the place or left out.
_CROWD = 300

COMPANY_COLUMNS = (
    "full", "core", "full_sound", "core_sound", "stem", "business", "place", "form", "branch", "code", "phone", "phone_tail",
    "address", "address_place", "contact", "email", "is_group",
)  # fmt: skip


def _without_one(sound: str) -> set[str]:
    return {sound[:at] + sound[at + 1 :] for at in range(len(sound))}


def _keys(parts: CompanyName, core: str, full: str) -> set[str]:
    """Whole names, and names with one syllable left out: two names with one slip between them share a key.

    A slip is a character wrong, missing, too many, or two in the other order.
    """
    found = {"=" + core} if len(core) >= 2 else set()
    if full != core:
        found.add("=" + full)
    if not parts.core.isascii():
        for sound in {core, full}:
            if len(sound) >= 4:
                found |= _without_one(sound)
            if len(sound) >= 3:
                found.add(sound)
    else:
        words = parts.core.split()
        if len(words) > 1:
            found |= {" ".join(words[:at] + words[at + 1 :]) for at in range(len(words)) if len(words) > 2}
            found.add(" ".join(sorted(words)))
        joined = "".join(words)
        if len(joined) >= 6:
            found |= {joined[:6], joined[-6:], joined}
    return found


def _narrow(keys: list[set[str]], places: list[str]) -> list[list[str]]:
    """Crowded keys are used together with the province only."""
    crowd = Counter(key for own in keys for key in own)
    narrowed: list[list[str]] = []
    for own, place in zip(keys, places, strict=True):
        kept = []
        for key in own:
            if crowd[key] == 1:
                continue
            if crowd[key] <= _CROWD or key[0] == "=":
                kept.append(key)
            elif place:
                kept.append(key + "@" + place[:2])
        narrowed.append(kept)
    return narrowed


def company_columns(
    names: Iterable[str], codes: Iterable[str], phones: Iterable[str], addresses: Iterable[str], regions: Iterable[str],
    contacts: Iterable[str], emails: Iterable[str],
) -> dict[str, list[str]]:  # fmt: skip
    """The compared values of companies, "" where there is none."""
    parsed = n.parse_companies(names)
    phone_keys = [n.phone_key(phone) for phone in phones]
    address_keys, address_places = [], []
    for address, region in zip(addresses, regions, strict=True):
        address_keys.append(n.address_key(address))
        address_places.append(n.region_key(address) or n.region_key(region))
    return {
        "full": [p.full for p in parsed],
        "core": [p.core for p in parsed],
        "full_sound": [n.name_sound(p.full) for p in parsed],
        "core_sound": [n.name_sound(p.core) for p in parsed],
        "stem": [p.stem for p in parsed],
        "business": [p.business for p in parsed],
        "place": [p.place for p in parsed],
        "form": [p.form for p in parsed],
        "branch": [n.name_sound(p.branch) for p in parsed],
        "code": [n.credit_code_key(code) for code in codes],
        "phone": phone_keys,
        "phone_tail": [phone[-8:] if len(phone) >= 7 else "" for phone in phone_keys],
        "address": address_keys,
        "address_place": address_places,
        "contact": [n.person_name_key(contact) for contact in contacts],
        "email": [n.email_key(email) for email in emails],
        "is_group": ["1" if p.group else "" for p in parsed],
    }  # fmt: skip


def company_records(
    table: Table, mapping: Mapping[str, str] | None, first_id: int
) -> tuple[pa.Table, list[str]]:
    """The compared columns of companies (missing values are null, except of the name's parts) and the records' ids."""
    columns = guess_columns(table, "company", mapping)
    size = size_of(table)
    roles = [
        _column(table, columns, role, size)
        for role in ("name", "credit_code", "phone", "address", "region", "contact", "email")
    ]
    made = company_columns(*roles)
    arrays = {"unique_id": pa.array(range(first_id, first_id + size), pa.int64())}
    arrays |= {
        name: pa.array([value or None for value in made[name]], pa.string()) for name in COMPANY_COLUMNS
    }
    return pa.table(arrays), identities(table, columns)


def with_keys(tables: list[pa.Table], names: list[list[CompanyName]] | None = None) -> list[pa.Table]:
    """Add the column `keys`, with crowds counted over all tables together."""
    cores = [value or "" for table in tables for value in table["core"].to_pylist()]
    core_sounds = [value or "" for table in tables for value in table["core_sound"].to_pylist()]
    full_sounds = [value or "" for table in tables for value in table["full_sound"].to_pylist()]
    places = [value or "" for table in tables for value in table["place"].to_pylist()]
    blank = CompanyName("", "", "", "", "", "", False, "")
    keys = [
        _keys(blank._replace(core=core), sound, full)
        for core, sound, full in zip(cores, core_sounds, full_sounds, strict=True)
    ]
    narrowed = _narrow(keys, places)
    made, at = [], 0
    for table in tables:
        own = narrowed[at : at + table.num_rows]
        at += table.num_rows
        made.append(table.append_column("keys", pa.array(own, pa.list_(pa.string()))))
    return made
