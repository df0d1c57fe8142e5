"""`bihuan simulate`: a made company with planted truths beside it."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from bihuan.kernel.console import CommandRefused, say, write_object
from bihuan.kernel.time import local_date, now


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("simulate", help="write a made company · 生成演示公司")
    parser.add_argument("--pack", required=True, help="industry · 行业包")
    parser.add_argument("--customers", type=int, default=400, help="how many · 客户数")
    parser.add_argument("--years", type=int, default=3, help="length of the history · 历史年数")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same facts · 随机种子")
    parser.add_argument("--until", type=date.fromisoformat, help="last day (default: today) · 截止日")
    parser.add_argument(
        "--truths", type=Path, metavar="FILE", help="planted truths, JSON Lines · 预设真相文件"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_simulate)


def run_simulate(options: argparse.Namespace) -> int:
    from bihuan.people.console import actor_of_command

    from .pack import check_name, read_pack
    from .services import switch_pack
    from .simulation.after import make_ready
    from .simulation.plants.proving import prove_plant
    from .simulation.run import check_size, refuse_real_customers, simulate

    check_name(options.pack)
    check_size(options.customers, options.years)
    if options.seed < 0:
        raise CommandRefused(_("The seed must not be negative."), status=2)
    if options.truths and not options.truths.parent.is_dir():
        raise CommandRefused(_("There is no folder “%(path)s”.") % {"path": options.truths.parent}, status=2)
    actor, moment = actor_of_command(options), now()
    refuse_real_customers()
    switch_pack(actor=actor, pack=read_pack(options.pack), now=moment)
    made = simulate(
        actor=actor,
        pack=options.pack,
        customers=options.customers,
        years=options.years,
        seed=options.seed,
        until=options.until or local_date(moment),
        now=moment,
        truths=options.truths,
        tell=lambda done, total: say(f"{done:,} / {total:,}") if total > 20_000 else None,
    )
    prove_plant(options.pack, now=moment)
    make_ready(decide=False, now=moment)
    say(
        _("%(customers)s customers, %(orders)s orders, %(lines)s lines in %(seconds)s s (%(cpu)s s of processor time)")
        % {"customers": made.customers, "orders": made.orders, "lines": made.lines, "seconds": made.seconds,
           "cpu": made.cpu_seconds}
    )  # fmt: skip
    if options.json:
        write_object(
            {"customers": made.customers, "orders": made.orders, "lines": made.lines, "seconds": made.seconds}
        )
    return 0
