"""Whatever a form or a file brings, the parser answers with faults and never with a crash."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.policy import evaluate, read_policy, run_cases, validate
from bihuan.policy.tests.making import documents, rows
from bihuan.policy.tests.samples import METRICS, small

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "score", "gte", "p0", "d0", "m0", "数"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "metric", "gte", "in", "id", "threshold", "value"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every holder and key in a document."""
    found = []
    pending = [document]
    while pending:
        one = pending.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        for key in keys:
            found.append((one, key))
            if isinstance(one[key], dict | list):
                pending.append(one[key])
    return found


@st.composite
def broken_documents(draw: st.DrawFn) -> Any:
    document = copy.deepcopy(draw(st.just(small()) | documents()))
    for _ in range(draw(st.integers(1, 3))):
        found = places(document)
        holder, key = found[draw(st.integers(0, len(found) - 1))]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[key]
        else:
            holder[key] = draw(ANYTHING)
    return document


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=broken_documents() | ANYTHING, row=rows())
def test_a_broken_document_gives_faults_or_a_policy_that_works(document: Any, row: dict[str, Any]) -> None:
    policy, errors = read_policy(document)
    assert all(str(error) for error in errors)
    if policy is not None and not errors:
        validate(policy, METRICS)
        run_cases(policy)
        assert evaluate(policy, row, row["current_tier"]).tier in {tier.id for tier in policy.tiers}
