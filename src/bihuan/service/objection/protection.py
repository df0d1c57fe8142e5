"""The database itself refuses to change or remove what happened to an objection, as it does for cases."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

OBJECTION_EVENTS = AppendOnly(
    "service_objectionevent", "objection_event", "events of objections are never changed or removed"
)
TABLE, REFUSAL = OBJECTION_EVENTS.table, OBJECTION_EVENTS.refusal
protect, unprotect = OBJECTION_EVENTS.protect, OBJECTION_EVENTS.unprotect
