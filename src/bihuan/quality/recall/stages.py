"""How far a large recall is, for whoever waits for it: what was found so far, and what is being done.

What is written of it is one transaction. While it is written nobody else can write on SQLite, so that there it is one step; on
PostgreSQL each part of it is a step of its own, told by another connection.
"""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _

from bihuan.kernel.jobs import JobRun

from ..tracing import Trace


class Stages:
    """Nobody waits; a small recall tells nothing."""

    def follow(self) -> None: ...

    def add_up(self, found: Trace) -> None: ...

    def write(self, found: Trace) -> None:
        """The last that is said before the transaction begins; what is below is within it."""

    def look_again(self, found: Trace) -> None: ...

    def write_lots(self, found: Trace) -> None: ...

    def list_customers(self, found: Trace) -> None: ...


class JobStages(Stages):
    """Each says how many steps are done; raises ``JobCancelled`` where somebody asked for the job to stop."""

    def __init__(self, work: JobRun) -> None:
        self._work = work
        self._is_seen_within = connection.vendor != "sqlite"
        self.total = 6 if self._is_seen_within else 3

    def follow(self) -> None:
        self._work.progress(0, self.total, _("Following what was made of it …"))

    def add_up(self, found: Trace) -> None:
        lots = {"lots": f"{len(found.nodes):,}"}
        self._work.progress(1, self.total, _("%(lots)s lots found. Adding up where all of it is …") % lots)

    def write(self, found: Trace) -> None:
        if self._is_seen_within:
            said = _("%(lots)s lots found, %(customers)s customers to tell. Putting the lots on hold …")
        else:
            said = _("%(lots)s lots found, %(customers)s customers to tell. All of it is put on hold and listed in one go …")  # fmt: skip
        self._work.progress(2, self.total, said % _found(found))

    def look_again(self, found: Trace) -> None:
        said = _("%(lots)s lots are put on hold. Looking for what was posted meanwhile …")
        self._within(3, said % _found(found))

    def write_lots(self, found: Trace) -> None:
        said = _("%(lots)s lots are put on hold. Writing down where each of them is …")
        self._within(4, said % _found(found))

    def list_customers(self, found: Trace) -> None:
        said = _("%(lots)s lots are put on hold. Listing %(customers)s customers to tell …")
        self._within(5, said % _found(found))

    def _within(self, done: int, said: str) -> None:
        if self._is_seen_within:
            self._work.progress_beside(done, self.total, said)


def _found(found: Trace) -> dict[str, str]:
    return {
        "lots": f"{len(found.nodes):,}",
        "customers": f"{len({one.customer for one in found.shipments}):,}",
    }
