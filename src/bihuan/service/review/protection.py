"""The database itself refuses to change or remove a wording of minutes, whoever asks."""

from __future__ import annotations

TABLE = "service_reviewminutes"
REFUSAL = "minutes are never changed or removed"

_PROTECT = {
    "sqlite": (
        f"""CREATE TRIGGER IF NOT EXISTS review_minutes_kept_as_is BEFORE UPDATE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
        f"""CREATE TRIGGER IF NOT EXISTS review_minutes_kept BEFORE DELETE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION review_minutes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        f"""CREATE TRIGGER review_minutes_kept BEFORE UPDATE OR DELETE ON {TABLE}
            FOR EACH ROW EXECUTE FUNCTION review_minutes_refuse()""",
    ),
}
_UNPROTECT = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS review_minutes_kept_as_is",
        "DROP TRIGGER IF EXISTS review_minutes_kept",
    ),
    "postgresql": (f"DROP TRIGGER IF EXISTS review_minutes_kept ON {TABLE}",),
}


def protect(vendor: str) -> tuple[str, ...]:
    """SQL that makes the table append-only; `vendor` is Django's `connection.vendor`."""
    return _PROTECT[vendor]


def unprotect(vendor: str) -> tuple[str, ...]:
    return _UNPROTECT[vendor]
