"""A press's readings, ten seconds apart, become sealed series of the batches; every row and every blank is accounted for."""

from __future__ import annotations

import csv
import gzip
import math
import statistics
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bihuan.config.testing import REPOSITORY, SHARED_DATA
from bihuan.integration.importing.undo import undo_import
from bihuan.integration.plant.run import import_plant
from bihuan.integration.reading.errors import ImportRefused
from bihuan.kernel import outbox
from bihuan.kernel.actor import SYSTEM
from bihuan.quality.models import Lot, ProcessReading, ReadingSeries
from bihuan.quality.series.files import lake_root, place_of, read_points
from bihuan.quality.tests.plants import receive

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MAPPING = REPOSITORY / "docs/plant/tablets-series.yaml"
REAL = SHARED_DATA / "pharma_batch/sensor_code_6_to_2019.csv.gz"
pytestmark = pytest.mark.django_db
real = pytest.mark.skipif(not REAL.is_file(), reason="the real plant's records are not on this machine")


@pytest.fixture(autouse=True)
def lake(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path / "home"
    return tmp_path / "home/lake/series"


def bring(folder: Path, said: dict[str, Any], **more: Any) -> dict[str, Any]:
    return import_plant(actor=SYSTEM, folder=folder, mapping=said, now=NOW, **more)


def small(folder: Path, table: str | bytes, **series: Any) -> dict[str, Any]:
    (folder / "s.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    told = {"time": "time", "zone": "UTC", "steps": {"dry": ["temperature", "flow"]}, **series}
    limits = {"temperature": {"set_point": 80, "lower": 70, "upper": 90}}
    return {
        "lot": {"product": "P", "number": "lot"},
        "files": {"s.csv": {"series": told, "set_points": limits}},
        "units": {"temperature": "°C"},
    }


def points(row: ReadingSeries) -> list[tuple[int, float | None]]:
    path = place_of(row.file)
    assert path is not None
    times, values = read_points(path, row.parameter)
    return [
        (at, None if math.isnan(value) else value)
        for at, value in zip(times.tolist(), values.tolist(), strict=True)
    ]


@real
def test_the_real_press_comes_in_whole(lake: Path) -> None:
    said = yaml.safe_load(MAPPING.read_text("utf-8"))
    del said["files"]["sensor_code_3_to_2019.csv.gz"]
    with gzip.open(REAL, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    batches = sorted({row["batch"] for row in rows})
    for number in batches[1:]:
        receive("TBL-6", number, 1)
    lot = Lot.objects.get(number=batches[1])
    mean = ProcessReading.objects.create(
        lot=lot, step="compression", parameter="fom", statistic="mean", value=1, said="1"
    )
    result = bring(REAL.parent, said)

    # Each row is in a series, or refused with its number: the batch that is not there
    alone = sum(row["batch"] == batches[0] for row in rows)
    kinds = result["kinds"]
    assert result["rows"] == len(rows) and result["refused"] == alone == kinds["series_rows"]["refused"]
    assert (
        kinds["series_rows"]["created"] == len(rows) - alone and batches[0] in result["refusals"][0]["reason"]
    )
    parameters = said["files"][REAL.name]["series"]["steps"]["compression"]
    assert kinds["series"]["created"] == len(parameters) * (len(batches) - 1)
    assert len(list(lake.rglob("*.parquet"))) == len(batches) - 1

    # Every cell of every row
    zone = ZoneInfo("Europe/Ljubljana")
    told: dict[tuple[str, str], list[tuple[int, float | None]]] = defaultdict(list)
    for row in rows:
        at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=zone)
        for one in parameters:
            value = float(row[one]) if row[one].strip() else None
            told[row["batch"], one].append((round(at.timestamp() * 1_000_000), value))
    for found in ReadingSeries.objects.select_related("lot"):
        expected = sorted(told[found.lot.number, found.parameter], key=lambda one: one[0])
        assert points(found) == expected and found.count == len(expected)
        assert len(found.shape) <= 500
        present = [value for _at, value in expected if value is not None]
        assert max(value for _at, value in found.shape) == max(present) == found.summary["max"]
        assert found.summary["median"] == statistics.median(present)
    one = ReadingSeries.objects.get(lot=lot, parameter="tbl_fill")
    present = [value for _at, value in told[lot.number, "tbl_fill"] if value is not None]
    kept = dict(
        ProcessReading.objects.filter(lot=lot, parameter="tbl_fill").values_list("statistic", "value")
    )
    assert kept["sd"] == pytest.approx(statistics.stdev(present)) and kept["min"] == min(present)
    assert kept["mean"] == pytest.approx(statistics.fmean(present)) and one.blank == one.count - len(present)

    # What was given stays; the same again is nothing; undone, nothing of it is left
    mean.refresh_from_db()
    assert mean.said == "1" and set(kept) == {"mean", "median", "sd", "min", "max"}
    again = bring(REAL.parent, said)["kinds"]
    assert again["series"] == {"created": 0, "updated": 0, "unchanged": kinds["series"]["created"]}
    assert again["points"]["unchanged"] == kinds["points"]["created"] and not again["summaries"]["created"]


def test_odd_cells_odd_times_and_odd_files(tmp_path: Path) -> None:
    receive("P", "甲1", 1)
    table = (
        "lot,time,temperature,flow\n"
        "甲1,2026-03-01T08:00:02+08:00,81,\n"  # 00:00:02 in UTC, out of order
        "甲1,2026/3/1 0:00:01,NaN,1\n"
        " 甲1 ,2026-03-01 00:00:01,95.5,坏\n"
        "甲1,2026年3月1日 0:00:03,7e1,<3\n"
        "甲1,someday,1,1\n"
        "乙,2026-03-01 00:00:01,1,1\n"
    )
    result = bring(tmp_path, small(tmp_path, table.encode("gb18030")))
    assert [one["row"] for one in result["refusals"]] == [6, 7] and result["rows"] == 6
    rows = result["kinds"]["series_rows"]
    assert (rows["created"], rows["refused"], rows["out_of_order"], rows["same_time"]) == (4, 2, 1, 1)
    assert result["kinds"]["points"] == {
        "created": 4,
        "updated": 0,
        "unchanged": 0,
        "blank": 4,
        "unreadable": 2,
    }
    start = round(datetime(2026, 3, 1, tzinfo=UTC).timestamp() * 1_000_000)
    temperature = ReadingSeries.objects.get(parameter="temperature")
    assert points(temperature) == [
        (start + 1_000_000, None), (start + 1_000_000, 95.5), (start + 2_000_000, 81.0), (start + 3_000_000, 70.0),
    ]  # fmt: skip
    assert temperature.summary["outside"] == 1 and temperature.unit == "°C" and temperature.upper == 90
    assert ReadingSeries.objects.get(parameter="flow").blank == 3


def test_hours_that_come_twice_and_never(tmp_path: Path) -> None:
    receive("P", "1", 1)
    table = "lot,time,temperature,flow\n1,2019-10-27 02:30:00,1,1\n1,2019-10-27 03:30:00,2,1\n1,2019-03-31 02:30:00,0,1\n"
    bring(tmp_path, small(tmp_path, table, zone="Europe/Ljubljana"))
    times = [at // 1_000_000 for at, _value in points(ReadingSeries.objects.get(parameter="temperature"))]
    assert [datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M") for at in times] == [
        "03-31 01:30", "10-27 00:30", "10-27 02:30",
    ]  # fmt: skip


def test_other_content_is_refused_and_an_empty_file_is_nothing(tmp_path: Path, lake: Path) -> None:
    lot = receive("P", "1", 1)
    said = small(tmp_path, "lot,time,temperature,flow\n1,2026-03-01 00:00:00,80,1\n")
    assert bring(tmp_path, said, dry_run=True)["kinds"]["series"]["created"] == 2
    assert not ReadingSeries.objects.exists() and not list(lake.rglob("*.parquet*"))
    bring(tmp_path, said)
    small(tmp_path, "lot,time,temperature,flow\n1,2026-03-01 00:00:00,80.1,1\n")
    result = bring(tmp_path, said)
    assert result["kinds"]["series"] == {"created": 0, "updated": 0, "unchanged": 1}
    assert result["refused"] == 1 and "temperature" in result["refusals"][0]["reason"]
    assert points(ReadingSeries.objects.get(lot=lot, parameter="temperature"))[0][1] == 80.0
    small(tmp_path, "lot,time,temperature,flow\n")
    with pytest.raises(ImportRefused):
        bring(tmp_path, said)


def test_undone_series_go_with_their_files_and_sealed_ones_stay(
    tmp_path: Path, lake: Path, django_capture_on_commit_callbacks: Any
) -> None:
    receive("P", "1", 1)
    said = small(tmp_path, "lot,time,temperature,flow\n1,2026-03-01 00:00:00,80,1\n")
    first = bring(tmp_path, said)
    with django_capture_on_commit_callbacks(execute=True):
        undone = undo_import(actor=SYSTEM, import_id=first["id"], now=NOW)
    assert not undone["kept"] and not ReadingSeries.objects.exists() and not list(lake.rglob("*"))
    assert not ProcessReading.objects.exists()
    second = bring(tmp_path, said)
    while outbox.deliver_due(NOW):
        pass
    with django_capture_on_commit_callbacks(execute=True):
        undone = undo_import(actor=SYSTEM, import_id=second["id"], now=NOW)
    assert len(undone["kept"]) == 2 and "P 1 temperature" in undone["kept"][0]["object"]
    assert ReadingSeries.objects.count() == 2 and len(list(lake.rglob("*.parquet"))) == 1


@pytest.mark.parametrize(
    "series",
    [
        {"zone": "Mars/Olympus"},
        {"steps": {"dry": ["temperature", "temperature"]}},
        {"time": ""},
        {"steps": {}},
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_the_place(tmp_path: Path, series: dict[str, Any]) -> None:
    with pytest.raises(ImportRefused, match=r"files\.s\.csv\.series"):
        bring(tmp_path, small(tmp_path, "lot,time,temperature,flow\n", **series))


def test_an_import_that_fails_leaves_no_file(tmp_path: Path, lake: Path) -> None:
    receive("P", "1", 1)
    said = small(tmp_path, "lot,time,temperature,flow\n1,2026-03-01 00:00:00,80,1\n")
    (tmp_path / "t.csv").write_text("lot,time,speed\n1,2026-03-01,1\n", "utf-8")
    said["files"]["t.csv"] = {"series": {"time": "when", "steps": {"dry": ["speed"]}}}
    with pytest.raises(ImportRefused, match="when"):
        bring(tmp_path, said)
    assert not list(lake.rglob("*.parquet*")) and not ReadingSeries.objects.exists()
    assert lake_root().is_dir()
