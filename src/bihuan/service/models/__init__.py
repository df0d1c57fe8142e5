from .case import Case
from .clock import CaseClock
from .event import CaseEvent
from .file import CaseFile
from .investigation import (
    Factor,
    Finding,
    Investigation,
    InvestigationAction,
    InvestigationCase,
    InvestigationEvent,
    Verification,
)
from .notice import CaseNotice
from .objection import (
    Objection,
    ObjectionAgreement,
    ObjectionApproval,
    ObjectionEvent,
    ObjectionOffer,
    ObjectionRemedy,
    ObjectionSample,
)
from .quality_cost import QualityCost

__all__ = [
    "Case",
    "CaseClock",
    "CaseEvent",
    "CaseFile",
    "CaseNotice",
    "Factor",
    "Finding",
    "Investigation",
    "InvestigationAction",
    "InvestigationCase",
    "InvestigationEvent",
    "Objection",
    "ObjectionAgreement",
    "ObjectionApproval",
    "ObjectionEvent",
    "ObjectionOffer",
    "ObjectionRemedy",
    "ObjectionSample",
    "QualityCost",
    "Verification",
]
