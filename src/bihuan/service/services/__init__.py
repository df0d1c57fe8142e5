"""Everything that changes cases. Each step is one transaction: event, clocks, case, journal, news."""

from .analysing import (
    add_finding,
    add_verification,
    carry_out,
    check_effect,
    plan_action,
    withdraw_finding,
)
from .costing import enter_cost, post_case_cost, reverse_cost
from .ending import call_back, close_case, miss_call_back, reopen_case, solve_case
from .filing import attach, attach_kept, withdraw_file
from .following import (
    begin_with_matrix,
    follow_matrix,
    follow_tiers,
    notice_matrix,
    order_recomputing,
    recompute_clocks,
)
from .investigating import (
    change_investigation,
    finish_step,
    join_cases,
    open_investigation,
    part_cases,
    reopen_investigation,
    set_team,
    write_step,
)
from .investigation_following import follow_investigations, follow_merge
from .investigation_pausing import pause_investigation, resume_investigation
from .merging import merge_cases
from .opening import open_case
from .referring import set_references
from .refusing import refuse_case
from .splitting import split_case
from .steering import change_case, reassign_case, set_stage
from .telling import put_notices_aside, put_step_notices_aside
from .working import add_note, keep_promise, pause_case, respond, resume_case, set_on_site, work_around

__all__ = [
    "add_finding",
    "add_note",
    "add_verification",
    "attach",
    "attach_kept",
    "begin_with_matrix",
    "call_back",
    "carry_out",
    "change_case",
    "change_investigation",
    "check_effect",
    "close_case",
    "enter_cost",
    "finish_step",
    "follow_investigations",
    "follow_matrix",
    "follow_merge",
    "follow_tiers",
    "join_cases",
    "keep_promise",
    "merge_cases",
    "miss_call_back",
    "notice_matrix",
    "open_case",
    "open_investigation",
    "order_recomputing",
    "part_cases",
    "pause_case",
    "pause_investigation",
    "plan_action",
    "post_case_cost",
    "put_notices_aside",
    "put_step_notices_aside",
    "reassign_case",
    "recompute_clocks",
    "refuse_case",
    "reopen_case",
    "reopen_investigation",
    "respond",
    "resume_case",
    "resume_investigation",
    "reverse_cost",
    "set_on_site",
    "set_references",
    "set_stage",
    "set_team",
    "solve_case",
    "split_case",
    "withdraw_file",
    "withdraw_finding",
    "work_around",
    "write_step",
]
