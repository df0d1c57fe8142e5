"""New customers as rows, with what is derived from their names, and a warning where one looks like another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any

from bihuan.customers.matching.normalise import key_pinyin, name_keys, phone_key, pinyin_initials
from bihuan.customers.search import reindex_customers
from bihuan.integration.importing.store import Store, rows_where
from bihuan.integration.importing.tables import CUSTOMERS

CHUNK = 2000
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
    """Adds customers as one set; `look_alikes` are those whose name or phone somebody else has already."""

    def __init__(self, store: Store, now: str, owner_id: int | None, keys: dict[str, str]) -> None:
        self.store = store
        self.now = now
        self.owner_id = owner_id
        self.keys = keys  # shortened names that were worked out already
        self.look_alikes: list[str] = []
        self._names: set[str] = set()
        self._phones: set[str] = set()

    def create(self, made: Sequence[dict[str, Any]]) -> Sequence[int]:
        """Insert customers given as fields; what is not given has its default. Returns their ids in order."""
        ids = self.store.ids(CUSTOMERS, len(made))
        if not made:
            return ids
        phones = [phone_key(one["phone"])[:40] if one.get("phone") else "" for one in made]
        self._compare(made, phones)
        if not self.store.dry:
            for chunk in batched(zip(ids, made, phones, strict=True), CHUNK):
                self.store.insert(CUSTOMERS, [self._row(*one) for one in chunk])
                reindex_customers([one[0] for one in chunk])
        return ids

    def _row(self, row_id: int, one: dict[str, Any], phone: str) -> list[Any]:
        values = _DEFAULTS | {name: value for name, value in one.items() if value is not None}
        key = self.keys[one["name"]]
        values |= {"name_key": key[:200], "pinyin": key_pinyin(key)[:400], "phone_key": phone}
        values |= {
            "initials": pinyin_initials(one["name"])[:80],
            "id": row_id,
            "import_id": self.store.import_id,
        }
        values |= {"created_at": self.now, "updated_at": self.now}
        values.setdefault("owner_a_id", self.owner_id)
        return list(map(values.get, CUSTOMERS.columns))

    def _compare(self, made: Sequence[dict[str, Any]], phones: list[str]) -> None:
        """Note new customers whose shortened name or phone is known. A number is nobody's name."""
        missing = [one["name"] for one in made if one["name"] not in self.keys]
        self.keys.update(zip(missing, name_keys(missing), strict=True))
        words = ["" if one["name"] == one.get("external_id") else self.keys[one["name"]] for one in made]
        taken_names = self._names | _known("name_key", words)
        taken_phones = self._phones | _known("phone_key", phones)
        for one, word, phone in zip(made, words, phones, strict=True):
            if (word and word in taken_names) or (phone and phone in taken_phones):
                self.look_alikes.append(one["name"])
            taken_names.add(word)
            taken_phones.add(phone)
        self._names.update(words)
        self._phones.update(phones)

    def notices(self) -> list[dict[str, Any]]:
        """The warning, if there is one."""
        if not self.look_alikes:
            return []
        return [
            {"code": "possible_duplicate", "count": len(self.look_alikes), "examples": self.look_alikes[:5]}
        ]


def _known(column: str, values: Iterable[str]) -> set[str]:
    wanted = {one for one in values if one}
    return {one for (one,) in rows_where(f"SELECT DISTINCT {column} FROM customers_customer", column, wanted)}
