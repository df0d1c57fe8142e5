"""`bihuan plant import FOLDER --mapping F`."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.utils.translation import gettext as _

from bihuan.kernel.console import CommandRefused, say, write_object


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    plant = subparsers.add_parser(
        "plant", help="a plant's batches, raw lots, results, readings · 工厂批次数据"
    )
    words = plant.add_subparsers(dest="plant_word", required=True, metavar="ACTION")
    brought = words.add_parser("import", help="bring a plant's folder in · 导入工厂数据文件夹")
    brought.add_argument(
        "folder", metavar="FOLDER", type=Path, help="the folder with the tables · 表格所在文件夹"
    )
    brought.add_argument(
        "--mapping",
        required=True,
        type=Path,
        metavar="F",
        help="YAML or JSON: which column is what · 列对应文件",
    )
    brought.add_argument("--dry-run", action="store_true", help="say what would happen · 试运行，不写入")
    brought.add_argument("--json", action="store_true")
    brought.set_defaults(run=run_plant_import)


def run_plant_import(options: argparse.Namespace) -> int:
    from bihuan.integration.reading.errors import ImportRefused
    from bihuan.integration.reading.mapping import load_mapping_file
    from bihuan.kernel.actor import NotAllowed
    from bihuan.kernel.time import now
    from bihuan.people.console import actor_of_command

    from .run import import_plant

    try:
        result = import_plant(
            actor=actor_of_command(options), folder=options.folder, mapping=load_mapping_file(options.mapping),
            dry_run=options.dry_run, now=now(),
        )  # fmt: skip
    except ImportRefused as refusal:
        raise CommandRefused(refusal.message()) from refusal
    except NotAllowed as refusal:
        raise CommandRefused(refusal) from refusal
    said = _("Dry run: ") if result["dry_run"] else _("Import %(id)s: ") % result
    say(
        said
        + _(
            "%(rows)s rows, %(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(refused)s refused."
        )
        % result
    )
    for kind, counts in result["kinds"].items():
        say(f"  {kind}: " + ", ".join(f"{name} {number}" for name, number in counts.items()))
    for one in result["refusals"][:20]:
        say(f"  {one['file']} {one['row']}: {one['reason']}")
    if options.json:
        write_object(result)
    return 0
