"""Text as a search index takes it: words in lower case, Chinese as overlapping pairs. Pure.

Neither SQLite's nor PostgreSQL's own splitting can find two characters inside a Chinese name. A run of Chinese
characters is therefore indexed as its pairs, each at a position of its own, and its last character once more, so that
a phrase of pairs is found exactly where the text holds that run of characters.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_CHINESE = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_CHINESE}]+|[^\W_{_CHINESE}]+")
_IS_CHINESE = re.compile(rf"[{_CHINESE}]")


def runs(text: str) -> list[str]:
    """The text's runs of Chinese characters and of other letters and digits, full width made half, in lower case."""
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def is_chinese(run: str) -> bool:
    return bool(_IS_CHINESE.match(run))


def index_words(text: str) -> list[str]:
    """What is indexed for a text, in order: 三木ABC gives 三木, 木, abc."""
    words: list[str] = []
    for run in runs(text):
        if is_chinese(run):
            words += [run[at : at + 2] for at in range(len(run))]
        else:
            words.append(run)
    return words


def index_text(text: str) -> str:
    return " ".join(index_words(text))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand next to each other; of the last one only the beginning where `is_prefix`."""

    words: tuple[str, ...]
    is_prefix: bool


def phrases(query: str) -> list[Phrase]:
    """What a typed query asks for: a phrase for each part between blanks; all of them must be found.

    The last word of a part counts from its beginning when it is Latin or a single character, so that codes and names
    are found while they are being typed.
    """
    found = []
    for part in unicodedata.normalize("NFKC", query).split():
        words: list[str] = []
        pieces = runs(part)
        is_prefix = False
        for place, run in enumerate(pieces):
            is_last = place == len(pieces) - 1
            if not is_chinese(run):
                words.append(run)
                is_prefix = is_last
            elif is_last:
                words += [run[at : at + 2] for at in range(len(run) - 1)] or [run]
                is_prefix = len(run) == 1
            else:
                words += [run[at : at + 2] for at in range(len(run))]
        if words:
            found.append(Phrase(tuple(words), is_prefix))
    return found
