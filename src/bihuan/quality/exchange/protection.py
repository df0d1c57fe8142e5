"""The database itself refuses to change or remove captured events and what they name, whoever asks."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

KEPT = (
    AppendOnly("quality_epcisevent", "epcis_event", "captured events are never changed or removed"),
    AppendOnly("quality_epcislink", "epcis_link", "what a captured event names is never changed or removed"),
)

TERMS = AppendOnly(
    "quality_epcisterm", "epcis_term", "what a captured event says is never changed or removed"
)


def protect(vendor: str) -> list[str]:
    """SQL that makes the tables append-only; `vendor` is Django's `connection.vendor`."""
    return [statement for one in KEPT for statement in one.protect(vendor)]


def unprotect(vendor: str) -> list[str]:
    return [statement for one in KEPT for statement in one.unprotect(vendor)]
