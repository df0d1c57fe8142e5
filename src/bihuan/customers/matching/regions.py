"""China's provinces, cities and counties inside names and addresses, as division codes.

A code is two digits for a province, four for a city, six for a county; a code contains every code that starts
with it. The names are facts (data/regions.csv: code, full name, short name).
"""

import csv
from functools import cache
from importlib.resources import files

# County-level cities that firms put before their name without 市. Others' short names are as often trade names (新星, 永康).
_KNOWN_COUNTIES = frozenset(
    "昆山 江阴 张家港 常熟 太仓 宜兴 溧阳 义乌 慈溪 余姚 诸暨 温岭 乐清 海宁 桐乡 平湖 嵊州 晋江 石狮 南安 胶州 龙口 寿光 诸城 荣成 滕州 邹平 巩义 仙桃 "
    "潜江 醴陵 浏阳 靖江 泰兴 丹阳 扬中 句容 如皋 启东 东台 邳州 新沂 桐城 瓦房店 迁安 任丘 江山 兰溪 东阳 招远 莱州 曲阜 肥城".split()
)


@cache
def place_names() -> dict[str, str]:
    """Name to code: provinces and cities by full and short name, counties by full name, well-known county-level cities by both.

    A name borne by several places is left out, as it says nothing.
    """
    found: dict[str, str] = {}
    several: set[str] = set()
    with files(__package__).joinpath("data", "regions.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    for code, full, short in rows:
        names = {full}
        if len(short) >= 2 and (len(code) < 6 or (full.endswith("市") and short in _KNOWN_COUNTIES)):
            names.add(short)
            if len(code) == 2:
                names.add(short + "省")
            if len(code) == 4:
                names.add(short + "市")
        for name in names:
            if name in found and not code.startswith(found[name]):
                several.add(name)
            found.setdefault(name, code)
    for name in several:
        if len(found[name]) == 6:
            del found[name]
    return found


@cache
def _longest() -> int:
    return max(map(len, place_names()))


def leading_place(text: str) -> tuple[str, int]:
    """The code of the place that `text` begins with, and how many characters it takes; ("", 0) where none."""
    names = place_names()
    for length in range(min(_longest(), len(text)), 1, -1):
        code = names.get(text[:length])
        if code:
            return code, length
    return "", 0


def strip_places(text: str, at_most: int = 3) -> tuple[str, str]:
    """Take leading places off: 江苏省苏州市三木 is ("3205", "三木"). Nested places give the narrowest code."""
    region = ""
    for _ in range(at_most):
        code, length = leading_place(text)
        if not code or (region and not code.startswith(region)):
            break
        region, text = code, text[length:]
    return region, text


def places_agree(a: str, b: str) -> bool:
    """Whether one place may lie in the other."""
    return a.startswith(b) or b.startswith(a)


@cache
def place_pinyin() -> dict[str, str]:
    """Toneless pinyin of provinces and cities to code, for Latin names."""
    from .characters import readings

    sounds = readings()
    found: dict[str, str] = {}
    for name, code in place_names().items():
        if (len(code) <= 4 and name[-1] not in "省市区盟州县") or (
            len(code) == 4 and name.endswith("州") and len(name) == 2
        ):
            found.setdefault("".join(sounds.get(sign, sign) for sign in name), code)
    found |= {"suzhou": "3205", "shaanxi": "61", "shanxi": "14", "neimenggu": "15", "innermongolia": "15"}
    return found
