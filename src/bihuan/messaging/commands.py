"""`bihuan mail`: trying a channel out, and one round of sending and fetching by hand."""

from __future__ import annotations

import argparse

from django.utils.translation import gettext as _

from bihuan.kernel.console import CommandRefused, say, write_object
from bihuan.kernel.time import now


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    mail = subparsers.add_parser("mail", help="mail channels · 邮件通道")
    words = mail.add_subparsers(dest="mail_word", required=True, metavar="ACTION")
    check = words.add_parser(
        "check", help="sign in at a channel's servers, send nothing · 测试通道，不发送邮件"
    )
    check.add_argument("channel", nargs="?", help="its name; all without · 通道名称，省略则测试全部")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run_check)
    once = words.add_parser("round", help="send and fetch what is due, once · 立即收发一次")
    once.add_argument("--json", action="store_true")
    once.set_defaults(run=run_round)


def run_check(options: argparse.Namespace) -> int:
    from .checking import check_channel
    from .models import Channel

    rows = Channel.objects.order_by("name")
    if options.channel:
        rows = rows.filter(name=options.channel)
    if not rows:
        raise CommandRefused(
            _("There is no channel “%(name)s”.") % {"name": options.channel}
            if options.channel
            else _("No mail channel is set up. Add one on the page “Mail channels”.")
        )
    results = [one for row in rows for one in check_channel(row)]
    if options.json:
        write_object({"checks": [one.facts() for one in results]})
    for one in results:
        say(f"{one.channel} {one.part}: {'✓' if one.works else '✗'} {one.text}")
    return 0 if all(one.works for one in results) else 1


def run_round(options: argparse.Namespace) -> int:
    from .rounds import work_off

    sent, taken = work_off(now())
    if options.json:
        write_object({"sent": sent, "taken": taken})
    say(_("%(sent)s handled going out, %(taken)s coming in.") % {"sent": sent, "taken": taken})
    return 0
