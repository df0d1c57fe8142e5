from .case import Case
from .clock import CaseClock, InvestigationClock, KeptClock
from .event import CaseEvent
from .file import CaseFile
from .green import GreenRequest
from .investigation import (
    Factor,
    Finding,
    Investigation,
    InvestigationAction,
    InvestigationCase,
    InvestigationEvent,
    Verification,
)
from .notice import CaseNotice, InvestigationNotice
from .quality_cost import QualityCost
from .reference import CaseReference

__all__ = [
    "Case",
    "CaseClock",
    "CaseEvent",
    "CaseFile",
    "CaseNotice",
    "CaseReference",
    "Factor",
    "Finding",
    "GreenRequest",
    "Investigation",
    "InvestigationAction",
    "InvestigationCase",
    "InvestigationClock",
    "InvestigationEvent",
    "InvestigationNotice",
    "KeptClock",
    "QualityCost",
    "Verification",
]
