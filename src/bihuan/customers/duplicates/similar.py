"""Is there somebody like this already? Asked at every new customer, by look-up in indexed columns, never by scanning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bihuan.customers.access import customers_within
from bihuan.customers.matching.normalise import (
    CompanyName,
    credit_code_key,
    key_pinyin,
    parse_companies,
    parse_company,
    phone_key,
)
from bihuan.customers.models import Customer, CustomerName
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor

from .derived import derived_columns

_CHUNK = 900
# What a look-alike agrees in, the most telling first.
REASONS = ("credit_code", "name", "pinyin", "other_name", "phone")
_BY_COLUMN = ("credit_code", "name", "pinyin", "phone")


@dataclass(slots=True)
class Similar:
    """A customer like the one asked for, and what agrees: credit_code, name, pinyin, other_name, phone.

    other_name: a former or other name of it, or the name of somebody who was merged into it.
    """

    customer: Customer
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Warned:
    """A row that looks like a customer (its id), or like an earlier row of the same set (its index)."""

    row: int
    reason: str
    customer_id: int | None = None
    earlier_row: int | None = None


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


def warn_many(rows: Sequence[Mapping[str, str]]) -> list[Warned]:
    """Look-alikes of many new customers at once, for imports: at most one warning a row, the most telling.

    rows: name, and perhaps credit_code and phone. Compares with all customers and with the earlier rows. For work
    that sees everything; pages ask `find_similar`.
    """
    names = [row.get("name") or "" for row in rows]
    codes = [credit_code_key(code) if (code := row.get("credit_code")) else "" for row in rows]
    parsed = parse_companies(names)
    columns: dict[str, list[str]] = {
        "credit_code": codes,
        "name_key": [one.core[:200] for one in parsed],
        "pinyin": [key_pinyin(one.core)[:400] for one in parsed],
        "phone_key": [phone_key(phone)[:40] if (phone := row.get("phone")) else "" for row in rows],
    }
    warned: dict[int, Warned] = {}
    for (column, values), reason in zip(columns.items(), _BY_COLUMN, strict=True):
        strict = reason in ("name", "pinyin")
        known = _known(column, (value for at, value in enumerate(values) if at not in warned))
        earlier: dict[str, list[int]] = defaultdict(list)
        for at, value in enumerate(values):
            if not value:
                continue
            if at not in warned:
                found = _first(at, reason, known.get(value, ()), earlier[value], parsed, codes, strict)
                if found:
                    warned[at] = found
            if len(earlier[value]) < 20:
                earlier[value].append(at)
    return [warned[at] for at in sorted(warned)]


def _known(column: str, values: Iterable[str]) -> dict[str, list[tuple[int, str, str]]]:
    wanted = sorted({value for value in values if value})
    found: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for start in range(0, len(wanted), _CHUNK):
        rows = Customer.objects.filter(**{f"{column}__in": wanted[start : start + _CHUNK]})
        for value, pk, name, code, pointer in rows.values_list(
            column, "pk", "name", "credit_code", "merged_into_id"
        ):
            if pointer is None:
                found[value].append((pk, name, code))
    return found


def _first(
    at: int,
    reason: str,
    known: Iterable[tuple[int, str, str]],
    earlier: Iterable[int],
    parsed: Sequence[CompanyName],
    codes: Sequence[str],
    strict: bool,
) -> Warned | None:
    """The first look-alike; of names (`strict`) only where nothing contradicts."""
    for pk, name, code in known:
        if strict and (
            (codes[at] and code and code != codes[at]) or not may_be_one(parsed[at], parse_company(name))
        ):
            continue
        return Warned(at, reason, customer_id=pk)
    for row in earlier:
        if strict and (
            (codes[at] and codes[row] and codes[row] != codes[at]) or not may_be_one(parsed[at], parsed[row])
        ):
            continue
        return Warned(at, reason, earlier_row=row)
    return None
