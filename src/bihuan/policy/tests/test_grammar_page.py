"""The page that explains the grammar is true."""

from __future__ import annotations

import re
from pathlib import Path

from bihuan.policy import MESSAGES, UNITS, load_document, parse_policy, run_cases, with_changes
from bihuan.policy.documents import parse_change

PAGE = (Path(__file__).parents[4] / "docs" / "policy-grammar.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]


def test_the_example_is_a_policy_whose_cases_pass() -> None:
    assert run_cases(parse_policy(load_document(EXAMPLE))) == []


def test_the_example_can_be_changed_as_the_page_says() -> None:
    changes = re.findall(
        r"(\S+=\S+)", PAGE[PAGE.index("## Changing a number") : PAGE.index("## What is refused")]
    )
    paths = dict(parse_change(text) for text in changes if text != "PATH=VALUE`:")
    assert len(paths) == 4
    assert (
        parse_policy(with_changes(load_document(EXAMPLE), paths)).thresholds["core_revenue"].value
        == 12_000_000
    )


def test_the_page_names_every_code_and_unit() -> None:
    assert [code for code in MESSAGES if f"`{code}`" not in PAGE] == []
    assert [unit for unit in UNITS if unit not in PAGE] == []
