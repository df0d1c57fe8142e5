from .case import Case
from .clock import CaseClock
from .event import CaseEvent
from .notice import CaseNotice

__all__ = ["Case", "CaseClock", "CaseEvent", "CaseNotice"]
