"""New customers as rows, with what is derived from their names, and a warning where one looks like another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any

from bihuan.customers.matching.normalise import (
    credit_code_key,
    key_pinyin,
    name_keys,
    phone_key,
    pinyin_initials,
)
from bihuan.customers.search import reindex_customers
from bihuan.integration.importing.store import Store, rows_where
from bihuan.integration.importing.tables import CUSTOMERS

CHUNK = 2000
COMPARED = ("credit_code", "name_key", "pinyin", "phone_key")
_DEFAULTS: dict[str, Any] = dict.fromkeys(
    (
        "short_name",
        "name_en",
        "credit_code",
        "industry",
        "kind",
        "country",
        "region",
        "city",
        "address",
        "phone",
        "email",
        "website",
        "note",
        "phone_key",
    ),
    "",
) | {"status": "active", "completeness": 0, "version": 1}


class CustomerMaker:
    """Adds customers as one set; `look_alikes` are those who share a credit code, a name, its sound or a phone with somebody
    and whose credit code does not say otherwise."""

    def __init__(self, store: Store, now: str, owner_id: int | None, keys: dict[str, str]) -> None:
        self.store = store
        self.now = now
        self.owner_id = owner_id
        self.keys = keys  # shortened names that were worked out already
        self.look_alikes: list[str] = []
        # By column: value → the credit codes of those that have it, "" for one without.
        self._seen: dict[str, dict[str, set[str]]] = {column: {} for column in COMPARED}

    def create(self, made: Sequence[dict[str, Any]]) -> Sequence[int]:
        """Insert customers given as fields; what is not given has its default. Returns their ids in order."""
        ids = self.store.ids(CUSTOMERS, len(made))
        if not made:
            return ids
        phones = [phone_key(one["phone"])[:40] if one.get("phone") else "" for one in made]
        missing = [one["name"] for one in made if one["name"] not in self.keys]
        self.keys.update(zip(missing, name_keys(missing), strict=True))
        sounds = [key_pinyin(self.keys[one["name"]])[:400] for one in made]
        self._compare(made, phones, sounds)
        if not self.store.dry:
            for chunk in batched(zip(ids, made, phones, sounds, strict=True), CHUNK):
                self.store.insert(CUSTOMERS, [self._row(*one) for one in chunk])
                reindex_customers([one[0] for one in chunk])
        return ids

    def _row(self, row_id: int, one: dict[str, Any], phone: str, sound: str) -> list[Any]:
        values = _DEFAULTS | {name: value for name, value in one.items() if value is not None}
        values |= {"name_key": self.keys[one["name"]][:200], "pinyin": sound, "phone_key": phone}
        values |= {
            "initials": pinyin_initials(one["name"])[:80],
            "id": row_id,
            "import_id": self.store.import_id,
        }
        values |= {"created_at": self.now, "updated_at": self.now}
        values.setdefault("owner_a_id", self.owner_id)
        return list(map(values.get, CUSTOMERS.columns))

    def _compare(self, made: Sequence[dict[str, Any]], phones: list[str], sounds: list[str]) -> None:
        """Note new customers that look like one there is, or an earlier one of the set. A number is nobody's name."""
        is_named = [one["name"] != one.get("external_id") for one in made]
        codes = [credit_code_key(one["credit_code"]) if one.get("credit_code") else "" for one in made]
        words = [self.keys[one["name"]][:200] for one in made]
        by_column = {
            "credit_code": codes,
            "name_key": [word if named else "" for word, named in zip(words, is_named, strict=True)],
            "pinyin": [sound if named else "" for sound, named in zip(sounds, is_named, strict=True)],
            "phone_key": phones,
        }
        known = {column: _known(column, values) for column, values in by_column.items()}
        for at, one in enumerate(made):
            code, is_like = codes[at], False
            for column, values in by_column.items():
                if not (value := values[at]):
                    continue
                mine = self._seen[column].setdefault(value, set())
                others = mine | known[column].get(value, set())
                is_like = is_like or any(not code or other in ("", code) for other in others)
                mine.add(code)
            if is_like:
                self.look_alikes.append(one["name"])

    def notices(self) -> list[dict[str, Any]]:
        """The warning, if there is one."""
        if not self.look_alikes:
            return []
        return [
            {"code": "possible_duplicate", "count": len(self.look_alikes), "examples": self.look_alikes[:5]}
        ]


def _known(column: str, values: Iterable[str]) -> dict[str, set[str]]:
    """By value of a column, the credit codes of the customers that have it."""
    wanted = {one for one in values if one}
    found: dict[str, set[str]] = {}
    select = f"SELECT {column}, credit_code FROM customers_customer"
    for value, code in rows_where(select, column, wanted):
        found.setdefault(value, set()).add(code or "")
    return found
