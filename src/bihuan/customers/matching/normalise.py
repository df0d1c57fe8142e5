"""What makes two ways of writing the same thing equal: names, phones, addresses, credit codes, persons' names, dates.

Pure functions without a database and without heavy imports: pages, the duplicate warning, the importer and
search use them in web processes, the matcher in its own. Each `…_key` gives "" for what holds nothing to
compare; equal keys mean the same after removing what people leave out or type differently.
"""

import re
from collections.abc import Iterable

from .characters import WORD_READINGS, fold, readings, syllable_codes
from .company_names import CompanyName, parse_companies, parse_company
from .regions import strip_places

__all__ = [
    "CompanyName", "address_key", "credit_code_key", "date_key", "email_key", "fold", "key_pinyin", "name_key", "name_keys", "name_pinyin",
    "name_sound", "parse_companies", "parse_company", "person_name_key", "phone_key", "pinyin_initials", "region_key",
]  # fmt: skip

_WORDS = re.compile("|".join(WORD_READINGS))
_LETTERS = re.compile(r"[0-9a-z]+|[\u3400-\u9fff]")
_NOT_WORD = re.compile(r"[\W_]+")
_AREA_CODE = re.compile(r"^(0(?:10|2\d|[3-9]\d\d))(\d{7,8})$")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#|\*)\s*\d{1,6}\s*$")
_EMPTY_WORDS = frozenset(
    ("", "nan", "none", "null", "n/a", "na", "-", "--", "无", "暂无", "未知", "不详", "0")
)


def _content(value: object) -> str:
    text = fold(str(value)).strip() if value is not None else ""
    return "" if text in _EMPTY_WORDS else text


def name_key(name: str) -> str:
    """The company's name without place, legal form and punctuation: 江蘇三木化工股份有限公司 is 三木化工."""
    return parse_company(name).core


def name_keys(names: Iterable[str]) -> list[str]:
    """`name_key` for a batch."""
    return [parts.core for parts in parse_companies(names)]


def _syllables(text: str) -> list[str]:
    sounds = readings()
    if all("\u3400" <= sign <= "\u9fff" for sign in text) and not _WORDS.search(text):
        return [sounds.get(sign, sign) for sign in text]  # the common case, four times as fast
    found: list[str] = []
    words = {match.start(): WORD_READINGS[match[0]] for match in _WORDS.finditer(text)}
    fixed = {start + at: sound for start, word in words.items() for at, sound in enumerate(word)}
    for match in _LETTERS.finditer(text):
        found.append(fixed.get(match.start()) or sounds.get(match[0], match[0]))
    return found


def name_pinyin(name: str) -> str:
    """Toneless pinyin of `name_key`, a blank between syllables: 三木化工 is "san mu hua gong". Homophones are equal."""
    return " ".join(_syllables(name_key(name)))


def key_syllables(key: str) -> list[str]:
    """The syllables of a `name_key` that is at hand: taking a name apart costs five times as much."""
    return _syllables(key)


def key_pinyin(key: str) -> str:
    """The pinyin of a `name_key` that is at hand, without blanks, as it is stored and looked up."""
    return "".join(_syllables(key))


def pinyin_initials(text: str) -> str:
    """First letters of a text as people type them to search: 江苏三木 is "jssm". Nothing is left out of the text."""
    return "".join(
        syllable if syllable.isdigit() else syllable[0] for syllable in _syllables(fold(text or ""))
    )


def name_sound(text: str) -> str:
    """A key of one code point a syllable, equal for homophones. For distances; not for display."""
    return text.translate(syllable_codes())


def phone_key(phone: str) -> str:
    """Digits of a phone number as dialled inside China, without country code and extension.

    +86 (0512) 6660-1234 转 801 and 051266601234 give 051266601234; 0086-138 0000 0000 gives 13800000000.
    Of several numbers in one field the first counts. A number abroad keeps its country code: +49 89 1 is +49891.
    """
    text = _content(phone)
    if not text:
        return ""
    first = re.split(r"[,;/、|]", text)[0].strip()
    first = _EXTENSION.sub(
        "", first.replace("(0)", "") if first.startswith("+") and not first.startswith("+86") else first
    )
    abroad = first.startswith(("+", "00", "86-", "86 ", "(86)"))
    digits = "".join(re.findall(r"\d", first))
    if digits.startswith("00"):
        digits = digits[2:]
    if digits.startswith("86") and (abroad or len(digits) in (12, 13)) and len(digits) != 8:
        rest = digits[2:]
        if abroad or (len(rest) == 11 and rest[0] == "1"):
            digits, abroad = rest, False
            if not (len(digits) == 11 and digits[0] == "1") and digits[:1] not in ("0", "4", "8", ""):
                digits = "0" + digits
    if len(digits) < 5 or len(set(digits)) == 1:
        return ""
    if abroad:
        return "+" + digits
    if len(digits) == 12 and digits[0] == "0" and digits[1] == "1" and digits[2] in "3456789":
        digits = digits[1:]  # a mobile number dialled with a leading 0
    if len(digits) in (14, 15, 16) and (found := _AREA_CODE.match(digits[:12])):
        digits = found[0]
    return digits


def credit_code_key(code: str) -> str:
    """The unified social credit code in capitals when its check digit is right, else "" (also for an old licence number)."""
    from stdnum.cn import uscc

    text = re.sub(r"[\s\-.]", "", _content(code)).upper()
    if len(text) != 18 or not uscc.is_valid(text):
        return ""
    return text


def address_key(address: str) -> str:
    """An address without places' division suffixes, punctuation and filler: 江苏省苏州市虎丘区1号 is 苏州虎丘区1."""
    text = _NOT_WORD.sub("", _content(address))
    region, rest = strip_places(text, at_most=2)
    rest = re.sub(r"(?<=\d)[号號幢栋室楼层]|中国|邮编\d{6}", "", rest)
    return region + rest


def region_key(text: str) -> str:
    """The division code of the place that a region or an address begins with ("3205"), or ""."""
    region, _rest = strip_places(re.sub("^中国", "", _NOT_WORD.sub("", _content(text))))
    return region


def email_key(email: str) -> str:
    """An address of mail in lower case."""
    text = _content(email).replace(" ", "")
    return text if "@" in text else ""


def person_name_key(name: str) -> str:
    """A person's name as letters: pinyin for Chinese names (张伟 and zhang wei alike), lower case otherwise."""
    text = _content(name)
    if not text.isascii():
        text = " ".join(_syllables(text)) if any("\u3400" <= sign <= "\u9fff" for sign in text) else text
    return _NOT_WORD.sub("", text)


def date_key(value: str) -> str:
    """A date as eight digits, year first, from the usual forms (1980-2-3, 1980年2月3日, 19800203, 3/2/1980), else ""."""
    text = _content(value).split("t")[0].split(" ")[0]
    parts = re.findall(r"\d+", text)
    if len(parts) >= 3 and len(parts[0]) == 4:
        year, month, day = parts[:3]
    elif len(parts) >= 3 and len(parts[2]) == 4:
        day, month, year = parts[:3]
        if int(month) > 12 >= int(day):
            day, month = month, day
    elif len(parts) == 1 and len(parts[0]) == 8:
        return parts[0]
    else:
        return "".join(parts) if sum(map(len, parts)) >= 6 else ""
    return f"{year}{int(month):02}{int(day):02}"


def digits_key(value: str) -> str:
    """Letters and digits of a number (identity card, insurance), in lower case."""
    return _NOT_WORD.sub("", _content(value))
