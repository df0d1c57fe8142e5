"""Step 3: the customers' names, numbers, addresses. All of them are visibly made up."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from bihuan.customers.matching.normalise import name_key, name_pinyin, phone_key, pinyin_initials

from .habits import Habits
from .model import places, words
from .orders import Documents
from .plan import Block, dates_from

_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = tuple(pow(3, at, 31) for at in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(number: int) -> str:
    """A unified social credit code with right check digits, of a division that does not exist (GB 32100-2015)."""
    body = f"{number:08}"
    check = (
        11 - sum(int(sign) * weight for sign, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)) % 11
    )
    code = words()["credit_code_prefix"] + body + "0123456789X0"[check if check < 11 else 0]
    rest = sum(_CODE_SIGNS.find(sign) * weight for sign, weight in zip(code, _CODE_WEIGHTS, strict=True)) % 31
    return code + _CODE_SIGNS[(31 - rest) % 31]


@cache
def _stem_plan(customers: int) -> tuple[str, int, int]:
    """Signs to make stems of, how many signs a stem has, and how many stems there are."""
    signs = "".join(dict.fromkeys(words()["stems"]))
    length = 2 if customers <= len(signs) * (len(signs) - 1) * 0.7 else 3
    return signs, length, len(signs) * (len(signs) - 1) ** (length - 1)


def stem(number: int, customers: int) -> str:
    """The trade name of the `number`th customer: all different as long as there are combinations."""
    signs, length, combinations = _stem_plan(customers)
    # A stride without common factor walks through every combination once, in no visible order.
    left = (number * 7_368_787 + 4_099) % combinations
    left, first = divmod(left, len(signs))
    found = [first]
    for _ in range(length - 1):
        left, at = divmod(left, len(signs) - 1)
        found.append(at if at < found[-1] else at + 1)
    return "".join(signs[at] for at in found)


def run(block: Block) -> None:
    rng, plan, n = block.rng("companies"), block.plan, block.count
    habits: Habits = block.values["habits"]
    known, word = places(), words()
    mark, streets = word["mark"], word["streets"]
    forms, form_shares = list(word["forms"]), np.array(list(word["forms"].values()), dtype=float)
    form = rng.choice(len(forms), n, p=form_shares / form_shares.sum()).tolist()
    chance = rng.random((n, 6))
    twin_of = block.values["twin_of"].tolist()
    since = dates_from(plan.start, habits.begins).astype(str).tolist()
    verified = dates_from(plan.until, -rng.integers(3, 500, n)).astype(str).tolist()
    rows: list[dict[str, Any]] = []
    for at in range(n):
        number = block.first + at + 1
        place = known[int(habits.place[at])]
        industry = plan.model.industries[int(habits.industry[at])]
        business = industry["business"][int(chance[at, 0] * len(industry["business"]))]
        trade = stem(number, plan.customers) + business
        code_number = (number + plan.run * 20_000_000) % 100_000_000
        rows.append({
            "external_id": f"{plan.prefix}K{number:07}",
            "name": f"{place.short}{trade}{forms[form[at]]}{mark}",
            "short_name": trade,
            "credit_code": credit_code(code_number) if chance[at, 1] < 0.93 else "",
            "industry": industry["name"],
            "kind": industry["kind"],
            "region": place.province,
            "city": place.city,
            "address": f"{place.province}{place.city if place.city != place.province else ''}"
            f"{streets[int(chance[at, 2] * len(streets))]}{1 + int(chance[at, 3] * 899)}号",
            "phone": f"{word['mobile_prefix']}{(number * 104_729 + plan.run) % 10_000_000:07}",
            "email": f"k{number}@{word['mail_domain']}" if chance[at, 4] < 0.7 else "",
        })  # fmt: skip
    lend_names(rows, twin_of, block.rng("namesakes"))
    for at, original in enumerate(twin_of):
        if original >= 0:
            rows[at] = entered_again(rows[original], rows[at], rng)
    bought = last_purchase(block)
    status = np.full(n, "active", dtype=object)
    status[bought < plan.days - 180] = "dormant"
    status[bought < 0] = "prospect"
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    names = columns["name"]
    first_day = dates_from(plan.start, np.minimum(habits.begins, plan.days - 1)).astype(str).tolist()
    block.values["external_ids"] = columns["external_id"]
    block.values["rows"] = rows
    block.add("customers.Customer", n, columns | {
        "id": block.values["customer_ids"],
        "name_en": "",
        "status": status,
        "country": "中国",
        "website": "",
        "customer_since": [one if day >= 0 else None for one, day in zip(since, bought.tolist(), strict=True)],
        "verified_on": verified,
        "owner_a_id": nullable(block.values["owner_a"]),
        "owner_b_id": nullable(block.values["owner_b"]),
        "team_id": nullable(block.values["team"]),
        "name_key": [name_key(one) for one in names],
        "pinyin": [name_pinyin(one) for one in names],
        "initials": [pinyin_initials(one)[:80] for one in names],
        "phone_key": [phone_key(one) for one in columns["phone"]],
        "created_at": [f"{one} 01:00:00" for one in first_day],
        "updated_at": [f"{one} 01:00:00" for one in verified],
    })  # fmt: skip


def nullable(values: Any) -> list[int | None]:
    """Row numbers, with None for 0."""
    return [one or None for one in values.tolist()]


def last_purchase(block: Block) -> Any:
    """The day of the last order under each record; -1 where there is none."""
    documents: Documents = block.values["documents"]
    found = np.full(block.count, -1, dtype=np.int64)
    orders = documents.credits < 0
    np.maximum.at(found, documents.customer[orders], documents.day[orders])
    return found


NAMESAKES = 0.03
SHARED_PHONES = 0.02


def lend_names(rows: list[dict[str, Any]], twin_of: list[int], rng: np.random.Generator) -> None:
    """Other firms of the same trade name elsewhere, and firms behind one telephone: alike, and not the same company."""
    originals = [at for at, original in enumerate(twin_of) if original < 0]
    pairs = rng.permutation(originals).tolist()
    many = round(len(pairs) * NAMESAKES)
    for lender, borrower in zip(pairs[:many], pairs[many : 2 * many], strict=False):
        one, other = rows[lender], rows[borrower]
        if one["region"] != other["region"]:
            other["name"] = other["name"].replace(other["short_name"], one["short_name"], 1)
            other["short_name"] = one["short_name"]
    rest, shared = pairs[2 * many :], round(len(pairs) * SHARED_PHONES)
    for one, other in zip(rest[:shared], rest[shared : 2 * shared], strict=False):
        rows[other]["phone"] = rows[one]["phone"]


_HOMOPHONES = str.maketrans(
    "青禾云岭星河明澜远帆辰鼎和瑞泽朗泰嘉硕锦程博丰源宏景旭乐隆昌茂林鹏展晴盛世衡舒翔宇雅安臻越霄佳沐阳清",
    "清和芸领兴荷铭兰源凡晨顶禾锐择郎太佳朔景城勃峰元洪锦煦勒龙长贸霖朋占情胜仕恒书祥雨亚岸真悦肖嘉木洋青",
)


def slipped(trade: str, rng: np.random.Generator) -> str:
    """One of the first two signs of a trade name another: misheard, or mistyped."""
    at = int(rng.integers(0, 2))
    heard = trade[at].translate(_HOMOPHONES)
    signs = words()["stems"]
    wrong = heard if heard != trade[at] and rng.random() < 0.4 else signs[int(rng.integers(0, len(signs)))]
    return trade[:at] + wrong + trade[at + 1 :]


def entered_again(
    original: dict[str, Any], fresh: dict[str, Any], rng: np.random.Generator
) -> dict[str, Any]:
    """The same company as another colleague typed it: part of the name, a slip in it, another telephone, no credit code.

    No one of these tells all second records; a slip comes with something else that still agrees.
    """
    mark = words()["mark"]
    name, trade = original["name"].removesuffix(mark), original["short_name"]
    place = name[: name.index(trade)]
    same_code, same_phone, same_address = rng.random(3) < (0.4, 0.42, 0.6)
    if rng.random() < 0.5 and (same_code or same_phone or same_address):
        wrong = slipped(trade, rng)
        name, trade = name.replace(trade, wrong, 1), wrong
    match int(rng.integers(0, 6)):
        case 0:
            name = name.removesuffix("有限公司")
        case 1:
            name = name.removeprefix(place)
        case 2:
            name = trade
        case 3:
            name = _traditional().convert(name)
        case 4:
            name = name.translate(_HOMOPHONES)
        case _:
            name = (
                name.replace(place, f"{place}市", 1) if len(place) == 2 else name.replace("公司", "责任公司")
            )
    if name + mark == original["name"]:
        name = trade
    return {
        **original,
        "external_id": fresh["external_id"],
        "name": name + mark,
        "short_name": rng.choice([trade, trade[:2], trade[:4], ""], p=[0.3, 0.3, 0.2, 0.2]).item(),
        "credit_code": original["credit_code"] if same_code else "",
        "phone": original["phone"] if same_phone else fresh["phone"],
        "address": original["address"] if same_address else fresh["address"],
    }


@cache
def _traditional() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")
