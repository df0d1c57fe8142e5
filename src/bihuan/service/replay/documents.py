"""Targets and calendars from files, each a document in YAML or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from bihuan.kernel.clocks import (
    CalendarHistory,
    ClockFault,
    Desk,
    Kind,
    Targets,
    packaged_calendar,
    packaged_calendars,
    parse_calendar,
    parse_targets,
)
from bihuan.kernel.console import CommandRefused
from bihuan.service.wording import say_fault

MOST_BYTES = 5_000_000


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases: a small text could unfold into gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed")
        return super().compose_node(parent, index)


def read_targets(path: Path) -> Targets:
    """The targets in a file. Refuses (status 1) what cannot be read, naming file and place."""
    document = _document(path)
    try:
        return parse_targets(document)
    except ClockFault as fault:
        raise CommandRefused(f"{path}: {say_fault(fault)}") from fault


def read_calendar(name: str) -> tuple[str, CalendarHistory]:
    """A calendar of ours by name, else from the file of that name. Refuses an unknown name with status 2."""
    ours = packaged_calendar(name)
    if ours is not None:
        return ours.latest.name, ours
    path = Path(name)
    if not path.exists():
        known = ", ".join(packaged_calendars())
        raise CommandRefused(say_fault(ClockFault("unknown_calendar", value=name, known=known)), status=2)
    document = _document(path)
    try:
        return path.stem, parse_calendar(document, path.stem)
    except ClockFault as fault:
        raise CommandRefused(f"{path}: {say_fault(fault)}") from fault


def make_desk(targets: Targets, kinds: Mapping[str, Kind], name: str, calendar: CalendarHistory) -> Desk:
    """A desk over one calendar; a target may name one of ours instead. Refuses a target whose calendar nobody knows."""
    calendars: Mapping[str, CalendarHistory] = {**packaged_calendars(), name: calendar}
    for one in targets.policy.promises:
        if one.calendar is not None and one.calendar not in calendars:
            known = ", ".join(sorted(calendars))
            raise CommandRefused(
                say_fault(ClockFault("unknown_calendar", one.name, value=one.calendar, known=known))
            )
    return Desk([targets.policy], calendars, name, kinds)


def unreadable(name: str, error: OSError) -> CommandRefused:
    """A file that is not there, or may not be read."""
    if isinstance(error, FileNotFoundError):
        return CommandRefused(_("There is no file %(file)s.") % {"file": name})
    if isinstance(error, IsADirectoryError):
        return CommandRefused(_("%(file)s is a folder, not a file.") % {"file": name})
    return CommandRefused(
        _("%(file)s cannot be read: %(detail)s") % {"file": name, "detail": error.strerror or error}
    )


def _document(path: Path) -> object:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CommandRefused(_("%(file)s is too large for targets or a calendar.") % {"file": path})
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandRefused(_("“%(name)s” is not text in UTF-8.") % {"name": path}) from error
    except OSError as error:
        raise unreadable(str(path), error) from error
    try:
        return json.loads(text)  # tabs are allowed here, in YAML not
    except (ValueError, RecursionError):
        pass
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CommandRefused(
            _("%(file)s is neither YAML nor JSON: %(detail)s") % {"file": path, "detail": error}
        ) from error
