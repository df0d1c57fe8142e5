"""The evidence log: what happened to lots and cases, so that others can check that it was never altered. Pure of the database.

    log = EvidenceLog(folder)
    places = log.append([{"v": 1, "kind": "lot_released", "id": "release:8812", "at": "2026-03-02T09:00:00Z",
                          "product": "T-95", "lot": "260302-1", "decision": "released"}], now=now)
    for finding in verify(log, rows=rows): …           # `checking`: what is wrong, by name
    write_bundle(log, [places[0]], kept=[old_head])     # `bundle`: what `bihuan_verify.py` checks without us

`canonical`, `events` and `sealing` make leaves; `tree` is RFC 6962; `notes` and `keys` are signatures; `tiles`, `files`, `index`, `appending` and
`log` are the files. Formats: docs/evidence.md.
"""

from .bundle import make_bundle
from .checking import Finding, Verification, verify
from .events import KINDS, canonical_event, read_event
from .faults import MESSAGES, EvidenceFault, LogBusy
from .log import EvidenceLog
from .sealing import new_salt, opens, seal

__all__ = [
    "KINDS",
    "MESSAGES",
    "EvidenceFault",
    "EvidenceLog",
    "Finding",
    "LogBusy",
    "Verification",
    "canonical_event",
    "make_bundle",
    "new_salt",
    "opens",
    "read_event",
    "seal",
    "verify",
]
