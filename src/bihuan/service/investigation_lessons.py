"""What an investigation taught, as a draft for the knowledge base: text ready to become an article."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from .investigation_rules import written_in
from .models import Finding, Investigation, InvestigationAction, InvestigationEvent, Verification


def lessons_draft(
    row: Investigation,
    events: Sequence[InvestigationEvent],
    findings: Sequence[Finding],
    actions: Sequence[InvestigationAction],
    verifications: Sequence[Verification],
) -> str:
    """Markdown: problem, why, what helped, how one knows. No customer is named."""
    written = written_in(events)
    parts = [f"# {row.title}"]

    def section(title: str, lines: Iterable[str], text: str = "") -> None:
        kept = [f"- {one}" for one in lines]
        if kept or text:
            parts.append("\n".join([f"## {title}", *([text] if text else []), *kept]))

    def of(*wanted: str) -> list[str]:
        return [
            f"{one.text}" + (f"{_(' – evidence: ')}{one.evidence}" if one.evidence else "")
            for one in findings
            if one.part in wanted
        ]

    section(
        _("Problem"),
        [*of("is"), *(_("not: %(text)s") % {"text": one} for one in of("is_not"))],
        written.get("d2", ""),
    )
    section(
        _("Containment"), [one.text for one in actions if one.kind == "correction"], written.get("d3", "")
    )
    section(_("Why it occurred"), of("why_occurred", "root_occurred"))
    section(_("Why it escaped"), of("why_escaped", "root_escaped"))
    for kind, title in (
        ("corrective", _("What took the cause away")),
        ("preventive", _("What prevents it elsewhere")),
    ):
        section(title, [one.text for one in actions if one.kind == kind and one.is_effective is not False])
    section(
        _("How we know"),
        [f"{one.observed_on.isoformat()} {one.text}" for one in verifications if one.is_good],
        written.get("d8", ""),
    )
    return "\n\n".join(parts) + "\n"
