"""Policies as data: a grammar, two evaluators, explanation. Pure Python; no database, no clock, no Django.

A policy is a document (YAML or JSON, see docs/policy-grammar.md and `schema.json`) that says how metric values become a
tier, a health state or tags. Rooms above store, approve and apply; here is only what a document means.

    document = load_document(text)                      # YAML or JSON text; PolicyInvalid if unreadable
    policy = parse_policy(document)                     # PolicyInvalid(.errors: PolicyError(path, code, params)) if wrong
    validate(policy, {"revenue_12m": MetricInfo("money", "commercial"), …})    # list of PolicyError, empty if well
    run_cases(policy)                                   # list of CaseFailure, empty if well
    outcome = evaluate(policy, values, current, since, as_of)     # one customer: tier, score, tags, reasons
    canonical_bytes(outcome)                            # the same for ever; also of documents and of sets of values
    with_changes(document, dict([parse_change("thresholds.core_revenue=1200万")]))   # a changed copy, to simulate

    from bihuan.policy.sets import to_ibis              # many customers at once; imports Ibis, so never in a web process
    to_ibis(policy, table, current_column="current_tier")       # spark_sql(…) gives its SQL for Spark

`policy.metrics` names what must be computed first; `policy.thresholds` is what an edit page offers as fields. A reason's
text is parts of code and params; `outcome.ENGLISH` and `errors.MESSAGES` hold the English, rooms above the translations.
"""

from pathlib import Path

from bihuan.policy.cases import CaseFailure, run_cases
from bihuan.policy.documents import load_document, parse_change, parse_value, with_changes
from bihuan.policy.errors import MESSAGES, PolicyError, PolicyInvalid, ValueUnusable
from bihuan.policy.evaluate import evaluate
from bihuan.policy.model import UNITS, MetricInfo, Policy, Tag, Threshold, Tier
from bihuan.policy.numbers import Value
from bihuan.policy.outcome import ENGLISH, Outcome, Part, Reason, canonical_bytes
from bihuan.policy.parse import KINDS, SCHEDULES, parse_policy, read_policy
from bihuan.policy.validate import validate

SCHEMA_PATH = Path(__file__).with_name("schema.json")
"""The JSON Schema (2020-12) of a policy document, for editors and other programs."""

__all__ = [
    "ENGLISH",
    "KINDS",
    "MESSAGES",
    "SCHEDULES",
    "SCHEMA_PATH",
    "UNITS",
    "CaseFailure",
    "MetricInfo",
    "Outcome",
    "Part",
    "Policy",
    "PolicyError",
    "PolicyInvalid",
    "Reason",
    "Tag",
    "Threshold",
    "Tier",
    "Value",
    "ValueUnusable",
    "canonical_bytes",
    "evaluate",
    "load_document",
    "parse_change",
    "parse_policy",
    "parse_value",
    "read_policy",
    "run_cases",
    "validate",
    "with_changes",
]
