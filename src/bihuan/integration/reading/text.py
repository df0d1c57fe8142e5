"""Cleaning of cell text: blanks in all their disguises, full-width forms, spreadsheet leftovers."""

from __future__ import annotations

import re
import unicodedata

# Words that people write where nothing is known. Compared after cleaning and case folding.
BLANK_WORDS = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "/",
        "\\",
        "n/a",
        "#n/a",
        "null",
        "(null)",
        "nil",
        "\\n",
        "nan",
        "<na>",
    }
    | {"空", "(空)", "(空白)", "空白", "无", "暂无", "無", "暫無", "没有", "不详"}
)
# In numbers and dates also these, which in a text may be a code or a name (NA is Namibia).
BLANK_VALUES = BLANK_WORDS | {"na", "none", "none.", "tbd", "待定", "未定", "?", "？", "."}

FORMULA_ERRORS = frozenset(
    {"#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#getting_data", "#spill!"}
)

_ENTITIES = re.compile(r"&(?:nbsp|ensp|emsp|thinsp|#160|#xa0|#xA0);?")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_SPACES = re.compile(r"\s+")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_TEXT_FORMULA = re.compile(r'^="([^"]*)"$')


def clean(raw: str) -> str:
    """One line of visible text: entities and odd spaces become spaces, invisible marks go, ends are trimmed."""
    if raw.isascii() and "&" not in raw and raw.isprintable():
        return raw.strip() if "  " not in raw else _SPACES.sub(" ", raw).strip()
    text = _ENTITIES.sub(" ", raw) if "&" in raw else raw
    text = _INVISIBLE.sub("", text)
    text = _CONTROLS.sub("", text)
    return _SPACES.sub(" ", text).strip()


def narrow(raw: str) -> str:
    """Cleaned text in its narrow compatibility form: １２３ becomes 123, （ becomes (."""
    text = clean(raw)
    return text if text.isascii() else _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def key(raw: str) -> str:
    """The form in which words are compared: narrow and case-folded, every other character kept.

    Never a slug: a slug drops what it cannot spell, and two Chinese words would become the same nothing.
    """
    return narrow(raw).casefold()


def is_blank(raw: str) -> bool:
    """Whether a text cell says nothing."""
    return not raw or key(raw) in BLANK_WORDS


def unwrap(text: str) -> str:
    """Codes as spreadsheets protect them: `="00123"` and `'00123` mean 00123."""
    wrapped = _TEXT_FORMULA.match(text)
    if wrapped:
        return wrapped[1].strip()
    if text.startswith("'") and len(text) > 1 and not text.endswith("'"):
        return text[1:].strip()
    return text
