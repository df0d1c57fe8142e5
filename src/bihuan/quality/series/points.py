"""The points of one series as CSV on standard output, in a process of its own: `python -m bihuan.quality.series.points FILE NAME`.

What serves pages starts it and hands its output on.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import bihuan

STEP = 50_000


def csv_of(path: Path, name: str) -> Iterator[bytes]:
    """Lines `2018-11-18T22:28:52Z,4.75` in pieces; blank points have no value."""
    package = str(Path(bihuan.__file__).parent.parent)
    search = os.pathsep.join(one for one in (package, os.environ.get("PYTHONPATH")) if one)
    with subprocess.Popen(
        [sys.executable, "-m", "bihuan.quality.series.points", str(path), name],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": search},
    ) as process:
        try:
            while piece := process.stdout.read(65_536):  # type: ignore[union-attr]
                yield piece
        finally:
            process.kill()


def main(file: str, name: str) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pc_csv
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(file).iter_batches(STEP, columns=["at", name]):
        moments = batch.column(0).cast(pa.timestamp("us"))
        with contextlib.suppress(pa.ArrowInvalid):  # fractions of a second are written where there are some
            moments = moments.cast(pa.timestamp("s"))
        said = pc.strftime(moments, "%Y-%m-%dT%H:%M:%SZ")
        lines = pa.table({"at": said, "value": batch.column(1)})
        pc_csv.write_csv(
            lines, sys.stdout.buffer, pc_csv.WriteOptions(include_header=False, quoting_style="none")
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
