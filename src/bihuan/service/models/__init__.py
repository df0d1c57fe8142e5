from .case import Case
from .clock import CaseClock
from .correspondence import CaseChannel, CaseMail, CaseNews, CaseTemplate, MailThread, MentionsByMail
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
    "CaseChannel",
    "CaseClock",
    "CaseEvent",
    "CaseFile",
    "CaseMail",
    "CaseNews",
    "CaseNotice",
    "CaseTemplate",
    "Factor",
    "Finding",
    "Investigation",
    "InvestigationAction",
    "InvestigationCase",
    "InvestigationEvent",
    "Kit",
    "MailThread",
    "MentionsByMail",
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
