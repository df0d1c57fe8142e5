"""`bihuan counts`, `bihuan import FILE --as KIND`, `bihuan import undo ID`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bihuan.kernel.console import CommandRefused, say, write_object

KINDS = ("customers", "contacts", "products", "orders", "payments", "receivables")


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    counts = subparsers.add_parser("counts", help="rows of every table of facts · 各事实表的行数")
    counts.add_argument("--json", action="store_true")
    counts.set_defaults(run=run_counts)

    parser = subparsers.add_parser(
        "import",
        help="import a file, or undo an import · 导入文件，或撤销一次导入",
        usage="bihuan import FILE --as KIND [--mapping FILE] [--dry-run] [--json]\n       bihuan import undo ID [--json]",
    )
    parser.add_argument("file", metavar="FILE|undo", help="CSV, XLSX, XLS; or the word undo · 文件，或 undo")
    parser.add_argument("id", nargs="?", help="the import to undo · 要撤销的导入编号")
    parser.add_argument("--as", dest="kind", choices=KINDS, help="what the rows are · 行的类别")
    parser.add_argument("--mapping", help="JSON or YAML: which column is which field · 列与字段的对应")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen · 试运行，不写入")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_import_command)


def run_counts(options: argparse.Namespace) -> int:
    from bihuan.integration.importing.facts import count_facts

    counts = count_facts()
    if options.json:
        write_object(counts)
    else:
        for table, rows in counts.items():
            sys.stdout.write(f"{rows:>12,}  {table}\n")
    return 0


def run_import_command(options: argparse.Namespace) -> int:
    from bihuan.integration.reading.errors import ImportRefused
    from bihuan.kernel.actor import NotAllowed

    try:
        return _undo(options) if options.file == "undo" else _import(options)
    except ImportRefused as refusal:
        raise CommandRefused(refusal.message()) from refusal
    except NotAllowed as refusal:
        raise CommandRefused(refusal) from refusal


def _import(options: argparse.Namespace) -> int:
    if options.id is not None:
        raise CommandRefused(f"?: {options.id}", status=2)
    if not options.kind:
        raise CommandRefused(f"--as {{{','.join(KINDS)}}}", status=2)
    from bihuan.integration.importing.run import Progress, preview_import, run_import
    from bihuan.integration.reading.mapping import load_mapping_file
    from bihuan.kernel.time import now
    from bihuan.people.console import actor_of_command

    mapping = load_mapping_file(Path(options.mapping)) if options.mapping else None
    act = preview_import if options.dry_run else run_import
    result = act(
        actor=actor_of_command(options),
        path=Path(options.file),
        kind=options.kind,
        mapping=mapping,
        now=now(),
        progress=Progress(_tell, _waiting()),
    )
    _say_result(result)
    if options.json:
        write_object(result)
    return 0


def _undo(options: argparse.Namespace) -> int:
    from django.utils.translation import gettext as _

    from bihuan.integration.importing.run import Progress
    from bihuan.integration.importing.undo import undo_import
    from bihuan.kernel.time import now
    from bihuan.people.console import actor_of_command

    if options.id is None or not options.id.isdigit():
        raise CommandRefused(_("Say which import to undo: bihuan import undo ID"), status=2)
    result = undo_import(
        actor=actor_of_command(options),
        import_id=int(options.id),
        now=now(),
        progress=Progress(waiting=_waiting()),
    )
    say(
        _("Import %(id)s undone: %(removed)s rows removed, %(restored)s restored, %(kept)s kept.")
        % (result | {"kept": len(result["kept"])})
    )
    for one in result["kept"][:20]:
        say(f"  {one['object']}: {one['reason']}")
    if options.json:
        write_object(result)
    return 0


def _say_result(result: dict[str, Any]) -> None:
    from django.utils.translation import gettext as _

    from bihuan.integration.importing.notices import notice_text

    said = _("Dry run: ") if result["dry_run"] else _("Import %(id)s: ") % result
    say(
        said
        + _(
            "%(rows)s rows, %(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(refused)s refused."
        )
        % result
    )
    for notice in result["notices"]:
        say(f"  {notice_text(notice)}")
    if result["refused_file"]:
        say(f"  {result['refused_file']}")


def _tell(done: int, total: int, phase: str) -> None:
    if sys.stderr.isatty():
        share = f"{done * 100 // total:>3} %" if total else ""
        print(
            f"\r{phase} {done:,} {share}",
            end="\n" if total and done >= total else "",
            file=sys.stderr,
            flush=True,
        )


def _waiting() -> Any:
    told = False

    def tell() -> None:
        nonlocal told
        if not told:
            from django.utils.translation import gettext as _

            say(_("Another import is running; this one begins when it ends. Ctrl-C gives up."))
            told = True

    return tell
