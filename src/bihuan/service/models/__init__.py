from .case import Case
from .clock import CaseClock
from .correspondence import CaseChannel, CaseMail, CaseNews, CaseTemplate, MailThread, MentionsByMail
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
    "Verification",
]
