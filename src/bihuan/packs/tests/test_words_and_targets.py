"""One switch changes what pages call things and what the company aims at."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from bihuan.kernel.actor import SYSTEM
from bihuan.packs import queries
from bihuan.packs.pack import PACKS, read_words
from bihuan.packs.services import install_pack
from bihuan.packs.wording import LANGUAGES, NAMES, OwnWords, overlay
from bihuan.people.services import create_team, create_user

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture
def manager() -> Client:
    team = create_team(actor=SYSTEM, name="一部", now=NOW)
    user = create_user(actor=SYSTEM, username="m", name="经理", roles=["manager"], team=team, now=NOW)
    client = Client()
    client.force_login(user)
    return client


def customers_page(client: Client, language: str = "zh-hans") -> str:
    client.post("/language/", {"language": language})
    return client.get("/customers/").content.decode()


def switch_to(pack: str) -> None:
    install_pack(pack, now=NOW)
    queries.forget_installed_pack()  # what the end of the transaction does


@pytest.mark.django_db
def test_pages_speak_the_words_of_the_pack_in_force(manager: Client) -> None:
    switch_to("steel")
    page = customers_page(manager)
    for word in ('page-title">用户', "用户类别", "品种", "合同", "新建用户"):
        assert word in page, word
    switch_to("building_materials")
    page = customers_page(manager)
    for word in ('page-title">客户', "客户级别", "商品", "销售单", "业务员", "新建客户"):
        assert word in page, word
    assert "用户类别" not in page
    assert "合同" not in page


@pytest.mark.django_db
def test_the_words_come_in_the_readers_language(manager: Client) -> None:
    switch_to("daily_chemical")
    assert "生產訂單" in customers_page(manager, "zh-hant")
    english = customers_page(manager, "en")
    for word in ("Brand customers", "New brand customer", "Production orders", "Account manager (A)"):
        assert word in english, word


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_renamed_text_is_one_that_pages_use_and_carries_the_packs_word(
    pack: str, language: str
) -> None:
    own = OwnWords(language)
    said = overlay(pack, language, own)
    assert all(said.values())
    for term, (names, labels) in NAMES.items():
        if term not in read_words(pack):
            continue
        assert set(filter(None, names)) <= set(said)
        if language != "en":  # an English label may do without the word: “Hand over”
            assert set(labels) <= set(said)
            assert all(own[text] != text for text in said), "a text without Chinese is on no page"


@pytest.mark.django_db
def test_without_a_pack_pages_use_the_products_own_words(manager: Client) -> None:
    assert 'page-title">客户' in customers_page(manager)
    switch_to("steel")
    assert 'page-title">用户' in customers_page(manager)
    with override("zh-hans"):
        assert OwnWords("zh-hans")["Customers"] == "客户"
        assert gettext("Customers") == "用户"


@pytest.mark.django_db
def test_the_targets_are_those_of_the_pack_with_unit_baseline_and_source(manager: Client) -> None:
    assert "还没有目标" in manager.get("/targets/").content.decode()
    switch_to("daily_chemical")
    page = manager.get("/targets/").content.decode()
    for text in ("日化代加工", "净推荐值", "≥ 98.0%", "≤ 24 小时", "72 小时", "D12"):
        assert text in page, text
    switch_to("building_materials")
    page = manager.get("/targets/").content.decode()
    assert "净推荐值" not in page
    assert "≤ 15 分钟" in page
    assert "第 3 年" in page
