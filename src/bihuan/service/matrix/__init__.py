"""The service matrix: what a company promises for which case, as data. Pure; no database, no Django, no system time.

    matrix = parse_matrix(document)                      # docs/service-matrix.md; MatrixFault if wrong
    desk = desk_of(matrix)                               # or its versions: [(None, first), (moment, second)]
    opened = Event(at, "opened", case_attributes(matrix, kind="complaint", tier="A", severity=1))
    for clock in desk.clocks([opened], now):
        matrix.promise_named(clock.promise).label        # every clock.promises likewise
        alarms(matrix, clock, severity=1)                # whom to tell when

`document`, `promises` and `reading` read it, `coverage` looks for cases without a promise, `rules` answers.
"""

from bihuan.service.matrix.coverage import cases_of, exemption_for
from bihuan.service.matrix.document import parse_matrix
from bihuan.service.matrix.faults import MESSAGES, MatrixFault
from bihuan.service.matrix.model import (
    CATEGORIES,
    DEFECTS,
    KINDS,
    PARTIES,
    REMEDIES,
    SEVERITIES,
    URGENCIES,
    ServiceMatrix,
)
from bihuan.service.matrix.rules import (
    Alarm,
    Past,
    alarms,
    approver_for,
    case_attributes,
    desk_of,
    handled_by,
    investigation_desk_of,
    is_green,
    last_day_to_object,
    may_approve,
    next_alarm,
    objection_window,
    policy_of,
    promise_in,
    repeats_of,
)

__all__ = [
    "CATEGORIES",
    "DEFECTS",
    "KINDS",
    "MESSAGES",
    "PARTIES",
    "REMEDIES",
    "SEVERITIES",
    "URGENCIES",
    "Alarm",
    "MatrixFault",
    "Past",
    "ServiceMatrix",
    "alarms",
    "approver_for",
    "case_attributes",
    "cases_of",
    "desk_of",
    "exemption_for",
    "handled_by",
    "investigation_desk_of",
    "is_green",
    "last_day_to_object",
    "may_approve",
    "next_alarm",
    "objection_window",
    "parse_matrix",
    "policy_of",
    "promise_in",
    "repeats_of",
]
