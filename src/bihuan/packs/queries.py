"""Reading what the installed pack says: its words, its targets."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from bihuan.kernel.settings_store import get_setting

from .pack import PACKS, Pack, read_pack

PACK = "pack"
KPI_TARGETS = "packs.kpi_targets"
KEPT_SECONDS = 30.0
_kept: tuple[float, str | None] = (float("-inf"), None)


def installed_pack_name() -> str | None:
    """The pack in force; None before the first. A process asks the database at most twice a minute."""
    global _kept
    at, name = _kept
    if time.monotonic() - at > KEPT_SECONDS or name is None:
        name = get_setting(PACK)
        _kept = (time.monotonic(), name)
    return name


def forget_installed_pack() -> None:
    global _kept
    _kept = (float("-inf"), None)


def installed_pack() -> Pack | None:
    name = installed_pack_name()
    return read_pack(name) if name in PACKS else None


def vocabulary() -> Mapping[str, str]:
    """The pack's words in the present language, by term: what it calls a customer, a quantity, an agreement."""
    pack = installed_pack()
    return {} if pack is None else {term: in_language(words) for term, words in pack.vocabulary.items()}


def term(name: str) -> str:
    """One word of the pack, in the reader's language; the term's own name where the pack has none."""
    pack = installed_pack()
    words = pack.vocabulary.get(name) if pack else None
    return in_language(words) if words else name.replace("_", " ")


def fact_label(name: str) -> str:
    """What a structured fact is called; its own name where the pack does not say."""
    pack = installed_pack()
    words = pack.facts.get(name) if pack else None
    return in_language(words) if words else name


def unit_label(code: str) -> str:
    """What a unit of goods is called in the reader's language: t is 吨."""
    pack = installed_pack()
    words = pack.units.get(code) if pack else None
    return in_language(words) if words else code


def in_language(words: Mapping[str, str]) -> str:
    """The text for the reader; traditional characters are written from the simplified ones unless given."""
    language = (get_language() or "zh-hans").lower()
    if language.startswith("en"):
        return words.get("en") or words.get("zh-Hans", "")
    if language == "zh-hant":
        return words.get("zh-Hant") or traditional(words.get("zh-Hans", ""))
    return words.get("zh-Hans") or words.get("en", "")


_traditional: dict[str, str] = {}


def traditional(text: str) -> str:
    if text not in _traditional:
        from opencc import OpenCC

        _traditional[text] = OpenCC("s2t").convert(text)
    return _traditional[text]


def kpi_targets() -> list[dict[str, Any]]:
    """The targets of the installed pack, as the company changed them."""
    found: list[dict[str, Any]] = get_setting(KPI_TARGETS, [])
    return found
