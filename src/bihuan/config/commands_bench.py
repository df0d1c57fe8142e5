"""`bihuan bench [NAME …]`: how fast we are, each figure beside a plain limit measured in the same run.

A room's `bench.py` gives `benches() -> {name: function}`; a function returns {"name", "ours", "limit", "ratio", "unit",
"peak_mb", "data"} and runs each side in a process of its own, on data that it makes.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

from django.conf import settings

from bihuan.kernel.console import CommandRefused, say, write_lines

Bench = Callable[[], dict[str, Any]]
KEYS = ("name", "ours", "limit", "ratio", "unit", "peak_mb", "data")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bench = subparsers.add_parser("bench", help="measure against plain limits · 性能测量")
    bench.add_argument(
        "names", nargs="*", metavar="name", help="one of them, or the first letters of several · 名称或前缀"
    )
    bench.add_argument("--list", action="store_true", help="only say what there is · 只列出名称")
    bench.add_argument("--json", action="store_true")
    bench.set_defaults(run=run_bench)


def all_benches() -> dict[str, Bench]:
    """The benches of all rooms that have some, by name."""
    found: dict[str, Bench] = {}
    for room in ("config", *settings.ROOMS):
        module = f"bihuan.{room}.bench"
        if importlib.util.find_spec(module) is not None:
            found |= importlib.import_module(module).benches()
    return found


def run_bench(options: argparse.Namespace) -> int:
    known = all_benches()
    if options.list:
        write_lines({"name": name} for name in known)
        return 0
    chosen: dict[str, Bench] = {}
    for asked in options.names or [""]:
        found = {asked: known[asked]} if asked in known else {
            name: run for name, run in known.items() if name.startswith(asked)
        }  # fmt: skip
        if not found:
            raise CommandRefused(
                f"no bench is called {asked} · 没有名为 {asked} 的测量：{', '.join(known)}", status=2
            )  # fmt: skip
        chosen |= found
    failed = False
    for name, run in chosen.items():
        say(name)
        try:
            figures = run()
        except Exception as error:  # the others are measured all the same, and the exit status says it
            say(f"{name}: {type(error).__name__}: {error}")
            failed = True
            continue
        write_lines([{key: figures.get(key) for key in KEYS}])
    return 1 if failed else 0
