"""The database itself refuses to change or remove who verified a result."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

KEPT = AppendOnly("quality_resultcheck", "result_check", "who verified a result is never changed or removed")
protect, unprotect = KEPT.protect, KEPT.unprotect
