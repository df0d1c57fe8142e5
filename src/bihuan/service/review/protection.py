"""The database itself refuses to change or remove a wording of minutes, whoever asks."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

REVIEW_MINUTES = AppendOnly("service_reviewminutes", "review_minutes", "minutes are never changed or removed")
TABLE, REFUSAL = REVIEW_MINUTES.table, REVIEW_MINUTES.refusal
protect, unprotect = REVIEW_MINUTES.protect, REVIEW_MINUTES.unprotect
