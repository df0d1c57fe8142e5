"""Versions of certificates and entries for the evidence log are not changed: the database itself refuses."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

VERSIONS = AppendOnly(
    "quality_certificateversion",
    "certificate_version",
    "versions of certificates are never changed or removed",
)
ENTRIES = "quality_evidenceentry"
REFUSAL = "entries of the evidence log are never changed or removed"
# Only the place is filled in, once.
_CHANGED = (
    "OLD.place IS NOT NULL OR NEW.event_id <> OLD.event_id OR NEW.body <> OLD.body OR NEW.source <> OLD.source"
    ' OR NEW."row" <> OLD."row"'
)


def protect(vendor: str) -> list[str]:
    """SQL that lays the protection on; `vendor` is Django's `connection.vendor`."""
    if vendor == "sqlite":
        return [
            *VERSIONS.protect(vendor),
            f"CREATE TRIGGER IF NOT EXISTS evidence_entry_kept_as_is BEFORE UPDATE ON {ENTRIES} WHEN {_CHANGED}"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            f"CREATE TRIGGER IF NOT EXISTS evidence_entry_kept BEFORE DELETE ON {ENTRIES}"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
        ]
    return [
        *VERSIONS.protect(vendor),
        f"""CREATE OR REPLACE FUNCTION evidence_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        f"CREATE TRIGGER evidence_entry_kept_as_is BEFORE UPDATE ON {ENTRIES}"
        f" FOR EACH ROW WHEN ({_CHANGED}) EXECUTE FUNCTION evidence_entry_refuse()",
        f"CREATE TRIGGER evidence_entry_kept BEFORE DELETE ON {ENTRIES}"
        " FOR EACH ROW EXECUTE FUNCTION evidence_entry_refuse()",
    ]


def unprotect(vendor: str) -> list[str]:
    on = "" if vendor == "sqlite" else f" ON {ENTRIES}"
    return [
        *VERSIONS.unprotect(vendor),
        f"DROP TRIGGER IF EXISTS evidence_entry_kept_as_is{on}",
        f"DROP TRIGGER IF EXISTS evidence_entry_kept{on}",
    ]
