"""Tables whose rows the database itself refuses to change or remove, whoever asks.

A later migration that rebuilds such a table on SQLite must lay the protection on again: rebuilding drops it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AppendOnly:
    """One such table. `name` begins the names of its triggers; `refusal` is what the database answers."""

    table: str
    name: str
    refusal: str

    def protect(self, vendor: str) -> tuple[str, ...]:
        """SQL that makes the table append-only; `vendor` is Django's `connection.vendor`."""
        if vendor == "sqlite":
            return (
                f"""CREATE TRIGGER IF NOT EXISTS {self.name}_kept_as_is BEFORE UPDATE ON {self.table}
                    BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END""",
                f"""CREATE TRIGGER IF NOT EXISTS {self.name}_kept BEFORE DELETE ON {self.table}
                    BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END""",
            )
        return (
            f"""CREATE OR REPLACE FUNCTION {self.name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"""CREATE TRIGGER {self.name}_kept BEFORE UPDATE OR DELETE ON {self.table}
                FOR EACH ROW EXECUTE FUNCTION {self.name}_refuse()""",
        )

    def unprotect(self, vendor: str) -> tuple[str, ...]:
        """SQL that takes it off again: for going back a migration, and tests that empty whole tables."""
        if vendor == "sqlite":
            return (
                f"DROP TRIGGER IF EXISTS {self.name}_kept_as_is",
                f"DROP TRIGGER IF EXISTS {self.name}_kept",
            )
        return (f"DROP TRIGGER IF EXISTS {self.name}_kept ON {self.table}",)
