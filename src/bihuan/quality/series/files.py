"""Series as Parquet files in the lake: `lake/series/LOT/CONTENT.parquet`, the column `at` and one column a parameter, by time.

A file is written beside its place, synced, and renamed: its name never stands for half a file. It is named by its content, so that the
same series written twice is one file. Nothing is ever written into a file that is there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bihuan.kernel.analytics.processes import lake_root

if TYPE_CHECKING:
    import numpy as np

FOLDER = "series"
AT = "at"
ROW_GROUP = 131_072
FRESH = ".new"


def place_of(file: str) -> Path | None:
    """Where the file of a series lies; None where the name leads out of the folder of series."""
    root = (lake_root() / FOLDER).resolve()
    path = (lake_root() / file).resolve()
    return path if path.is_relative_to(root) else None


def file_name(lot: int, digests: Iterable[str]) -> str:
    """The path below the lake's folder of a file with series of these contents."""
    said = hashlib.sha256("".join(digests).encode()).hexdigest()
    return f"{FOLDER}/{lot}/{said[:20]}.parquet"


def write_file(file: str, times: np.ndarray, columns: Sequence[tuple[str, np.ndarray]]) -> str:
    """Write a file whole and give its SHA-256. `times` ascend; a NaN becomes a null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stamps = pa.array(times, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    table = pa.table(
        [stamps, *(pa.array(values, pa.float64(), from_pandas=True) for _name, values in columns)],
        names=[AT, *(name for name, _values in columns)],
    )
    path = lake_root() / file
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}{FRESH}")
    try:
        with open(os.open(waiting, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as stream:
            pq.write_table(
                table,
                stream,
                compression="zstd",
                row_group_size=ROW_GROUP,
                sorting_columns=[pq.SortingColumn(0)],
            )
            stream.flush()
            os.fsync(stream.fileno())
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
    flush(path.parent)
    flush(path.parent.parent)
    return digest


def read_points(path: Path, name: str, begin: Any = None, end: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """(microseconds since 1970 in UTC, doubles with NaN for a blank) of one parameter, by time.

    `begin`, `end`: moments with a zone, both within; of other columns and stretches of time nothing is read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    within = [(AT, sign, at) for sign, at in ((">=", begin), ("<=", end)) if at is not None]
    table = pq.read_table(path, columns=[AT, name], filters=within or None)
    times = table.column(AT).cast(pa.int64()).to_numpy()
    return times, table.column(name).to_numpy()


def remove_files(files: Iterable[str]) -> None:
    """Remove these, and folders of lots that become empty."""
    for file in files:
        path = place_of(file)
        if path is not None:
            path.unlink(missing_ok=True)
            if path.parent.is_dir() and not any(path.parent.iterdir()):
                path.parent.rmdir()


def flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
