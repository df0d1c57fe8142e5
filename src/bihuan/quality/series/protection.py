"""The database itself refuses to change a series, and to remove one unless the import that brought it is undone."""

from __future__ import annotations

TABLE = "quality_readingseries"
REFUSAL = "a sealed series is never changed or removed"


def protect(vendor: str) -> list[str]:
    """SQL that lays it on; `vendor` is Django's `connection.vendor`."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {TABLE}_kept_as_is BEFORE UPDATE ON {TABLE}"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            f"CREATE TRIGGER IF NOT EXISTS {TABLE}_kept BEFORE DELETE ON {TABLE} WHEN OLD.import_id IS NULL"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
        ]
    return [
        f"""CREATE OR REPLACE FUNCTION reading_series_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        f"CREATE TRIGGER {TABLE}_kept_as_is BEFORE UPDATE ON {TABLE}"
        " FOR EACH ROW EXECUTE FUNCTION reading_series_refuse()",
        f"CREATE TRIGGER {TABLE}_kept BEFORE DELETE ON {TABLE}"
        " FOR EACH ROW WHEN (OLD.import_id IS NULL) EXECUTE FUNCTION reading_series_refuse()",
    ]


def unprotect(vendor: str) -> list[str]:
    on = "" if vendor == "sqlite" else f" ON {TABLE}"
    return [f"DROP TRIGGER IF EXISTS {TABLE}_{what}{on}" for what in ("kept_as_is", "kept")]
