"""How fast imports are, against the plainest program that could do the reading and the storing.

Each side runs in a process of its own and says how long its work took, without the interpreter's start, and how much
memory it needed at most. The limit reads with csv or calamine and writes one table of eleven columns with three
indexes by `executemany`, with WAL and synchronous NORMAL; it resolves no names, keeps no documents, cannot be undone.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LINES = 500_000
CUSTOMERS = 50_000
HEAD = (
    "订单号",
    "下单日期",
    "客户名称",
    "产品名称",
    "单位",
    "数量",
    "单价",
    "币种",
    "承诺交期",
    "发货日期",
    "备注",
)
_PLACES = "苏州 无锡 常州 南京 宁波 嘉兴 济南 青岛 广州 佛山 成都 重庆 武汉 长沙 天津 唐山".split()
_FIRST = "三华金鼎万宏新天永恒正大中东南北安泰丰润".strip()
_SECOND = "木昌田盛达兴成源信和通利康顺诚隆益佳瑞祥".strip()
_TRADES = "化工 贸易 材料 科技 钢铁 建材 日化 香料".split()
Row = tuple[Any, ...]


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    """The measurements of this room by name."""
    return {
        "import_csv": lambda: measure("csv"),
        "import_xlsx": lambda: measure("xlsx"),
        "import_customers": lambda: measure("customers"),
    }


# --- made data -------------------------------------------------------------------------------------------------------------


def company_names(count: int, seed: int = 7) -> list[str]:
    """Visibly made names, all different, in the form that Chinese companies have."""
    dice = random.Random(seed)
    names: dict[str, None] = {}
    while len(names) < count:
        name = dice.choice(_FIRST) + dice.choice(_SECOND) + dice.choice(_FIRST) + dice.choice(_SECOND)
        names[f"{dice.choice(_PLACES)}{name}{dice.choice(_TRADES)}有限公司"] = None
    return list(names)


def order_lines(count: int, seed: int = 7) -> Iterator[Row]:
    """Order lines by name: five to a document, some thousands of customers, 800 products."""
    dice = random.Random(seed)
    names = company_names(8_000, seed)
    products = [f"{dice.choice(_TRADES)}产品{n:03d}号" for n in range(800)]
    for n in range(count):
        document = n // 5
        if n % 5 == 0:
            day = f"20{20 + document * 6 // (count // 5 + 1):02d}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
            customer = dice.choice(names)
        price = dice.randint(100, 999_999) / 100
        yield (
            f"SO{document:08d}", day, customer, dice.choice(products), "吨", dice.randint(1, 5000) / 10, price,
            "CNY", day, day, "",
        )  # fmt: skip


def customer_rows(count: int, seed: int = 7) -> Iterator[Row]:
    """A customer list with numbers, places and phones."""
    dice = random.Random(seed)
    for n, name in enumerate(company_names(count, seed)):
        yield (
            f"K{n:06d}",
            name,
            name[:2],
            f"05{dice.randint(10, 99)}-{dice.randint(60000000, 89999999)}",
            "正常",
        )


# --- both sides --------------------------------------------------------------------------------------------------------------


def measure(what: str) -> dict[str, Any]:
    """Make the data, run the limit, run ours, compare."""
    folder = Path(tempfile.mkdtemp(prefix="bihuan-bench-"))
    try:
        path, rows = _make(what, folder)
        home = folder / "home"
        _child("prepare", "", path, home)
        limit = _child("limit", what, path, home)
        ours = _child("ours", what, path, home)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if ours["created"] != rows:
        raise RuntimeError(f"{ours['created']} of {rows} rows came in")
    return {
        "name": f"import_{what}",
        "ours": round(ours["seconds"], 3),
        "limit": round(limit["seconds"], 3),
        "ratio": round(ours["seconds"] / limit["seconds"], 2),
        "unit": "s",
        "peak_mb": ours["peak_mb"],
        "data": f"{rows:,} rows, {ours['size_mb']} MB; ours {rows / ours['seconds']:,.0f} rows/s,"
        f" limit {rows / limit['seconds']:,.0f} rows/s, {os.cpu_count()} cores",
    }


def _make(what: str, folder: Path) -> tuple[Path, int]:
    if what == "customers":
        head: Row = ("客户编号", "客户名称", "城市", "电话", "状态")
        return _write_csv(folder / "customers.csv", head, customer_rows(CUSTOMERS)), CUSTOMERS
    if what == "csv":
        return _write_csv(folder / "lines.csv", HEAD, order_lines(LINES)), LINES
    from rustpy_xlsxwriter import write_worksheet

    path = folder / "lines.xlsx"
    write_worksheet((dict(zip(HEAD, row, strict=True)) for row in order_lines(LINES)), str(path))
    return path, LINES


def _write_csv(path: Path, head: Row, rows: Iterator[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def _child(side: str, what: str, path: Path, home: Path) -> dict[str, Any]:
    given = {name: value for name, value in os.environ.items() if name != "BIHUAN_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.integration.bench", side, what, str(path)],
        env=given | {"BIHUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout or "{}"))


def run_limit(what: str, path: Path) -> int:
    """The plain program: read, store. Returns the rows."""
    rows: Iterator[Any]
    if path.suffix == ".xlsx":
        from python_calamine import CalamineWorkbook

        rows = iter(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
    else:
        rows = csv.reader(path.open(encoding="utf-8", newline=""))
    width = len(next(rows))
    database = sqlite3.connect(Path(os.environ["BIHUAN_HOME"]) / "limit.sqlite3")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    columns = [f"c{n}" for n in range(11)]
    database.execute(f"CREATE TABLE lines (id INTEGER PRIMARY KEY, {', '.join(columns)})")
    for column in ("c0", "c2", "c3"):
        database.execute(f"CREATE INDEX index_{column} ON lines ({column})")
    padding = [None] * (11 - width)
    filled = (row + padding for row in rows) if padding else rows
    database.executemany(f"INSERT INTO lines ({', '.join(columns)}) VALUES ({', '.join('?' * 11)})", filled)
    database.commit()
    return int(database.execute("SELECT COUNT(*) FROM lines").fetchone()[0])


def run_ours(what: str, path: Path) -> int:
    """The import as everybody runs it. Returns the rows that were created."""
    from bihuan.integration.importing.run import run_import
    from bihuan.kernel.actor import SYSTEM
    from bihuan.kernel.time import now

    kind = "customers" if what == "customers" else "orders"
    return int(run_import(actor=SYSTEM, path=path, kind=kind, now=now())["created"])


def main(side: str, what: str, path: Path) -> None:
    """One side, in this process; writes a JSON object."""
    if side != "limit":
        import django

        Path(os.environ["BIHUAN_HOME"]).mkdir(parents=True, exist_ok=True)
        django.setup()
    if side == "prepare":
        from django.core.management import call_command

        call_command("migrate", interactive=False, verbosity=0)
        return
    started = time.perf_counter()
    created = run_limit(what, path) if side == "limit" else run_ours(what, path)
    seconds = time.perf_counter() - started
    size = round(path.stat().st_size / 1e6, 1)
    json.dump({"created": created, "seconds": seconds, "peak_mb": peak_mb(), "size_mb": size}, sys.stdout)


def peak_mb() -> int:
    """The most memory that this process held, in MB. Linux counts what the parent held unless asked elsewhere."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) // 1024
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // scale


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
