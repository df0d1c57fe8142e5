"""What happened to a case and in an investigation is never changed or removed: the database itself refuses."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

CASE_EVENTS = AppendOnly("service_caseevent", "case_event", "events of cases are never changed or removed")
INVESTIGATION_EVENTS = AppendOnly(
    "service_investigationevent",
    "investigation_event",
    "events of investigations are never changed or removed",
)
TABLE, REFUSAL = CASE_EVENTS.table, CASE_EVENTS.refusal
protect, unprotect = CASE_EVENTS.protect, CASE_EVENTS.unprotect
