"""`bihuan evidence`: checking the log, handing out heads, bundles and the verifier, changing the key."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from bihuan.kernel.console import CommandRefused, say, write_lines, write_object
from bihuan.kernel.time import now
from bihuan.quality.evidence import EvidenceFault, EvidenceLog, make_bundle, verify
from bihuan.quality.evidence.bundle import VERIFIER, verifier
from bihuan.quality.evidence.files import put
from bihuan.quality.evidence.notes import SignedHead
from bihuan.quality.evidence.tree import root_of
from bihuan.quality.evidence_source import database_rows, evidence_log
from bihuan.quality.evidence_wording import say_fault, say_finding

_hexadecimal = re.compile(rb"(?:[0-9a-fA-F]{2})*\Z").match


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    evidence = subparsers.add_parser("evidence", help="the log that proves nothing was altered · 存证日志")
    words = evidence.add_subparsers(dest="evidence_word", required=True, metavar="ACTION")

    def word(name: str, help_: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        parser = words.add_parser(name, help=help_)
        parser.add_argument("--json", action="store_true", help="JSON on standard output · 输出 JSON")
        parser.set_defaults(run=_told(run), needs_database=False)
        return parser

    root = word("root", "the Merkle root of some leaves · 计算若干叶的默克尔根", run_root)
    root.add_argument("--leaves", required=True, metavar="FILE", help="a hex leaf a line; - reads standard input · 每行一个十六进制叶")  # fmt: skip
    check = word("verify", "read the whole log and name what is wrong · 核验整个日志", run_verify)
    check.add_argument("--head", type=Path, metavar="OLD_HEAD", help="a head that was kept · 此前保存的树头")
    bundle = word("bundle", "write events with their proofs · 导出证据包", run_bundle)
    bundle.add_argument("lot", nargs="?", metavar="LOT", help="product code and number: A/12 · 产品编码/批号")
    bundle.add_argument(
        "--index", type=int, action="append", default=[], metavar="N", help="an entry · 条目序号"
    )
    bundle.add_argument("--id", action="append", default=[], metavar="ID", help="an event's id · 事件编号")
    bundle.add_argument("--head", type=Path, action="append", default=[], metavar="OLD_HEAD", help="prove that the log grew out of it · 附与此前树头的一致性证明")  # fmt: skip
    bundle.add_argument("--out", type=Path, metavar="FILE", help="default: evidence-SIZE.json · 输出文件")
    script = word("verifier", "write the stand-alone verifier · 导出独立核验程序", run_verifier)
    script.add_argument("--out", type=Path, default=Path(VERIFIER), metavar="FILE", help="· 输出文件")
    head = word("head", "the newest head, for others to keep · 输出最新树头", run_head)
    head.add_argument(
        "--size", type=int, metavar="N", help="the head signed at this size · 该大小时签署的树头"
    )
    word("heads", "all heads ever signed · 列出全部树头", run_heads)
    word("rotate-key", "sign with a new key from now on · 更换签名密钥", run_rotate)


def _told(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """A fault in the reader's language, with exit status 1."""

    def told(options: argparse.Namespace) -> int:
        try:
            return run(options)
        except EvidenceFault as fault:
            raise CommandRefused(say_fault(fault)) from fault

    return told


def run_root(options: argparse.Namespace) -> int:
    count = 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for leaf in _leaves(options.leaves):
            count += 1
            yield leaf

    root = root_of(counted()).hex()
    if options.json:
        write_object({"size": count, "root": root})
    else:
        print(root)
    return 0


def _leaves(name: str) -> Iterator[bytes]:
    try:
        with sys.stdin.buffer if name == "-" else open(name, "rb") as file:
            for number, line in enumerate(file, 1):
                text = line.removesuffix(b"\n").removesuffix(b"\r")
                if number == 1:
                    text = text.removeprefix(b"\xef\xbb\xbf")
                if not _hexadecimal(text):
                    raise CommandRefused(_("Line %(line)s is not hexadecimal.") % {"line": number})
                yield bytes.fromhex(text.decode("ascii"))
    except OSError as error:
        raise _unreadable(name, error) from error


def _unreadable(name: object, error: OSError) -> CommandRefused:
    return CommandRefused(
        _("%(file)s cannot be read: %(detail)s") % {"file": name, "detail": error.strerror or error}, status=2
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def run_verify(options: argparse.Namespace) -> int:
    kept = _read(options.head) if options.head else None
    rows = database_rows()
    found = verify(evidence_log(), kept=kept, rows=rows, all_rows=rows is not None)
    if rows is not None:
        from bihuan.quality.series.checking import series_findings

        found.findings += series_findings()
    findings = [{"at": one.at, "code": one.code, "what": say_finding(one)} for one in found.findings]
    write_object(
        {"size": found.size, "root": found.root and found.root.hex(), "ok": found.ok, "findings": findings}
    )
    for one in findings:
        say(f"✗ {one['at']}: {one['what']}")
    if found.ok:
        say(_("The log is what was signed: %(size)s entries.") % {"size": found.size})
    return 0 if found.ok else 1


def run_bundle(options: argparse.Namespace) -> int:
    log = evidence_log()
    if options.lot:
        return _bundle_lot(options, log)
    indexes = [*options.index, *(log.index_of(one) for one in options.id)]
    if not indexes:
        raise CommandRefused(_("Say of which lot, or which entries by --index or --id."), status=2)
    data = make_bundle(log, indexes, [_kept(log, path) for path in options.head])
    size = log.head().head.size
    path = options.out or Path(f"evidence-{size}.json")
    put(path, data)
    write_object({"file": path, "size": size, "events": len(set(indexes)), "bytes": len(data)})
    return 0


def _bundle_lot(options: argparse.Namespace, log: EvidenceLog) -> int:
    """All that the log holds of a lot; what waits is written first, so that it is whole."""
    from bihuan.kernel import outbox
    from bihuan.people.console import actor_of_command
    from bihuan.quality.evidencing.reading import places_of
    from bihuan.quality.evidencing.writing import write_waiting
    from bihuan.quality.naming import AmbiguousLot, find_lot, lot_name

    if options.index or options.id:
        raise CommandRefused(_("Say of which lot, or which entries by --index or --id."), status=2)
    try:
        lot = find_lot(actor_of_command(options), options.lot)
    except AmbiguousLot as error:
        names = {"names": ", ".join(error.names)}
        raise CommandRefused(_("Several lots are called so: %(names)s") % names) from error
    if lot is None:
        raise CommandRefused(_("There is no lot “%(name)s”.") % {"name": options.lot})
    while outbox.deliver_due(now()):
        pass
    write_waiting(now())
    indexes = places_of(lot)
    data = make_bundle(log, indexes, [_kept(log, path) for path in options.head])
    size = log.head().head.size
    path = options.out or Path(f"evidence-{lot.pk}-{size}.json")
    put(path, data)
    write_object(
        {"file": path, "lot": lot_name(lot), "size": size, "events": len(indexes), "bytes": len(data)}
    )
    return 0


def _kept(log: EvidenceLog, path: Path) -> SignedHead:
    return log.trusted(_read(path), str(path))


def run_verifier(options: argparse.Namespace) -> int:
    put(options.out, verifier(), mode=0o755)
    say(
        _("Written: %(file)s. It runs with Python 3.8 or later and needs nothing else.")
        % {"file": options.out}
    )
    if options.json:
        write_object({"file": options.out})
    return 0


def run_head(options: argparse.Namespace) -> int:
    log = evidence_log()
    signed = log.head() if options.size is None else log.head_of(options.size)
    if options.json:
        write_object(_facts(signed) | {"head": signed.to_bytes().decode()})
    else:
        sys.stdout.write(signed.to_bytes().decode())
    return 0


def run_heads(options: argparse.Namespace) -> int:
    log = evidence_log()
    log.head()
    write_lines(_facts(one) for one in log.heads())
    return 0


def _facts(signed: SignedHead) -> dict[str, object]:
    head = signed.head
    return {"origin": head.origin, "size": head.size, "root": head.root.hex(), "at": head.at}


def run_rotate(options: argparse.Namespace) -> int:
    log = evidence_log()
    log.head()
    number = log.rotate_key(now=now())
    say(_("Key %(number)s signs from now on. Back up the folder with the private keys.") % {"number": number})
    if options.json:
        write_object({"key": number})
    return 0
