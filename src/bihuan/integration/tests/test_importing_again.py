"""Files that come again: corrected, longer, otherwise written, after an interruption."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.integration.importing.facts import count_facts
from bihuan.integration.importing.run import Progress, run_import
from bihuan.integration.models import Import
from bihuan.integration.queries import state_of
from bihuan.integration.reading.errors import ImportRefused
from bihuan.integration.services import WrongMoment
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import JobCancelled
from bihuan.sales.models import Order, OrderLine

from .files import COUNTS, NOW, accounted, bring_in, undo, write_csv

pytestmark = pytest.mark.django_db
HEAD = "单号,日期,客户名称,产品名称,数量,单价\n"
NUMBERED = "number,line_id,date,customer_id,product_code,quantity,price\n"


def _lines(number: str) -> list[tuple[int, str, float]]:
    found = OrderLine.objects.filter(order__number=number).order_by("ordinal")
    return [(line.ordinal, line.product.name, float(line.quantity)) for line in found]


def _corrected(result: dict[str, str], folder: Path, **cells: object) -> Path:
    book = openpyxl.load_workbook(result["refused_file"])
    for place, value in cells.items():
        book.worksheets[0][place] = value
    book.save(folder / "corrected.xlsx")
    return folder / "corrected.xlsx"


@pytest.fixture
def single_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bihuan.integration.reading.table.Table.batches.__defaults__", (1,))


def test_a_corrected_line_returns_to_its_own_place_in_its_document(tmp_path: Path) -> None:
    text = HEAD + "S1,2024-03-01,甲,酸,1,1\nS1,2024-03-01,甲,碱,??,2\nS1,2024-03-01,甲,盐,3,3\n"
    result = bring_in(write_csv(tmp_path, text), "orders")
    assert _lines("S1") == [(1, "酸", 1), (3, "盐", 3)]
    corrected = _corrected(result, tmp_path, E2=2)
    assert bring_in(corrected, "orders")["created"] == 1
    assert _lines("S1") == [(1, "酸", 1), (2, "碱", 2), (3, "盐", 3)]
    assert Order.objects.get().amount == 1 + 4 + 9
    assert bring_in(corrected, "orders")["unchanged"] == 1
    whole = bring_in(write_csv(tmp_path, text.replace("??", "2"), "whole.csv"), "orders")
    assert (whole["created"], whole["unchanged"]) == (0, 3)


def test_a_line_whose_document_is_corrected_overwrites_no_line_of_the_other(tmp_path: Path) -> None:
    text = HEAD + "S1,2024-03-01,甲,酸,1,1\nS01,2024-03-01,甲,碱,??,2\n,2024-03-01,甲,盐,5,2\n"
    result = bring_in(write_csv(tmp_path, text), "orders")
    corrected = _corrected(result, tmp_path, A2="S1", E2=2, A3="S1")
    assert bring_in(corrected, "orders")["created"] == 2
    assert [(name, quantity) for _, name, quantity in _lines("S1")][:1] == [("酸", 1)]
    assert {name for _, name, _ in _lines("S1")} == {"酸", "碱", "盐"}
    assert bring_in(corrected, "orders")["unchanged"] == 2


def test_rows_of_one_line_number_otherwise_typed_are_one_line(tmp_path: Path) -> None:
    path = write_csv(tmp_path, NUMBERED + "D1,L1,2024-01-01,C1,A,1,5\nD1, Ｌ1 ,2024-01-01,C1,A,2,5\n")
    assert bring_in(path, "orders")["created"] == 1
    assert OrderLine.objects.get().quantity == 2
    assert bring_in(path, "orders")["unchanged"] == 2


def test_lines_without_a_number_among_numbered_ones_come_only_once(tmp_path: Path) -> None:
    text = NUMBERED + "D1,L1,2024-01-01,C1,A,1,5\nD1,,2024-01-01,C1,B,2,5\nD1,,2024-01-01,C1,C,2,5\n"
    path = write_csv(tmp_path, text)
    assert bring_in(path, "orders")["created"] == 3
    assert bring_in(path, "orders")["unchanged"] == 3


def test_lines_get_their_numbers_later_and_give_them_back(tmp_path: Path) -> None:
    plain = "number,date,customer_id,product_code,quantity,price\nD1,2024-01-01,C1,A,1,5\nD1,2024-01-01,C1,B,2,5\n"
    bring_in(write_csv(tmp_path, plain), "orders")
    numbered = NUMBERED + "D1,L1,2024-01-01,C1,A,1,5\nD1,L2,2024-01-01,C1,B,2,5\n"
    path = write_csv(tmp_path, numbered, "b.csv")
    result = bring_in(path, "orders")
    assert (result["created"], result["updated"]) == (0, 2)
    assert set(OrderLine.objects.values_list("external_id", flat=True)) == {"L1", "L2"}
    assert bring_in(path, "orders")["unchanged"] == 2
    undo(result["id"])
    assert set(OrderLine.objects.values_list("external_id", flat=True)) == {None}


@pytest.mark.parametrize("rows", [",甲公司\n5,甲公司\n", "5,甲公司\n,甲公司\n"])
def test_a_name_with_and_without_its_number_is_one_customer(tmp_path: Path, rows: str) -> None:
    path = write_csv(tmp_path, "客户编号,客户名称\n" + rows)
    assert bring_in(path, "customers")["created"] == 1
    assert Customer.objects.get().external_id == "5"
    assert bring_in(path, "customers")["unchanged"] == 2


def test_so_it_is_over_several_batches(tmp_path: Path, single_rows: None) -> None:
    path = write_csv(tmp_path, "客户编号,客户名称,城市\n,甲公司,\n5,甲公司,苏州\n,甲公司,无锡\n")
    assert bring_in(path, "customers")["created"] == 1
    assert Customer.objects.get().city == "无锡"
    assert bring_in(path, "customers")["refused"] == 0


def test_two_numbers_are_two_customers_also_where_one_was_known_by_name(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, HEAD + "S1,2024-03-01,三木,酸,1,1\n"), "orders")
    path = write_csv(tmp_path, "客户编号,客户名称\n5,三木\n6,三木\n", "c.csv")
    result = bring_in(path, "customers")
    assert (result["created"], result["updated"]) == (1, 1)
    assert set(Customer.objects.values_list("external_id", flat=True)) == {"5", "6"}
    assert bring_in(path, "customers")["unchanged"] == 2


def test_a_name_that_two_numbers_of_the_same_file_bear_is_refused_the_first_time_too(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "客户编号,客户名称\n1,三木\n2,三木\n,三木\n")
    first = bring_in(path, "customers")
    assert (first["created"], first["refused"]) == (2, 1)
    again = bring_in(path, "customers")
    assert (again["unchanged"], again["refused"]) == (2, 1)


def test_order_lines_with_the_name_only_belong_to_the_numbered_customer(tmp_path: Path) -> None:
    head = "单号,日期,客户编号,客户名称,产品编码,产品名称,数量,单价\n"
    path = write_csv(
        tmp_path,
        head + "1,2024-01-01,,甲公司,,硫酸,1,1\n2,2024-01-01,5,甲公司,硫酸,浓硫酸,1,1\n",
    )
    assert bring_in(path, "orders")["created"] == 2
    assert Customer.objects.get().external_id == "5"
    assert Product.objects.count() == 1  # a name that is a code is that product's
    assert bring_in(path, "orders")["unchanged"] == 2


def test_a_products_name_otherwise_written_is_no_second_product(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, HEAD + "S1,2024-03-01,甲,Acid（98%）,1,1\n"), "orders")
    bring_in(write_csv(tmp_path, HEAD + "S2,2024-03-01,甲,ＡCID(98%),1,1\n", "b.csv"), "orders")
    assert Product.objects.count() == 1


def test_figures_that_cannot_be_kept_are_refused_not_wrapped(tmp_path: Path) -> None:
    text = HEAD + "S1,2024-03-01,甲,酸,9000000000000,9000000000000\nS2,2024-03-01,甲,酸,1,1\n"
    result = bring_in(write_csv(tmp_path, text), "orders")
    assert (result["created"], result["refused"]) == (1, 1)
    before = count_facts()
    many = HEAD + "S3,2024-03-01,甲,酸,9000000000000,1\n" * 2
    with pytest.raises(ImportRefused) as caught:
        bring_in(write_csv(tmp_path, many, "many.csv"), "orders")
    assert (caught.value.code, caught.value.params) == ("sum_too_large", {"document": "S3"})
    assert count_facts() == before


def test_a_constant_that_cannot_be_is_said_before_anything_is_written(tmp_path: Path) -> None:
    path = write_csv(tmp_path, HEAD + "S1,2024-03-01,甲,酸,1,1\n")
    with pytest.raises(ImportRefused) as caught:
        bring_in(path, "orders", mapping={"constants": {"currency": "gold"}})
    assert caught.value.code == "mapping_constant"
    assert not Import.objects.exists()


def test_words_too_long_for_a_tag_are_refused_not_cut_into_one(tmp_path: Path) -> None:
    long = "长" * 60
    result = bring_in(write_csv(tmp_path, f"客户名称,标签\n甲,{long}一\n乙,{long}二\n丙,短\n"), "customers")
    assert (result["created"], result["refused"]) == (1, 2)


def test_a_year_is_not_a_day(tmp_path: Path) -> None:
    text = HEAD + "S1,2011,甲,酸,1,1\nS2,2011-01-02,甲,酸,1,1\nS3,40545,甲,酸,1,1\n"
    result = bring_in(write_csv(tmp_path, text), "orders")
    assert (result["created"], result["refused"]) == (2, 1)
    assert str(Order.objects.get(number="S3").ordered_on) == "2011-01-02"


def test_what_was_refused_while_planning_is_still_refused_after_an_interruption(
    tmp_path: Path, single_rows: None
) -> None:
    """What a batch could not tell apart, or did not know yet, a later batch has changed meanwhile."""
    bring_in(write_csv(tmp_path, "客户编号,客户名称\n1,三木\n2,三木\n", "c.csv"), "customers")
    rows = "S1,2024-03-01,三木,酸,1,1\nS1,2024-03-01,甲,碱,2,2\nS2,2024-03-01,三木,酸,1,1\nS1,2024-03-01,甲,盐,3,3\n"
    path = write_csv(tmp_path, HEAD + rows)

    def stop(done: int, total: int, phase: str) -> None:
        if phase == "writing" and done == 3:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        run_import(actor=SYSTEM, path=path, kind="orders", now=NOW, progress=Progress(stop))
    Customer.objects.filter(external_id="2").update(name="另一家")  # now the name means one
    result = run_import(actor=SYSTEM, path=path, kind="orders", now=NOW)
    assert (result["created"], result["refused"]) == (2, 2)
    assert accounted(result)
    assert _lines("S1") == [(2, "碱", 2), (3, "盐", 3)]
    assert len(list(openpyxl.load_workbook(result["refused_file"]).worksheets[0].rows)) == 3


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("customers", "客户编号,客户名称,城市\n,甲,\n1,甲,苏州\n,乙,\n2,丙,\n2,丙,上海\n,甲,无锡\n"),
        ("payments", "客户编号,收款日期,收款金额\n" + "K1,2024-01-05,100\n" * 3 + "K9,2024-01-05,1\n" + "K1,2024-01-05,100\n"),
    ],
)  # fmt: skip
def test_records_go_on_where_they_stopped_with_the_counts_of_a_whole_run(
    tmp_path: Path, single_rows: None, kind: str, text: str
) -> None:
    if kind == "payments":
        bring_in(write_csv(tmp_path, "客户编号,客户名称\nK1,甲公司\n", "c.csv"), "customers")
    path = write_csv(tmp_path, text)
    whole = bring_in(path, kind)
    undo(whole["id"])
    for stop_at in range(1, whole["rows"]):

        def stop(done: int, total: int, phase: str, at: int = stop_at) -> None:
            if phase == "writing" and done == at:
                raise JobCancelled

        with pytest.raises(JobCancelled):
            run_import(actor=SYSTEM, path=path, kind=kind, now=NOW, progress=Progress(stop))
        result = run_import(actor=SYSTEM, path=path, kind=kind, now=NOW)
        for name in (*COUNTS, "customers"):
            assert result[name] == whole[name], (name, stop_at)
        undo(result["id"])


def test_undone_in_the_order_of_import_all_values_are_the_first_again(tmp_path: Path) -> None:
    head = "客户编号,客户名称,城市,电话\n"
    bring_in(write_csv(tmp_path, head + "K1,甲,苏州,1\nK2,乙,上海,2\n"), "customers")
    original = list(Customer.objects.order_by("pk").values("city", "phone", "version", "updated_at"))
    second = bring_in(write_csv(tmp_path, head + "K1,甲,无锡,11\nK2,乙,北京,\n", "b.csv"), "customers")
    third = bring_in(write_csv(tmp_path, head + "K1,甲,南京,\n", "c.csv"), "customers")
    kept = undo(second["id"])
    assert (kept["restored"], len(kept["kept"])) == (1, 1)
    assert Customer.objects.get(external_id="K1").city == "南京"
    assert undo(third["id"])["restored"] == 1
    assert list(Customer.objects.order_by("pk").values("city", "phone", "version", "updated_at")) == original


def test_an_edit_between_two_imports_is_never_undone_with_them(tmp_path: Path) -> None:
    head = "客户编号,客户名称,城市\n"
    bring_in(write_csv(tmp_path, head + "K1,甲,苏州\n"), "customers")
    second = bring_in(write_csv(tmp_path, head + "K1,甲,无锡\n", "b.csv"), "customers")
    Customer.objects.filter(external_id="K1").update(city="常州", version=3)
    third = bring_in(write_csv(tmp_path, head + "K1,甲,南京\n", "c.csv"), "customers")
    assert undo(second["id"])["restored"] == 0
    assert undo(third["id"])["restored"] == 1
    assert Customer.objects.get().city == "常州"


def test_an_upload_that_was_never_run_keeps_nothing_alive(tmp_path: Path) -> None:
    before = count_facts()
    first = bring_in(write_csv(tmp_path, "客户编号,客户名称\nZ1,甲公司\n"), "customers")
    second = bring_in(write_csv(tmp_path, HEAD + "S1,2026-01-05,甲公司,P1,2,3\n", "l.csv"), "orders")
    waiting = Import.objects.create(kind="orders", filename="x.csv", path="x", started_by="", created_at=NOW)
    undo(first["id"])
    undo(second["id"])
    assert count_facts() == before
    with pytest.raises(WrongMoment):
        undo(waiting.pk)


def test_an_import_whose_runner_died_can_go_on_or_be_undone(tmp_path: Path) -> None:
    result = bring_in(write_csv(tmp_path, HEAD + "S1,2026-01-05,甲公司,P1,2,3\n"), "orders")
    row = Import.objects.get(pk=result["id"])
    row.state = Import.State.RUNNING
    assert state_of(row) == Import.State.INTERRUPTED


def test_a_second_job_for_the_same_import_does_not_run_it_again(tmp_path: Path) -> None:
    path = write_csv(tmp_path, HEAD + "S1,2026-01-05,甲公司,P1,2,3\n")
    stale = Import.objects.get(pk=bring_in(path, "orders")["id"])
    stale.state, stale.checkpoint = Import.State.RUNNING, 0
    with pytest.raises(WrongMoment):
        run_import(actor=SYSTEM, path=path, kind="orders", now=NOW, source=stale)
    assert Import.objects.get(pk=stale.pk).checkpoint == 1
