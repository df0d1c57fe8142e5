"""Whether every case has a promise, or a reason why it has none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from bihuan.service.matrix.model import KINDS, SEVERITIES, URGENCIES, Exemption, ServiceMatrix, holds

MUST = ("response", "resolution")
"""Clocks that every case has, unless the matrix says why not."""


def cases_of(matrix: ServiceMatrix) -> Iterator[dict[str, str]]:
    """Attributes of every sort of case: tier × severity × urgency × kind."""
    for tier, severity, urgency, kind in product(matrix.tiers, SEVERITIES, URGENCIES, KINDS):
        yield {"kind": kind, "tier": tier, "severity": severity, "urgency": urgency}


def exemption_for(matrix: ServiceMatrix, clock: str, attributes: dict[str, str]) -> Exemption | None:
    """Why nothing is promised on a clock for such a case; None where nothing is said."""
    return next(
        (one for one in matrix.on_cases.exemptions if one.clock == clock and holds(one.when, attributes)),
        None,
    )


def first_gap(matrix: ServiceMatrix) -> dict[str, str] | None:
    """The first sort of case without first response or resolution and without a reason, with the clock that lacks."""
    every = [one.promise for one in matrix.on_cases.promises]
    promises = {clock: [one for one in every if one.kind == clock] for clock in MUST}
    for attributes in cases_of(matrix):
        for clock in MUST:
            promised = any(one.applies_to(attributes) for one in promises[clock])
            if not promised and exemption_for(matrix, clock, attributes) is None:
                return {**attributes, "clock": clock}
    return None
