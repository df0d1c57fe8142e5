"""Whoever reaches only some customers changes only those by a file, and undoes only imports of the own team."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bihuan.audit.models import Entry
from bihuan.customers.models import Contact, Customer
from bihuan.integration.importing.run import preview_import, run_import
from bihuan.integration.importing.undo import undo_import
from bihuan.integration.models import Import
from bihuan.integration.reading.errors import ImportRefused
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed, Scope
from bihuan.kernel.jobs import run_job, take_next_job
from bihuan.people import services
from bihuan.people.models import User
from bihuan.people.services import actor_for
from bihuan.sales.models import Order, OrderLine, Payment

from .files import COUNTS, NOW, accounted, bring_in, write_csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def east() -> User:
    """The manager of the east; 华南化工 (S1) is the south's, 华东化工 (E1) the east's."""
    teams = {name: services.create_team(actor=SYSTEM, name=name, now=NOW) for name in ("East", "South")}
    chief = services.create_user(
        actor=SYSTEM, username="east", name="East", roles=["manager"], team=teams["East"], now=NOW
    )
    for number, name, team in (("S1", "华南化工", "South"), ("E1", "华东化工", "East")):
        Customer.objects.create(
            external_id=number, name=name, name_key=name, team=teams[team], created_at=NOW, updated_at=NOW
        )
    return chief


def bring(user: User, path: Path, kind: str, **more: Any) -> dict[str, Any]:
    actor = actor_for(user)
    promised = preview_import(actor=actor, path=path, kind=kind, now=NOW, **more)
    result = run_import(actor=actor, path=path, kind=kind, now=NOW, **more)
    assert {name: promised[name] for name in COUNTS} == {name: result[name] for name in COUNTS}
    assert accounted(result)
    return result


def test_a_file_of_customers_leaves_those_of_other_teams_alone(tmp_path: Path, east: User) -> None:
    text = "客户编号,客户名称,电话\nS1,华南化工,020-1\nE1,华东化工,021-1\nE2,新客户,022-1\n"
    result = bring(east, write_csv(tmp_path, text), "customers")
    assert (result["created"], result["updated"], result["refused"]) == (1, 1, 1)
    phones = dict(Customer.objects.values_list("external_id", "phone"))
    assert phones == {"S1": "", "E1": "021-1", "E2": "022-1"}


def test_a_name_of_another_team_is_a_new_customer(tmp_path: Path, east: User) -> None:
    """A refusal would say that somebody else has this customer."""
    result = bring(east, write_csv(tmp_path, "客户名称,电话\n华南化工,020-1\n"), "customers")
    assert (result["created"], result["refused"]) == (1, 0)
    assert Customer.objects.get(name="华南化工", phone="020-1").owner_a_id == east.pk
    assert Customer.objects.get(external_id="S1").phone == ""


def test_a_persons_number_does_not_move_him_to_another_customer(tmp_path: Path, east: User) -> None:
    south = Customer.objects.get(external_id="S1")
    Contact.objects.create(customer=south, external_id="P1", name="李明", created_at=NOW, updated_at=NOW)
    text = "编号,客户编号,姓名\nP1,E1,李明\nP2,S1,王芳\nP3,E1,赵刚\n"
    mapping = {"columns": {"external_id": "编号", "customer_id": "客户编号", "name": "姓名"}}
    result = bring(east, write_csv(tmp_path, text), "contacts", mapping=mapping)
    assert (result["created"], result["updated"], result["refused"]) == (1, 0, 2)
    assert Contact.objects.get(external_id="P1").customer == south


def test_orders_of_another_team_gain_no_lines_and_change_no_hands(tmp_path: Path, east: User) -> None:
    first = "单号,日期,客户编号,产品名称,数量,单价\nA1,2024-03-01,S1,硫酸,10,2.5\n"
    bring_in(write_csv(tmp_path, first), "orders")
    # The same number for one's own customer; a new order for the other team's; one of one's own.
    text = (
        "单号,日期,客户编号,产品名称,数量,单价\nA1,2024-03-01,E1,硫酸,10,9\nA1,2024-03-01,E1,盐酸,1,1\n"
        "A2,2024-03-01,S1,硫酸,1,1\nA3,2024-03-01,E1,硫酸,1,1\n"
    )
    result = bring(east, write_csv(tmp_path, text, "b.csv"), "orders")
    assert (result["created"], result["updated"], result["refused"]) == (1, 0, 3)
    assert Order.objects.get(number="A1").customer == Customer.objects.get(external_id="S1")
    assert OrderLine.objects.filter(order__number="A1").count() == 1
    assert not Order.objects.filter(number="A2").exists()
    again = bring(east, write_csv(tmp_path, text, "c.csv"), "orders")
    assert (again["created"], again["unchanged"], again["refused"]) == (0, 1, 3)


def test_a_payment_is_not_booked_on_an_order_of_another_team(tmp_path: Path, east: User) -> None:
    bring_in(
        write_csv(tmp_path, "单号,日期,客户编号,产品名称,数量,单价\nA1,2024-03-01,S1,硫酸,10,2.5\n"), "orders"
    )
    text = "单号,客户编号,付款日期,金额\nA1,,2024-04-01,25\nA1,E1,2024-04-01,25\n"
    mapping = {
        "columns": {
            "order_number": "单号",
            "customer_id": "客户编号",
            "paid_on": "付款日期",
            "amount": "金额",
        }
    }
    result = bring(east, write_csv(tmp_path, text, "p.csv"), "payments", mapping=mapping)
    assert result["refused"] == 2
    assert not Payment.objects.exists()


def test_whoever_reaches_all_customers_is_not_held_back(tmp_path: Path, east: User) -> None:
    boss = services.create_user(actor=SYSTEM, username="boss", name="Boss", roles=["director"], now=NOW)
    text = "客户编号,客户名称,电话\nS1,华南化工,020-1\nE1,华东化工,021-1\n"
    assert bring(boss, write_csv(tmp_path, text), "customers")["updated"] == 2


def test_an_import_of_another_team_cannot_be_undone_by_its_number(tmp_path: Path, east: User) -> None:
    made = bring_in(write_csv(tmp_path, "客户名称\n甲公司\n"), "customers")
    with pytest.raises(ImportRefused) as refusal:
        undo_import(actor=actor_for(east), import_id=made["id"], now=NOW)
    assert refusal.value.code == "not_found_import"
    assert Customer.objects.filter(name="甲公司").exists()


def test_seeing_an_import_is_not_leave_to_undo_it(tmp_path: Path, east: User) -> None:
    made = bring_in(write_csv(tmp_path, "客户名称\n甲公司\n"), "customers")
    services.override_access(
        actor=SYSTEM, role="manager", object_name="import", action="view", scope=Scope.ALL,
        classes=["public"], now=NOW,
    )  # fmt: skip
    actor: Actor = actor_for(User.objects.get(pk=east.pk))
    with pytest.raises(NotAllowed):
        undo_import(actor=actor, import_id=made["id"], now=NOW)


def test_the_refused_rows_leave_in_a_file_and_the_journal_knows(client: Client, east: User) -> None:
    boss = services.create_user(actor=SYSTEM, username="boss", name="Boss", roles=["director"], now=NOW)
    client.force_login(boss)
    file = SimpleUploadedFile("a.csv", "客户名称,合作日期\n甲公司,昨天\n".encode())
    address = client.post("/imports/new/", {"file": file, "kind": "customers"})["Location"]
    columns = {"column.0": "name", "column.1": "customer_since"}
    for step, given in (("mapping/", columns), ("start/", {})):
        _work()
        client.post(f"{address}{step}", given)
    _work()
    answer = client.get(f"{address}refused/")
    assert answer.status_code == 200
    entry = Entry.objects.get(action="import.refused_rows_exported")
    assert entry.actor == f"staff:{boss.pk}"
    assert entry.object_id == str(Import.objects.get().pk)
    assert entry.after == {"format": "xlsx", "rows": 1}


def _work() -> None:
    while row := take_next_job(NOW):
        run_job(row, clock=lambda: NOW)
