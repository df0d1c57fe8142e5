"""What the templates of results write with: `{% load laboratory %}`."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

from bihuan.kernel.pages.values import chip, icon, write_quantity

from ..models import TestResult

register = template.Library()


@register.simple_tag
def uncertainty(result: TestResult) -> SafeString:
    """` ± 0.05`, expanded with k = 2; nothing where it was not given."""
    if result.uncertainty is None:
        return mark_safe("")
    said = write_quantity(Decimal(str(result.uncertainty)))
    hint = escape(pgettext("test", "Expanded uncertainty, k = 2"))
    return mark_safe(f' <span class="text-secondary nowrap" title="{hint}">± {said}</span>')  # noqa: S308


@register.simple_tag
def result_state(result: TestResult) -> SafeString:
    if not result.is_draft:
        return mark_safe("")
    return mark_safe(f" {chip(pgettext('test', 'to be verified'), 'yellow')}")  # noqa: S308


@register.simple_tag(takes_context=True)
def invalid_button(context: Any, result: TestResult | None) -> SafeString:
    """Declares it invalid; only for who enters results, and of one that is not invalid yet."""
    if (
        result is None
        or result.invalid_at is not None
        or not context["request"].actor.may("lot_test", "create")
    ):
        return mark_safe("")
    said = escape(pgettext("test", "Declare invalid"))
    return mark_safe(  # noqa: S308
        f' <button type="button" class="btn-plain" hx-get="{reverse("result_invalid", args=[result.pk])}"'
        f' hx-target="#dialog-content" aria-label="{said} {escape(result.said)}" title="{said}">{icon("ban")}</button>'
    )


@register.filter
def may_enter_results(actor: Any) -> bool:
    return bool(actor.may("lot_test", "create"))
