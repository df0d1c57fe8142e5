"""The `bihuan` command. Each room registers its words in a `commands` module with `register(subparsers)`.

A command's function gets the parsed arguments and returns an exit status: 0 done, 2 bad use, 1 could not. It raises
`CommandRefused` for what a person can mend. Rooms are imported only for the words that are used, so that the
command starts fast.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib
import os
import sys

from bihuan.config import environment
from bihuan.kernel.console import CommandRefused

# word → module that registers it
WORDS: dict[str, str] = {
    "init": "bihuan.config.commands",
    "serve": "bihuan.config.commands",
    "worker": "bihuan.config.commands",
    "up": "bihuan.config.commands",
    "down": "bihuan.config.commands",
    "bench": "bihuan.config.commands_bench",
    "counts": "bihuan.integration.commands",
    "import": "bihuan.integration.commands",
    "duplicates": "bihuan.customers.commands_duplicates",
    "customer": "bihuan.segmentation.commands_customer",
    "metrics": "bihuan.segmentation.commands",
    "policy": "bihuan.segmentation.commands_policy",
    "simulate": "bihuan.packs.commands",
    "case": "bihuan.service.commands",
    "trace": "bihuan.quality.commands",
    "cause": "bihuan.quality.cause_commands",
    "plant": "bihuan.integration.plant.commands",
    "epcis": "bihuan.quality.epcis_commands",
    "mail": "bihuan.messaging.commands",
    "evidence": "bihuan.quality.evidence_commands",
}

# words that read or write the database: an empty one gets its tables first, so that no word needs another before it
KEEPS_RECORDS = frozenset(WORDS) - {"init", "up", "down", "bench"}


def prepare_empty_database() -> None:
    """Makes the tables where there are none yet; a database that has some is left as it is."""
    from django.core.management import call_command
    from django.db import connection

    if "django_migrations" in connection.introspection.table_names():
        return
    home = environment.make_home()
    with open(home / "preparing", "w") as lock:  # two commands may both be the first
        fcntl.flock(lock, fcntl.LOCK_EX)
        if "django_migrations" not in connection.introspection.table_names():
            call_command("migrate", interactive=False, verbosity=0)


def cannot(error: Exception) -> str:
    """What a person reads when the disk or the database fails: what failed, that nothing is half-written, what to do."""
    from django.db import DatabaseError

    what = str(error).strip() or type(error).__name__
    if isinstance(error, DatabaseError):
        return (
            f"The database does not answer as it should: {what}. What was not finished was taken back. "
            "If it is from an older version, “bihuan init” brings it up to date.\n"
            f"数据库出错：{what}。未完成的写入已撤回。若数据库来自旧版本，请先执行 bihuan init。"
        )
    return f"It could not be done: {what}. · 无法完成：{what}。"


def build_parser(words: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bihuan",
        description="闭环 Bihuan: customers, service and batches in one system. 客户、服务、批次，一个系统。",
    )
    parser.add_argument("--user", help="act as this person (default: the system) · 以此人身份执行")
    subparsers = parser.add_subparsers(dest="word", required=True, metavar="COMMAND")
    for module in dict.fromkeys(WORDS[word] for word in words):
        try:
            importlib.import_module(module).register(subparsers)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
    return parser


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    import django
    from django.db import DatabaseError

    try:
        django.setup()
    except OSError as error:  # the home folder cannot be made or read
        print(cannot(error), file=sys.stderr)
        return 1
    word = next((one for one in arguments if one in WORDS), None)
    parser = build_parser([word] if word else list(WORDS))
    options = parser.parse_args(arguments)
    try:
        if options.word in KEEPS_RECORDS and getattr(options, "needs_database", True):
            prepare_empty_database()
        return int(options.run(options) or 0)
    except CommandRefused as refusal:
        print(refusal, file=sys.stderr)
        return refusal.status
    except (DatabaseError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            os.dup2(
                os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
            )  # else the flush at exit fails again
            return 1
        print(cannot(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
