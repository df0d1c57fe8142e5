"""Other names of a customer: given, found, warned of, removed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from bihuan.audit.models import Entry
from bihuan.customers import services
from bihuan.customers.duplicates.similar import find_similar
from bihuan.customers.errors import CustomerError
from bihuan.customers.models import Customer, CustomerName
from bihuan.customers.search import searched
from bihuan.kernel.actor import SYSTEM
from bihuan.people.services import create_user

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def made(name: str) -> Customer:
    return services.create_customer(actor=SYSTEM, name=name, now=NOON)


def found(text: str) -> list[str]:
    return list(searched(SYSTEM, Customer.objects.all(), text).values_list("name", flat=True))


def test_another_name_is_searched_and_warned_of_until_it_is_removed() -> None:
    row = made("江苏三木化工股份有限公司")
    former = services.add_name(
        actor=SYSTEM,
        customer=row,
        kind="former",
        name="宜兴县林产涂料厂",
        valid_to=date(1999, 5, 1),
        now=NOON,
    )
    short = services.add_name(actor=SYSTEM, customer=row, kind="short", name="三木", now=NOON)
    assert services.add_name(actor=SYSTEM, customer=row, kind="short", name="三木", now=NOON) == short
    assert found("林产涂料") == found("lctl") == [row.name]
    assert [one.reasons for one in find_similar(SYSTEM, name="宜兴县林产涂料")] == [["other_name"]]
    assert [one.customer for one in find_similar(SYSTEM, name="三木")] == [row]
    services.remove_name(actor=SYSTEM, name_id=former.pk, now=NOON)
    assert found("林产涂料") == []
    assert find_similar(SYSTEM, name="宜兴县林产涂料") == []
    told = Entry.objects.filter(object_type="customer", action__startswith="customer.name_")
    assert sorted(told.values_list("action", flat=True)) == [
        "customer.name_added", "customer.name_added", "customer.name_removed",
    ]  # fmt: skip


def test_another_code_is_another_company_whatever_it_was_called() -> None:
    row = made("江苏三木化工股份有限公司")
    services.edit_customer(
        actor=SYSTEM, customer=row, changes={"credit_code": "91110000600037341L"}, now=NOON
    )
    services.add_name(actor=SYSTEM, customer=row, kind="trade", name="长江涂料", now=NOON)
    assert find_similar(SYSTEM, name="长江涂料", credit_code="91350211M000100Y46") == []


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "nickname", "name": "三木"},
        {"kind": "short", "name": "  "},
        {"kind": "short", "name": "江苏三木化工股份有限公司"},
        {"kind": "former", "name": "旧", "valid_to": date(2027, 1, 1)},
        {"kind": "former", "name": "旧" * 201},
    ],
)
def test_a_name_that_says_nothing_is_refused(values: dict[str, object]) -> None:
    row = made("江苏三木化工股份有限公司")
    with pytest.raises(CustomerError):
        services.add_name(actor=SYSTEM, customer=row, now=NOON, **values)  # type: ignore[arg-type]
    assert not CustomerName.objects.exists()


def test_names_are_given_and_taken_on_the_customers_page() -> None:
    row = made("江苏三木化工股份有限公司")
    client = Client()
    client.force_login(
        create_user(actor=SYSTEM, username="director", name="D", roles=["director"], team=None, now=NOON)
    )
    partial = {"HX-Request": "true"}
    answer = client.post(
        f"/customers/{row.pk}/names/new/", {"kind": "short", "name": "三木"}, headers=partial
    )
    assert answer.headers["HX-Retarget"] == "#panel-particulars"
    assert "三木" in answer.content.decode()
    again = client.post(
        f"/customers/{row.pk}/names/new/", {"kind": "short", "name": row.name}, headers=partial
    )
    assert again.status_code == 422
    answer = client.post(f"/names/{CustomerName.objects.get().pk}/remove/", headers=partial)
    assert answer.status_code == 200
    assert not CustomerName.objects.exists()
    assert client.post("/names/999/remove/", headers=partial).status_code == 404
