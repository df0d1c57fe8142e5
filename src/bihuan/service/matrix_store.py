"""The company's service matrix: kept as versions in its settings, so that clocks which stopped keep the promises they had."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.clocks import Desk
from bihuan.kernel.settings_store import change_setting, get_setting
from bihuan.service.matrix import ServiceMatrix, desk_of, parse_matrix
from bihuan.service.matrix.rules import Versions

SERVICE_MATRIX = "service.matrix"
"""The setting: `[{"valid_from": moment or null, "document": {…}}, …]`, the latest last."""


@transaction.atomic
def put_matrix_in_force(
    *, actor: Actor, document: Mapping[str, Any], from_start: bool = False, now: datetime
) -> ServiceMatrix:
    """Bring a matrix in force from `now`, the first one from the start; with `from_start` it takes the place of all before.

    Raises `MatrixFault` for a document that is none. The one in force already, again, changes nothing.
    """
    require(actor, "setting", "administer")
    plain = json.loads(json.dumps(document, default=str, ensure_ascii=False))
    matrix = parse_matrix(plain)
    versions: list[dict[str, Any]] = get_setting(SERVICE_MATRIX, [])
    if versions and versions[-1]["document"] == plain:
        return matrix
    kept = [] if from_start else versions
    fresh = {"valid_from": now.isoformat() if kept else None, "document": plain}
    change_setting(SERVICE_MATRIX, [*kept, fresh], now=now)
    record(
        actor, now, "service_matrix.changed", object_type="setting", object_id=SERVICE_MATRIX,
        object_name=SERVICE_MATRIX, after={"versions": len(kept) + 1, "valid_from": fresh["valid_from"]},
    )  # fmt: skip
    return matrix


def find_matrix() -> ServiceMatrix | None:
    """The matrix in force; None before the first."""
    versions = matrix_versions()
    return versions[-1][1] if versions else None


def matrix_versions() -> Versions:
    """All matrices by the moment from which they count; read once a wording, asked of the database each time."""
    stored = get_setting(SERVICE_MATRIX, [])
    return _read(json.dumps(stored, ensure_ascii=False)) if stored else ()


def find_desk() -> Desk | None:
    """The desk that folds cases by the company's matrices; None before the first."""
    stored = get_setting(SERVICE_MATRIX, [])
    return _desk(json.dumps(stored, ensure_ascii=False)) if stored else None


@lru_cache(maxsize=2)
def _read(stored: str) -> Versions:
    return tuple(
        (
            None if one["valid_from"] is None else datetime.fromisoformat(one["valid_from"]),
            parse_matrix(one["document"]),
        )
        for one in json.loads(stored)
    )


@lru_cache(maxsize=2)
def _desk(stored: str) -> Desk:
    return desk_of(_read(stored))
