"""`bihuan policy validate | simulate | propose | approve`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.customers.access import customers_within
from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.console import CommandRefused, say, write_lines, write_object
from bihuan.kernel.time import local_date, now
from bihuan.people.console import actor_of_command
from bihuan.policy import PolicyInvalid, load_document, parse_change, parse_policy, run_cases
from bihuan.rulebook.queries import errors_of, policies_visible_to
from bihuan.rulebook.services import PolicyNotAccepted
from bihuan.rulebook.wording import say_error

from .access import get_proposal, items_visible_to
from .deciding import operations, services
from .deciding.evidence import read_outcome
from .deciding.population import EvaluationFailed
from .deciding.reasons import readable_reasons
from .models import ProposalItem
from .queries import class_of

REFUSALS = (PolicyNotAccepted, EvaluationFailed, services.NotDecided, operations.NoPolicyInForce)


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    policy = subparsers.add_parser("policy", help="tiers and other rules · 等级等规则")
    words = policy.add_subparsers(dest="policy_word", required=True)

    validate = words.add_parser("validate", help="check policies and their cases · 校验规则及其用例")
    validate.add_argument("name", nargs="?", help="a policy's name, or a file · 规则名或文件")
    simulate = words.add_parser("simulate", help="who would move under a change · 改动后谁会升降级")
    simulate.add_argument("name")
    simulate.add_argument("--set", dest="changes", action="append", default=[], metavar="PATH=VALUE")
    simulate.add_argument("--as-of", type=_date, default=None)
    simulate.add_argument("--each", action="store_true", help="a line a mover · 逐客户列出")
    propose = words.add_parser("propose", help="put candidates before the committee · 向评审小组提交候选名单")
    propose.add_argument("name")
    propose.add_argument("--as-of", type=_date, default=None)
    propose.add_argument("--reason", default="")
    approve = words.add_parser("approve", help="decide on a proposal · 审批提案")
    approve.add_argument("proposal", type=int)
    approve.add_argument("--by", required=True, metavar="USER")
    approve.add_argument("--only", action="append", default=None, metavar="EXTERNAL_ID[,…]")
    approve.add_argument("--no", action="store_true", help="refuse instead · 改为否决")
    approve.add_argument("--reason", default="")
    approve.add_argument("--effective", type=_date, required=True, metavar="DATE")
    runs = {validate: run_validate, simulate: run_simulate, propose: run_propose, approve: run_approve}
    for parser, run in runs.items():
        parser.add_argument("--json", action="store_true")
        parser.set_defaults(run=_refusing(run))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: YYYY-MM-DD") from error


def _refusing(run: Any) -> Any:
    def guarded(options: argparse.Namespace) -> int:
        try:
            return int(run(options))
        except REFUSALS as refusal:
            raise CommandRefused(refusal) from refusal
        except NotAllowed as refusal:
            raise CommandRefused(_("You may not do this.")) from refusal
        except Http404 as missing:
            raise CommandRefused(_("There is nothing called “%(name)s”.") % {"name": missing}) from missing

    return guarded


def run_validate(options: argparse.Namespace) -> int:
    actor = actor_of_command(options)
    documents = list(_documents(actor, options.name))
    if not documents:
        raise CommandRefused(_("There is no policy yet. “bihuan init --pack …” brings an industry's."))
    failed: list[dict[str, Any]] = []
    cases = 0
    for name, document in documents:
        cases += len(document.get("cases") or [])
        errors = errors_of(document)
        failed += [
            {"policy": name, "path": one.path, "code": one.code, "message": say_error(one)} for one in errors
        ]
        if not errors:
            failed += [
                {"policy": name, "case": one.case, "what": one.what, "expected": one.expected, "got": one.got}
                for one in run_cases(parse_policy(document))
            ]
    write_object({"policies": len(documents), "cases": cases, "failed": failed})
    return 1 if failed else 0


def _documents(actor: Actor, name: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The wordings to check: a file's, one policy's latest, or the latest of all."""
    if name and Path(name).is_file():
        try:
            yield name, dict(load_document(Path(name).read_text(encoding="utf-8-sig")))
        except UnicodeDecodeError as error:
            raise CommandRefused(_("“%(name)s” is not text in UTF-8.") % {"name": name}) from error
        except PolicyInvalid as invalid:
            raise CommandRefused("\n".join(say_error(one) for one in invalid.errors)) from invalid
        return
    rows = policies_visible_to(actor)
    if name:
        rows = rows.filter(name=name)
        if not rows.exists():
            raise CommandRefused(_("There is nothing called “%(name)s”.") % {"name": name})
    for row in rows:
        latest = row.versions.exclude(state="withdrawn").order_by("-number").first()
        if latest is not None:
            yield row.name, latest.document


def run_simulate(options: argparse.Namespace) -> int:
    actor, moment = actor_of_command(options), now()
    as_of = options.as_of or local_date(moment)
    try:
        changes = dict(parse_change(text) for text in options.changes)
    except PolicyInvalid as invalid:
        raise CommandRefused("\n".join(say_error(one) for one in invalid.errors), status=2) from invalid
    version = operations.get_version_in_force(actor, options.name, as_of, moment)
    with operations.simulated(
        actor=actor, version=version, changes=changes, as_of=as_of, now=moment
    ) as population:
        summary = {way: population.counted(way) for way in ("up", "down", "same")}
        sees_revenue = class_of("revenue_12m") in actor.classes("metric")
        write_object({**summary, "revenue_moved": population.revenue_moved if sees_revenue else None})
        if options.each:
            names = _external_ids(actor)
            write_lines(
                {
                    "customer": names.get(one.customer_id, str(one.customer_id)),
                    "from": one.before,
                    "to": one.tier,
                    "reasons": _reasons(actor, one.outcome),
                }
                for one in population.candidates()
                if one.before != one.tier
            )
    return 0


def run_propose(options: argparse.Namespace) -> int:
    actor, moment = actor_of_command(options), now()
    as_of = options.as_of or local_date(moment)
    version = operations.get_version_in_force(actor, options.name, as_of, moment)
    proposal = operations.propose(
        actor=actor, version=version, as_of=as_of, reason=options.reason, now=moment
    )
    names = _external_ids(actor)
    rows = items_visible_to(actor, "propose").filter(proposal=proposal).order_by("id")
    write_lines(
        {
            "proposal": proposal.pk,
            "customer": names.get(item.customer_id, str(item.customer_id)),
            "from": item.from_tier or None,
            "to": item.to_tier,
            "reasons": _reasons(actor, item.outcome),
        }
        for item in rows.iterator(2000)
    )
    say(
        _("Proposal %(id)s: %(up)s up, %(down)s down, %(same)s unchanged.")
        % {"id": proposal.pk, "up": proposal.up, "down": proposal.down, "same": proposal.same}
    )
    return 0


def run_approve(options: argparse.Namespace) -> int:
    options.user = options.by
    actor, moment = actor_of_command(options), now()
    proposal = get_proposal(actor, options.proposal)
    chosen = None
    if options.only is not None:
        wanted = {one for text in options.only for one in text.split(",") if one}
        found = dict(
            ProposalItem.objects.filter(proposal=proposal, customer__external_id__in=wanted).values_list(
                "customer__external_id", "customer_id"
            )
        )
        if missing := sorted(wanted - set(found)):
            raise CommandRefused(_("Not in this proposal: %(names)s") % {"names": ", ".join(missing[:10])})
        chosen = list(found.values())
    decided = services.decide_candidates(
        actor=actor, proposal=proposal, yes=not options.no, effective_on=options.effective,
        customer_ids=chosen, reason=options.reason, now=moment,
    )  # fmt: skip
    proposal.refresh_from_db()
    write_object(
        {
            "proposal": proposal.pk,
            "decided": decided,
            "verdict": "no" if options.no else "yes",
            "effective": options.effective,
            "state": proposal.state,
        }
    )
    return 0


def _external_ids(actor: Actor) -> dict[int, str]:
    rows = customers_within(actor, "customer", "view").exclude(external_id=None)
    return {key: name for key, name in rows.values_list("id", "external_id").iterator(5000) if name}


def _reasons(actor: Actor, outcome: str) -> list[dict[str, Any]]:
    return [
        {"metric": one["metric"], "value": one["value"], "threshold": one["threshold"], "points": one["points"],
         "role": one["role"], "met": one["met"]}
        for one in readable_reasons(actor, read_outcome(outcome))
    ]  # fmt: skip
