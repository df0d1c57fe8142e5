"""One line of a log: its case and its event, or in words why it cannot be read."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from datetime import datetime, tzinfo
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.clocks import ClockFault, Event, Kind, kind_named, read_moment
from bihuan.kernel.clocks.events import CHANGED, DUE_AT, OPENED, PAUSED, STEERING
from bihuan.service.wording import say_fault

MOST_BYTES = 1_000_000
MOST_KINDS = 100
NO_ATTRIBUTES = frozenset({"case", "at", "event", DUE_AT})


class LineRefused(ValueError):
    """A line that cannot be read; the text says why."""


def parse_object(raw: bytes) -> dict[str, Any]:
    """The JSON object on a line; refuses anything else."""
    if len(raw) > MOST_BYTES:
        raise LineRefused(_("The line is longer than %(most)s bytes.") % {"most": MOST_BYTES})
    try:
        read = json.loads(raw.decode())
    except UnicodeDecodeError as error:
        raise LineRefused(_("This is not text in UTF-8.")) from error
    except (ValueError, RecursionError) as error:
        raise LineRefused(_("This is not JSON: %(detail)s") % {"detail": str(error)[:200]}) from error
    if not isinstance(read, dict):
        raise LineRefused(_("A JSON object is expected on each line."))
    return read


def case_of(read: Mapping[str, Any]) -> str | int | float:
    """The case as it is written, a text or a number."""
    case = read.get("case")
    if isinstance(case, bool) or not isinstance(case, str | int | float) or case == "":
        raise LineRefused(_("“case” must be a text or a number."))
    return case


class EventReader:
    """Reads events. Kinds that a `due_at` names and nobody knows yet are added to `kinds`, their spelling to `names`."""

    def __init__(
        self, zone: tzinfo, kinds: MutableMapping[str, Kind], names: MutableMapping[str, str]
    ) -> None:
        self._zone, self._kinds, self._names = zone, kinds, names
        self._learn()

    def _learn(self) -> None:
        moving = (one.stops_on | {one.starts_on} for one in self._kinds.values())
        names = STEERING.union(*moving)
        self.known = {name: name for name in names}  # one text each, not one a line

    def read(self, read: Mapping[str, Any]) -> Event:
        """The event on a line; refuses one without a time or a name that can be read."""
        name = read.get("event")
        if not isinstance(name, str) or not name:
            raise LineRefused(_("“event” must be a text."))
        name = self.known.get(name, name)
        try:
            at = read_moment(read.get("at"), self._zone)
            if name in (OPENED, CHANGED):
                return Event(at, name, self._attributes(read))
        except ClockFault as fault:
            raise LineRefused(say_fault(fault)) from fault
        if name == PAUSED and read.get("reason") is not None:
            return Event(at, name, {"reason": str(read["reason"])})
        return Event(at, name)

    def _attributes(self, read: Mapping[str, Any]) -> Mapping[str, Any]:
        found: dict[str, Any] = {
            key: value
            for key, value in read.items()
            if key not in NO_ATTRIBUTES and isinstance(value, str | int | float)
        }
        promised = read.get(DUE_AT)
        if promised is not None:
            if not isinstance(promised, dict):
                raise LineRefused(
                    _('“due_at” must map kinds to times, such as {"resolution": "2026-01-31"}.')
                )
            found[DUE_AT] = {
                self._kind(called): self._deadline(moment)
                for called, moment in promised.items()
                if moment is not None and moment != ""
            }
        return found

    def _deadline(self, moment: object) -> datetime:
        return read_moment(moment, self._zone, end_of_day=True)

    def _kind(self, called: str) -> str:
        kind = kind_named(called)
        if kind not in self._kinds:
            if len(self._kinds) >= MOST_KINDS:
                raise LineRefused(
                    _("There are more than %(most)s kinds of deadlines.") % {"most": MOST_KINDS}
                )
            self._kinds[kind] = Kind(kind, frozenset({kind}))
            self._learn()
        self._names.setdefault(kind, called)
        return kind
