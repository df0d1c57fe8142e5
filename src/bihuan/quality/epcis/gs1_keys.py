"""GS1 keys: EPC URIs and GS1 Digital Links, their forms, check digits and the constrained canonical Digital Link.

Sources: GS1 Tag Data Standard 2.0 §6 (EPC URIs), GS1 Digital Link URI syntax 1.2 §4, CBV 2.0 §8.9.2 rules 17 and 18.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bihuan.quality.epcis.faults import shortened

REMEMBERED = (
    4096  # the same places, lots and parties come again and again; texts longer than a few KB are rare
)
CANONICAL = "https://id.gs1.org/"
# characters of GS1 AI encodable set 82 as they stand in EPC URIs; the rest is percent-encoded
_CHARACTER = r"(?:%[0-9A-Fa-f]{2}|[!'()*+,.0-9:;=A-Za-z_-])"
_LITERAL = frozenset("!'()*+,-.0123456789:;=ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_CPI_CHARACTER = r"(?:%23|%2[Ff]|[0-9A-Z-])"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One EPC scheme: company prefix and reference have `total` digits together (0: not fixed); `tail` follows them."""

    ai: str
    total: int
    tail: str
    reference: str = r"\d"


SCHEMES: dict[str, Scheme] = {
    "sgtin": Scheme("01", 13, rf"\.({_CHARACTER}{{1,20}})"),
    "sscc": Scheme("00", 17, ""),
    "sgln": Scheme("414", 12, rf"\.({_CHARACTER}{{1,20}})"),
    "grai": Scheme("8003", 12, rf"\.({_CHARACTER}{{1,16}})"),
    "giai": Scheme("8004", 0, "", _CHARACTER),
    "gsrn": Scheme("8018", 17, ""),
    "gsrnp": Scheme("8017", 17, ""),
    "gdti": Scheme("253", 12, rf"\.({_CHARACTER}{{1,20}})"),
    "cpi": Scheme("8010", 0, r"\.(\d{1,12})", _CPI_CHARACTER),
    "sgcn": Scheme("255", 12, r"\.(\d{1,12})"),
    "ginc": Scheme("401", 0, "", _CHARACTER),
    "gsin": Scheme("402", 16, ""),
    "itip": Scheme("8006", 13, rf"\.(\d\d)\.(\d\d)\.({_CHARACTER}{{1,20}})"),
    "upui": Scheme("235", 13, rf"\.({_CHARACTER}{{1,28}})"),
    "pgln": Scheme("417", 12, ""),
}
CLASSES: dict[str, Scheme] = {"lgtin": Scheme("10", 13, rf"\.({_CHARACTER}{{1,20}})")}
PATTERNS: dict[str, Scheme] = {
    "sgtin": Scheme("01", 13, r"\.\*"),
    "grai": Scheme("8003", 12, r"\.\*"),
    "gdti": Scheme("253", 12, r"\.\*"),
    "sgcn": Scheme("255", 12, r"\.\*"),
    "cpi": Scheme("8010", 0, r"\.\*", _CPI_CHARACTER),
    "itip": Scheme("8006", 13, r"\.(\d\d)\.(\d\d)\.\*"),
    "upui": Scheme("01", 13, r"\.\*"),
}
KINDS = {"id": SCHEMES, "class": CLASSES, "idpat": PATTERNS}
# schemes of the Tag Data Standard outside GS1's keys
_CAGE = r"[0-9A-HJ-NP-Z]{5,6}"
OTHER_SCHEMES = {
    "gid": r"\d{1,9}\.\d{1,8}\.\d{1,11}",
    "usdod": _CAGE + r"\.\d{1,11}",
    "adi": _CAGE + r"\.(?:%2[Ff]|[0-9A-Z-]){0,32}\.(?:%23)?(?:%2[Ff]|[0-9A-Z-]){1,30}",
    "bic": r"[A-Z]{3}[JUZ]\d{7}",
    "imovn": r"\d{7}",
}
_MOST = {"giai": 30, "ginc": 30, "cpi": 30}  # characters of company prefix and reference together


def check_digit(digits: str) -> str:
    """GS1's modulo-10 digit for the digits before it."""
    total = 3 * sum(map(int, digits[-1::-2])) + sum(map(int, digits[-2::-2]))
    return str(-total % 10)


@lru_cache(maxsize=64)
def _form(kind: str, scheme: str) -> re.Pattern[str]:
    rule = KINDS[kind][scheme]
    if rule.total:
        variants = "|".join(rf"\d{{{n}}}\.\d{{{rule.total - n}}}" for n in range(6, 13))
        body = f"({variants})"
    else:
        body = rf"(\d{{6,12}}\.{rule.reference}+)"
    return re.compile(rf"urn:epc:{kind}:{scheme}:{body}{rule.tail}\Z", re.ASCII)


def _parts(uri: str) -> tuple[str, str, re.Match[str] | None]:
    """Kind, scheme and the match of an EPC URI; scheme empty if it is none that is known."""
    pieces = uri.split(":", 4)
    kind, scheme = pieces[2], pieces[3] if len(pieces) == 5 else ""
    if scheme not in KINDS.get(kind, {}):
        return kind, "", None
    found = _form(kind, scheme).match(uri)
    if found and scheme in _MOST:
        length = len(re.sub(r"%[0-9A-Fa-f]{2}", "_", found.group(1))) - 1
        if length > _MOST[scheme]:
            found = None
    return kind, scheme, found


def _plain(text: str) -> str:
    """Percent-encoded only what an EPC URI must encode, in capitals: one key has one spelling, from wherever it comes."""

    def said(found: re.Match[str]) -> str:
        character = chr(int(found.group(1), 16))
        return character if character in _LITERAL else found.group().upper()

    return re.sub("%([0-9A-Fa-f]{2})", said, text) if "%" in text else text


def _digital_link_of_epc(uri: str) -> str | None:
    kind, scheme, found = _parts(uri)
    if found is None:
        return None
    prefix, reference = found.group(1).split(".", 1)
    rest = [_plain(part) for part in found.groups()[1:]]
    reference = _plain(reference)
    if scheme in ("sgtin", "itip", "upui", "lgtin"):
        body = reference[0] + prefix + reference[1:]
        gtin = body + check_digit(body)
        if scheme == "itip":
            serial = f"/21/{rest[2]}" if kind == "id" else ""
            return f"{CANONICAL}8006/{gtin}{rest[0]}{rest[1]}{serial}"
        qualifier = {"sgtin": "21", "upui": "235", "lgtin": "10"}[scheme]
        return f"{CANONICAL}01/{gtin}" + (f"/{qualifier}/{rest[0]}" if rest else "")
    if scheme == "sscc":
        body = reference[0] + prefix + reference[1:]
        return f"{CANONICAL}00/{body}{check_digit(body)}"
    if scheme in ("giai", "ginc"):
        return f"{CANONICAL}{SCHEMES[scheme].ai}/{prefix}{reference}"
    if scheme == "cpi":
        return f"{CANONICAL}8010/{prefix}{reference}" + (f"/8011/{rest[0]}" if rest else "")
    body = ("0" if scheme == "grai" else "") + prefix + reference
    key = body + check_digit(body)
    if scheme == "sgln":
        return f"{CANONICAL}414/{key}" + ("" if rest[0] == "0" else f"/254/{rest[0]}")
    return f"{CANONICAL}{SCHEMES[scheme].ai}/{key}" + (rest[0] if rest else "")


# ---------------------------------------------------------------------------------------------- Digital Links

SHORT_NAMES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21", "glnx": "254", "cpsn": "8011", "srin": "8019",
}  # fmt: skip
# primary key → its form; groups: the digits with their check digit, and what follows without one
_KEYS: dict[str, re.Pattern[str]] = {
    "00": re.compile(r"(\d{18})\Z"),
    "01": re.compile(r"(\d{14}|\d{13}|\d{12}|\d{8})\Z"),
    "253": re.compile(rf"(\d{{13}}){_CHARACTER}{{0,17}}\Z"),
    "255": re.compile(r"(\d{13})\d{0,12}\Z"),
    "401": re.compile(rf"(){_CHARACTER}{{1,30}}\Z"),
    "402": re.compile(r"(\d{17})\Z"),
    "414": re.compile(r"(\d{13})\Z"),
    "417": re.compile(r"(\d{13})\Z"),
    "8003": re.compile(rf"(\d{{14}}){_CHARACTER}{{0,16}}\Z"),
    "8004": re.compile(rf"(){_CHARACTER}{{1,30}}\Z"),
    "8006": re.compile(r"(\d{14})\d{4}\Z"),
    "8010": re.compile(rf"(){_CPI_CHARACTER}{{1,30}}\Z"),
    "8017": re.compile(r"(\d{18})\Z"),
    "8018": re.compile(r"(\d{18})\Z"),
}  # fmt: skip
# primary key → the qualifiers that may follow it, in this order
_MAY_FOLLOW = {
    "01": (("22", "10", "21"), ("235",)), "8006": (("22", "10", "21"),), "414": (("254", "7040"),), "417": (("7040",),),
    "8010": (("8011",),), "8017": (("8019",),), "8018": (("8019",),),
}  # fmt: skip
_LONGEST = 8  # segments: a key and three qualifiers, each with its value
_QUALIFIERS = {
    "10": rf"{_CHARACTER}{{1,20}}", "21": rf"{_CHARACTER}{{1,20}}", "22": rf"{_CHARACTER}{{1,20}}",
    "235": rf"{_CHARACTER}{{1,28}}", "254": rf"{_CHARACTER}{{1,20}}", "8011": r"\d{1,12}",
}  # fmt: skip
# the qualifiers that name something finer, finest first
_FINER = {"01": ("21", "235", "10"), "8006": ("21", "10"), "414": ("254",), "8010": ("8011",)}
_WEB = re.compile(r"https?://[^/?#]+(/[^?#]*)", re.I)


@dataclass(frozen=True, slots=True)
class Link:
    """A GS1 Digital Link taken apart: primary application identifier, its value, the finest qualifier with its value."""

    ai: str
    value: str
    qualifier: str = ""
    qualifier_value: str = ""

    @property
    def canonical(self) -> str:
        value = self.value.zfill(14) if self.ai == "01" else _plain(self.value)
        finer = f"/{self.qualifier}/{_plain(self.qualifier_value)}" if self.qualifier else ""
        return f"{CANONICAL}{self.ai}/{value}{finer}"


def read_link(uri: str) -> Link | None:
    """None where the address holds no primary key, followed by a value that begins with four digits and by its qualifiers."""
    found = _WEB.match(uri)
    if found is None:
        return None
    segments = found.group(1).strip("/").split("/")
    for at, segment in enumerate(segments[:-1]):
        ai = SHORT_NAMES.get(segment, segment)
        value = segments[at + 1]
        if ai not in _KEYS or not re.match(r"\d{4}.", value, re.ASCII):
            continue
        if len(segments) - at > _LONGEST:
            continue
        rest = segments[at + 2 :]
        names = [SHORT_NAMES.get(name, name) for name in rest[::2]]
        if len(rest) % 2 or "" in rest or not _in_order(names, _MAY_FOLLOW.get(ai, ())):
            continue
        named = dict(zip(names, rest[1::2], strict=True))
        for qualifier in _FINER.get(ai, ()):
            if qualifier in named:
                return Link(ai, value, qualifier, named[qualifier])
        return Link(ai, value)
    return None


def _in_order(names: list[str], allowed: tuple[tuple[str, ...], ...]) -> bool:
    """Whether the names are some of one of these rows, in its order."""
    return not names or any(names == [name for name in row if name in names] for row in allowed)


@lru_cache(maxsize=REMEMBERED)
def canonical(uri: str) -> str:
    """The constrained canonical Digital Link of an EPC URI or Digital Link; any other text stays as it is."""
    if uri.startswith("urn:epc:"):
        return _digital_link_of_epc(uri) or uri
    if uri[:8].lower().startswith(("http://", "https://")):
        link = read_link(uri)
        if link is not None and _KEYS[link.ai].match(link.value):
            return link.canonical
    return uri


@lru_cache(maxsize=REMEMBERED)
def fault_of(uri: str) -> tuple[str, dict[str, object]] | None:
    """What is wrong with a URI as GS1 key: code and values of a message. URIs that are no GS1 keys are not judged.

    Digital Links are judged by their key only at GS1's own address; elsewhere a path may look like one by chance.
    """
    if uri.lower().startswith("urn:epc:"):
        if not uri.startswith("urn:epc:"):
            return "bad_epc", {"value": shortened(uri), "scheme": "urn:epc"}
        kind, scheme, match = _parts(uri)
        if not scheme:
            pieces = uri.split(":")
            name = pieces[3] if len(pieces) > 4 else ""
            if kind == "id" and name in OTHER_SCHEMES:
                form = re.compile(f"urn:epc:id:{name}:{OTHER_SCHEMES[name]}\\Z", re.ASCII)
                return None if form.match(uri) else ("bad_epc", {"value": shortened(uri), "scheme": name})
            if kind in ("raw", "tag", "pat") or (kind == "idpat" and name in SCHEMES | OTHER_SCHEMES):
                return None
            return "unknown_epc_scheme", {"scheme": shortened(":".join(pieces[:4]))}
        if match is None:
            return "bad_epc", {"value": shortened(uri), "scheme": scheme}
        return None
    if not re.match(r"https?://id\.gs1\.org/", uri, re.I):
        return None
    link = read_link(uri)
    if link is None:
        first = uri.split("/", 4)[3]
        if SHORT_NAMES.get(first, first) in _KEYS:
            return "bad_key_length", {"value": shortened(uri), "ai": SHORT_NAMES.get(first, first)}
        return None
    found = _KEYS[link.ai].match(link.value)
    if found is None:
        return "bad_key_length", {"value": shortened(uri), "ai": link.ai}
    digits = found.group(1)
    if digits and check_digit(digits[:-1]) != digits[-1]:
        return "bad_check_digit", {"value": shortened(uri), "digit": check_digit(digits[:-1])}
    qualifier = _QUALIFIERS.get(link.qualifier, ".*")
    if not re.fullmatch(qualifier, link.qualifier_value, re.ASCII):
        return "bad_key_length", {"value": shortened(uri), "ai": link.qualifier}
    return None
