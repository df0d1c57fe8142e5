"""Quality cost: known numbers, posting from a case, reversing, and who sees shares of sales. All names are made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from bihuan.catalog.models import Product
from bihuan.kernel.actor import NotAllowed
from bihuan.sales.models import Order, OrderLine
from bihuan.service import services
from bihuan.service.errors import CaseError
from bihuan.service.models import QualityCost
from bihuan.service.quality_cost_rules import CATEGORIES, CostLine, as_percent
from bihuan.service.queries_quality_cost import cost_report, pareto_of_causes, repeat_rate

from .desk import NINE, Company, at, customer_of
from .eightd import Work, complaint, investigation

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def test_the_published_example_of_quality_cost_as_a_share_of_sales():
    """Conformance 12: 100k/140k/200k/260k on sales of 5 M: 2.00/2.80/4.00/5.20 %, together 14.00 %."""
    amounts = dict(zip(CATEGORIES, map(Decimal, (100_000, 140_000, 200_000, 260_000)), strict=True))
    line = CostLine("", "", amounts, Decimal(5_000_000))
    assert [share for _amount, share in line.four] == ["2.00%", "2.80%", "4.00%", "5.20%"]
    assert as_percent(line.share()) == "14.00%"
    assert line.share() == Decimal("0.14")
    assert CostLine("", "", amounts, Decimal(0)).share() is None


def enter(company: Company, category: str, amount: str, by: str = "director", **more: Any) -> QualityCost:
    given: dict[str, Any] = {"incurred_on": date(2026, 3, 2), "now": at("03-31 09:00")} | more
    return services.enter_cost(actor=company.actor(by), category=category, amount=Decimal(amount), **given)


def sell(company: Company, amount: int, product: Product, on: date = date(2026, 3, 5), **more: Any) -> None:
    customer = more.get("customer", company.customer)
    order = Order.objects.create(
        number=f"演示{Order.objects.count()}", customer=customer, ordered_at=NINE, ordered_on=on,
        amount=amount, line_count=1, created_at=NINE, updated_at=NINE,
    )  # fmt: skip
    OrderLine.objects.create(
        order=order,
        ordinal=1,
        customer=customer,
        ordered_on=on,
        product=product,
        quantity=1,
        price=amount,
        amount=amount,
    )


@pytest.fixture
def product(company: Company) -> Product:
    return Product.objects.create(code="P1", name="演示硫酸", created_at=NINE, updated_at=NINE)


def test_the_same_example_from_the_books_by_month_product_customer_and_cause(
    company: Company, product: Product
):
    sell(company, 5_000_000, product)
    for category, amount in zip(CATEGORIES, ("100000", "140000", "200000", "260000"), strict=True):
        enter(company, category, amount, customer=company.customer, product=product, factor="machine")
    enter(company, "external", "99", incurred_on=date(2026, 2, 28))
    for by, label in (
        ("month", "2026-03"),
        ("product", "演示硫酸"),
        ("customer", "演示宏远化工"),
        ("cause", "设备"),
    ):
        report = cost_report(company.actor("director"), by, MARCH, APRIL)
        (line,) = report.lines
        assert (line.label, report.n) == (label, 4)
        for one in (line, report.all):
            assert [share for _amount, share in one.four] == ["2.00%", "2.80%", "4.00%", "5.20%"]
            assert (one.total, one.all_four) == (Decimal(700_000), "14.00%")


def test_months_stand_in_order_and_the_rest_by_weight(company: Company):
    other = customer_of(company.other, company.people["rival"], "演示南海")
    enter(company, "external", "10.000001", incurred_on=date(2026, 2, 1), customer=company.customer)
    enter(company, "internal", "7", customer=other)
    enter(company, "internal", "5", customer=other)
    director = company.actor("director")
    by_month = cost_report(director, "month", date(2026, 1, 1), APRIL)
    assert [(one.label, one.total) for one in by_month.lines] == [
        ("2026-02", Decimal("10.000001")), ("2026-03", Decimal(12)),
    ]  # fmt: skip
    by_customer = cost_report(director, "customer", date(2026, 1, 1), APRIL)
    assert [one.label for one in by_customer.lines] == ["演示南海", "演示宏远化工"]
    # A manager's report holds the own team's customers alone.
    own = cost_report(company.actor("manager"), "customer", date(2026, 1, 1), APRIL)
    assert (own.n, own.all.total) == (1, Decimal("10.000001"))


def test_quality_sees_what_it_cost_and_no_share_of_sales(company: Company, product: Product):
    sell(company, 1000, product)
    enter(company, "external", "10", customer=company.customer)
    report = cost_report(company.actor("quality"), "month", MARCH, APRIL)
    assert (report.all.total, report.all.share(), report.lines[0].sales) == (Decimal(10), None, None)


def test_a_closed_complaint_posts_its_cost_once(company: Company):
    case = complaint(company, NINE)
    actor = company.actor("quality")
    with pytest.raises(CaseError, match="解决或关闭"):
        services.post_case_cost(actor=actor, case=case, amount=Decimal(500), now=at("03-03 09:00"))
    services.solve_case(
        actor=company.actor("agent"), case=case, solution="换货", cause="输送带掉屑", now=at("03-03 09:00")
    )
    services.close_case(actor=company.actor("agent"), case=case, reason="客户已确认", now=at("03-04 09:00"))
    row = services.post_case_cost(actor=actor, case=case, amount=Decimal("500.5"), now=at("03-06 09:00"))
    assert (row.category, row.incurred_on, row.customer) == ("external", date(2026, 3, 4), company.customer)
    with pytest.raises(CaseError, match="已过账"):
        services.post_case_cost(actor=actor, case=case, amount=Decimal(1), now=at("03-06 09:00"))
    services.reverse_cost(actor=actor, cost=row, reason="演示：金额有误", now=at("03-07 09:00"))
    with pytest.raises(CaseError, match="已冲销"):
        services.reverse_cost(actor=actor, cost=row, reason="演示", now=at("03-07 09:00"))
    services.post_case_cost(actor=actor, case=case, amount=Decimal(450), now=at("03-07 09:30"))
    assert cost_report(actor, "month", MARCH, APRIL).all.total == Decimal(450)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "0.0000001", "1e13"])
def test_an_amount_is_positive_and_exact(company: Company, amount: str):
    with pytest.raises(CaseError, match="正数"):
        enter(company, "internal", amount)
    with pytest.raises(IntegrityError), transaction.atomic():
        QualityCost.objects.create(
            category="internal", amount=Decimal(-1), incurred_on=MARCH, created_at=NINE, created_by="x"
        )


def test_who_may_enter_costs(company: Company):
    other = customer_of(company.other, company.people["rival"], "演示南海")
    for name in ("agent", "seller", "dispatcher"):
        with pytest.raises(NotAllowed):
            enter(company, "internal", "1", by=name)
    with pytest.raises(Http404):
        enter(company, "internal", "1", by="manager", customer=other)
    with pytest.raises(NotAllowed):  # nobody's cost is for who sees all
        enter(company, "internal", "1", by="manager")
    with pytest.raises(CaseError, match="还没有到"):
        enter(company, "internal", "1", incurred_on=date(2026, 4, 1))


def test_the_causes_by_the_cases_behind_them(company: Company):
    for number, factor in enumerate(("method", "machine", "method")):
        cases = [complaint(company, at(f"03-0{number + 2} 09:00"), text=f"演示{number}")]
        if number == 2:
            cases.append(complaint(company, at("03-05 09:00"), text="演示四"))
        work = Work(company, investigation(company, cases, title=f"演示{number}"))
        work.found("why_occurred", "为什么？", at("03-10 10:00"))
        work.found("root_occurred", "演示", at("03-10 10:00"), factor=factor, evidence="记录")
    lines = pareto_of_causes(company.actor("quality"), at("03-01 00:00"), at("04-01 00:00"))
    assert [(one.label, one.cases, one.cumulated) for one in lines] == [
        ("方法", 3, Decimal("0.75")), ("设备", 1, Decimal(1)),
    ]  # fmt: skip


def test_how_often_complaints_come_again(company: Company):
    other = customer_of(company.region, company.people["seller"], "演示南海")
    complaint(company, at("01-05 09:00"))
    for moment, customer in (
        ("03-02 09:00", company.customer),
        ("03-03 09:00", company.customer),
        ("03-04 09:00", other),
    ):
        complaint(company, at(moment), customer=customer)
    complaint(company, at("03-05 09:00"), kind="question", customer=other)
    found = repeat_rate(company.actor("quality"), at("03-01 00:00"), at("04-01 00:00"))
    assert (found.complaints, found.repeated) == (3, 2)
    few = repeat_rate(company.actor("quality"), at("03-01 00:00"), at("04-01 00:00"), days=30)
    assert (few.complaints, few.repeated, few.rate) == (3, 1, Decimal(1) / Decimal(3))


def test_the_report_says_months_shares_and_the_table_behind(
    company: Company, product: Product, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BIHUAN_NOW", at("03-31 09:00").isoformat())
    sell(company, 5000, product)
    enter(company, "external", "260", customer=company.customer)
    client = company.client("director")
    text = client.get(reverse("quality_cost_report")).content.decode()
    for words in (
        "质量成本（按月份），2025-04 至 2026-03",
        "n = 1 笔",
        "5.20%",
        'data-chart="quality-cost"',
        "外部损失",
    ):
        assert words in text, words
    assert "5.20%" not in company.client("quality").get(reverse("quality_cost_report")).content.decode()
    assert company.client("agent").get(reverse("quality_cost_report")).status_code == 404
    assert client.get(reverse("quality_cost_report") + "?by=nothing").status_code == 404
    assert client.get(reverse("quality_cost_report") + "?by=cause&from=x&to=2026-13").status_code == 200
    exported = client.get(reverse("list_export", args=["quality_costs"]) + "?format=csv")
    assert "260" in b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    given = {
        "category": "internal", "amount": "12.5", "incurred_on": "2026-03-30", "other": str(company.customer.pk),
    }  # fmt: skip
    assert client.post(reverse("quality_cost_create"), given).status_code == 302
    row = QualityCost.objects.get(category="internal")
    assert (row.customer, row.amount, row.created_by) == (company.customer, Decimal("12.5"), "演示·director")
    assert client.post(reverse("quality_cost_create"), given | {"amount": "-1"}).status_code == 422
    page = client.get(reverse("quality_cost", args=[row.pk])).content.decode()
    assert "冲销" in page
    assert client.post(reverse("quality_cost_reverse", args=[row.pk]), {"reason": "演示"}).status_code == 302
    assert "此笔已被反向冲销" in client.get(reverse("quality_cost", args=[row.pk])).content.decode()
