"""The industry's words on every page: a small catalogue laid over the translations.

Pages say “Customer”; with the steel pack a reader of Chinese sees 用户 there instead of 客户. Only what names a thing is
renamed (menu, headings, columns, fields), by the texts below; whole sentences keep the product's own words. So no room
has to know of packs, and switching back leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.utils.translation import get_language, trans_real

from bihuan.kernel.pages.labels import traditional

from .pack import PACKS, Words, read_words
from .queries import installed_pack_name

LANGUAGES = ("zh-hans", "zh-hant", "en")

# term → (texts that are the word itself: one, many), (labels that contain it)
NAMES: dict[str, tuple[tuple[str, str], tuple[str, ...]]] = {
    "customer": (
        ("Customer", "Customers"),
        ("New customer", "My customers", "Find the customer", "Hand over", "Hand over customers", "No customers yet",
         "Customers now", "Customers with a value"),
    ),
    "product": (("Product", "Products"), ("No products yet",)),
    "grade": (("Grade", ""), ()),
    "order": (("Order", "Orders"), ("No orders yet", "No orders yet.", "Orders, lifetime")),
    "order_line": (("Order line", "Order lines"), ()),
    "tier": (("Tier", "Tiers"), ("Why this tier",)),
    "volume": (("", ""), ("Volume, 12 months", "Volume trend, 6 months")),
    "owner_a": (("Owner A", ""), ("Set owner A",)),
    "industry": (("Industry", ""), ()),
    "owner_b": (("Owner B", ""), ("Set owner B", "As owner B")),
}  # fmt: skip
# The product's own words inside those labels, where they are not the translation of the word itself.
OWN_WORDS = {"volume": {"zh-hans": "采购量", "zh-hant": "採購量", "en": "Volume"}}


def in_words(words: Words, language: str, many: bool = False) -> str:
    if language == "en":
        one = words.get("en", "")
        return words.get("en-many", f"{one}s") if many else one
    simplified = words.get("zh-Hans", "")
    return words.get("zh-Hant") or traditional(simplified) if language == "zh-hant" else simplified


def overlay(pack: str, language: str, own: Mapping[str, str]) -> dict[str, str]:
    """What the pack says instead, by text. `own` gives the product's translation of a text in that language."""
    found: dict[str, str] = {}
    for term, words in read_words(pack).items():
        (one, many), labels = NAMES.get(term, (("", ""), ()))
        for text, is_many in ((one, False), (many, True)):
            if text and (word := in_words(words, language, is_many)):
                found[text] = word
        for label in labels:
            said = own[label]
            for before, after in replacements(term, words, language, own):
                if before in said:
                    found[label] = said.replace(before, after)
                    break
    return found


def replacements(term: str, words: Words, language: str, own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Pairs of a word as the product says it and as the pack does, the longer ones first."""
    (one, many), _labels = NAMES[term]
    for text, is_many in ((many, True), (one, False)):
        before = own[text] if text else OWN_WORDS.get(term, {}).get(language, "")
        after = in_words(words, language, is_many and bool(text))
        if not before or not after:
            continue
        yield before, after
        if language == "en":
            yield before[0].lower() + before[1:], after[0].lower() + after[1:]


class Overlay(dict[Any, Any]):
    """The dictionary that was laid over one language; `pack` says whose words are in it."""

    pack: str | None = None


class OwnWords(Mapping[str, str]):
    """What the product itself says in a language, whatever pack lies over it."""

    def __init__(self, language: str) -> None:
        self.catalogs = [one for one in catalogs_of(language) if not isinstance(one, Overlay)]

    def __getitem__(self, text: str) -> str:
        for one in self.catalogs:
            said = one.get(text) or one.get((text, 0))
            if said:
                return str(said)
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def catalogs_of(language: str) -> list[dict[Any, Any]]:
    found: list[dict[Any, Any]] = catalogue_of(language)._catalogs
    return found


def catalogue_of(language: str) -> Any:
    translation: Any = trans_real.translation(language)
    return translation._catalog


def speak_the_industrys_words() -> None:
    """Lay the installed pack's words over the reader's language; costs next to nothing where they lie there already."""
    name = installed_pack_name()
    lay_over((get_language() or "zh-hans").lower(), name if name in PACKS else None)


def speak_plainly() -> None:
    """Take the industry's words away again."""
    for language in LANGUAGES:
        lay_over(language, None)


def lay_over(language: str, pack: str | None) -> None:
    catalogs = catalogs_of(language)
    lying = catalogs[0] if catalogs and isinstance(catalogs[0], Overlay) else None
    if lying is None:
        if pack is None:
            return
        lying = Overlay()
        plurals = catalogue_of(language)._plurals
        plurals.insert(0, plurals[0])  # each catalogue has its rule beside it
        catalogs.insert(0, lying)
    if lying.pack != pack:
        words = {} if pack is None else overlaid(pack, language)
        lying.clear()
        lying.update(words)
        lying.pack = pack


@cache
def overlaid(pack: str, language: str) -> dict[str, str]:
    return overlay(pack, language, OwnWords(language))
