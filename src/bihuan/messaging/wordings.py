"""Wordings of messages: delivered as data, changed by the company, filled with plain values.

A wording is text with `{{ name }}` in it. Nothing but the declared names is filled in, and what is filled in is never
read as a wording again: neither a customer's name nor a mail can make a message say what nobody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from .errors import MessagingError
from .mail.compose import one_line
from .models import MessageTemplate

VARIABLE = re.compile(r"\{\{\s*([a-z_][a-z0-9_]*)\s*\}\}")
LANGUAGES = ("zh-hans", "zh-hant", "en")
_sources: list[Path] = [Path(__file__).parent / "data" / "wordings.yaml"]


@dataclass(frozen=True)
class Wording:
    subject: str
    body: str
    is_own: bool = False  # the company's, not the delivered one


@dataclass(frozen=True)
class Template:
    """A message as it is delivered: `variables` with an example each, wordings by language (simplified Chinese always)."""

    key: str
    title: Mapping[str, str]
    variables: Mapping[str, str]
    wordings: Mapping[str, Wording]


def register_wordings(path: Path) -> None:
    """Add a room's own file of wordings."""
    if path not in _sources:
        _sources.append(path)
        templates.cache_clear()


@cache
def templates() -> dict[str, Template]:
    """All delivered templates by key."""
    found: dict[str, Template] = {}
    for path in _sources:
        for key, given in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if key in found:
                raise ValueError(f"wording {key} is delivered twice")
            found[key] = _read(key, given)
    return found


def _read(key: str, given: Mapping[str, Any]) -> Template:
    wordings = {
        language: Wording(str(one["subject"]), str(one["body"]).rstrip("\n"))
        for language, one in given["wordings"].items()
    }
    template = Template(key, given["title"], {k: str(v) for k, v in given["variables"].items()}, wordings)
    if "zh-hans" not in wordings:
        raise ValueError(f"wording {key} lacks its Chinese")
    for language, one in wordings.items():
        if unknown_variables(template, one):
            raise ValueError(f"wording {key} ({language}): {unknown_variables(template, one)}")
    return template


def declared(key: str) -> Template:
    found = templates().get(key)
    if found is None:
        raise MessagingError(_("There is no template “%(key)s”.") % {"key": key[:80]})
    return found


def unknown_variables(template: Template, wording: Wording) -> list[str]:
    used = VARIABLE.findall(wording.subject) + VARIABLE.findall(wording.body)
    return [name for name in dict.fromkeys(used) if name not in template.variables]


def wording(key: str, language: str = "zh-hans") -> Wording:
    """The wording that counts: the company's own, else the delivered one, else the simplified Chinese."""
    template = declared(key)
    order = [language] + (["zh-hans"] if language != "zh-hans" else [])
    own = {one.language: one for one in MessageTemplate.objects.filter(key=key, language__in=order)}
    for one in order:
        if one in own:
            return Wording(own[one].subject, own[one].body, True)
        if one in template.wordings:
            return template.wordings[one]
    return template.wordings["zh-hans"]


def render(key: str, values: Mapping[str, object], language: str = "zh-hans") -> Wording:
    """Subject and body with their values. Each variable that the wording uses must be given."""
    return fill(declared(key), wording(key, language), values)


def preview(template: Template, given: Wording) -> Wording:
    """How a wording reads, with the examples as values."""
    return fill(template, given, template.variables)


def fill(template: Template, given: Wording, values: Mapping[str, object]) -> Wording:
    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in template.variables or name not in values:
            raise MessagingError(_("{{ %(name)s }} was not filled in.") % {"name": name})
        return str(values[name])

    # One pass over the wording: what is filled in is not looked at again.
    subject = one_line(VARIABLE.sub(value, given.subject))
    return Wording(subject, VARIABLE.sub(value, given.body), given.is_own)
