"""The company's dispatch document, kept in its settings. Visits keep in their event what was needed when they were planned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.settings_store import change_setting, get_setting

from .document import Dispatching, parse_dispatching

DISPATCH = "service.dispatch"


@transaction.atomic
def put_dispatching_in_force(*, actor: Actor, document: Mapping[str, Any], now: datetime) -> Dispatching:
    """Put a document in force. Raises `MatrixFault` for one that cannot be used; the same again changes nothing."""
    require(actor, "setting", "administer")
    plain = json.loads(json.dumps(document, default=str, ensure_ascii=False))
    found = parse_dispatching(plain)
    if get_setting(DISPATCH) == plain:
        return found
    change_setting(DISPATCH, plain, now=now)
    record(
        actor, now, "dispatching.changed", object_type="setting", object_id=DISPATCH, object_name=DISPATCH,
        after={"needs": len(found.rules)},
    )  # fmt: skip
    return found


def dispatching_now() -> Dispatching:
    """What holds at present; a company without a document needs nothing in particular. One query."""
    stored = get_setting(DISPATCH)
    return _read(json.dumps(stored, ensure_ascii=False)) if stored else Dispatching()


@lru_cache(maxsize=2)
def _read(stored: str) -> Dispatching:
    return parse_dispatching(json.loads(stored))
