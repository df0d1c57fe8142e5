"""What the templates of lots write with: `{% load lots %}`."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bihuan.kernel.fields import from_fixed
from bihuan.kernel.pages.labels import said_unit
from bihuan.kernel.pages.values import NOTHING, chip, icon, write, write_quantity

from ..lots import judging
from ..lots.lists import TONES
from ..lots.picture import BOX_H, BOX_W, Box, Picture, percent
from ..models import Lot, Movement
from ..naming import said_limits
from ..series.keeping import written

register = template.Library()


@register.simple_tag
def lot_status(status: str) -> SafeString:
    return chip(str(Lot.Status(status).label), TONES.get(Lot.Status(status), ""))


@register.simple_tag
def lot_kind(kind: str) -> str:
    return str(Lot.Kind(kind).label)


@register.simple_tag
def limits(one: Any) -> str:
    """`≥ 98`, `≤ 0.5`, `98 – 99`."""
    return said_limits(None, None) if one is None else said_limits(one.lower, one.upper)


@register.filter
def digits(value: float) -> str:
    """Six digits that count."""
    return written(value)


@register.simple_tag
def verdict(name: str) -> SafeString:
    """In a word and a sign, not by colour alone."""
    if name == judging.OUTSIDE:
        return mark_safe(  # noqa: S308
            f'<span class="chip chip-red">{icon("alert-triangle")} {escape(pgettext("verdict", "outside"))}</span>'
        )
    if name == judging.INSIDE:
        return mark_safe(  # noqa: S308
            f'<span class="chip chip-ok">{icon("check")} {escape(pgettext("verdict", "inside"))}</span>'
        )
    if name == judging.MISSING:
        return chip(pgettext("verdict", "not tested"), "yellow")
    if name == judging.OPEN:
        return chip(pgettext("verdict", "cannot be told"))
    return mark_safe(f'<span class="text-secondary">{escape(pgettext("verdict", "no limits"))}</span>')  # noqa: S308


@register.simple_tag
def stock(value: int | None) -> str:
    """An amount as it lies in the database, in whole millionths."""
    return write("quantity", None if value is None else from_fixed(value))


@register.simple_tag
def share(value: float | None) -> str:
    return NOTHING if value is None else percent(value)


@register.simple_tag
def balance(movement: Movement) -> SafeString:
    """What was declared lost, what is missing or too much: of the whole posting, in the common unit."""
    said = []
    if movement.lost:
        said.append(pgettext("balance", "lost %(amount)s") % {"amount": write("quantity", movement.lost)})
    if movement.gap is None:
        said.append(pgettext("balance", "not told"))
    elif movement.gap:
        said.append(pgettext("balance", "gap %(amount)s") % {"amount": write("quantity", movement.gap)})
    elif not said:
        said.append(pgettext("balance", "even"))
    text = escape(" · ".join(said))
    if movement.is_flagged:
        return mark_safe(f"{text} {chip(pgettext('balance', 'marked'), 'yellow')}")  # noqa: S308
    return mark_safe(text)  # noqa: S308


@register.simple_tag
def trace_picture(picture: Picture, outside: set[int], label: str, css: str, lot: int) -> SafeString:
    """The SVG of a trace. Each box is a link; a lot that deviates or is on hold says so in words."""
    parts = [
        f'<svg class="trace-picture {css}" viewBox="0 0 {picture.width:.0f} {picture.height:.0f}" width="{picture.width:.0f}"'
        f' height="{picture.height:.0f}" role="group" aria-label="{escape(label)}">'
    ]
    parts += [
        f'<path class="trace-line" d="{one.path}" stroke-width="{one.width}"></path>' for one in picture.lines
    ]
    parts += [
        f'<text class="trace-title" x="{one.x:.0f}" y="{one.y:.0f}">{escape(one.title)} · {one.count}</text>'
        for one in picture.columns
    ]
    parts += [_drawn(box, outside, lot) for box in picture.boxes]
    parts += [
        f'<text class="trace-share" x="{one.x}" y="{one.y}">{escape(one.label)}</text>'
        for one in picture.lines
        if one.label
    ]
    parts.append("</svg>")
    return mark_safe("".join(parts))  # noqa: S308


def _drawn(box: Box, outside: set[int], lot: int) -> str:
    frame = f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{BOX_W}" height="{BOX_H}" rx="6"></rect>'

    def text(line: int, said: str, css: str = "") -> str:
        return (
            f'<text class="{css}" x="{box.x + 9:.0f}" y="{box.y + 19 + 18 * line:.0f}">{escape(said)}</text>'
        )

    if box.node is not None:
        one = box.node
        deviates = one.id in outside
        name = f"{one.product}/{one.number}"
        share = "" if one.share is None or one.id == lot else percent(one.share)
        status = str(Lot.Status(one.status).label)
        second = " · ".join(
            piece
            for piece in (f"▲ {pgettext('verdict', 'outside')}" if deviates else "", status, share)
            if piece
        )
        css = " ".join(
            piece
            for piece in (
                "trace-box",
                "is-this" if one.id == lot else "",
                f"is-{one.status}",
                "is-outside" if deviates else "",
            )
            if piece
        )
        url = reverse("lot", args=[one.id])
        spoken = escape(f"{name} {one.product_name}, {second}")
        return (
            f'<a class="{css}" href="{url}" aria-label="{spoken}"><title>{spoken}</title>{frame}'
            f"{text(0, _fit(name, 20), 'trace-name')}{text(1, _fit(second, 24))}</a>"
        )
    if box.shipped is not None:
        row = box.shipped
        url = reverse("customer", args=[row["customer"]])
        amount = f"{write('quantity', row['quantity'])} {said_unit(row['unit'])}".strip()
        spoken = escape(f"{row['name']} {amount}")
        return (
            f'<a class="trace-box is-customer" href="{url}" aria-label="{spoken}"><title>{spoken}</title>{frame}'
            f"{text(0, _fit(row['name'], 20), 'trace-name')}{text(1, _fit(amount, 24))}</a>"
        )
    said = ngettext("%(n)s more", "%(n)s more", box.more) % {"n": box.more}
    return (
        f'<a class="trace-box is-more" href="#trace-table" aria-label="{escape(said)}">{frame}'
        f"{text(0, said, 'trace-name')}{text(1, _('in the table below'))}</a>"
    )


def _fit(text: str, most: int) -> str:
    """As much of a text as a box holds; a Chinese character is two wide."""
    width, kept = 0, ""
    for letter in text:
        width += 2 if ord(letter) > 0x2E7F else 1
        if width > most:
            return kept[:-1] + "…"
        kept += letter
    return kept


@register.simple_tag
def cause_value(source: Any, value: Any) -> str:
    """A number with its unit, to four figures; the time of making as days after or before this lot; a word as it is."""
    if isinstance(value, str):
        return value
    if source.kind == "time":
        days = round(value)
        return "0" if days == 0 else ngettext("%(n)+d day", "%(n)+d days", abs(days)) % {"n": days}
    said = write_quantity(Decimal(f"{value:.4g}"))
    return f"{said} {said_unit(source.unit)}".rstrip()


@register.simple_tag
def figure(value: float | None) -> str:
    """A measured or reckoned number to four figures, without a unit."""
    return NOTHING if value is None else write_quantity(Decimal(f"{value:.4g}"))
