"""What the templates of captured events write with: `{% load exchange %}`."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from ..exchange.naming import Document
from ..models import Movement

register = template.Library()


@register.simple_tag
def document(movement: Movement, documents: dict[str, Document]) -> str | SafeString:
    """A posting's document number; of one that came of another's event what people call it, its own number to be pointed at."""
    found = documents.get(movement.number)
    if found is None:
        return movement.number
    if movement.reverses_id is not None:
        return ""  # the page says what it takes back
    if found.event is None:
        return format_html('<span title="{}">{}</span>', movement.number, found.text)
    href = reverse("epcis_event", args=[found.event])
    return format_html('<a href="{}" title="{}">{}</a>', href, movement.number, found.text)


@register.simple_tag
def epcis_role(role: str) -> str:
    """As what an event names a lot."""
    return {
        "input": pgettext("epcis", "went in"),
        "output": pgettext("epcis", "came out"),
        "parent": pgettext("epcis", "holds others"),
        "child": pgettext("epcis", "was put in"),
        "object": pgettext("epcis", "is the object"),
    }.get(role, role)
