"""`init`, `serve`, `worker`: starting and running the program."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

from bihuan.config import environment, supervise
from bihuan.kernel.console import say, write_object


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    init = subparsers.add_parser("init", help="create the database · 建立数据库")
    init.add_argument("--pack", default=os.environ.get("PACK") or "terpene", help="industry · 行业包")
    init.add_argument("--demo", action="store_true", help="load a made company · 载入演示公司")
    init.add_argument("--json", action="store_true")
    init.set_defaults(run=run_init)

    serve = subparsers.add_parser("serve", help="run the web server · 启动网页服务")
    serve.add_argument("--port", type=int, default=environment.port())
    serve.add_argument("--processes", type=int, default=int(os.environ.get("BIHUAN_PROCESSES") or 2))
    serve.set_defaults(run=run_serve)

    worker = subparsers.add_parser("worker", help="run background work · 启动后台任务")
    worker.set_defaults(run=run_worker)

    up = subparsers.add_parser("up", help="start both, with a demo on the first start · 一起启动")
    supervise.add_up(up)
    up.set_defaults(run=supervise.replace_process)

    down = subparsers.add_parser("down", help="stop what `up --detach` started · 停止后台服务")
    down.set_defaults(run=supervise.replace_process)


def run_init(options: argparse.Namespace) -> int:
    from django.core.management import call_command
    from django.db import connection

    environment.make_home()
    call_command("migrate", interactive=False, verbosity=0)
    from bihuan.config.first_administrator import USERNAME, create_first_administrator
    from bihuan.kernel.time import now
    from bihuan.packs.services import install_pack

    moment = now()
    result = install_pack(options.pack, demo=options.demo, now=moment)
    password = create_first_administrator(now=moment)
    if password:
        say(f"sign in as {USERNAME} / {password} · 登录名 {USERNAME}，密码 {password}")
    say(
        f"pack {options.pack}: {result['customers']} customers · 行业包 {options.pack}：{result['customers']} 家客户"
    )
    if options.json:
        write_object(
            {
                "pack": options.pack,
                "database": connection.vendor,
                "customers": result["customers"],
            }
        )
    return 0


def run_serve(options: argparse.Namespace) -> NoReturn:
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(options.port), "--workers", str(options.processes), "--no-ws",
        "--blocking-threads", "4", "bihuan.config.wsgi:application",
    ]  # fmt: skip
    say(f"http://127.0.0.1:{options.port}/")
    sys.stderr.flush()
    os.execv(sys.executable, command)  # noqa: S606 - signals then reach the server itself


def run_worker(options: argparse.Namespace) -> int:
    from bihuan.kernel.worker import run_forever

    return run_forever()
