"""A field that can be imported, and how headings are compared with the words for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.customers.matching.characters import fold
from bihuan.integration.reading.text import key

_PUNCTUATION = re.compile(r"[\s_\-·.．:：*★#№\"'“”‘’/\\,，、!?？]+")
_UNIT = re.compile(r"[(\[【<]([^()\[\]【】<>]*)[)\]】>]")


def header_key(text: str) -> str:
    """A header as it is compared: `Invoice No.` and `invoice_no` are both `invoiceno`, 數量 and 数量 are one."""
    return _PUNCTUATION.sub("", fold(key(text)))


def without_unit(text: str) -> tuple[str, str]:
    """`金额（万元）` becomes `金额` and `万元`."""
    narrow_text = fold(key(text))
    found = _UNIT.search(narrow_text)
    return (_UNIT.sub("", narrow_text), found[1].strip()) if found else (narrow_text, "")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `type`: text, code, date, moment, number, flag, choice, list."""

    name: str
    type: str
    words: tuple[str, ...]
    required: bool = False
    limit: int = 0
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return (header_key(self.name), *map(header_key, self.words))
