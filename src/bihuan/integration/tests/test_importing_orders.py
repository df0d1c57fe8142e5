"""Order lines come in, come again, and go."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.integration.importing.facts import count_facts
from bihuan.integration.models import Import
from bihuan.integration.reading.errors import ImportRefused
from bihuan.sales.models import Order, OrderLine

from .files import accounted, bring_in, codes, undo, write_csv

pytestmark = pytest.mark.django_db

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def test_lines_become_documents_customers_and_products(tmp_path: Path) -> None:
    text = (
        "单号,日期,客户名称,产品名称,数量,单价\n"
        "S1,2024-03-01,江苏三木化工有限公司,浓硫酸,10,2.5\n"
        "S1,2024-03-01,江苏三木化工有限公司,发烟硫酸,4,3\n"
        "S2,2024-03-02,上海三木化工有限公司,浓硫酸,1,2.6\n"
    )
    result = bring_in(write_csv(tmp_path, text, encoding="gb18030"), "orders")
    assert (result["created"], result["customers"], result["orders"]) == (3, 2, 2)
    assert result["total"] == Decimal("39.6")
    first = Order.objects.get(number="S1")
    assert (first.amount, first.line_count, first.kind) == (Decimal(37), 2, Order.Kind.ORDER)
    assert first.customer is not None
    assert first.customer.name == "江苏三木化工有限公司"
    assert [line.ordinal for line in first.lines.order_by("id")] == [1, 2]
    assert Product.objects.count() == 2


def test_places_keep_namesakes_apart(tmp_path: Path) -> None:
    """A shortened key of both names is the same; the customers are not."""
    text = "单号,日期,客户名称,产品,数量,单价\n1,2024-01-01,江苏三木,酸,1,1\n2,2024-01-01,上海三木,酸,1,1\n"
    bring_in(write_csv(tmp_path, text), "orders")
    assert set(Customer.objects.values_list("name", flat=True)) == {"江苏三木", "上海三木"}


def test_the_same_name_written_otherwise_is_the_same_customer(tmp_path: Path) -> None:
    text = "单号,日期,客户名称,产品,数量,单价\n1,2024-01-01,三木（江苏）公司,酸,1,1\n2,2024-01-01, 三木(江苏) 公司,酸,1,1\n"
    assert bring_in(write_csv(tmp_path, text), "orders")["customers"] == 1
    assert Customer.objects.count() == 1


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    text = (
        HEAD
        + "1,A,Acid,2,2024-01-01 10:00,5,C1,China\n1,A,Acid,2,2024-01-01 10:00,5,C1,China\n2,B,Base,1,2024-01-02,1,,China\n"
    )
    path = write_csv(tmp_path, text)
    first = bring_in(path, "orders")
    assert (first["created"], first["exact_duplicates"], first["unassigned"]) == (3, 1, 1)
    again = bring_in(path, "orders")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 3)
    assert again["exact_duplicates"] == 1
    assert OrderLine.objects.filter(is_exact_duplicate=True).count() == 1
    assert OrderLine.objects.filter(version=1).count() == 3


def test_a_corrected_file_updates_only_what_changed(tmp_path: Path) -> None:
    before = HEAD + "1,A,Acid,2,2024-01-01,5,C1,China\n1,B,Base,1,2024-01-01,1,C1,China\n"
    bring_in(write_csv(tmp_path, before), "orders")
    after = bring_in(write_csv(tmp_path, before.replace("Acid,2,", "Acid,3,"), "b.csv"), "orders")
    assert (after["created"], after["updated"], after["unchanged"]) == (0, 1, 1)
    assert Order.objects.get(number="1").amount == Decimal(16)
    result = undo(after["id"])
    assert (result["removed"], result["restored"], result["kept"]) == (0, 1, [])
    line = OrderLine.objects.get(order__number="1", ordinal=1)
    assert (line.quantity, line.amount, line.version) == (Decimal(2), Decimal(10), 1)
    assert Order.objects.get(number="1").amount == Decimal(11)


def test_lines_with_ids_of_their_own_may_change_places(tmp_path: Path) -> None:
    head = "number,line_id,date,customer_id,product_code,quantity,price\n"
    one, two = "D1,L1,2024-01-01,C1,A,1,5\n", "D1,L2,2024-01-01,C1,B,2,6\n"
    bring_in(write_csv(tmp_path, head + one + two), "orders")
    again = bring_in(write_csv(tmp_path, head + two + one, "b.csv"), "orders")
    assert again["unchanged"] == 2
    more = bring_in(write_csv(tmp_path, head + "D1,L3,2024-01-01,C1,B,7,6\n" + two, "c.csv"), "orders")
    assert (more["created"], more["unchanged"]) == (1, 1)
    assert sorted(OrderLine.objects.values_list("ordinal", flat=True)) == [1, 2, 3]


def test_of_two_rows_with_one_line_id_the_later_holds(tmp_path: Path) -> None:
    head = "number,line_id,date,customer_id,product_code,quantity,price\n"
    path = write_csv(tmp_path, head + "D1,L1,2024-01-01,C1,A,1,5\nD1,L1,2024-01-01,C1,A,9,5\n")
    assert bring_in(path, "orders")["created"] == 1
    assert OrderLine.objects.get().quantity == 9
    assert bring_in(path, "orders")["unchanged"] == 2


def test_cancellations_net_against_what_they_cancel(tmp_path: Path) -> None:
    text = HEAD + (
        "1,A,Acid,12,2024-01-01,5,K,China\n"
        "2,A,Acid,3,2024-01-02,5,K,China\n"
        "C3,A,Acid,-3,2024-01-03,5,K,China\n"  # exactly line 2
        "C4,A,Acid,-4,2024-01-04,5,K,China\n"  # a part of line 1
        "C5,A,Acid,-9,2024-01-05,5,K,China\n"  # more than is left of line 1
        "C6,A,Acid,-8,2024-01-06,5,K,China\n"  # the rest of line 1
        "C7,A,Acid,-1,2023-12-31,5,K,China\n"  # before anything was sold
        "C8,A,Acid,-1,2024-01-07,6,K,China\n"  # another price
    )
    result = bring_in(write_csv(tmp_path, text), "orders")
    assert result["cancellations"] == 6
    found = {
        line.order.number: line.cancels.order.number if line.cancels else None
        for line in OrderLine.objects.filter(kind=OrderLine.Kind.CANCELLATION).select_related(
            "order", "cancels__order"
        )
    }
    assert found == {"C3": "2", "C4": "1", "C5": None, "C6": "1", "C7": None, "C8": None}
    assert Order.objects.get(number="C3").kind == Order.Kind.CREDIT_NOTE


def test_a_cancellation_in_a_later_file_finds_its_original(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, HEAD + "1,A,Acid,12,2024-01-01,5,K,China\n"), "orders")
    later = bring_in(write_csv(tmp_path, HEAD + "C2,A,Acid,-12,2024-01-03,5,K,China\n", "b.csv"), "orders")
    lines = OrderLine.objects.filter(order__number="C2")
    assert lines.get().cancels is not None
    undo(Import.objects.order_by("pk")[0].pk)
    assert lines.get().cancels is None
    undo(later["id"])
    assert sum(count_facts().values()) == Customer.objects.count() + Product.objects.count()


def test_adjustments_and_negative_prices_are_accounted_for(tmp_path: Path) -> None:
    text = (
        HEAD
        + "A1,B,Adjust bad debt,1,2024-01-01,-11062.06,,UK\nA2,B,Adjust bad debt,1,2024-01-01,11062.06,,UK\n9,D,damaged,-5,2024-01-01,0,,UK\n"
    )
    result = bring_in(write_csv(tmp_path, text), "orders")
    assert (result["refused"], result["unassigned"], result["cancellations"]) == (0, 3, 0)
    assert result["total"] == 0
    assert set(OrderLine.objects.values_list("kind", flat=True)) == {OrderLine.Kind.ADJUSTMENT}
    assert set(Order.objects.values_list("kind", flat=True)) == {Order.Kind.ADJUSTMENT}


def test_contradictions_keep_the_latest_and_say_so(tmp_path: Path) -> None:
    text = HEAD + (
        "1,A,Acid,1,2024-01-01 08:00,5,K,Spain\n"
        "1,A,Acid,1,2024-01-01 09:00,5,K,Spain\n"
        "2,A,Acid,1,2024-02-01 09:00,5,K,Norway\n"
        "3,A,Acid,1,2023-02-01 09:00,5,K,Malta\n"
    )
    result = bring_in(write_csv(tmp_path, text), "orders")
    assert codes(result["notices"]) == {"invoice_two_times", "customer_two_countries"}
    assert Customer.objects.get().country == "Norway"
    assert (
        Order.objects.get(number="1").ordered_at.isoformat() == "2024-01-01T01:00:00+00:00"
    )  # 09:00 in Shanghai
    assert bring_in(tmp_path / "file.csv", "orders")["unchanged"] == 4


def test_an_awkward_export_is_read_as_a_person_would(tmp_path: Path) -> None:
    text = (
        "2024年销售明细\n\n"
        "单据编号,开票日期,购货单位,物料名称,数量(吨),单价,金额（万元）\n"
        'Ｘ１,2024年3月1日,江苏三木,硫酸,１０,"￥1,200.50",1.2005\n'
        "X2,45352,&nbsp;,硫酸,2,(3.5),无\n"
        ",,,,,,\n"
        'X3,20240303,上海一木,"硫\n酸",1.2万,1,\n'
        "小计,,,,12012,,\n"
        "合计：,,,,24024,,\n"
    )
    result = bring_in(write_csv(tmp_path, text, encoding="gb18030"), "orders")
    assert (result["rows"], result["created"], result["unassigned"]) == (3, 3, 1)
    assert codes(result["notices"]) >= {"total_rows"}
    assert result["total"] == Decimal("12005") - 7 + 12000
    assert sorted(Order.objects.values_list("number", flat=True)) == ["X1", "X2", "X3"]
    assert str(Order.objects.get(number="X2").ordered_on) == "2024-03-01"


def test_amounts_alone_suffice(tmp_path: Path) -> None:
    text = "单号,日期,客户,产品,数量,金额\n1,2024-01-01,甲,酸,3,10\n2,2024-01-01,甲,酸,,7\n"
    result = bring_in(write_csv(tmp_path, text), "orders")
    assert result["created"] == 2
    assert OrderLine.objects.get(order__number="1").price == Decimal("3.333333")
    assert OrderLine.objects.get(order__number="2").amount == 7


def test_refused_rows_come_back_with_a_reason_for_each_cell(tmp_path: Path) -> None:
    text = HEAD + (
        "1,A,Acid,2,2024-01-01,5,K,China\n"
        ",A,=cmd|' /C calc'!A0,x,2024-02-30,5,K,China\n"
        "2,A,@SUM(1),1,2024-01-01,5,+1+1,-5\n"
        '3,A,"=1+1",abc,2024-01-01,5,K,China\n'
    )
    result = bring_in(write_csv(tmp_path, text), "orders")
    assert (result["created"], result["refused"]) == (2, 2)
    book = openpyxl.load_workbook(result["refused_file"])
    rows, reasons = book.worksheets
    values = [[cell.value for cell in row] for row in rows.iter_rows()]
    assert values[0][:8] == HEAD.strip().split(",")
    assert values[1][2] == "'=cmd|' /C calc'!A0"
    assert [row[8] for row in values[1:]] == [3, 5]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    by_cell = {row[1].value: row[4].value for row in reasons.iter_rows(min_row=2)}
    assert set(by_cell) == {"A3", "D3", "E3", "D5"}
    assert "abc" in by_cell["D5"]


def test_refused_rows_can_be_corrected_and_imported_as_they_come_back(tmp_path: Path) -> None:
    result = bring_in(
        write_csv(tmp_path, HEAD + "1,A,Acid,2,2024-01-01,5,K,China\n2,A,Acid,?!,2024-01-01,5,K,China\n"),
        "orders",
    )
    book = openpyxl.load_workbook(result["refused_file"])
    book.worksheets[0]["D2"] = 7
    book.save(tmp_path / "mended.xlsx")
    mended = bring_in(tmp_path / "mended.xlsx", "orders")
    assert (mended["created"], mended["refused"]) == (1, 0)
    assert OrderLine.objects.get(order__number="2").quantity == 7


def test_a_mapping_is_remembered_for_its_source(tmp_path: Path) -> None:
    text = "a,b,c,d,e\n1,2024-01-01,P,2,3\n"
    path = write_csv(tmp_path, text)
    with pytest.raises(ImportRefused) as caught:
        bring_in(path, "orders")
    assert caught.value.code in ("mapping_incomplete", "no_header")
    said = {"number": "a", "ordered_at": "b", "product_code": "c", "quantity": "d", "price": "e"}
    bring_in(path, "orders", mapping={"columns": said})
    again = bring_in(write_csv(tmp_path, text.replace("1,2024", "2,2024"), "b.csv"), "orders")
    assert again["created"] == 1


def test_an_ambiguous_name_is_refused_not_guessed(tmp_path: Path) -> None:
    head = "客户编号,客户名称\n"
    bring_in(write_csv(tmp_path, head + "1,三木\n2,三木\n"), "customers")
    text = "单号,日期,客户名称,产品,数量,单价\nX,2024-01-01,三木,酸,1,1\n"
    result = bring_in(write_csv(tmp_path, text, "o.csv"), "orders")
    assert (result["created"], result["refused"]) == (0, 1)


def test_a_document_over_several_batches_adds_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bihuan.integration.reading.table.Table.batches.__defaults__", (3,))
    lines = [f"{n % 4},A,Acid,{n},2024-01-01 08:0{n % 10},2,K{n % 4},China\n" for n in range(40)]
    path = write_csv(tmp_path, HEAD + "".join(lines))
    result = bring_in(path, "orders")
    assert (result["created"], result["orders"]) == (40, 4)
    for order in Order.objects.all():
        assert order.amount == sum(line.amount for line in order.lines.all())
        assert order.line_count == order.lines.count() == 10
    assert bring_in(path, "orders")["unchanged"] == 40


def test_undone_nothing_is_left(tmp_path: Path) -> None:
    before = count_facts()
    result = bring_in(
        write_csv(tmp_path, HEAD + "1,A,Acid,2,2024-01-01,5,K,China\nC2,A,Acid,-2,2024-01-02,5,K,China\n"),
        "orders",
    )
    undone = undo(result["id"])
    assert undone["removed"] == 6
    assert undone["kept"] == []
    assert count_facts() == before
    with pytest.raises(ImportRefused) as caught:
        undo(result["id"])
    assert caught.value.code == "already_undone"


@pytest.mark.shared_data
@pytest.mark.slow
def test_the_wholesalers_year_is_accounted_for_to_the_last_row(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("online_retail/online_retail_to_2011-08-31.csv.gz")
    before = count_facts()
    result = bring_in(path, "orders")
    expected = {
        "rows": 320_705, "created": 320_705, "updated": 0, "unchanged": 0, "refused": 0, "customers": 3_360,
        "orders": 16_459, "unassigned": 88_652, "cancellations": 5_847, "exact_duplicates": 2_483,
    }  # fmt: skip
    assert {name: result[name] for name in expected} == expected
    assert result["total"] == Decimal("5761931.382")
    assert codes(result["notices"]) == {"invoice_two_times", "customer_two_countries", "netted"}
    again = bring_in(path, "orders")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 320_705)
    assert accounted(again)
    assert undo(again["id"])["removed"] == 0
    assert undo(result["id"])["kept"] == []
    assert count_facts() == before
