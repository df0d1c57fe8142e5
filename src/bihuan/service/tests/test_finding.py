"""Cases found again by their words; each reader finds what that reader may see, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from bihuan.customers.models import CustomerName
from bihuan.customers.search import reindex_customers
from bihuan.kernel.actor import FieldClass
from bihuan.service import services
from bihuan.service.finding.index import INDEX, index_rows, rebuild_search
from bihuan.service.finding.searching import search_cases
from bihuan.service.models import Case
from bihuan.service.queries import find_cases
from bihuan.service.records import CASE

from .desk import Company, at, customer_of, opened

pytestmark = pytest.mark.django_db


def found(company: Company, text: str, by: str = "agent") -> set[str]:
    actor = company.actor(by)
    return set(search_cases(actor, CASE.visible_to(actor), text).values_list("title", flat=True))


@pytest.fixture
def three(company: Company) -> dict[str, Case]:
    """One with an answer, one with a note and a cause, one of another customer; told apart by their titles."""
    agent, quality = company.actor("agent"), company.actor("quality")
    crystals = opened(company, text="演示：反应釜内结晶\n车间说从昨晚开始", references="批号：A0301-7")
    services.respond(actor=agent, case=crystals, text="演示：请先取样封存", now=at("03-02 09:10"))
    yellow = opened(company, text="演示：松油烯发黄", severity=3)
    services.add_note(actor=agent, case=yellow, text="演示：像是换过桶", now=at("03-02 09:11"))
    services.add_note(
        actor=quality, case=yellow, text="演示：过氧化值超标", is_technical=True, now=at("03-02 09:12")
    )
    services.solve_case(
        actor=quality, case=yellow, solution="演示：补发一批", cause="演示：氮封失效", now=at("03-02 09:13")
    )
    other = customer_of(company.region, company.people["seller"], "演示三木涂料")
    paint = opened(company, text="演示：包装破损", severity=3, customer=other)
    return {"crystals": crystals, "yellow": yellow, "paint": paint}


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("结晶", {"crystals"}),
        ("昨晚", {"crystals"}),
        ("a0301", {"crystals"}),
        ("Ａ0301-7", {"crystals"}),
        ("取样封存", {"crystals"}),
        ("换过", {"yellow"}),
        ("补发", {"yellow"}),
        ("宏远", {"crystals", "yellow"}),
        ("三木 破损", {"paint"}),
        ("破损 三木", {"paint"}),
        ("宏远 破损", set()),
        ("smtl", {"paint"}),
        ("釜内 取样", {"crystals"}),
        ("没有这样的", set()),
        ("，。！", set()),
        ('" OR *', set()),
    ],
)
def test_people_find_a_case_by_what_they_remember(
    company: Company, three: dict[str, Case], typed: str, who: set[str]
):
    assert found(company, typed) == {three[one].title for one in who}


def test_by_its_number_while_it_is_being_typed(company: Company, three: dict[str, Case]):
    number = three["yellow"].number
    assert found(company, number) == found(company, number[:-1]) & {three["yellow"].title}
    assert found(company, f"{number} 发黄") == {three["yellow"].title}


def test_technical_words_find_nothing_for_who_may_not_read_them(company: Company, three: dict[str, Case]):
    for typed in ("过氧化值", "氮封"):
        assert found(company, typed, "quality") == {three["yellow"].title}
        assert found(company, typed, "seller") == set()
        assert three["yellow"].title not in company.client("seller").get(
            reverse("cases"), {"q": typed}
        ).content.decode()  # fmt: skip
    # Nor does a technical word beside one that is the customer's.
    assert found(company, "宏远 氮封", "seller") == set()
    assert found(company, "宏远 氮封", "quality") == {three["yellow"].title}


def test_a_case_that_one_does_not_see_is_not_found(company: Company, three: dict[str, Case]):
    assert found(company, "结晶", "stranger") == set()
    assert find_cases(company.actor("stranger"), "结晶") == []
    assert [one.pk for one in find_cases(company.actor("agent"), "结晶")] == [three["crystals"].pk]


def test_words_that_are_gone_are_not_found_and_former_names_of_the_customer_are(
    company: Company, three: dict[str, Case]
):
    services.set_references(
        actor=company.actor("agent"), case=three["crystals"], references="lot:B9", now=at("03-02 10:00")
    )
    assert found(company, "A0301") == set()
    assert found(company, "B9") == {three["crystals"].title}
    CustomerName.objects.create(
        customer=company.customer, kind="former", name="演示北江助剂", name_key="北江"
    )
    reindex_customers([company.customer.pk])
    assert found(company, "北江 结晶") == {three["crystals"].title}


def test_built_anew_the_index_says_the_same_and_holds_no_other_class(
    company: Company, three: dict[str, Case]
):
    case = three["crystals"]
    event = case.events.get(kind="responded")
    row = {"case": case, "at": event.at, "kind": "noted", "actor": "x", "actor_name": "x"}
    for field_class in (FieldClass.COMMERCIAL, FieldClass.CONTACT, FieldClass.SECRET):
        case.events.create(**row, data={"text": f"zq{field_class}"}, field_class=field_class.value)
    [(key, everybody, technical)] = index_rows([case.pk])
    assert key == case.pk
    assert "结晶" in everybody and "zq" not in everybody + technical
    INDEX.clear()
    assert found(company, "结晶") == set()
    assert rebuild_search() == 3
    assert found(company, "结晶") == {case.title}


def test_what_stands_in_many_cases_is_found_whole(company: Company):
    """More than the few that are looked up by their keys; asked one by one and, among many others, as a set."""
    made = [
        Case(
            number=f"{word}-{number}", title=f"演示{word}{number}", text="", customer=company.customer,
            opened_at=at("03-02 09:00"), created_at=at("03-02 09:00"), updated_at=at("03-02 09:00"),
        )
        for word, many in (("溯源", 950), ("陌路", 3200))
        for number in range(many)
    ]  # fmt: skip
    Case.objects.bulk_create(made)
    rebuild_search()
    director = company.actor("director")
    rows: Any = CASE.visible_to(director)
    assert search_cases(director, rows, "溯源").count() == 950
    assert search_cases(director, rows, "演示").count() == 4150
    assert search_cases(director, rows, "溯源 7").count() == sum(
        str(one).startswith("7") for one in range(950)
    )
