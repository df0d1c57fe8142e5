"""Measuring the matcher: 100,000 made companies deduplicated, beside a plain self-join over the same file.

`python -m bihuan.customers.bench SIDE FOLDER` runs one side in a process of its own on the file that lies there.
"""

from __future__ import annotations

import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from time import perf_counter
from typing import Any

COMPANIES, SHARE = 100_000, 0.2
_SIGNS = "佰博辰弘启锐禾燕双鹿梅川汇智森迪贝尔益群润泽嘉扬鼎峰柏欧雅美净露桃溪流格物诚修身齐治达优尚善若谷冠帅伯仲轩尧舜禹汤秦汉唐朗霁虹桥基松竹兰桂芳菲逸标杆知合璧珠珀晶俊豪步木巧聚焦亮质素"
_LINES = (
    "化工 新材料 机械设备 电子科技 环保工程 装饰材料 金属制品 塑胶制品 包装印刷 纺织品 食品 生物技术 医疗器械 供应链管理 商贸 进出口 实业 饲料 香精香料 日用化学品 "
    "涂料 胶粘剂 电缆 光电 汽车零部件 轴承 模具 五金机电 仪器仪表 建材 混凝土 陶瓷 家具 造纸"
).split()
_PLACES = (
    "江苏 浙江 广东 山东 上海 北京 天津 重庆 福建 湖南 湖北 四川 河南 河北 安徽 江西 苏州 无锡 南京 常州 杭州 宁波 温州 佛山 东莞 青岛 济南 烟台 成都 武汉 长沙 郑州 西安 合肥 福州 厦门 沈阳 大连"
).split()
_FORMS = ("有限公司",) * 7 + ("有限责任公司", "股份有限公司", "厂")
_TRADITIONAL = str.maketrans(
    "汇鹿双贝尔润泽嘉齐达优尧汤汉桥标杆亮质冠轩珠", "匯鹿雙貝爾潤澤嘉齊達優堯湯漢橋標桿亮質冠軒珠"
)


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {"duplicates": bench_duplicates}


def bench_duplicates() -> dict[str, Any]:
    """Seconds from the file to all pairs; limit: a self-join over code, phone, bare name and its beginning."""
    with tempfile.TemporaryDirectory() as folder:
        made = make_file(Path(folder) / "companies.csv", COMPANIES, seed=7)
        plain, ours = run_side("plain", folder), run_side("ours", folder)
    found = f"precision {ours['precision']}, recall {ours['recall']}; plain join {plain['precision']}, {plain['recall']}"
    return {
        "name": "duplicates",
        "ours": ours["figure"],
        "limit": plain["figure"],
        "ratio": round(ours["figure"] / plain["figure"], 2),
        "unit": "s",
        "peak_mb": ours["peak_mb"],
        "data": f"{COMPANIES} companies, {made} true pairs; {found}",
    }


def run_side(side: str, folder: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.customers.bench", side, folder], check=True, stdout=subprocess.PIPE
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# Made data -----------------------------------------------------------------------------------------------------------


def make_file(path: Path, records: int, seed: int) -> int:
    """Companies of which a fifth are another's second record; the firm's number stands in the id. Returns true pairs."""
    rows = list(_rows(records, random.Random(seed)))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("编号", "名称", "统一社会信用代码", "电话"))
        writer.writerows(rows)
    return len(true_pairs(row[0] for row in rows))


def true_pairs(ids: Any) -> set[tuple[str, str]]:
    firms: dict[str, list[str]] = {}
    for one in ids:
        firms.setdefault(one.partition("-")[0], []).append(one)
    return {pair for members in firms.values() for pair in combinations(sorted(members), 2)}


def _rows(records: int, rng: random.Random) -> Iterator[tuple[str, str, str, str]]:
    from stdnum.cn import uscc

    firms: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    while len(firms) < int(records * (1 - SHARE)):
        stem = "".join(rng.choices(_SIGNS, k=rng.choice((2, 3, 3, 4))))
        digits = (
            "91" + "".join(rng.choices("0123456789", k=6)) + "".join(rng.choices("0123456789ABCDEFGH", k=9))
        )
        firms.setdefault(
            (rng.choice(_PLACES), stem, rng.choice(_LINES)),
            (
                rng.choice(_FORMS),
                digits + uscc.calc_check_digit(digits),
                f"1{rng.randrange(3 * 10**9, 10**10)}",
            ),
        )
    rows = [
        (f"{number}-0", place + stem + line + form, code, phone)
        for number, ((place, stem, line), (form, code, phone)) in enumerate(firms.items())
    ]
    listed = list(firms.items())
    for second in range(records - len(rows)):
        number = rng.randrange(len(listed))
        (place, stem, line), (form, code, phone) = listed[number]
        text = _slip(rng, stem + line) if rng.random() < 0.3 else stem + line
        name = (place if rng.random() < 0.7 else "") + text + (form if rng.random() < 0.5 else "")
        rows.append(
            (
                f"{number}-{second + 1}",
                name.translate(_TRADITIONAL) if rng.random() < 0.2 else name,
                code if rng.random() < 0.4 else "",
                phone if rng.random() < 0.5 else f"1{rng.randrange(3 * 10**9, 10**10)}",
            )
        )
    rng.shuffle(rows)
    yield from rows


def _slip(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(_SIGNS) + text[at + 1 :]


# The two sides -------------------------------------------------------------------------------------------------------


def ours(folder: Path) -> dict[str, Any]:
    """The product's own: `duplicates dedupe`."""
    from .matching.link import dedupe

    began = perf_counter()
    merged = {(pair.a, pair.b) for pair in dedupe(folder / "companies.csv", "company") if pair.merge}
    return {"figure": round(perf_counter() - began, 2)} | _quality(folder, merged)


def plain(folder: Path) -> dict[str, Any]:
    """Hand-written SQL: one self-join over code, phone, name without its legal form, and first four characters with a slip
    (DuckDB counts the three bytes of a character)."""
    import duckdb

    began = perf_counter()
    with duckdb.connect() as con:
        con.execute("SET threads = 2")
        con.execute(
            "CREATE TABLE t AS SELECT 编号 AS id, 统一社会信用代码 AS code, 电话 AS phone, "
            "regexp_replace(名称, '(股份有限公司|有限责任公司|有限公司|厂)$', '') AS name "
            "FROM read_csv(?, all_varchar = true)",
            [str(folder / "companies.csv")],
        )
        rows = con.execute(
            "WITH k AS (SELECT id, name, code AS key FROM t WHERE code <> '' UNION ALL SELECT id, name, phone FROM t "
            "UNION ALL SELECT id, name, name FROM t UNION ALL SELECT id, name, 'l' || left(name, 4) FROM t) "
            "SELECT DISTINCT least(a.id, b.id), greatest(a.id, b.id) FROM k a JOIN k b ON a.key = b.key AND a.id < b.id "
            "WHERE left(a.key, 1) <> 'l' OR damerau_levenshtein(a.name, b.name) <= 3"
        ).fetchall()
    figure = round(perf_counter() - began, 2)
    return {"figure": figure} | _quality(folder, set(rows))


def _quality(folder: Path, found: set[tuple[str, str]]) -> dict[str, Any]:
    with (folder / "companies.csv").open(encoding="utf-8", newline="") as file:
        true = true_pairs(row["编号"] for row in csv.DictReader(file))
    right = len({tuple(sorted(pair)) for pair in found} & true)
    return {"precision": round(right / max(1, len(found)), 4), "recall": round(right / len(true), 4)}


def main(side: str, folder: str) -> int:
    answer = {"ours": ours, "plain": plain}[side](Path(folder))
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
