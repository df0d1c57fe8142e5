from pathlib import Path

from bihuan.customers import bench


def test_the_measured_matcher_finds_more_than_the_plain_join_and_errs_less(tmp_path: Path) -> None:
    pairs = bench.make_file(tmp_path / "companies.csv", 3000, seed=1)
    assert pairs > 600
    ours, plain = (bench.run_side(side, str(tmp_path)) for side in ("ours", "plain"))
    assert ours["precision"] >= 0.999
    assert ours["recall"] > plain["recall"]
    assert ours["peak_mb"] > 0 and ours["figure"] > 0
