"""Tags on imported customers, by their exact words: a tag's code is its label, never a slug of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bihuan.integration.importing.store import Store, rows_where
from bihuan.integration.importing.tables import CUSTOMER_TAGS, TAGS
from bihuan.integration.reading.text import key

LIMIT = 60


class TagLinks:
    """Knows which customer has which tag; adds what is missing, takes nothing away."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tags: dict[str, int] = {}
        self.links: set[tuple[int, int]] = set()
        self._asked: set[int] = set()

    def load(self, words: Iterable[str], customers: Iterable[int]) -> None:
        """Fetch the tags of these words, making those that nobody has, and the links of these customers."""
        fresh = {key(word): word for word in words if key(word) not in self.tags}
        if fresh and not self.tags:
            for row_id, code, label in rows_where("SELECT id, code, label FROM customers_tag", "1", [1]):
                self.tags.setdefault(key(label), row_id)
                self.tags.setdefault(key(code), row_id)
        missing = {word: shown for word, shown in fresh.items() if word not in self.tags}
        made = []
        for row_id, (word, shown) in zip(self.store.ids(TAGS, len(missing)), missing.items(), strict=True):
            self.tags[word] = row_id
            made.append((row_id, shown[:LIMIT], shown[:LIMIT], "", "other", ""))
        self.store.insert(TAGS, made)
        self.store.note_made(TAGS, [row[0] for row in made])
        unknown = {one for one in customers if one > 0} - self._asked
        self._asked |= unknown
        for customer, tag in rows_where(
            "SELECT customer_id, tag_id FROM customers_customertag", "customer_id", unknown
        ):
            self.links.add((customer, tag))

    def missing(self, customer: int, words: Iterable[str]) -> list[tuple[int, int]]:
        """Links that the words ask for and the customer does not have."""
        wanted = dict.fromkeys((customer, self.tags[key(word)]) for word in words)
        return [one for one in wanted if one not in self.links]

    def add(self, links: Iterable[tuple[int, int]]) -> None:
        """Write links."""
        fresh = [one for one in dict.fromkeys(links) if one not in self.links]
        ids = self.store.ids(CUSTOMER_TAGS, len(fresh))
        rows: list[tuple[Any, ...]] = [
            (row_id, customer, tag, False) for row_id, (customer, tag) in zip(ids, fresh, strict=True)
        ]
        self.store.insert(CUSTOMER_TAGS, rows)
        self.store.note_made(CUSTOMER_TAGS, list(ids))
        self.links.update(fresh)
