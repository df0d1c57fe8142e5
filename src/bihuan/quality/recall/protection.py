"""The database itself refuses to change or remove what happened in a recall, and what was frozen when it began."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

KEPT = (
    AppendOnly("quality_recallevent", "recall_event", "events of recalls are never changed or removed"),
    AppendOnly("quality_recalllot", "recall_lot", "what a recall froze is never changed or removed"),
    AppendOnly(
        "quality_recallshipment", "recall_shipment", "what a recall froze is never changed or removed"
    ),
)


def protect(vendor: str) -> list[str]:
    return [statement for one in KEPT for statement in one.protect(vendor)]


def unprotect(vendor: str) -> list[str]:
    return [statement for one in KEPT for statement in one.unprotect(vendor)]
