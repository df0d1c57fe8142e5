"""The two long operations, as pages, jobs and commands call them: simulate a policy, propose candidates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.time import local_date
from bihuan.policy import PolicyInvalid, with_changes
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.queries import errors_of, get_policy, version_in_force
from bihuan.rulebook.services import PolicyNotAccepted
from bihuan.rulebook.wording import say_error

from ..models import Proposal
from ..refreshing import values_at
from .population import Population, evaluated_population
from .services import put_proposal


class NoPolicyInForce(Exception):
    """There is no approved version on that date."""

    is_refusal = True


def get_version_in_force(actor: Actor, name: str, as_of: date, now: datetime) -> PolicyVersion:
    """The version of a visible policy that holds today, whatever past day the values are of; for a day to come the one
    that will hold then. Raises NoPolicyInForce, or Http404 for an unknown name."""
    policy = get_policy(actor, name)
    on = max(as_of, local_date(now))
    version = version_in_force(policy.name, on)
    if version is None:
        raise NoPolicyInForce(
            _("No version of “%(name)s” is in force on %(date)s.") % {"name": name, "date": on}
        )
    return version


def changed_document(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document with PATH=VALUE changes, checked. Raises PolicyNotAccepted with every fault."""
    try:
        changed = with_changes(document, changes)
    except PolicyInvalid as invalid:
        raise PolicyNotAccepted(
            "\n".join(say_error(error) for error in invalid.errors), list(invalid.errors)
        ) from invalid
    errors = errors_of(changed)
    if errors:
        raise PolicyNotAccepted("\n".join(say_error(error) for error in errors), errors)
    return changed


def _laid_open(actor: Actor) -> QuerySet[Customer]:
    """The customers whose tiers and figures the actor sees: a simulation shows both, and adds up their revenue."""
    rows = customers_within(actor, "customer", "view")
    for name in ("decision", "metric"):
        rows = rows.filter(pk__in=customers_within(actor, name, "view").values("pk"))
    return rows


@contextmanager
def simulated(
    *,
    actor: Actor,
    version: PolicyVersion,
    changes: Mapping[str, Any],
    as_of: date,
    now: datetime,
    draft: PolicyVersion | None = None,
) -> Iterator[Population]:
    """What a changed policy would do to the customers that the actor may see; nothing is written.

    Changes are made to the draft, if one is given, else to the version in force. Compared with the tiers decided last;
    customers without one are compared with what the version in force gives them.
    """
    require(actor, "policy", "simulate")
    document = changed_document((draft or version).document, changes)
    with evaluated_population(
        document=document,
        baseline=version.document,
        customers=_laid_open(actor),
        values=values_at(actor=actor, as_of=as_of, now=now),
        as_of=as_of,
    ) as population:
        yield population


def propose(
    *, actor: Actor, version: PolicyVersion, as_of: date, reason: str = "", now: datetime
) -> Proposal:
    """Find who would move under the policy as of a date, and put the list before the committee."""
    require(actor, "decision", "propose")
    with evaluated_population(
        document=version.document,
        baseline=None,
        customers=customers_within(actor, "decision", "propose"),
        values=values_at(actor=actor, as_of=as_of, now=now),
        as_of=as_of,
    ) as population:
        return put_proposal(
            actor=actor,
            version=version,
            as_of=as_of,
            candidates=population.candidates(),
            same=population.unchanged,
            reason=reason,
            now=now,
        )
