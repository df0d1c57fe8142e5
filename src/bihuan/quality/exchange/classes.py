"""What a lot is called between companies, and in which units they count: GTIN and lot number, or a name of ours. Pure.

Sources: GS1 Tag Data Standard 2.0 (LGTIN), GS1 Digital Link URI syntax 1.2, UN/CEFACT Recommendation 20 (codes of units).
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from bihuan.quality.epcis.gs1_keys import CANONICAL, canonical, check_digit

NAMESPACE = "urn:bihuan:epcis:"
_GTIN_LOT = re.compile(rf"({re.escape(CANONICAL)}01/\d{{14}})/10/([^/]+)\Z")
_OWN_PRODUCT, _OWN_LOT = "urn:bihuan:product:", "urn:bihuan:lot:"
_OWN = re.compile(r"urn:bihuan:lot:([^:/]+):([^:/]+)\Z")
# GS1's lot numbers (AI 10): up to 20 of these; others are told by a name of ours
_GS1_LOT = re.compile(r"[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]{1,20}\Z", re.ASCII)
# code of Recommendation 20 → what it is called here; the first is what a new lot gets
UNITS: dict[str, tuple[str, ...]] = {
    "KGM": ("kg", "千克", "公斤"),
    "GRM": ("g", "克"),
    "MGM": ("mg", "毫克"),
    "TNE": ("t", "吨"),
    "LTR": ("L", "l", "升"),
    "MLT": ("mL", "ml", "毫升"),
    "MTQ": ("m³", "m3", "立方米", "方"),
    "MTR": ("m", "米"),
    "MTK": ("m²", "m2", "平方米"),
    "H87": ("件", "个", "pcs", "片", "支", "瓶"),
}
# units of mass in kilograms, for those whose factor nobody entered here
MASSES = {
    name: factor
    for code, factor in (("KGM", 1_000_000), ("GRM", 1_000), ("MGM", 1), ("TNE", 1_000_000_000))
    for name in UNITS[code]
}  # millionths
_CODES = {name: code for code, names in UNITS.items() for name in names}


class Named(NamedTuple):
    """A lot as a URI tells it: of which product, which number, and the URI's canonical form."""

    product: str
    number: str
    uri: str


def read_class(uri: str) -> Named | None:
    """None for what names no lot: single items, whole products, anything else."""
    form = canonical(uri)
    found = _GTIN_LOT.match(form)
    product = found.group(1) if found is not None else ""
    if found is None:
        found = _OWN.match(form)
        if found is None:
            return None
        product = _OWN_PRODUCT + found.group(1)
    try:
        number = unquote(found.group(2), errors="strict")
    except UnicodeDecodeError:
        return None
    return Named(product, number, form) if number.isprintable() else None


def product_uri(text: str) -> str | None:
    """The product's URI of a GTIN (8, 12, 13 or 14 digits with their check digit) or of a URI; None for anything else."""
    if re.fullmatch(r"\d{8}|\d{12,14}", text, re.ASCII):
        return f"{CANONICAL}01/{text.zfill(14)}" if check_digit(text[:-1]) == text[-1] else None
    form = canonical(text)
    return form if form.startswith((f"{CANONICAL}01/", _OWN_PRODUCT)) else None


def code_of(product: str) -> str:
    """What a product that is told by this URI is called where nobody says otherwise: its GTIN, or our code for it."""
    return unquote(product.rsplit("/" if product.startswith("http") else ":", 1)[1])


def lot_uri(product: str, code: str, number: str) -> str:
    """The lot's URI. `product` is the product's URI with other companies, empty where it has none."""
    if product.startswith(f"{CANONICAL}01/") and _GS1_LOT.match(number):
        return f"{product}/10/{quote(number, safe='')}"
    return f"{_OWN_LOT}{quote(code, safe='')}:{quote(number, safe='')}"


def place_uri(place: str) -> str:
    return f"urn:bihuan:place:{quote(place, safe='')}"


def unit_code(unit: str) -> str | None:
    """The code of a unit of ours; None where Recommendation 20 has none that is known here."""
    return _CODES.get(unit)


def is_unit(code: str | None, unit: str) -> bool:
    """Whether a code (None: pieces) means this unit of ours."""
    return unit in (UNITS.get(code, (code,)) if code else UNITS["H87"])


def unit_name(code: str | None) -> str:
    """What a lot counted by this code is counted in here."""
    return UNITS["H87" if code is None else code][0] if code is None or code in UNITS else code
