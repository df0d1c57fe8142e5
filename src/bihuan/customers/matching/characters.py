"""Characters: full width, traditional forms and pinyin, one table look-up a character.

The tables are packaged text, so that a web process compares names without loading OpenCC (traditional to
simplified) or pypinyin (readings); `python -m bihuan.customers.matching.characters` writes them anew from those two
libraries, and a test holds them to each other. A character has one reading here: the commonest, or the one it
has in company names (行 hang, 长 chang). That is right for comparing, where both sides are read the same way.
"""

import csv
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

_FIRST, _LAST = 0x4E00, 0x9FFF

# What a character sounds like in a company's name, where that is not its first dictionary reading.
NAME_READINGS = {"长": "chang", "行": "hang", "会": "hui", "都": "du", "单": "dan", "调": "tiao", "传": "chuan",
                 "藏": "zang", "曾": "zeng", "贾": "jia", "解": "jie", "率": "lv", "宿": "su"}  # fmt: skip
# Words whose characters read differently together.
WORD_READINGS = {"重庆": ("chong", "qing"), "厦门": ("xia", "men"), "六安": ("lu", "an"), "亳州": ("bo", "zhou"),
                 "台州": ("tai", "zhou"), "乐清": ("yue", "qing"), "乐山": ("le", "shan"), "音乐": ("yin", "yue"),
                 "会计": ("kuai", "ji"), "长治": ("chang", "zhi"), "涡阳": ("guo", "yang"), "重工": ("zhong", "gong"),
                 "洪洞": ("hong", "tong"), "高调": ("gao", "diao")}  # fmt: skip


def _rows(name: str) -> Iterable[list[str]]:
    with files(__package__).joinpath("data", name).open(encoding="utf-8") as file:
        yield from csv.reader(file)


@cache
def folding() -> dict[int, str]:
    """A table for `str.translate`: full width to half width, traditional to simplified, lower case."""
    table = {point: unicodedata.normalize("NFKC", chr(point)).lower() for point in range(0x2E80, 0x2FE0)}
    table |= {point: unicodedata.normalize("NFKC", chr(point)).lower() for point in range(0xF900, 0x10000)}
    table |= {point: unicodedata.normalize("NFKC", chr(point)).lower() for point in range(0x2000, 0x2E80)}
    table |= {point: unicodedata.normalize("NFKC", chr(point)).lower() for point in range(0x3000, 0x3400)}
    table = {point: text for point, text in table.items() if text != chr(point)}
    for traditional, simplified in _rows("simplified.csv"):
        table[ord(traditional)] = simplified
    return table


@cache
def readings() -> dict[str, str]:
    """The toneless pinyin of each simplified character; ü is written v."""
    return {character: syllable for syllable, characters in _rows("pinyin.csv") for character in characters}


@cache
def syllable_codes() -> dict[int, str]:
    """A table for `str.translate`: each character to one code point that stands for its syllable.

    Homophones become the same code point, so a distance between translated names counts syllables.
    """
    found = readings()
    numbers = {syllable: chr(0xE000 + at) for at, syllable in enumerate(sorted(set(found.values())))}
    return {ord(character): numbers[syllable] for character, syllable in found.items()}


def fold(text: str) -> str:
    """Half width, simplified, lower case: the same for every way to type the same characters."""
    if text.isascii():
        return text.lower()
    text = text.translate(folding())
    if any(0xC0 <= ord(letter) < 0x2000 for letter in text):  # Latin letters with accents: é is e, ß is ss
        text = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return text.lower()


def write_tables(folder: Path) -> None:
    """Write the packaged tables from OpenCC and pypinyin (development only)."""
    import re

    from opencc import OpenCC
    from pypinyin.constants import PINYIN_DICT

    signs = [chr(point) for point in range(_FIRST, _LAST + 1)]
    simplify = OpenCC("t2s"), OpenCC("tw2s"), OpenCC("hk2s")
    pairs = []
    for sign in signs:
        simple = next((found for c in simplify if len(found := c.convert(sign)) == 1 and found != sign), sign)
        if simple != sign:
            pairs.append((sign, simple))
    with (folder / "simplified.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(pairs)
    folded = {sign for sign, _simple in pairs}
    by_syllable: dict[str, list[str]] = {}
    for sign in signs:
        reading = NAME_READINGS.get(sign) or PINYIN_DICT.get(ord(sign), "").split(",")[0]
        plain = unicodedata.normalize("NFC", reading)
        plain = re.sub("[üǖǘǚǜ]", "v", plain)
        plain = "".join(c for c in unicodedata.normalize("NFD", plain) if c.isascii() and c.isalpha())
        if plain and sign not in folded:
            by_syllable.setdefault(plain, []).append(sign)
    with (folder / "pinyin.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            (s, "".join(by_syllable[s])) for s in sorted(by_syllable)
        )


if __name__ == "__main__":
    write_tables(Path(__file__).parent / "data")
