"""The five packs as data, and switching between them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from bihuan.catalog.models import Product, ProductCharacteristic
from bihuan.customers.models import Tag
from bihuan.kernel.console import CommandRefused
from bihuan.kernel.settings_store import get_setting
from bihuan.packs import queries
from bihuan.packs.pack import PACKS, read_pack, simulation_file
from bihuan.packs.services import install_pack
from bihuan.packs.simulation.model import read_model
from bihuan.policy import parse_policy, run_cases
from bihuan.rulebook.queries import errors_of, policy_of_kind_in_force, version_in_force

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _forget() -> None:
    queries.forget_installed_pack()


@pytest.mark.parametrize("name", PACKS)
def test_every_pack_is_whole(name: str) -> None:
    pack = read_pack(name)
    assert pack.title["zh-Hans"] and pack.title["en"]
    assert {"customer", "order", "product", "tier", "volume"} <= set(pack.vocabulary)
    assert all(words["zh-Hans"] and words["en"] for words in pack.vocabulary.values())
    assert len(pack.products) >= 10
    assert all(one.list_price and one.unit and one.limits for one in pack.products)
    assert {one["kind"] for one in pack.policies} >= {"tier", "tag"}
    assert pack.tags and pack.kpis
    model = read_model(simulation_file(name))
    named = {
        word["name"]["zh-Hans"]
        for fact in pack_facts(name)
        if fact["code"] == "industry"
        for word in fact["values"]
    }
    # Policies read the industry as a fact: what the made company calls an industry must be a value of it.
    unknown = [one["name"] for one in model.industries if one["name"] not in named]
    assert sum(one["share"] for one in model.industries if one["name"] in unknown) <= 0.10


def pack_facts(name: str) -> list[dict]:
    from bihuan.packs.pack import read_yaml

    return read_yaml(name, "pack.yaml")["facts"]


@pytest.mark.parametrize("name", PACKS)
def test_the_policies_of_a_pack_hold_their_own_cases(name: str) -> None:
    for document in read_pack(name).policies:
        assert errors_of(dict(document)) == []
        policy = parse_policy(document)
        assert len(policy.cases) >= 3
        assert run_cases(policy) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", PACKS)
def test_installing_puts_words_tags_goods_targets_and_policies_in_force(name: str) -> None:
    install_pack(name, now=NOW)
    pack = read_pack(name)
    assert get_setting("pack") == name
    assert Tag.objects.count() == len(pack.tags)
    assert Product.objects.filter(is_active=True).count() == len(pack.products)
    assert ProductCharacteristic.objects.count() == sum(len(one.limits) for one in pack.products)
    assert len(queries.kpi_targets()) == len(pack.kpis)
    for document in pack.policies:
        assert version_in_force(document["id"], NOW.date()) is not None
    tier = policy_of_kind_in_force("tier", NOW.date())
    assert tier is not None and tier.policy.name == next(
        one["id"] for one in pack.policies if one["kind"] == "tier"
    )


@pytest.mark.django_db
def test_one_switch_changes_all_and_back() -> None:
    for name in ("steel", "terpene", "steel"):
        install_pack(name, now=NOW)
        queries.forget_installed_pack()
        pack = read_pack(name)
        assert set(Tag.objects.values_list("code", flat=True)) == {one.code for one in pack.tags}
        assert set(Product.objects.values_list("code", flat=True)) == {one.code for one in pack.products}
        in_force = policy_of_kind_in_force("tier", NOW.date())
        assert in_force is not None and in_force.policy.name == f"{name}_tiers"
        with translation.override("zh-hans"):
            assert queries.industry_title() == pack.title["zh-Hans"]


@pytest.mark.django_db
def test_installing_again_changes_nothing() -> None:
    from bihuan.audit.models import Entry
    from bihuan.rulebook.models import PolicyVersion

    install_pack("steel", now=NOW)
    before = (Entry.objects.count(), PolicyVersion.objects.count(), Product.objects.count())
    install_pack("steel", now=NOW)
    assert (Entry.objects.count(), PolicyVersion.objects.count(), Product.objects.count()) == before


def test_an_unknown_pack_is_refused_with_the_five_names() -> None:
    with pytest.raises(CommandRefused) as refused:
        install_pack("stel", now=NOW)
    assert refused.value.status == 2
    assert all(name in str(refused.value) for name in PACKS)
