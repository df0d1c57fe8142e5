"""After a bulk load: search, metrics, first decisions. Each is done by the room that owns it."""

from __future__ import annotations

import importlib
import importlib.util
from datetime import date, datetime, timedelta

from bihuan.customers.services import refresh_completeness
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import local_date


def make_ready(*, decide: bool, now: datetime) -> None:
    """Bring up to date what is derived from the facts; `decide` also computes metrics and decides the first tiers."""
    rebuild_search()
    refresh_completeness()
    if decide:
        decide_first(now=now)


def rebuild_search() -> None:
    for name in ("bihuan.customers.search", "bihuan.service.finding.index"):
        if importlib.util.find_spec(name):
            importlib.import_module(name).rebuild_search()


def half_year_before(day: date) -> date:
    """The first of January or July that is at least four weeks past."""
    earlier = day - timedelta(days=28)
    return date(earlier.year, 7 if earlier.month >= 7 else 1, 1)


def decide_first(*, now: datetime) -> None:
    """The half-yearly classification as it was decided last, and the next one waiting for the committee."""
    from bihuan.rulebook.queries import policy_of_kind_in_force
    from bihuan.segmentation.deciding.operations import propose
    from bihuan.segmentation.deciding.services import decide_first_tiers
    from bihuan.segmentation.refreshing import refresh_metrics

    today = local_date(now)
    refresh_metrics(actor=SYSTEM, now=now)
    version = policy_of_kind_in_force("tier", today)
    if version is None:
        return
    since = half_year_before(today)
    first = propose(actor=SYSTEM, version=version, as_of=since - timedelta(days=1), now=now)
    decide_first_tiers(proposal=first, effective_on=since, now=now)
    propose(actor=SYSTEM, version=version, as_of=today, now=now)
