"""The database itself refuses to change what was posted and what was decided about lots, whoever asks.

Decisions are never removed. Postings that an import brought may go with that import when it is undone; others may not.
"""

from __future__ import annotations

EVENTS = "quality_lotevent"
POSTED = ("quality_movement", "quality_movementline")
REFUSAL = "what was posted or decided about lots is never changed or removed"


def protect(vendor: str) -> list[str]:
    """SQL that makes the tables append-only; `vendor` is Django's `connection.vendor`."""
    if vendor == "sqlite":
        made = []
        for table in (EVENTS, *POSTED):
            when = "WHEN OLD.import_id IS NULL " if table in POSTED else ""
            made += [
                f"CREATE TRIGGER IF NOT EXISTS {table}_kept_as_is BEFORE UPDATE ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
                f"CREATE TRIGGER IF NOT EXISTS {table}_kept BEFORE DELETE ON {table} {when}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            ]
        return made
    made = [
        f"""CREATE OR REPLACE FUNCTION lot_facts_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"""
    ]
    for table in (EVENTS, *POSTED):
        when = "WHEN (OLD.import_id IS NULL) " if table in POSTED else ""
        made += [
            f"CREATE TRIGGER {table}_kept_as_is BEFORE UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION lot_facts_refuse()",
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}"
            f" FOR EACH ROW {when}EXECUTE FUNCTION lot_facts_refuse()",
        ]
    return made


def unprotect(vendor: str) -> list[str]:
    on = "" if vendor == "sqlite" else " ON {table}"
    return [
        f"DROP TRIGGER IF EXISTS {table}_{what}{on.format(table=table)}"
        for table in (EVENTS, *POSTED)
        for what in ("kept_as_is", "kept")
    ]
