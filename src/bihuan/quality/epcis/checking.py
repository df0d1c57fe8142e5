"""From the bytes of a document to the answer: accepted or not, the events' hash ids, and every fault with its path."""

from __future__ import annotations

from dataclasses import dataclass, field

from bihuan.quality.epcis import documents, rules
from bihuan.quality.epcis.faults import Fault
from bihuan.quality.epcis.hashing import hash_id, pre_hash
from bihuan.quality.epcis.reading import read
from bihuan.quality.epcis.values import Findings


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
    found = Findings()
    tree = read(data, found)
    if tree is None and found.count:
        return Report(faults=found.told())
    count = sum(1 for _event in documents.events_of(tree))
    if not found.count:
        documents.envelope(tree, found)
        for path, event, names in documents.events_of(tree):
            rules.event(event, path, found, names)
    if found.count:
        return Report(events=count, faults=found.told())
    hashes: list[str] = []
    kept: list[str] = []
    for _path, event, names in documents.events_of(tree):
        written = pre_hash(event, names, version)
        hashes.append(hash_id(written, version))
        if with_pre_hashes:
            kept.append(written)
    return Report(count, hashes, kept)
