"""The demo company of each pack, made as `bihuan init --demo` makes it, in a home of its own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bihuan.packs.pack import PACKS, read_pack

NOW = "2026-11-22T04:00:00+00:00"
Bihuan = Callable[..., subprocess.CompletedProcess[str]]


def surroundings(home: Path) -> dict[str, str]:
    found = os.environ | {"BIHUAN_HOME": str(home), "BIHUAN_NOW": NOW}
    found.pop("BIHUAN_DATABASE_URL", None)
    return found


def bihuan(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bihuan.config", *words],
        env=surroundings(home),
        capture_output=True,
        text=True,
    )


def rows(home: Path, sql: str) -> list[tuple]:
    with sqlite3.connect(home / "bihuan.sqlite3") as raw:
        return raw.execute(sql).fetchall()


# How many customers the best tier may have, as a share; the packs say what it stands for.
BEST_TIER = {
    "sulfuric_acid": ("core", 0.03, 0.10),
    "daily_chemical": ("strategic", 0.01, 0.06),
    "steel": ("strategic", 0.01, 0.06),
    "terpene": ("A", 0.01, 0.10),
    "building_materials": ("vip", 0.03, 0.06),
}


@pytest.mark.parametrize("pack", PACKS)
def test_the_demo_of_each_pack_shows_its_tiers(
    pack: str, tmp_path: Path, migrated: Callable[[Path], Path]
) -> None:
    if pack != PACKS[0]:  # one begins with nothing
        migrated(tmp_path)
    done = bihuan(tmp_path, "init", "--pack", pack, "--demo", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"pack": pack, "database": "sqlite", "customers": 400}

    policy = next(one for one in read_pack(pack).policies if one["kind"] == "tier")
    shares = dict(rows(tmp_path, "SELECT tier, count(*) / 400.0 FROM segmentation_standing GROUP BY tier"))
    assert set(shares) == {tier["id"] for tier in policy["tiers"]}
    assert abs(sum(shares.values()) - 1) < 1e-9
    best, least, most = BEST_TIER[pack]
    assert least <= shares[best] <= most
    margins = [
        one for (one,) in rows(tmp_path, "SELECT margin_12m FROM segmentation_metricrow ORDER BY 1 DESC")
    ]
    assert 0.30 <= sum(margins[:20]) / sum(margins) <= 0.60  # the top 5 % bring about 40 % of the profit
    since = {one for (one,) in rows(tmp_path, "SELECT DISTINCT tier_since FROM segmentation_standing")}
    assert since == {"2026-07-01"}
    assert rows(tmp_path, "SELECT state, count(*) FROM segmentation_proposal GROUP BY 1 ORDER BY 1") == [
        ("decided", 1), ("open", 1),
    ]  # fmt: skip
    # Some of the newest lots are kept for open orders, some of them only for days; some goods are on the way.
    kept = (
        "SELECT count(*), count(until) FROM quality_lotreservation WHERE ended_at IS NULL AND used < quantity"
    )
    assert min(rows(tmp_path, kept)[0]) > 0
    assert rows(tmp_path, "SELECT count(*) > 0 FROM quality_lotshipment WHERE arrival = 'way'") == [(1,)]

    signs = json.loads((tmp_path / "sign-ins.json").read_text(encoding="utf-8"))
    assert {"admin", "director", "sales1", "auditor", "quality", "technical"} <= {
        one["username"] for one in signs
    }
    assert all(one["password"] and one["username"] in done.stderr for one in signs)
    assert (tmp_path / "sign-ins.json").stat().st_mode & 0o077 == 0

    again = bihuan(tmp_path, "init", "--pack", pack, "--demo", "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["customers"] == 400
    assert rows(tmp_path, "SELECT count(*) FROM segmentation_proposal") == [(2,)]


def test_a_kill_while_loading_leaves_nothing_and_the_next_try_works(
    tmp_path: Path, migrated: Callable[[Path], Path]
) -> None:
    migrated(tmp_path)
    assert bihuan(tmp_path, "init", "--pack", "steel").returncode == 0
    indexes = "SELECT count(*) FROM sqlite_master WHERE type = 'index'"
    before = rows(tmp_path, indexes)
    words = ["simulate", "--pack", "steel", "--customers", "21000", "--years", "1"]
    running = subprocess.Popen(
        [sys.executable, "-m", "bihuan.config", *words],
        env=surroundings(tmp_path),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    assert "/" in running.stderr.readline()  # the first block is written
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert rows(tmp_path, "SELECT count(*) FROM customers_customer") == [(0,)]
    assert rows(tmp_path, indexes) == before
    done = bihuan(tmp_path, "simulate", "--pack", "steel", "--customers", "50", "--years", "1", "--json")
    assert json.loads(done.stdout)["customers"] == 50
