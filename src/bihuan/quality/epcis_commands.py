"""`bihuan epcis check`: whether EPCIS documents are right, where not, and the hash ids of their events."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.console import CommandRefused, say, write_lines
from bihuan.quality.epcis import MESSAGES, Fault, Report, check
from bihuan.quality.epcis.hashing import VERSIONS
from bihuan.quality.epcis.reading import MAX_BYTES


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    epcis = subparsers.add_parser("epcis", help="events told to other companies · EPCIS 事件")
    words = epcis.add_subparsers(dest="epcis_word", required=True, metavar="ACTION")
    checking = words.add_parser(
        "check", help="check documents and hash their events · 校验文件并计算事件哈希"
    )
    checking.add_argument(
        "files", metavar="FILE", nargs="+", help="EPCIS 2.0 JSON-LD; - reads standard input · - 表示标准输入"
    )
    checking.add_argument(
        "--hash-version", choices=VERSIONS, default=VERSIONS[0], help="rules of the hash · 哈希规则版本"
    )
    checking.add_argument(
        "--pre-hashes", action="store_true", help="add what was hashed · 附哈希前的规范字符串"
    )
    checking.add_argument(
        "--json", action="store_true", help="JSON Lines, as always here · 始终输出 JSON Lines"
    )
    checking.set_defaults(run=run_check, needs_database=False)


def run_check(options: argparse.Namespace) -> int:
    unreadable: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        for name in options.files:
            try:
                data = _bytes_of(name)
            except OSError as error:
                unreadable.append(name)
                say(_("%(file)s could not be read: %(reason)s") % {"file": name, "reason": error.strerror})
                continue
            report = check(data, version=options.hash_version, with_pre_hashes=options.pre_hashes)
            yield row(name, report) | ({"pre_hashes": report.pre_hashes} if options.pre_hashes else {})

    write_lines(rows())
    sys.stdout.flush()
    if len(unreadable) == len(options.files):
        raise CommandRefused(_("No file could be read."))
    return 1 if unreadable else 0


def _bytes_of(name: str) -> bytes:
    """One byte more than is read at most is enough to see that a file is too large."""
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)


def row(name: str, report: Report) -> dict[str, Any]:
    return {
        "file": name,
        "accepted": report.accepted,
        "events": report.events,
        "hashes": report.hashes,
        "errors": [{"path": fault.where, "message": say_fault(fault)} for fault in report.faults],
    }


def say_fault(fault: Fault) -> str:
    """The sentence in the reader's language."""
    return _(MESSAGES[fault.code]) % fault.values
