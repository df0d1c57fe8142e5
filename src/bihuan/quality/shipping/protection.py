"""The database itself refuses to change or remove what was noted of arrivals."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

ARRIVALS = AppendOnly("quality_lotarrival", "lot_arrival", "notes of arrivals are never changed or removed")
