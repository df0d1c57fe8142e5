"""`bihuan case clocks`: the clocks of another system's cases, from its event log."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.kernel.clocks import ClockFault, read_moment
from bihuan.kernel.console import CommandRefused, say, write_lines
from bihuan.kernel.time import now
from bihuan.service.replay.documents import make_desk, read_calendar, read_targets, unreadable
from bihuan.service.replay.lines import EventReader
from bihuan.service.replay.log import Findings, opened_log, replay
from bihuan.service.replay.rows import explanation, row
from bihuan.service.wording import say_fault

MOST_TOLD = 20


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    case = subparsers.add_parser("case", help="cases and their clocks · 服务单与时限")
    words = case.add_subparsers(dest="case_word", required=True, metavar="ACTION")
    recompute = words.add_parser(
        "recompute",
        help="reckon all open clocks anew, after a list of holidays arrived · 重算未结时限（节假日公布后）",
    )
    recompute.add_argument("--json", action="store_true")
    recompute.set_defaults(run=run_recompute)
    clocks = words.add_parser("clocks", help="reckon the clocks of an event log · 按事件日志计算服务时限")
    clocks.add_argument("file", metavar="FILE", help="JSON Lines; - reads standard input · - 表示标准输入")
    clocks.add_argument(
        "--targets", required=True, type=Path, metavar="T", help="YAML or JSON · 时限目标文件"
    )
    clocks.add_argument(
        "--calendar", required=True, metavar="C", help="a name, or YAML or JSON · 日历名称或文件"
    )
    clocks.add_argument("--now", metavar="T", help="what is later has not happened yet · 截至该时刻")
    clocks.add_argument("--explain", action="store_true", help="say where each clock comes from · 附计算依据")
    clocks.add_argument(
        "--json", action="store_true", help="JSON Lines, as always here · 始终输出 JSON Lines"
    )
    clocks.set_defaults(run=run_clocks, needs_database=False)


def run_recompute(options: argparse.Namespace) -> int:
    from bihuan.service.services import follow_investigations, recompute_clocks

    moment = now()
    cases, investigations = recompute_clocks(now=moment), follow_investigations(now=moment)
    if options.json:
        write_lines([{"cases": cases, "investigations_changed": investigations}])
    else:
        say(_("Open cases reckoned anew: %(count)s.") % {"count": cases})
    return 0


def run_clocks(options: argparse.Namespace) -> int:
    targets = read_targets(options.targets)
    name, calendar = read_calendar(options.calendar)
    kinds, names = dict(targets.kinds), dict(targets.names)  # a log may bring kinds of its own
    desk = make_desk(targets, kinds, name, calendar)
    zone = calendar.latest.zone
    try:
        moment = now() if options.now is None else read_moment(options.now, zone)
    except ClockFault as fault:
        raise CommandRefused(f"--now: {say_fault(fault)}", status=2) from fault
    findings = Findings(told=_tell_some())
    reader = EventReader(zone, kinds, names)
    with ExitStack() as stack:
        try:
            log = stack.enter_context(opened_log(options.file))
        except OSError as error:
            raise unreadable(options.file, error) from error

        def rows() -> Iterator[dict[str, Any]]:
            for case, clocks in replay(log, desk, reader, moment, options.now is not None, findings):
                for clock in clocks:
                    told = row(case, clock, names)
                    yield told | explanation(clock) if options.explain else told

        write_lines(rows())
    sys.stdout.flush()
    _tell_findings(findings)
    if findings.refused and not findings.events:
        raise CommandRefused(_("No line of %(file)s could be read.") % {"file": options.file})
    return 0


def _tell_some() -> Any:
    """Tells the first refusals one by one; the sum follows at the end."""
    told = 0

    def tell(line: int, reason: str) -> None:
        nonlocal told
        told += 1
        if told <= MOST_TOLD:
            say(_("Line %(line)s: %(reason)s") % {"line": line, "reason": reason})

    return tell


def _tell_findings(findings: Findings) -> None:
    counts = (
        (findings.refused, _("Lines refused: %(count)s.")),
        (findings.withheld, _("Cases withheld because of them: %(count)s.")),
        (findings.never_opened, _("Cases without clocks, because they were never opened: %(count)s.")),
        (
            findings.sorted_cases,
            _("Cases whose events were not in order of time, and were sorted: %(count)s."),
        ),
        (findings.provisional, _("Due times in a year whose holidays are not published yet: %(count)s.")),
    )
    for count, text in counts:
        if count:
            say(text % {"count": count})
    if findings.unknown:
        most = findings.unknown.most_common(10)
        words = ", ".join(f"{name} ({count})" for name, count in most)
        text = ngettext(
            "%(count)d kind of event is not known here and moves no clock: %(names)s",
            "%(count)d kinds of events are not known here and move no clock: %(names)s",
            len(findings.unknown),
        )
        say(text % {"count": len(findings.unknown), "names": words})
