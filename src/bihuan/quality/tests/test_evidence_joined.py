"""What happens to lots goes into the log once and in order, and a row that was altered behind our back is found by name."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from bihuan.config.cli import main
from bihuan.customers.models import Customer
from bihuan.kernel import outbox
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.files import read
from bihuan.quality import protection
from bihuan.quality.certificates import protection as certificates
from bihuan.quality.deciding import decide
from bihuan.quality.evidence import opens
from bihuan.quality.evidence_source import evidence_log
from bihuan.quality.evidencing import writing
from bihuan.quality.evidencing.entering import enter
from bihuan.quality.models import EvidenceEntry, EvidenceSalt, MovementLine, TestResult
from bihuan.quality.moving import reverse, ship
from bihuan.quality.postings import Take

from .certifying import Plant, make_plant, sign, work
from .plants import NOON, move, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def plant(settings, tmp_path: Path) -> Plant:
    """A lot that was received, tested, held, released, certified and shipped."""
    settings.HOME = tmp_path
    plant = make_plant()
    decide(actor=SYSTEM, lot=plant.lot, to="held", reason="演示·张三投诉", now=NOON)
    decide(actor=SYSTEM, lot=plant.lot, to="released", reason="复检合格", now=NOON)
    sign(plant, customer=plant.customer)
    ship(
        actor=SYSTEM,
        number="S1",
        at=NOON,
        takes=[Take(plant.lot, Decimal(10))],
        customer=plant.customer,
        now=NOON,
    )
    return plant


def logged() -> list[dict[str, Any]]:
    log = evidence_log()
    return [json.loads(log.entry(index)) for index in range(log.head().head.size)]


def verified(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[tuple[str, str]]]:
    status = main(["evidence", "verify"])
    answer = json.loads(capsys.readouterr().out)
    return status, [(one["at"], one["code"]) for one in answer["findings"]]


def test_each_fact_is_logged_once_in_order_without_a_name(plant: Plant) -> None:
    work()
    work()
    events = logged()
    assert [one["kind"] for one in events] == [
        "lot_made", "lot_tested", "lot_tested", "lot_released", "lot_released", "certificate_issued", "lot_shipped",
    ]  # fmt: skip
    assert [one.get("decision") for one in events[3:5]] == ["held", "released"]
    text = json.dumps(events, ensure_ascii=False)
    for name in (plant.customer.name, "张三", plant.signer.name, plant.contact.email):
        assert name not in text
    salt = EvidenceSalt.objects.get(entry__source="shipped", field="customer")
    assert opens(events[-1]["customer"], plant.customer.name, bytes(salt.salt))


def test_what_was_made_names_what_went_in(plant: Plant) -> None:
    receive("TP", "1\t甲 ", 5)
    move("produce", {("TP", "1\t甲 "): None}, {("ATP", "new"): None})
    work()
    made = logged()[-1]
    assert made["inputs"] == [{"lot": "1?甲", "product": "TP", "unit": "kg"}]
    assert "quantity" not in made  # nobody told


def test_a_posting_taken_back_stands_there_again_below_zero(plant: Plant, capsys) -> None:
    receive("TP", "1", 5)
    step = move("produce", {("TP", "1"): 5}, {("ATP", "new"): 5})
    reverse(actor=SYSTEM, movement=step, reason="演示", now=NOON)
    work()
    made, back = logged()[-2:]
    assert (made["quantity"], back["quantity"]) == ("5", "-5")
    assert (made["inputs"][0]["quantity"], back["inputs"][0]["quantity"]) == ("5", "-5")
    assert verified(capsys) == (0, [])


@pytest.mark.parametrize(
    ("statement", "kind", "code"),
    [
        ("UPDATE quality_testresult SET said = '99.9'", "lot_tested", "row_altered"),
        ("UPDATE quality_lotshipment SET quantity = quantity + 1", "lot_shipped", "row_altered"),
        ("UPDATE quality_testresult SET entered_by = '演示·李四'", "lot_tested", "row_altered"),
        ("UPDATE quality_movementline SET quantity = 90000000 WHERE is_output", "lot_made", "row_altered"),
        ("UPDATE quality_certificateversion SET sha256 = 'a'", "certificate_issued", "row_altered"),
        ("UPDATE quality_lotevent SET reason = 'x' WHERE kind = 'held'", "lot_released", "row_altered"),
        ("DELETE FROM quality_lotshipment", "lot_shipped", "row_missing"),
        ("DELETE FROM quality_evidenceentry WHERE source = 'shipped'", "lot_shipped", "row_missing"),
        ("UPDATE quality_lot SET number = 'other'", "lot_made", "row_altered"),
    ],
)
def test_a_row_altered_by_direct_sql_is_named(
    plant: Plant, capsys, statement: str, kind: str, code: str
) -> None:
    work()
    assert verified(capsys) == (0, [])
    places = [place for place, one in enumerate(logged()) if one["kind"] == kind]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for one in (*protection.unprotect(connection.vendor), *certificates.unprotect(connection.vendor)):
            cursor.execute(one)  # who may change the database's files may do this as well
        if "evidenceentry" in statement:
            EvidenceSalt.objects.all().delete()
        cursor.execute(statement)
    status, findings = verified(capsys)
    assert status == 1
    assert findings[0] == (f"row {places[0]}", code)


def test_a_customer_renamed_and_a_salt_erased_are_no_findings(plant: Plant, capsys) -> None:
    work()
    Customer.objects.update(name="演示·改名")
    EvidenceSalt.objects.all().delete()
    assert verified(capsys) == (0, [])


def test_a_writer_killed_before_it_noted_the_places_goes_on(
    plant: Plant, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    while outbox.deliver_due(NOON):
        pass

    def killed(*_args: Any, **_more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(writing, "keep_places", killed)
        with pytest.raises(KeyboardInterrupt):
            writing.write_waiting(NOON)
    assert EvidenceEntry.objects.filter(place=None).count() == len(logged()) == 7
    assert verified(capsys) == (0, [])  # those without a place are looked up
    assert writing.write_waiting(NOON) == 7
    assert len(logged()) == 7
    assert verified(capsys) == (0, [])


def test_what_waited_long_is_written_in_batches_in_its_order(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    work()
    monkeypatch.setattr(writing, "BATCH", 3)
    first = TestResult.objects.earliest("pk")
    for number in range(10):
        TestResult.objects.create(
            lot=plant.lot, characteristic=first.characteristic, said=str(number), value=number, tested_at=NOON
        )
    fresh = list(TestResult.objects.filter(pk__gt=first.pk + 1).values_list("pk", flat=True))
    assert enter("tested", reversed(fresh)) == 10
    assert enter("tested", fresh) == 0
    assert writing.write_waiting(NOON, most=2) == 6
    assert writing.write_waiting(NOON) == 4
    assert [one["value"] for one in logged()[7:]] == [str(number) for number in range(10)]


def test_an_entry_is_not_changed_but_for_its_place(plant: Plant) -> None:
    work()
    for change in ({"body": "{}"}, {"place": 99}):
        with pytest.raises(DatabaseError), transaction.atomic():
            EvidenceEntry.objects.filter(source="made").update(**change)


def test_a_bundle_of_a_lot_is_checked_without_us(plant: Plant, capsys, tmp_path: Path) -> None:
    out, script, head = tmp_path / "lot.json", tmp_path / "bihuan_verify.py", tmp_path / "head"
    receive("ATP", "other", 1)
    work()
    assert main(["evidence", "head"]) == 0
    head.write_text(capsys.readouterr().out, encoding="utf-8")
    move("receive", makes={("ATP", "third"): 1})
    assert main(["evidence", "bundle", "ATP/260302-1", "--head", str(head), "--out", str(out)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["lot"], answer["events"], answer["size"]) == ("ATP/260302-1", 7, 9)
    assert MovementLine.objects.filter(is_output=True).count() == 3
    digest = json.loads(json.loads(out.read_text(encoding="utf-8"))["leaves"][5]["event"])["document"]
    assert read(digest).startswith(b"%PDF")
    assert main(["evidence", "verifier", "--out", str(script)]) == 0
    words = [sys.executable, "-I", str(script), str(out), "--head", str(head)]
    assert subprocess.run(words, capture_output=True).returncode == 0
    assert main(["evidence", "bundle", "ATP/none"]) == 1
