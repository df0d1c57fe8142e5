"""A made company is coherent, repeatable, visibly made up, and tells its truths to the file only."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Avg, F, Sum
from stdnum.cn import uscc

from bihuan.config.cli import main
from bihuan.customers.models import Contact, Customer, CustomerFact
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.console import CommandRefused
from bihuan.kernel.models import LakeChange
from bihuan.packs.pack import PACKS
from bihuan.packs.services import install_pack
from bihuan.packs.simulation.ahead import finished_blocks
from bihuan.packs.simulation.companies import credit_code, stem
from bihuan.packs.simulation.load import TABLES, bulk_load, run_sql
from bihuan.packs.simulation.plan import as_list
from bihuan.packs.simulation.run import Made, simulate
from bihuan.people.models import User
from bihuan.sales.models import Order, OrderLine, Payment, Receivable

from .made import UNTIL, plan_of

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


def make(pack: str = "terpene", customers: int = 300, seed: int = 1, truths: Path | None = None) -> Made:
    install_pack(pack, now=NOW)
    return simulate(
        actor=SYSTEM, pack=pack, customers=customers, years=3, seed=seed, until=UNTIL, now=NOW, truths=truths
    )


def index_names() -> set[str]:
    names: set[str] = set()
    with connection.cursor() as cursor:
        for name in TABLES:
            table = apps.get_model(name)._meta.db_table
            found = connection.introspection.get_constraints(cursor, table)
            names |= {f"{table}.{one}" for one in found}
    return names


@pytest.mark.django_db
@pytest.mark.parametrize("pack", PACKS)
def test_every_industry_makes_a_coherent_company(pack: str) -> None:
    before = index_names()
    made = make(pack, customers=200)
    assert (made.customers, made.orders, made.lines) == (
        Customer.objects.count(), Order.objects.count(), OrderLine.objects.count(),
    )  # fmt: skip
    assert made.lines > made.customers * 3
    connection.check_constraints()
    assert index_names() == before

    by_order = dict(OrderLine.objects.values_list("order").annotate(Sum("amount")))
    assert all(by_order[number] == amount for number, amount in Order.objects.values_list("pk", "amount"))
    counted = {one.order_id for one in OrderLine.objects.only("order_id")}
    assert counted == set(Order.objects.values_list("pk", flat=True))
    assert all(q * p == a for q, p, a in OrderLine.objects.values_list("quantity", "price", "amount"))
    assert not OrderLine.objects.exclude(customer=F("order__customer")).exists()
    assert not OrderLine.objects.exclude(ordered_on=F("order__ordered_on")).exists()
    assert not OrderLine.objects.filter(promised_on__lt=F("ordered_on")).exists()
    assert not OrderLine.objects.filter(delivered_on__lt=F("ordered_on")).exists()
    assert not OrderLine.objects.filter(ordered_on__gt=UNTIL).exists()
    assert not OrderLine.objects.filter(delivered_on__gt=UNTIL).exists()
    assert not Payment.objects.filter(paid_on__gt=UNTIL).exists()

    back = OrderLine.objects.filter(kind=OrderLine.Kind.CANCELLATION).select_related(
        "cancels", "order", "cancels__order"
    )
    assert back.exists()
    for one in back:
        assert one.cancels is not None and one.quantity < 0
        assert (one.product_id, one.price, one.customer_id) == (
            one.cancels.product_id, one.cancels.price, one.cancels.customer_id,
        )  # fmt: skip
        assert -one.quantity <= one.cancels.quantity
        assert one.order.kind == Order.Kind.CREDIT_NOTE and one.ordered_on > one.cancels.ordered_on


@pytest.mark.django_db
def test_what_was_settled_is_what_was_paid() -> None:
    make()
    settled = dict(Receivable.objects.values_list("customer").annotate(Sum("settled_amount")))
    paid = dict(Payment.objects.values_list("customer").annotate(Sum("amount")))
    assert {who: amount for who, amount in settled.items() if amount} == {
        who: amount for who, amount in paid.items() if amount
    }
    assert (
        not Receivable.objects.filter(settled_on__isnull=False).exclude(settled_amount=F("amount")).exists()
    )
    assert not Receivable.objects.filter(settled_on__isnull=True, settled_amount=F("amount")).exists()
    assert Receivable.objects.filter(settled_on__isnull=True, due_on__lt=UNTIL).exists()


@pytest.mark.django_db
def test_nobody_takes_the_made_for_real() -> None:
    make()
    for one in Customer.objects.all():
        assert one.name.endswith("（演示）")
        assert re.fullmatch(r"1250\d{7}", one.phone)
        assert one.email == "" or one.email.endswith("@example.com")
        assert one.credit_code == "" or (
            uscc.is_valid(one.credit_code) and one.credit_code.startswith("91999999")
        )
    assert all(name.endswith("（演示）") for name in Contact.objects.values_list("name", flat=True))
    assert all(name.startswith("演示·") for name in User.objects.values_list("name", flat=True))


def test_credit_codes_and_trade_names_do_not_repeat() -> None:
    assert len({credit_code(number) for number in range(3_000)}) == 3_000
    for customers in (400, 5_000, 60_000):
        assert len({stem(number, customers) for number in range(1, customers + 1)}) == customers


@pytest.mark.django_db
def test_customers_have_owners_people_sites_and_facts() -> None:
    make()
    assert not Customer.objects.filter(owner_a__isnull=True).exists()
    assert not Customer.objects.filter(owner_a=F("owner_b")).exists()
    assert not Customer.objects.exclude(team=F("owner_a__team")).exists()
    assert not Customer.objects.filter(contacts__isnull=True).exists()
    assert Customer.objects.filter(sites__isnull=False).exists()
    assert set(CustomerFact.objects.values_list("name", flat=True)) >= {"industry", "strategic_fit"}
    assert Customer.objects.filter(name_key="").count() == 0
    assert 50 < Customer.objects.aggregate(mean=Avg("completeness"))["mean"] < 95
    assert Customer.objects.filter(status="prospect", orders__isnull=False).count() == 0
    assert {one.dataset for one in LakeChange.objects.all()} >= {"order_lines", "customers", "receivables"}


def digest(customers: int, seed: int, pack: str = "steel") -> str:
    found = hashlib.sha256()
    for block in finished_blocks(plan_of(pack, customers, seed), {}):
        for table in block.tables:
            found.update(f"{table.name} {table.rows}".encode())
            for name, column in table.columns.items():
                same = isinstance(column, str | int | float | None)
                found.update(repr((name, column if same else as_list(column))).encode())
        found.update(json.dumps(block.truths).encode())
    return found.hexdigest()


def test_the_same_seed_gives_the_same_facts() -> None:
    assert digest(250, 7) == digest(250, 7)
    assert digest(250, 7) != digest(250, 8)


def test_making_ahead_in_another_process_gives_the_same_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    from bihuan.packs.simulation import ahead

    apart = digest(3_000, 7, "sulfuric_acid")
    monkeypatch.setattr(ahead, "WORTH_A_PROCESS", 10**9)
    assert digest(3_000, 7, "sulfuric_acid") == apart


@pytest.mark.django_db
def test_truths_are_told_to_the_file_and_nowhere_else(tmp_path: Path) -> None:
    file = tmp_path / "truths.jsonl"
    make(customers=300, truths=file)
    head, *truths = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert head == {"pack": "terpene", "customers": 300, "years": 3, "seed": 1, "until": "2026-11-22"}
    kinds = {one["truth"] for one in truths}
    assert kinds == {"leaving", "grew", "duplicates", "repeats", "cause"}
    known = dict(Customer.objects.values_list("external_id", "pk"))
    for one in truths:
        if one["truth"] not in (
            "repeats",
            "cause",
        ):  # of cases and of lots: see `test_made_cases` and `test_made_plants`
            assert set(one.get("customers", [one.get("customer")])) <= set(known)
        if one["truth"] == "leaving":
            assert 60 <= (UNTIL - date.fromisoformat(one["from"])).days <= 260
    told = {word for one in truths for word in (one["truth"], *one.get("ways", []))} - {"duplicates"}
    assert [found for found in words_in_the_database() if any(word in found for word in told)] == []


def words_in_the_database() -> set[str]:
    """Every text in every table of facts."""
    found: set[str] = set()
    for name in TABLES:
        model = apps.get_model(name)
        texts = [
            one.name
            for one in model._meta.concrete_fields
            if one.get_internal_type() in ("CharField", "TextField", "JSONField")
        ]
        if texts:
            for row in model._default_manager.values_list(*texts).iterator():
                found.update(str(value) for value in row if value)
    return found


@pytest.mark.django_db
def test_the_same_company_entered_twice_can_be_recognised(tmp_path: Path) -> None:
    file = tmp_path / "truths.jsonl"
    make(customers=600, truths=file)
    pairs = [
        json.loads(line)["customers"]
        for line in file.read_text(encoding="utf-8").splitlines()
        if '"duplicates"' in line
    ]
    assert 8 <= len(pairs) <= 14
    for first, second in pairs:
        a, b = Customer.objects.get(external_id=first), Customer.objects.get(external_id=second)
        assert a.name != b.name
        assert a.credit_code == b.credit_code or "" in (a.credit_code, b.credit_code)
        assert a.region == b.region


@pytest.mark.django_db
def test_a_second_made_company_stands_beside_the_first() -> None:
    make(customers=120)
    make(customers=130, seed=2)
    assert Customer.objects.count() == 250
    connection.check_constraints()


@pytest.mark.django_db
def test_real_customers_are_never_mixed_with_made_ones() -> None:
    install_pack("steel", now=NOW)
    Customer.objects.create(name="宁波一家公司", created_at=NOW, updated_at=NOW)
    with pytest.raises(CommandRefused):
        make("steel")
    assert install_pack("steel", demo=True, now=NOW) == {"customers": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments",
    [
        ["--pack", "stel"],
        ["--pack", "steel", "--customers", "0"],
        ["--pack", "steel", "--years", "99"],
        ["--pack", "steel", "--seed", "-1"],
        ["--pack", "steel", "--truths", "/no/such/folder/truths"],
    ],
)
def test_bad_use_is_refused_before_anything_is_written(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *arguments]) == 2
    assert capsys.readouterr().err.strip()
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_the_command_answers_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(
        ["simulate", "--pack", "steel", "--customers", "100", "--years", "2", "--seed", "3", "--json"]
    )
    answer = json.loads(capsys.readouterr().out)
    assert status == 0
    assert set(answer) == {"customers", "orders", "lines", "seconds"}
    assert answer["customers"] == 100 and answer["lines"] == OrderLine.objects.count()


@pytest.mark.django_db
@pytest.mark.parametrize(("customers", "years"), [(1, 1), (2, 20), (30, 1)])
def test_the_smallest_and_longest_companies_work(customers: int, years: int) -> None:
    install_pack("steel", now=NOW)
    made = simulate(
        actor=SYSTEM, pack="steel", customers=customers, years=years, seed=1, until=UNTIL, now=NOW
    )
    assert made.customers == customers
    connection.check_constraints()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own sorting")
def test_big_indexes_are_sorted_on_disk_so_that_a_million_customers_fit_in_memory() -> None:
    def kept_in() -> int:
        return int(run_sql("PRAGMA temp_store")[0][0])

    on_disk, in_memory = 1, 2
    assert kept_in() == in_memory
    with bulk_load():
        assert kept_in() == on_disk
    assert kept_in() == in_memory
