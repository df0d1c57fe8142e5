"""The points of one series as CSV on standard output, in a process of its own: `python -m bihuan.quality.series.points FILE NAME`.

What serves pages starts it and hands its output on.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

STEP = 50_000


def csv_of(path: Path, name: str) -> Iterator[bytes]:
    """Lines `2018-11-18T22:28:52Z,4.75` in pieces; blank points have no value."""
    with subprocess.Popen(
        [sys.executable, "-m", "bihuan.quality.series.points", str(path), name], stdout=subprocess.PIPE
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
        said = pc.strftime(batch.column(0).cast(pa.timestamp("us")), "%Y-%m-%dT%H:%M:%SZ")
        lines = pa.table({"at": said, "value": batch.column(1)})
        pc_csv.write_csv(
            lines, sys.stdout.buffer, pc_csv.WriteOptions(include_header=False, quoting_style="none")
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
