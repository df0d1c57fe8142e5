"""What docs/service-clocks.md shows can be used as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bihuan.kernel.clocks import packaged_calendars, parse_calendar, parse_targets
from bihuan.kernel.clocks.calendar_file import KEYS
from bihuan.kernel.clocks.targets import TARGET_KEYS

DOCS = Path(__file__).parents[4] / "docs"
PAGES = {
    name: (DOCS / name).read_text(encoding="utf-8")
    for name in ("service-clocks.md", "service-clocks.zh-CN.md")
}
EXAMPLES = [
    pytest.param(block, id=f"{name} {index}")
    for name, page in PAGES.items()
    for index, block in enumerate(re.findall(r"```yaml\n(.*?)```", page, re.S))
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_example_is_understood(text: str):
    document = yaml.safe_load(text)
    if "zone" in document:
        assert parse_calendar(document).latest.label
    else:
        assert parse_targets(document).policy.promises


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_key_of_a_target_and_every_calendar_of_ours_is_explained(page: str):
    assert [key for key in TARGET_KEYS if not re.search(rf"\b{key}\b", page)] == []
    assert [name for name in packaged_calendars() if f"`{name}`" not in page] == []


def test_every_key_of_a_calendar_is_explained():
    page = PAGES["service-clocks.md"]
    assert [key for key in KEYS if not re.search(rf"\b{key}\b", page)] == []
