"""What a token can be for. A scope is a set of rights; a token's actor has those of them that its person has, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import load_pages

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class TokenScope:
    """`rights`: (object, action) of the access table."""

    name: str
    label: str | _StrPromise
    rights: frozenset[tuple[str, str]]


_scopes: dict[str, TokenScope] = {}


def register_scope(name: str, label: str | _StrPromise, rights: Iterable[tuple[str, str]]) -> None:
    """Done by the room whose views ask for it."""
    _scopes[name] = TokenScope(name, label, frozenset(rights))


def known_scopes() -> dict[str, TokenScope]:
    load_pages()  # rooms name theirs with their panels
    return dict(_scopes)


def within(actor: Actor, scopes: Iterable[str]) -> Actor:
    """The actor with those rights alone that the scopes name. One that is not known any more gives nothing."""
    known = known_scopes()
    rights = {right for name in scopes if name in known for right in known[name].rights}
    return replace(actor, grants={key: grant for key, grant in actor.grants.items() if key in rights})
