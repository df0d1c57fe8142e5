"""From the bytes of a document to the answer: accepted or not, the events' hash ids, and every fault with its path."""

from __future__ import annotations

from dataclasses import dataclass, field

from bihuan.quality.epcis import documents, rules
from bihuan.quality.epcis.faults import Fault
from bihuan.quality.epcis.hashing import hash_id, pre_hash
from bihuan.quality.epcis.reading import read
from bihuan.quality.epcis.values import Findings

MOST_FAULTS = 200


@dataclass(frozen=True, slots=True)
class Report:
    """`events` counts those found. A document is accepted whole or not at all; only an accepted one has hash ids, in its order."""

    events: int = 0
    hashes: list[str] = field(default_factory=list)
    pre_hashes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        return not self.faults


def check(data: bytes, *, version: str = "CBV2.0", with_pre_hashes: bool = False) -> Report:
    """Reads and judges a document. `version` names the rules of the hash: CBV2.0 or CBV2.1."""
    tree, faults = read(data)
    if tree is None and faults:
        return Report(faults=faults)
    events = list(documents.events_of(tree))
    if faults:
        return Report(events=len(events), faults=_first(faults))
    found = Findings()
    documents.envelope(tree, found)
    for path, event, names in events:
        rules.event(event, path, found, names)
    if found.faults:
        return Report(events=len(events), faults=_first(found.faults))
    hashes = [hash_id(event, names, version) for _path, event, names in events]
    written = [pre_hash(event, names, version) for _path, event, names in events] if with_pre_hashes else []
    return Report(len(events), hashes, written)


def _first(faults: list[Fault]) -> list[Fault]:
    if len(faults) <= MOST_FAULTS:
        return faults
    return [*faults[:MOST_FAULTS], Fault((), "more", {"count": len(faults) - MOST_FAULTS})]
