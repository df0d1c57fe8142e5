"""Words that are data: labels in several languages, and units."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

_traditional: dict[str, str] = {}


def in_language(words: Mapping[str, str] | str | None) -> str:
    """The text for the reader, of `{"zh-Hans": …, "zh-Hant": …, "en": …}`; what is missing is read in another language.

    Traditional characters are written from the simplified ones unless given. A plain text is in no language.
    """
    if not words:
        return ""
    if isinstance(words, str):
        return words
    language = (get_language() or "zh-hans").lower()
    if language.startswith("en"):
        order = ["en", "zh-Hans"]
    elif language == "zh-hant":
        if not words.get("zh-Hant") and words.get("zh-Hans"):
            return traditional(words["zh-Hans"])
        order = ["zh-Hant", "en"]
    else:
        order = ["zh-Hans", "en"]
    return next((words[one] for one in order if words.get(one)), "")


def traditional(text: str) -> str:
    """Simplified characters as traditional ones, by phrases; each text is converted once a process."""
    if text not in _traditional:
        # Only readers of traditional characters pay for its tables.
        from opencc import OpenCC

        _traditional[text] = OpenCC("s2t").convert(text)
    return _traditional[text]


def said_unit(code: str) -> str:
    """A unit of goods in the reader's words; one that is a company's own stands as it is."""
    known = {
        "t": _("t"),
        "kg": _("kg"),
        "pcs": _("pcs"),
        "L": _("L"),
        "m": _("m"),
        "m2": _("m²"),
        "m3": _("m³"),
    }
    return known.get(code, code)
