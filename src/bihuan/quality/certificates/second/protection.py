"""Neither of the two signatures is changed or removed: the database itself refuses. Only merged customers move."""

from __future__ import annotations

from bihuan.kernel.append_only import AppendOnly

SECOND = AppendOnly(
    "quality_secondsignature", "second_signature", "a second signature is never changed or removed"
)
DRAFTS = "quality_certificatedraft"
REFUSAL = "what the first signed is never changed or removed"
_FIXED = (
    "id, kind, lot_id, further, follows, reason, signer_id, signer_name, signer_post, signed_at, said, digest"
)


def protect(vendor: str) -> list[str]:
    """SQL that lays the protection on; `vendor` is Django's `connection.vendor`."""
    if vendor == "sqlite":
        return [
            *SECOND.protect(vendor),
            *(
                f"CREATE TRIGGER IF NOT EXISTS certificate_draft_{name} BEFORE {what} ON {DRAFTS}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                for name, what in (("kept_as_is", f"UPDATE OF {_FIXED}"), ("kept", "DELETE"))
            ),
        ]
    return [
        *SECOND.protect(vendor),
        f"""CREATE OR REPLACE FUNCTION certificate_draft_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        f"CREATE TRIGGER certificate_draft_kept BEFORE UPDATE OF {_FIXED} OR DELETE ON {DRAFTS}"
        " FOR EACH ROW EXECUTE FUNCTION certificate_draft_refuse()",
    ]


def unprotect(vendor: str) -> list[str]:
    on = "" if vendor == "sqlite" else f" ON {DRAFTS}"
    return [
        *SECOND.unprotect(vendor),
        f"DROP TRIGGER IF EXISTS certificate_draft_kept_as_is{on}",
        f"DROP TRIGGER IF EXISTS certificate_draft_kept{on}",
    ]
