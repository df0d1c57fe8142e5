from .case import Case
from .clock import CaseClock
from .dispatch import (
    Absence,
    Kit,
    Station,
    Technician,
    TechnicianCertificate,
    Training,
    Visit,
    VisitEvent,
    VisitSample,
)
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
from .quality_cost import QualityCost

__all__ = [
    "Absence",
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
    "Kit",
    "QualityCost",
    "Station",
    "Technician",
    "TechnicianCertificate",
    "Training",
    "Verification",
    "Visit",
    "VisitEvent",
    "VisitSample",
]
