"""A real plant's records come in whole, and an undo leaves nothing."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bihuan.config.testing import REPOSITORY, SHARED_DATA
from bihuan.integration.importing.facts import count_facts
from bihuan.integration.importing.undo import undo_import
from bihuan.integration.plant.run import import_plant
from bihuan.integration.reading.errors import ImportRefused
from bihuan.kernel.actor import SYSTEM
from bihuan.quality.models import Lot, LotEdge, LotEvent, ProcessReading, TestResult
from bihuan.quality.tracing import trace

MAPPING = REPOSITORY / "docs/plant/tablets.yaml"
REAL = SHARED_DATA / "pharma_batch"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db
real = pytest.mark.skipif(not REAL.is_dir(), reason="the real plant's records are not on this machine")


def mapping() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(MAPPING.read_text("utf-8"))
    return said


def rows(name: str) -> list[dict[str, str]]:
    with (REAL / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def bring(folder: Path = REAL, said: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return import_plant(actor=SYSTEM, folder=folder, mapping=said or mapping(), now=NOW, **more)


@real
def test_the_real_plant_comes_in_whole_and_goes_whole() -> None:
    before = count_facts()
    dry = bring(dry_run=True)
    assert count_facts() == before and dry["id"] is None
    result = bring()
    assert dry["kinds"] == result["kinds"] and not result["refused"]
    laboratory, process = rows("Laboratory_to_2019.csv"), rows("Process_to_2019.csv")
    assert len(laboratory) == len(process) == 536 == result["kinds"]["lots"]["created"]

    # Each raw lot's batches and each batch's raw lots, by a plain join
    joined: set[tuple[str, str, str, str]] = set()
    for row in laboratory:
        made = (f"TBL-{row['code'].strip()}", row["batch"].strip())
        joined.add((f"API-{row['api_code'].strip()}", row["api_batch"].strip(), *made))
        joined |= {(one.upper(), row[f"{one}_batch"].strip(), *made) for one in ("smcc", "lactose", "starch")}
    found = LotEdge.objects.values_list(
        "source__product__code", "source__number", "target__product__code", "target__number"
    )
    assert set(found) == joined and len(found) == len(joined)
    by_raw: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for code, number, product, batch in joined:
        by_raw[code, number].add((product, batch))
    for code, number in list(by_raw)[::20]:
        nodes = trace(SYSTEM, Lot.objects.get(product__code=code, number=number), up=False).nodes.values()
        assert {(one.product, one.number) for one in nodes if one.side == 1} == by_raw[code, number]

    # Every cell of every column: a result or a reading that says it, or a blank that was counted
    said = mapping()
    tests = defaultdict(set)
    for code, number, heading, text, sample in TestResult.objects.values_list(
        "lot__product__code", "lot__number", "characteristic__code", "said", "sample"
    ):
        tests[code, number, heading].add((text, sample))
    readings = {
        (code, number, heading): text
        for code, number, heading, text in ProcessReading.objects.values_list(
            "lot__product__code", "lot__number", "parameter", "said"
        )
    }
    blank = {"tests": 0, "readings": 0}
    for name, several in (("Laboratory_to_2019.csv", laboratory), ("Process_to_2019.csv", process)):
        file = said["files"][name]
        for row in several:
            made = (f"TBL-{row['code'].strip()}", row["batch"].strip())
            left = set(row) - {"batch", "code", "strength", "size", "start"}
            for one in file.get("raw", []):
                left -= {one["number"], "api_code"}
                raw = (
                    one["product"].replace("{api_code}", row["api_code"].strip()),
                    row[one["number"]].strip(),
                )
                for heading in one["tests"]:
                    left.discard(heading)
                    text = row[heading].strip()
                    blank["tests"] += not text
                    told = tests[*raw, heading]
                    assert not text or told & {(text, ""), (text, " ".join(made))}
                    assert text or not any(sample == " ".join(made) for _, sample in told)
            for heading in left:
                text = row[heading].strip()
                if heading in file["tests"]:
                    blank["tests"] += not text
                    assert tests[*made, heading] == ({(text, "")} if text else set())
                else:
                    blank["readings"] += not text
                    assert readings.get((*made, heading), "") == text
    assert blank == {kind: result["kinds"][kind]["blank"] for kind in blank}

    # Months by their names, texts as they stand
    august = {(f"TBL-{row['code']}", row["batch"]) for row in laboratory if row["start"] == "avg.19"}
    months = Lot.objects.filter(made_said="avg.19").values_list("product__code", "number", "made_at")
    assert {one[:2] for one in months} == august
    assert {one[2].astimezone().strftime("%Y") for one in months} == {"2019"}
    assert ProcessReading.objects.filter(parameter="weekend", said="no", value=None).count() == 510

    again = bring()
    assert again["kinds"]["lots"] == {"created": 0, "updated": 0, "unchanged": 536}
    assert not any(counts["created"] for counts in again["kinds"].values())
    undo_import(actor=SYSTEM, import_id=again["id"], now=NOW)
    undone = undo_import(actor=SYSTEM, import_id=result["id"], now=NOW)
    assert not undone["kept"] and count_facts() == before and not LotEdge.objects.exists()


def small(folder: Path, table: str) -> dict[str, Any]:
    (folder / "a.csv").write_text(table, "utf-8")
    return {
        "lot": {
            "product": "P{code}",
            "number": "no",
            "quantity": "kg",
            "unit": "kg",
            "made": "month",
            "months": {"maj": 5},
        },
        "files": {"a.csv": {"raw": [{"product": "R", "number": "raw"}], "tests": ["purity"]}},
    }


def test_the_same_number_of_two_codes_is_two_lots_and_texts_stay(tmp_path: Path) -> None:
    said = small(tmp_path, "code,no,kg,month,raw,purity\n1,7,10,maj.19,A,<0.05\n2,7, 20 ,maj.19,A,   \n")
    result = bring(tmp_path, said)
    assert Lot.objects.filter(number="7").count() == 2
    one = TestResult.objects.get()
    assert one.is_below_detection and one.value == 0.05 and result["kinds"]["tests"]["blank"] == 1
    assert {lot.made_at.isoformat() for lot in Lot.objects.filter(number="7")} == {
        "2019-04-30T16:00:00+00:00"
    }


def test_rows_that_cannot_be_are_refused_one_by_one(tmp_path: Path) -> None:
    said = small(
        tmp_path,
        "code,no,kg,month,raw,purity\n1,,10,maj.19,A,1\n1,2,x,maj.19,A,1\n1,3,10,juni,A,1\n1,4,10,maj.19,A,1\n",
    )
    result = bring(tmp_path, said)
    assert [one["row"] for one in result["refusals"]] == [2, 3, 4]
    assert list(Lot.objects.exclude(kind="raw").values_list("number", flat=True)) == ["4"]


def test_a_column_that_the_mapping_is_silent_about_is_refused(tmp_path: Path) -> None:
    said = small(tmp_path, "code,no,kg,month,raw,purity,colour\n1,1,10,maj.19,A,1,x\n")
    with pytest.raises(ImportRefused, match="colour"):
        bring(tmp_path, said)
    assert not Lot.objects.exists()


def test_a_lot_that_was_decided_about_stays_when_the_import_is_undone(tmp_path: Path) -> None:
    said = small(tmp_path, "code,no,kg,month,raw,purity\n1,1,10,maj.19,A,1\n1,2,10,maj.19,A,1\n")
    result = bring(tmp_path, said)
    LotEvent.objects.create(
        lot=Lot.objects.get(number="2"), at=NOW, kind="held", reason="x", actor="system", actor_name=""
    )
    undone = undo_import(actor=SYSTEM, import_id=result["id"], now=NOW)
    assert list(Lot.objects.values_list("number", flat=True)) == ["2"]
    assert any("2" in one["object"] for one in undone["kept"])
