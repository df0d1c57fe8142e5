"""Lists: every row exactly once, only readable columns and filters, files that run nothing, undo of what was done to many."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client

from bihuan.audit.models import Entry
from bihuan.customers.lists import CUSTOMERS
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import run_job
from bihuan.kernel.models import BulkRun, Job, SavedView
from bihuan.kernel.pages.exports import csv_cell, tame
from bihuan.kernel.pages.keyset import Order, is_nullable, read_position, take
from bihuan.people.models import User
from bihuan.people.services import actor_for, change_roles, create_team, create_user

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def director() -> User:
    return create_user(
        actor=SYSTEM, username="d", name="演示总监", roles=["director"], now=NOON, language="en"
    )


@pytest.fixture
def many() -> list[Customer]:
    """130 customers; many share a value, a third have none."""
    return Customer.objects.bulk_create(
        Customer(
            name=f"演示{number % 40:02d}化工",
            external_id=f"K{number:03d}",
            customer_since=None if number % 3 == 0 else date(2020, 1, 1) + timedelta(days=number % 20),
            region="江苏省" if number % 2 else "浙江省",
            status="active" if number % 5 else "lost",
            created_at=NOON,
            updated_at=NOON,
        )
        for number in range(130)
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def walk(rows: QuerySet[Customer], order: Order, size: int, backwards: bool) -> list[int]:
    seen: list[int] = []
    position = None
    for _step in range(200):
        found, more = take(rows, order, size, position, backwards, ("name",))
        page = [row[0] for row in found]
        seen = page + seen if backwards else seen + page
        if not more:
            return seen
        edge = found[0] if backwards else found[-1]
        position = read_position(order.position(edge[1], edge[0]).token())
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("path", ["name", "customer_since", "owner_a__name", "pk"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_show_every_row_once_in_one_order_both_ways(many: list[Customer], path: str, descending: bool):
    rows = Customer.objects.all()
    order = Order(path, descending, is_nullable(Customer, path))
    forwards = walk(rows, order, 17, False)
    assert sorted(forwards) == sorted(one.pk for one in many)
    assert walk(rows, order, 17, True) == forwards
    values = dict(rows.values_list("pk", path))
    known = [values[key] for key in forwards if values[key] is not None]
    assert known == sorted(known, reverse=descending)
    assert all(values[key] is None for key in forwards[len(known) :])  # those without a value come last


@pytest.mark.parametrize("token", ["", "x", "W10", "bm90IGpzb24", "WzAsIm5vdCBhIGRhdGUiLDFd", "%00", "😀"])
def test_a_broken_position_begins_at_the_start(many: list[Customer], director: User, token: str):
    answer = signed_in(director).get("/customers/", {"after": token, "sort": "customer_since"})
    assert answer.status_code == 200
    assert answer.content.count(b'name="ids"') == 50


@pytest.mark.parametrize(
    "query",
    [
        "completeness.from=abc",
        "customer_since.to=2026-13-45",
        "completeness.from=NaN",
        "completeness.to=1e999",
        "mine=7",
    ],
)
def test_a_filter_that_makes_no_sense_is_left_out_and_said(many: list[Customer], director: User, query: str):
    answer = signed_in(director).get(f"/customers/?{query}")
    assert answer.status_code == 200
    assert "was not understood" in answer.content.decode()
    assert answer.content.count(b'name="ids"') == 50


def test_filters_columns_and_order_stand_in_the_address(many: list[Customer], director: User):
    state = CUSTOMERS.state(
        actor_for(director), QueryDict("region=江苏省&status=lost&columns=name,nonsense,region&sort=-name")
    )
    assert [one.name for one in state.columns] == ["name", "region"]
    assert state.descending and state.sort is not None and state.sort.name == "name"
    assert state.count() == Customer.objects.filter(region="江苏省", status="lost").count() > 0


def test_unreadable_columns_cannot_be_chosen_sorted_or_filtered_by(many: list[Customer]):
    reader = create_user(actor=SYSTEM, username="t", name="演示技术", roles=["technical"], now=NOON)
    state = CUSTOMERS.state(
        actor_for(reader), QueryDict("columns=name,revenue_12m&sort=-revenue_12m&revenue_12m.from=1")
    )
    assert "revenue_12m" not in {one.name for one in state.columns} | {one.name for one in state.possible}
    assert state.sort is None or state.sort.name == "name"
    assert "revenue_12m" not in state.values
    assert signed_in(reader).get("/lists/customers/export/").status_code == 403


def test_next_and_previous_follow_the_list_that_was_left(many: list[Customer], director: User):
    state = CUSTOMERS.state(actor_for(director), QueryDict("region=江苏省&sort=-name"))
    keys = [row[0] for row in state.take(200)[0]]
    for before, here, after in zip(keys, keys[1:], keys[2:], strict=False):
        assert state.neighbour(here, True) == before
        assert state.neighbour(here, False) == after
    assert state.neighbour(keys[0], True) is None
    page = signed_in(director).get(
        f"/lists/customers/{keys[3]}/neighbours/", {"in": "region=江苏省&sort=-name"}
    )
    assert f"/customers/{keys[4]}/" in page.content.decode()


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "=HYPERLINK(1)"]
)
def test_a_cell_that_would_run_is_made_text(text: str):
    assert tame(text) == "'" + text
    assert csv_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["-12.5", "+8613800000000", "演示化工", "1=1"])
def test_numbers_and_words_are_left_alone(text: str):
    assert csv_cell(text) == text


def test_files_hold_the_whole_filter_and_are_journalled(many: list[Customer], director: User):
    Customer.objects.filter(pk=many[0].pk).update(name='=cmd|"/c calc"!A1', region="江苏省")
    client = signed_in(director)
    wanted = Customer.objects.filter(region="江苏省").count()
    answer = client.get("/lists/customers/export/?format=csv&region=江苏省&columns=name,external_id")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == wanted + 1
    assert any(row[0].startswith("'=cmd") for row in rows)
    book = client.get("/lists/customers/export/?format=xlsx&region=江苏省&columns=name,external_id")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet is not None and sheet.max_row == wanted + 1
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}  # never "f", a formula
    entries = Entry.objects.filter(action="list.exported")
    assert [entry.after["rows"] for entry in entries if entry.after] == [wanted, wanted]
    assert client.get("/lists/customers/export/?format=exe").status_code == 404
    assert client.get("/lists/nothing/export/").status_code == 404


def test_a_view_is_kept_shared_and_deleted_by_its_owner_alone(many: list[Customer], director: User):
    client = signed_in(director)
    client.post(
        "/lists/customers/views/",
        {"name": "江苏", "query": "region=江苏省&after=x", "shared": "1"},
        follow=True,
    )
    view = SavedView.objects.get()
    assert QueryDict(view.query).dict() == {"region": "江苏省"}
    noted = Entry.objects.get(action="view.saved")
    assert (noted.object_name, noted.after) == (
        "江苏",
        {"page": "customers", "query": view.query, "is_shared": True},
    )
    other = create_user(
        actor=SYSTEM, username="o", name="演示审计", roles=["auditor"], now=NOON, language="en"
    )
    assert "江苏" in signed_in(other).get("/customers/").content.decode()
    assert signed_in(other).post(f"/lists/views/{view.pk}/delete/").status_code == 404
    assert client.post(f"/lists/views/{view.pk}/delete/").status_code == 302
    assert not SavedView.objects.exists()
    assert Entry.objects.get(action="view.deleted").before == noted.after


def test_an_action_over_the_whole_filter_is_done_and_undone(many: list[Customer], director: User):
    client = signed_in(director)
    before = dict(Customer.objects.values_list("pk", "status"))
    given = {"whole": "1", "query": "region=江苏省", "status": "dormant"}
    dialog = client.get("/lists/customers/bulk/status/", given, headers={"HX-Request": "true"})
    assert "65 records" in dialog.content.decode()
    client.post("/lists/customers/bulk/status/", {**given, "sure": "1"}, headers={"HX-Request": "true"})
    job = run_job(Job.objects.get(kind="pages.bulk"), clock=lambda: NOON)
    assert job.state == "done", job.message
    assert Customer.objects.filter(status="dormant").count() == 65
    Customer.objects.filter(pk=many[1].pk).update(status="active", version=99)  # somebody changed one since
    run = BulkRun.objects.get()
    client.post(f"/lists/bulk/{run.pk}/undo/", headers={"HX-Request": "true"})
    job = run_job(Job.objects.get(kind="pages.bulk_undo"), clock=lambda: NOON)
    assert job.state == "done", job.message
    assert job.result == {"restored": 64, "kept": 1}
    after = dict(Customer.objects.values_list("pk", "status"))
    assert {key for key in before if before[key] != after[key]} <= {many[1].pk}
    assert client.post(f"/lists/bulk/{run.pk}/undo/").status_code == 404  # not twice


def test_whoever_lost_the_right_does_not_take_back_either(many: list[Customer], director: User):
    client = signed_in(director)
    given = {"whole": "1", "query": "region=江苏省", "status": "dormant", "sure": "1"}
    client.post(
        "/lists/customers/bulk/status/", given, headers={"HX-Request": "true"}, REMOTE_ADDR="10.4.4.4"
    )
    run_job(Job.objects.get(kind="pages.bulk"), clock=lambda: NOON)
    # What the worker did counts as done from where it was asked for.
    noted = Entry.objects.filter(action="customer.edited").first()
    assert noted is not None
    assert (noted.actor, noted.via, noted.address) == (f"staff:{director.pk}", "job", "10.4.4.4")
    run = BulkRun.objects.get()
    client.post(f"/lists/bulk/{run.pk}/undo/", headers={"HX-Request": "true"})  # asked for, not yet done
    change_roles(actor=SYSTEM, user=director, roles=["service_agent"], now=NOON)
    job = run_job(Job.objects.get(kind="pages.bulk_undo"), clock=lambda: NOON)
    assert job.state == "failed"
    assert client.post(f"/lists/bulk/{run.pk}/undo/", headers={"HX-Request": "true"}).status_code == 403
    assert Customer.objects.filter(status="dormant").count() == 65


def test_an_action_reaches_only_what_the_actor_may_change(many: list[Customer], director: User):
    team = create_team(actor=SYSTEM, name="East", now=NOON)
    seller = create_user(
        actor=SYSTEM, username="s", name="演示销售", roles=["salesperson"], team=team, now=NOON, language="en"
    )
    Customer.objects.filter(pk__in=[many[1].pk, many[2].pk]).update(owner_a=seller)
    client = signed_in(seller)
    ids = [one.pk for one in many[:10]]
    client.post(
        "/lists/customers/bulk/status/",
        {"ids": ids, "status": "lost", "sure": "1"},
        headers={"HX-Request": "true"},
    )
    assert run_job(Job.objects.get(), clock=lambda: NOON).state == "done"
    changed = Customer.objects.filter(status="lost", version__gt=1).values_list("pk", flat=True)
    assert set(changed) == {many[1].pk, many[2].pk}
    assert client.get("/lists/customers/bulk/owner_a/", {"ids": ids}).status_code == 403


def test_the_worker_knows_the_lists_jobs():
    code = (
        "import django; django.setup(); from bihuan.kernel.jobs import load_jobs;"
        "assert {'pages.bulk', 'pages.bulk_undo'} <= set(load_jobs())"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
