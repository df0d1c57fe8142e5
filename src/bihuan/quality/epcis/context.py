"""@context: which prefix stands for which namespace. Contexts on the web are not fetched."""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass, field
from typing import Any

from bihuan.quality.epcis.vocabulary import KNOWN_PREFIXES

# with these a key is a whole URI, not prefix:name
URI_SCHEMES = frozenset(("urn", "http", "https", "tag", "did"))
_EPCIS_CONTEXT = re.compile(
    r"https?://(?:ref\.gs1\.org|gs1\.github\.io|id\.gs1\.org)/.*epcis.*context.*", re.I
)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """`foreign`: a context on the web may declare prefixes that are not seen here. `terms`: what inline contexts define.

    Inner contexts are laid over outer ones, so that an event with its own costs no copy of the document's.
    """

    prefixes: ChainMap[str, str] = field(default_factory=lambda: ChainMap(KNOWN_PREFIXES))
    terms: ChainMap[str, bool] = field(default_factory=ChainMap)
    foreign: bool = False
    epcis: bool = False

    def knows(self, prefix: str) -> bool:
        return self.foreign or prefix in self.prefixes

    def expanded(self, key: str) -> str:
        """`{namespace}name` for `prefix:name` or a whole URI; other keys stay as they are."""
        prefix, colon, name = key.partition(":")
        if colon and not name.startswith("//") and prefix in self.prefixes:
            return "{" + self.prefixes[prefix] + "}" + name
        return _split(key) if is_uri_key(key) else key

    def within(self, context: Any) -> Namespaces:
        """These namespaces with those of an inner @context added; what is not well formed is passed over."""
        prefixes, terms = self.prefixes.new_child(), self.terms.new_child()
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
                    terms[key] = True
                    if isinstance(target, str) and not key.startswith("@"):
                        prefixes[key] = target
        for key, target in list(prefixes.maps[0].items()):  # a namespace may itself be written with a prefix
            head, colon, rest = target.partition(":")
            if colon and head != key and head in prefixes and not rest.startswith("//"):
                prefixes[key] = prefixes[head] + rest
        return Namespaces(prefixes, terms, foreign, epcis)


def _split(uri: str) -> str:
    """A URI as namespace and name, parted behind its last delimiter."""
    at = max(uri.rfind(mark) for mark in "#/:") + 1
    return "{" + uri[:at] + "}" + uri[at:]


def is_uri_key(key: str) -> bool:
    prefix, colon, name = key.partition(":")
    return bool(colon) and (name.startswith("//") or prefix.lower() in URI_SCHEMES)


def is_extension_key(key: str) -> bool:
    """`prefix:name` or a whole URI."""
    prefix, colon, name = key.partition(":")
    return bool(colon and prefix and name) and not key.startswith("@")
