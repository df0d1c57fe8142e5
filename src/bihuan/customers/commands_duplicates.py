"""`duplicates`: find, merge and undo in the database; link and dedupe files with the same matcher."""

from __future__ import annotations

import argparse
from pathlib import Path

from bihuan.kernel.console import CommandRefused, say, write_object


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    duplicates = subparsers.add_parser("duplicates", help="which records are one · 查重与合并")
    actions = duplicates.add_subparsers(dest="action", required=True, metavar="ACTION")

    find = actions.add_parser("find", help="look for duplicates · 查找重复")
    find.add_argument(
        "--profile",
        choices=("company", "person"),
        default="company",
        help="companies or contacts · 客户或联系人",
    )
    find.add_argument("--json", action="store_true")
    find.set_defaults(run=run_find)

    merge = actions.add_parser("merge", help="merge what was found · 合并")
    merge.add_argument("cluster", type=int, metavar="C", nargs="+", help="number of a cluster · 重复组编号")
    merge.add_argument("--into", metavar="EXTERNAL_ID", help="who survives · 保留哪一条")
    merge.add_argument("--json", action="store_true")
    merge.set_defaults(run=run_merge)

    undo = actions.add_parser("undo", help="take a merge apart · 撤销合并")
    undo.add_argument("merge", type=int, metavar="M", help="number of the merge · 合并编号")
    undo.add_argument("--json", action="store_true")
    undo.set_defaults(run=run_undo)

    link = actions.add_parser("link", help="match the records of two files · 两个文件互相匹配")
    link.add_argument("a", type=Path, metavar="A.csv")
    link.add_argument("b", type=Path, metavar="B.csv")
    _add_file_options(link)
    link.set_defaults(run=run_link, needs_database=False)

    dedupe = actions.add_parser("dedupe", help="match the records of one file · 文件内查重")
    dedupe.add_argument("a", type=Path, metavar="A.csv")
    _add_file_options(dedupe)
    dedupe.set_defaults(run=run_dedupe, needs_database=False)


def _add_file_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile", choices=("company", "person"), default="company", help="what a record is · 记录类型"
    )
    parser.add_argument(
        "--mapping", type=Path, metavar="F", help="YAML or JSON: role to column · 字段对应文件"
    )
    parser.add_argument("--json", action="store_true")


def run_find(options: argparse.Namespace) -> int:
    from bihuan.customers.duplicates.finding import find_duplicates
    from bihuan.kernel.actor import NotAllowed
    from bihuan.kernel.analytics.processes import AnalyticsFailed
    from bihuan.kernel.time import now
    from bihuan.people.console import actor_of_command

    try:
        found = find_duplicates(actor=actor_of_command(options), profile=options.profile, now=now())
    except (NotAllowed, AnalyticsFailed) as refusal:
        raise CommandRefused(refusal) from refusal
    for one in found:
        if options.json:
            write_object(one)
        else:
            print(one["cluster"], f"{one['probability']:.4f}", *one["members"], sep="\t")
    say(f"{len(found)} clusters · {len(found)} 组疑似重复")
    return 0


def run_merge(options: argparse.Namespace) -> int:
    from django.core.exceptions import ObjectDoesNotExist

    from bihuan.customers.duplicates.finding import external_ids
    from bihuan.customers.duplicates.merging import MergeRefused, merge_cluster
    from bihuan.customers.duplicates.queries import get_cluster, member_named
    from bihuan.kernel.actor import NotAllowed
    from bihuan.kernel.time import now
    from bihuan.people.console import actor_of_command

    actor = actor_of_command(options)
    # Records are called as `find` calls them.
    for number in options.cluster:
        try:
            winner = member_named(get_cluster(actor, number), options.into) if options.into else None
            merge = merge_cluster(actor=actor, cluster_id=number, winner_id=winner, now=now())
        except ObjectDoesNotExist as unseen:
            raise CommandRefused(f"{number}: no such cluster · 没有这一组") from unseen
        except (MergeRefused, NotAllowed) as refusal:
            raise CommandRefused(f"{number}: {refusal}") from refusal
        names = external_ids(merge.profile, {merge.winner_id, *merge.loser_ids})
        moved = sum(len(one.ids) for one in merge.moves.all())
        if options.json:
            write_object(
                {
                    "merge": merge.pk,
                    "cluster": number,
                    "winner": names[merge.winner_id],
                    "losers": [names[one] for one in merge.loser_ids],
                    "moved": moved,
                }
            )
        say(f"merge {merge.pk}: {moved} rows moved · 合并 {merge.pk}：迁移 {moved} 行")
    return 0


def run_undo(options: argparse.Namespace) -> int:
    from django.core.exceptions import ObjectDoesNotExist

    from bihuan.customers.duplicates.merging import MergeRefused
    from bihuan.customers.duplicates.undoing import undo_merge
    from bihuan.kernel.actor import NotAllowed
    from bihuan.kernel.time import now
    from bihuan.people.console import actor_of_command

    try:
        result = undo_merge(actor=actor_of_command(options), merge_id=options.merge, now=now())
    except ObjectDoesNotExist as unseen:
        raise CommandRefused(f"{options.merge}: no such merge · 没有这次合并") from unseen
    except (MergeRefused, NotAllowed) as refusal:
        raise CommandRefused(refusal) from refusal
    if options.json:
        write_object(result)
    for one in result["kept"]:
        say(f"{one['object']}: {one['reason']}")
    say(f"{result['restored']} given back · 恢复 {result['restored']} 项，保留 {len(result['kept'])} 项")
    return 0


def _mapping(path: Path | None) -> dict[str, str] | None:
    """Role to header. Also takes header to role, and both under a key `columns`."""
    if path is None:
        return None
    import yaml

    from bihuan.customers.matching.columns import ROLES

    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandRefused(f"{path}: {error}") from error
    if isinstance(read, dict) and isinstance(read.get("columns"), dict):
        read = read["columns"]
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise CommandRefused(f"{path}: a mapping of role to column is expected · 应为“字段: 列名”")
    roles = {role for known in ROLES.values() for role in known}
    if read and not set(read) <= roles and set(read.values()) <= roles:
        read = {role: header for header, role in read.items()}
    return {str(role): str(header) for role, header in read.items()}


def run_link(options: argparse.Namespace) -> int:
    from bihuan.customers.matching.link import link

    mapping = _mapping(options.mapping)
    return _write(options, lambda: link(options.a, options.b, options.profile, mapping))


def run_dedupe(options: argparse.Namespace) -> int:
    from bihuan.customers.matching.link import dedupe

    mapping = _mapping(options.mapping)
    return _write(options, lambda: dedupe(options.a, options.profile, mapping))


def _write(options: argparse.Namespace, match) -> int:  # type: ignore[no-untyped-def]
    from bihuan.customers.matching.columns import UnknownColumn
    from bihuan.customers.matching.records import NotATable

    merged = shown = 0
    try:
        for pair in match():
            shown += 1
            merged += pair.merge
            if options.json:
                write_object(pair._asdict())
            else:
                print(
                    pair.a, pair.b, f"{pair.probability:.4f}", "merge" if pair.merge else "review", sep="\t"
                )
    except FileNotFoundError as error:
        raise CommandRefused(f"{error.filename}: no such file · 文件不存在") from error
    except IsADirectoryError as error:
        raise CommandRefused(f"{error.filename}: a folder, not a file · 是文件夹，不是文件") from error
    except (UnknownColumn, NotATable) as error:
        raise CommandRefused(str(error)) from error
    say(
        f"{merged} pairs to merge, {shown - merged} to review · 可合并 {merged} 对，待确认 {shown - merged} 对"
    )
    return 0
