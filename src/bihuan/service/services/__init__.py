"""Everything that changes cases. Each step is one transaction: event, clocks, case, journal, news."""

from .ending import call_back, close_case, reopen_case, solve_case
from .following import follow_matrix, follow_tiers, notice_matrix
from .merging import merge_cases
from .opening import open_case
from .steering import change_case, reassign_case, set_stage
from .telling import put_notices_aside
from .working import add_note, keep_promise, pause_case, respond, resume_case, set_on_site, work_around

__all__ = [
    "add_note",
    "call_back",
    "change_case",
    "close_case",
    "follow_matrix",
    "follow_tiers",
    "keep_promise",
    "merge_cases",
    "notice_matrix",
    "open_case",
    "pause_case",
    "put_notices_aside",
    "reassign_case",
    "reopen_case",
    "respond",
    "resume_case",
    "set_on_site",
    "set_stage",
    "solve_case",
    "work_around",
]
