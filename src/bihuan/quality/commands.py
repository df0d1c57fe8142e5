"""`bihuan trace LOT`: where a lot comes from and where it went."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from bihuan.kernel.console import CommandRefused, write_object


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("trace", help="where a lot comes from and where it went · 批次追溯")
    parser.add_argument("lot", metavar="LOT", help="product code and number: A/12 · 产品编码/批号")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--up", action="store_true", help="its sources · 向上追溯来源")
    way.add_argument("--down", action="store_true", help="what was made of it, and who has it · 向下追溯去向")
    way.add_argument("--both", action="store_true", help="both, as without either · 双向，默认")
    parser.add_argument("--depth", type=int, metavar="N", help="at most so many steps · 最多层数")
    parser.add_argument("--tests", action="store_true", help="with the results of each lot · 附各批检验结果")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_trace)


def run_trace(options: argparse.Namespace) -> int:
    from bihuan.people.console import actor_of_command

    from .naming import lot_named
    from .tracing import trace

    if options.depth is not None and options.depth < 0:
        raise CommandRefused(f"--depth: {options.depth}", status=2)
    actor = actor_of_command(options)
    lot = lot_named(actor, options.lot)
    found = trace(
        actor, lot, up=not options.down, down=not options.up, depth=options.depth, with_tests=options.tests
    )
    answer = as_answer(found)
    if options.tests:
        answer["tests"] = results_of(found)
    if options.json:
        write_object(answer)
        return 0
    for node in answer["nodes"]:
        share = "" if node["share"] is None else f"{node['share'] * 100:.3g} %"
        sys.stdout.write(f"{node['lot']:<30} {node['kind']:<13} {node['status']:<11} {share:>9}\n")
    for one in answer["shipments"]:
        sys.stdout.write(f"{one['lot']:<30} → {one['customer_name']} {one['quantity']} {one['unit']}\n")
    for one in answer.get("tests", ()):
        sys.stdout.write(
            f"{one['lot']:<30} {one['characteristic']}: {one['said']} {one['unit']}".rstrip() + "\n"
        )
    return 0


def as_answer(found: Any) -> dict[str, Any]:
    """A trace as it is written out. Shares are parts of one, null where amounts are not known."""
    from bihuan.kernel.fields import from_fixed

    def amount(value: int | None) -> Any:
        return None if value is None else from_fixed(value)

    names = {one.id: f"{one.product}/{one.number}" for one in found.nodes.values()}
    return {
        "nodes": [
            {
                "lot": names[one.id], "product": one.product, "kind": one.kind, "quantity": amount(one.quantity),
                "unit": one.unit, "status": one.status, "share": one.share,
            }
            for one in found.nodes.values()
        ],
        "edges": [
            {"from": names[one.source], "to": names[one.target], "quantity": amount(one.quantity), "share": one.part}
            for one in found.links
        ],
        "shipments": [
            {
                "lot": names[one.lot], "customer": one.customer_code, "customer_name": one.customer_name,
                "order": one.order_number or None, "quantity": one.quantity, "unit": one.unit, "at": one.at,
            }
            for one in found.shipments
        ],
        "cut_share": found.cut_share,
        "is_cut_short": found.is_cut_short,
    }  # fmt: skip


def results_of(found: Any) -> list[dict[str, Any]]:
    """The results that stand of the lots in a trace, by lot and characteristic; none for whom results are withheld."""
    from bihuan.catalog.models import Characteristic

    results = [one for several in found.tests.values() for one in several]
    names = dict(
        Characteristic.objects.filter(pk__in={one.characteristic for one in results}).values_list(
            "pk", "name"
        )
    )
    return [
        {
            "lot": f"{found.nodes[one.lot].product}/{found.nodes[one.lot].number}",
            "characteristic": names[one.characteristic], "said": one.said, "value": one.value, "unit": one.unit,
            "is_below_detection": one.is_below_detection, "method": one.method, "sample": one.sample,
        }
        for one in results
    ]  # fmt: skip
