"""Series lie whole in the lake, are sealed in the log, and what was altered is found by name."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, connection, transaction

from bihuan.config.cli import main
from bihuan.kernel import outbox
from bihuan.quality.evidence_source import evidence_log
from bihuan.quality.evidencing.writing import write_waiting
from bihuan.quality.models import EvidenceEntry, Lot, ReadingSeries
from bihuan.quality.series.content import Parameter, digest_of, shape_of, summary_of
from bihuan.quality.series.files import lake_root, place_of, read_points
from bihuan.quality.series.gathering import Gatherer
from bihuan.quality.series.keeping import EPOCH, SeriesKeeper, moment_at, written
from bihuan.quality.series.picture import draw
from bihuan.quality.series.protection import protect, unprotect

from .plants import NOON, receive

START = (NOON - EPOCH) // (moment_at(1) - EPOCH)
NAN = float("nan")
TEMPERATURE = Parameter("dry", "温度", "°C", 80.0, 70.0, 90.0)
FLOW = Parameter("dry", "flow")


def seconds(n: int) -> np.ndarray:
    return START + np.arange(n, dtype=np.int64) * 1_000_000


# --- pure -----------------------------------------------------------------------------------------------------------------


def test_a_digest_says_points_blanks_unit_and_limits() -> None:
    times, values = seconds(3), np.array([1.0, NAN, -0.0])
    other = values.copy()
    other.view(np.int64)[1] = 0x7FF8000000000001  # another way to write the same blank
    assert digest_of(FLOW, times, values) == digest_of(FLOW, times, other)
    told = {
        digest_of(FLOW, times, values), digest_of(FLOW, times + 1, values), digest_of(FLOW, times, np.array([1.0, 0.0, -0.0])),
        digest_of(Parameter("dry", "flow", "m³/h"), times, values), digest_of(Parameter("", "flow"), times, values),
        digest_of(Parameter("dry", "flow", upper=2.0), times, values), digest_of(Parameter("dry", "flow", lower=2.0), times, values),
    }  # fmt: skip
    assert len(told) == 7
    # As docs/plant-import.md says it, by hand
    import hashlib
    import struct

    head = '{"form":"bihuan-series/1","lower":null,"parameter":"flow","set_point":null,"step":"dry","unit":"","upper":null}\n'
    body = struct.pack("<3q", *times.tolist()) + struct.pack("<dQd", 1.0, 0x7FF8000000000000, -0.0)
    assert digest_of(FLOW, times, values) == hashlib.sha256(head.encode() + body).hexdigest()


def test_a_shape_keeps_every_peak_within_five_hundred_points() -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(80, 1, 100_000)
    values[[1, 5_000, 99_999]] = [120, 20, 119]
    values[10:20] = NAN
    shape = shape_of(seconds(len(values)), values)
    assert len(shape) <= 500 and [at for at, _v in shape] == sorted(at for at, _v in shape)
    assert {120.0, 20.0, 119.0} <= {value for _at, value in shape}
    assert shape_of(seconds(2), np.array([NAN, 3.0])) == [[1_000_000, 3.0]]
    assert shape_of(seconds(2), np.array([NAN, NAN])) == []


def test_a_summary_of_few_and_of_huge_points() -> None:
    assert summary_of(TEMPERATURE, np.array([95.0, NAN, 60.0, 80.0])) == {
        "mean": pytest.approx(78.3333333), "median": 80.0, "sd": pytest.approx(17.5594229), "min": 60.0, "max": 95.0, "outside": 2,
    }  # fmt: skip
    one = summary_of(FLOW, np.array([5.0]))
    assert one["sd"] is None and one["mean"] == 5.0
    assert set(summary_of(FLOW, np.array([NAN])).values()) == {None, 0}
    assert summary_of(FLOW, np.array([1.7e308, 1.7e308]))["mean"] is None
    assert [written(one) for one in (4.75, 0, 1234567.0, 1e-9, 1e300)] == [
        "4.75",
        "0",
        "1234567",
        "1e-09",
        "1e+300",
    ]


def test_rows_are_parted_by_lot_whatever_fits_into_memory() -> None:
    rng = np.random.default_rng(3)
    times, lots = rng.integers(0, 500, 1_000), rng.integers(0, 3, 1_000)
    values = [rng.normal(size=1_000), np.arange(1_000.0)]
    found = []
    for most in (10, 10**9):
        gatherer = Gatherer(most)
        for begin in range(0, 1_000, 100):
            for lot in range(3):
                mine = np.flatnonzero(lots[begin : begin + 100] == lot) + begin
                gatherer.take(lot, times[mine], [one[mine] for one in values])
        found.append(
            {
                key: (at.tolist(), [one.tolist() for one in several])
                for key, at, several, _late in gatherer.lots(2)
            }
        )
        gatherer.close()
    assert found[0] == found[1]
    for lot in range(3):
        mine = np.flatnonzero(lots == lot)
        order = sorted(mine, key=lambda at: times[at])  # stable
        assert found[0][lot] == (times[order].tolist(), [one[order].tolist() for one in values])


def test_a_picture_holds_its_limits_and_marks_what_lies_outside() -> None:
    row = ReadingSeries(
        first_at=NOON, last_at=moment_at(START + 2_000_000), shape=[[0, 80.0], [1_000_000, 95.0], [2_000_000, 75.0]],
        set_point=80.0, lower=70.0, upper=90.0,
    )  # fmt: skip
    picture = draw(row)
    assert picture is not None and (picture.top, picture.bottom) == (95.0, 70.0)
    assert picture.outside == "M300.0 6.0h0" and picture.lower == 114.0 and picture.line.count("L") == 2
    row.shape = [[0, 5.0]]
    row.set_point = row.lower = row.upper = None
    flat = draw(row)
    assert flat is not None and flat.line == "M0.0 60.0" and not flat.outside
    row.shape = [[0, -1.7e308], [1, 1.7e308]]
    wide = draw(row)
    assert wide is not None and "nan" not in wide.line and "inf" not in wide.line
    row.shape = []
    assert draw(row) is None


# --- kept, sealed, altered --------------------------------------------------------------------------------------------------


@pytest.fixture
def lot(db: None, settings: Any, tmp_path: Path) -> Lot:
    """A lot with two series of three points in one file, in the log."""
    settings.HOME = tmp_path
    lot = receive("P", "甲/1", 1)
    keep(lot)
    work()
    return lot


def keep(lot: Lot, **more: Any) -> Any:
    values = [np.array([80.0, 95.0, NAN]), np.array([1.0, 2.0, 3.0])]
    with transaction.atomic():
        return SeriesKeeper(import_id=None, now=NOON).keep(
            lot, [TEMPERATURE, FLOW], seconds(3), more.get("values", values)
        )


def work() -> None:
    while outbox.deliver_due(NOON):
        pass
    write_waiting(NOON)


def verified(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, str]]:
    status = main(["evidence", "verify"])
    answer = json.loads(capsys.readouterr().out)
    assert status == (1 if answer["findings"] else 0)
    return [(one["at"], one["code"]) for one in answer["findings"]]


def test_a_series_is_sealed_in_the_log_and_in_the_bundle_of_its_lot(
    lot: Lot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ReadingSeries.objects.get(parameter="温度")
    entry = EvidenceEntry.objects.get(source="series", row=row.pk)
    event = json.loads(evidence_log().entry(entry.place or 0))
    assert event == {
        "v": 1, "kind": "reading_sealed", "id": f"reading_sealed:{row.pk}", "at": "2026-03-02T12:00:00Z", "source": "dry",
        "from": "2026-03-02T12:00:00Z", "to": "2026-03-02T12:00:02Z", "count": 3, "document": row.digest,
        "lots": [{"product": "P", "lot": "甲/1"}], "parameter": "温度",
    }  # fmt: skip
    assert verified(capsys) == []
    assert main(["evidence", "bundle", "P/甲/1", "--out", str(tmp_path / "b.json")]) == 0
    assert (tmp_path / "b.json").read_text("utf-8").count(row.digest) == 1
    work()
    assert EvidenceEntry.objects.filter(source="series").count() == 2
    # Columns and stretches of time alone
    path = place_of(row.file)
    assert path is not None
    times, values = read_points(
        path, "flow", begin=moment_at(START + 500_000), end=moment_at(START + 1_000_000)
    )
    assert (times - START).tolist() == [1_000_000] and values.tolist() == [2.0]
    assert pq.ParquetFile(path).metadata.row_group(0).column(1).compression == "ZSTD"


def test_the_same_again_is_nothing_and_another_is_refused(lot: Lot) -> None:
    assert keep(lot).unchanged == 2
    outcome = keep(lot, values=[np.array([80.0, 95.0, 1.0]), np.array([1.0, 2.0, 3.0])])
    assert (outcome.created, outcome.unchanged, outcome.refused) == (0, 1, [TEMPERATURE])
    assert len(list(lake_root().rglob("*.parquet"))) == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        ReadingSeries.objects.update(upper=99)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReadingSeries.objects.all().delete()


def altered(row: ReadingSeries, to: float) -> None:
    """The file as a careful forger writes it, with its own hash in the row."""
    import hashlib

    path = place_of(row.file)
    assert path is not None
    table = pq.read_table(path)
    at = table.column_names.index("温度")
    values = table.column(at).to_pylist()
    pq.write_table(table.set_column(at, "温度", pa.array([values[0], to, values[2]], pa.float64())), path)
    unlocked(f"UPDATE quality_readingseries SET sha256 = '{hashlib.sha256(path.read_bytes()).hexdigest()}'")


def unlocked(statement: str) -> None:
    with connection.cursor() as cursor:
        for one in unprotect(connection.vendor):
            cursor.execute(one)
        cursor.execute(statement)
        for one in protect(connection.vendor):
            cursor.execute(one)


def test_what_was_altered_is_found_by_name(lot: Lot, capsys: pytest.CaptureFixture[str]) -> None:
    row = ReadingSeries.objects.get(parameter="温度")
    path = place_of(row.file)
    assert path is not None
    whole = path.read_bytes()
    hot, flow = "series P/甲/1 dry/温度", "series P/甲/1 dry/flow"
    place = EvidenceEntry.objects.get(source="series", row=row.pk).place

    path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    assert verified(capsys) == [(hot, "series_altered"), (flow, "series_altered")]
    path.write_bytes(whole)
    assert verified(capsys) == []
    altered(row, 89.0)
    assert verified(capsys) == [(hot, "series_altered")]
    path.write_bytes(whole)
    unlocked(f"UPDATE quality_readingseries SET sha256 = '{row.sha256}'")
    unlocked(f"UPDATE quality_readingseries SET upper = 99 WHERE id = {row.pk}")
    assert verified(capsys) == [(hot, "series_altered")]
    unlocked(f"UPDATE quality_readingseries SET upper = 90 WHERE id = {row.pk}")
    unlocked(f"UPDATE quality_readingseries SET count = 4 WHERE id = {row.pk}")
    assert verified(capsys) == [(f"row {place}", "row_altered")]
    unlocked(f"UPDATE quality_readingseries SET count = 3, file = '../../x' WHERE id = {row.pk}")
    assert verified(capsys) == [(hot, "series_missing")]
    unlocked(f"UPDATE quality_readingseries SET file = '{row.file}' WHERE id = {row.pk}")
    path.unlink()
    assert verified(capsys) == [(hot, "series_missing"), (flow, "series_missing")]


KILLED = """
import django
import numpy as np
django.setup()
from bihuan.quality.series.files import write_file
times = np.arange(3_000_000)
columns = [(str(n), np.random.default_rng(n).normal(size=len(times))) for n in range(3)]
print("ready", flush=True)
while True:
    write_file("series/1/a.parquet", times, columns)
    print("written", flush=True)
"""


def test_a_killed_writer_leaves_a_whole_file_or_none(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bihuan.config.settings",
        "BIHUAN_HOME": str(tmp_path),
    }
    folder = tmp_path / "lake/series/1"
    for finished in (0, 1):  # killed within the first file, and within the one that is to replace it
        with subprocess.Popen(
            [sys.executable, "-c", KILLED], env=environment, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            for _number in range(finished):
                assert process.stdout.readline() == b"written\n"
            mine = f".a.parquet.{process.pid}.new"
            while not (folder / mine).exists() and process.poll() is None:
                time.sleep(0.001)
            process.kill()
        assert (folder / mine).exists(), "killed before its file was whole"
        whole = [one.name for one in folder.glob("[!.]*")]
        assert whole == ["a.parquet"] * finished
        assert all(pq.read_metadata(folder / one).num_rows == 3_000_000 for one in whole)


def test_points_as_csv_come_out_of_a_process_of_their_own(lot: Lot) -> None:
    from bihuan.quality.series.points import csv_of

    row = ReadingSeries.objects.get(parameter="温度")
    path = place_of(row.file)
    assert path is not None
    lines = b"".join(csv_of(path, "温度")).decode().splitlines()
    assert lines == ["2026-03-02T12:00:00Z,80", "2026-03-02T12:00:01Z,95", "2026-03-02T12:00:02Z,"]
    assert math.isnan(read_points(path, "温度")[1][2])
