"""A small policy that tests bend this way and that, and the packs' policies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bihuan.policy import MetricInfo, load_document

PACKS = Path(__file__).parents[2] / "packs" / "data"
PACK_POLICIES = sorted(path for path in PACKS.glob("*/*.yaml") if path.stem in ("tiers", "health", "tags"))

METRICS = {
    "revenue_12m": MetricInfo("money", "commercial"),
    "margin_12m": MetricInfo("money", "commercial"),
    "recency_days": MetricInfo("days", "commercial"),
    "tenure_years": MetricInfo("years"),
    "abc_class": MetricInfo("class", "commercial"),
    "facts.*": MetricInfo(""),
}

SMALL = """
id: small
kind: tier
version: 1
title: {zh-Hans: 小样, en: Small}
owner: Sales
reason: A sample.
thresholds:
  core_revenue: {value: 1000, unit: money, label: {zh-Hans: 核心, en: Core}}
  core_score: {value: 60, unit: score}
derived:
  - {id: rate, label: {zh-Hans: 毛利率, en: Margin rate}, value: {divide: [{metric: margin_12m}, {metric: revenue_12m}]}}
dimensions:
  - {id: spend, label: {zh-Hans: 采购, en: Spend}, metric: revenue_12m, weight: 60, linear: [{at: 0, rating: 0}, {at: 1000, rating: 100}]}
  - {id: rate, label: {zh-Hans: 毛利, en: Margin}, derived: rate, weight: 40, missing: exclude, bands: [{gte: 0.2, rating: 100}, {rating: 0}]}
tiers:
  - id: core
    label: {zh-Hans: 核心, en: Core}
    when:
      all:
        - {metric: revenue_12m, gte: {threshold: core_revenue}}
        - {score: true, gte: {threshold: core_score}}
  - id: usual
    label: {zh-Hans: 普通, en: Usual}
    when: {any: [{metric: revenue_12m, gte: 100}, {metric: facts.industry, in: [pharma, 医药]}]}
  - {id: rest, label: {zh-Hans: 其余, en: Rest}}
default: rest
hysteresis: {margin: 0.1, points: 5}
cases:
  - {name: big, given: {revenue_12m: 1000, margin_12m: 200}, expect: {tier: core, score: 100}}
  - {name: middle, given: {revenue_12m: 500}, expect: {tier: usual, score: 50}}
  - {name: nobody, given: {}, expect: {tier: rest}}
"""


def small(**changes: Any) -> dict[str, Any]:
    """The sample with top-level parts replaced; None takes a part away."""
    document = dict(load_document(SMALL)) | changes
    return {key: value for key, value in document.items() if value is not None}


def json_like(value: Any) -> Any:
    """As a document comes back from JSON: dates as text."""
    match value:
        case date():
            return value.isoformat()
        case Mapping():
            return {key: json_like(one) for key, one in value.items()}
        case list():
            return [json_like(one) for one in value]
    return value
