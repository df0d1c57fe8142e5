"""Field by field, what speaks for two records being one: `equal`, `similar`, `differs`, or `missing` on one side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.customers.matching.normalise import (
    address_key,
    credit_code_key,
    email_key,
    name_sound,
    parse_company,
    person_name_key,
    phone_key,
)


def _compare(a: str, b: str, near: bool = False) -> str:
    if not a or not b:
        return "missing"
    if a == b:
        return "equal"
    return "similar" if near else "differs"


def _within(a: str, b: str, slips: int) -> bool:
    from rapidfuzz.distance import OSA

    return bool(a and b) and OSA.distance(a, b, score_cutoff=slips) <= slips


def company_evidence(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, str]:
    """For two customers given as name, credit_code, phone, email, address, region and city."""
    left, right = parse_company(a["name"]), parse_company(b["name"])
    sounds = name_sound(left.core), name_sound(right.core)
    addresses = address_key(a["address"]), address_key(b["address"])
    return {
        "name": _compare(left.core, right.core, near=_within(*sounds, 1)),
        "place": _compare(left.place, right.place),
        "credit_code": _compare(credit_code_key(a["credit_code"]), credit_code_key(b["credit_code"])),
        "phone": _compare(phone_key(a["phone"]), phone_key(b["phone"])),
        "email": _compare(email_key(a["email"]), email_key(b["email"])),
        "address": _compare(*addresses, near=_within(*addresses, 2)),
    }


def person_evidence(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, str]:
    """For two contacts given as name, phone, email and customer_id."""
    names = person_name_key(a["name"]), person_name_key(b["name"])
    return {
        "name": _compare(*names, near=_within(*names, 1)),
        "phone": _compare(phone_key(a["phone"]), phone_key(b["phone"])),
        "email": _compare(email_key(a["email"]), email_key(b["email"])),
        "customer": _compare(str(a["customer_id"]), str(b["customer_id"])),
    }
