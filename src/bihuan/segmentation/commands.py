"""`bihuan metrics list | refresh`."""

from __future__ import annotations

import argparse
from datetime import date

from django.utils.translation import gettext as _

from bihuan.kernel.actor import NotAllowed
from bihuan.kernel.analytics.processes import AnalyticsFailed
from bihuan.kernel.console import CommandRefused, say, write_lines, write_object
from bihuan.kernel.time import now
from bihuan.people.console import actor_of_command

from .queries import metric_definitions
from .refreshing import refresh_metrics


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    metrics = subparsers.add_parser("metrics", help="figures of customers · 客户指标")
    words = metrics.add_subparsers(dest="metrics_word", required=True)
    listing = words.add_parser("list", help="what is computed, and how · 指标定义")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=run_list)
    refresh = words.add_parser("refresh", help="compute all metrics now · 重新计算全部指标")
    refresh.add_argument(
        "--as-of",
        type=_date,
        default=None,
        metavar="DATE",
        help="as known on that day (default: today) · 截至日期",
    )
    refresh.add_argument("--json", action="store_true")
    refresh.set_defaults(run=run_refresh)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: YYYY-MM-DD") from error


def run_list(options: argparse.Namespace) -> int:
    actor = actor_of_command(options)
    found = metric_definitions(actor)
    if options.json:
        write_lines(
            {"name": one.name, "unit": one.unit, "room": one.room, "formula": one.formula} for one in found
        )
        return 0
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        print(f"{one.name:<{width}}  {one.unit:<9} {one.title}: {one.formula}")
    return 0


def run_refresh(options: argparse.Namespace) -> int:
    try:
        done = refresh_metrics(actor=actor_of_command(options), as_of=options.as_of, now=now())
    except NotAllowed as refusal:
        raise CommandRefused(_("You may not do this.")) from refusal
    except AnalyticsFailed as failure:
        raise CommandRefused(
            _("The metrics could not be computed; the values stay as they were. %(why)s") % {"why": failure}
        ) from failure
    say(
        _("%(metrics)s metrics of %(customers)s customers as of %(as_of)s.")
        % {"metrics": done.metrics, "customers": done.customers, "as_of": done.as_of.isoformat()}
    )
    answer = {
        "as_of": done.as_of,
        "customers": done.customers,
        "metrics": done.metrics,
        "seconds": done.seconds,
    }
    if options.json:
        write_object(answer)
    return 0
