"""Form fields in our look: `{% load forms %}`."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, SelectMultiple
from django.http.request import split_domain_port
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def widget(field: BoundField, **attrs: Any) -> SafeString:
    """The input of a field with the classes of our look; further attributes as given."""
    drawn = field.field.widget
    if isinstance(drawn, CheckboxInput):
        css = "form-check-input"
    elif isinstance(drawn, CheckboxSelectMultiple | RadioSelect):
        css = ""
    elif isinstance(drawn, Select | SelectMultiple):
        css = "form-select"
    else:
        css = "form-control"
    if css:
        attrs["class"] = f"{drawn.attrs.get('class', '')} {css}".strip()
    attrs = {name.replace("_", "-"): value for name, value in attrs.items()}
    return field.as_widget(attrs=attrs)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.simple_tag(takes_context=True)
def host_takes_passkeys(context: template.Context) -> bool:
    """Passkeys belong to a host's name; browsers refuse them for a bare address (localhost is a name)."""
    host = split_domain_port(context["request"].get_host())[0].strip("[]")
    try:
        ip_address(host)
    except ValueError:
        return True
    return False
