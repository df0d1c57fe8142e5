"""What a lot is called: product code and number, `A/12`."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.console import CommandRefused
from bihuan.kernel.fields import plain
from bihuan.kernel.pages.values import as_decimal

from .models import Lot
from .records import LOT

PARTS = re.compile(r"[/:：|\s-]")


class AmbiguousLot(Exception):
    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def lot_name(lot: Lot) -> str:
    return f"{lot.product.code}/{lot.number}"


def said_limits(lower: Any, upper: Any) -> str:
    """`≥ 98`, `≤ 0.5`, `98 – 99`, – without any."""
    if lower is None and upper is None:
        return "–"
    if lower is None:
        return f"≤ {plain(as_decimal(upper))}"
    if upper is None:
        return f"≥ {plain(as_decimal(lower))}"
    return f"{plain(as_decimal(lower))} – {plain(as_decimal(upper))}"


def find_lot(actor: Actor, text: str) -> Lot | None:
    """The lot of that name; by its number alone where only one bears it. Raises `AmbiguousLot` where several do.

    Code and number may be parted by a slash, a colon, a blank or a hyphen, and may hold such characters themselves.
    """
    text = text.strip()
    rows = LOT.visible_to(actor).select_related("product").order_by("id")
    splits = [(text[: at.start()], text[at.end() :]) for at in PARTS.finditer(text)]
    by_number = {number.strip() for _, number in splits if number.strip()}
    pairs = {(code.strip(), number.strip()) for code, number in splits}
    found = [one for one in rows.filter(number__in=by_number) if (one.product.code, one.number) in pairs]
    if not found:
        found = list(rows.filter(number=text)[:20])
    if len(found) > 1:
        raise AmbiguousLot([lot_name(one) for one in found])
    return found[0] if found else None


def lot_named(actor: Actor, text: str) -> Lot:
    """The same for a command, which is refused where there is none of that name or several."""
    try:
        lot = find_lot(actor, text)
    except AmbiguousLot as error:
        raise CommandRefused(
            _("Several lots are called so: %(names)s") % {"names": ", ".join(error.names)}
        ) from error
    if lot is None:
        raise CommandRefused(_("There is no lot “%(name)s”.") % {"name": text})
    return lot
