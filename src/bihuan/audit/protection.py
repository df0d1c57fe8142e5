"""The database itself refuses to change or remove journal lines, whoever asks.

The statements serve the migration, and tests that empty whole tables between cases. A later migration that rebuilds
the table on SQLite must lay the protection on again: rebuilding drops it.
"""

from __future__ import annotations

TABLE = "audit_entry"
REFUSAL = "journal entries are never changed or removed"

_PROTECT = {
    "sqlite": (
        f"""CREATE TRIGGER IF NOT EXISTS audit_entry_kept_as_is BEFORE UPDATE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
        f"""CREATE TRIGGER IF NOT EXISTS audit_entry_kept BEFORE DELETE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        f"""CREATE TRIGGER audit_entry_kept BEFORE UPDATE OR DELETE ON {TABLE}
            FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()""",
        f"""CREATE TRIGGER audit_entry_kept_whole BEFORE TRUNCATE ON {TABLE}
            FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()""",
    ),
}
_UNPROTECT = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS audit_entry_kept_as_is",
        "DROP TRIGGER IF EXISTS audit_entry_kept",
    ),
    "postgresql": (
        f"DROP TRIGGER IF EXISTS audit_entry_kept ON {TABLE}",
        f"DROP TRIGGER IF EXISTS audit_entry_kept_whole ON {TABLE}",
    ),
}


def protect(vendor: str) -> tuple[str, ...]:
    """SQL that makes the table append-only; `vendor` is Django's `connection.vendor`."""
    return _PROTECT[vendor]


def unprotect(vendor: str) -> tuple[str, ...]:
    return _UNPROTECT[vendor]
