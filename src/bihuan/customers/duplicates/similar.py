"""Is there somebody like this already? Asked at every new customer, by look-up in indexed columns, never by scanning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from bihuan.customers.access import customers_within
from bihuan.customers.matching.normalise import (
    CompanyName,
    credit_code_key,
    parse_company,
)
from bihuan.customers.models import Customer, CustomerName
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor

from .derived import derived_columns

# What a look-alike agrees in, the most telling first.
REASONS = ("credit_code", "name", "pinyin", "other_name", "phone")


@dataclass(slots=True)
class Similar:
    """A customer like the one asked for, and what agrees: credit_code, name, pinyin, other_name, phone.

    other_name: a former or other name of it, or the name of somebody who was merged into it.
    """

    customer: Customer
    reasons: list[str] = field(default_factory=list)


def may_be_one(a: CompanyName, b: CompanyName) -> bool:
    """Whether two names may be of one company: places, branches and lines of business do not contradict."""
    if a.place and b.place and a.place != b.place:
        return False
    if a.branch != b.branch:
        return False
    return not (a.business and b.business and a.business != b.business and a.stem == b.stem)


def find_similar(
    actor: Actor,
    *,
    name: str,
    credit_code: str = "",
    phone: str = "",
    besides: int | None = None,
    limit: int = 10,
) -> list[Similar]:
    """Customers that the actor may see and that may be the one described, best first.

    `besides`: a customer that is not to be found itself (when editing). Six look-ups by index; at most `limit` answers.
    Who may not read telephone numbers finds nobody by one: otherwise they could be tried out.
    """
    if not CUSTOMER.may_read(actor, "phone"):
        phone = ""
    rows = customers_within(actor, "customer", "view")
    if besides is not None:
        rows = rows.exclude(pk=besides)
    keys = derived_columns(name, phone)
    code = credit_code_key(credit_code)
    asked = parse_company(name)
    wanted = {
        "credit_code": code, "name_key": keys["name_key"], "pinyin": keys["pinyin"], "phone_key": keys["phone_key"],
    }  # fmt: skip
    # One look-up a column: each by its own index, whatever the planner thinks of the rest.
    known: dict[int, Customer] = {}
    for column, value in wanted.items():
        if value:
            found_here = Customer.objects.filter(**{column: value}).order_by("pk")[:200]
            known.update({one.pk: one for one in found_here})
    aliases: dict[int, list[str]] = defaultdict(list)
    if keys["name_key"]:
        others = CustomerName.objects.filter(name_key=keys["name_key"]).order_by("pk")
        for key, alias in others.values_list("customer_id", "name")[:200]:
            aliases[key].append(alias)
    survivors = {one.merged_into_id or one.pk for one in known.values()} | aliases.keys()
    found: list[Similar] = []
    for customer in rows.filter(pk__in=survivors, merged_into=None) if survivors else ():
        reasons = _reasons(customer, asked, wanted)
        if any(may_be_one(asked, parse_company(alias)) for alias in aliases[customer.pk]):
            reasons.append("other_name")
        for merged in known.values():
            if merged.merged_into_id == customer.pk:
                reasons += [
                    "other_name" if one in ("name", "pinyin") else one
                    for one in _reasons(merged, asked, wanted)
                ]
        # Another code is another company, whatever it was called.
        if wanted["credit_code"] and credit_code_key(customer.credit_code) not in ("", wanted["credit_code"]):
            reasons = [one for one in reasons if one == "credit_code"]
        if reasons:
            found.append(Similar(customer, sorted(set(reasons), key=REASONS.index)))
    found.sort(key=lambda one: (REASONS.index(one.reasons[0]), -len(one.reasons), one.customer.pk))
    return found[:limit]


def _reasons(customer: Customer, asked: CompanyName, wanted: Mapping[str, str]) -> list[str]:
    reasons = []
    if wanted["credit_code"] and customer.credit_code == wanted["credit_code"]:
        reasons.append("credit_code")
    elif wanted["credit_code"] and credit_code_key(customer.credit_code):
        return []
    if may_be_one(asked, parse_company(customer.name)):
        if wanted["name_key"] and customer.name_key == wanted["name_key"]:
            reasons.append("name")
        elif wanted["pinyin"] and customer.pinyin == wanted["pinyin"]:
            reasons.append("pinyin")
    if wanted["phone_key"] and customer.phone_key == wanted["phone_key"]:
        reasons.append("phone")
    return reasons
