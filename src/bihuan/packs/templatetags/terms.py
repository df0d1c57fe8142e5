"""`{% term "customer" %}`: the industry's own word, in the reader's language."""

from django import template

from bihuan.packs import queries

register = template.Library()


@register.simple_tag
def term(name: str) -> str:
    return queries.term(name)
