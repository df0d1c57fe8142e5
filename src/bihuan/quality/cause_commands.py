"""`bihuan cause LOT`: what stands out of a lot beside the good lots of its product."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from bihuan.kernel.console import CommandRefused, write_object


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("cause", help="what stands out of a deviating lot · 异常批次的可能原因")
    parser.add_argument("lot", metavar="LOT", help="product code and number: A/12 · 产品编码/批号")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_cause)


def run_cause(options: argparse.Namespace) -> int:
    from django.utils.translation import gettext as _

    from bihuan.people.console import actor_of_command

    from .causing import causes_of
    from .errors import LotError
    from .naming import lot_named

    actor = actor_of_command(options)
    lot = lot_named(actor, options.lot)
    try:
        found = causes_of(actor, lot)
    except LotError as error:
        raise CommandRefused(str(error)) from error
    answer = as_answer(found)
    if options.json:
        write_object(answer)
        return 0
    if answer["verdict"] == "found":
        sys.stdout.write(_("Stands out:") + "\n")
    else:
        text = _("Nothing stands out among %(n)s good lots. Nearest to it:") % {"n": found.comparison.n}
        sys.stdout.write(text + "\n")
    for one in answer["candidates"]:
        beside = _("%(value)s, beside a median of %(median)s in %(n)s good lots") % {
            "value": one["value"], "median": one["good_median"], "n": one["n"],
        }  # fmt: skip
        sys.stdout.write(f"{one['score']:>7}  {one['parameter']}: {beside}\n")
    return 0


def as_answer(found: Any) -> dict[str, Any]:
    """A comparison as it is written out: candidates with the highest score first, ranked also where nothing stands out."""

    def rounded(value: Any) -> Any:
        return float(f"{value:.6g}") if isinstance(value, float) else value

    comparison = found.comparison
    return {
        "lot": f"{found.lot.product.code}/{found.lot.number}",
        "verdict": "found" if comparison.stands_out else "nothing stands out",
        "candidates": [
            {
                "parameter": one.name, "score": rounded(one.score), "value": rounded(one.value),
                "good_median": rounded(one.good_median), "n": one.n, "chance": rounded(one.chance),
                "position": rounded(one.position), "z": rounded(one.z), "twins": list(one.twins),
                "kind": found.sources[one.name].kind,
            }
            for one in comparison.candidates
        ],
        "good_lots": comparison.n,
        "deviating": list(found.deviating),
        "left_out": [{"parameter": name, "why": why} for name, why in comparison.left_out],
    }  # fmt: skip
