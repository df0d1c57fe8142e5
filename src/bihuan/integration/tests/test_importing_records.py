"""Customers, contacts, products, payments and receivables come in; undo gives back what was."""

from decimal import Decimal
from pathlib import Path

import pytest

from bihuan.catalog.models import Product
from bihuan.customers.models import Contact, Customer, CustomerTag, Tag
from bihuan.integration.importing.facts import count_facts
from bihuan.integration.models import Import
from bihuan.kernel.actor import SYSTEM
from bihuan.sales.models import Order, OrderLine, Payment, Receivable
from bihuan.service.models import Case
from bihuan.service.services import open_case

from .files import NOW, bring_in, codes, undo, write_csv

pytestmark = pytest.mark.django_db

CUSTOMERS = "客户编号,客户名称,状态,省份,电话,合作日期\nK1,江苏三木化工有限公司,合作中,江苏,0512-66601234,2019-05-01\nK2,上海一木贸易有限公司,潜在,上海,无,\n"


def test_customers_are_made_changed_and_given_back(tmp_path: Path) -> None:
    path = write_csv(tmp_path, CUSTOMERS, encoding="gb18030")
    first = bring_in(path, "customers")
    assert (first["created"], first["customers"]) == (2, 2)
    one = Customer.objects.get(external_id="K1")
    assert (one.status, one.region, str(one.customer_since)) == ("active", "江苏", "2019-05-01")
    assert one.name_key
    assert one.initials.startswith("js")
    assert bring_in(path, "customers")["unchanged"] == 2

    changed = write_csv(
        tmp_path, CUSTOMERS.replace("潜在", "流失").replace("江苏,0512", "浙江,0512"), "b.csv"
    )
    second = bring_in(changed, "customers")
    assert (second["updated"], second["unchanged"]) == (2, 0)
    assert Customer.objects.get(external_id="K2").status == "lost"
    result = undo(second["id"])
    assert (result["removed"], result["restored"], result["kept"]) == (0, 2, [])
    assert Customer.objects.get(external_id="K2").status == "prospect"
    assert Customer.objects.get(external_id="K1").region == "江苏"
    assert undo(first["id"])["removed"] == 2
    assert sum(count_facts().values()) == 0


def test_a_blank_cell_leaves_what_is_known(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, CUSTOMERS), "customers")
    result = bring_in(
        write_csv(tmp_path, "客户编号,客户名称,电话\nK1,江苏三木化工有限公司,—\n", "b.csv"), "customers"
    )
    assert result["unchanged"] == 1
    assert Customer.objects.get(external_id="K1").phone == "0512-66601234"


def test_an_unknown_status_is_refused_until_it_is_mapped(tmp_path: Path) -> None:
    text = "客户名称,状态\n甲公司,重点客户\n乙公司,江苏三木\n"
    path = write_csv(tmp_path, text)
    assert bring_in(path, "customers")["refused"] == 2
    said = {"values": {"status": {"重点客户": "active", "江苏三木": "dormant"}}}
    assert bring_in(path, "customers", mapping=said)["created"] == 2
    assert Customer.objects.get(name="甲公司").status == "active"
    assert Customer.objects.get(name="乙公司").status == "dormant"


def test_a_customer_known_by_name_gets_its_number_later(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, "单号,日期,客户,产品,数量,单价\n1,2024-01-01,江苏三木,酸,1,1\n"), "orders")
    result = bring_in(write_csv(tmp_path, "客户编号,客户名称,城市\nK7,江苏三木,苏州\n", "c.csv"), "customers")
    assert (result["created"], result["updated"]) == (0, 1)
    one = Customer.objects.get()
    assert (one.external_id, one.city) == ("K7", "苏州")
    undo(result["id"])
    one.refresh_from_db()
    assert (one.external_id, one.city, one.version) == (None, "", 1)


def test_the_last_of_several_rows_about_one_customer_holds(tmp_path: Path) -> None:
    path = write_csv(tmp_path, "客户编号,客户名称,城市\nK1,甲,苏州\nK2,乙,上海\nK1,甲,无锡\n")
    result = bring_in(path, "customers")
    assert (result["created"], result["unchanged"]) == (2, 1)
    assert "record_repeated" in codes(result["notices"])
    assert Customer.objects.get(external_id="K1").city == "无锡"
    assert bring_in(path, "customers")["unchanged"] == 3


def test_tags_are_kept_by_their_exact_words_and_undone(tmp_path: Path) -> None:
    Tag.objects.create(code="重点客户", label="重点客户")
    before = count_facts()
    path = write_csv(tmp_path, "客户名称,标签\n甲,重点客户；江苏三木\n乙,江苏三木\n丙,\n")
    result = bring_in(path, "customers")
    assert result["created"] == 3
    assert Tag.objects.count() == 2
    assert CustomerTag.objects.count() == 3
    assert bring_in(path, "customers")["unchanged"] == 3
    more = bring_in(write_csv(tmp_path, "客户名称,标签\n丙,重点客户\n", "b.csv"), "customers")
    assert more["updated"] == 1
    undo(more["id"])
    assert CustomerTag.objects.count() == 3
    undo(result["id"])
    assert count_facts() == before


def test_new_customers_that_look_like_old_ones_are_pointed_out(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, CUSTOMERS), "customers")
    text = "客户编号,客户名称,电话\nK9,江苏三木化工,\nK10,完全不同公司,(0512) 6660 1234\nK11,毫无关系公司,\n"
    result = bring_in(write_csv(tmp_path, text, "b.csv"), "customers")
    told = next(one for one in result["notices"] if one["code"] == "possible_duplicate")
    assert told["count"] == 2
    assert result["created"] == 3


def test_look_alikes_are_told_by_code_and_sound_and_never_against_the_code(tmp_path: Path) -> None:
    text = (
        "客户编号,客户名称,统一社会信用代码\n"
        "N1,绿源食品有限公司,91110000600037341L\n"
        "N2,别名贸易行,91110000600037341L\n"  # the same code
        "N3,绿源食品有限公司,91320500MA1MYDXJ43\n"  # the same name, another company
        "N4,绿缘食品,\n"  # sounds the same
        "N5,毫无关系公司,\n"
    )
    result = bring_in(write_csv(tmp_path, text), "customers")
    told = next(one for one in result["notices"] if one["code"] == "possible_duplicate")
    assert (told["count"], told["examples"]) == (2, ["别名贸易行", "绿缘食品"])


def test_contacts_find_their_customer_by_number_or_name(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, CUSTOMERS), "customers")
    text = "客户,姓名,职务,手机,决策角色,主联系人\n江苏三木化工有限公司,张样例,经理,13800000000,采购,是\n无此公司,李样例,,,,\n"
    path = write_csv(tmp_path, text, "c.csv")
    result = bring_in(path, "contacts")
    assert (result["created"], result["refused"]) == (1, 1)
    one = Contact.objects.get()
    assert (one.chain_role, one.is_primary, one.customer.external_id) == ("buyer", True, "K1")
    assert bring_in(path, "contacts")["unchanged"] == 1


def test_products_keep_prices_exact(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path, '物料编码,物料名称,单位,参考价\nP1,98%浓硫酸,吨,"1,234.567891"\nP2,发烟硫酸,,\n'
    )
    assert bring_in(path, "products")["created"] == 2
    assert Product.objects.get(code="P1").list_price == Decimal("1234.567891")
    assert bring_in(path, "products")["unchanged"] == 2


def test_payments_without_numbers_are_told_apart_by_how_often_they_occur(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, CUSTOMERS), "customers")
    text = "客户编号,收款日期,收款金额\nK1,2024-01-05,100\nK1,2024-01-05,100\nK2,2024-01-06,-3.5\n"
    path = write_csv(tmp_path, text, "p.csv")
    result = bring_in(path, "payments")
    assert (result["created"], result["exact_duplicates"], result["total"]) == (3, 1, Decimal("196.5"))
    assert bring_in(path, "payments")["unchanged"] == 3
    more = bring_in(write_csv(tmp_path, text + "K1,2024-01-05,100\n", "q.csv"), "payments")
    assert (more["created"], more["unchanged"]) == (1, 3)
    assert Payment.objects.count() == 4


def test_receivables_settle_later(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, CUSTOMERS), "customers")
    head = "应收单号,客户编号,应收金额,已收金额,开票日期,到期日,结清日期\n"
    bring_in(write_csv(tmp_path, head + "R1,K1,100,0,2024-01-01,2024-02-01,\n", "r.csv"), "receivables")
    result = bring_in(
        write_csv(tmp_path, head + "R1,K1,100,100,2024-01-01,2024-02-01,2024-01-20\n", "s.csv"), "receivables"
    )
    assert result["updated"] == 1
    assert str(Receivable.objects.get().settled_on) == "2024-01-20"
    undo(result["id"])
    one = Receivable.objects.get()
    assert (one.settled_amount, one.settled_on) == (Decimal(0), None)


def test_undo_keeps_what_was_edited_merged_or_imported_again_since(tmp_path: Path) -> None:
    """An import; then a person edits, another merges, and a second import changes; then the first is undone."""
    lines = "单号,日期,客户编号,客户名称,产品编码,数量,单价\n" + "".join(
        f"S{n},2024-01-0{n},K{n},客户{n}公司,P{n},{n},10\n" for n in range(1, 8)
    )
    first = bring_in(write_csv(tmp_path, lines), "orders")
    # A person edits customer 1 and order 2.
    Customer.objects.filter(external_id="K1").update(city="苏州", version=2, updated_at=NOW)
    Order.objects.filter(number="S2").update(note="加急", version=2, updated_at=NOW)
    # Customer 3 is merged into customer 4.
    survivor = Customer.objects.get(external_id="K4")
    Customer.objects.filter(external_id="K3").update(merged_into=survivor, version=2)
    # A second import corrects line S5, and brings a line for customer 6.
    second = bring_in(
        write_csv(
            tmp_path,
            "单号,日期,客户编号,客户名称,产品编码,数量,单价\nS5,2024-01-05,K5,客户5公司,P5,50,10\nS9,2024-01-09,K6,客户6公司,P9,1,1\n",
            "b.csv",
        ),
        "orders",
    )
    assert (second["created"], second["updated"]) == (1, 1)

    result = undo(first["id"])
    kept = {one["object"] for one in result["kept"]}
    assert set(Customer.objects.values_list("external_id", flat=True)) == {"K1", "K2", "K3", "K4", "K5", "K6"}
    assert set(Order.objects.values_list("number", flat=True)) == {"S2", "S5", "S9"}
    assert OrderLine.objects.get(order__number="S5").quantity == 50
    assert not OrderLine.objects.filter(order__number="S2").exists()
    assert Order.objects.get(number="S2").amount == 0
    assert (
        len(kept) == 6 + 2 + 1 + 1
    )  # customers 1-6 (2 and 5 for their documents), documents S2 S5, line S5/1, product P5
    assert all(one["reason"] for one in result["kept"])

    # Undoing the second then restores what it changed and takes away what it made, and with it what was left of the
    # first for its sake alone; what people edited or merged stays.
    result = undo(second["id"])
    assert result["restored"] == 1
    assert set(Order.objects.values_list("number", flat=True)) == {"S2"}
    assert not OrderLine.objects.exists()
    assert set(Customer.objects.values_list("external_id", flat=True)) == {"K1", "K2", "K3", "K4"}


def test_undo_lists_a_change_that_was_changed_again(tmp_path: Path) -> None:
    bring_in(write_csv(tmp_path, CUSTOMERS), "customers")
    second = bring_in(write_csv(tmp_path, CUSTOMERS.replace("上海,无", "北京,无"), "b.csv"), "customers")
    Customer.objects.filter(external_id="K2").update(region="天津", version=3)
    result = undo(second["id"])
    assert result["restored"] == 0
    assert [one["object"] for one in result["kept"]] != []
    assert Customer.objects.get(external_id="K2").region == "天津"


def test_the_other_order_of_undoing_leaves_nothing_either(tmp_path: Path) -> None:
    before = count_facts()
    first = bring_in(write_csv(tmp_path, CUSTOMERS), "customers")
    second = bring_in(write_csv(tmp_path, CUSTOMERS.replace("上海,无", "北京,无"), "b.csv"), "customers")
    undo(second["id"])
    assert undo(first["id"])["kept"] == []
    assert count_facts() == before
    assert Import.objects.filter(state=Import.State.UNDONE).count() == 2


def test_undo_takes_the_tags_with_it_that_rules_gave_since(tmp_path: Path) -> None:
    """Computing metrics tags customers by rule; that follows from the facts and holds nothing back."""
    before = count_facts()
    told = Tag.objects.create(code="made-by-hand", label="人工标签")
    result = bring_in(write_csv(tmp_path, "客户编号,客户名称\nZ1,甲公司\nZ2,乙公司\n"), "customers")
    derived, held = Customer.objects.order_by("external_id")
    CustomerTag.objects.create(customer=derived, tag=told, by_rule=True)
    CustomerTag.objects.create(customer=held, tag=told, by_rule=False)
    undone = undo(result["id"])
    assert (undone["removed"], len(undone["kept"])) == (1, 1)
    assert "乙公司" in undone["kept"][0]["object"]
    assert list(CustomerTag.objects.values_list("customer_id", flat=True)) == [held.pk]
    CustomerTag.objects.all().delete()
    held.delete()
    told.delete()
    assert count_facts() == before


def test_what_only_a_later_import_needed_goes_with_it(tmp_path: Path) -> None:
    """Undone in the order of import, the last leaves nothing; what a person edited stays all the same."""
    before = count_facts()
    first = bring_in(write_csv(tmp_path, "客户编号,客户名称\nZ1,甲公司\nZ2,乙公司\n"), "customers")
    lines = write_csv(tmp_path, "订单号,日期,客户编号,产品,数量,单价\nS1,2026-01-05,Z1,P1,2,3\n", "lines.csv")
    second = bring_in(lines, "orders")
    assert len(undo(first["id"])["kept"]) == 1
    other = bring_in(write_csv(tmp_path, "客户编号,客户名称\nZ9,丙公司\n", "other.csv"), "customers")
    assert undo(second["id"])["kept"] == []
    assert Customer.objects.filter(external_id="Z1").exists()  # an import since may count on it
    assert undo(other["id"]) == {"id": other["id"], "removed": 2, "restored": 0, "kept": []}
    assert count_facts() == before


def test_what_an_earlier_undo_left_for_an_edit_stays_and_is_not_told_twice(tmp_path: Path) -> None:
    first = bring_in(write_csv(tmp_path, "客户编号,客户名称\nZ1,甲公司\n"), "customers")
    Customer.objects.filter(external_id="Z1").update(note="打过电话", version=2)
    second = bring_in(write_csv(tmp_path, "客户编号,客户名称\nZ2,乙公司\n", "more.csv"), "customers")
    assert len(undo(first["id"])["kept"]) == 1
    assert undo(second["id"])["kept"] == []
    assert Customer.objects.get().external_id == "Z1"


def test_a_customer_whose_complaint_came_meanwhile_stays_when_its_import_is_undone(tmp_path: Path) -> None:
    result = bring_in(write_csv(tmp_path, CUSTOMERS, encoding="gb18030"), "customers")
    open_case(actor=SYSTEM, customer=Customer.objects.get(external_id="K1"), text="演示：包装破损", now=NOW)
    undone = undo(result["id"])
    assert (undone["removed"], len(undone["kept"])) == (1, 1)
    assert "服务单" in undone["kept"][0]["reason"]
    assert Customer.objects.get().external_id == "K1"
    assert Case.objects.count() == 1
