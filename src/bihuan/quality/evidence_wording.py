"""What the evidence log has to say, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from bihuan.quality.evidence import MESSAGES, EvidenceFault, Finding


def say_fault(fault: EvidenceFault) -> str:
    """“[3].quantity: …”, translated."""
    text = _(MESSAGES[fault.code]) % fault.params
    return f"{fault.path}: {text}" if fault.path else text


def say_finding(finding: Finding) -> str:
    """What is wrong, without the place."""
    return _(MESSAGES[finding.code]) % finding.params
