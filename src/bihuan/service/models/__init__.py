from .case import Case
from .clock import CaseClock, InvestigationClock, KeptClock
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
from .reference import CaseReference
from .review import Review, ReviewDecision, ReviewMinutes

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
    "CaseReference",
    "CaseTemplate",
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
    "Kit",
    "MailThread",
    "MentionsByMail",
    "Objection",
    "ObjectionAgreement",
    "ObjectionApproval",
    "ObjectionEvent",
    "ObjectionOffer",
    "ObjectionRemedy",
    "ObjectionSample",
    "QualityCost",
    "Review",
    "ReviewDecision",
    "ReviewMinutes",
    "Station",
    "Technician",
    "TechnicianCertificate",
    "Training",
    "Verification",
    "Visit",
    "VisitEvent",
    "VisitSample",
]
