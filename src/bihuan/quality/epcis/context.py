"""@context: which prefix stands for which namespace. Contexts on the web are not fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bihuan.quality.epcis.vocabulary import KNOWN_PREFIXES

_EPCIS_CONTEXT = re.compile(
    r"https?://(?:ref\.gs1\.org|gs1\.github\.io|id\.gs1\.org)/.*epcis.*context.*", re.I
)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """`foreign`: a context on the web may declare prefixes that are not seen here. `terms`: what inline contexts define."""

    prefixes: dict[str, str] = field(default_factory=lambda: dict(KNOWN_PREFIXES))
    terms: frozenset[str] = frozenset()
    foreign: bool = False
    epcis: bool = False

    def knows(self, prefix: str) -> bool:
        return self.foreign or prefix in self.prefixes

    def expanded(self, key: str) -> str:
        """`{namespace}name` for `prefix:name`; other keys stay as they are."""
        prefix, colon, name = key.partition(":")
        if colon and not name.startswith("//") and prefix in self.prefixes:
            return "{" + self.prefixes[prefix] + "}" + name
        return key

    def within(self, context: Any) -> Namespaces:
        """These namespaces with those of an inner @context added; what is not well formed is passed over."""
        prefixes, terms = dict(self.prefixes), set(self.terms)
        foreign, epcis = self.foreign, self.epcis
        for part in context if isinstance(context, list) else [context]:
            if isinstance(part, str):
                if _EPCIS_CONTEXT.match(part):
                    epcis = True
                else:
                    foreign = True
            elif isinstance(part, dict):
                for key, value in part.items():
                    target = value.get("@id") if isinstance(value, dict) else value
                    terms.add(key)
                    if isinstance(target, str) and not key.startswith("@"):
                        prefixes[key] = target
        return Namespaces(prefixes, frozenset(terms), foreign, epcis)


def is_extension_key(key: str) -> bool:
    """`prefix:name` or a whole URI."""
    prefix, colon, name = key.partition(":")
    return bool(colon and prefix and name) and not key.startswith("@")
