"""Splink on DuckDB: candidate pairs, their comparison and their weight. A process of its own; no database is opened."""

import copy
import logging
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator

type Prepare = Callable[[duckdb.DuckDBPyConnection], None]

_SAMPLED_PAIRS = 200_000
# A sampled share is believed as if the written one had been seen on so many pairs before.
_BELIEF = 20_000
# Numbers that a person has alone keep what is written: among a sample's pairs the few that agree are the true ones.
_IDENTIFIERS = frozenset(("birth_date", "national_id", "phone", "email"))


def _linker(con: duckdb.DuckDBPyConnection, tables: list[pa.Table], settings: Any) -> Linker:
    api = DuckDBAPI(con)
    frames = [api.register(table) for table in tables]
    return Linker(frames if len(frames) > 1 else frames[0], settings, log_level=None, validate_settings=False)


def _blend(written: dict[str, Any], sampled: dict[str, Any], pairs: float) -> dict[str, Any]:
    """The written model with its u probabilities moved towards the sampled ones, as far as the sample carries."""
    made = copy.deepcopy(written)
    for ours, seen in zip(made["comparisons"], sampled["comparisons"], strict=True):
        if ours["output_column_name"] in _IDENTIFIERS:
            continue
        levels = [level for level in ours["comparison_levels"] if not level.get("is_null_level")]
        found = [level for level in seen["comparison_levels"] if not level.get("is_null_level")]
        for level, other in zip(levels, found, strict=True):
            u = other.get("u_probability")
            if isinstance(u, float):
                level["u_probability"] = (u * pairs + level["u_probability"] * _BELIEF) / (pairs + _BELIEF)
    return made


def weigh(
    tables: list[pa.Table],
    settings: SettingsCreator,
    *,
    least: float,
    sample: bool,
    prepare: Prepare | None = None,
) -> pa.Table:
    """All candidate pairs with probability of at least `least`.

    Columns: unique_id_l, unique_id_r, match_weight (bits), match_probability and, per comparison, mw_<name>
    (bits it adds). `sample` moves the u probabilities towards what random pairs of the records show.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect() as con:
        con.execute("SET threads = 2")
        if prepare:
            prepare(con)
        linker = _linker(con, tables, settings)
        if sample:
            sizes = [table.num_rows for table in tables]
            pairs = sizes[0] * sizes[1] if len(sizes) > 1 else sizes[0] * (sizes[0] - 1) / 2
            written = linker.misc.save_model_to_json()
            linker.training.estimate_u_using_random_sampling(
                max_pairs=_SAMPLED_PAIRS + 1, seed=1, min_count_per_level=None, num_chunks=1
            )
            model = _blend(written, linker.misc.save_model_to_json(), min(pairs, _SAMPLED_PAIRS))
            linker = _linker(con, tables, model)
        found = linker.inference.predict(
            threshold_match_probability=least, warning_mode="never"
        ).as_pyarrow_table()
        return found
