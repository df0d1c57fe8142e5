"""Step 6: what else a customer's file holds: people and their part in decisions, sites, facts, tags, competitors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from bihuan.customers.matching.normalise import name_key
from bihuan.customers.rules import PARTS, completeness

from .companies import nullable
from .habits import Habits
from .model import places, words
from .plan import Block, Ints, dates_from

BIG_EXTRA = 2


def run(block: Block) -> None:
    add_contacts(block)
    add_sites(block)
    add_facts(block)
    add_tags(block)
    add_competitors(block)
    add_relations(block)
    add_former_names(block)
    add_completeness(block)


def _stamp(block: Block, rng: np.random.Generator, size: int) -> list[str]:
    days = dates_from(block.plan.until, -rng.integers(5, 700, size))
    return [f"{one} 01:30:00" for one in days.astype(str).tolist()]


def add_contacts(block: Block) -> None:
    rng = block.rng("contacts")
    habits: Habits = block.values["habits"]
    word = words()
    surnames, given, kinds, mark = word["surnames"], word["given"], word["contacts"], word["mark"]
    many = (
        1
        + rng.binomial(2, 0.35, block.count)
        + np.where(habits.is_big, rng.integers(1, BIG_EXTRA + 2, block.count), 0)
    )
    of = np.repeat(np.arange(block.count), many)
    at_customer = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
    # The buyer first, then from the top of the chain.
    order = np.array([1, 0, 2, 3, 4, 5, 6, 7])
    role = order[np.minimum(at_customer, 7)]
    chance = rng.random((len(of), 5))
    is_double = chance[:, 2] < 0.7
    names, titles, phones, mails = [], [], [], []
    for at in range(len(of)):
        titles_of_role = kinds[role[at]]["titles"]
        first = given[int(chance[at, 0] * len(given))]
        second = given[int(chance[at, 1] * len(given))] if is_double[at] else ""
        names.append(surnames[int(chance[at, 3] * len(surnames))] + first + second + mark)
        titles.append(titles_of_role[int(chance[at, 4] * len(titles_of_role))])
    ids = block.take_ids("customers.Contact", len(of))
    block.values["has_decider"] = many >= 2
    for number in ids.tolist():
        phones.append(f"{word['mobile_prefix']}{(number * 15_485_863 + 17) % 10_000_000:07}")
        mails.append(f"l{number}@{word['mail_domain']}" if number % 3 else "")
    stamps = _stamp(block, rng, len(of))
    block.add("customers.Contact", len(of), {
        "id": ids,
        "customer_id": block.values["customer_ids"][of],
        "name": names,
        "title": titles,
        "chain_role": [kinds[one]["role"] for one in role.tolist()],
        "phone": phones,
        "email": mails,
        "is_primary": (at_customer == 0).astype(np.int64),
        "created_at": stamps,
        "updated_at": stamps,
    })  # fmt: skip


def add_sites(block: Block) -> None:
    rng = block.rng("sites")
    habits: Habits = block.values["habits"]
    known, streets = places(), words()["streets"]
    many = np.where(
        habits.is_big, rng.integers(1, 4, block.count), (rng.random(block.count) < 0.55).astype(int)
    )
    block.values["has_site"] = many > 0
    of = np.repeat(np.arange(block.count), many)
    at_customer = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
    kinds = (("工厂", "生产基地"), ("仓库", "仓库"), ("办事处", "办事处"))
    where = [known[int(one)] for one in habits.place[of]]
    number = rng.integers(1, 600, len(of)).tolist()
    stamps = _stamp(block, rng, len(of))
    block.add("customers.Site", len(of), {
        "id": block.take_ids("customers.Site", len(of)),
        "customer_id": block.values["customer_ids"][of],
        "name": [one.short + kinds[at][1] for one, at in zip(where, at_customer.tolist(), strict=True)],
        "kind": [kinds[at][0] for at in at_customer.tolist()],
        "region": [one.province for one in where],
        "city": [one.city for one in where],
        "address": [f"{streets[at % len(streets)]}{at}号" for at in number],
        "created_at": stamps,
        "updated_at": stamps,
    })  # fmt: skip


# What policies read as facts.<name>: a judgement of 0 to 100.
SCORED = {"strategic_fit": "potential", "cooperation_depth": "potential", "innovation": "capability"}


def add_facts(block: Block) -> None:
    """Structured facts; a big customer's file is nearly complete, a small one's has a line or two."""
    rng, model = block.rng("facts"), block.plan.model
    habits: Habits = block.values["habits"]
    judged = [{"section": section, "name": name, "score": True} for name, section in SCORED.items()]
    facts: list[Mapping[str, Any]] = [
        {"section": "market_position", "name": "industry"},
        *judged,
        *model.facts,
    ]
    chance_known = np.array([0.93] + [0.30] * len(SCORED) + [0.12] * len(model.facts))
    known = np.where(habits.is_big[:, None], np.maximum(chance_known, 0.88), chance_known)
    known[block.values["twin_of"] >= 0] *= 0.3
    of, which = np.nonzero(rng.random((block.count, len(facts))) < known)
    judgement = np.where(
        habits.is_big[of], 45 + 53 * rng.beta(2.5, 1.6, len(of)), 90 * rng.beta(1.6, 2.6, len(of))
    )
    chance = rng.random(len(of))
    values = []
    for at, fact in enumerate(which.tolist()):
        spec = facts[fact]
        if spec["name"] == "industry":
            value: Any = model.industries[int(habits.industry[of[at]])]["name"]
        elif "score" in spec:
            value = round(float(judgement[at]))
        elif "choices" in spec:
            value = spec["choices"][int(chance[at] * len(spec["choices"]))]
        else:
            low, high = spec["range"]
            value = round(low * (high / low) ** float(chance[at]))
        values.append(json.dumps(value, ensure_ascii=False))
    on = dates_from(block.plan.until, -rng.integers(10, 500, len(of))).astype(str).tolist()
    block.add("customers.CustomerFact", len(of), {
        "id": block.take_ids("customers.CustomerFact", len(of)),
        "customer_id": block.values["customer_ids"][of],
        "section": [facts[one]["section"] for one in which.tolist()],
        "name": [facts[one]["name"] for one in which.tolist()],
        "value": values,
        "as_of": on,
        "source": "演示资料",
    })  # fmt: skip


def add_tags(block: Block) -> None:
    """Tags that people put on by hand; those by rule come from the policy."""
    rng, tags = block.rng("tags"), block.plan.tags
    if not tags:
        return
    of, which = np.nonzero(rng.random((block.count, len(tags))) < min(0.25, 1.2 / len(tags)))
    block.add("customers.CustomerTag", len(of), {
        "id": block.take_ids("customers.CustomerTag", len(of)),
        "customer_id": block.values["customer_ids"][of],
        "tag_id": np.array(tags, dtype=np.int64)[which],
        "by_rule": 0,
    })  # fmt: skip


def add_competitors(block: Block) -> None:
    rng, ids = block.rng("competitors"), block.plan.competitors
    habits: Habits = block.values["habits"]
    if not ids:
        return
    known = rng.random(block.count) < np.where(habits.is_big, 0.6, 0.08)
    of = np.flatnonzero(known)
    share = (rng.beta(2, 4, len(of)) * 100).round(0)
    on = dates_from(block.plan.until, -rng.integers(10, 400, len(of))).astype(str).tolist()
    block.add("customers.CustomerCompetitor", len(of), {
        "id": block.take_ids("customers.CustomerCompetitor", len(of)),
        "customer_id": block.values["customer_ids"][of],
        "competitor_id": np.array(ids, dtype=np.int64)[rng.integers(0, len(ids), len(of))],
        "products": "",
        "share_percent": [f"{one:.2f}" for one in share.tolist()],
        "as_of": on,
    })  # fmt: skip


def add_relations(block: Block) -> None:
    """Groups and agents: a few customers belong to a big one."""
    rng = block.rng("relations")
    habits: Habits = block.values["habits"]
    heads = np.flatnonzero(habits.is_big & (block.values["twin_of"] < 0))
    others = np.flatnonzero(~habits.is_big & (block.values["twin_of"] < 0) & (rng.random(block.count) < 0.06))
    if not len(heads) or not len(others):
        return
    head: Ints = heads[rng.integers(0, len(heads), len(others))]
    kind = np.array(["parent", "agent", "same_owner"], dtype=object)[
        np.searchsorted([0.6, 0.8], rng.random(len(others)))
    ]
    ids = block.values["customer_ids"]
    block.add("customers.CustomerRelation", len(others), {
        "id": block.take_ids("customers.CustomerRelation", len(others)),
        "customer_id": ids[head],
        "other_id": ids[others],
        "kind": kind,
    })  # fmt: skip


def add_former_names(block: Block) -> None:
    rng, rows = block.rng("former names"), block.values["rows"]
    of = np.flatnonzero(rng.random(block.count) < 0.04)
    mark = words()["mark"]
    names = [rows[at]["short_name"][:2] + "实业有限公司" + mark for at in of.tolist()]
    on = dates_from(block.plan.start, -rng.integers(0, 900, len(of))).astype(str).tolist()
    block.add("customers.CustomerName", len(of), {
        "id": block.take_ids("customers.CustomerName", len(of)),
        "customer_id": nullable(block.values["customer_ids"][of]),
        "kind": "former",
        "name": names,
        "name_key": [name_key(one.removesuffix(mark)) for one in names],
        "valid_to": on,
    })  # fmt: skip


def add_completeness(block: Block) -> None:
    """How complete each record is, by the rule of the room that owns it."""
    customers = next(one for one in block.tables if one.name == "customers.Customer").columns
    names = [name for part in PARTS for name in part.fields]
    given = [customers[name] for name in names]
    around = zip(block.values["has_decider"].tolist(), block.values["has_site"].tolist(), strict=True)
    customers["completeness"] = [
        completeness(dict(zip(names, row, strict=True)) | {"contact": True, "decider": decider, "site": site})
        for row, (decider, site) in zip(zip(*given, strict=True), around, strict=True)
    ]
