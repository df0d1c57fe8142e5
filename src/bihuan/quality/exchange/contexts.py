"""Where @context stands in what is told: once for a document where that means the same, else with the event itself.

Captured events carry all contexts that they stood under. Programs that read only a document's context would not know their prefixes.
"""

from __future__ import annotations

from typing import Any

from bihuan.quality.epcis.context import URI_SCHEMES
from bihuan.quality.epcis.vocabulary import KNOWN_PREFIXES
from bihuan.quality.epcis.writing import CONTEXT


def parts_of(*contexts: Any) -> list[Any]:
    """The parts of several contexts, outer first, each once: where the last of equal ones stood, because later ones prevail."""
    parts: list[Any] = []
    for one in contexts:
        parts += one if isinstance(one, list) else [] if one is None else [one]
    kept: dict[str, Any] = {}
    for part in parts:
        kept.pop(repr(part), None)
        kept[repr(part)] = part
    return list(kept.values())


def lifted(events: list[dict[str, Any]], prefixes: dict[str, str]) -> tuple[list[Any], list[dict[str, Any]]]:
    """The document's @context and its events. `prefixes` are those of events that bring no context.

    An event keeps its own context if that names another address than the document's, defines more than prefixes, or gives a prefix another
    meaning than the document has for it.
    """
    theirs = [parts_of(event.get("@context")) for event in events]
    addresses = {tuple(part for part in parts if isinstance(part, str)) for parts in theirs if parts}
    address = next(iter(addresses)) if len(addresses) == 1 else (CONTEXT,)
    found = dict(prefixes)
    told: list[dict[str, Any]] = []
    for event, parts in zip(events, theirs, strict=True):
        declared = _prefixes(parts)
        fits = declared is not None and address == tuple(part for part in parts if isinstance(part, str))
        if declared is not None and fits and all(_may(found, *one) for one in declared.items()):
            found |= declared
            told.append({key: value for key, value in event.items() if key != "@context"})
        else:
            told.append(event | {"@context": parts} if parts else event)
    return [*address, found], told


def _prefixes(parts: list[Any]) -> dict[str, str] | None:
    """What the inline parts declare; None if they do more than to declare prefixes, each once."""
    found: dict[str, str] = {}
    for part in parts:
        for key, value in part.items() if isinstance(part, dict) else ():
            if not isinstance(value, str) or "@" in (key[:1], value[:1]) or key.lower() in URI_SCHEMES:
                return None
            if found.setdefault(key, value) != value:
                return None
    return found


def _may(found: dict[str, str], prefix: str, namespace: str) -> bool:
    return found.get(prefix, KNOWN_PREFIXES.get(prefix, namespace)) == namespace
