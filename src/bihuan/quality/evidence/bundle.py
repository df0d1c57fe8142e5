"""A bundle: some events with all that it takes to check them without us. `bihuan_verify.py` checks one.

One canonical JSON object and a line end: `format`, `keys` (the records, first to last), `head`, `leaves` (each with `index`, `event`, `hash`,
`proof`), `kept` (earlier heads, each with the `proof` that the log of `head` begins with theirs). Nothing stands in it that a signature or a
hash does not cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files

from .canonical import canonical
from .log import EvidenceLog
from .notes import SignedHead
from .tree import leaf_hash

FORMAT = "bihuan-bundle/1"
VERIFIER = "bihuan_verify.py"


def make_bundle(log: EvidenceLog, indexes: Iterable[int], kept: Sequence[SignedHead] = ()) -> bytes:
    """The bundle of these entries under the newest head; `kept` are earlier heads to which it has to lead back.

    EvidenceFault where an entry is not in the log, or a kept head is not of this log's history.
    """
    signed = log.head()
    size = signed.head.size
    leaves = []
    for index in sorted(set(indexes)):
        entry = log.entry(index, size)
        proof = log.inclusion(index, size)
        leaves.append(
            {
                "index": index,
                "event": entry.decode(),
                "hash": leaf_hash(entry).hex(),
                "proof": [one.hex() for one in proof],
            }
        )
    earlier = {one.head.size: one for one in kept}
    return (
        canonical(
            {
                "format": FORMAT,
                "keys": [one.decode() for one in log.key_records()],
                "head": signed.to_bytes().decode(),
                "leaves": leaves,
                "kept": [
                    {
                        "head": one.to_bytes().decode(),
                        "proof": [hash_.hex() for hash_ in log.consistency(one, signed)],
                    }
                    for _size, one in sorted(earlier.items())
                ],
            }
        )
        + b"\n"
    )


def verifier() -> bytes:
    """The stand-alone verifier, as it is handed out."""
    return files(__package__).joinpath(VERIFIER).read_bytes()
