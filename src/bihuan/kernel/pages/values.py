"""How a value is written: the same in lists, panels, pages and exports.

Money has thousands separators and two decimals, dates are ISO, moments are in the company's zone. An absent value
is an en dash on pages and empty in files.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from html import escape
from typing import Any

from django.templatetags.static import static
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.fields import plain
from bihuan.kernel.pages.labels import said_unit
from bihuan.kernel.time import company_zone

NOTHING = "–"
NUMERIC = frozenset(
    ("money", "money_whole", "quantity", "number", "count", "percent", "fraction", "days", "years", "score")
)
_CENT, _ONE, _TENTH = Decimal("0.01"), Decimal(1), Decimal("0.1")


def said_name(name: str | None) -> str:
    """The name of who acted, as it was kept; the program itself in the reader's words."""
    return str(_("The program itself")) if name == SYSTEM.name else name or ""


def as_decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def write_money(value: Any) -> str:
    return f"{as_decimal(value).quantize(_CENT, ROUND_HALF_UP):,f}"


def write_whole(value: Any) -> str:
    return f"{as_decimal(value).quantize(_ONE, ROUND_HALF_UP):,f}"


def write_quantity(value: Any) -> str:
    whole, _dot, part = plain(as_decimal(value)).partition(".")
    return (
        f"{int(whole):,}" + (f".{part}" if part else "")
        if whole not in ("-0", "-")
        else plain(as_decimal(value))
    )


def write_score(value: Any) -> str:
    """Up to two decimals: 4.95 is not yet 5, where 5 is a border."""
    return write_quantity(as_decimal(value).quantize(_CENT, ROUND_HALF_UP))


def write_fraction(value: Any) -> str:
    """A fraction of one as percent: 0.125 is 12.5%."""
    return f"{(as_decimal(value) * 100).quantize(_TENTH, ROUND_HALF_UP):f}%"


def write_percent(value: Any) -> str:
    return f"{as_decimal(value).quantize(_TENTH, ROUND_HALF_UP):f}%"


def write_number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else write_quantity(as_decimal(value).quantize(_CENT))


def write_moment(value: datetime) -> str:
    return value.astimezone(company_zone()).strftime("%Y-%m-%d %H:%M")


def write_date(value: date) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(company_zone()).date()
    return value.isoformat()


WRITERS: dict[str, Any] = {
    "money": write_money,
    "money_whole": write_whole,
    "quantity": write_quantity,
    "number": write_number,
    "count": write_whole,
    "days": write_whole,
    "years": lambda value: f"{as_decimal(value).quantize(_TENTH, ROUND_HALF_UP):f}",
    "score": write_score,
    "percent": write_percent,
    "fraction": write_fraction,
    "date": write_date,
    "moment": write_moment,
    "unit": said_unit,
    "bool": lambda value: str(_("Yes") if value else _("No")),
}


def write(kind: str, value: Any, choices: Mapping[str, Any] | None = None) -> str:
    """A value as plain text; absent values give an en dash."""
    if value is None or value == "":
        return NOTHING
    if choices is not None:
        return str(choices.get(value, value))
    writer = WRITERS.get(kind)
    return str(value) if writer is None else writer(value)


def spoken(text: str | Promise) -> str:
    return escape(str(text))


@cache
def _icon(name: str, label: str, css: str) -> SafeString:
    spoken_as = f' role="img" aria-label="{escape(label)}"' if label else ' aria-hidden="true"'
    source = f"{static('vendor/icons.svg')}#{name}"
    return mark_safe(f'<svg class="icon {css}"{spoken_as}><use href="{source}"></use></svg>')  # noqa: S308


def icon(name: str, label: object = "", css: str = "") -> SafeString:
    """A drawing of the sprite; with a label it speaks, without it is decoration."""
    return _icon(name, str(label), css)


def chip(text: str, tone: str = "", title: str = "") -> SafeString:
    """A small label. Tones carry meaning only: ok, yellow, orange, red; none is neutral."""
    hint = f' title="{escape(title)}"' if title else ""
    return mark_safe(f'<span class="chip{f" chip-{tone}" if tone else ""}"{hint}>{escape(text)}</span>')  # noqa: S308
