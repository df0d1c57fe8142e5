"""`bihuan epcis`: checking documents and hashing their events, keeping what others tell, handing out a lot's history."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from bihuan.kernel.console import CommandRefused, say, write_lines
from bihuan.quality.epcis import MESSAGES, Fault, Report, check
from bihuan.quality.epcis.hashing import VERSIONS
from bihuan.quality.epcis.reading import MAX_BYTES
from bihuan.quality.evidence.faults import LogBusy
from bihuan.quality.evidence.files import put

if TYPE_CHECKING:
    from bihuan.catalog.models import Product

MOST_TOLD = 200  # reasons why events are not joined


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
    capturing = words.add_parser(
        "capture", help="keep the events of documents and join them to our lots · 接收事件并与本方批次衔接"
    )
    capturing.add_argument(
        "files", metavar="FILE", nargs="+", help="EPCIS 2.0 JSON-LD; - reads standard input · - 表示标准输入"
    )
    capturing.add_argument("--product", action="append", default=[], metavar="GTIN=CODE", help="what others call a product of ours; remembered · 对方产品标识=本方产品编码，以后沿用")  # fmt: skip
    capturing.add_argument("--new-products", action="store_true", help="enter products that are not known, not for sale · 录入未知产品（不在售）")  # fmt: skip
    capturing.add_argument(
        "--json", action="store_true", help="JSON Lines, as always here · 始终输出 JSON Lines"
    )
    capturing.set_defaults(run=run_capture)
    exporting = words.add_parser("export", help="a lot's history as an EPCIS document · 导出批次历史")
    exporting.add_argument("--lot", required=True, metavar="LOT", help="product code and number: A/12 · 产品编码/批号")  # fmt: skip
    exporting.add_argument("--out", type=Path, metavar="FILE", help="default: standard output · 输出文件")
    exporting.add_argument("--json", action="store_true", help="as always here · 始终输出 JSON")
    exporting.set_defaults(run=run_export)


def run_check(options: argparse.Namespace) -> int:
    def answer(name: str, data: bytes) -> dict[str, Any]:
        report = check(data, version=options.hash_version, with_pre_hashes=options.pre_hashes)
        return row(name, report) | ({"pre_hashes": report.pre_hashes} if options.pre_hashes else {})

    return _each_file(options.files, answer)


def run_capture(options: argparse.Namespace) -> int:
    from bihuan.kernel.time import now
    from bihuan.people.console import actor_of_command

    from .exchange.capturing import Captured, capture

    actor = actor_of_command(options)
    products = products_named(options.product)

    def told(name: str, data: bytes) -> Captured:
        return capture(
            actor=actor, data=data, file="" if name == "-" else Path(name).name, products=products,
            enter_products=options.new_products, now=now(),
        )  # fmt: skip

    def answer(name: str, data: bytes) -> dict[str, Any]:
        try:
            found = told(name, data)
        except LogBusy as error:
            raise CommandRefused(_("Another document is being captured; try again later.")) from error
        said = [{"path": path, "message": message} for path, message in found.left[:MOST_TOLD]]
        return {
            "file": name, "captureID": found.key, "accepted": found.accepted, "events": found.events, "hashes": found.hashes,
            "stored": found.stored, "declared": found.declared, "lots": found.lots, "postings": found.postings,
            "not_joined": len(found.left), "reasons": said,
            "errors": [{"path": fault.where, "message": say_fault(fault)} for fault in found.faults],
        }  # fmt: skip

    return _each_file(options.files, answer)


def products_named(pairs: list[str]) -> dict[str, Product]:
    """What others call products of ours, from `GTIN=CODE`. Raises ``CommandRefused``."""
    from bihuan.catalog.models import Product

    from .exchange.classes import product_uri

    found = {}
    for pair in pairs:
        name, _sign, code = pair.rpartition("=")
        uri = product_uri(name.strip())
        if uri is None:
            raise CommandRefused(
                _(
                    "“%(value)s” is no GTIN with its check digit and no product's URI, followed by = and a code."
                )
                % {"value": pair},
                status=2,
            )
        product = Product.objects.filter(code=code.strip()).first()
        if product is None:
            raise CommandRefused(_("There is no product “%(code)s”.") % {"code": code}, status=2)
        found[uri] = product
    return found


def run_export(options: argparse.Namespace) -> int:
    from bihuan.kernel.time import now
    from bihuan.people.console import actor_of_command

    from .exchange.exporting import export_lot
    from .naming import lot_named

    actor = actor_of_command(options)
    data = export_lot(actor, lot_named(actor, options.lot), now()) + b"\n"
    if options.out is None:
        sys.stdout.write(data.decode("utf-8"))
    else:
        put(options.out, data)
    return 0


def _each_file(files: list[str], answer: Callable[[str, bytes], dict[str, Any]]) -> int:
    """A line for each file that could be read. Each is done and told before the next is begun."""
    unreadable: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        for name in files:
            try:
                data = _bytes_of(name)
            except OSError as error:
                unreadable.append(name)
                say(_("%(file)s could not be read: %(reason)s") % {"file": name, "reason": error.strerror})
                continue
            yield answer(name, data)

    write_lines(rows())
    sys.stdout.flush()
    if len(unreadable) == len(files):
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
