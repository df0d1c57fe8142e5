"""What the templates of recalls write with: `{% load recalls %}`."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.kernel.pages.values import NOTHING, icon

from ..models import RecallEntry
from ..recall.lists import state_chip
from ..recall.views import STEPS

register = template.Library()


@register.simple_tag
def recall_state(state: str) -> SafeString:
    return mark_safe(state_chip(state))  # noqa: S308


@register.simple_tag
def recall_button(entry: RecallEntry, what: str) -> SafeString:
    _form, label, sign, _apply = STEPS[what]
    address = reverse("recall_step", args=[entry.pk, what])
    return mark_safe(  # noqa: S308
        f'<button type="button" class="btn btn-sm" hx-get="{address}" hx-target="#dialog-content">'
        f"{icon(sign)} {escape(str(label))}</button>"
    )


@register.simple_tag
def recall_place(name: str) -> str:
    return {
        "stock": pgettext("recall", "In stock, on hold"),
        "shipped": pgettext("recall", "Shipped"),
        "lost": pgettext("recall", "Lost or used up in making"),
    }[name]


@register.simple_tag
def recall_event(kind: str) -> str:
    return {
        "started": pgettext("recall", "Recall started"),
        "told": pgettext("recall", "Told"),
        "unreachable": pgettext("recall", "Not reachable"),
        "answered": pgettext("recall", "Answered"),
        "closed": pgettext("recall", "Recall closed"),
    }[kind]


@register.simple_tag
def took(length: timedelta | None) -> str:
    """`5 h`, `12 min`."""
    if length is None:
        return str(NOTHING)
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    return _("%(n)s h") % {"n": round(minutes / 60, 1)}
