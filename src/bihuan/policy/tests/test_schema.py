"""The JSON Schema says the same as the parser, as far as a schema can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from bihuan.policy import SCHEMA_PATH, load_document, parse_policy
from bihuan.policy.tests.making import documents
from bihuan.policy.tests.samples import PACK_POLICIES, json_like, small
from bihuan.policy.tests.test_parse import BAD

VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
BEYOND_A_SCHEMA = {
    "duplicate_id",
    "not_ascending",
    "text_number_mix",
    "unknown_default",
    "unknown_reference",
    "unknown_tier",
    "unreachable_tier",
    "unused_threshold",
    "wrong_value_type",
}


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize("path", PACK_POLICIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_schema_accepts_every_policy_of_the_packs(path: Path) -> None:
    document = load_document(path.read_text(encoding="utf-8"))
    assert parse_policy(document)
    assert [error.message for error in VALIDATOR.iter_errors(json_like(document))] == []


@pytest.mark.parametrize(("what", "document", "path", "code"), BAD, ids=[row[0] for row in BAD])
def test_the_schema_refuses_what_the_parser_refuses(
    what: str, document: dict[str, Any], path: str, code: str
) -> None:
    if code in BEYOND_A_SCHEMA:
        assert VALIDATOR.is_valid(json_like(document)) or code == "text_number_mix", what
    elif what not in ("infinity", "a case with a bad date"):
        assert not VALIDATOR.is_valid(json_like(document)), what


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_the_schema_accepts_every_made_policy(document: dict[str, Any]) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


def test_a_document_read_back_from_json_means_the_same() -> None:
    document = small()
    again = parse_policy(json.loads(json.dumps(json_like(document))))
    assert again == parse_policy(document)
