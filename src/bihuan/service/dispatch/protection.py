"""The database itself refuses to change or remove what happened to a visit, as it does for cases."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

VISIT_EVENTS = AppendOnly(
    "service_visitevent", "visit_event", "events of visits are never changed or removed"
)
TABLE, REFUSAL = VISIT_EVENTS.table, VISIT_EVENTS.refusal
protect, unprotect = VISIT_EVENTS.protect, VISIT_EVENTS.unprotect
