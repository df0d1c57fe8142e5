"""The packs' data is whole: policies that pass, products with sound limits, words in both languages, targets with a source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bihuan.packs.pack import DATA, PACKS
from bihuan.policy import load_document, parse_policy, run_cases
from bihuan.rulebook.queries import errors_of

POLICIES = [(pack, name) for pack in PACKS for name in ("tiers", "health", "tags")]


def read(pack: str, name: str) -> Mapping[str, Any]:
    return load_document((DATA / pack / f"{name}.yaml").read_text(encoding="utf-8"))


def labels(value: Any) -> list[Any]:
    """Everything in a document that is a label, a name or a title."""
    if isinstance(value, Mapping):
        found = [value] if "en" in value or "zh-Hans" in value else []
        return found + [label for one in value.values() for label in labels(one)]
    return [label for one in value for label in labels(one)] if isinstance(value, list) else []


@pytest.mark.parametrize(("pack", "name"), POLICIES)
def test_every_policy_is_sound_for_the_metrics_that_there_are(pack: str, name: str) -> None:
    assert [str(error) for error in errors_of(dict(read(pack, name)))] == []


@pytest.mark.parametrize(("pack", "name"), POLICIES)
def test_every_case_of_every_policy_passes(pack: str, name: str) -> None:
    policy = parse_policy(read(pack, name))
    assert [str(failure) for failure in run_cases(policy)] == []
    assert len(policy.cases) >= (6 if name == "tiers" else 3)


@pytest.mark.parametrize("pack", PACKS)
def test_the_tier_policy_has_cases_at_a_border_on_both_sides_of_the_margin(pack: str) -> None:
    policy = parse_policy(read(pack, "tiers"))
    reasons = {reason for case in policy.cases for reason in case.expect.get("reasons", ())}
    assert "kept.margin" in reasons
    falls = [case for case in policy.cases if case.current and case.expect["tier"] != case.current]
    assert falls
    assert {case.expect["tier"] for case in policy.cases} == {tier.id for tier in policy.tiers}


FROM_THE_STUDIES = [
    ("sulfuric_acid", "core_revenue", 10_000_000),
    ("daily_chemical", "strategic_revenue", 50_000_000),
    ("daily_chemical", "strategic_years", 3),
    ("daily_chemical", "core_revenue", 10_000_000),
    ("daily_chemical", "potential_revenue", 3_000_000),
    ("steel", "strategic_score", 80),
    ("steel", "key_score", 60),
    ("steel", "general_score", 30),
    ("terpene", "a_volume", 1_000),
    ("terpene", "b_volume", 500),
    ("terpene", "long_term_years", 3),
    ("building_materials", "vip_share", 0.05),
    ("building_materials", "regular_share", 0.3),
]


@pytest.mark.parametrize(("pack", "name", "value"), FROM_THE_STUDIES)
def test_thresholds_are_those_of_the_studies(pack: str, name: str, value: float) -> None:
    threshold = parse_policy(read(pack, "tiers")).thresholds[name]
    assert float(threshold.value) == value
    assert threshold.source and threshold.label


def test_steel_weighs_its_dimensions_as_defined() -> None:
    weights = {one.id: int(one.weight) for one in parse_policy(read("steel", "tiers")).dimensions}
    assert weights == {"tonnage": 40, "margin": 20, "fulfilment": 20, "years": 10, "strategic_fit": 10}


@pytest.mark.parametrize("pack", PACKS)
def test_products_have_sound_limits_and_one_meaning_a_code(pack: str) -> None:
    products = read(pack, "products")["products"]
    units = {unit["code"] for unit in read(pack, "pack")["units"]}
    assert 10 <= len(products) <= 25
    assert len({product["code"] for product in products}) == len(products)
    meanings: dict[str, Any] = {}
    for product in products:
        assert product["unit"] in units
        assert 0 < product["price"]["low"] <= product["price"]["high"]
        assert product["characteristics"], product["code"]
        for one in product["characteristics"]:
            lower, upper = one["lower"], one["upper"]
            assert lower is not None or upper is not None
            assert lower is None or upper is None or lower <= upper, (product["code"], one["code"])
            assert isinstance(one["effective_from"], date)
            assert one["source"]
            meaning = (one["name"], one["unit"], one["method"])
            assert meanings.setdefault(one["code"], meaning) == meaning, (product["code"], one["code"])


@pytest.mark.parametrize("pack", PACKS)
def test_targets_have_a_source_and_a_direction(pack: str) -> None:
    kpis = read(pack, "kpi")["kpis"]
    assert len({kpi["code"] for kpi in kpis}) == len(kpis) >= 12
    for kpi in kpis:
        assert kpi["better"] in ("up", "down")
        assert isinstance(kpi["target"], int | float)
        assert kpi["source"]


@pytest.mark.parametrize(
    "path", sorted(DATA.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_label_is_chinese_and_english(path: Path) -> None:
    for label in labels(yaml.safe_load(path.read_text(encoding="utf-8"))):
        assert set(label) >= {"zh-Hans", "en"} and all(label.values()), label


def test_tags_of_one_id_mean_the_same_in_every_pack() -> None:
    """A company that changes its pack keeps the tags that both know."""
    seen: dict[str, Any] = {}
    for pack in PACKS:
        for tag in read(pack, "tags")["tags"]:
            meaning = (tag["group"], tag["label"])
            assert seen.setdefault(tag["id"], meaning) == meaning, (pack, tag["id"])
