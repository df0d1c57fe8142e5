"""What templates write with: `{% load pages %}`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString

from bihuan.kernel.pages import labels, values
from bihuan.kernel.pages.notices import unread_count
from bihuan.kernel.pages.registry import PaletteAction, load_pages
from bihuan.kernel.time import now

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """`{% icon "users" %}`; with a label when it stands without text."""
    return values.icon(name, label, css)


@register.simple_tag
def chip(text: object, tone: str = "", title: str = "") -> SafeString:
    return values.chip(str(text), tone, title)


@cache
def _fingerprint(path: str) -> str:
    found = finders.find(path)
    if not found:
        return ""
    with open(str(found), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()[:10]


@register.simple_tag
def asset(path: str) -> str:
    """The address of a static file, new when its content is."""
    mark = _fingerprint(path)
    return static(path) + (f"?v={mark}" if mark else "")


@register.filter
def write(value: Any, kind: str) -> str:
    """`{{ value|write:"money" }}`: kinds money, money_whole, quantity, number, percent, fraction, date, moment, bool."""
    return values.write(kind, value)


@register.filter
def money(value: Any) -> str:
    return values.write("money", value)


@register.filter
def whole(value: Any) -> str:
    return values.write("money_whole", value)


@register.filter
def quantity(value: Any) -> str:
    return values.write("quantity", value)


@register.filter
def unit(code: str) -> str:
    """`{{ product.unit|unit }}`: 吨 for t."""
    return labels.said_unit(code)


@register.filter
def day(value: date | None) -> str:
    return values.write("date", value)


@register.filter
def moment(value: Any) -> str:
    return values.write("moment", value)


@register.filter
def who(name: str | None) -> str:
    """The name of who acted, as kept with what was done; the program itself in the reader's words."""
    return values.said_name(name)


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`{{ mapping|item:key }}`"""
    return mapping.get(key)


@register.simple_tag(takes_context=True)
def menu(context: template.Context) -> list[dict[str, Any]]:
    """The actor's menu in its sections, the present entry marked."""
    request = context["request"]
    kept: list[dict[str, Any]] | None = request.__dict__.get("menu")
    if kept is not None:  # sidebar and thumb bar ask for the same
        return kept
    match = request.resolver_match
    here = match.view_name if match else ""
    space = match.namespace if match else ""
    sections: dict[str, list[dict[str, Any]]] = {}
    for one in load_pages().menu_for(request.actor):
        active = one.url_name == here or (
            bool(space) and one.url_name.split(":")[0] == space and not _listed(here)
        )
        sections.setdefault(one.section, []).append(
            {"item": one, "active": active, "url": _address(one.url_name)}
        )
    kept = request.__dict__["menu"] = [
        {"name": name, "items": sections[name]}
        for name in ("work", "decide", "data", "administer")
        if name in sections
    ]
    return kept


@cache
def _address(url_name: str) -> str:
    return reverse(url_name)


@register.inclusion_tag("pages/partials/bell.html", takes_context=True)
def bell(context: template.Context) -> dict[str, Any]:
    """The bell of the header with the number of what is not read. One query."""
    return {"unread": unread_count(context["request"].actor, now())}


@register.simple_tag(takes_context=True)
def actions_with_keys(context: template.Context) -> list[PaletteAction]:
    """The actions that a shortcut starts from any page, as far as the actor may do them."""
    actor = context["request"].actor
    return [one for one in load_pages().actions if one.keys and actor.may(one.object, one.action)]


def _listed(view_name: str) -> bool:
    return any(one.url_name == view_name for one in load_pages().menu)
