"""What happens to an import that is killed, cancelled, starved of disk, or not alone."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bihuan.integration.importing.facts import count_facts
from bihuan.integration.importing.run import Progress, run_import
from bihuan.integration.models import Import
from bihuan.integration.reading.errors import FILE_MESSAGES, ImportRefused
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed
from bihuan.kernel.jobs import JobCancelled
from bihuan.sales.models import OrderLine

from .files import COUNTS, NOW, bring_in, undo, write_csv

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def _lines(count: int, tail: str = "") -> str:
    return HEAD + "".join(
        f"{n // 7}{tail},P{n % 90},Product {n % 90},{n % 11 + 1},2024-0{n // 7 % 9 + 1}-11 08:00,{n % 13}.5,K{n // 7 % 50},China\n"
        for n in range(count)
    )


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bihuan.integration.reading.table.Table.batches.__defaults__", (100,))


@pytest.mark.django_db
def test_a_cancelled_import_keeps_what_it_did_and_goes_on_later(tmp_path: Path, small_batches: None) -> None:
    path = write_csv(tmp_path, _lines(1000))
    before = count_facts()

    def stop_in_the_middle(done: int, total: int, phase: str) -> None:
        if phase == "writing" and done >= 400:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        run_import(actor=SYSTEM, path=path, kind="orders", now=NOW, progress=Progress(stop_in_the_middle))
    row = Import.objects.get()
    assert (row.state, row.checkpoint) == (Import.State.CANCELLED, 400)
    assert OrderLine.objects.count() == 400
    whole = run_import(actor=SYSTEM, path=path, kind="orders", now=NOW)
    assert whole["id"] == row.pk
    assert (whole["rows"], whole["created"], whole["unchanged"]) == (1000, 1000, 0)
    assert OrderLine.objects.count() == 1000
    assert undo(row.pk)["kept"] == []
    assert count_facts() == before


@pytest.mark.django_db
def test_an_interrupted_import_can_be_undone_as_it_is(tmp_path: Path, small_batches: None) -> None:
    before = count_facts()

    def stop(done: int, total: int, phase: str) -> None:
        if phase == "writing":
            raise JobCancelled

    with pytest.raises(JobCancelled):
        run_import(
            actor=SYSTEM,
            path=write_csv(tmp_path, _lines(500)),
            kind="orders",
            now=NOW,
            progress=Progress(stop),
        )
    assert OrderLine.objects.count() == 100
    undo(Import.objects.get().pk)
    assert count_facts() == before


@pytest.mark.django_db
def test_refusals_before_and_after_an_interruption_are_all_told(tmp_path: Path, small_batches: None) -> None:
    text = _lines(300).replace(",P5,", ",,").replace("Product 5,", ",")
    path = write_csv(tmp_path, text)

    def stop(done: int, total: int, phase: str) -> None:
        if phase == "writing" and done == 200:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        run_import(actor=SYSTEM, path=path, kind="orders", now=NOW, progress=Progress(stop))
    result = run_import(actor=SYSTEM, path=path, kind="orders", now=NOW)
    assert result["refused"] == text.count(",,,")
    assert result["created"] == 300 - result["refused"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the page limit stands for a full disk on SQLite only"
)
def test_a_full_database_ends_an_import_between_two_batches(tmp_path: Path, small_batches: None) -> None:
    path = write_csv(tmp_path, _lines(4000))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 60}")
        try:
            with pytest.raises(ImportRefused) as caught:
                run_import(actor=SYSTEM, path=path, kind="orders", now=NOW)
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert caught.value.code == "disk_full"
    row = Import.objects.get()
    assert row.state == Import.State.INTERRUPTED
    assert 0 < row.checkpoint < 4000
    assert OrderLine.objects.count() == row.checkpoint  # whole batches, never a part
    result = run_import(actor=SYSTEM, path=path, kind="orders", now=NOW)
    assert (result["id"], result["created"]) == (row.pk, 4000)
    assert OrderLine.objects.count() == 4000


@pytest.mark.django_db
def test_a_file_that_breaks_off_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    before = count_facts()
    with pytest.raises(ImportRefused) as caught:
        bring_in(write_csv(tmp_path, _lines(500) + '9,"P1,x,1,2024-01-01,1,K1,China\n'), "orders")
    assert caught.value.code == "open_quote"
    assert count_facts() == before


@pytest.mark.django_db
def test_who_may_not_import_does_not(tmp_path: Path) -> None:
    nobody = Actor(kind="staff", name="Nobody", user_id=1)
    with pytest.raises(NotAllowed):
        run_import(actor=nobody, path=write_csv(tmp_path, _lines(5)), kind="orders", now=NOW)
    assert not Import.objects.exists()


# --- real processes, a real file, real kills -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory, migrated: Callable[[Path], Path]) -> Path:
    """A home with an empty, migrated database."""
    home = migrated(tmp_path_factory.mktemp("empty"))
    code = "import django; django.setup(); from django.core.management import call_command as c; c('migrate', verbosity=0)"
    subprocess.run([sys.executable, "-c", code], check=True, env=_environment(home), timeout=300)
    return home


@pytest.fixture
def home(empty_home: Path, tmp_path: Path) -> Iterator[Path]:
    yield shutil.copytree(empty_home, tmp_path / "home")


def _environment(home: Path) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name != "BIHUAN_DATABASE_URL"}
    return given | {"BIHUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}


def _start(home: Path, *words: str, file_size: int = 0) -> subprocess.Popen[str]:
    """The command in a process of its own; `file_size` limits every file that it writes, in bytes."""
    command = [sys.executable, "-m", "bihuan.config.cli", *words, "--json"]

    def limit() -> None:
        if file_size:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    return subprocess.Popen(
        command,
        preexec_fn=limit,
        env=_environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return dict(json.loads(out))


def _content(home: Path) -> list[Any]:
    """Everything that the facts say, without the numbers that rows happen to have."""
    with sqlite3.connect(home / "bihuan.sqlite3") as database:
        return database.execute(
            "SELECT o.number, o.amount, o.line_count, o.ordered_at, c.name, l.ordinal, l.kind, p.code, l.quantity,"
            " l.amount, l.is_exact_duplicate, x.ordinal FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id"
            " JOIN catalog_product p ON p.id = l.product_id LEFT JOIN customers_customer c ON c.id = l.customer_id"
            " LEFT JOIN sales_orderline x ON x.id = l.cancels_id ORDER BY o.number, l.ordinal"
        ).fetchall()


def _checkpoint(home: Path) -> int:
    """How many rows the import has kept; -1 before it has begun."""
    with closing(sqlite3.connect(home / "bihuan.sqlite3", timeout=60)) as database:
        found = database.execute("SELECT checkpoint FROM integration_import").fetchone()
    return int(found[0]) if found else -1


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_ends_as_if_nothing_had_happened(
    home: Path, empty_home: Path, tmp_path: Path
) -> None:
    path = write_csv(tmp_path, _lines(90_000))
    untouched = shutil.copytree(empty_home, tmp_path / "untouched")
    expected = _finish(_start(untouched, "import", str(path), "--as", "orders"))

    kills = 0
    # By what is written, not by the clock, which goes otherwise on a busy machine; each time a little later within a batch.
    for number, written in enumerate((0, 1, 20_000, 40_000, 55_000, 70_000)):
        process = _start(home, "import", str(path), "--as", "orders")
        while process.poll() is None and _checkpoint(home) < written:
            time.sleep(0.01)
        time.sleep(0.05 * number)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode != -signal.SIGKILL:
            break
        kills += 1
        with sqlite3.connect(home / "bihuan.sqlite3") as database:
            lines = database.execute("SELECT COUNT(*) FROM sales_orderline").fetchone()[0]
            kept = database.execute("SELECT checkpoint FROM integration_import").fetchone()
            uneven = database.execute(
                "SELECT COUNT(*) FROM sales_order o WHERE o.amount <>"
                " (SELECT SUM(amount) FROM sales_orderline WHERE order_id = o.id)"
            ).fetchone()[0]
        assert lines == (kept[0] if kept else 0)
        assert uneven == 0
    result = _finish(_start(home, "import", str(path), "--as", "orders"))
    assert kills > 2
    assert _content(home) == _content(untouched)
    assert [result[name] for name in COUNTS if name not in ("created", "unchanged")] == [
        expected[name] for name in COUNTS if name not in ("created", "unchanged")
    ]
    undone = _finish(_start(home, "import", "undo", "1"))
    assert undone["kept"] == []
    assert sum(_finish(_start(home, "counts")).values()) == 0


@pytest.mark.slow
def test_a_full_disk_loses_nothing_and_leaves_nothing_half_written(
    home: Path, empty_home: Path, tmp_path: Path
) -> None:
    """No file may grow beyond 8 MB: the database meets a write that fails, as on a full disk."""
    path = write_csv(tmp_path, _lines(90_000))
    process = _start(home, "import", str(path), "--as", "orders", file_size=8_000_000)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (1, "")
    assert "Traceback" not in err
    assert FILE_MESSAGES["disk_full"][:12] in err or "磁盘" in err
    with sqlite3.connect(home / "bihuan.sqlite3") as database:
        lines = database.execute("SELECT COUNT(*) FROM sales_orderline").fetchone()[0]
        assert database.execute("SELECT checkpoint FROM integration_import").fetchone()[0] == lines
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert 0 < lines < 90_000
    result = _finish(_start(home, "import", str(path), "--as", "orders"))
    assert (result["created"], result["rows"]) == (90_000, 90_000)
    untouched = shutil.copytree(empty_home, tmp_path / "untouched")
    _finish(_start(untouched, "import", str(path), "--as", "orders"))
    assert _content(home) == _content(untouched)


@pytest.mark.slow
def test_two_imports_at_once_are_both_right(home: Path, tmp_path: Path) -> None:
    one = write_csv(tmp_path, _lines(30_000, "a"), "one.csv")
    two = write_csv(tmp_path, _lines(30_000, "b"), "two.csv")
    first, second = (_start(home, "import", str(path), "--as", "orders") for path in (one, two))
    results = [_finish(first), _finish(second)]
    assert [result["created"] for result in results] == [30_000, 30_000]
    counts = _finish(_start(home, "counts"))
    assert counts["sales_orderline"] == 60_000
    assert counts["customers_customer"] == 50  # the second found those that the first had made
    assert counts["catalog_product"] == 90


def test_a_bad_file_ends_with_one_and_a_sentence(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.7 nothing")
    process = _start(home, "import", str(path), "--as", "orders")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "PDF" in err
    assert "Traceback" not in err


def test_bad_use_ends_with_two(home: Path, tmp_path: Path) -> None:
    process = _start(home, "import", str(tmp_path / "x.csv"))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--as" in err
