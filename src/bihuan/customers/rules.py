"""Rules about a customer's record that need no database and no clock: completeness, freshness, codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Label = str | _StrPromise
else:
    Label = Any


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a complete record: its weight, and the fields of which one at least must be filled."""

    name: str
    label: Label
    weight: int
    fields: tuple[str, ...] = ()


# Together 100. `contact`, `decider` and `site` are asked of the rows around the customer.
PARTS = (
    Part("credit_code", _("Credit code"), 15, ("credit_code",)),
    Part("industry", _("Industry"), 10, ("industry",)),
    Part("kind", _("Kind of customer"), 5, ("kind",)),
    Part("place", _("Region and city"), 10, ("region", "city")),
    Part("address", _("Address"), 5, ("address",)),
    Part("reach", _("Telephone or mail"), 10, ("phone", "email")),
    Part("owner_a", _("Owner A"), 10, ("owner_a_id",)),
    Part("owner_b", _("Owner B"), 5, ("owner_b_id",)),
    Part("contact", _("A contact"), 15),
    Part("decider", _("Who decides"), 10),
    Part("site", _("A site"), 5),
)
ASKED_AROUND = ("contact", "decider", "site")
# After this many days without being verified or changed, a record is stale.
FRESH_DAYS, STALE_DAYS = 180, 365


def missing_parts(values: Mapping[str, Any]) -> list[Part]:
    """The parts that are absent. `values`: the fields of the customer by name, and whether it has a contact, somebody
    who decides, and a site."""
    return [part for part in PARTS if not any(values.get(field) for field in (part.fields or (part.name,)))]


def completeness(values: Mapping[str, Any]) -> int:
    """How complete a record is, 0 to 100: the weights of the parts that are there."""
    return 100 - sum(part.weight for part in missing_parts(values))


def freshness(verified_on: date | None, changed_on: date | None, today: date) -> str:
    """`fresh`, `ageing` or `stale`, by the days since somebody last verified or changed the record."""
    known = [day for day in (verified_on, changed_on) if day is not None]
    if not known:
        return "stale"
    days = (today - max(known)).days
    return "fresh" if days <= FRESH_DAYS else "ageing" if days <= STALE_DAYS else "stale"


def freshness_score(verified_on: date | None, changed_on: date | None, today: date) -> int:
    """100 on the day when somebody verified or changed the record, falling evenly to 0 within two years.

    75 and more is `fresh`, 50 and more `ageing`.
    """
    known = [day for day in (verified_on, changed_on) if day is not None]
    if not known:
        return 0
    days = max(0, (today - max(known)).days)
    return max(0, round(100 - 100 * days / (2 * STALE_DAYS)))


def compact_code(text: str) -> str:
    """A credit code as typed, without spaces and dashes, in capitals and half-width."""
    half = "".join(chr(ord(one) - 0xFEE0) if "！" <= one <= "～" else one for one in text)
    return re.sub(r"[\s\-]", "", half).upper()


def credit_code_fault(text: str) -> Label | None:
    """What is wrong with a unified social credit code (GB 32100-2015), None when nothing is.

    The code is expected as `compact_code` gives it.
    """
    from stdnum.cn import uscc
    from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

    try:
        uscc.validate(text)
    except InvalidLength:
        return _("A credit code has 18 characters.")
    except InvalidChecksum:
        return _("The check digit is wrong: one of the characters was mistyped.")
    except ValidationError:
        return _("A credit code has digits and capital letters without I, O, S, V and Z.")
    return None
