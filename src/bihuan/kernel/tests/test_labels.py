"""Labels that are data are read in the reader's language, whatever of it was written."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.utils import translation

from bihuan.kernel.pages.labels import in_language, said_unit
from bihuan.kernel.pages.values import write

BOTH = {"zh-Hans": "战略客户", "en": "Strategic"}


@pytest.mark.parametrize(
    ("language", "words", "read"),
    [
        ("zh-hans", BOTH, "战略客户"),
        ("zh-hant", BOTH, "戰略客戶"),
        ("zh-hant", {**BOTH, "zh-Hant": "策略客戶"}, "策略客戶"),
        ("zh-hant", {"en": "Strategic"}, "Strategic"),
        ("en", BOTH, "Strategic"),
        ("en", {"zh-Hans": "战略客户"}, "战略客户"),
        ("zh-hans", {"en": "Strategic"}, "Strategic"),
        ("en", "ABC", "ABC"),
        ("en", None, ""),
        ("en", {}, ""),
    ],
)
def test_a_label_is_read_in_the_readers_language_or_the_nearest(
    language: str, words: Mapping[str, str] | str | None, read: str
) -> None:
    with translation.override(language):
        assert in_language(words) == read


@pytest.mark.parametrize(
    ("language", "code", "read"),
    [
        ("zh-hans", "t", "吨"),
        ("zh-hant", "t", "噸"),
        ("en", "t", "t"),
        ("zh-hans", "m3", "立方米"),
        ("zh-hans", "捆", "捆"),
    ],
)
def test_units_are_said_as_the_reader_says_them(language: str, code: str, read: str) -> None:
    with translation.override(language):
        assert said_unit(code) == read
        assert write("unit", code) == read
