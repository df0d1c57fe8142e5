"""From the database to the lake, in a process of its own: `python -m bihuan.kernel.analytics.export < request`.

The request is a JSON object: {"lake": FOLDER, "source": {"kind": "sqlite", "path": FILE} or {"kind": "postgres",
"parameters": "host=… dbname=…"}, "dirty": {dataset: [months] or null for all}}. The answer is one JSON object:
{"generation", "written": {dataset: {part: rows}}, "removed": {dataset: [parts]}}.

This process opens the database through DuckDB alone. A process that also held the SQLite file through another copy
of SQLite would lose its locks when either copy closes the file.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .lake import EVERYTHING, WHOLE, DatasetFiles, Lake, Part, open_lake, remove_strays, save_manifest
from .registry import Column, Dataset, load_all, registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

TYPES = {
    "int": "BIGINT",
    "text": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "bool": "BOOLEAN",
    "fixed": "DECIMAL(18,6)",
}
MONTH = re.compile(r"\d{4}-\d{2}")


def cast(column: Column) -> str:
    """The column as the lake keeps it. Millionths become a decimal by exact multiplication, never through a float."""
    if column.kind == "fixed":
        return f'CAST(CAST("{column.name}" AS DECIMAL(19,0)) * 0.000001 AS DECIMAL(18,6)) AS "{column.name}"'
    return f'CAST("{column.name}" AS {TYPES[column.kind]}) AS "{column.name}"'


def signature(dataset: Dataset) -> str:
    """Changes when the declaration changes; the dataset is then written anew."""
    text = json.dumps(
        [[c.name, c.kind] for c in dataset.columns] + [dataset.part_by, " ".join(dataset.select.split())]
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def connect(source: Mapping[str, str], scratch: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with the company's database attached, read only, as the place where plain table names are found."""
    import duckdb

    kind = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner"}[source["kind"]]
    package = importlib.import_module(f"duckdb_extension_{kind}")
    extension = (
        Path(package.__file__ or "").parent
        / "extensions"
        / f"v{duckdb.__version__}"
        / f"{kind}.duckdb_extension"
    )
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"SET temp_directory = {quoted(str(scratch))}")
    connection.execute(f"LOAD {quoted(str(extension))}")
    if source["kind"] == "sqlite":
        connection.execute(f"ATTACH {quoted(source['path'])} AS company (TYPE sqlite, READ_ONLY)")
        connection.execute("USE company")
    else:
        connection.execute(f"ATTACH {quoted(source['parameters'])} AS company (TYPE postgres, READ_ONLY)")
        connection.execute("USE company.public")
    return connection


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """One export at a time; the lock goes with the process, however it ends."""
    with (root / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def export(
    root: Path,
    source: Mapping[str, str],
    dirty: Mapping[str, Iterable[str] | None],
    datasets: Iterable[Dataset],
) -> dict[str, Any]:
    """Write the dirty parts, and every dataset that is missing or declared differently, as one new generation."""
    root.mkdir(parents=True, exist_ok=True)
    written: dict[str, dict[str, int]] = {}
    removed: dict[str, list[str]] = {}
    with alone(root):
        before = open_lake(root)
        lake = Lake(root, before.generation + 1, dict(before.datasets))
        plan = [(one, wanted_parts(one, before, dirty)) for one in datasets]
        plan = [(one, parts) for one, parts in plan if parts is None or parts]
        if not plan:
            return {"generation": before.generation, "written": {}, "removed": {}}
        connection = connect(source, root / ".scratch")
        connection.execute("BEGIN TRANSACTION READ ONLY")  # PostgreSQL: all datasets from one snapshot
        for dataset, parts in plan:
            made = write_dataset(connection, lake, dataset, parts)
            known = before.datasets.get(dataset.name)
            old = {} if known is None else known.parts
            kept = {} if parts is None else {name: part for name, part in old.items() if name not in parts}
            lake.datasets[dataset.name] = DatasetFiles(
                signature(dataset), kept | made, empty_file(connection, lake, dataset)
            )
            written[dataset.name] = {name: part.rows for name, part in sorted(made.items())}
            removed[dataset.name] = sorted(set(old) - set(kept) - set(made))
        connection.close()
        save_manifest(lake)
        remove_strays(lake, before)
    return {"generation": lake.generation, "written": written, "removed": removed}


def wanted_parts(dataset: Dataset, lake: Lake, dirty: Mapping[str, Iterable[str] | None]) -> set[str] | None:
    """The parts to write: None is all of them, an empty set none."""
    known = lake.datasets.get(dataset.name)
    if known is None or known.signature != signature(dataset):
        return None
    if dataset.name not in dirty:
        return set()
    listed = dirty[dataset.name]
    parts = None if listed is None else set(listed)
    if parts is None or EVERYTHING in parts or (parts and dataset.part_by is None):
        return None
    if any(not MONTH.fullmatch(part) for part in parts):
        raise ValueError(f"{dataset.name}: not months: {sorted(parts)[:3]}")
    return parts


def write_dataset(
    connection: duckdb.DuckDBPyConnection, lake: Lake, dataset: Dataset, parts: set[str] | None
) -> dict[str, Part]:
    """Write the rows of these parts to new files and say which; nothing refers to them yet."""
    columns = ", ".join(cast(column) for column in dataset.columns)
    part = f"strftime({dataset.part_by}, '%Y-%m')" if dataset.part_by else quoted(WHOLE)
    where = ""
    if parts is not None:
        spans = " OR ".join(
            f"({dataset.part_by} >= DATE '{name}-01' AND {dataset.part_by} < DATE '{name}-01' + INTERVAL 1 MONTH)"
            for name in sorted(parts)
        )
        where = f"WHERE {spans}"
    folder = lake.root / dataset.name
    folder.mkdir(exist_ok=True)
    rows = connection.execute(
        f"COPY (SELECT {columns}, {part} AS part FROM ({dataset.select}) AS facts {where}) TO {quoted(str(folder))} "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARTITION_BY (part), OVERWRITE_OR_IGNORE, "
        f"FILENAME_PATTERN 'g{lake.generation}_{{i}}', RETURN_STATS)"
    ).fetchall()
    made: dict[str, Part] = {}
    for filename, count, *_ in rows:
        path = Path(filename)
        name = path.parent.name.removeprefix("part=")
        sofar = made.get(name, Part((), 0))
        made[name] = Part((*sofar.files, str(path.relative_to(lake.root))), sofar.rows + count)
    return made


def empty_file(connection: duckdb.DuckDBPyConnection, lake: Lake, dataset: Dataset) -> str:
    """A file with the columns and no rows: what a reader opens when the dataset is empty."""
    name = f"{dataset.name}/g{lake.generation}_empty.parquet"
    columns = ", ".join(
        f'CAST(NULL AS {TYPES[column.kind]}) AS "{column.name}"' for column in dataset.columns
    )
    connection.execute(
        f"COPY (SELECT {columns} WHERE false) TO {quoted(str(lake.root / name))} (FORMAT parquet)"
    )
    return name


def main() -> int:
    os.umask(0o077)
    request = json.load(sys.stdin)
    load_all()
    result = export(Path(request["lake"]), request["source"], request["dirty"], registry.datasets.values())
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
