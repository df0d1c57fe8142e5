"""The lake's files: Parquet by dataset and month, and one manifest that says which of them count.

    lake/manifest.json
    lake/order_lines/part=2011-08/g12_0.parquet
    lake/metric_values/as_of=2011-08-31/g12.parquet

A reader reads the manifest and opens the files named there, nothing else. A writer writes new files beside the old
ones and then replaces the manifest in one rename, so that a kill at any moment leaves a whole lake. Files that
neither the new nor the last manifest names are removed at the end of the next export.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
VALUES = "metric_values"
EVERYTHING = "*"  # a change mark for a whole dataset
WHOLE = "all"  # the part of a dataset that has no months


class LakeMissing(Exception):
    """Nothing was written to the lake yet."""


@dataclass(frozen=True, slots=True)
class Part:
    files: tuple[str, ...]
    rows: int


@dataclass
class DatasetFiles:
    """The files of one dataset; `signature` tells whether they still have the declared columns."""

    signature: str
    parts: dict[str, Part] = field(default_factory=dict)
    empty: str = ""

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts.values())


@dataclass
class Lake:
    root: Path
    generation: int = 0
    datasets: dict[str, DatasetFiles] = field(default_factory=dict)

    def files(self, dataset: str, last_part: str | None = None) -> list[str]:
        """Absolute paths of a dataset's files; months after `last_part` are left out. Never empty."""
        if dataset not in self.datasets:
            raise LakeMissing(dataset)
        known = self.datasets[dataset]
        found = [
            str(self.root / file)
            for name, part in sorted(known.parts.items())
            if last_part is None or not name[:4].isdigit() or name <= last_part
            for file in part.files
        ]
        return found or [str(self.root / known.empty)]

    def named_files(self) -> set[str]:
        named = {
            file for known in self.datasets.values() for part in known.parts.values() for file in part.files
        }
        return named | {known.empty for known in self.datasets.values() if known.empty}

    def to_json(self) -> dict[str, Any]:
        return {
            "generation": self.generation,
            "datasets": {
                name: {
                    "signature": known.signature,
                    "empty": known.empty,
                    "parts": {
                        part: {"files": list(one.files), "rows": one.rows}
                        for part, one in known.parts.items()
                    },
                }
                for name, known in sorted(self.datasets.items())
            },
        }


def open_lake(root: Path) -> Lake:
    """The lake as its manifest describes it; an empty one where there is none yet."""
    try:
        stored = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Lake(root)
    return Lake(
        root,
        stored["generation"],
        {
            name: DatasetFiles(
                known["signature"],
                {part: Part(tuple(one["files"]), one["rows"]) for part, one in known["parts"].items()},
                known["empty"],
            )
            for name, known in stored["datasets"].items()
        },
    )


def save_manifest(lake: Lake) -> None:
    """Make the new files count: flush them, then replace the manifest in one rename."""
    for file in lake.named_files():
        if f"g{lake.generation}_" in file:
            _flush(lake.root / file)
    replace_file(lake.root / MANIFEST, json.dumps(lake.to_json(), indent=1).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old content or the new one, never half of it."""
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    with waiting.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    waiting.replace(path)
    _flush(path.parent)


def values_file(root: Path, as_of: str, generation: int) -> Path:
    """Where the metric values of a date lie, as computed from that generation of the lake."""
    return root / VALUES / f"as_of={as_of}" / f"g{generation}.parquet"


def remove_strays(lake: Lake, before: Lake) -> None:
    """Remove files that neither manifest names: left by a killed export, or replaced two exports ago."""
    kept = lake.named_files() | before.named_files()
    for dataset in lake.datasets:
        for path in (lake.root / dataset).rglob("*.parquet"):
            if str(path.relative_to(lake.root)) not in kept:
                path.unlink(missing_ok=True)
        for folder in (lake.root / dataset).glob("part=*"):
            if not any(folder.iterdir()):
                folder.rmdir()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
