"""Files and runs for the tests of imports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bihuan.integration.importing.run import preview_import, run_import
from bihuan.integration.importing.undo import undo_import
from bihuan.kernel.actor import SYSTEM

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
COUNTS = (
    "rows",
    "created",
    "updated",
    "unchanged",
    "exact_duplicates",
    "cancellations",
    "unassigned",
    "refused",
)


def write_csv(folder: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def bring_in(path: Path, kind: str, **options: Any) -> dict[str, Any]:
    """Import as the system does, after a dry run whose counts must be the same."""
    promised = preview_import(actor=SYSTEM, path=path, kind=kind, now=NOW, **options)
    result = run_import(actor=SYSTEM, path=path, kind=kind, now=NOW, **options)
    for name in (*COUNTS, "customers", "orders", "total"):
        assert promised[name] == result[name], name
    assert accounted(result)
    return result


def accounted(result: dict[str, Any]) -> bool:
    """Every row is created, updated, unchanged or refused."""
    return bool(
        result["rows"] == sum(result[name] for name in ("created", "updated", "unchanged", "refused"))
    )


def undo(import_id: int) -> dict[str, Any]:
    return undo_import(actor=SYSTEM, import_id=import_id, now=NOW)


def codes(notices: Iterable[dict[str, Any]]) -> set[str]:
    return {one["code"] for one in notices}
