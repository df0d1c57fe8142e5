"""Orders, products and lots that a case names: read from one line, found again, and nobody else's."""

from __future__ import annotations

import pytest
from django.urls import reverse

from bihuan.catalog.models import Product
from bihuan.kernel.actor import SYSTEM, NotAllowed
from bihuan.kernel.references import ReferenceKind, register_reference_kind
from bihuan.sales.models import Order
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.matrix_store import put_matrix_in_force
from bihuan.service.models import Case, CaseReference
from bihuan.service.promised import default_document
from bihuan.service.repeating import repeats_for

from .desk import NINE, Company, at, customer_of, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods(company: Company) -> None:
    other = customer_of(company.region, company.people["seller"], "演示别家化工")
    for number, customer in (("PO-12", company.customer), ("PO-99", other)):
        Order.objects.create(
            number=number,
            customer=customer,
            ordered_on=NINE.date(),
            ordered_at=NINE,
            created_at=NINE,
            updated_at=NINE,
        )
    Product.objects.create(code="H2SO4-98", name="工业硫酸98", created_at=NINE, updated_at=NINE)


def referred(case: Case) -> list[tuple[str, str]]:
    return list(CaseReference.objects.filter(case=case).order_by("id").values_list("kind", "key"))


def test_one_line_names_order_product_and_lot(company: Company, goods: None):
    case = opened(company, by="seller", references="po-12，H2SO4-98、a0301 批号： Ｂ７ 运单:沪A12345")
    assert referred(case) == [
        ("order", "PO-12"), ("product", "H2SO4-98"), ("lot", "A0301"), ("lot", "B7"), ("shipment", "沪A12345"),
    ]  # fmt: skip


def test_named_twice_or_by_name_it_is_one(company: Company, goods: None):
    assert referred(opened(company, by="seller", references="工业硫酸98 h2so4-98 产品：H2SO4-98")) == [
        ("product", "H2SO4-98")
    ]


def test_another_customers_order_is_not_found_nor_told_of(company: Company, goods: None):
    case = opened(company, by="seller", references="PO-99")
    assert referred(case) == [("lot", "PO-99")]  # what any unknown number is taken for
    with pytest.raises(CaseError):
        opened(company, by="seller", references="order:PO-99")
    page = (
        company.client("seller")
        .get(reverse("panels", args=["case", case.pk]) + "?place=side")
        .content.decode()
    )
    assert reverse("order", args=[Order.objects.get(number="PO-99").pk]) not in page


@pytest.mark.parametrize("line", ["x" * 81, " ".join(f"L{number}" for number in range(31)), "order:PO-00"])
def test_too_many_too_long_or_not_there_is_refused(company: Company, goods: None, line: str):
    with pytest.raises(CaseError):
        opened(company, references=line)
    assert not Case.objects.exists()


def test_references_are_corrected_and_told(company: Company, goods: None):
    case, actor = opened(company, references="A1 A2"), company.actor("agent")
    services.set_references(actor=actor, case=case, references="lot:A2 lot:A3", now=at("03-02 10:00"))
    assert referred(case) == [("lot", "A2"), ("lot", "A3")]
    event = case.events.get(kind="referred")
    assert event.data == {"added": ["lot:A3"], "removed": ["lot:A1"]}
    with pytest.raises(CaseError):
        services.set_references(actor=actor, case=case, references="a3 a2", now=at("03-02 10:01"))
    with pytest.raises(NotAllowed):
        services.set_references(
            actor=company.actor("seller"), case=case, references="", now=at("03-02 10:01")
        )
    services.set_references(actor=actor, case=case, references="", now=at("03-02 10:02"))
    assert referred(case) == []


def test_the_dialogs_take_them_and_the_queue_is_filtered_by_lot(company: Company, goods: None):
    client = company.client("agent")
    address = f"{reverse('case_create')}?customer={company.customer.pk}"
    given = {
        "other": company.customer.pk,
        "text": "演示：结晶",
        "kind": "complaint",
        "severity": "",
        "references": "A0301",
    }
    assert client.post(address, given).status_code == 302
    assert client.post(address, given | {"references": "order:PO-00"}).status_code == 422
    case = Case.objects.get()
    opened(company, text="演示：别的事")
    listed = client.get(reverse("cases") + "?lot=a0301").content.decode()
    assert "演示：结晶" in listed and "演示：别的事" not in listed
    assert "lot:A0301" in client.get(reverse("case_step", args=[case.pk, "refer"])).content.decode()


def test_what_is_seen_elsewhere_is_linked_for_who_may_see_it(company: Company, goods: None):
    case = opened(company, by="seller", references="PO-12 H2SO4-98 A1")
    page = (
        company.client("seller")
        .get(reverse("panels", args=["case", case.pk]) + "?place=side")
        .content.decode()
    )
    assert reverse("order", args=[Order.objects.get(number="PO-12").pk]) in page
    assert reverse("product", args=[Product.objects.get().pk]) in page
    assert "?lot=A1" in page


def test_a_second_complaint_about_a_lot_asks_for_a_team_whosever_it_is(company: Company, goods: None):
    rule = {"by": "lot", "count": 2, "days": 90, "kinds": ["complaint"], "source": "-"}
    put_matrix_in_force(
        actor=SYSTEM,
        document=dict(default_document()) | {"repeats": [rule]},
        from_start=True,
        now=at("03-01 09:00"),
    )
    another = customer_of(company.region, company.people["seller"], "演示东方")
    first = opened(company, text="演示：包装袋破", kind="complaint", references="A0301 A9", customer=another)
    opened(company, text="演示：发黄", kind="complaint", references="A0302")
    case = opened(company, at("03-04 09:00"), text="演示：检出粉尘", kind="complaint", references="a0301")
    (found,) = repeats_for(company.actor("quality"), case)
    assert (found.by, found.count, [one.pk for one in found.cases]) == ("lot", 2, [case.pk, first.pk])
    page = (
        company.client("quality")
        .get(reverse("panels", args=["case", case.pk]) + "?place=side")
        .content.decode()
    )
    assert "批" in page


def test_split_off_cases_are_of_the_same_goods(company: Company, goods: None):
    case = opened(company, references="A0301")
    made = services.split_case(
        actor=company.actor("agent"), case=case, text="演示：另一件", now=at("03-02 10:00")
    )
    assert referred(made) == [("lot", "A0301")]


def test_a_problem_that_was_split_off_is_no_repeat(company: Company, goods: None):
    rule = {"by": "lot", "count": 2, "days": 90, "kinds": ["complaint"], "source": "-"}
    put_matrix_in_force(
        actor=SYSTEM,
        document=dict(default_document()) | {"repeats": [rule]},
        from_start=True,
        now=at("03-01 09:00"),
    )
    case = opened(company, kind="complaint", references="A0301")
    made = services.split_case(
        actor=company.actor("agent"), case=case, text="演示：另一件", now=at("03-02 10:00")
    )
    assert repeats_for(company.actor("quality"), made) == []
    assert repeats_for(company.actor("quality"), case) == []


def test_a_room_that_knows_lots_takes_their_place_once():
    register_reference_kind(ReferenceKind("probe", "Probe"))
    register_reference_kind(ReferenceKind("probe", "Probe", find=lambda actor, text, customer: None))
    register_reference_kind(ReferenceKind("probe", "Probe"))  # the plain one changes nothing any more
    with pytest.raises(ValueError, match="probe"):
        register_reference_kind(ReferenceKind("probe", "Probe", find=lambda actor, text, customer: None))
