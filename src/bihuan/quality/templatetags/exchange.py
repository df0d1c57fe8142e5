"""What the templates of captured events write with: `{% load exchange %}`."""

from __future__ import annotations

from django import template
from django.utils.translation import pgettext

register = template.Library()


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
