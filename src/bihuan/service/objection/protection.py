"""The database itself refuses to change or remove what happened to an objection, as it does for cases."""

from __future__ import annotations

TABLE = "service_objectionevent"
REFUSAL = "events of objections are never changed or removed"

_PROTECT = {
    "sqlite": (
        f"""CREATE TRIGGER IF NOT EXISTS objection_event_kept_as_is BEFORE UPDATE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
        f"""CREATE TRIGGER IF NOT EXISTS objection_event_kept BEFORE DELETE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION objection_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        f"""CREATE TRIGGER objection_event_kept BEFORE UPDATE OR DELETE ON {TABLE}
            FOR EACH ROW EXECUTE FUNCTION objection_event_refuse()""",
    ),
}
_UNPROTECT = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS objection_event_kept_as_is",
        "DROP TRIGGER IF EXISTS objection_event_kept",
    ),
    "postgresql": (f"DROP TRIGGER IF EXISTS objection_event_kept ON {TABLE}",),
}


def protect(vendor: str) -> tuple[str, ...]:
    """SQL that makes the table append-only; `vendor` is Django's `connection.vendor`."""
    return _PROTECT[vendor]


def unprotect(vendor: str) -> tuple[str, ...]:
    return _UNPROTECT[vendor]
