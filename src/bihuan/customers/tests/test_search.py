"""Search finds what a plain look through all names would find, and nothing that the reader may not see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.customers.models import Contact, Customer, CustomerName
from bihuan.customers.search import rebuild_search, reindex_customers, searched, searched_within
from bihuan.kernel.actor import Actor, FieldClass, Grant, Scope
from bihuan.kernel.search_text import index_words, phrases

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def reader(*classes: FieldClass) -> Actor:
    grant = Grant(Scope.ALL, frozenset(classes))
    return Actor("staff", "读者", 1, grants={(one, "view"): grant for one in ("customer", "contact")})


EVERYTHING = reader(FieldClass.PUBLIC, FieldClass.CONTACT)
PUBLIC_ONLY = reader(FieldClass.PUBLIC)

NAMES = [
    "江苏三木化工股份有限公司",
    "上海三木国际贸易有限公司",
    "三和木业（昆山）有限公司",
    "ABC涂料123厂",
    "广州市香森香料有限公司",
    "台灣香森貿易股份有限公司",
    "Müller & Söhne GmbH",
    "重庆长江造漆厂",
]


FORMER = {NAMES[0]: "宜兴县树脂厂"}


@pytest.fixture
def company(db: None) -> list[Customer]:
    rows = Customer.objects.bulk_create(
        Customer(name=name, external_id=f"KH-{number:04d}", created_at=NOW, updated_at=NOW)
        for number, name in enumerate(NAMES)
    )
    CustomerName.objects.create(customer=rows[0], kind="former", name=FORMER[NAMES[0]], name_key="树脂厂")
    Contact.objects.create(
        customer=rows[7], name="演示王工", phone="021-55500001", created_at=NOW, updated_at=NOW
    )
    rebuild_search()
    return list(rows)


def found(text: str, actor: Actor = EVERYTHING) -> set[str]:
    return set(searched(actor, Customer.objects.all(), text).values_list("name", flat=True))


def test_every_piece_of_a_chinese_name_finds_just_the_names_that_hold_it(company):
    pieces = {
        run[start : start + length]
        for name in NAMES
        for run in ["".join(char for char in name if "\u4e00" <= char <= "\u9fff")]
        for length in (1, 2, 3, 5)
        for start in range(len(run) - length + 1)
        if run[start : start + length] in name
    }
    assert len(pieces) > 100
    for piece in sorted(pieces):
        assert found(piece, PUBLIC_ONLY) == {
            name for name in NAMES if piece in name or piece in FORMER.get(name, "")
        }, piece


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("jssm", "江苏三木化工股份有限公司"),
        ("cqcj", "重庆长江造漆厂"),
        ("sanmuhua", "江苏三木化工股份有限公司"),
        ("kh-0003", "ABC涂料123厂"),
        ("abc涂", "ABC涂料123厂"),
        ("料12", "ABC涂料123厂"),
        ("ＡＢＣ", "ABC涂料123厂"),
        ("müll", "Müller & Söhne GmbH"),
        ("宜兴县", "江苏三木化工股份有限公司"),
        ("三木 贸易", "上海三木国际贸易有限公司"),
    ],
)
def test_people_find_it_as_they_type(company, typed, name):
    assert found(typed) == {name}


def test_a_contact_is_found_only_by_who_sees_contacts(company):
    assert found("55500001") == {"重庆长江造漆厂"}
    assert found("王工") == {"重庆长江造漆厂"}
    assert found("55500001", PUBLIC_ONLY) == set()
    assert found("王工", PUBLIC_ONLY) == set()


@pytest.mark.parametrize(
    "typed", ['"', "'", "* OR *", "a\\'b", "（）", "NEAR(", "names:三木", "%", "\u0000三", "-" * 500]
)
def test_odd_signs_are_text_and_not_commands(company, typed):
    assert found(typed) <= set(NAMES)


def test_a_renamed_customer_is_found_by_the_new_name_only(company):
    Customer.objects.filter(pk=company[7].pk).update(name="重庆嘉陵造漆厂")
    assert reindex_customers([company[7].pk]) == 1
    assert found("长江") == set()
    assert found("嘉陵") == {"重庆嘉陵造漆厂"}


def test_a_removed_customer_leaves_the_index(company):
    gone = company[4].pk
    Customer.objects.filter(pk=gone).delete()
    assert reindex_customers([gone]) == 0
    assert "广州市香森香料有限公司" not in found("香森")


@settings(max_examples=300)
@given(
    st.text(alphabet="江苏三木化工ab1 -", max_size=12),
    st.text(alphabet="江苏三木化工ab1", min_size=1, max_size=4),
)
def test_the_words_of_a_piece_stand_in_the_words_of_the_text_where_the_piece_does(text, piece):
    words = index_words(text)
    wanted = phrases(piece)[0]
    size = len(wanted.words)

    def stands(at: int) -> bool:
        here = words[at : at + size]
        if len(here) < size or here[:-1] != list(wanted.words[:-1]):
            return False
        return here[-1].startswith(wanted.words[-1]) if wanted.is_prefix else here[-1] == wanted.words[-1]

    matched = any(stands(at) for at in range(len(words)))
    if not any(char in "ab1" for char in piece):
        assert matched == (piece in text)
    elif matched:  # signs between words do not count
        assert piece in text.replace("-", "").replace(" ", "")


@pytest.mark.django_db
@pytest.mark.parametrize("strangers", [0, 2500, 5000])
def test_what_is_found_in_many_is_found_whole_however_many_others_there_are(strangers: int) -> None:
    """One thousand of one thousand, of 3,500 and of 6,000: each is looked up in another way."""
    Customer.objects.bulk_create(
        Customer(name=f"{word}{number:05d}厂", created_at=NOW, updated_at=NOW)
        for word, many in (("溯源", 1000), ("陌路", strangers))
        for number in range(many)
    )
    rebuild_search()
    rows = Customer.objects.all()
    assert searched(EVERYTHING, rows, "溯源").count() == 1000
    assert searched(EVERYTHING, rows.filter(name__lt="溯源00010"), "溯源").count() == 10
    # The rows are also good as a part of another question.
    inner = searched(EVERYTHING, rows, "溯源").values("pk")
    assert Customer.objects.filter(pk__in=inner).exclude(name__startswith="溯源").count() == 0
    assert Customer.objects.filter(pk__in=inner).count() == 1000
    assert searched(PUBLIC_ONLY, rows, "溯源 00007").count() == 1
    assert searched_within(EVERYTHING, rows, "溯源", 300).count() == 300
    assert searched_within(EVERYTHING, rows, "溯源", 3000).count() == 1000


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans without such statistics")
def test_what_is_found_in_many_is_found_soon_where_the_database_believes_its_tables_empty() -> None:
    Customer.objects.bulk_create(
        Customer(name=f"{word}{number:05d}厂", created_at=NOW, updated_at=NOW)
        for word, many in (("溯源", 1000), ("陌路", 500))
        for number in range(many)
    )
    rebuild_search()
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("statistics are set by a superuser")
        cursor.execute(
            "UPDATE pg_class SET reltuples = 0, relpages = 300 WHERE relname IN ('customers_customer', 'customers_search')"
        )
        cursor.execute("SET LOCAL statement_timeout = '30s'")
    rows = Customer.objects.all()
    inner = searched(EVERYTHING, rows, "溯源").values("pk")
    assert Customer.objects.filter(pk__in=inner).exclude(name__startswith="溯源").count() == 0
    assert searched(EVERYTHING, rows, "溯源").count() == 1000
    assert searched_within(EVERYTHING, rows, "溯源", 300).count() == 300
