"""What a record may refer to, by kind: a product, an order, a lot. Rooms register how their own is found by what people type.

A reference is the kind and a key text; the thing itself need not be known here yet, as a lot of a plant whose data come
later. `find` answers for one actor and one customer, so that nobody learns of another customer's orders by typing numbers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.kernel.actor import Actor

MOST_KEY = 80
Find = Callable[[Actor, str, int], str | None]
"""actor, typed text, the customer's key → the key of what is meant, or None."""
Urls = Callable[[Actor, Iterable[str], int], Mapping[str, str]]
"""actor, keys, the customer's key → addresses of those that the actor may see."""


@dataclass(frozen=True)
class ReferenceKind:
    """`words`: what people write before a colon to name the kind. Without `find` any text is taken as it is; with `is_open` also
    one that is named and not found."""

    name: str
    label: Any
    words: tuple[str, ...] = ()
    order: int = 50
    find: Find | None = None
    urls: Urls | None = None
    is_open: bool = False


_kinds: dict[str, ReferenceKind] = {}


def register_reference_kind(kind: ReferenceKind) -> None:
    """A kind that can be found takes the place of the plain one of that name; two that can be found are a mistake."""
    known = _kinds.get(kind.name)
    if known is not None and known.find is not None:
        if kind.find is not None:
            raise ValueError(f"reference kind {kind.name} is registered twice")
        return
    _kinds[kind.name] = kind


def reference_kinds() -> list[ReferenceKind]:
    return sorted(_kinds.values(), key=lambda one: (one.order, one.name))


def reference_kind(name: str) -> ReferenceKind | None:
    return _kinds.get(name)


def tidy_key(text: str) -> str:
    """A key as it is kept and compared: half width, upper case, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip().upper()[:MOST_KEY]
