"""The database itself refuses to change or remove lines of the delivery log, whoever asks.

A later migration that rebuilds the table on SQLite must lay the protection on again: rebuilding drops it.
"""

from __future__ import annotations

TABLE = "messaging_deliveryevent"
REFUSAL = "lines of the delivery log are never changed or removed"

_PROTECT = {
    "sqlite": (
        f"""CREATE TRIGGER IF NOT EXISTS delivery_kept_as_is BEFORE UPDATE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
        f"""CREATE TRIGGER IF NOT EXISTS delivery_kept BEFORE DELETE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION delivery_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        f"""CREATE TRIGGER delivery_kept BEFORE UPDATE OR DELETE ON {TABLE}
            FOR EACH ROW EXECUTE FUNCTION delivery_refuse()""",
    ),
}
_UNPROTECT = {
    "sqlite": ("DROP TRIGGER IF EXISTS delivery_kept_as_is", "DROP TRIGGER IF EXISTS delivery_kept"),
    "postgresql": (f"DROP TRIGGER IF EXISTS delivery_kept ON {TABLE}",),
}


def protect(vendor: str) -> tuple[str, ...]:
    """SQL that makes the log append-only; `vendor` is Django's `connection.vendor`."""
    return _PROTECT[vendor]


def unprotect(vendor: str) -> tuple[str, ...]:
    """SQL that takes it off again: for going back a migration, and tests that empty whole tables."""
    return _UNPROTECT[vendor]
